"""The cohort cut into data years, with every record's group numbered once for all KPIs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.kpi.groups import Dimension, Grouping, group
from fls_research.kpi.rules import column_of

SERVICE = Dimension(("service",))


@dataclass(frozen=True)
class YearOfFractures:
    """The records of one data year: the columns that rules read, and the records' groups along each dimension.

    Group numbers mean the same in every year of one call, so that years can be held against each other.
    """

    year: int
    fractures: pd.DataFrame
    groupings: dict[Dimension, Grouping]

    @property
    def service(self) -> Grouping:
        return self.groupings[SERVICE]


def cut_into_years(
    fractures: pd.DataFrame, *, years: Iterable[int], columns: Iterable[str], dimensions: Iterable[Dimension]
) -> dict[int, YearOfFractures]:
    """The records of each of ``years`` that has any, with ``columns`` alone. Raises FieldError for a missing column."""
    data_year = column_of(fractures, "data_year").to_numpy(dtype=np.int64)
    needed = [column_of(fractures, column).name for column in dict.fromkeys(columns)]
    groupings = {dimension: group(fractures, dimension) for dimension in dict.fromkeys(dimensions)}
    cut = {}
    for year in sorted(set(years)):
        chosen = data_year == year
        if chosen.any():
            rows = fractures.loc[chosen, needed]
            cut[year] = YearOfFractures(year, rows, {key: found.rows(chosen) for key, found in groupings.items()})
    return cut
