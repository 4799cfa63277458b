"""Estimates whose rows are not independent, or not counts: the clustered proportion and the mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit
from scipy.stats import t

from fls_research.stats._checks import as_binomial, as_complete, as_floats, as_keys, check_confidence
from fls_research.stats.results import Estimate, StatsError


@dataclass(frozen=True, slots=True, eq=False)
class ClusteredProportion(Estimate):
    """An estimate, the number of clusters it rests on, and how much their likeness widened its variance."""

    clusters: int
    design_effect: float


def clustered_proportion(
    successes: ArrayLike, trials: ArrayLike, clusters: Iterable, *, confidence: float
) -> ClusteredProportion:
    """A proportion over patients who came in clusters: a ratio estimator with linearised variance.

    Rows are patients (trials of 1, or their weights) or groups of patients; rows of one cluster are added up first, so
    the order and the cutting of rows do not matter. The interval is on the logit scale with Student's t on clusters
    less one degrees of freedom; it is NaN when no row, or every row, succeeded. ``design_effect`` is against simple
    random sampling of as many trials, p(1 − p)/(n − 1), as in ``survey::svymean(deff = "replace")``. Raises
    `StatsError` for missing counts or keys, for fewer than two clusters with trials, and when nobody is at risk.

    Cochran WG (1977), Sampling Techniques, 3rd ed, §6.3 and §9A. R: ``survey::svyciprop(method = "logit")``.

    >>> result = clustered_proportion([8, 3, 9, 4], [10, 10, 10, 10], ["a", "b", "c", "d"], confidence=0.95)
    >>> round(result.estimate, 4), round(result.se, 4), round(result.design_effect, 2)
    (0.6, 0.1472, 3.52)
    """
    x, n = as_binomial(
        as_complete(successes, name="successes"), as_complete(trials, name="trials"), names=("successes", "trials")
    )
    check_confidence(confidence)
    codes = as_keys(clusters, name="clusters", length=n.size)
    total_x, total_n = np.bincount(codes, weights=x), np.bincount(codes, weights=n)
    total_x, total_n = total_x[total_n > 0], total_n[total_n > 0]
    k = total_n.size
    if k < 2:
        raise StatsError(f"clusters must hold at least two clusters with trials; there are {k}")
    events, people = float(total_x.sum()), float(total_n.sum())
    p = events / people
    se = float(np.sqrt(k / (k - 1) * np.sum((total_x - p * total_n) ** 2)) / people)
    quantile = float(t.ppf(0.5 + confidence / 2, k - 1))
    simple = p * (1 - p) / (people - 1) if people > 1 else 0.0
    if 0 < p < 1:
        half = quantile * se / (p * (1 - p))
        lower, upper = float(expit(logit(p) - half)), float(expit(logit(p) + half))
    else:
        lower = upper = float("nan")
    return ClusteredProportion(
        p,
        lower,
        upper,
        se=se,
        n=people,
        events=events,
        method="ratio estimator, linearised variance, logit t interval",
        clusters=k,
        design_effect=se**2 / simple if simple > 0 else float("nan"),
    )


def student_mean(values: ArrayLike, *, confidence: float) -> Estimate:
    """The mean of a sample with Student's t interval.

    Takes one-dimensional values in any unit; missing ones are left out and ``n`` says how many were used. One value has
    no interval (NaN); none at all raises `StatsError`.

    Student (1908), Biometrika 6:1–25. R: ``t.test(x)$conf.int``.

    >>> mean = student_mean([4.0, 6.0, 8.0, None], confidence=0.95)
    >>> mean.estimate, round(mean.lower, 4), round(mean.upper, 4), mean.n
    (6.0, 1.0317, 10.9683, 3.0)
    """
    check_confidence(confidence)
    given = np.atleast_1d(as_floats(values, name="values"))
    used = as_complete(given[~np.isnan(given)], name="values")
    centre = float(used.mean())
    se = float(used.std(ddof=1) / np.sqrt(used.size)) if used.size > 1 else float("nan")
    half = float(t.ppf(0.5 + confidence / 2, max(used.size - 1, 1))) * se
    nothing = float("nan")
    return Estimate(centre, centre - half, centre + half, se, n=float(used.size), events=nothing, method="Student's t")
