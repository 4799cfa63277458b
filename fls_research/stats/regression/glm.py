"""Odds ratios by logistic regression and risk ratios by modified Poisson regression, exact on covariate patterns."""

from __future__ import annotations

from fls_research.stats.design import Design
from fls_research.stats.regression._newton import bernoulli_log_likelihood, solve
from fls_research.stats.regression.fit import Fit, inverse_link


def logistic(design: Design) -> Fit:
    """Log odds ratios by maximum likelihood.

    Takes what `design.build` gives. The cost follows the patterns. Raises `StatsError` naming the outcome when nobody
    or everybody has the event, and the column when an empty cell leaves it without a finite estimate (`firth_logistic`
    then has one). R: ``glm(family = binomial)``. Newton steps until the largest is below 1e-10 standard deviations.

    >>> import pandas as pd
    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n")).coefficients.round(4)
    array([ 1.3863, -1.7918])
    """
    coefficients, covariance = solve(design, "logit")
    mean = inverse_link("logit", design.matrix @ coefficients)
    likelihood = bernoulli_log_likelihood(design, mean)
    return Fit(design, "logit", coefficients, covariance, likelihood, "logistic regression")


def modified_poisson(design: Design) -> Fit:
    """Log risk ratios: Poisson's estimating equations for a proportion (Zou's modified Poisson regression).

    Takes what `design.build` gives. The model-based covariance is too wide for a proportion; take
    `robust_covariance` or `cluster_robust_covariance`. Raises `StatsError` as `logistic` does.

    Zou G (2004), Am J Epidemiol 159:702–706. R: ``glm(family = poisson)`` with ``sandwich``.

    >>> import numpy as np, pandas as pd
    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = modified_poisson(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> float(np.exp(fit.coefficients[1]).round(6))
    0.5
    """
    coefficients, covariance = solve(design, "log")
    return Fit(design, "log", coefficients, covariance, float("nan"), "modified Poisson regression")
