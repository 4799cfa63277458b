"""Sandwich covariances of a fitted regression: per patient and per cluster, each correction said by the caller."""

from __future__ import annotations

from typing import Literal

import numpy as np

from fls_research.stats.design import Design
from fls_research.stats.regression.fit import Fit
from fls_research.stats.results import StatsError


def robust_covariance(fit: Fit, *, correction: Literal["HC0", "HC1"]) -> np.ndarray:
    """The sandwich of White and Huber with every patient by himself, exact on patterns.

    ``HC0`` has no correction, ``HC1`` the factor n/(n − k). (statsmodels' GLM gives HC0 whichever is asked for.)

    Raises
    ------
    StatsError : for a correction other than these two.

    White H (1980), Econometrica 48:817–838. R: ``sandwich::vcovHC(fit, type = )``.

    >>> import pandas as pd
    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import modified_poisson
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = modified_poisson(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> robust_covariance(fit, correction="HC0").round(4)
    array([[ 0.025, -0.025],
           [-0.025,  0.175]])
    """
    design, mean = fit.design, fit.fitted
    # Of the n patients of a pattern n·y have the residual 1 − mean and the others −mean.
    squares = design.weights * (design.outcome * (1 - mean) ** 2 + (1 - design.outcome) * mean**2)
    meat = design.matrix.T @ (design.matrix * squares[:, None])
    n, k = design.n, design.matrix.shape[1]
    factors = {"HC0": 1.0, "HC1": n / (n - k)}
    return _factor(factors, correction) * fit.covariance @ meat @ fit.covariance


def cluster_robust_covariance(fit: Fit, *, correction: Literal["CR0", "CR1", "CR1S"]) -> np.ndarray:
    """The sandwich with residuals summed within the clusters of the design.

    ``CR0``: no correction. ``CR1``: G/(G − 1). ``CR1S``: G/(G − 1) · (n − 1)/(n − k), as Stata has it. In
    ``sandwich::vcovCL`` these are type HC0 with ``cadjust = FALSE``, HC0, and HC1. With few clusters (regions) none is
    enough; see `gee_exchangeable` and its Mancl–DeRouen covariance. Raises `StatsError` without a cluster or with one.

    Liang KY, Zeger SL (1986), Biometrika 73:13–22; Zeileis A et al. (2020), J Stat Softw 95(1).

    >>> import pandas as pd
    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import logistic
    >>> frame = pd.DataFrame({"met": [0.4, 0.8, 0.5], "site": list("abc"), "n": [10, 10, 20]})
    >>> fit = logistic(design.build(frame, outcome="met", cluster="site", weights="n"))
    >>> cluster_robust_covariance(fit, correction="CR0").round(4)
    array([[0.0969]])
    """
    sums = cluster_sums(fit)
    groups, n, k = len(sums), fit.design.n, fit.design.matrix.shape[1]
    factors = {"CR0": 1.0, "CR1": groups / (groups - 1), "CR1S": groups / (groups - 1) * (n - 1) / (n - k)}
    return _factor(factors, correction) * fit.covariance @ (sums.T @ sums) @ fit.covariance


def cluster_sums(fit: Fit) -> np.ndarray:
    """Each cluster's share of the score, one row per cluster that has patients."""
    design = fit.design
    codes = clusters(design)
    residual = design.weights * (design.outcome - fit.fitted)
    columns = [np.bincount(codes, residual * column) for column in design.matrix.T]
    return np.column_stack(columns)


def clusters(design: Design) -> np.ndarray:
    """Codes of the clusters that have patients, from 0 without gaps; refused when there are fewer than two."""
    if design.cluster is None:
        raise StatsError("the design has no cluster; name the column in design.build(..., cluster=)")
    present, codes = np.unique(design.cluster, return_inverse=True)
    if present.size < 2:
        raise StatsError("cluster holds one cluster only; clustered errors need at least two")
    return codes


def _factor(factors: dict[str, float], correction: str) -> float:
    if correction not in factors:
        raise StatsError(f"correction must be one of {', '.join(factors)}; there is no default")
    return factors[correction]
