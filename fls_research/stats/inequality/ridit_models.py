"""Slope and relative index of inequality by regression of a yes-or-no outcome on rank: logit, log and identity."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from fls_research.stats._checks import as_binomial, as_complete, as_keys, normal_quantile, plain
from fls_research.stats.inequality.ranks import ridits
from fls_research.stats.inequality.slope import SlopeIndices
from fls_research.stats.results import Estimate, Interval, StatsError

_STEPS = 60
_TOLERANCE = 1e-12
_FARTHEST = 25.0
"""A linear predictor beyond this is a probability of 0 or 1 to eleven digits: the data are separated."""


@dataclass(frozen=True, slots=True)
class Link:
    """How rank and probability are linked: the mean, its slope, and the variance the fit weighs by."""

    name: str
    mean: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    variance: Callable[[np.ndarray], np.ndarray]


def _bernoulli(mean: np.ndarray) -> np.ndarray:
    return mean * (1 - mean)


LOGIT_LINK = Link("logit", expit, lambda eta: expit(eta) * expit(-eta), _bernoulli)
"""Logistic regression."""
LOG_LINK = Link("log", np.exp, np.exp, lambda mean: mean)
"""Modified Poisson regression, for ratios of risks."""
IDENTITY_LINK = Link("identity", np.asarray, np.ones_like, np.ones_like)
"""Least squares on the outcome, for differences of risks."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """A line a + b·rank on the scale of the link, for every area; ``bread`` is the inverse information (aa, ab, bb)."""

    a: np.ndarray
    b: np.ndarray
    bread: np.ndarray
    fitted: np.ndarray
    score_weight: np.ndarray


def logistic_slope_indices(successes: ArrayLike, trials: ArrayLike, *, confidence: float) -> SlopeIndices:
    """Both indices by logistic regression on rank, each patient counted once, with model-based errors.

    Counts stand along the last axis in the order of rank, the most disadvantaged first; any axes before are areas and
    measures, all fitted at once. Individual data come through `counts_by_rank`, with the same answer. ``sii`` is the
    risk at rank 1 less the risk at rank 0, ``rii`` their ratio; intervals are by the delta method (the ratio's on the
    log scale, its ``se`` that of the ratio). No or only successes, separated data, people in one group only, and
    missing counts give NaN. Impossible counts and fewer than two groups raise `StatsError`.

    Moreno-Betancur M, et al (2015), Epidemiology 26:518–527. R: ``glm(cbind(y, n - y) ~ ridit, binomial)`` and the
    delta method. ``healthequal::sii`` 1.0.1 weighs such counts by population a second time.

    >>> fit = logistic_slope_indices([16, 27, 65, 52, 63], [78, 91, 162, 103, 105], confidence=0.95)
    >>> round(fit.sii.estimate, 4), round(fit.sii.se, 4), round(fit.rii.estimate, 4)
    (0.4491, 0.0643, 3.2239)
    """
    x, n = _counts(successes, trials)
    fit = _line(x, n, ridits(n), LOGIT_LINK)
    return _indices(fit, fit.bread, x, n, LOGIT_LINK, confidence, method="logistic on rank, model-based")


def logistic_slope_indices_of_groups(successes: ArrayLike, trials: ArrayLike, *, confidence: float) -> SlopeIndices:
    """The indices of `logistic_slope_indices` with robust errors that treat each group as one observation (HC1).

    This is the form of the World Health Organization's toolkit. It rests on as many residuals as there are groups: with
    five groups of about 120 its 95 % interval held the truth in 79 % of 4,000 simulated areas, where the model-based
    one did in 95 %. Prefer that, or a form that is robust between patients or services. Raises `StatsError` as in
    `logistic_slope_indices`.

    R: ``sandwich::vcovHC(glm(cbind(y, n - y) ~ ridit, binomial), type = "HC1")``.

    >>> fit = logistic_slope_indices_of_groups([16, 27, 65, 52, 63], [78, 91, 162, 103, 105], confidence=0.95)
    >>> round(fit.sii.se, 4)
    0.0222
    """
    x, n = _counts(successes, trials)
    rank = ridits(n)
    fit = _line(x, n, rank, LOGIT_LINK)
    score = fit.score_weight * (x - n * fit.fitted)
    groups = np.count_nonzero(n > 0, axis=-1)
    factor = groups / np.where(groups > 2, groups - 2, np.nan)
    meat = _sums(score**2, rank) * factor[..., None]
    return _indices(fit, _sandwich(fit.bread, meat), x, n, LOGIT_LINK, confidence, method="logistic on rank, HC1")


def robust_slope_indices(successes: ArrayLike, trials: ArrayLike, *, link: Link, confidence: float) -> SlopeIndices:
    """Both indices by regression on rank with errors that are robust between patients (HC0).

    With `LOG_LINK` this is modified Poisson regression, whose relative index is a ratio of risks; with `IDENTITY_LINK`
    least squares, whose slope index is a difference of risks; with `LOGIT_LINK` the logistic form. Other arguments and
    missing values as in `logistic_slope_indices`. Raises `StatsError` as in `logistic_slope_indices`.

    Zou G (2004), Am J Epidemiol 159:702–706; Moreno-Betancur M, et al (2015), Epidemiology 26:518–527.
    R: ``sandwich::vcovHC(glm(y ~ ridit, poisson), type = "HC0")`` on one row per patient.

    >>> fit = robust_slope_indices(
    ...     [16, 27, 65, 52, 63], [78, 91, 162, 103, 105], link=LOG_LINK, confidence=0.95)
    >>> round(fit.rii.estimate, 4), round(fit.rii.lower, 4), round(fit.rii.upper, 4)
    (3.1374, 2.1847, 4.5055)
    """
    x, n = _counts(successes, trials)
    rank = ridits(n)
    fit = _line(x, n, rank, link)
    squared = fit.score_weight**2 * (x * (1 - fit.fitted) ** 2 + (n - x) * fit.fitted**2)
    covariance = _sandwich(fit.bread, _sums(squared, rank))
    return _indices(fit, covariance, x, n, link, confidence, method=f"{link.name} link on rank, robust (HC0)")


def clustered_slope_indices(
    successes: ArrayLike, trials: ArrayLike, ranks: ArrayLike, clusters: Iterable, *, link: Link, confidence: float
) -> SlopeIndices:
    """Both indices of one area by regression on rank, with errors that are robust between clusters such as services.

    One row is a group within a cluster, or a patient (trials of 1); ``ranks`` orders the groups, equal ranks being one
    group of the whole. The variance is the sandwich summed by cluster times G/(G − 1). Rows may come in any order and
    any cutting. Missing values, fewer than two clusters and impossible counts raise `StatsError`; otherwise as in
    `robust_slope_indices`.

    R: ``sandwich::vcovCL(glm(y ~ ridit), cluster)``.

    >>> fit = clustered_slope_indices([8, 12, 15, 5, 9, 11], [20, 20, 20, 15, 15, 15], [1, 2, 3, 1, 2, 3],
    ...     ["a", "a", "a", "b", "b", "b"], link=IDENTITY_LINK, confidence=0.95)
    >>> round(fit.sii.estimate, 4), round(fit.sii.se, 4)
    (0.5571, 0.0367)
    """
    x, n = as_binomial(
        as_complete(successes, name="successes"), as_complete(trials, name="trials"), names=("successes", "trials")
    )
    order = as_complete(ranks, name="ranks")
    if order.shape != x.shape:
        raise StatsError(f"ranks must have one entry per row; given {order.size} for {x.size}")
    codes = as_keys(clusters, name="clusters", length=x.size)
    levels, level = np.unique(order, return_inverse=True)
    if levels.size < 2:
        raise StatsError("ranks holds one group only; a slope needs at least two")
    rank = ridits(np.bincount(level, weights=n))[level]
    count = np.unique(codes[n > 0]).size
    if count < 2:
        raise StatsError(f"clusters must hold at least two clusters with trials; there are {count}")
    fit = _line(x, n, rank, link)
    residual = fit.score_weight * (x - n * fit.fitted)
    scores = np.array([np.bincount(codes, weights=residual), np.bincount(codes, weights=residual * rank)])
    products = scores @ scores.T * count / (count - 1)
    meat = np.array([products[0, 0], products[0, 1], products[1, 1]])
    method = f"{link.name} link on rank, cluster-robust, {count} clusters"
    return _indices(fit, _sandwich(fit.bread, meat), x, n, link, confidence, method=method)


def _counts(successes: ArrayLike, trials: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    x, n = as_binomial(np.atleast_1d(successes), np.atleast_1d(trials), names=("successes", "trials"))
    if n.shape[-1] < 2:
        raise StatsError("trials must hold at least two groups along the last axis; a slope needs two ends")
    return x, n


def _line(x: np.ndarray, n: np.ndarray, rank: np.ndarray, link: Link) -> _Fit:
    """Newton's method for a + b·rank, all areas at once; NaN where there is no finite maximum."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _newton(x, n, rank, link)


