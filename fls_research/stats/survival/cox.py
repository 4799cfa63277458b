"""Cox's proportional-hazards model and its errors: Efron or Breslow ties, strata, late entry, weights, clusters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from fls_research.stats._checks import normal_quantile
from fls_research.stats.design import Covariates, numeric_column, refuse_aliased
from fls_research.stats.results import StatsError
from fls_research.stats.survival._counts import frequencies, indicator, labelled, same_length, times_of, whole
from fls_research.stats.survival._partial_likelihood import PartialLikelihood
from fls_research.stats.survival._risk_sets import RiskSets

Ties = Literal["efron", "breslow"]
_MAX_STEPS = 40


@dataclass(frozen=True)
class CoxFit:
    """A fitted model. ``covariance`` is the inverse of the observed information; see also `cox_robust_covariance`."""

    names: tuple[str, ...]
    terms: dict[str, tuple[str, ...]]
    coefficients: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    log_likelihood_null: float
    n: float
    events: float
    method: str
    likelihood: PartialLikelihood = field(repr=False)
    centre: np.ndarray = field(repr=False)
    scale: np.ndarray = field(repr=False)
    kept: np.ndarray = field(repr=False)
    strata: tuple[Any, ...] = field(repr=False)
    row_time: np.ndarray = field(repr=False)
    row_entry: np.ndarray | None = field(repr=False)

    @property
    def scaled(self) -> np.ndarray:
        """The coefficients of the centred and scaled columns of ``likelihood``."""
        return self.coefficients * self.scale


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: Covariates | pd.DataFrame,
    *,
    ties: Ties,
    strata: Any = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    sampling_weights: ArrayLike | None = None,
) -> CoxFit:
    """Log hazard ratios by maximum partial likelihood.

    Parameters
    ----------
    time, event, entry : as in `kaplan_meier`.
    covariates : made by `design.covariates`, or a frame of numbers whose columns give the names.
    ties : ``"efron"`` or ``"breslow"``.
    strata : one label per row; each stratum has its own baseline hazard.
    weights : how many identical patients a row stands for; with Efron ties whole numbers, for two alike patients who
        have the event on one day are two tied events.
    sampling_weights : weights as R's ``coxph(weights=)`` has them: with Efron ties a row is one event, whatever its
        weight. Errors are then right only from `cox_robust_covariance`.

    Raises
    ------
    StatsError : naming the column that has missing values, does not vary, is a sum of others, or whose coefficient has
        no finite estimate; and when there is no event.

    Cox DR (1972), J R Stat Soc B 34:187–220; Efron B (1977), J Am Stat Assoc 72:557–565; Breslow N (1974). R:
    ``survival::coxph``. Newton steps until the largest is below 1e-9 standard deviations.

    >>> fit = cox([1, 2, 2, 3, 4, 5], [1, 1, 1, 0, 1, 1], pd.DataFrame({"x": [1, 0, 1, 1, 0, 0]}), ties="efron")
    >>> cox_table(fit, covariance=fit.covariance, confidence=0.95)[["term", "estimate", "se"]].round(4)
      term  estimate     se
    0    x     1.007  1.231
    """
    if ties not in ("efron", "breslow"):
        raise StatsError("ties must be 'efron' or 'breslow'; there is no default")
    exits, entries = times_of(time, entry)
    happened = indicator(event, exits.size, name="event").astype(bool)
    columns = as_covariates(covariates, size=exits.size)
    counts = frequencies(weights, size=exits.size)
    if ties == "efron" and not np.array_equal(counts, np.rint(counts)):
        raise StatsError("weights must be whole numbers with Efron ties; give fractions as sampling_weights")
    sampled = np.ones(exits.size) if sampling_weights is None else _sampling(sampling_weights, size=exits.size)
    codes, labels = (
        (np.zeros(exits.size, np.int64), ("all",))
        if strata is None
        else labelled(strata, name="strata", size=exits.size)
    )
    kept = (counts > 0) & (sampled > 0)
    if not (happened & kept).any():
        raise StatsError("event: nobody has the event, so a hazard ratio has no estimate")
    sets = RiskSets(exits[kept], happened[kept], None if entries is None else entries[kept], codes[kept])
    return fit_partial_likelihood(
        sets, columns, kept=kept, counts=counts[kept], sampled=sampled[kept], ties=ties, strata=labels, method="Cox"
    )


def as_covariates(covariates: Covariates | pd.DataFrame, *, size: int) -> Covariates:
    """Named float columns, one row per patient; refused by name when a column is no number or has gaps."""
    if isinstance(covariates, pd.DataFrame):
        names = tuple(str(name) for name in covariates.columns)
        if twice := [name for place, name in enumerate(names) if name in names[:place]]:
            raise StatsError(f"{twice[0]} stands in the covariates more than once; keep one column of that name")
        made = [numeric_column(covariates[name], name=str(name)) for name in covariates.columns]
        matrix = np.column_stack(made) if made else np.empty((len(covariates), 0))
        covariates = Covariates(matrix, names, {name: (name,) for name in names})
    if covariates.matrix.shape[0] != size:
        raise StatsError(f"covariates have {covariates.matrix.shape[0]} rows; time has {size}")
    if not covariates.names:
        raise StatsError("covariates hold no column; a model needs at least one")
    return covariates


def _sampling(values: ArrayLike, *, size: int) -> np.ndarray:
    found = same_length(whole(values, name="sampling_weights"), size, name="sampling_weights")
    if (found < 0).any() or not found.any():
        raise StatsError("sampling_weights must not be negative, nor all zero")
    return found


def fit_partial_likelihood(
    sets: RiskSets,
    columns: Covariates,
    *,
    kept: np.ndarray,
    counts: np.ndarray,
    sampled: np.ndarray,
    ties: str,
    strata: tuple[Any, ...],
    method: str,
) -> CoxFit:
    """Newton's method on the partial likelihood of the kept rows, on centred and scaled columns."""
    matrix = columns.matrix[kept]
    refuse_aliased(matrix, columns.names)
    centre, scale = matrix.mean(axis=0), matrix.std(axis=0)
    likelihood = PartialLikelihood(sets, (matrix - centre) / scale, counts, counts * sampled, ties)
    beta = np.zeros(len(columns.names))
    value, score, information = likelihood.derivatives(beta)
    null = value
    for _ in range(_MAX_STEPS):
        step = _solve(information, score, columns.names, beta)
        # A step that overshoots lowers the likelihood; half of it is tried, and in the end none.
        while not (trial := likelihood.derivatives(beta + step))[0] >= value - 1e-9 * abs(value):
            step = step / 2
        beta, (value, score, information) = beta + step, trial
        if np.abs(step).max() < 1e-9:
            break
    else:
        raise _no_finite_estimate(columns.names, beta)
    covariance = np.linalg.inv(information) / np.outer(scale, scale)
    return CoxFit(
        names=columns.names,
        terms=dict(columns.terms),
        coefficients=beta / scale,
        covariance=covariance,
        log_likelihood=value,
        log_likelihood_null=null,
        n=float(counts.sum()),
        events=float(counts[sets.dies].sum()),
        method=f"{method}, {ties.capitalize()} ties",
        likelihood=likelihood,
        centre=centre,
        scale=scale,
        kept=kept,
        strata=strata,
        row_time=sets.row_time,
        row_entry=sets.row_entry,
    )


