"""Slope and relative index of inequality from the values of ordered groups, exact and simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from fls_research.stats._checks import as_counts, as_floats, normal_quantile, plain, same_shape
from fls_research.stats.inequality.ranks import ridits
from fls_research.stats.results import Estimate, Interval, StatsError


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale on which values are drawn, or the line is fitted: its name, the way there, back, and the way's slope."""

    name: str
    there: Callable[[np.ndarray], np.ndarray]
    back: Callable[[np.ndarray], np.ndarray]
    back_slope: Callable[[np.ndarray], np.ndarray]


def _log(values: np.ndarray) -> np.ndarray:
    return np.log(np.where(values > 0, values, np.nan))


def _logit(values: np.ndarray) -> np.ndarray:
    return logit(np.where((values > 0) & (values < 1), values, np.nan))


def _logistic_slope(values: np.ndarray) -> np.ndarray:
    return expit(values) * expit(-values)


NATURAL = Scale("natural", np.asarray, np.asarray, np.ones_like)
"""For means, such as life expectancy."""
LOG = Scale("log", _log, np.exp, np.exp)
"""For rates; a value of zero has no place on it."""
LOGIT = Scale("logit", _logit, expit, _logistic_slope)
"""For proportions; 0 and 1 have no place on it."""


@dataclass(frozen=True, slots=True, eq=False)
class SlopeIndices:
    """The slope index ``sii`` and the relative index ``rii`` of inequality, and the line's height at rank 0.

    The line goes from the most disadvantaged (rank 0) to the least (rank 1). ``sii`` is its rise, in the unit of the
    values; ``rii`` its end over its beginning. Reversing the order of groups turns the sign of one and inverts the
    other.
    """

    sii: Estimate
    rii: Estimate
    intercept: float | np.ndarray


def se_from_limits(lower: ArrayLike, upper: ArrayLike, *, confidence: float, scale: Scale) -> np.ndarray:
    """The standard errors, on a scale, that belong to published limits.

    Raises
    ------
    StatsError : for limits that are no numbers, or a confidence outside 0 to 1.

    Higgins JPT, et al (2019), Cochrane Handbook for Systematic Reviews of Interventions, 2nd ed, §6.3.

    >>> se_from_limits([72.722053], [79.144865], confidence=0.95, scale=NATURAL).round(4)
    array([1.6385])
    """
    low, high = scale.there(as_floats(lower, name="lower")), scale.there(as_floats(upper, name="upper"))
    return (high - low) / 2 / normal_quantile(confidence)


def slope_indices(
    values: ArrayLike, weights: ArrayLike, se: ArrayLike, *, fitted_on: Scale, confidence: float
) -> SlopeIndices:
    """Both indices from a weighted line through the values of ordered groups, without simulation.

    Groups stand along the last axis, the most disadvantaged first; any axes before are areas, measures and so on, all
    fitted at once. ``weights`` are group sizes, ``se`` the standard errors of the values on the scale of the fit. On
    `NATURAL` the slope index has its exact normal interval and the relative index Fieller's; on `LOG` the relative
    index has its exact interval and the slope index one by the delta method; on `LOGIT` both are by the delta method,
    the relative index on the log scale. A group of size zero plays no part; a missing value, a value off the scale, or
    people in one group only give NaN. Fewer than two groups, and negative sizes or standard errors, raise `StatsError`.

    Mackenbach JP, Kunst AE (1997), Soc Sci Med 44:757–771; Fieller EC (1954), J R Stat Soc B 16:175–185.
    R: ``PHEindicatormethods::phe_sii``, whose intervals are simulated.

    >>> fit = slope_indices([60.0, 65.0, 71.0, 74.0, 80.0], [100] * 5, [1.0] * 5, fitted_on=NATURAL, confidence=0.95)
    >>> round(fit.sii.estimate, 4), round(fit.sii.lower, 4), round(fit.sii.upper, 4)
    (24.5, 21.401, 27.599)
    >>> round(fit.rii.estimate, 4), round(fit.rii.lower, 4), round(fit.rii.upper, 4)
    (1.4242, 1.3607, 1.4915)
    """
    y, size, error = _ordered_groups(values, weights, se)
    intercept_part, slope_part = _line_weights(size)
    transformed = np.where(size > 0, fitted_on.there(y), 0.0)
    spread = np.where(size > 0, error, 0.0) ** 2
    a, b = (intercept_part * transformed).sum(-1), (slope_part * transformed).sum(-1)
    end_part = intercept_part + slope_part
    variances = (
        (intercept_part**2 * spread).sum(-1),
        (end_part**2 * spread).sum(-1),
        (intercept_part * end_part * spread).sum(-1),
    )
    if fitted_on is NATURAL:
        return _on_natural(a, b, variances, size, confidence)
    return _on_scale(a, b, variances, size, confidence, fitted_on)


