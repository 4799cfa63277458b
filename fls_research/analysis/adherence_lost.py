"""Who is lost to follow-up: the risk that nobody knows whether a patient is on treatment, crude and adjusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.analysis.adherence_states import AT_16_WEEKS, Stage, died_by, recommended_in, states
from fls_research.kpi.rules import NOT_KNOWN
from fls_research.stats import design, multiplicity
from fls_research.stats.proportions import clustered_proportion, wilson_interval
from fls_research.stats.regression import (
    Fit,
    cluster_robust_covariance,
    logistic,
    robust_covariance,
    standardised_proportions,
    standardised_ratios,
    wald_test,
)
from fls_research.stats.results import StatsError

CHARACTERISTICS: Mapping[str, tuple[str, str]] = {
    "age_band": ("Age", "50–64"),
    "sex": ("Sex", "female"),
    "care_home": ("Lives in a care home", "no"),
    "imd_quintile": ("Deprivation fifth", "5"),
}
"""Column to its words and its reference level. Fifth 1 is the most deprived of the patient's own nation."""

FEWEST = 10
"""A level with fewer patients lost, or fewer not lost, has no estimate of its own: its patients leave the model."""

FEWEST_SERVICES = 10
"""With fewer services, errors between services rest on too few of them to be told."""

SITE = "site_group"
"""The covariate that is adjusted for and not shown."""

LABELS: tuple[str, ...] = ("data_year", "stage", "dimension", "characteristic", "group", "reference")
ESTIMATES: tuple[str, ...] = (
    "crude", "crude_lower", "crude_upper", "adjusted", "adjusted_lower", "adjusted_upper", "ratio", "ratio_lower",
    "ratio_upper", "p_value",
)  # fmt: skip
COUNTS: tuple[str, ...] = ("n", "events")
"""Patients, and those of them who are lost."""


@dataclass(frozen=True)
class LostToFollowUp:
    """The risks by level of each characteristic, and what stands behind them.

    ``risks`` has the columns of :data:`LABELS`, :data:`COUNTS` and :data:`ESTIMATES`; its first row is everybody.
    ``services`` counts the clusters, ``modelled`` the patients of the model, ``patients`` those asked about.
    """

    risks: pd.DataFrame
    patients: int
    modelled: int
    services: int


def lost_to_follow_up(
    fractures: pd.DataFrame, *, year: int, confidence: float, stage: Stage = AT_16_WEEKS
) -> LostToFollowUp:
    """The risk of being lost to follow-up by age, sex, care home and deprivation, each adjusted for the others.

    Asked about are patients recommended a drug in ``year`` and not known to have died by the stage's day; lost is who
    has no answer on treatment there. The crude risk is the proportion. The adjusted risk is that of all these patients
    had each been in the level, from a logistic model with the four characteristics and the site of fracture; the ratio
    is that risk over the reference level's. Errors are clustered by service (CR1S). ``p_value`` is of the
    characteristic as a whole (Wald), Holm's over the four.

    A missing answer is a level of its own. Adjusted numbers are missing for a level with fewer than :data:`FEWEST`
    lost or kept, intervals and p-values where there are fewer than :data:`FEWEST_SERVICES` services. Raises
    :class:`~fls_research.stats.results.StatsError` for a year without such patients.

    Liang KY, Zeger SL (1986), Biometrika 73:13–22; Lane PW, Nelder JA (1982), Biometrics 38:613–621.
    """
    patients = _patients(fractures, year, stage)
    if patients.empty:
        raise StatsError(
            f"year: no patient of {year} was recommended a drug and alive at the stage; nobody can be lost"
        )
    modelled = _with_enough_in_every_level(patients)
    model = _fitted(modelled)
    by_level = [_crude(patients, name, confidence) for name in CHARACTERISTICS]
    crude = pd.concat([_everybody(patients, confidence), *by_level])
    told = pd.DataFrame(
        {
            "dimension": list(CHARACTERISTICS),
            "reference": [model.references.get(name, "") for name in CHARACTERISTICS],
            "p_value": multiplicity.holm([_p_value(model, name) for name in CHARACTERISTICS]),
        }
    )
    risks = (
        crude.merge(told, how="left", on="dimension", validate="m:1")
        .merge(_adjusted(model, confidence), how="left", on=["dimension", "group"], validate="1:1")
        .assign(data_year=year, stage=stage.slug)
        .fillna({"reference": ""})
    )
    return LostToFollowUp(
        risks=risks[[*LABELS, *COUNTS, *ESTIMATES]],
        patients=len(patients),
        modelled=len(modelled),
        services=int(patients["service_code"].nunique()),
    )


def services_by_loss(fractures: pd.DataFrame, *, year: int, stage: Stage = AT_16_WEEKS) -> pd.DataFrame:
    """How many services have lost few or many of the patients they recommended a drug: one row, counting services.

    Returns
    -------
    ``data_year``, ``services`` (those with at least :data:`FEWEST` such patients alive at the stage), ``over_half``
    (more than half of them lost) and ``under_tenth`` (fewer than one in ten).
    """
    by_service = _patients(fractures, year, stage).groupby("service_code")["lost"].agg(["mean", "size"])
    judged = by_service.loc[by_service["size"] >= FEWEST, "mean"]
    return pd.DataFrame(
        {
            "data_year": [year],
            "services": [len(judged)],
            "over_half": [int((judged > 0.5).sum())],
            "under_tenth": [int((judged < 0.1).sum())],
        }
    )


@dataclass(frozen=True)
class _Model:
    """The fitted model, or none where no level of anything has patients enough; with the reference of each column."""

    fit: Fit | None
    covariance: np.ndarray
    references: Mapping[str, str]
    clustered: bool


