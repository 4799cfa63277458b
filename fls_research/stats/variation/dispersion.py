"""How far services differ beyond chance: z-scores, the dispersion factor φ and the additive variance τ²."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_binomial, as_counts, as_floats, as_positive, same_shape
from fls_research.stats.results import StatsError


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Distance of each service from the target: ``z`` in standard errors ``s`` of the ``transformed`` value.

    ``centre`` is the target on the transformed scale. A service that says nothing (no trials) has NaN.
    """

    transformed: np.ndarray
    s: np.ndarray
    centre: float

    @property
    def z(self) -> np.ndarray:
        return (self.transformed - self.centre) / self.s

    def z_beyond(self, tau2: float) -> np.ndarray:
        """Distance in standard errors that include the variance ``tau2`` between services."""
        return (self.transformed - self.centre) / np.sqrt(self.s**2 + tau2)

    def only(self, judged: np.ndarray) -> Scores:
        """The same scores, made NaN where ``judged`` is false."""
        return Scores(np.where(judged, self.transformed, np.nan), np.where(judged, self.s, np.nan), self.centre)


@dataclass(frozen=True, slots=True)
class Dispersion:
    """The dispersion factor ``phi`` (1 is chance alone), the variance ``tau2`` between services, and who was ``used``.

    ``phi`` is NaN and ``tau2`` 0 when no service could be used.
    """

    phi: float
    tau2: float
    used: int

    @property
    def overdispersed(self) -> bool:
        return self.phi > 1


def arcsine_scores(successes: ArrayLike, trials: ArrayLike, *, target: float) -> Scores:
    """Scores of proportions on the arcsine scale, where the chance variance is 1/(4n) whatever the proportion.

    Takes counts, one per service; none and all are no trouble. No trials, or a missing count, gives NaN. Raises
    `StatsError` for impossible counts and for a target that is not strictly between 0 and 1.

    Spiegelhalter DJ, et al (2012), J R Stat Soc A 175:1–47, §3. R: ``FunnelPlotR::funnel_plot(data_type = "PR")``.

    >>> arcsine_scores([60, 90], [100, 100], target=0.75).z.round(3)
    array([-3.222,  4.037])
    """
    x, n = as_binomial(successes, trials, names=("successes", "trials"))
    if not 0 < target < 1:
        raise StatsError(f"target must lie strictly between 0 and 1 for a funnel of proportions; given {target}")
    n = np.where(n > 0, n, np.nan)
    return Scores(np.arcsin(np.sqrt(x / n)), 1 / (2 * np.sqrt(n)), float(np.arcsin(np.sqrt(target))))


def log_ratio_scores(observed: ArrayLike, expected: ArrayLike) -> Scores:
    """Scores of observed over expected on the log scale, as the hospital mortality indicator of NHS England uses.

    Takes counts, one per service; ``expected`` must be above zero. A service without events has no logarithm and so no
    score (NaN): use `square_root_ratio_scores` where that can happen. Missing counts give NaN.

    Raises
    ------
    StatsError : for a negative count, or an expectation of zero or less.

    Campbell MJ, et al (2012), BMJ 344:e1001. R: ``FunnelPlotR::funnel_plot(data_type = "SR", sr_method = "SHMI")``,
    which gives minus infinity without events.

    >>> log_ratio_scores([80, 120, 0], [100, 100, 10]).z.round(3)
    array([-2.231,  1.823,    nan])
    """
    o, e = _observed_and_expected(observed, expected)
    return Scores(np.log(np.where(o > 0, o, np.nan) / e), 1 / np.sqrt(e), 0.0)


def square_root_ratio_scores(observed: ArrayLike, expected: ArrayLike) -> Scores:
    """Scores of observed over expected on the square-root scale, as the Care Quality Commission uses.

    Takes counts, one per service; ``expected`` must be above zero; no events are no trouble. Missing counts give NaN.
    Raises `StatsError` as in `log_ratio_scores`.

    Spiegelhalter DJ, et al (2012), J R Stat Soc A 175:1–47, §3.
    R: ``FunnelPlotR::funnel_plot(data_type = "SR", sr_method = "CQC")``.

    >>> square_root_ratio_scores([80, 120, 0], [100, 100, 10]).z.round(3)
    array([-2.111,  1.909, -6.325])
    """
    o, e = _observed_and_expected(observed, expected)
    return Scores(np.sqrt(o / e), 1 / (2 * np.sqrt(e)), 1.0)