def simulated_slope_indices(
    values: ArrayLike,
    weights: ArrayLike,
    se: ArrayLike,
    *,
    drawn_on: Scale,
    fitted_on: Scale,
    confidence: float,
    draws: int,
    generator: np.random.Generator,
) -> SlopeIndices:
    """Both indices with intervals simulated as Fingertips does: draw each value, fit the line, take the quantiles.

    Values are drawn as normal on ``drawn_on``, the scale of ``se``, and the line is fitted on ``fitted_on``: Fingertips
    fits on `NATURAL` unless it is told to transform, and then on the scale of the draws. The estimates are not
    simulated. Each area takes its draws from ``generator`` in turn, so equal seeds give equal answers. ``se`` of the
    result is the standard deviation over draws. Other arguments and missing values as in `slope_indices`. Raises
    `StatsError` as in `slope_indices`, and for fewer than 100 draws.

    R: ``PHEindicatormethods::phe_sii`` (there 100,000 draws).

    >>> fit = simulated_slope_indices([60.0, 65.0, 71.0, 74.0, 80.0], [100] * 5, [1.0] * 5, drawn_on=NATURAL,
    ...     fitted_on=NATURAL, confidence=0.95, draws=20_000, generator=np.random.default_rng(1))
    >>> round(fit.sii.estimate, 2), round(fit.sii.lower, 1), round(fit.sii.upper, 1)
    (24.5, 21.4, 27.6)
    """
    if draws < 100:
        raise StatsError(f"draws must be at least 100, and 100,000 for publication; given {draws}")
    y, size, error = _ordered_groups(values, weights, se)
    intercept_part, slope_part = _line_weights(size)
    present = size > 0
    centre = np.where(present, drawn_on.there(y), 0.0)
    # A zero-sized group may have any value: zero weights let none of them through.
    natural = np.where(present, y, fitted_on.back(np.zeros(())))
    fitted = fitted_on.there(natural)
    start, end = _ends(fitted, intercept_part, slope_part, fitted_on)
    shape = start.shape
    sii_draws = np.empty((int(np.prod(shape)), draws))
    rii_draws = np.empty_like(sii_draws)
    flat = [np.reshape(part, (-1, part.shape[-1])) for part in (centre, np.where(present, error, 0.0))]
    parts = [np.reshape(part, (-1, part.shape[-1])) for part in (intercept_part, slope_part)]
    for area, (mean, spread, a_part, b_part) in enumerate(zip(*flat, *parts, strict=True)):
        drawn = generator.normal(mean, spread, size=(draws, mean.size))
        start_draws, end_draws = _ends(fitted_on.there(drawn_on.back(drawn)), a_part, b_part, fitted_on)
        sii_draws[area], rii_draws[area] = end_draws - start_draws, end_draws / start_draws
    tails = (0.5 - confidence / 2, 0.5 + confidence / 2)
    normal_quantile(confidence)
    method = f"simulated, {draws} draws on the {drawn_on.name} scale, fitted on the {fitted_on.name} scale"

    def summary(estimate: np.ndarray, simulated: np.ndarray) -> Estimate:
        lower, upper = np.quantile(simulated, tails, axis=1, method="inverted_cdf").reshape(2, *shape)
        spread = simulated.std(axis=1, ddof=1).reshape(shape)
        return _estimate(estimate, Interval(lower, upper), spread, size, method)

    return SlopeIndices(
        sii=summary(end - start, sii_draws), rii=summary(end / start, rii_draws), intercept=plain(start)
    )


