"""What adherence may be where the answer is missing: worst and best case, complete cases, and multiple imputation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from fls_research.analysis.adherence_drugs import routes
from fls_research.kpi.records import Kpi, Patients, Status
from fls_research.kpi.rules import NOT_KNOWN
from fls_research.kpi.statuses import statuses
from fls_research.stats import imputation
from fls_research.stats.proportions import clustered_proportion, wilson_proportion

LABELS: tuple[str, ...] = ("data_year", "kpi", "measure", "title", "rule")
ESTIMATES: tuple[str, ...] = ("estimate", "lower", "upper", "fraction_missing", "degrees_of_freedom")
COUNTS: tuple[str, ...] = ("n", "answered")

OUTCOME, EARLIER = "outcome", "earlier"
_CATEGORIES = ("sex", "care_home", "site_group", "imd_quintile")
IMPUTED = "imputed"
_WEAKEST, _STRONGEST = 1.0, 1000.0
"""The prior's worth in patients is kept between these."""


@dataclass(frozen=True)
class Imputing:
    """How the imputation is done.

    ``imputations`` completed copies, each after ``burn_in`` cycles of its own chain; a missing answer is drawn from the
    ``neighbours`` patients who are predicted most alike; ``confidence`` of the intervals.
    """

    imputations: int = 5
    burn_in: int = 2
    neighbours: int = 10
    confidence: float = 0.95