def log_count_ratio_scores(counts: ArrayLike, other_counts: ArrayLike) -> Scores:
    """Scores of the ratio of two counts on the log scale, half an event added to each; the target is the total ratio.

    Takes counts, one per service. A service with neither, or with a missing count, gives NaN.

    Raises
    ------
    StatsError : for a negative count, or when one of the two holds no events at all.

    R: ``FunnelPlotR::funnel_plot(data_type = "RC")``.

    >>> log_count_ratio_scores([10, 40], [20, 20]).z.round(3)
    array([-2.399,  1.706])
    """
    a, b = same_shape(
        as_counts(counts, name="counts"),
        as_counts(other_counts, name="other_counts"),
        names=("counts", "other_counts"),
    )
    known = ~np.isnan(a + b) & (a + b > 0)
    total, other_total = a[known].sum(), b[known].sum()
    if total == 0 or other_total == 0:
        raise StatsError("counts and other_counts must each hold some events; a ratio of totals is the target")
    s = np.sqrt(a / (a + 0.5) ** 2 + b / (b + 0.5) ** 2)
    transformed = np.log((a + 0.5) / (b + 0.5))
    centre = float(np.log(total / other_total))
    return Scores(transformed, s, centre).only(known)


def winsorised_dispersion(scores: Scores, *, trim: float) -> Dispersion:
    """φ and τ² after the extreme z-scores are drawn in to the quantiles ``trim`` and 1 − ``trim`` (0.1 is usual).

    Nobody is left out, so a few true outliers do not inflate the limits that should find them. τ² is the moment
    estimator of DerSimonian and Laird, 0 where φ does not exceed what chance gives.

    Raises
    ------
    StatsError : for ``trim`` outside 0 to 0.5.

    Spiegelhalter DJ (2005), Qual Saf Health Care 14:347–351; DerSimonian R, Laird N (1986), Control Clin Trials
    7:177–188. R: ``FunnelPlotR``.

    >>> scores = arcsine_scores([60, 75, 90, 70, 82], [100] * 5, target=0.754)
    >>> result = winsorised_dispersion(scores, trim=0.1)
    >>> round(result.phi, 4), round(result.tau2, 6), result.used
    (3.8591, 0.00956, 5)
    """
    z, s = _known(scores)
    if z.size == 0:
        return Dispersion(phi=float("nan"), tau2=0.0, used=0)
    low, high = np.quantile(z, [_checked_trim(trim), 1 - trim])
    return _dispersion(np.clip(z, low, high), s)


def truncated_dispersion(scores: Scores, *, trim: float) -> Dispersion:
    """φ and τ² from the services that are left when the lowest and highest ``trim`` of z-scores are dropped.

    The form of the hospital mortality indicator of NHS England. A service of rank r among n is dropped when r/(n + 1)
    is below ``trim``, or at least 1 − ``trim``; equal scores share the lowest rank. Raises `StatsError` as in
    `winsorised_dispersion`.

    NHS Digital (2014), Summary Hospital-level Mortality Indicator: indicator specification.
    R: ``FunnelPlotR`` with ``sr_method = "SHMI"``.

    >>> scores = log_ratio_scores([60, 75, 90, 70, 82], [75] * 5)
    >>> result = truncated_dispersion(scores, trim=0.2)
    >>> round(result.phi, 4), round(result.tau2, 6), result.used
    (0.3181, 0.0, 3)
    """
    z, s = _known(scores)
    if z.size == 0:
        return Dispersion(phi=float("nan"), tau2=0.0, used=0)
    rank = np.searchsorted(np.sort(z), z, side="left") + 1
    part = np.floor(rank / _checked_trim(trim) / (z.size + 1) + 1e-12)
    kept = (part > 0) & (part < np.round(1 / trim) - 1)
    if not kept.any():
        return Dispersion(phi=float("nan"), tau2=0.0, used=0)
    return _dispersion(z[kept], s[kept])


def _dispersion(z: np.ndarray, s: np.ndarray) -> Dispersion:
    k = z.size
    phi = float(np.mean(z**2))
    weight = 1 / s**2
    total = weight.sum()
    spread = total - np.sum(weight**2) / total
    excess = k * phi - (k - 1)
    # One service has no spread, and no variance between services.
    tau2 = float(max(excess / spread, 0.0)) if k > 1 else 0.0
    return Dispersion(phi=phi, tau2=tau2, used=k)


def _known(scores: Scores) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(scores.z)
    return scores.z[known], scores.s[known]


def _checked_trim(trim: float) -> float:
    if not 0 < trim < 0.5:
        raise StatsError(f"trim must lie between 0 and 0.5, such as 0.1; given {trim}")
    return trim


def _observed_and_expected(observed: ArrayLike, expected: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    o, e = as_counts(observed, name="observed"), as_positive(expected, name="expected")
    return tuple(same_shape(o, as_floats(e, name="expected"), names=("observed", "expected")))
