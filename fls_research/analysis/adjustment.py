"""The two models behind adjusted numbers: over all services, robust between them; and within a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from fls_research.stats import design
from fls_research.stats.regression import (
    Fit,
    MixedFit,
    cluster_robust_covariance,
    logistic,
    mixed_logistic,
    standardised_differences,
    standardised_proportions,
    standardised_ratios,
)
from fls_research.stats.results import Estimate, StatsError

CLUSTER = "service"
CORRECTION = "CR1S"
"""Errors between services with Stata's small-sample factor, as ``sandwich::vcovCL(type = "HC1")``."""

NODES = 7
"""Quadrature nodes of the mixed model; more change its odds ratios in the fourth digit."""


@dataclass(frozen=True)
class AdjustedModel:
    """A fitted model of one KPI in one year, with errors that are robust between services.

    ``share_left_out`` is the share of patients who stand in a level that has no finite estimate, because nobody or
    everybody in it met the KPI; they are in no number of the model.
    """

    fit: Fit
    covariance: np.ndarray = field(repr=False)
    share_left_out: float

    def levels(self, column: str) -> tuple[str, ...]:
        """The levels of a covariate that the model holds; none where the covariate is not in it."""
        return tuple(map(str, self.fit.design.coding.levels.get(column, ())))

    def differences(self, column: str, *, levels: Sequence[str], reference: str, confidence: float) -> pd.DataFrame:
        """Standardised proportion of each level less that of the reference, by level: ``estimate``, ``se``, limits."""
        table = standardised_differences(
            self.fit,
            column=column,
            reference=reference,
            covariance=self.covariance,
            confidence=confidence,
            levels=[reference, *levels],
        )
        return table.set_index("level")

    def ratios(self, column: str, *, levels: Sequence[str], reference: str, confidence: float) -> pd.DataFrame:
        """Standardised proportion of each level over that of the reference, by level; limits from the log scale."""
        table = standardised_ratios(
            self.fit,
            column=column,
            reference=reference,
            covariance=self.covariance,
            confidence=confidence,
            levels=[reference, *levels],
        )
        return table.set_index("level")

    def proportions(self, column: str, *, confidence: float) -> pd.DataFrame:
        """The standardised proportion of every level of a covariate."""
        return standardised_proportions(self.fit, column=column, covariance=self.covariance, confidence=confidence)


def adjusted_model(patterns: pd.DataFrame, *, covariates: Sequence[str]) -> AdjustedModel | None:
    """The logistic model of one KPI in one year on some covariates; with one alone it gives the crude proportions.

    Parameters
    ----------
    patterns : rows of one KPI and year of :func:`fls_research.analysis.design.covariate_patterns`.
    covariates : columns of ``patterns``. One with a single level left explains nothing and is passed over.

    Returns
    -------
    The model; ``None`` where there is no answer (nobody or everybody met the KPI, one service only, no covariate that
    varies, or groups that a combination of covariates tells apart completely).

    >>> patterns = pd.DataFrame({"service": list("aabb"), "sex": ["male", "female"] * 2, "n": 50.0,
    ...     "events": [20.0, 30.0, 25.0, 40.0], "proportion": [0.4, 0.6, 0.5, 0.8]})
    >>> model = adjusted_model(patterns, covariates=["sex"])
    >>> model.differences("sex", levels=["male"], reference="female", confidence=0.95)["estimate"].round(3).to_dict()
    {'male': -0.25}
    """
    try:
        fit = logistic(model_design(patterns, covariates=covariates))
        covariance = cluster_robust_covariance(fit, correction=CORRECTION)
    except StatsError:
        return None
    return AdjustedModel(_without_clusters(fit), covariance, 1 - fit.design.n / patterns["n"].sum())


def _without_clusters(fit: Fit) -> Fit:
    """The same fit on patterns that span services: standardising asks for no service, and so costs a tenth."""
    made, names = fit.design, list(fit.design.patterns)
    alike = made.patterns.assign(n=made.weights, events=made.weights * made.outcome)
    summed = alike.groupby(names, sort=False, as_index=False)[["n", "events"]].sum()
    collapsed = replace(
        made,
        patterns=summed[names],
        outcome=(summed["events"] / summed["n"]).clip(0.0, 1.0).to_numpy(),
        weights=summed["n"].to_numpy(),
        cluster=None,
        cluster_labels=(),
        matrix=made.coding.matrix(summed[names]),
    )
    return replace(fit, design=collapsed)