def imputed_shares(
    fractures: pd.DataFrame,
    questions: Sequence[tuple[str, Kpi]],
    *,
    year: int,
    how: Imputing,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """The proportion under each record with missing answers imputed many times and put together by Rubin's rules.

    Parameters
    ----------
    fractures : the cohort; a record with ``years_before`` reads the patients of the year before.
    questions : slug and record; KPI 10 and 11 and the records of :mod:`.adherence_measures`.
    how : the numbers of the imputation.
    generator : source of randomness; the same state gives the same answer.

    Returns
    -------
    One row a question: :data:`LABELS` (``rule`` is ``imputed``), :data:`COUNTS` (patients counted, and those with an
    answer) and :data:`ESTIMATES`. A question without a gap has its plain clustered proportion; one that nobody or
    nobody with an answer is eligible for has no row.

    The model holds age, sex, care home, deprivation, site of fracture, route of the drug, the service's own level and,
    for 52 weeks, the answer at 16 weeks. The service's level is drawn anew for every copy from a beta distribution
    (its answered patients beside what other services show), so that a service without answers is as uncertain as
    services differ. It assumes that, among patients alike in all this, those without an answer fare like those with
    one. Errors are clustered by service, on the log odds.

    Rubin DB (1987); Barnard J, Rubin DB (1999), Biometrika 86:948–955; van Buuren S (2011), J Stat Softw 45(3).
    """
    rows = [_imputed(fractures, slug, record, year, how, generator) for slug, record in questions]
    told = [row for row in rows if row is not None]
    return pd.DataFrame(told, columns=[*LABELS, *COUNTS, *ESTIMATES])


def _imputed(
    fractures: pd.DataFrame, slug: str, record: Kpi, year: int, how: Imputing, generator: np.random.Generator
) -> dict[str, object] | None:
    patients = _asked(fractures, record, year)
    answered = patients[OUTCOME].dropna()
    if answered.nunique() < 2:
        return None
    if len(answered) == len(patients):
        copies = [patients] * 2
    else:
        copies = [_completed(patients, how, generator) for _ in range(how.imputations)]
    return {
        "data_year": year,
        "kpi": record.id,
        "measure": slug,
        "title": record.title,
        "rule": IMPUTED,
        "n": len(patients),
        "answered": len(answered),
        **_pooled(copies, confidence=how.confidence),
    }


def _asked(fractures: pd.DataFrame, record: Kpi, year: int) -> pd.DataFrame:
    """The eligible patients with their outcome (1, 0 or missing) and what predicts it."""
    measure = record.measure
    if not isinstance(measure, Patients):
        raise TypeError(f"{record.id} is a KPI of services: there are no patients whose answers could be imputed.")
    cohort = fractures.loc[fractures["data_year"] == year - measure.years_before].reset_index(drop=True)
    status = statuses(cohort, record)
    eligible = status != Status.NOT_ELIGIBLE
    kept = cohort.loc[eligible]
    met = pd.Series(status[eligible], index=kept.index)
    route = pd.Series(routes(kept["therapy_drugs"]), index=kept.index)
    made = pd.DataFrame(
        {
            OUTCOME: met.map({Status.MET: 1.0, Status.NOT_MET: 0.0}).astype(float),
            "age": kept["age"].to_numpy(dtype=float),
            **{
                name: kept[name].astype(object).where(kept[name].notna(), NOT_KNOWN).astype(str) for name in _CATEGORIES
            },
            "route": route.astype(object).where(route.notna(), "no drug named"),
            "service_code": kept["service_code"].astype(str),
        }
    )
    if measure.years_before:
        answer = kept["therapy_16"].astype(str)
        made[EARLIER] = (answer == "drug").astype(float).mask(answer == NOT_KNOWN)
    return made.reset_index(drop=True)


def _completed(patients: pd.DataFrame, how: Imputing, generator: np.random.Generator) -> pd.DataFrame:
    """One completed copy, from a chain of its own with service levels of its own."""
    levels = {
        f"service_{name}": _drawn_levels(patients, name, generator)
        for name in (OUTCOME, EARLIER)
        if name in patients and _varies(patients[name])
    }
    gaps = [name for name in patients if patients[name].isna().any()]
    usable = [name for name in gaps if _varies(patients[name])]
    model = patients.drop(columns=["service_code", *(set(gaps) - set(usable))]).assign(**levels)
    (completed,) = imputation.impute_chained(
        model,
        imputations=1,
        burn_in=how.burn_in if len(usable) > 1 else 0,  # one column with gaps is no chain
        spacing=1,
        neighbours=how.neighbours,
        generator=generator,
    )
    return completed.assign(service_code=patients["service_code"])


def _drawn_levels(patients: pd.DataFrame, name: str, generator: np.random.Generator) -> np.ndarray:
    """Each patient's service's level: a draw from the beta posterior of the service's answered share."""
    known = patients.loc[patients[name].notna()]
    by_service = known.groupby("service_code")[name].agg(["sum", "size"])
    services = pd.Index(sorted(patients["service_code"].unique()))
    met, size = (by_service[column].reindex(services, fill_value=0).to_numpy(float) for column in ("sum", "size"))
    overall = met.sum() / size.sum()
    strength = _prior_strength(met, size, overall)
    drawn = generator.beta(strength * overall + met, strength * (1 - overall) + size - met)
    return drawn[services.get_indexer(patients["service_code"])]


def _prior_strength(met: np.ndarray, size: np.ndarray, overall: float) -> float:
    """How many patients what is known of services in general is worth, by the method of moments (beta-binomial).

    Services with fewer than ten answers say too little of how services differ.
    """
    large = size >= 10
    if large.sum() < 2:
        return _WEAKEST
    shares = met[large] / size[large]
    between = shares.var(ddof=1) - (overall * (1 - overall) / size[large]).mean()
    spread = overall * (1 - overall)
    return float(np.clip(spread / between - 1, _WEAKEST, _STRONGEST)) if between > 0 else _STRONGEST


def _pooled(copies: Sequence[pd.DataFrame], *, confidence: float) -> dict[str, float]:
    """Rubin's rules over the clustered log odds of every copy, brought back to a proportion."""
    odds, variances = np.array([_log_odds(copy, confidence) for copy in copies]).T
    services = copies[0]["service_code"].nunique()
    pooled = imputation.pool(
        odds[:, None],
        variances[:, None],
        terms=[OUTCOME],
        complete_df=services - 1 if services > 1 else len(copies[0]) - 1,
        confidence=confidence,
    ).iloc[0]
    return {
        "estimate": float(expit(pooled["estimate"])),
        "lower": float(expit(pooled["lower"])),
        "upper": float(expit(pooled["upper"])),
        "fraction_missing": float(pooled["fraction_missing"]),
        "degrees_of_freedom": float(pooled["df"]),
    }


def _varies(values: pd.Series) -> bool:
    known = values.dropna()
    return bool((known != known.iloc[0]).any()) if len(known) else False


def _log_odds(copy: pd.DataFrame, confidence: float) -> tuple[float, float]:
    if _varies(copy["service_code"]):
        found = clustered_proportion(copy[OUTCOME], np.ones(len(copy)), copy["service_code"], confidence=confidence)
    else:
        found = wilson_proportion(copy[OUTCOME].sum(), len(copy), confidence=confidence)
    share = float(found.estimate)
    return float(logit(share)), float((found.se / (share * (1 - share))) ** 2)
