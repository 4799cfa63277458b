"""One proportion: the score interval of Wilson and the exact interval of Clopper and Pearson."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta

from fls_research.stats._checks import as_binomial, check_confidence, normal_quantile, plain
from fls_research.stats.results import Estimate, Interval


def wilson_interval(successes: ArrayLike, trials: ArrayLike, *, confidence: float) -> Interval:
    """Wilson's score interval of a proportion, without continuity correction.

    Takes counts (scalars, arrays or columns that broadcast); gives proportions between 0 and 1. Weighted counts need
    not be whole. No trials, or a missing count, gives NaN. Raises `StatsError`, a `ValueError`, that names the argument
    when a count is negative, when successes exceed trials, or when ``confidence`` is outside 0 to 1.

    Wilson EB (1927), J Am Stat Assoc 22:209–212. R: ``prop.test(x, n, correct = FALSE)``.

    >>> lower, upper = wilson_interval(65, 100, confidence=0.95)
    >>> round(lower, 6), round(upper, 6)
    (0.552544, 0.736358)
    >>> wilson_interval([0, 0], [0, 10], confidence=0.95).upper.round(4)
    array([   nan, 0.2775])
    """
    x, n = as_binomial(successes, trials, names=("successes", "trials"))
    z = normal_quantile(confidence)
    n = np.where(n > 0, n, np.nan)
    centre = 2 * x + z**2
    half = z * np.sqrt(z**2 + 4 * x * (1 - x / n))
    scale = 2 * (n + z**2)
    # Rounding must not push the bound of "none" or "all" past the end of the scale.
    lower = np.where(x == 0, n * 0.0, (centre - half) / scale)
    upper = np.where(x == n, n / n, (centre + half) / scale)
    return Interval(plain(lower), plain(upper))


def clopper_pearson_interval(successes: ArrayLike, trials: ArrayLike, *, confidence: float) -> Interval:
    """The exact (conservative) interval of a proportion.

    Arguments and missing values as in `wilson_interval`. Raises `StatsError` as in `wilson_interval`.

    Clopper CJ, Pearson ES (1934), Biometrika 26:404–413. R: ``binom.test(x, n)$conf.int``.

    >>> lower, upper = clopper_pearson_interval(65, 100, confidence=0.95)
    >>> round(lower, 6), round(upper, 6)
    (0.548151, 0.742706)
    """
    x, n = as_binomial(successes, trials, names=("successes", "trials"))
    check_confidence(confidence)
    tail = (1 - confidence) / 2
    n = np.where(n > 0, n, np.nan)
    with np.errstate(invalid="ignore"):
        lower = np.where(x == 0, n * 0.0, beta.ppf(tail, x, n - x + 1))
        upper = np.where(x == n, n / n, beta.ppf(1 - tail, x + 1, n - x))
    return Interval(plain(lower), plain(upper))


def wilson_proportion(successes: ArrayLike, trials: ArrayLike, *, confidence: float) -> Estimate:
    """A proportion with Wilson's interval; the standard error is the binomial one at the estimate.

    Arguments, missing values and source as in `wilson_interval`. Raises `StatsError` as in `wilson_interval`.

    >>> wilson_proportion([5, 50], [100, 100], confidence=0.95).frame().round(4)
       estimate   lower   upper      se      n  events  method
    0      0.05  0.0215  0.1118  0.0218  100.0     5.0  Wilson
    1      0.50  0.4038  0.5962  0.0500  100.0    50.0  Wilson
    """
    return _estimate(successes, trials, wilson_interval(successes, trials, confidence=confidence), method="Wilson")


def clopper_pearson_proportion(successes: ArrayLike, trials: ArrayLike, *, confidence: float) -> Estimate:
    """A proportion with the exact interval; the standard error is the binomial one at the estimate.

    Arguments, missing values and source as in `clopper_pearson_interval`. Raises `StatsError` as in
    `clopper_pearson_interval`.

    >>> clopper_pearson_proportion(0, 10, confidence=0.95).frame().round(4)
       estimate  lower   upper   se     n  events           method
    0       0.0    0.0  0.3085  0.0  10.0     0.0  Clopper–Pearson
    """
    interval = clopper_pearson_interval(successes, trials, confidence=confidence)
    return _estimate(successes, trials, interval, method="Clopper–Pearson")


def _estimate(successes: ArrayLike, trials: ArrayLike, interval: Interval, *, method: str) -> Estimate:
    x, n = as_binomial(successes, trials, names=("successes", "trials"))
    at_risk = np.where(n > 0, n, np.nan)
    p = x / at_risk
    se = np.sqrt(p * (1 - p) / at_risk)
    return Estimate(plain(p), *interval, se=plain(se), n=plain(n), events=plain(x), method=method)
