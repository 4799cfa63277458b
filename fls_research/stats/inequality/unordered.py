"""Inequality between groups without an order, such as regions or ethnic groups: variance, entropy and distances."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_complete, as_counts, as_floats, normal_quantile
from fls_research.stats.results import Estimate, Interval, StatsError

Measure = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""A measure of values whose last axis is the groups, given the shares of people in them."""


def between_group_variance(values: ArrayLike, weights: ArrayLike, se: ArrayLike, *, confidence: float) -> Estimate:
    """The variance of group values about their mean, by people: in the unit of the values, squared.

    Takes one value, size and standard error per group. The interval is normal; it can reach below zero. All measures of
    this module are pushed upwards by chance alone when groups are small: look at the standard errors beside them.
    Groups of size zero play no part. Missing values, fewer than two groups with people, and negative sizes or standard
    errors raise `StatsError`.

    Harper S, Lynch J (2005), Methods for Measuring Cancer Disparities, NCI. R: ``healthequal::bgv``.

    >>> variance = between_group_variance([61, 74, 58], [832, 931, 1468], [5, 3, 3], confidence=0.95)
    >>> round(variance.estimate, 4), round(variance.se, 4)
    (47.1078, 25.9848)
    """
    y, share, error, people = _groups(values, weights, se)
    away, spread = y - _mean(y, share), error**2
    linear = np.sum((share * error * away) ** 2)
    whole = np.sum(share**2 * spread) ** 2 - np.sum(share**4 * spread**2)
    square = whole + np.sum((share - share**2) ** 2 * spread**2)
    own_se = float(np.sqrt(4 * linear + 2 * square))
    return _normal(between_group_variance_of(y, share), own_se, people, confidence, "between-group variance")


def theil_index(values: ArrayLike, weights: ArrayLike, se: ArrayLike, *, confidence: float) -> Estimate:
    """Theil's index: the mean of r·ln r, r being a group's value over the mean; 0 when all are equal.

    Some tools publish it times 1000; here it is not multiplied, and neither is its error. A value of zero counts as 0
    (its limit); a negative value raises `StatsError`. The interval is normal, by the delta method, which has no answer
    where a group is at zero: error and ends are NaN there, and ``method`` says why. Otherwise as in
    `between_group_variance`.

    Theil H (1967), Economics and Information Theory. R: ``healthequal::ti``, whose interval in 1.0.1 is a thousand
    times too narrow.

    >>> index = theil_index([61, 74, 58], [832, 931, 1468], [5, 3, 3], confidence=0.95)
    >>> round(index.estimate, 6), round(index.se, 6)
    (0.005705, 0.003011)
    """
    y, share, error, people = _positive_groups(values, weights, se, zero_allowed=True)
    estimate = theil_index_of(y, share)
    mean = _mean(y, share)
    log_ratio = np.log(np.where(y > 0, y, np.nan) / mean)
    own_se = float(np.sqrt(np.sum((share * error / mean * (log_ratio - estimate)) ** 2)))
    method = "Theil index" if np.all(y > 0) else "Theil index; no standard error, because the value of a group is zero"
    return _normal(estimate, own_se, people, confidence, method)


def mean_log_deviation(values: ArrayLike, weights: ArrayLike, se: ArrayLike, *, confidence: float) -> Estimate:
    """The mean log deviation: the mean of −ln r, r being a group's value over the mean; 0 when all are equal.

    It weighs differences at the low end more than Theil's index. Not multiplied by 1000. A value of zero or less raises
    `StatsError`. The interval is normal, by the delta method. Otherwise as in `between_group_variance`.

    Theil H (1967), Economics and Information Theory. R: ``healthequal::mld`` (see `theil_index`).

    >>> index = mean_log_deviation([61, 74, 58], [832, 931, 1468], [5, 3, 3], confidence=0.95)
    >>> round(index.estimate, 6), round(index.se, 6)
    (0.005565, 0.002905)
    """
    y, share, error, people = _positive_groups(values, weights, se, zero_allowed=False)
    mean = _mean(y, share)
    own_se = float(np.sqrt(np.sum((share * error / mean * (1 - mean / y)) ** 2)))
    return _normal(mean_log_deviation_of(y, share), own_se, people, confidence, "mean log deviation")


def simulated_measure(
    measure: Measure,
    values: ArrayLike,
    weights: ArrayLike,
    se: ArrayLike,
    *,
    confidence: float,
    draws: int,
    generator: np.random.Generator,
) -> Estimate:
    """Any measure whose name ends in ``_of``, with an interval from values drawn as normal about the estimates.

    For measures without a standard error of their own. The interval is the quantiles of the draws, ``se`` their
    standard deviation. Because chance pushes such measures upwards, the draws lie above the estimate. Missing values as
    in `between_group_variance`. Raises `StatsError` as in `between_group_variance`, and for fewer than 100 draws.

    R: ``healthequal::idisw(sim = ...)``.

    >>> index = simulated_measure(index_of_disparity_of, [61, 74, 58], [832, 931, 1468], [5, 3, 3],
    ...     confidence=0.95, draws=10_000, generator=np.random.default_rng(1))
    >>> round(index.estimate, 4), index.lower < index.estimate < index.upper
    (0.0965, True)
    """
    if draws < 100:
        raise StatsError(f"draws must be at least 100; given {draws}")
    normal_quantile(confidence)
    y, share, error, people = _groups(values, weights, se)
    simulated = measure(generator.normal(y, error, size=(draws, y.size)), share)
    lower, upper = np.quantile(simulated, [0.5 - confidence / 2, 0.5 + confidence / 2], method="inverted_cdf")
    return Estimate(
        float(measure(y, share)),
        float(lower),
        float(upper),
        se=float(simulated.std(ddof=1)),
        n=people,
        events=float("nan"),
        method=f"simulated, {draws} draws",
    )


