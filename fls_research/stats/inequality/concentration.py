"""Concentration indices: how far an outcome is gathered among the less or the more disadvantaged."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_counts, as_floats, normal_quantile, plain, same_shape
from fls_research.stats.inequality.ranks import ridits
from fls_research.stats.results import Estimate, StatsError


def absolute_concentration_index(values: ArrayLike, weights: ArrayLike, *, confidence: float) -> Estimate:
    """Twice the covariance of value and rank: positive when the less disadvantaged have more.

    Groups stand along the last axis, the most disadvantaged first, any axes before being areas or measures; ``weights``
    are group sizes. Individual data are groups of one (or of equal rank, see `counts_by_rank`). The standard error is
    that of the convenient regression, which takes its variance from the residuals about a line: rough with few groups
    and missing with two. A group of size zero plays no part; missing values, or people in one group only, give NaN.
    Fewer than two groups and negative sizes raise `StatsError`.

    Kakwani N, et al (1997), J Econometrics 77:87–103. R: ``healthequal::aci``.

    >>> index = absolute_concentration_index([20, 30, 40, 50, 60], [78, 91, 162, 103, 105], confidence=0.95)
    >>> round(index.estimate, 4), round(index.lower, 4), round(index.upper, 4)
    (7.3284, 6.7528, 7.904)
    """
    slope, se, size, _ = _convenient_regression(values, weights)
    return _index(slope, se, size, confidence, method="absolute concentration index")


def concentration_index(values: ArrayLike, weights: ArrayLike, *, confidence: float) -> Estimate:
    """The relative concentration index: the absolute one divided by the mean, between −1 and 1.

    The index of a proportion depends on its mean and on whether success or failure is counted; then `erreygers_index`
    or `wagstaff_index` are to be preferred. A mean of zero gives NaN. Otherwise as `absolute_concentration_index`.
    Raises `StatsError` as in `absolute_concentration_index`.

    Kakwani N, et al (1997), J Econometrics 77:87–103. R: ``healthequal::rci``.

    >>> index = concentration_index([20, 30, 40, 50, 60], [78, 91, 162, 103, 105], confidence=0.95)
    >>> round(index.estimate, 6), round(index.se, 6)
    (0.177769, 0.007124)
    """
    slope, se, size, mean = _convenient_regression(values, weights)
    mean = np.where(mean == 0, np.nan, mean)
    return _index(slope / mean, se / np.abs(mean), size, confidence, method="relative concentration index")


def erreygers_index(
    values: ArrayLike, weights: ArrayLike, *, lowest: float, highest: float, confidence: float
) -> Estimate:
    """Erreygers' corrected index of a bounded value: four times the absolute one over the range of the bounds.

    It turns its sign, and nothing else, when failure is counted instead of success. ``lowest`` and ``highest`` are the
    bounds of one person's value: 0 and 1 for a proportion. Values beyond them raise `StatsError`. Otherwise as
    `absolute_concentration_index`.

    Erreygers G (2009), J Health Econ 28:504–515. R: ``healthequal::rci(method = "erreygers")``.

    >>> index = erreygers_index(
    ...     [0.2, 0.3, 0.4, 0.5, 0.6], [78, 91, 162, 103, 105], lowest=0, highest=1, confidence=0.95)
    >>> round(index.estimate, 6), round(index.se, 6)
    (0.293137, 0.011747)
    """
    _check_bounds(values, lowest=lowest, highest=highest)
    slope, se, size, _ = _convenient_regression(values, weights)
    factor = 4 / (highest - lowest)
    return _index(slope * factor, se * factor, size, confidence, method="Erreygers concentration index")


def wagstaff_index(
    values: ArrayLike, weights: ArrayLike, *, lowest: float, highest: float, confidence: float
) -> Estimate:
    """Wagstaff's normalised index of a bounded value: the relative index over the largest it could be at this mean.

    Arguments as in `erreygers_index`; a mean on a bound gives NaN. Raises `StatsError` as in `erreygers_index`.

    Wagstaff A (2005), Health Econ 14:429–432. R: ``healthequal::rci(method = "wagstaff")``.

    >>> index = wagstaff_index(
    ...     [0.2, 0.3, 0.4, 0.5, 0.6], [78, 91, 162, 103, 105], lowest=0, highest=1, confidence=0.95)
    >>> round(index.estimate, 6), round(index.se, 6)
    (0.302454, 0.012121)
    """
    _check_bounds(values, lowest=lowest, highest=highest)
    slope, se, size, mean = _convenient_regression(values, weights)
    room = (mean - lowest) * (highest - mean)
    factor = (highest - lowest) / np.where(room > 0, room, np.nan)
    return _index(slope * factor, se * factor, size, confidence, method="Wagstaff concentration index")


def _convenient_regression(
    values: ArrayLike, weights: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The absolute index, its standard error, the people and the mean, by weighted least squares of value on rank."""
    y, size = same_shape(
        np.atleast_1d(as_floats(values, name="values")),
        np.atleast_1d(as_counts(weights, name="weights")),
        names=("values", "weights"),
    )
    if y.shape[-1] < 2:
        raise StatsError("values must hold at least two groups along the last axis; one group has no inequality")
    present = size > 0
    y = np.where(present, y, 0.0)
    people = size.sum(-1, keepdims=True)
    share = size / np.where(people > 0, people, np.nan)
    away = ridits(size) - 0.5
    spread = (share * away**2).sum(-1, keepdims=True)
    spread = np.where(spread > 1e-15, spread, np.nan)
    mean = (share * y).sum(-1, keepdims=True)
    scaled = 2 * spread * (y - mean)
    slope = (share * away * scaled).sum(-1, keepdims=True) / spread
    residual = (share * (scaled - slope * away) ** 2).sum(-1, keepdims=True)
    freedom = present.sum(-1, keepdims=True) - 2
    se = np.sqrt(residual / np.where(freedom > 0, freedom, np.nan) / spread)
    return slope[..., 0], se[..., 0], people[..., 0], mean[..., 0]


def _check_bounds(values: ArrayLike, *, lowest: float, highest: float) -> None:
    if not lowest < highest:
        raise StatsError(f"lowest must lie below highest; given {lowest} and {highest}")
    y = as_floats(values, name="values")
    if np.any((y < lowest) | (y > highest)):
        raise StatsError(f"values must lie between lowest ({lowest}) and highest ({highest}); check their unit")


def _index(estimate: np.ndarray, se: np.ndarray, size: np.ndarray, confidence: float, *, method: str) -> Estimate:
    half = normal_quantile(confidence) * se
    return Estimate(
        plain(estimate),
        plain(estimate - half),
        plain(estimate + half),
        se=plain(se),
        n=plain(size),
        events=plain(np.full(np.shape(estimate), np.nan)),
        method=method,
    )
