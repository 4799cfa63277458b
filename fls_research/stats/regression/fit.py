"""What a fitted regression is: coefficients of named columns on covariate patterns, and the table of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit
from scipy.stats import norm

from fls_research.stats._checks import normal_quantile
from fls_research.stats.design import Design

Link = Literal["logit", "log"]


@dataclass(frozen=True)
class Fit:
    """A fitted model of a proportion. ``covariance`` is model-based; others are made from the fit and passed on.

    ``log_likelihood`` is that of single patients (no binomial coefficients), so that models on different patterns of
    the same patients compare; it is missing for quasi-likelihoods.
    """

    design: Design
    link: Link
    coefficients: np.ndarray
    covariance: np.ndarray = field(repr=False)
    log_likelihood: float
    method: str

    @property
    def names(self) -> tuple[str, ...]:
        return self.design.names

    @property
    def fitted(self) -> np.ndarray:
        """The expected proportion in each pattern."""
        return self.mean(self.design.matrix)

    def mean(self, matrix: np.ndarray) -> np.ndarray:
        """The expected proportion for rows of model columns."""
        return inverse_link(self.link, matrix @ self.coefficients)

    def slope(self, matrix: np.ndarray) -> np.ndarray:
        """The derivative of `mean` in the linear predictor."""
        return variance(self.link, self.mean(matrix))


def inverse_link(link: Link, linear: np.ndarray) -> np.ndarray:
    """Proportions from the linear predictor."""
    return expit(linear) if link == "logit" else np.exp(linear)


def variance(link: Link, mean: np.ndarray) -> np.ndarray:
    """The variance function of the canonical family, which is the slope of the inverse link too."""
    return mean * (1 - mean) if link == "logit" else mean


def coefficient_table(fit: Fit, *, covariance: np.ndarray, confidence: float) -> pd.DataFrame:
    """Coefficients with errors, and odds or risk ratios with intervals, one row per column of the model.

    ``covariance`` is said by the caller: ``fit.covariance``, or a robust one. Columns ``term``, ``estimate``, ``se``,
    ``p_value`` (normal), ``ratio`` (odds ratio for a logit, risk ratio for a log link), ``lower``, ``upper``, ``n``,
    ``events``, ``method``.

    Raises
    ------
    StatsError : for a confidence outside 0 to 1.

    Wald's intervals and tests. R: ``summary(glm(...))``, ``confint.default``; ``lmtest::coeftest(vcov. = )``.

    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import logistic
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> coefficient_table(fit, covariance=fit.covariance, confidence=0.95)[["term", "estimate", "se", "ratio"]].round(4)
              term  estimate      se   ratio
    0  (intercept)    1.3863  0.7906  4.0000
    1       sex[f]   -1.7918  1.0206  0.1667
    """
    z = normal_quantile(confidence)
    se = np.sqrt(np.diag(covariance))
    return pd.DataFrame(
        {
            "term": fit.names,
            "estimate": fit.coefficients,
            "se": se,
            "p_value": 2 * norm.sf(np.abs(fit.coefficients / se)),
            "ratio": np.exp(fit.coefficients),
            "lower": np.exp(fit.coefficients - z * se),
            "upper": np.exp(fit.coefficients + z * se),
            "n": fit.design.n,
            "events": fit.design.events,
            "method": fit.method,
        }
    )