def between_group_variance_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """The between-group variance alone.

    R: ``healthequal::bgv``.

    >>> between_group_variance_of(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    1.0
    """
    return _plain(np.sum(shares * (values - _mean(values, shares)[..., None]) ** 2, axis=-1))


def between_group_deviation_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """The standard deviation between groups, in the unit of the values. R: ``healthequal::bgsd``.

    >>> between_group_deviation_of(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    1.0
    """
    return _plain(np.sqrt(between_group_variance_of(values, shares)))


def coefficient_of_variation_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """The standard deviation between groups over their mean. R: ``healthequal::covar`` (there in percent).

    >>> coefficient_of_variation_of(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    0.5
    """
    return _plain(between_group_deviation_of(values, shares) / _mean(values, shares))


def theil_index_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """Theil's index alone.

    R: ``healthequal::ti`` (there times 1000).

    >>> round(theil_index_of(np.array([1.0, 3.0]), np.array([0.5, 0.5])), 4)
    0.1308
    """
    ratio = values / _mean(values, shares)[..., None]
    logged = np.log(np.where(ratio > 0, ratio, 1.0))
    return _plain(np.sum(shares * ratio * logged, axis=-1))


def mean_log_deviation_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """The mean log deviation alone; NaN where a value is zero or less.

    R: ``healthequal::mld`` (there times 1000).

    >>> round(mean_log_deviation_of(np.array([1.0, 3.0]), np.array([0.5, 0.5])), 4)
    0.1438
    """
    ratio = values / _mean(values, shares)[..., None]
    return _plain(np.sum(-shares * np.log(np.where(ratio > 0, ratio, np.nan)), axis=-1))


def index_of_disparity_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """The mean distance of people's groups from the mean, over the mean. R: ``healthequal::idisw`` (in percent).

    >>> index_of_disparity_of(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    0.5
    """
    return _plain(mean_difference_from_mean_of(values, shares) / _mean(values, shares))


def unweighted_index_of_disparity_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """The mean distance of groups, each counted once, from the mean of people, over that mean. R: ``idisu``.

    >>> unweighted_index_of_disparity_of(np.array([1.0, 3.0]), np.array([0.25, 0.75]))
    0.4
    """
    mean = _mean(values, shares)
    return _plain(np.abs(values - mean[..., None]).mean(axis=-1) / mean)


def mean_difference_from_mean_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """The mean distance of people's groups from the mean, in the unit of the values. R: ``healthequal::mdmw``.

    >>> mean_difference_from_mean_of(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    1.0
    """
    return _plain(np.sum(shares * np.abs(values - _mean(values, shares)[..., None]), axis=-1))


def mean_difference_from_highest_of(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
    """The mean distance of people's groups from the highest group. R: ``healthequal::mdbw`` (favourable outcome).

    >>> mean_difference_from_highest_of(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    1.0
    """
    return _plain(np.sum(shares * (values.max(axis=-1, keepdims=True) - values), axis=-1))


def mean_difference_from_group_of(reference: int) -> Measure:
    """The measure that is the mean distance of people's groups from one of them. R: ``healthequal::mdrw``.

    >>> mean_difference_from_group_of(0)(np.array([1.0, 3.0]), np.array([0.5, 0.5]))
    1.0
    """

    def measure(values: np.ndarray, shares: np.ndarray) -> float | np.ndarray:
        return _plain(np.sum(shares * np.abs(values - values[..., [reference]]), axis=-1))

    return measure


def _mean(values: np.ndarray, shares: np.ndarray) -> np.ndarray:
    return np.asarray(np.sum(shares * values, axis=-1))


def _plain(values: np.ndarray) -> float | np.ndarray:
    return float(values) if np.ndim(values) == 0 else values


def _groups(values: ArrayLike, weights: ArrayLike, se: ArrayLike) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    size = as_complete(as_counts(weights, name="weights"), name="weights")
    present = size > 0
    if present.sum() < 2:
        raise StatsError("weights must leave at least two groups with people; one group has no inequality")
    columns = []
    for name, column in (("values", values), ("se", se)):
        floats = np.atleast_1d(as_floats(column, name=name))
        if floats.shape != size.shape:
            raise StatsError(f"{name} must have one entry per group; given {floats.size} for {size.size}")
        columns.append(as_complete(floats[present], name=name))
    as_counts(columns[1], name="se")
    people = float(size.sum())
    return columns[0], size[present] / people, columns[1], people


def _positive_groups(
    values: ArrayLike, weights: ArrayLike, se: ArrayLike, *, zero_allowed: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    y, share, error, people = _groups(values, weights, se)
    if np.any(y < 0) or (np.any(y == 0) and not zero_allowed):
        raise StatsError("values must be above zero for a measure of logarithms; use the between-group variance")
    if not y.max() > 0:
        raise StatsError("values are all zero; a share of nothing has no inequality")
    return y, share, error, people


def _normal(estimate: float, se: float, people: float, confidence: float, method: str) -> Estimate:
    half = normal_quantile(confidence) * se
    ends = Interval(float(estimate - half), float(estimate + half))
    return Estimate(float(estimate), *ends, se=se, n=people, events=float("nan"), method=method)
