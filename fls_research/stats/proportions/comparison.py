"""Two independent proportions: their difference (Newcombe) and their ratio (Katz; Koopman's score interval)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from fls_research.stats._checks import as_binomial, check_confidence, normal_quantile, plain, same_shape
from fls_research.stats.proportions.single import wilson_interval
from fls_research.stats.results import Estimate, Interval, StatsError

_NAMES = ("successes", "trials", "other_successes", "other_trials")
_BISECTIONS = 64


def newcombe_difference(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike, *, confidence: float
) -> Estimate:
    """The difference of two independent proportions, first minus other, with Newcombe's hybrid score interval.

    Takes counts that broadcast; gives a difference between −1 and 1. ``n`` and ``events`` are the sums over both
    groups. A group without trials, or a missing count, gives NaN.

    Raises
    ------
    StatsError : naming the argument, for a negative count, successes beyond trials, groups that do not fit together, or
        a confidence outside 0 to 1.

    Newcombe RG (1998), Stat Med 17:873–890, method 10. R: ``DescTools::BinomDiffCI(method = "score")``.

    >>> gap = newcombe_difference(56, 70, 48, 80, confidence=0.95)
    >>> round(gap.estimate, 4), round(gap.lower, 4), round(gap.upper, 4)
    (0.2, 0.0524, 0.3339)
    """
    x1, n1, x2, n2, people = _two_groups(successes, trials, other_successes, other_trials)
    p1, p2 = x1 / n1, x2 / n2
    lower1, upper1 = wilson_interval(x1, n1, confidence=confidence)
    lower2, upper2 = wilson_interval(x2, n2, confidence=confidence)
    difference = p1 - p2
    return Estimate(
        plain(difference),
        plain(difference - np.hypot(p1 - lower1, upper2 - p2)),
        plain(difference + np.hypot(upper1 - p1, p2 - lower2)),
        se=plain(np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)),
        n=plain(people),
        events=plain(x1 + x2),
        method="Newcombe hybrid score",
    )


def katz_ratio(
    successes: ArrayLike,
    trials: ArrayLike,
    other_successes: ArrayLike,
    other_trials: ArrayLike,
    *,
    confidence: float,
    added: float,
) -> Estimate:
    """The ratio of two independent proportions, first to other, with a log-normal interval.

    ``added`` is put to both successes and both trials before anything else: 0 for Katz's interval, 0.5 for Walter's,
    which stays finite when a group has no events. With 0, a group without events has no interval (NaN); then
    `koopman_ratio` answers. ``se`` is that of the natural logarithm. ``n`` and ``events`` are sums over both groups, as
    counted. Missing counts and groups without trials give NaN. Raises `StatsError` as in `newcombe_difference`, and for
    ``added`` below zero.

    Katz D, et al (1978), Biometrics 34:469–474; Walter SD (1975), Biometrika 62:371–374.
    R: ``epitools::riskratio.wald``.

    >>> ratio = katz_ratio(30, 100, 20, 100, confidence=0.95, added=0)
    >>> round(ratio.estimate, 4), round(ratio.lower, 4), round(ratio.upper, 4)
    (1.5, 0.916, 2.4564)
    """
    if not added >= 0:
        raise StatsError(f"added must be zero or more, such as 0 or 0.5; given {added}")
    x1, n1, x2, n2, people = _two_groups(successes, trials, other_successes, other_trials)
    a, m, b, k = x1 + added, n1 + added, x2 + added, n2 + added
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (a / m) / (b / k)
        se = np.sqrt(1 / a - 1 / m + 1 / b - 1 / k)
    se = np.where(np.isfinite(se), se, np.nan)
    with np.errstate(invalid="ignore"):
        factor = np.exp(normal_quantile(confidence) * se)
        lower, upper = ratio / factor, ratio * factor
    method = "Katz log" if added == 0 else f"log, {added:g} added to each count"
    return Estimate(
        plain(ratio),
        plain(lower),
        plain(upper),
        se=plain(se),
        n=plain(people),
        events=plain(x1 + x2),
        method=method,
    )


def koopman_ratio(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike, *, confidence: float
) -> Estimate:
    """The ratio of two independent proportions, first to other, with Koopman's score interval.

    It needs no correction: without events in the first group the lower limit is 0, without events in the other the
    upper is infinite, and without events in either nothing is known (NaN, 0, infinity). ``se`` is that of the natural
    logarithm, NaN where a group has no events. Other arguments as in `katz_ratio`. Raises `StatsError` as in
    `newcombe_difference`.

    Koopman PAR (1984), Biometrics 40:513–517. R: ``PropCIs::riskscoreci``.

    >>> ratio = koopman_ratio(36, 40, 16, 80, confidence=0.95)
    >>> round(ratio.estimate, 2), round(ratio.lower, 2), round(ratio.upper, 2)
    (4.5, 2.94, 7.15)
    """
    x1, n1, x2, n2, people = _two_groups(successes, trials, other_successes, other_trials)
    check_confidence(confidence)
    critical = chi2.ppf(confidence, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (x1 / n1) / (x2 / n2)
        se = np.sqrt(1 / x1 - 1 / n1 + 1 / x2 - 1 / n2)

    def inside(log_ratio: np.ndarray) -> np.ndarray:
        return _koopman_statistic(x1, n1, x2, n2, np.exp(log_ratio)) < critical

    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.log(ratio)
    lower = np.where(x1 > 0, np.exp(_crossing(inside, centre, x1, x2, towards=-1.0)), 0.0)
    upper = np.where(x2 > 0, np.exp(_crossing(inside, centre, x1, x2, towards=1.0)), np.inf)
    answerable = np.isfinite(n1 + n2 + x1 + x2)
    return Estimate(
        plain(ratio),
        *_masked(Interval(lower, upper), answerable),
        se=plain(np.where(np.isfinite(se), se, np.nan)),
        n=plain(people),
        events=plain(x1 + x2),
        method="Koopman score",
    )


def _koopman_statistic(x1: np.ndarray, n1: np.ndarray, x2: np.ndarray, n2: np.ndarray, ratio: np.ndarray) -> np.ndarray:
    """Pearson's chi-square of both counts at the maximum-likelihood proportions that have this ratio."""
    b = (n1 + x2) * ratio + x1 + n2
    root = np.sqrt(np.maximum(b**2 - 4 * ratio * (n1 + n2) * (x1 + x2), 0))
    # This form of the smaller root loses no digits when the ratio is extreme.
    first = np.minimum(2 * ratio * (x1 + x2) / (b + root), 1.0)
    other = np.minimum(first / ratio, 1.0)
    return _pearson(x1, n1, first) + _pearson(x2, n2, other)