def _solve(information: np.ndarray, score: np.ndarray, names: tuple[str, ...], beta: np.ndarray) -> np.ndarray:
    # Columns are scaled, so a curvature this small means that no event speaks about the column any more.
    if np.linalg.eigvalsh(information)[0] <= 1e-9:
        if np.abs(beta).max() == 0:
            weakest = int(np.argmin(np.diag(information)))
            raise StatsError(f"{names[weakest]} does not vary among those at risk when events happen; leave it out")
        raise _no_finite_estimate(names, beta)
    return np.linalg.solve(information, score)


def _no_finite_estimate(names: tuple[str, ...], beta: np.ndarray) -> StatsError:
    worst = names[int(np.argmax(np.abs(beta)))]
    return StatsError(f"{worst}: no finite estimate; at one end nobody or everybody has the event; merge levels")


def cox_robust_covariance(fit: CoxFit, *, cluster: Any) -> np.ndarray:
    """The sandwich covariance of Lin and Wei: residuals summed within clusters, no factor G/(G − 1).

    ``cluster`` is one label per row given to `cox`, or None when every patient is a cluster (a row of weight 3 is then
    three patients). Raises `StatsError` with a single cluster, for one sum of residuals is always nought.

    Lin DY, Wei LJ (1989), J Am Stat Assoc 84:1074–1078. R: ``coxph(..., cluster = )``.

    >>> fit = cox([1, 2, 2, 3, 4, 5], [1, 1, 1, 0, 1, 1], pd.DataFrame({"x": [1, 0, 1, 1, 0, 0]}), ties="efron")
    >>> cox_robust_covariance(fit, cluster=list("aabbcc")).round(4)
    array([[0.7654]])
    """
    likelihood = fit.likelihood
    residuals = likelihood.score_residuals(fit.scaled)
    sampled = likelihood.weights / likelihood.counts
    if cluster is None:
        weighted = residuals * (sampled * np.sqrt(likelihood.counts))[:, None]
        meat = weighted.T @ weighted
    else:
        codes, labels = labelled(cluster, name="cluster", size=fit.kept.size)
        if len(labels) < 2:
            raise StatsError("cluster holds one cluster only; clustered errors need at least two")
        codes = codes[fit.kept]
        columns = [np.bincount(codes, likelihood.weights * r, len(labels)) for r in residuals.T]
        sums = np.column_stack(columns)
        meat = sums.T @ sums
    bread = fit.covariance * np.outer(fit.scale, fit.scale)
    return bread @ meat @ bread / np.outer(fit.scale, fit.scale)