@dataclass(frozen=True)
class WithinModel:
    """A mixed logistic model of one KPI in one year: every service has its own level, patients differ within it."""

    fit: MixedFit

    def odds_ratio(self, column: str, *, level: str, reference: str, confidence: float) -> Estimate | None:
        """Odds of meeting the KPI in a level over those in the reference, for like patients of one service.

        ``se`` is that of the logarithm. ``None`` where the model does not hold both levels.
        """
        design = self.fit.design
        if not {level, reference} <= set(design.coding.levels.get(column, ())):
            return None
        names = np.array(self.fit.names)
        contrast = (names == f"{column}[{level}]").astype(float) - (names == f"{column}[{reference}]")
        log_odds = float(contrast @ self.fit.coefficients)
        se = float(np.sqrt(contrast @ self.fit.covariance @ contrast))
        half = norm.ppf(0.5 + confidence / 2) * se
        ratio, lower, upper = (float(np.exp(log_odds + shift)) for shift in (0.0, -half, half))
        return Estimate(ratio, lower, upper, se, n=design.n, events=design.events, method=self.fit.method)


def within_model(patterns: pd.DataFrame, *, covariates: Sequence[str]) -> WithinModel | None:
    """The mixed logistic model of one KPI in one year with an intercept for each service.

    Its odds ratios compare like patients of the same service, and take the ratio to be the same in every service.
    Arguments, and when there is no answer, as :func:`adjusted_model`.

    >>> patterns = pd.DataFrame({"service": list("aabb"), "sex": ["male", "female"] * 2, "n": 50.0,
    ...     "events": [20.0, 30.0, 25.0, 40.0], "proportion": [0.4, 0.6, 0.5, 0.8]})
    >>> model = within_model(patterns, covariates=["sex"])
    >>> round(model.odds_ratio("sex", level="male", reference="female", confidence=0.95).estimate, 2)
    0.34
    """
    try:
        return WithinModel(mixed_logistic(model_design(patterns, covariates=covariates), nodes=NODES))
    except StatsError:
        return None


def model_design(
    patterns: pd.DataFrame, *, covariates: Sequence[str], references: Mapping[str, str] | None = None
) -> design.Design:
    """The columns of a model on the covariates that vary, with the services as clusters.

    ``references`` names the level that others are coded against where that matters; elsewhere it is the largest, which
    keeps the arithmetic steady. Raises :class:`~fls_research.stats.results.StatsError` when no covariate varies.

    >>> patterns = pd.DataFrame({"service": ["a", "b"], "sex": ["male", "female"], "n": [9, 8], "events": [3, 4]})
    >>> model_design(patterns.assign(proportion=0.4), covariates=["sex"]).names
    ('(intercept)', 'sex[female]')
    """
    kept = estimable(patterns, covariates)
    sizes = {name: kept.groupby(name)["n"].sum() for name in covariates}
    coded = {name: found.idxmax() for name, found in sizes.items() if len(found) > 1}
    if not coded:
        raise StatsError("no covariate has two levels in which some and not all met the KPI; there is nothing to model")
    coded |= {name: level for name, level in (references or {}).items() if name in coded}
    return design.build(kept, outcome="proportion", categorical=coded, cluster=CLUSTER, weights="n")


def estimable(patterns: pd.DataFrame, covariates: Sequence[str]) -> pd.DataFrame:
    """The patterns without those levels of a covariate in which nobody or everybody met the KPI.

    Leaving one level out can empty another, so it is repeated until none is left to leave.

    >>> patterns = pd.DataFrame({"sex": ["male", "female", "not known"], "n": [9, 9, 2], "events": [3, 4, 0]})
    >>> estimable(patterns, ["sex"])["sex"].tolist()
    ['male', 'female']
    """
    kept = patterns
    while len(kept):
        without = np.zeros(len(kept), dtype=bool)
        for name in covariates:
            totals = kept.groupby(name)[["n", "events"]].transform("sum")
            without |= ((totals["events"] == 0) | (totals["events"] == totals["n"])).to_numpy()
        if not without.any():
            break
        kept = kept.loc[~without]
    return kept.reset_index(drop=True)