def _patients(fractures: pd.DataFrame, year: int, stage: Stage) -> pd.DataFrame:
    recommended = recommended_in(fractures, year)
    alive = recommended.loc[~died_by(recommended, stage)].reset_index(drop=True)
    levels = {name: _levels(alive[name]) for name in [*CHARACTERISTICS, SITE]}
    return pd.DataFrame(levels).assign(
        service_code=alive["service_code"].astype(str), lost=(states(alive, stage) == NOT_KNOWN).astype(float)
    )


def _levels(values: pd.Series) -> pd.Categorical:
    """The answers as words, in their order, with a missing one as the last level."""
    words = values.astype(object).where(values.notna(), NOT_KNOWN).astype(str)
    known = getattr(values, "cat", None)
    order = [str(level) for level in (known.categories if known is not None else sorted(values.dropna().unique()))]
    return pd.Categorical(words, categories=[*(level for level in order if level != NOT_KNOWN), NOT_KNOWN])


def _with_enough_in_every_level(patients: pd.DataFrame) -> pd.DataFrame:
    """The patients of the model: levels too sparse for an estimate leave, again until none is."""
    kept = patients
    while len(kept):
        enough = np.ones(len(kept), dtype=bool)
        for name in [*CHARACTERISTICS, SITE]:
            totals = kept.groupby(name, observed=True)["lost"].transform("sum")
            sizes = kept.groupby(name, observed=True)["lost"].transform("size")
            enough &= (np.minimum(totals, sizes - totals) >= FEWEST).to_numpy()
        if enough.all():
            break
        kept = kept.loc[enough]
    return kept


def _fitted(patients: pd.DataFrame) -> _Model:
    wanted = {name: reference for name, (_, reference) in CHARACTERISTICS.items()} | {SITE: "other"}
    sizes = {name: patients[name].value_counts() for name in wanted}
    references = {
        name: reference if sizes[name].get(reference, 0) else str(sizes[name].idxmax())
        for name, reference in wanted.items()
        if (sizes[name] > 0).sum() > 1
    }
    if not references:
        return _Model(None, np.empty((0, 0)), {}, clustered=False)
    fit = logistic(design.build(patients, outcome="lost", categorical=references, cluster="service_code"))
    if patients["service_code"].nunique() < FEWEST_SERVICES:
        return _Model(fit, robust_covariance(fit, correction="HC1"), references, clustered=False)
    return _Model(fit, cluster_robust_covariance(fit, correction="CR1S"), references, clustered=True)


def _p_value(model: _Model, name: str) -> float:
    if model.fit is None or name not in model.references or not model.clustered:
        return float("nan")
    return float(wald_test(model.fit, term=name, covariance=model.covariance).p_value)


def _everybody(patients: pd.DataFrame, confidence: float) -> pd.DataFrame:
    whole = _proportions(patients, pd.Series("all", index=patients.index), confidence)
    return whole.assign(dimension="national", characteristic="Everybody")


def _crude(patients: pd.DataFrame, name: str, confidence: float) -> pd.DataFrame:
    by_level = _proportions(patients, patients[name], confidence)
    return by_level.assign(dimension=name, characteristic=CHARACTERISTICS[name][0])


def _proportions(patients: pd.DataFrame, levels: pd.Series, confidence: float) -> pd.DataFrame:
    rows = []
    for level, held in patients.groupby(levels, observed=True):
        lost, size = float(held["lost"].sum()), len(held)
        lower, upper = _interval(held, confidence)
        rows.append((str(level), size, lost, lost / size, lower, upper))
    return pd.DataFrame(rows, columns=["group", "n", "events", "crude", "crude_lower", "crude_upper"])


def _interval(held: pd.DataFrame, confidence: float) -> tuple[float, float]:
    """Clustered by service; Wilson's where nobody or everybody is lost; none with few services."""
    lost, size = held["lost"].sum(), len(held)
    if held["service_code"].nunique() < FEWEST_SERVICES:
        return float("nan"), float("nan")
    if 0 < lost < size:
        found = clustered_proportion(held["lost"], np.ones(size), held["service_code"], confidence=confidence)
        return float(found.lower), float(found.upper)
    lower, upper = wilson_interval(lost, size, confidence=confidence)
    return float(lower), float(upper)


def _adjusted(model: _Model, confidence: float) -> pd.DataFrame:
    columns = ["dimension", "group", *ESTIMATES[3:9]]
    shown = [name for name in model.references if name != SITE]
    if not shown:
        return pd.DataFrame({name: pd.Series(dtype=object if name in columns[:2] else float) for name in columns})
    found = pd.concat([_adjusted_levels(model, name, confidence) for name in shown], ignore_index=True)
    if not model.clustered:
        found[[name for name in columns if name.endswith(("lower", "upper"))]] = np.nan
    return found[columns]


def _adjusted_levels(model: _Model, name: str, confidence: float) -> pd.DataFrame:
    how = {"column": name, "covariance": model.covariance, "confidence": confidence}
    risks = standardised_proportions(model.fit, **how)
    ratios = standardised_ratios(model.fit, reference=model.references[name], **how)
    ends = ["estimate", "lower", "upper"]
    both = risks[["level", *ends]].merge(
        ratios[["level", *ends]], how="left", on="level", validate="1:1", suffixes=("_risk", "_ratio")
    )
    return pd.DataFrame(
        {
            "dimension": name,
            "group": both["level"].astype(str),
            "adjusted": both["estimate_risk"],
            "adjusted_lower": both["lower_risk"],
            "adjusted_upper": both["upper_risk"],
            "ratio": both["estimate_ratio"].where(both["level"] != model.references[name], 1.0),
            "ratio_lower": both["lower_ratio"],
            "ratio_upper": both["upper_ratio"],
        }
    )