def cox_table(fit: CoxFit, *, covariance: np.ndarray, confidence: float) -> pd.DataFrame:
    """Log hazard ratios with errors, and hazard ratios with intervals, one row per column of the model.

    ``covariance`` is said by the caller: ``fit.covariance`` or `cox_robust_covariance`.

    Raises
    ------
    StatsError : for a confidence outside 0 to 1.

    Wald's intervals and tests. R: ``summary(coxph(...))``.

    >>> fit = cox([1, 2, 2, 3, 4, 5], [1, 1, 1, 0, 1, 1], pd.DataFrame({"x": [1, 0, 1, 1, 0, 0]}), ties="breslow")
    >>> cox_table(fit, covariance=fit.covariance, confidence=0.95)[["term", "ratio", "lower", "upper"]].round(3)
      term  ratio  lower   upper
    0    x  2.637  0.237  29.357
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
            "n": fit.n,
            "events": fit.events,
            "method": fit.method,
        }
    )


def cause_specific_cox(
    time: ArrayLike,
    state: Any,
    covariates: Covariates | pd.DataFrame,
    *,
    cause: Any,
    ties: Ties,
    strata: Any = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> CoxFit:
    """The hazard of ``cause`` while none has come: a Cox model in which every other state censors.

    It says how fast the cause comes among those still waiting, not how many will ever have it (see `fine_gray`).
    Arguments as in `cox`; ``state`` holds the cause or anything else, and may not be missing. Raises `StatsError` as in
    `cox`, and when ``cause`` does not stand in ``state`` or a state is missing.

    Prentice RL et al. (1978), Biometrics 34:541–554. R: ``coxph(Surv(time, state == cause) ~ ...)``.

    >>> fit = cause_specific_cox([1, 2, 3, 4, 5], list("abaab"), pd.DataFrame({"x": [2, 1, 1, 0, 2]}), cause="a",
    ...                          ties="efron")
    >>> fit.events
    3.0
    """
    codes, labels = labelled(state, name="state", size=whole(time, name="time").size)
    if cause not in labels:
        raise StatsError(f"cause {cause!r} does not stand in state; nobody has it")
    event = codes == labels.index(cause)
    return cox(time, event, covariates, ties=ties, strata=strata, entry=entry, weights=weights)
