"""The funnel: each service against a target, with alert and alarm limits that allow for ordinary variation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_binomial, as_counts, as_positive, check_confidence, normal_quantile
from fls_research.stats.results import Interval, StatsError
from fls_research.stats.variation.dispersion import (
    Dispersion,
    Scores,
    arcsine_scores,
    log_ratio_scores,
    square_root_ratio_scores,
    truncated_dispersion,
    winsorised_dispersion,
)
from fls_research.stats.variation.limits import binomial_limits_exact, poisson_limits_exact

ALARM_LOW, ALERT_LOW, WITHIN, ALERT_HIGH, ALARM_HIGH = "alarm low", "alert low", "within", "alert high", "alarm high"
NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """The shares of ordinary variation inside the alert and the alarm limits, and the least size that is judged.

    The clinical audits' guidance on outliers uses about two and three standard deviations: 0.95 and 0.998. ``fewest``
    is in trials, or in expected events for a ratio.

    >>> Bands(alert=0.95, alarm=0.998, fewest=20)
    Bands(alert=0.95, alarm=0.998, fewest=20)
    """

    alert: float
    alarm: float
    fewest: float

    def __post_init__(self) -> None:
        check_confidence(self.alert, name="alert")
        check_confidence(self.alarm, name="alarm")
        if not self.alert < self.alarm:
            raise StatsError(f"alarm must lie beyond alert; given alert {self.alert} and alarm {self.alarm}")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Funnel:
    """Services judged against a target.

    ``services`` has a row per service, in the order given: ``estimate``, ``n`` (trials or expected events), ``events``,
    ``z`` (chance alone), ``z_adjusted`` (with the variance between services), the four limits ``lower_alarm``,
    ``lower_alert``, ``upper_alert``, ``upper_alarm``, and ``status``. ``limits(sizes, coverage)`` gives the limits at
    any other size, for drawing. ``dispersion`` is None for a funnel of chance alone.
    """

    target: float
    bands: Bands
    dispersion: Dispersion | None
    tau2: float
    services: pd.DataFrame
    limits: Callable[[ArrayLike, float], Interval]
    method: str


def pooled_target(successes: ArrayLike, trials: ArrayLike) -> float:
    """The share of successes of all services together; services with a missing count are left out.

    Raises
    ------
    StatsError : for impossible counts, or when no service has trials.

    Spiegelhalter DJ (2005), Stat Med 24:1185–1202, §2.

    >>> pooled_target([60, 90], [100, 100])
    0.75
    """
    x, n = as_binomial(successes, trials, names=("successes", "trials"))
    known = ~np.isnan(x + n)
    if not n[known].sum() > 0:
        raise StatsError("trials are zero or missing in every service; there is no pooled target")
    return float(x[known].sum() / n[known].sum())


def binomial_funnel(successes: ArrayLike, trials: ArrayLike, *, target: float, bands: Bands) -> Funnel:
    """A funnel of proportions in which only chance makes services differ, with exact limits.

    Right for what should hardly differ, such as data quality. Where services truly differ it calls most of them
    outliers, and `arcsine_funnel` is the one to use. Takes one count pair per service; a service below
    ``bands.fewest`` trials, or with a missing count, is not judged. Impossible counts, and a target that is not
    strictly between 0 and 1, raise `StatsError`.

    Spiegelhalter DJ (2005), Stat Med 24:1185–1202.

    >>> bands = Bands(alert=0.95, alarm=0.998, fewest=20)
    >>> funnel = binomial_funnel([60, 75, 9], [100, 100, 10], target=0.75, bands=bands)
    >>> funnel.services[["estimate", "n", "z", "lower_alarm", "status"]].round(3)
       estimate      n      z  lower_alarm      status
    0      0.60  100.0 -3.464         0.61   alarm low
    1      0.75  100.0  0.000         0.61      within
    2      0.90   10.0  1.095         0.30  not judged
    """
    x, n = _paired(successes, trials)
    if not 0 < target < 1:
        raise StatsError(f"target must lie strictly between 0 and 1 for a funnel of proportions; given {target}")
    at_risk = np.where(n > 0, n, np.nan)
    scores = Scores(x / at_risk, np.sqrt(target * (1 - target) / at_risk), target)

    def limits(sizes: ArrayLike, coverage: float) -> Interval:
        return binomial_limits_exact(target, sizes, coverage=coverage)

    return _judged(
        x, n, x / at_risk, scores, target=target, bands=bands, dispersion=None, limits=limits, method="exact binomial"
    )


def arcsine_funnel(successes: ArrayLike, trials: ArrayLike, *, target: float, bands: Bands, trim: float) -> Funnel:
    """A funnel of proportions whose limits allow for the ordinary variation between services.

    Scores on the arcsine scale, winsorised by ``trim`` at each end (0.1 is usual), give φ and an additive variance τ².
    Where φ does not exceed 1 the limits are those of chance. Services below ``bands.fewest`` trials are neither judged
    nor used for φ. Arguments as in `binomial_funnel`. Raises `StatsError` as in `binomial_funnel`, and for ``trim``
    outside 0 to 0.5.

    Spiegelhalter DJ (2005), Qual Saf Health Care 14:347–351. R: ``FunnelPlotR::funnel_plot(data_type = "PR")``.

    >>> funnel = arcsine_funnel([60, 75, 90, 70, 82], [100] * 5, target=0.754, trim=0.1,
    ...     bands=Bands(alert=0.95, alarm=0.998, fewest=20))
    >>> round(funnel.dispersion.phi, 2), round(funnel.tau2, 4)
    (3.86, 0.0096)
    >>> funnel.services[["estimate", "z", "z_adjusted", "lower_alert", "upper_alert", "status"]].round(3)
       estimate      z  z_adjusted  lower_alert  upper_alert  status
    0      0.60 -3.315      -1.509        0.551        0.911  within
    1      0.75 -0.093      -0.042        0.551        0.911  within
    2      0.90  3.944       1.796        0.551        0.911  within
    3      0.70 -1.213      -0.552        0.551        0.911  within
    4      0.82  1.616       0.736        0.551        0.911  within
    """
    x, n = _paired(successes, trials)
    scores = arcsine_scores(x, n, target=target)
    dispersion = winsorised_dispersion(scores.only(n >= bands.fewest), trim=trim)
    tau2 = dispersion.tau2 if dispersion.overdispersed else 0.0

    def limits(sizes: ArrayLike, coverage: float) -> Interval:
        size = as_positive(sizes, name="sizes")
        half = normal_quantile(coverage) * np.sqrt(1 / (4 * size) + tau2)
        # Beyond a right angle the sine folds back, so an angle outside the scale means "no limit on that side".
        lower, upper = np.maximum(scores.centre - half, 0), np.minimum(scores.centre + half, np.pi / 2)
        return Interval(np.sin(lower) ** 2, np.sin(upper) ** 2)

    return _judged(
        x,
        n,
        x / np.where(n > 0, n, np.nan),
        scores,
        target=target,
        bands=bands,
        dispersion=dispersion,
        limits=limits,
        method="arcsine, winsorised φ, additive τ²",
    )


def log_ratio_funnel(observed: ArrayLike, expected: ArrayLike, *, bands: Bands, trim: float) -> Funnel:
    """A funnel of observed over expected on the log scale, the form of NHS England's hospital mortality indicator.

    The lowest and highest ``trim`` of scores are dropped before φ and τ² are found. A service without events has no
    score, but it is judged by the limits like any other. Where φ does not exceed 1 the limits are exact Poisson ones.
    Expected counts are used as given (the indicator rounds them to two decimals). Missing counts are not judged.

    Raises
    ------
    StatsError : for a negative count, an expectation of zero or less, columns of two lengths, or ``trim`` outside 0 to
        0.5.

    Campbell MJ, et al (2012), BMJ 344:e1001. R: ``FunnelPlotR`` with ``sr_method = "SHMI"``.

    >>> funnel = log_ratio_funnel([80, 120, 104, 99], [100, 100, 100, 100], trim=0.1,
    ...     bands=Bands(alert=0.95, alarm=0.998, fewest=5))
    >>> funnel.services[["estimate", "z", "lower_alert", "upper_alert", "status"]].round(3)
       estimate      z  lower_alert  upper_alert  status
    0      0.80 -2.231        0.719         1.39  within
    1      1.20  1.823        0.719         1.39  within
    2      1.04  0.392        0.719         1.39  within
    3      0.99 -0.101        0.719         1.39  within
    """
    o, e = _observed_and_expected(observed, expected)
    scores = log_ratio_scores(o, e)
    dispersion = truncated_dispersion(scores.only(e >= bands.fewest), trim=trim)

    def limits_on_scale(size: np.ndarray, half: np.ndarray) -> Interval:
        return Interval(np.exp(-half), np.exp(half))

    return _ratio_funnel(o, e, scores, dispersion, bands, limits_on_scale, s_factor=1.0, method="log, truncated φ")


def square_root_ratio_funnel(observed: ArrayLike, expected: ArrayLike, *, bands: Bands, trim: float) -> Funnel:
    """A funnel of observed over expected on the square-root scale, the form of the Care Quality Commission.

    Scores are winsorised by ``trim`` at each end. Limits are squared back to the scale of the ratio (FunnelPlotR 0.6.0
    leaves them on the scale of the root). No events are no trouble. Otherwise as `log_ratio_funnel`. Raises
    `StatsError` as in `log_ratio_funnel`.

    Spiegelhalter DJ, et al (2012), J R Stat Soc A 175:1–47, §3. R: ``FunnelPlotR`` with ``sr_method = "CQC"``.

    >>> funnel = square_root_ratio_funnel([80, 120, 104, 99], [100, 100, 100, 100], trim=0.1,
    ...     bands=Bands(alert=0.95, alarm=0.998, fewest=5))
    >>> funnel.services[["estimate", "z", "lower_alert", "upper_alert", "status"]].round(3)
       estimate      z  lower_alert  upper_alert  status
    0      0.80 -2.111        0.773        1.256  within
    1      1.20  1.909        0.773        1.256  within
    2      1.04  0.396        0.773        1.256  within
    3      0.99 -0.100        0.773        1.256  within
    """
    o, e = _observed_and_expected(observed, expected)
    scores = square_root_ratio_scores(o, e)
    dispersion = winsorised_dispersion(scores.only(e >= bands.fewest), trim=trim)

    def limits_on_scale(size: np.ndarray, half: np.ndarray) -> Interval:
        return Interval(np.maximum(1 - half, 0) ** 2, (1 + half) ** 2)

    return _ratio_funnel(
        o, e, scores, dispersion, bands, limits_on_scale, s_factor=0.25, method="square root, winsorised φ"
    )


def status_against(
    benchmark: float, *, alert: Interval, alarm: Interval, estimate: ArrayLike, judged: ArrayLike
) -> np.ndarray:
    """How each estimate stands to a benchmark, from its own two intervals rather than from a funnel's limits.

    An interval that leaves out the benchmark is an alert; the wider one, an alarm. Fingertips assigns the significance
    of its funnels so. Estimates with ``judged`` false, or without an interval, are ``"not judged"``.

    R: ``PHEindicatormethods::assign_funnel_significance``.

    >>> from fls_research.stats.proportions import wilson_interval
    >>> x, n = np.array([50, 80]), np.array([100, 100])
    >>> status_against(0.7, estimate=x / n, judged=n >= 20,
    ...     alert=wilson_interval(x, n, confidence=0.95), alarm=wilson_interval(x, n, confidence=0.998)).tolist()
    ['alarm low', 'alert high']
    """
    known = np.asarray(judged, dtype=bool) & ~np.isnan(np.asarray(estimate, dtype=float))
    return _labels(
        known,
        alarm_low=np.asarray(alarm.upper) < benchmark,
        alert_low=np.asarray(alert.upper) < benchmark,
        alert_high=np.asarray(alert.lower) > benchmark,
        alarm_high=np.asarray(alarm.lower) > benchmark,
    )


def _judged(
    events: np.ndarray,
    size: np.ndarray,
    estimate: np.ndarray,
    scores: Scores,
    *,
    target: float,
    bands: Bands,
    dispersion: Dispersion | None,
    limits: Callable[[ArrayLike, float], Interval],
    method: str,
) -> Funnel:
    tau2 = dispersion.tau2 if dispersion is not None and dispersion.overdispersed else 0.0
    drawn = np.where(size > 0, size, np.nan)
    alert, alarm = limits(drawn, bands.alert), limits(drawn, bands.alarm)
    status = _labels(
        (size >= bands.fewest) & ~np.isnan(estimate),
        alarm_low=estimate < alarm.lower,
        alert_low=estimate < alert.lower,
        alert_high=estimate > alert.upper,
        alarm_high=estimate > alarm.upper,
    )
    services = pd.DataFrame(
        {
            "estimate": estimate,
            "n": size,
            "events": events,
            "z": scores.z,
            "z_adjusted": scores.z_beyond(tau2),
            "lower_alarm": alarm.lower,
            "lower_alert": alert.lower,
            "upper_alert": alert.upper,
            "upper_alarm": alarm.upper,
            "status": status,
        }
    )
    return Funnel(
        target=target,
        bands=bands,
        dispersion=dispersion,
        tau2=tau2,
        services=services,
        limits=limits,
        method=method,
    )


def _ratio_funnel(
    observed: np.ndarray,
    expected: np.ndarray,
    scores: Scores,
    dispersion: Dispersion,
    bands: Bands,
    limits_on_scale: Callable[[np.ndarray, np.ndarray], Interval],
    *,
    s_factor: float,
    method: str,
) -> Funnel:
    def limits(sizes: ArrayLike, coverage: float) -> Interval:
        size = as_positive(sizes, name="sizes")
        if not dispersion.overdispersed:
            return poisson_limits_exact(size, coverage=coverage)
        return limits_on_scale(size, normal_quantile(coverage) * np.sqrt(s_factor / size + dispersion.tau2))

    return _judged(
        observed,
        expected,
        observed / expected,
        scores,
        target=1.0,
        bands=bands,
        dispersion=dispersion,
        limits=limits,
        method=f"{method}, additive τ²",
    )


def _labels(known: np.ndarray, **outside: np.ndarray) -> np.ndarray:
    tests = [outside["alarm_low"], outside["alert_low"], outside["alarm_high"], outside["alert_high"]]
    labels = np.select(tests, [ALARM_LOW, ALERT_LOW, ALARM_HIGH, ALERT_HIGH], default=WITHIN)
    return np.where(known, labels, NOT_JUDGED).astype(object)


def _paired(successes: ArrayLike, trials: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    return as_binomial(np.atleast_1d(successes), np.atleast_1d(trials), names=("successes", "trials"))


def _observed_and_expected(observed: ArrayLike, expected: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    o = np.atleast_1d(as_counts(observed, name="observed"))
    e = np.atleast_1d(as_positive(expected, name="expected"))
    if o.shape != e.shape:
        raise StatsError(f"observed and expected must have one length; given {o.shape} and {e.shape}")
    return o, e
