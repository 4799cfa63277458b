"""Control limits of a funnel when only chance makes services differ: binomial and Poisson, exact and normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom, poisson

from fls_research.stats._checks import (
    as_counts,
    as_floats,
    as_positive,
    check_confidence,
    normal_quantile,
    plain,
    same_shape,
)
from fls_research.stats.proportions.rates import exact_poisson_interval
from fls_research.stats.results import Interval, StatsError


def binomial_limits_exact(target: ArrayLike, trials: ArrayLike, *, coverage: float) -> Interval:
    """The binomial quantiles of the share of successes, at each number of trials.

    Between the limits, both ends included, lies at least ``coverage`` of what chance alone would give. Takes a target
    between 0 and 1 and whole trials, which broadcast; no trials, or a missing number, gives NaN. Raises `StatsError`
    for a target outside 0 to 1.

    Spiegelhalter DJ (2005), Stat Med 24:1185–1202, §A.1. R: ``qbinom(c(.025, .975), n, p) / n``.

    >>> lower, upper = binomial_limits_exact(0.8, [10, 100], coverage=0.95)
    >>> lower.round(2), upper.round(2)
    (array([0.5 , 0.72]), array([1.  , 0.88]))
    """
    p, n = _target_and_trials(target, trials)
    tail = _tail(coverage)
    return Interval(plain(binom.ppf(tail, n, p) / n), plain(binom.ppf(1 - tail, n, p) / n))


def binomial_limits_interpolated(target: ArrayLike, trials: ArrayLike, *, coverage: float) -> Interval:
    """Exact binomial limits smoothed between whole counts, as funnels are usually drawn.

    The limit moves below the quantile by the part of its probability that the tail does not need, so the curve has no
    steps. Arguments and missing values as in `binomial_limits_exact`. Raises `StatsError` as in
    `binomial_limits_exact`.

    Spiegelhalter DJ (2005), Stat Med 24:1185–1202, §A.1.1.

    >>> lower, upper = binomial_limits_interpolated(0.8, [10, 100], coverage=0.95)
    >>> lower.round(4), upper.round(4)
    (array([0.4705, 0.7135]), array([0.9767, 0.8703]))
    """
    p, n = _target_and_trials(target, trials)
    tail = _tail(coverage)
    return Interval(plain(_binomial_interpolated(tail, n, p)), plain(_binomial_interpolated(1 - tail, n, p)))


def binomial_limits_normal(target: ArrayLike, trials: ArrayLike, *, coverage: float) -> Interval:
    """The normal approximation to binomial limits, kept within 0 and 1.

    These are also the proportions whose Wilson interval just touches the target, which is how Fingertips defines its
    funnel. Arguments and missing values as in `binomial_limits_exact`; trials need not be whole. Raises `StatsError` as
    in `binomial_limits_exact`.

    Spiegelhalter DJ (2005), Stat Med 24:1185–1202, §2.2.
    R: ``PHEindicatormethods::calculate_funnel_limits(statistic = "proportion")``.

    >>> lower, upper = binomial_limits_normal(0.8, 100, coverage=0.95)
    >>> round(lower, 4), round(upper, 4)
    (0.7216, 0.8784)
    """
    p, n = _target_and_trials(target, trials)
    half = normal_quantile(_checked(coverage)) * np.sqrt(p * (1 - p) / n)
    return Interval(plain(np.maximum(p - half, 0)), plain(np.minimum(p + half, 1)))


def poisson_limits_exact(expected: ArrayLike, *, coverage: float) -> Interval:
    """Exact limits of the ratio observed over expected, by the exact interval of a count equal to the expected one.

    Takes expected counts above zero, whole or not; gives ratios around 1. A missing count gives NaN; a count of zero or
    less raises `StatsError`.

    R: ``qchisq(.025, 2 * E) / 2 / E``, as ``FunnelPlotR`` draws a standardised ratio without overdispersion.

    >>> lower, upper = poisson_limits_exact([15, 20], coverage=0.95)
    >>> lower.round(6), upper.round(6)
    (array([0.559692, 0.610826]), array([1.649348, 1.544419]))
    """
    e = as_positive(expected, name="expected")
    lower, upper = exact_poisson_interval(e, confidence=_checked(coverage))
    return Interval(plain(lower / e), plain(upper / e))


def poisson_limits_interpolated(expected: ArrayLike, *, coverage: float) -> Interval:
    """Poisson quantiles of the ratio observed over expected, smoothed between whole counts.

    Arguments and missing values as in `poisson_limits_exact`. Raises `StatsError` as in `poisson_limits_exact`.

    Spiegelhalter DJ (2005), Stat Med 24:1185–1202, §A.1.1.

    >>> lower, upper = poisson_limits_interpolated(20, coverage=0.95)
    >>> round(lower, 4), round(upper, 4)
    (0.5603, 1.4373)
    """
    e = as_positive(expected, name="expected")
    tail = _tail(coverage)

    def limit(probability: float) -> np.ndarray:
        count = poisson.ppf(probability, e)
        return _smoothed(count, probability, poisson.cdf(count, e), poisson.cdf(count - 1, e))

    return Interval(plain(limit(tail) / e), plain(limit(1 - tail) / e))


def poisson_limits_normal(expected: ArrayLike, *, coverage: float) -> Interval:
    """The normal approximation to limits of the ratio observed over expected, not below zero.

    Arguments and missing values as in `poisson_limits_exact`. Raises `StatsError` as in `poisson_limits_exact`.

    Spiegelhalter DJ (2005), Stat Med 24:1185–1202, §2.2.

    >>> lower, upper = poisson_limits_normal(25, coverage=0.95)
    >>> round(lower, 4), round(upper, 4)
    (0.608, 1.392)
    """
    e = as_positive(expected, name="expected")
    half = normal_quantile(_checked(coverage)) / np.sqrt(e)
    return Interval(plain(np.maximum(1 - half, 0)), plain(1 + half))


def ratio_limits_touching(observed: ArrayLike, *, coverage: float) -> Interval:
    """The ratios at which a service with this many events would have an exact interval that just touches 1.

    This is how Fingertips draws the funnel of a standardised ratio, along observed and not expected events. No events,
    or a missing count, give NaN. A negative count raises `StatsError`.

    R: ``PHEindicatormethods::calculate_funnel_limits(statistic = "ratio")``.

    >>> lower, upper = ratio_limits_touching(6, coverage=0.95)
    >>> round(lower, 6), round(upper, 6)
    (0.459437, 2.724926)
    """
    x = as_counts(observed, name="observed")
    lower, upper = exact_poisson_interval(x, confidence=_checked(coverage))
    some = np.where(x > 0, x, np.nan)
    return Interval(plain(some / upper), plain(some / np.where(x > 0, lower, np.nan)))


def _target_and_trials(target: ArrayLike, trials: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    p, n = as_floats(target, name="target"), as_counts(trials, name="trials")
    if np.any((p < 0) | (p > 1)):
        raise StatsError("target must lie between 0 and 1; divide a percentage by 100")
    p, n = same_shape(p, n, names=("target", "trials"))
    return p, np.where(n > 0, n, np.nan)


def _checked(coverage: float) -> float:
    check_confidence(coverage, name="coverage")
    return coverage


def _tail(coverage: float) -> float:
    return (1 - _checked(coverage)) / 2


def _binomial_interpolated(probability: float, n: np.ndarray, p: np.ndarray) -> np.ndarray:
    count = binom.ppf(probability, n, p)
    return _smoothed(count, probability, binom.cdf(count, n, p), binom.cdf(count - 1, n, p)) / n


def _smoothed(count: np.ndarray, probability: float, reached: np.ndarray, before: np.ndarray) -> np.ndarray:
    unneeded = (reached - probability) / (reached - before)
    return np.maximum(count - unneeded, 0)
