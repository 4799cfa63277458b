"""Random effects: the mean and variance of a population of services, and each service drawn towards the mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_complete, as_positive, normal_quantile
from fls_research.stats.results import Estimate, StatsError
from fls_research.stats.variation.dispersion import arcsine_scores
from fls_research.stats.variation.funnel import pooled_target


@dataclass(frozen=True, slots=True)
class RandomEffects:
    """The mean of the services with its interval, the variance ``tau2`` between them, and Cochran's ``q``."""

    mean: float
    lower: float
    upper: float
    se: float
    tau2: float
    q: float
    services: int


def dersimonian_laird(estimates: ArrayLike, se: ArrayLike, *, confidence: float) -> RandomEffects:
    """The random-effects mean and variance of independent estimates, by the method of moments.

    Takes one estimate and its standard error per service, on a scale where they are about normal. Missing values and
    standard errors of zero raise `StatsError`. One service gives its own estimate and no variance.

    DerSimonian R, Laird N (1986), Control Clin Trials 7:177–188. R: ``metafor::rma(yi, sei = se, method = "DL")``.

    >>> result = dersimonian_laird([0.1, 0.3, 0.6, 0.2], [0.1, 0.1, 0.15, 0.2], confidence=0.95)
    >>> round(result.mean, 4), round(result.se, 4), round(result.tau2, 4)
    (0.2905, 0.1054, 0.0266)
    """
    y, v = _estimates_and_variances(estimates, se)
    z = normal_quantile(confidence)
    weight = 1 / v
    q = float(np.sum(weight * (y - np.sum(weight * y) / weight.sum()) ** 2))
    spread = weight.sum() - np.sum(weight**2) / weight.sum()
    tau2 = max((q - (y.size - 1)) / spread, 0.0) if y.size > 1 else 0.0
    together = 1 / (v + tau2)
    mean, se_mean = float(np.sum(together * y) / together.sum()), float(together.sum() ** -0.5)
    return RandomEffects(
        mean=mean,
        lower=mean - z * se_mean,
        upper=mean + z * se_mean,
        se=se_mean,
        tau2=float(tau2),
        q=q,
        services=y.size,
    )


def empirical_bayes(estimates: ArrayLike, se: ArrayLike, *, confidence: float) -> Estimate:
    """Each service's estimate drawn towards the mean by as much as its own uncertainty demands.

    Mean and variance are those of `dersimonian_laird`; the interval holds the service's own uncertainty and that of the
    mean, not that of τ². Without variance between services every service has the mean. Arguments and missing values as
    in `dersimonian_laird`. Raises `StatsError` as in `dersimonian_laird`.

    Morris CN (1983), J Am Stat Assoc 78:47–55. R: ``metafor::blup(metafor::rma(yi, sei = se, method = "DL"))``.

    >>> empirical_bayes([0.1, 0.3, 0.6, 0.2], [0.1, 0.1, 0.15, 0.2], confidence=0.95).estimate.round(4)
    array([0.152 , 0.2974, 0.4582, 0.2543])
    """
    y, v = _estimates_and_variances(estimates, se)
    whole = dersimonian_laird(y, np.sqrt(v), confidence=confidence)
    own = whole.tau2 / (whole.tau2 + v)
    shrunken = own * y + (1 - own) * whole.mean
    spread = np.sqrt(own * v + (1 - own) ** 2 * whole.se**2)
    half = normal_quantile(confidence) * spread
    nothing = np.full(y.shape, np.nan)
    return Estimate(
        shrunken,
        shrunken - half,
        shrunken + half,
        se=spread,
        n=nothing,
        events=nothing,
        method="empirical Bayes, DerSimonian–Laird",
    )


def shrunken_proportions(successes: ArrayLike, trials: ArrayLike, *, confidence: float) -> Estimate:
    """Each service's proportion drawn towards the mean, worked on the arcsine scale and turned back.

    Takes one count pair per service; none and all are no trouble. ``se`` is on the arcsine scale. Services without
    trials and missing counts raise `StatsError`: leave them out.

    Source as in `empirical_bayes`, with the arcsine scores of Spiegelhalter (2012).

    >>> shrunken_proportions([2, 40, 90], [4, 80, 100], confidence=0.95).frame()[["estimate", "n", "events"]].round(3)
       estimate      n  events
    0     0.569    4.0     2.0
    1     0.505   80.0    40.0
    2     0.896  100.0    90.0
    """
    x = as_complete(successes, name="successes")
    n = as_complete(as_positive(trials, name="trials"), name="trials")
    total = pooled_target(x, n)
    if not 0 < total < 1:
        raise StatsError("successes are none or all in every service; there is no variation to draw services towards")
    scores = arcsine_scores(x, n, target=total)
    angle = empirical_bayes(scores.transformed, scores.s, confidence=confidence)

    def turned_back(angles: np.ndarray) -> np.ndarray:
        return np.sin(np.clip(angles, 0, np.pi / 2)) ** 2

    return Estimate(
        turned_back(angle.estimate),
        turned_back(angle.lower),
        turned_back(angle.upper),
        se=angle.se,
        n=n,
        events=x,
        method="empirical Bayes, arcsine, DerSimonian–Laird",
    )


def _estimates_and_variances(estimates: ArrayLike, se: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y = as_complete(estimates, name="estimates")
    errors = as_complete(as_positive(se, name="se"), name="se")
    if y.shape != errors.shape:
        raise StatsError(f"estimates and se must have one length; given {y.size} and {errors.size}")
    return y, errors**2