def _pearson(x: np.ndarray, n: np.ndarray, p: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x == n * p, 0.0, (x - n * p) ** 2 / (n * p * (1 - p)))


def _crossing(
    inside: Callable[[np.ndarray], np.ndarray], centre: np.ndarray, x1: np.ndarray, x2: np.ndarray, *, towards: float
) -> np.ndarray:
    """The log ratio, on one side of the estimate, at which the score statistic reaches its critical value."""
    far = towards * 60.0
    start = np.where((x1 > 0) & (x2 > 0), centre, -far)
    near, beyond = np.nan_to_num(start), np.full(np.shape(start), far)
    for _ in range(_BISECTIONS):
        middle = (near + beyond) / 2
        within = inside(middle)
        near, beyond = np.where(within, middle, near), np.where(within, beyond, middle)
    return (near + beyond) / 2


def _two_groups(
    successes: ArrayLike, trials: ArrayLike, other_successes: ArrayLike, other_trials: ArrayLike
) -> tuple[np.ndarray, ...]:
    """Both groups' counts, trials made NaN where there are none, and the number of people in both as given."""
    x1, n1 = as_binomial(successes, trials, names=_NAMES[:2])
    x2, n2 = as_binomial(other_successes, other_trials, names=_NAMES[2:])
    x1, n1, x2, n2 = same_shape(x1, n1, x2, n2, names=_NAMES)
    return x1, np.where(n1 > 0, n1, np.nan), x2, np.where(n2 > 0, n2, np.nan), n1 + n2


def _masked(interval: Interval, answerable: np.ndarray) -> Interval:
    return Interval(*(plain(np.where(answerable, bound, np.nan)) for bound in interval))
