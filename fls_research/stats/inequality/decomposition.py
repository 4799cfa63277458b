"""How much of an inequality lies between services and how much within them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_binomial, as_complete, as_counts, as_floats, as_keys, normal_quantile
from fls_research.stats.inequality.ranks import ridits
from fls_research.stats.results import Estimate, StatsError


@dataclass(frozen=True, slots=True, eq=False)
class GapParts:
    """A gap between two groups, and its parts within and between services, which add up to it."""

    total: Estimate
    within: Estimate
    between: Estimate


@dataclass(frozen=True, slots=True)
class Parts:
    """A measure and its parts within and between services, which add up to it."""

    total: float
    within: float
    between: float

    @property
    def share_between(self) -> float:
        """The part between services as a share of the whole; NaN where there is nothing to share."""
        return self.between / self.total if self.total != 0 else float("nan")


def gap_between_and_within(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike, *, confidence: float
) -> GapParts:
    """The gap in a proportion between two groups, split by whether patients of one service, or services, differ.

    Takes, for each service, the counts of both groups. ``within`` is what would remain if both groups had the same
    services (the average of their two distributions); ``between`` is what comes of their having different ones. In a
    service that only one group attends the other's proportion is taken to be equal, so its part is all between.
    Intervals are normal, with the distributions over services taken as known. ``n`` and ``events`` are of both groups.
    Missing or impossible counts, and a group without patients, raise `StatsError`.

    Kitagawa EM (1955), J Am Stat Assoc 50:1168–1194.

    >>> parts = gap_between_and_within([30, 40], [100, 50], [18, 160], [50, 200], confidence=0.95)
    >>> round(parts.total.estimate, 4), round(parts.within.estimate, 4), round(parts.between.estimate, 4)
    (-0.2453, -0.026, -0.2193)
    """
    x1, n1 = _service_counts(successes, trials, ("successes", "trials"))
    x2, n2 = _service_counts(other_successes, other_trials, ("other_successes", "other_trials"))
    if x1.shape != x2.shape:
        raise StatsError(f"trials and other_trials must have one entry per service; given {n1.size} and {n2.size}")
    share1, share2 = n1 / n1.sum(), n2 / n2.sum()
    p1, p2 = _proportion(x1, n1, x2, n2), _proportion(x2, n2, x1, n1)
    v1, v2 = _variance(p1, n1), _variance(p2, n2)
    # Where one group is absent its proportion is a copy of the other's, which then carries both coefficients.
    both, only1, only2 = (n1 > 0) & (n2 > 0), (n1 > 0) & (n2 == 0), (n2 > 0) & (n1 == 0)
    mean_share, difference = (share1 + share2) / 2, share1 - share2
    within1, within2 = np.where(both, mean_share, 0), np.where(both, -mean_share, 0)
    between1 = np.where(both, difference / 2, np.where(only1, share1, 0))
    between2 = np.where(both, difference / 2, np.where(only2, -share2, 0))
    people, events = float((n1 + n2).sum()), float((x1 + x2).sum())

    def part(of1: np.ndarray, of2: np.ndarray, method: str) -> Estimate:
        estimate = float(np.sum(of1 * p1 + of2 * p2))
        se = float(np.sqrt(np.sum(of1**2 * v1 + of2**2 * v2)))
        half = normal_quantile(confidence) * se
        return Estimate(estimate, estimate - half, estimate + half, se=se, n=people, events=events, method=method)

    return GapParts(
        total=part(share1, -share2, "gap, services as they are"),
        within=part(within1, within2, "Kitagawa, within services"),
        between=part(between1, between2, "Kitagawa, between services"),
    )


def slope_between_and_within(values: ArrayLike, weights: ArrayLike, ranks: ArrayLike, services: Iterable) -> Parts:
    """The slope index of inequality, split into what lies within services and what between them.

    One row is a group within a service: its value (such as a proportion), its size, and the rank of its group, which is
    turned into ridits over everyone. The slope of the whole is the sum of both parts because the covariance of value
    and rank is: within is the covariance about each service's own means, between that of those means. Rows may come in
    any order. Missing values and people in one group only raise `StatsError`; rows of size zero play no part.

    Searle SR, et al (1992), Variance Components, ch 3 (the identity of sums of products).

    >>> parts = slope_between_and_within(
    ...     [0.3, 0.4, 0.7, 0.8], [80, 20, 20, 80], [1, 2, 1, 2], ["a", "a", "b", "b"])
    >>> round(parts.total, 3), round(parts.within, 3), round(parts.between, 3)
    (0.68, 0.128, 0.552)
    """
    size = as_complete(as_counts(weights, name="weights"), name="weights")
    y, order = as_floats(values, name="values"), as_complete(ranks, name="ranks")
    if not y.shape == size.shape == order.shape:
        raise StatsError("values, weights and ranks must have one length; each needs one entry per row")
    codes = as_keys(services, name="services", length=size.size)
    present = size > 0
    size, order, codes = size[present], order[present], codes[present]
    y = as_complete(y[present], name="values")
    levels, level = np.unique(order, return_inverse=True)
    if levels.size < 2:
        raise StatsError("ranks holds people in one group only; a slope needs at least two")
    rank = ridits(np.bincount(level, weights=size))[level]
    share = size / size.sum()
    spread = float(np.sum(share * (rank - 0.5) ** 2))
    weight = np.bincount(codes, weights=share)
    held = np.where(weight > 0, weight, np.nan)
    service_y = np.bincount(codes, weights=share * y) / held
    service_rank = np.bincount(codes, weights=share * rank) / held
    within = float(np.sum(share * (y - service_y[codes]) * (rank - service_rank[codes]))) / spread
    between = float(np.nansum(weight * (service_y - np.sum(share * y)) * (service_rank - 0.5))) / spread
    return Parts(total=within + between, within=within, between=between)


def theil_between_and_within(values: ArrayLike, weights: ArrayLike, services: Iterable) -> Parts:
    """Theil's index of groups within services, split into what lies within services and what between them.

    One row is a group within a service. Values must not be negative; a service in which all are zero has nothing within
    it. Rows of size zero play no part. Missing values raise `StatsError`.

    Shorrocks AF (1980), Econometrica 48:613–625.

    >>> parts = theil_between_and_within([0.3, 0.4, 0.7, 0.8], [80, 20, 20, 80], ["a", "a", "b", "b"])
    >>> round(parts.total, 4), round(parts.within, 4), round(parts.between, 4)
    (0.0933, 0.0031, 0.0902)
    """
    y, share, codes = _positive_rows(values, weights, services, zero_allowed=True)
    ratio = y / np.sum(share * y)
    weight = np.bincount(codes, weights=share)
    income = np.bincount(codes, weights=share * ratio)
    service_ratio = income / np.where(weight > 0, weight, np.nan)

    def entropy(of: np.ndarray) -> np.ndarray:
        return of * np.log(np.where(of > 0, of, 1.0))

    total = float(np.sum(share * entropy(ratio)))
    between = float(np.nansum(weight * entropy(service_ratio)))
    return Parts(total=total, within=total - between, between=between)


def mean_log_deviation_between_and_within(values: ArrayLike, weights: ArrayLike, services: Iterable) -> Parts:
    """The mean log deviation of groups within services, split into what lies within services and what between them.

    Values must be above zero; otherwise as `theil_between_and_within`. Raises `StatsError` as in
    `theil_between_and_within`, and for a value of zero.

    Shorrocks AF (1980), Econometrica 48:613–625.

    >>> parts = mean_log_deviation_between_and_within([0.3, 0.4, 0.7, 0.8], [80, 20, 20, 80], ["a", "a", "b", "b"])
    >>> round(parts.total, 4), round(parts.within, 4), round(parts.between, 4)
    (0.1003, 0.0042, 0.0961)
    """
    y, share, codes = _positive_rows(values, weights, services, zero_allowed=False)
    mean = np.sum(share * y)
    weight = np.bincount(codes, weights=share)
    service_mean = np.bincount(codes, weights=share * y) / np.where(weight > 0, weight, np.nan)
    total = float(np.sum(share * np.log(mean / y)))
    between = float(np.nansum(weight * np.log(mean / service_mean)))
    return Parts(total=total, within=total - between, between=between)


def _service_counts(successes: ArrayLike, trials: ArrayLike, names: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    x, n = as_binomial(as_complete(successes, name=names[0]), as_complete(trials, name=names[1]), names=names)
    if not n.sum() > 0:
        raise StatsError(f"{names[1]} are zero in every service; a gap needs patients in both groups")
    return x, n


def _proportion(x: np.ndarray, n: np.ndarray, other_x: np.ndarray, other_n: np.ndarray) -> np.ndarray:
    own, other = np.where(n > 0, n, 1.0), np.where(other_n > 0, other_n, 1.0)
    return np.where(n > 0, x / own, other_x / other)


def _variance(p: np.ndarray, n: np.ndarray) -> np.ndarray:
    return np.where(n > 0, p * (1 - p) / np.where(n > 0, n, 1.0), 0.0)


def _positive_rows(
    values: ArrayLike, weights: ArrayLike, services: Iterable, *, zero_allowed: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size = as_complete(as_counts(weights, name="weights"), name="weights")
    y = np.atleast_1d(as_floats(values, name="values"))
    if y.shape != size.shape:
        raise StatsError(f"values must have one entry per row; given {y.size} for {size.size}")
    codes = as_keys(services, name="services", length=size.size)
    present = size > 0
    y = as_complete(as_counts(y[present], name="values"), name="values")
    if np.any(y == 0) and not zero_allowed:
        raise StatsError("values must be above zero for a mean log deviation; Theil's index allows zero")
    if not y.max() > 0:
        raise StatsError("values are all zero; a share of nothing has no inequality")
    return y, size[present] / size.sum(), codes[present]