def _newton(x: np.ndarray, n: np.ndarray, rank: np.ndarray, link: Link) -> _Fit:
    events, people = x.sum(-1), n.sum(-1)
    overall = events / np.where(people > 0, people, np.nan)
    # None or all have no variance to judge a slope by, whatever the link.
    overall = np.where((overall > 0) & (overall < 1), overall, np.nan)
    a, b = _start(overall, link), np.zeros_like(overall)
    for _ in range(_STEPS):
        eta, mean, weight = _working(a, b, rank, link)
        bread = _inverse(_sums(n * weight * link.slope(eta), rank))
        score = weight * (x - n * mean)
        of_a, of_b = score.sum(-1), (score * rank).sum(-1)
        step_a = bread[..., 0] * of_a + bread[..., 1] * of_b
        step_b = bread[..., 1] * of_a + bread[..., 2] * of_b
        a, b = a + step_a, b + step_b
        if np.all(~np.isfinite(step_b) | (np.abs(step_a) + np.abs(step_b) < _TOLERANCE)):
            break
    lost = ~((np.abs(a) < _FARTHEST) & (np.abs(a + b) < _FARTHEST))
    a, b = np.where(lost, np.nan, a), np.where(lost, np.nan, b)
    eta, mean, weight = _working(a, b, rank, link)
    return _Fit(a, b, _inverse(_sums(n * weight * link.slope(eta), rank)), mean, weight)


