"""Many comparisons: p-values adjusted for the family of tests they belong to."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_floats
from fls_research.stats.results import StatsError


def holm(p_values: ArrayLike) -> np.ndarray:
    """Holm's step-down p-values: the chance of even one false positive in the family stays below the threshold.

    Takes one-dimensional p-values; gives adjusted ones in the same order. Missing p-values stay missing and do not
    count as tests. Raises `StatsError` for values outside 0 to 1.

    Holm S (1979), Scand J Stat 6:65–70. R: ``p.adjust(p, "holm")``.

    >>> holm([0.01, 0.04, 0.03]).round(3)
    array([0.03, 0.06, 0.06])
    """

    def stepped_down(ordered: np.ndarray) -> np.ndarray:
        tests = ordered.size
        return np.maximum.accumulate(ordered * (tests - np.arange(tests)))

    return _adjusted(p_values, stepped_down)


def benjamini_hochberg(p_values: ArrayLike) -> np.ndarray:
    """Benjamini and Hochberg's p-values: the expected share of false discoveries stays below the threshold.

    Arguments and missing values as in `holm`. Raises `StatsError` as in `holm`.

    Benjamini Y, Hochberg Y (1995), J R Stat Soc B 57:289–300. R: ``p.adjust(p, "BH")``.

    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3)
    array([0.03, 0.04, 0.04])
    """

    def stepped_up(ordered: np.ndarray) -> np.ndarray:
        tests = ordered.size
        scaled = ordered * tests / np.arange(1, tests + 1)
        return np.minimum.accumulate(scaled[::-1])[::-1]

    return _adjusted(p_values, stepped_up)


def _adjusted(p_values: ArrayLike, step: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    p = np.atleast_1d(as_floats(p_values, name="p_values"))
    if p.ndim != 1:
        raise StatsError("p_values must be one-dimensional: one family of tests, one value a test")
    if np.any((p < 0) | (p > 1)):
        raise StatsError("p_values must lie between 0 and 1; look for a test statistic in their place")
    tested = np.flatnonzero(~np.isnan(p))
    order = tested[np.argsort(p[tested], kind="stable")]
    adjusted = np.full(p.shape, np.nan)
    adjusted[order] = np.minimum(step(p[order]), 1.0)
    return adjusted
