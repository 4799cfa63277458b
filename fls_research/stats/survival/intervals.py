"""Pointwise confidence intervals of a probability that has a standard error: plain, log-log, complementary log-log.

An interval is passed to an estimator as a function, because none of them is right for everybody.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_floats, normal_quantile, plain
from fls_research.stats.results import Interval


class IntervalOf(Protocol):
    """What `kaplan_meier` and `aalen_johansen` take as ``interval``."""

    __name__: str

    def __call__(self, estimate: ArrayLike, se: ArrayLike, *, confidence: float) -> Interval: ...


def plain_interval(estimate: ArrayLike, se: ArrayLike, *, confidence: float) -> Interval:
    """Estimate ± z · se, cut at 0 and 1.

    Raises
    ------
    StatsError : for a confidence outside 0 to 1.

    Arrays of one shape, proportions; missing gives missing. R: ``survfit(conf.type = "plain")``.

    >>> lower, upper = plain_interval(0.9, 0.1, confidence=0.95)
    >>> round(lower, 4), upper
    (0.704, 1.0)
    """
    p, s = as_floats(estimate, name="estimate"), as_floats(se, name="se")
    z = normal_quantile(confidence)
    return Interval(plain(np.clip(p - z * s, 0, 1)), plain(np.clip(p + z * s, 0, 1)))


def log_log_interval(estimate: ArrayLike, se: ArrayLike, *, confidence: float) -> Interval:
    """The interval that is symmetric in log(−log p); missing where p is 0 or 1, for the scale ends there.

    Raises
    ------
    StatsError : for a confidence outside 0 to 1.

    Arrays of one shape, proportions. Kalbfleisch JD, Prentice RL (2002), The Statistical Analysis of Failure Time Data,
    2nd ed., 1.4.1. R: ``survfit(conf.type = "log-log")``.

    >>> lower, upper = log_log_interval(0.9, 0.05, confidence=0.95)
    >>> round(lower, 6), round(upper, 6)
    (0.743678, 0.96321)
    """
    p, s = as_floats(estimate, name="estimate"), as_floats(se, name="se")
    inside = np.where((p > 0) & (p < 1), p, np.nan)
    shift = normal_quantile(confidence) * s / (inside * np.log(inside))
    # log p is negative, so `shift` is: its exponential is below one and raises the probability.
    return Interval(plain(inside ** np.exp(-shift)), plain(inside ** np.exp(shift)))


def complementary_log_log_interval(estimate: ArrayLike, se: ArrayLike, *, confidence: float) -> Interval:
    """`log_log_interval` of the complement with its ends swapped: 1 − S of a log-log curve, and cumulative incidence.

    Arrays of one shape, proportions; missing where p is 0 or 1.

    Raises
    ------
    StatsError : for a confidence outside 0 to 1.

    Source as in `log_log_interval`.

    >>> lower, upper = complementary_log_log_interval(0.1, 0.05, confidence=0.95)
    >>> round(lower, 6), round(upper, 6)
    (0.03679, 0.256322)
    """
    p = as_floats(estimate, name="estimate")
    lower, upper = log_log_interval(1 - p, se, confidence=confidence)
    return Interval(plain(1 - np.asarray(upper)), plain(1 - np.asarray(lower)))
