"""Firth's logistic regression, which has finite estimates where cells are empty, with profile intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2

from fls_research.stats._checks import check_confidence
from fls_research.stats.design import Design
from fls_research.stats.regression._newton import bernoulli_log_likelihood, solve, standardising
from fls_research.stats.regression.fit import Fit, inverse_link
from fls_research.stats.results import StatsError


def firth_logistic(design: Design) -> Fit:
    """Log odds ratios by maximum penalised likelihood (Jeffreys' prior), less biased in small samples.

    Takes what `design.build` gives. ``log_likelihood`` is the penalised one. Symmetric intervals from ``covariance``
    are poor where cells are empty: use `firth_intervals`.

    Raises
    ------
    StatsError : naming the outcome when nobody or everybody has the event.

    Firth D (1993), Biometrika 80:27–38; Heinze G, Schemper M (2002), Stat Med 21:2409–2419. R: ``logistf``, ``brglm``.

    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.0, 0.5], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = firth_logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> fit.coefficients[1:].round(4)
    array([-3.0445])
    """
    coefficients, covariance = solve(design, "logit", adjusted=lambda hat, mean: hat * (0.5 - mean))
    return Fit(
        design, "logit", coefficients, covariance, penalised(design, coefficients), "Firth's logistic regression"
    )


def penalised(design: Design, coefficients: np.ndarray) -> float:
    """The log-likelihood plus half the log determinant of the information."""
    mean = inverse_link("logit", design.matrix @ coefficients)
    information = design.matrix.T @ (design.matrix * (design.weights * mean * (1 - mean))[:, None])
    return bernoulli_log_likelihood(design, mean) + 0.5 * float(np.linalg.slogdet(information)[1])


def firth_intervals(fit: Fit, *, confidence: float) -> pd.DataFrame:
    """Profile penalised-likelihood intervals and tests, one row per column of the model.

    Takes what `firth_logistic` gives. Columns ``term``, ``estimate``, ``p_value`` (penalised likelihood ratio),
    ``ratio``, ``lower``, ``upper`` (of the ratio), ``n``, ``events``, ``method``. The ends are found to 1e-8.

    Raises
    ------
    StatsError : for a fit of another model, or a confidence outside 0 to 1.

    Heinze G, Schemper M (2002), Stat Med 21:2409–2419. R: ``logistf(pl = TRUE)``.

    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.0, 0.5], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = firth_logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> firth_intervals(fit, confidence=0.95)[["term", "ratio", "lower", "upper"]].round(4)
              term   ratio   lower   upper
    0  (intercept)  1.0000  0.2962  3.3756
    1       sex[f]  0.0476  0.0003  0.5468
    """
    check_confidence(confidence)
    if not fit.method.startswith("Firth"):
        raise StatsError("fit must come from firth_logistic; the profile is that of the penalised likelihood")
    drop = chi2.ppf(confidence, 1) / 2
    records = []
    for place, name in enumerate(fit.names):
        profile = _Profile(fit, place)
        se, centre = float(np.sqrt(fit.covariance[place, place])), float(fit.coefficients[place])
        lower, upper = (profile.crossing(centre, side * se, drop) for side in (-1, 1))
        p_value = float(chi2.sf(max(2 * (fit.log_likelihood - profile(0.0)), 0.0), 1))
        records.append((name, centre, p_value, np.exp(centre), np.exp(lower), np.exp(upper)))
    table = pd.DataFrame(records, columns=["term", "estimate", "p_value", "ratio", "lower", "upper"])
    return table.assign(n=fit.design.n, events=fit.design.events, method="Firth, profile penalised likelihood")


class _Profile:
    """The penalised log-likelihood with one coefficient held, the others at their best."""

    def __init__(self, fit: Fit, place: int) -> None:
        self.fit, self.place = fit, place
        self.free = np.delete(np.arange(len(fit.names)), place)
        self.back = standardising(fit.design)
        self.start = fit.coefficients.copy()

    def __call__(self, held: float) -> float:
        design, x = self.fit.design, self.fit.design.matrix
        b = self.start.copy()
        b[self.place] = held
        value = penalised(design, b)
        for _ in range(200):
            mean = inverse_link("logit", x @ b)
            weight = design.weights * mean * (1 - mean)
            information = x.T @ (x * weight[:, None])
            hat = weight * np.einsum("ij,jk,ik->i", x, np.linalg.inv(information), x)
            score = x.T @ (design.weights * (design.outcome - mean) + hat * (0.5 - mean))
            if not self.free.size:
                return value
            step = np.zeros_like(b)
            step[self.free] = np.linalg.solve(information[np.ix_(self.free, self.free)], score[self.free])
            gain = abs(float(score @ step))
            while (trial := penalised(design, b + step)) < value - 1e-12 and np.abs(step).max() > 1e-12:
                step = step / 2
            b, value = b + step, trial
            if gain < 1e-12:
                break
        self.start = b
        return value

    def crossing(self, centre: float, stride: float, drop: float) -> float:
        """Where the profile has fallen by ``drop``, going from the centre in strides."""
        target = self.fit.log_likelihood - drop
        inner, outer = centre, centre + stride
        for _ in range(60):
            if self(outer) < target:
                return brentq(lambda held: self(held) - target, *sorted((inner, outer)), xtol=1e-9)
            inner, outer = outer, outer + stride
        return float(np.copysign(np.inf, stride))
