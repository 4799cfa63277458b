"""Mixed logistic regression: a random intercept per cluster, by maximum likelihood, and what is read from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.stats import norm

from fls_research.stats._checks import normal_quantile
from fls_research.stats.design import Design
from fls_research.stats.regression._newton import solve, standardising
from fls_research.stats.regression._random_intercept import RandomIntercept
from fls_research.stats.regression.covariance import clusters
from fls_research.stats.results import Estimate, StatsError

_Loss = Callable[[np.ndarray], tuple[float, np.ndarray]]
_NO_VARIANCE = 1e-4
_NEAR = 1e-3
"""Standard errors by which the optimum may move without another look at its curvature."""


@dataclass(frozen=True)
class MixedFit:
    """Fixed effects (within a cluster), the standard deviation between clusters, and the effect of each cluster.

    ``sd_se`` is missing where the estimated standard deviation is 0, the edge of its range. ``effects`` has one row per
    cluster: ``cluster``, ``n``, ``events``, ``estimate`` (on the logit scale, shrunken), ``se``.
    """

    design: Design = field(repr=False)
    coefficients: np.ndarray
    covariance: np.ndarray = field(repr=False)
    sd: float
    sd_se: float
    log_likelihood: float
    effects: pd.DataFrame = field(repr=False)
    method: str

    @property
    def names(self) -> tuple[str, ...]:
        return self.design.names


def mixed_logistic(design: Design, *, nodes: int) -> MixedFit:
    """Log odds ratios within clusters and the spread between them, by adaptive Gauss–Hermite quadrature.

    Takes what `design.build` gives, with a cluster. ``nodes`` is the number of quadrature points; 7 is plenty for
    clusters of tens, 1 is Laplace's approximation. Errors come from the observed information, the standard deviation
    being estimated too. Converges until a Newton step changes nothing beyond 1e-7; R agrees to about 1e-5 (its
    optimiser stops earlier).

    Raises
    ------
    StatsError : for fewer than one node; as in `logistic`; without a cluster or with one only; and when in every
        cluster nobody or everybody has the event, for then the spread between clusters has no finite estimate.

    Pinheiro JC, Bates DM (1995), J Comput Graph Stat 4:12–35. R: ``lme4::glmer(nAGQ = nodes)``.

    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.2, 0.8, 0.5, 0.9], "site": list("abcd"), "n": [20, 20, 20, 20]})
    >>> fit = mixed_logistic(design.build(frame, outcome="met", cluster="site", weights="n"), nodes=9)
    >>> round(fit.sd, 3), fit.coefficients.round(3)
    (1.29, array([0.536]))
    """
    if nodes < 1:
        raise StatsError(f"nodes must be at least 1; given {nodes}")
    start, covariance = solve(design, "logit")
    codes = clusters(design)
    _refuse_pure_clusters(design, codes)
    back = standardising(design)
    x = design.matrix @ back
    likelihood = RandomIntercept(x, design.weights * design.outcome, design.weights, codes, nodes=nodes)
    # Steps are taken in units of the simple model's errors, where the surface is nearly round.
    units = np.linalg.cholesky(np.linalg.inv(back) @ covariance @ np.linalg.inv(back).T)
    widen = np.eye(start.size + 1)
    widen[:-1, :-1] = units
    widen[-1, -1] = 1 / np.sqrt(2 * likelihood.starts.size)
    origin = np.append(np.linalg.solve(back, start), 0.5)

    def loss(steps: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = likelihood.value_and_gradient(origin + widen @ steps)
        return -value, -(widen.T @ gradient)

    found = minimize(loss, np.zeros(origin.size), jac=True, method="BFGS", options={"gtol": 1e-4, "maxiter": 200})
    steps, curvature = _polished(loss, found.x)
    theta = origin + widen @ steps
    full = widen @ np.linalg.pinv(curvature, hermitian=True) @ widen.T
    return _finished(design, likelihood, theta, full, back, found.x.size, nodes)


def _refuse_pure_clusters(design: Design, codes: np.ndarray) -> None:
    """Refuse clusters that all have the event in nobody or in everybody: the wider the spread, the better they fit."""
    n = np.bincount(codes, design.weights)
    share = np.bincount(codes, design.weights * design.outcome) / n
    if ((share <= 1e-12) | (share >= 1 - 1e-12)).all():
        raise StatsError(
            f"{design.outcome_name}: in every cluster nobody or everybody has the event, so there is no finite spread "
            "between clusters to estimate; join clusters"
        )


def _polished(loss: _Loss, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Newton steps from the optimiser's end, and the curvature there by differences of the gradient."""
    start, curvature = steps, _curvature(loss, steps)
    for _ in range(10):
        value, gradient = loss(steps)
        move = np.linalg.lstsq(curvature, gradient, rcond=1e-10)[0]
        if loss(steps - move)[0] > value + 1e-9:
            break
        steps = steps - move
        if np.abs(move).max() < 1e-8:
            break
    moved = np.abs(steps - start).max()
    return steps, curvature if moved < _NEAR else _curvature(loss, steps)


def _curvature(loss: _Loss, at: np.ndarray) -> np.ndarray:
    width = 1e-3
    rows = [(loss(at + width * unit)[1] - loss(at - width * unit)[1]) / (2 * width) for unit in np.eye(at.size)]
    made = np.array(rows)
    return (made + made.T) / 2


