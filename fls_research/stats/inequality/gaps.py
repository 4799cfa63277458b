"""The gap between two groups, absolute and relative, from their estimates and standard errors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_counts, as_floats, normal_quantile, plain, same_shape
from fls_research.stats.results import Estimate

_NAMES = ("value", "se", "other_value", "other_se")


def absolute_gap(
    value: ArrayLike, se: ArrayLike, other_value: ArrayLike, other_se: ArrayLike, *, confidence: float
) -> Estimate:
    """The difference of two independent estimates, first minus other, with a normal interval.

    Takes estimates and standard errors that broadcast, in any unit. Missing values give NaN; a negative standard error
    raises `StatsError`. For two counts use ``proportions.newcombe_difference``, which holds near 0 and 1.

    WHO (2013), Handbook on health inequality monitoring. R: ``healthequal::d``.

    >>> gap = absolute_gap(62, 2.1, 48, 2.6, confidence=0.95)
    >>> round(gap.estimate, 4), round(gap.lower, 4), round(gap.upper, 4)
    (14.0, 7.4495, 20.5505)
    """
    a, se_a, b, se_b = _pair(value, se, other_value, other_se)
    spread = np.hypot(se_a, se_b)
    half = normal_quantile(confidence) * spread
    return _gap(a - b, a - b - half, a - b + half, spread, method="difference, normal interval")


def relative_gap(
    value: ArrayLike, se: ArrayLike, other_value: ArrayLike, other_se: ArrayLike, *, confidence: float
) -> Estimate:
    """The ratio of two independent estimates, first to other, with a log-normal interval.

    ``se`` of the result is that of the ratio. An estimate of zero or less gives NaN. Other arguments as in
    `absolute_gap`. For two counts use ``proportions.katz_ratio`` or ``koopman_ratio``. Raises `StatsError` as in
    `absolute_gap`.

    WHO (2013), Handbook on health inequality monitoring. R: ``healthequal::r``.

    >>> gap = relative_gap(62, 2.1, 48, 2.6, confidence=0.95)
    >>> round(gap.estimate, 4), round(gap.lower, 4), round(gap.upper, 4)
    (1.2917, 1.1397, 1.464)
    """
    a, se_a, b, se_b = _pair(value, se, other_value, other_se)
    a, b = np.where(a > 0, a, np.nan), np.where(b > 0, b, np.nan)
    ratio = a / b
    spread_log = np.hypot(se_a / a, se_b / b)
    factor = np.exp(normal_quantile(confidence) * spread_log)
    return _gap(ratio, ratio / factor, ratio * factor, ratio * spread_log, method="ratio, log-normal interval")


def _pair(value: ArrayLike, se: ArrayLike, other_value: ArrayLike, other_se: ArrayLike) -> tuple[np.ndarray, ...]:
    a, b = as_floats(value, name="value"), as_floats(other_value, name="other_value")
    return same_shape(a, as_counts(se, name="se"), b, as_counts(other_se, name="other_se"), names=_NAMES)


def _gap(estimate: np.ndarray, lower: np.ndarray, upper: np.ndarray, se: np.ndarray, *, method: str) -> Estimate:
    nothing = plain(np.full(np.shape(estimate), np.nan))
    return Estimate(plain(estimate), plain(lower), plain(upper), plain(se), n=nothing, events=nothing, method=method)
