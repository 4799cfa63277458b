"""How fast alike patients reach a step: cause-specific Cox models over all services, and within each service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.analysis.clocks import step, waits
from fls_research.analysis.comparisons import CHARACTERISTICS
from fls_research.errors import UsageError
from fls_research.kpi.groups import dimensions, group
from fls_research.stats.design import covariates
from fls_research.stats.survival import (
    CoxFit,
    cause_specific_cox,
    cox_robust_covariance,
    cox_table,
    proportional_hazards_test,
)

CONFIDENCE = 0.95

REFERENCES: dict[str, str] = {
    "imd_quintile": "5",
    "age_band": "65–74",
    "sex": "female",
    "care_home": "no",
    "site_group": "other",
}
"""Covariates of the models, as dimensions of ``kpi.groups``, to the group that the others are compared with."""

HEADINGS: dict[str, str] = {**CHARACTERISTICS, "site_group": "Fracture site"}
"""Dimension to its heading in a table."""

ESTIMATES = ("overall", "overall_lower", "overall_upper", "within", "within_lower", "within_upper")
"""The columns of ``HazardModels.ratios`` that hold estimates."""

LABELS = ("data_year", "step", "dimension", "group", "characteristic", "group_name")
"""Its labels, and those that ``comparisons.with_words`` adds."""

ALL = "all"


@dataclass(frozen=True)
class HazardModels:
    """Two Cox models of one step on the same patients.

    ``overall`` compares patients over all services; ``within`` has a baseline of its own for each service, so that
    patients of one service are compared with one another. What only the first shows lies between services.

    ``ratios`` has one row per dimension and group, the reference first: ``data_year``, ``step``, ``dimension``,
    ``group``, ``n``, ``events``, and for each model the hazard ratio with ``_lower`` and ``_upper`` (95%; all 1 for the
    reference). ``proportionality`` has one row per dimension and one called ``all``: ``n``, ``events`` and for
    each model the chi-square of the score test that the ratios hold at all times, ``_df`` and ``_p``; time is one less
    the Kaplan–Meier curve. ``services`` is the number of clusters of the errors.
    """

    ratios: pd.DataFrame
    proportionality: pd.DataFrame
    services: int


def hazard_models(
    fractures: pd.DataFrame, *, of: str, references: Mapping[str, str], data_lock: dt.date, horizon: int
) -> HazardModels:
    """How fast each group reaches a step among those who still wait, with all other covariates alike.

    Efron's ties; every other end of waiting censors; errors are clustered by service (by patient where there is one
    service only). Rows alike in service, covariates, day and end are counted, not repeated.

    Parameters
    ----------
    fractures, data_lock, horizon : as in :func:`~fls_research.analysis.clocks.waits`, with ``service_code``; the
        records of one data year.
    of : id of the step.
    references : dimension to its reference group. An answer that is not known is a group of its own. A group of whom
        nobody reached the step is shown without an estimate and is in neither model; a dimension without a second
        group, or whose reference group nobody is in, is left out of both.

    Raises
    ------
    UsageError : the records are of several data years, or no covariate has two groups.
    StatsError : a model has no finite estimate, such as where a group is reached in one service only.

    Prentice RL et al. (1978), Biometrics 34:541–554 (cause-specific hazards); Lin DY, Wei LJ (1989), J Am Stat Assoc
    84:1074–1078 (clusters); Grambsch PM, Therneau TM (1994), Biometrika 81:515–526 (score test).

    >>> fractures = pd.DataFrame({
    ...     "data_year": 2024, "index_date": pd.to_datetime(["2024-01-01"] * 6), "days_to_death": None,
    ...     "service_code": list("AABBAB"), "sex": ["female", "male"] * 3,
    ...     "days_to_assessment": [10, 40, 20, None, 50, 30]})
    >>> models = hazard_models(fractures, of="assessment", references={"sex": "female"},
    ...                        data_lock=dt.date(2025, 6, 30), horizon=365)
    >>> models.ratios[["group", "n", "events", "overall"]].round(3)
        group    n  events  overall
    0  female  3.0     3.0    1.000
    1    male  3.0     2.0    0.423
    """
    if len(fractures["data_year"].unique()) != 1:
        raise UsageError("Hazard models speak of one data year: pass the records of that year only.")
    done = step(of).done
    patterns, sizes = _patterns(fractures, of, references, data_lock=data_lock, horizon=horizon)
    told = {"data_year": int(fractures["data_year"].iloc[0]), "step": of}
    varied = {name: level for name, level in references.items() if _compares(patterns[name], level)}
    if not varied:
        raise UsageError("No covariate has two groups who reached the step; there is nothing to compare.")
    sizes = sizes[sizes["dimension"].isin(list(varied))].reset_index(drop=True)
    columns = covariates(patterns, categorical=varied)
    ratios, tested = sizes, pd.DataFrame({"dimension": [*varied, ALL]})
    services = len(patterns["service"].unique())
    cluster = patterns["service"] if services > 1 else None
    for model, strata in (("overall", None), ("within", patterns["service"])):
        fit = cause_specific_cox(
            patterns["day"],
            patterns["state"],
            columns,
            cause=done,
            ties="efron",
            strata=strata,
            weights=patterns["patients"],
        )
        ratios = ratios.assign(**_ratios(fit, ratios, varied, cluster, model))
        tested = tested.assign(**_tests(fit, tested["dimension"], model), n=fit.n, events=fit.events)
    order = ["dimension", "n", "events"]
    tested = tested[[*order, *tested.columns.difference(order, sort=False)]]
    return HazardModels(*(table.assign(**told)[[*told, *table]] for table in (ratios, tested)), services)


def _patterns(
    fractures: pd.DataFrame, of: str, references: Mapping[str, str], *, data_lock: dt.date, horizon: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Alike patients counted (``patients``), and the size of every group with who of it reached the step."""
    ended = waits(fractures, step(of), data_lock=data_lock, horizon=horizon)
    rows = fractures.loc[ended.index]
    groupings = {dimension.name: group(rows, dimension) for dimension in dimensions(list(references))}
    named = {name: pd.Categorical.from_codes(g.numbers, categories=g.names()) for name, g in groupings.items()}
    # To the model every other end is one and the same.
    state = np.where(ended["state"] == step(of).done, step(of).done, "other")
    keyed = pd.DataFrame({"service": rows["service_code"].astype(str), **named, "day": ended["day"], "state": state})
    patterns = keyed.groupby(list(keyed), observed=True).size().rename("patients").reset_index()
    sizes = pd.concat([_size(patterns, name, references[name], step(of).done) for name in references])
    nobody = sizes.loc[sizes["events"] == 0]
    for name, missing in nobody.groupby("dimension")["group"]:
        patterns = patterns[~patterns[name].isin(missing)]
    return patterns.reset_index(drop=True), sizes.reset_index(drop=True)


