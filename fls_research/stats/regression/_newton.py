"""Newton's method for a proportion on covariate patterns, with its columns centred and scaled, and its refusals."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fls_research.stats.design import Design
from fls_research.stats.regression.fit import Link, inverse_link, variance
from fls_research.stats.results import StatsError

_MAX_STEPS = 50
_MAX_PENALISED_STEPS = 1000
"""A penalised score has its steps from the information without the penalty, so with few patients they settle slowly."""
_STEP = 1e-10
_Score = Callable[[np.ndarray, np.ndarray], np.ndarray]


def standardising(design: Design) -> np.ndarray:
    """The matrix T that makes ``matrix @ T`` centred and scaled; coefficients come back as T @ b."""
    inner = design.matrix[:, 1:]
    centre = np.average(inner, weights=design.weights, axis=0)
    scale = np.sqrt(np.average((inner - centre) ** 2, weights=design.weights, axis=0))
    back = np.diag(np.concatenate([[1.0], 1 / scale]))
    back[0, 1:] = -centre / scale
    return back


def refuse_constant_outcome(design: Design) -> None:
    """Refuse an outcome that nobody or everybody has."""
    if design.events <= 0:
        raise StatsError(f"{design.outcome_name}: nobody has the event, so no ratio can be estimated")
    if design.events >= design.n * (1 - 1e-12):
        raise StatsError(f"{design.outcome_name}: everybody has the event, so no ratio can be estimated")


def solve(design: Design, link: Link, *, adjusted: _Score | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and the inverse of the information at which the score is nought.

    ``adjusted`` gives what is added to the residuals of the patterns (Firth's penalty). Converges when the largest step
    is below 1e-10 standard deviations of a column. Raises `StatsError` naming a column without a finite coefficient.
    """
    refuse_constant_outcome(design)
    back = standardising(design)
    x, n, y = design.matrix @ back, design.weights, design.outcome
    prevalence = design.events / design.n
    b = np.zeros(x.shape[1])
    b[0] = np.log(prevalence / (1 - prevalence)) if link == "logit" else np.log(prevalence)
    step, length = np.zeros_like(b), 1.0
    for _ in range(_MAX_STEPS if adjusted is None else _MAX_PENALISED_STEPS):
        mean = inverse_link(link, x @ b)
        weight = n * variance(link, mean)
        information = x.T @ (x * weight[:, None])
        if np.linalg.eigvalsh(information)[0] <= 1e-10 * np.trace(information):
            raise no_finite_estimate(design, step)
        inverse = np.linalg.inv(information)
        residual = n * (y - mean)
        if adjusted is not None:
            hat = weight * np.einsum("ij,jk,ik->i", x, inverse, x)
            residual = residual + adjusted(hat, mean)
        last, step = step, _bounded(inverse @ (x.T @ residual))
        # Steps that turn round have gone too far; this happens to penalised scores only.
        length = length / 2 if adjusted is not None and last @ step < 0 and length > 1 / 64 else length
        b = b + length * step
        if np.abs(step).max() < _STEP:
            return back @ b, back @ inverse @ back.T
    raise no_finite_estimate(design, step)


def _bounded(step: np.ndarray) -> np.ndarray:
    # Two units of the linear predictor at most: enough to arrive, too little to overshoot.
    longest = np.abs(step).max()
    return step if longest <= 2 else step * (2 / longest)


def no_finite_estimate(design: Design, drift: np.ndarray) -> StatsError:
    """The refusal that names the column whose coefficient runs away."""
    if len(design.names) == 1:
        return StatsError(f"{design.outcome_name}: no finite estimate; check that events and non-events both occur")
    worst = design.names[1 + int(np.argmax(np.abs(drift[1:])))]
    return StatsError(
        f"{worst}: no finite estimate, for at one end nobody or everybody has the event; merge levels, or take "
        "firth_logistic"
    )


def bernoulli_log_likelihood(design: Design, mean: np.ndarray) -> float:
    """The log-likelihood of single patients."""
    n, y = design.weights, design.outcome
    with np.errstate(divide="ignore", invalid="ignore"):
        events = np.where(y > 0, y * np.log(mean), 0.0)
        others = np.where(y < 1, (1 - y) * np.log1p(-mean), 0.0)
    return float((n * (events + others)).sum())