def _finished(
    design: Design,
    likelihood: RandomIntercept,
    theta: np.ndarray,
    full: np.ndarray,
    back: np.ndarray,
    parameters: int,
    nodes: int,
) -> MixedFit:
    value, _ = likelihood.value_and_gradient(theta)
    b, s = theta[:-1], float(theta[-1])
    u, curvature = likelihood.modes(likelihood.x @ b, s)
    sd = abs(s)
    flat = sd < _NO_VARIANCE
    effects = pd.DataFrame(
        {
            "cluster": [design.cluster_labels[code] for code in np.unique(design.cluster)],
            "n": likelihood.per_cluster(likelihood.n),
            "events": likelihood.per_cluster(likelihood.events),
            "estimate": s * u,
            "se": sd / np.sqrt(-curvature),
        }
    )
    return MixedFit(
        design=design,
        coefficients=back @ b,
        covariance=back @ full[: parameters - 1, : parameters - 1] @ back.T,
        sd=0.0 if flat else sd,
        sd_se=float("nan") if flat else float(np.sqrt(full[-1, -1])),
        log_likelihood=value,
        effects=effects,
        method=f"mixed logistic regression, {nodes} quadrature nodes",
    )


def mixed_table(fit: MixedFit, *, confidence: float) -> pd.DataFrame:
    """Fixed effects with errors, and odds ratios within a cluster with intervals; columns as in `coefficient_table`.

    Raises
    ------
    StatsError : for a confidence outside 0 to 1.

    Wald's intervals and tests. R: ``summary(lme4::glmer(...))``, ``confint(method = "Wald")``.

    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.2, 0.8, 0.5, 0.9], "site": list("abcd"), "n": [20, 20, 20, 20]})
    >>> fit = mixed_logistic(design.build(frame, outcome="met", cluster="site", weights="n"), nodes=9)
    >>> mixed_table(fit, confidence=0.95)[["term", "ratio", "lower", "upper"]].round(2)
              term  ratio  lower  upper
    0  (intercept)   1.71   0.43   6.79
    """
    z, se = normal_quantile(confidence), np.sqrt(np.diag(fit.covariance))
    ends = fit.coefficients - z * se, fit.coefficients + z * se
    return pd.DataFrame(
        {
            "term": fit.names,
            "estimate": fit.coefficients,
            "se": se,
            "p_value": 2 * norm.sf(np.abs(fit.coefficients / se)),
            "ratio": np.exp(fit.coefficients),
            "lower": np.exp(ends[0]),
            "upper": np.exp(ends[1]),
            "n": fit.design.n,
            "events": fit.design.events,
            "method": fit.method,
        }
    )


def median_odds_ratio(fit: MixedFit, *, confidence: float) -> Estimate:
    """The median of the odds ratio between two like patients of two clusters, the higher over the lower.

    exp(√2 σ Φ⁻¹(0.75)); the interval is the delta method's on the logarithm of σ. Where σ is 0 the ratio is 1 and the
    interval missing. ``se`` is that of the logarithm of the ratio.

    Raises
    ------
    StatsError : for a confidence outside 0 to 1.

    Larsen K, Merlo J (2005), Am J Epidemiol 161:81–88.

    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.2, 0.8, 0.5, 0.9], "site": list("abcd"), "n": [20, 20, 20, 20]})
    >>> fit = mixed_logistic(design.build(frame, outcome="met", cluster="site", weights="n"), nodes=9)
    >>> round(median_odds_ratio(fit, confidence=0.95).estimate, 2)
    3.42
    """
    factor = np.sqrt(2) * norm.ppf(0.75)
    lower, upper = _sd_interval(fit, confidence)
    values = (np.exp(factor * fit.sd), np.exp(factor * lower), np.exp(factor * upper), factor * fit.sd_se)
    return _estimate(fit, values, "median odds ratio")


def intraclass_correlation(fit: MixedFit, *, confidence: float) -> Estimate:
    """The share of the variance, on the latent logistic scale, that lies between clusters: σ²/(σ² + π²/3).

    The interval is carried over from that of σ, as in `median_odds_ratio`.

    Raises
    ------
    StatsError : for a confidence outside 0 to 1.

    Goldstein H, Browne W, Rasbash J (2002), Understanding Statistics 1:223–231.

    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.2, 0.8, 0.5, 0.9], "site": list("abcd"), "n": [20, 20, 20, 20]})
    >>> fit = mixed_logistic(design.build(frame, outcome="met", cluster="site", weights="n"), nodes=9)
    >>> round(intraclass_correlation(fit, confidence=0.95).estimate, 2)
    0.34
    """
    residual = np.pi**2 / 3
    share, lower, upper = (sd**2 / (sd**2 + residual) for sd in (fit.sd, *_sd_interval(fit, confidence)))
    se = 2 * fit.sd * residual / (fit.sd**2 + residual) ** 2 * fit.sd_se
    return _estimate(fit, (share, lower, upper, se), "intraclass correlation, latent scale")


def _sd_interval(fit: MixedFit, confidence: float) -> tuple[float, float]:
    z = normal_quantile(confidence)
    if fit.sd == 0:
        return float("nan"), float("nan")
    spread = np.exp(z * fit.sd_se / fit.sd)
    return fit.sd / spread, fit.sd * spread


def _estimate(fit: MixedFit, values: tuple[float, ...], method: str) -> Estimate:
    estimate, lower, upper, se = (float(value) for value in values)
    return Estimate(estimate, lower, upper, se, fit.design.n, fit.design.events, method)