def _compares(groups: pd.Series, reference: str) -> bool:
    present = set(groups.astype(str))
    return reference in present and len(present) > 1


def _size(patterns: pd.DataFrame, name: str, reference: str, done: str) -> pd.DataFrame:
    reached = patterns["patients"].where(patterns["state"] == done, 0)
    counted = pd.DataFrame({"n": patterns["patients"], "events": reached}).groupby(patterns[name], observed=True).sum()
    ordered = sorted(counted.index, key=lambda level: level != reference)
    found = counted.astype(float).reindex(ordered).rename_axis("group").reset_index()
    return found.assign(dimension=name, group=found["group"].astype(str))[["dimension", "group", "n", "events"]]


def _ratios(
    fit: CoxFit, sizes: pd.DataFrame, references: Mapping[str, str], cluster: pd.Series | None, model: str
) -> dict[str, pd.Series]:
    covariance = cox_robust_covariance(fit, cluster=cluster)
    table = cox_table(fit, covariance=covariance, confidence=CONFIDENCE).set_index("term")
    terms = sizes["dimension"] + "[" + sizes["group"] + "]"
    reference = sizes["group"] == sizes["dimension"].map(dict(references))
    return {
        model: terms.map(table["ratio"]).mask(reference, 1.0),
        f"{model}_lower": terms.map(table["lower"]).mask(reference, 1.0),
        f"{model}_upper": terms.map(table["upper"]).mask(reference, 1.0),
    }


def _tests(fit: CoxFit, dimension: pd.Series, model: str) -> dict[str, pd.Series]:
    tested = proportional_hazards_test(fit, transform="km").set_index("term").rename(index={"GLOBAL": ALL})
    found = tested.reindex(dimension).reset_index(drop=True)
    return {model: found["statistic"], f"{model}_df": found["df"].astype(float), f"{model}_p": found["p_value"]}
