"""Tests about terms: likelihood ratio (interaction), Wald with any covariance, and trend over ordered groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from fls_research.stats._checks import as_binomial, as_floats
from fls_research.stats.regression.fit import Fit
from fls_research.stats.results import StatsError


@dataclass(frozen=True, slots=True)
class ChiSquareTest:
    """A chi-square statistic with its degrees of freedom and p value."""

    statistic: float
    df: int
    p_value: float
    method: str


def likelihood_ratio_test(larger: Fit, smaller: Fit) -> ChiSquareTest:
    """Does the larger of two nested logistic models fit better? With a product term in the larger: interaction.

    Both must be of the same patients (`StatsError`). R: ``anova(smaller, larger, test = "LRT")``.

    >>> import pandas as pd
    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import logistic
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> with_sex = logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> likelihood_ratio_test(with_sex, logistic(design.build(frame, outcome="met", weights="n"))).statistic
    3.45...
    """
    if np.isnan(larger.log_likelihood + smaller.log_likelihood) or larger.method != smaller.method:
        raise StatsError("a likelihood ratio needs two models of one kind that have a likelihood, such as logistic")
    same = np.isclose([larger.design.n, larger.design.events], [smaller.design.n, smaller.design.events])
    if not same.all():
        raise StatsError("the two models are of different patients; drop the same rows before building both")
    df = larger.coefficients.size - smaller.coefficients.size
    if df <= 0 or not set(smaller.names) <= set(larger.names):
        raise StatsError("the first model must hold every column of the second and more")
    statistic = max(2 * (larger.log_likelihood - smaller.log_likelihood), 0.0)
    return ChiSquareTest(statistic, df, float(chi2.sf(statistic, df)), "likelihood ratio")


def wald_test(fit: Fit, *, term: str, covariance: np.ndarray) -> ChiSquareTest:
    """Are all columns of a term nought? ``covariance`` is said by the caller, such as a cluster-robust one.

    Raises
    ------
    StatsError : for a term that the model does not have.

    R: ``aod::wald.test``, or ``lmtest::waldtest(vcov = )``.

    >>> import pandas as pd
    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import logistic
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> round(wald_test(fit, term="sex", covariance=fit.covariance).statistic, 4)
    3.082
    """
    terms = fit.design.coding.terms
    if term not in terms:
        raise StatsError(f"there is no term {term!r}; the model has: {', '.join(terms)}")
    chosen = [fit.names.index(name) for name in terms[term]]
    b = fit.coefficients[chosen]
    statistic = float(b @ np.linalg.solve(covariance[np.ix_(chosen, chosen)], b))
    return ChiSquareTest(statistic, len(chosen), float(chi2.sf(statistic, len(chosen))), f"Wald test of {term}")


def cochran_armitage(events: ArrayLike, n: ArrayLike, *, scores: ArrayLike) -> ChiSquareTest:
    """Does a proportion rise or fall along ordered groups?

    Three arrays of one length, a group each: events, patients, and the place on the scale (1 to 5 for quintiles).
    Groups of nobody carry no weight. Raises `StatsError` when nobody or everybody has the event, or all scores with
    patients are alike. No continuity correction.

    Armitage P (1955), Biometrics 11:375–386. R: ``prop.trend.test(events, n, scores)``.

    >>> found = cochran_armitage([83, 90, 129, 70], [86, 93, 136, 82], scores=[1, 2, 3, 4])
    >>> round(found.statistic, 4), round(found.p_value, 6)
    (8.2249, 0.004132)
    """
    x, size = as_binomial(events, n, names=("events", "n"))
    s = as_floats(scores, name="scores")
    if np.isnan(x + size).any() or np.isnan(s).any() or s.shape != x.shape or x.ndim != 1:
        raise StatsError("events, n and scores must be columns of one length without missing values")
    total, had = size.sum(), x.sum()
    if not 0 < had < total:
        raise StatsError("events: nobody or everybody has the event, so there is no trend to test")
    centre = (size * s).sum() / total
    spread = (size * (s - centre) ** 2).sum()
    if spread <= 1e-12 * max(abs(centre), 1.0) ** 2 * total:
        raise StatsError("scores are alike in all groups with patients, so there is no trend to test")
    p = had / total
    statistic = float((x * (s - centre)).sum() ** 2 / (p * (1 - p) * spread))
    return ChiSquareTest(statistic, 1, float(chi2.sf(statistic, 1)), "Cochran–Armitage trend")