def _start(overall: np.ndarray, link: Link) -> np.ndarray:
    if link is IDENTITY_LINK:
        return overall
    return np.log(overall) - (np.log1p(-overall) if link is LOGIT_LINK else 0.0)


def _working(a: np.ndarray, b: np.ndarray, rank: np.ndarray, link: Link) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    eta = np.clip(a[..., None] + b[..., None] * rank, -2 * _FARTHEST, 2 * _FARTHEST)
    mean = link.mean(eta)
    return eta, mean, link.slope(eta) / np.maximum(link.variance(mean), np.finfo(float).tiny)


def _sums(values: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Σv, Σv·rank and Σv·rank², the three different entries of a symmetric two-by-two matrix."""
    return np.stack([values.sum(-1), (values * rank).sum(-1), (values * rank**2).sum(-1)], axis=-1)


def _inverse(symmetric: np.ndarray) -> np.ndarray:
    first, off, last = np.moveaxis(symmetric, -1, 0)
    determinant = first * last - off**2
    # People in one group only leave nothing but rounding in the determinant.
    determinant = np.where(determinant > 1e-13 * np.abs(first * last), determinant, np.nan)
    return np.stack([last, -off, first], axis=-1) / determinant[..., None]


def _sandwich(bread: np.ndarray, meat: np.ndarray) -> np.ndarray:
    def full(symmetric: np.ndarray) -> np.ndarray:
        return symmetric[..., [0, 1, 1, 2]].reshape(*symmetric.shape[:-1], 2, 2)

    product = full(bread) @ full(meat) @ full(bread)
    return np.stack([product[..., 0, 0], product[..., 0, 1], product[..., 1, 1]], axis=-1)


def _indices(
    fit: _Fit, covariance: np.ndarray, x: np.ndarray, n: np.ndarray, link: Link, confidence: float, *, method: str
) -> SlopeIndices:
    z = normal_quantile(confidence)
    at_end = fit.a + fit.b
    start, end = link.mean(fit.a), link.mean(at_end)
    start_slope, end_slope = link.slope(fit.a), link.slope(at_end)
    var_a, cov, var_b = np.moveaxis(covariance, -1, 0)

    def delta_se(of_a: np.ndarray, of_b: np.ndarray) -> np.ndarray:
        return np.sqrt(of_a**2 * var_a + 2 * of_a * of_b * cov + of_b**2 * var_b)

    se = delta_se(end_slope - start_slope, end_slope)
    positive = (start > 0) & (end > 0)
    low, high = np.where(positive, start, np.nan), np.where(positive, end, np.nan)
    log_se = delta_se(end_slope / high - start_slope / low, end_slope / high)
    rise, ratio = end - start, high / low

    def estimate(value: np.ndarray, interval: Interval, spread: np.ndarray) -> Estimate:
        return Estimate(
            plain(value),
            plain(interval.lower),
            plain(interval.upper),
            se=plain(spread),
            n=plain(n.sum(-1)),
            events=plain(x.sum(-1)),
            method=method,
        )

    return SlopeIndices(
        sii=estimate(rise, Interval(rise - z * se, rise + z * se), se),
        rii=estimate(ratio, Interval(ratio * np.exp(-z * log_se), ratio * np.exp(z * log_se)), ratio * log_se),
        intercept=plain(start),
    )
