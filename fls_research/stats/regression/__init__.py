"""Regression of a proportion on covariate patterns: each model is a function of a `design.Design`."""

from fls_research.stats.regression.covariance import cluster_robust_covariance, robust_covariance
from fls_research.stats.regression.firth import firth_intervals, firth_logistic
from fls_research.stats.regression.fit import Fit, coefficient_table
from fls_research.stats.regression.gee import GeeFit, gee_exchangeable
from fls_research.stats.regression.glm import logistic, modified_poisson
from fls_research.stats.regression.hypotheses import ChiSquareTest, cochran_armitage, likelihood_ratio_test, wald_test
from fls_research.stats.regression.marginal import (
    bootstrap_differences,
    standardised_differences,
    standardised_proportions,
    standardised_ratios,
)
from fls_research.stats.regression.mixed import (
    MixedFit,
    intraclass_correlation,
    median_odds_ratio,
    mixed_logistic,
    mixed_table,
)

__all__ = [
    "ChiSquareTest",
    "Fit",
    "GeeFit",
    "MixedFit",
    "bootstrap_differences",
    "cluster_robust_covariance",
    "cochran_armitage",
    "coefficient_table",
    "firth_intervals",
    "firth_logistic",
    "gee_exchangeable",
    "intraclass_correlation",
    "likelihood_ratio_test",
    "logistic",
    "median_odds_ratio",
    "mixed_logistic",
    "mixed_table",
    "modified_poisson",
    "robust_covariance",
    "standardised_differences",
    "standardised_proportions",
    "standardised_ratios",
    "wald_test",
]
