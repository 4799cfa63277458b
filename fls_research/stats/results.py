"""What a statistical function gives back: an interval, an estimate, or a refusal that names the argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from fls_research.errors import FlsError

Number = float | np.ndarray
"""A float where the arguments were scalars, else an array of their common shape."""

COLUMNS = ("estimate", "lower", "upper", "se", "n", "events", "method")
"""The columns every tidy result has, in their order."""


class StatsError(FlsError, ValueError):
    """A method was given numbers it cannot answer for. The message names the argument, the rule and the remedy."""


class Interval(NamedTuple):
    """The two ends of an interval."""

    lower: Number
    upper: Number


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """One estimate, or an array of them, and what belongs beside it; NaN where a method has no such number.

    >>> half = Estimate(estimate=0.5, lower=0.4, upper=0.6, se=0.05, n=100.0, events=50.0, method="an example")
    >>> half.frame()
       estimate  lower  upper    se      n  events      method
    0       0.5    0.4    0.6  0.05  100.0    50.0  an example
    """

    estimate: Number
    lower: Number
    upper: Number
    se: Number
    n: Number
    events: Number
    method: str

    def frame(self) -> pd.DataFrame:
        """One row per estimate (arrays of more dimensions are read in C order), with the columns of `COLUMNS`."""
        length = np.size(self.estimate)
        columns = {
            name: np.broadcast_to(getattr(self, name), np.shape(self.estimate)).reshape(length) for name in COLUMNS[:-1]
        }
        return pd.DataFrame(columns).assign(method=self.method)