def _ordered_groups(values: ArrayLike, weights: ArrayLike, se: ArrayLike) -> tuple[np.ndarray, ...]:
    names = ("values", "weights", "se")
    y, size, error = same_shape(
        np.atleast_1d(as_floats(values, name="values")),
        np.atleast_1d(as_counts(weights, name="weights")),
        np.atleast_1d(as_counts(se, name="se")),
        names=names,
    )
    if y.shape[-1] < 2:
        raise StatsError("values must hold at least two groups along the last axis; a slope needs two ends")
    return y, size, error


def _line_weights(size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What each group's value adds to the height at rank 0, and to the slope, of the weighted least-squares line."""
    rank = ridits(size)
    share = size / np.where(size.sum(-1, keepdims=True) > 0, size.sum(-1, keepdims=True), np.nan)
    # The weighted mean of the ridits is always one half.
    away = rank - 0.5
    spread = (share * away**2).sum(-1, keepdims=True)
    slope_part = share * away / np.where(spread > 1e-15, spread, np.nan)
    return share - slope_part / 2, slope_part


def _ends(
    fitted: np.ndarray, intercept_part: np.ndarray, slope_part: np.ndarray, scale: Scale
) -> tuple[np.ndarray, np.ndarray]:
    a = (fitted * intercept_part).sum(-1)
    return scale.back(a), scale.back(a + (fitted * slope_part).sum(-1))


def _on_natural(
    a: np.ndarray, b: np.ndarray, variances: tuple[np.ndarray, ...], size: np.ndarray, confidence: float
) -> SlopeIndices:
    var_start, var_end, cov = variances
    z = normal_quantile(confidence)
    end = a + b
    se = np.sqrt(np.maximum(var_end + var_start - 2 * cov, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = end / a
        ratio_se = np.abs(ratio) * np.sqrt(var_end / end**2 + var_start / a**2 - 2 * cov / (a * end))
    return SlopeIndices(
        sii=_estimate(b, Interval(b - z * se, b + z * se), se, size, "weighted line, exact normal interval"),
        rii=_estimate(ratio, _fieller(a, end, variances, z), ratio_se, size, "weighted line, Fieller interval"),
        intercept=plain(a),
    )


def _fieller(start: np.ndarray, end: np.ndarray, variances: tuple[np.ndarray, ...], z: float) -> Interval:
    """The limits of end over start; NaN where the start is not clearly different from zero, for then there are none."""
    var_start, var_end, cov = variances
    square = start**2 - z**2 * var_start
    middle = start * end - z**2 * cov
    rest = end**2 - z**2 * var_end
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(middle**2 - square * rest)
        bounded = square > 0
        lower, upper = (np.where(bounded, (middle + sign * root) / square, np.nan) for sign in (-1, 1))
    return Interval(lower, upper)


def _on_scale(
    a: np.ndarray, b: np.ndarray, variances: tuple[np.ndarray, ...], size: np.ndarray, confidence: float, scale: Scale
) -> SlopeIndices:
    var_start, var_end, cov = variances
    z = normal_quantile(confidence)
    start, end = scale.back(a), scale.back(a + b)
    start_slope, end_slope = scale.back_slope(a), scale.back_slope(a + b)

    def delta_se(of_start: np.ndarray, of_end: np.ndarray) -> np.ndarray:
        variance = of_end**2 * var_end + of_start**2 * var_start + 2 * of_start * of_end * cov
        return np.sqrt(np.maximum(variance, 0))

    se = delta_se(-start_slope, end_slope)
    ratio = end / start
    log_se = delta_se(-start_slope / start, end_slope / end)
    rise = end - start
    method = f"weighted line on the {scale.name} scale"
    exact = "exact interval" if scale is LOG else "delta-method interval"
    return SlopeIndices(
        sii=_estimate(rise, Interval(rise - z * se, rise + z * se), se, size, f"{method}, delta-method interval"),
        rii=_estimate(
            ratio,
            Interval(ratio * np.exp(-z * log_se), ratio * np.exp(z * log_se)),
            ratio * log_se,
            size,
            f"{method}, {exact}",
        ),
        intercept=plain(start),
    )


def _estimate(estimate: np.ndarray, interval: Interval, se: np.ndarray, size: np.ndarray, method: str) -> Estimate:
    return Estimate(
        plain(estimate),
        plain(interval.lower),
        plain(interval.upper),
        se=plain(se),
        n=plain(size.sum(-1)),
        events=plain(np.full(np.shape(estimate), np.nan)),
        method=method,
    )
