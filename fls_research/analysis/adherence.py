"""Counts of adherence ready for release: how many started a drug that was recommended, kept on it, or changed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from fls_research.analysis.adherence_drugs import changed, drug_groups, routes
from fls_research.analysis.adherence_imputed import Imputing, imputed_shares
from fls_research.analysis.adherence_measures import MAIN, MEASURES, AdherenceMeasure
from fls_research.analysis.adherence_states import AT_16_WEEKS, AT_52_WEEKS, ON_A_DRUG, Stage, recommended_in, states
from fls_research.analysis.sensitivity_rules import HEADLINE, RULES, CountingRule
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.groups import Dimension, Grouping
from fls_research.kpi.records import Kpi, Status
from fls_research.kpi.rules import NOT_KNOWN, column_of
from fls_research.kpi.statuses import statuses
from fls_research.kpi.tally import Tally, count_statuses, counts_frame

LABELS: tuple[str, ...] = ("measure", "title")
"""Columns of the counts that say what a row is and count nobody."""

BOUND_LABELS: tuple[str, ...] = ("measure", "title", "rule", "counted")
"""The same for :func:`bounds_counts`."""

STATE_LABELS: tuple[str, ...] = ("stage", "at", "state")
"""The same for :func:`fls_research.analysis.adherence_states.state_counts`."""

BOUNDS: tuple[CountingRule, ...] = tuple(r for r in RULES if r.id in (HEADLINE, "complete-cases", "best-case"))

GROUPINGS: dict[str, str] = {"route": "Route", "drug": "Drug recommended", "fracture_site": "Site of fracture"}
"""Dimension to the words for it, in the order in which a report shows them."""


def measure_counts(fractures: pd.DataFrame, *, years: Sequence[int]) -> pd.DataFrame:
    """Every measure of adherence for each year as a whole: a ``counts`` frame with ``measure`` and ``title``.

    Measures at 52 weeks of a year are those of the patients of the year before; without these they have no row.

    >>> patients = pd.DataFrame({"data_year": 2024, "therapy": "drug", "therapy_16": ["drug", "not known", "drug"],
    ...     "prior_therapy": "no", "therapy_52": "not known", "index_date": pd.Timestamp("2024-03-01"),
    ...     "death_date": [pd.NaT, pd.NaT, pd.Timestamp("2024-03-31")]})
    >>> measure_counts(patients, years=[2024])[["measure", "numerator", "denominator", "unknown"]]
             measure  numerator  denominator  unknown
    0        started        1.0          2.0        1
    1  newly-started        1.0          2.0        1
    2     continuing        0.0          0.0        0
    """
    counts = evaluate(fractures, None, years=years, by=["national"], kpis=[each.record for each in MEASURES])
    return _told(counts)


def group_counts(fractures: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The three main measures by route, drug and site of fracture, with the row of everybody beside them.

    Returns
    -------
    A ``counts`` frame with ``measure`` and ``title``; ``dimension`` is ``national`` or a key of :data:`GROUPINGS`. A
    group without an eligible patient has no row; a site that is not known is the group ``not known``.
    """
    tallies = [
        tally
        for each in MAIN
        for tally in _by_groups(_cohort_of(fractures, each.record, year), each.record, year)
        if tally.present.any()
    ]
    # Patients without a drug have no group here, so "not eligible" would not add up to that of everybody.
    return _told(counts_frame(tallies)).drop(columns="not_eligible")


def switching_counts(fractures: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Who was on a drug at both ends of a step, and how many of them on another one: by the route they came from.

    The steps are from the recommendation to 16 weeks (patients of the year) and from 16 to 52 weeks (patients of the
    year before). ``numerator`` are those whose later drugs are others than the earlier; ``denominator`` those whose
    drugs are named at both ends. A death before the later end leaves.

    Returns
    -------
    A ``counts`` frame with ``measure`` (``switched-16``, ``switched-52``) and ``title``.
    """
    first, before = recommended_in(fractures, year), recommended_in(fractures, year - 1)
    to_16 = _on_both(first, "therapy_drugs", "therapy_16_drugs", (AT_16_WEEKS,))
    to_52 = _on_both(before, "therapy_16_drugs", "therapy_52_drugs", (AT_16_WEEKS, AT_52_WEEKS))
    steps = [_switched("switched-16", "By 16 weeks", to_16, year)]
    steps += [_switched("switched-52", "16 to 52 weeks", to_52, year)]
    return pd.concat(steps, ignore_index=True)


def bounds_counts(fractures: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The three main measures with a missing answer as not met (worst case), left out, and as met (best case).

    Returns
    -------
    A ``counts`` frame with ``measure``, ``title``, ``rule`` and ``counted`` (the rule in words); ``kpi`` is the
    measure's id, followed by the rule's where that is not the headline.
    """
    parts = []
    for each in MAIN:
        for rule in BOUNDS:
            kpi = each.record.id if rule.id == HEADLINE else f"{each.record.id}-{rule.id}"
            record = replace(rule.changed(each.record, year), id=kpi)
            counts = evaluate(fractures, None, years=[year], by=["national"], kpis=[record])
            told = {"measure": each.slug, "title": each.record.title, "rule": rule.id, "counted": rule.title}
            parts.append(counts.assign(**told))
    return pd.concat(parts, ignore_index=True)


def imputed(fractures: pd.DataFrame, *, year: int, how: Imputing, generator: np.random.Generator) -> pd.DataFrame:
    """The three main measures with missing answers imputed; see :func:`.adherence_imputed.imputed_shares`."""
    return imputed_shares(
        fractures, [(each.slug, each.record) for each in MAIN], year=year, how=how, generator=generator
    )


def _cohort_of(fractures: pd.DataFrame, record: Kpi, year: int) -> pd.DataFrame:
    of_year = fractures["data_year"] == year - record.measure.years_before
    return fractures.loc[of_year].reset_index(drop=True)


def _by_groups(patients: pd.DataFrame, record: Kpi, year: int) -> list[Tally]:
    status = statuses(patients, record)
    drugs = column_of(patients, "therapy_drugs")
    groupings = (
        Grouping(Dimension(("national",)), np.zeros(len(patients), dtype=np.int64), (np.array(["all"], dtype=object),)),
        _grouping("route", routes(drugs)),
        _grouping("drug", drug_groups(drugs)),
        _grouping("fracture_site", column_of(patients, "fracture_site")),
    )
    return [_tally(status, grouping, record, year) for grouping in groupings]


def _grouping(name: str, values: pd.Categorical | pd.Series) -> Grouping:
    answers = pd.Series(values).astype("category").cat
    labels = [str(label) for label in answers.categories if label != NOT_KNOWN]
    place = {label: number for number, label in enumerate(labels)}
    # A missing value has category number -1, which is the last place of the look-up.
    look_up = np.array([place.get(str(label), len(labels)) for label in [*answers.categories, NOT_KNOWN]])
    names = np.array([*labels, NOT_KNOWN], dtype=object)
    return Grouping(Dimension((name,)), look_up[answers.codes.to_numpy()], (names,))


def _tally(status: np.ndarray, grouping: Grouping, record: Kpi, year: int) -> Tally:
    table = count_statuses(status, grouping)
    eligible = table[:, [Status.MET, Status.NOT_MET, Status.UNKNOWN]].sum(axis=1)
    return Tally(
        record=record,
        year=year,
        grouping=grouping,
        present=eligible > 0,
        numerator=table[:, Status.MET].astype(float),
        denominator=eligible.astype(float),
        unknown=table[:, Status.UNKNOWN],
        not_eligible=table[:, Status.NOT_ELIGIBLE],
    )


def _on_both(patients: pd.DataFrame, earlier: str, later: str, stages: tuple[Stage, ...]) -> pd.DataFrame:
    on = np.logical_and.reduce([states(patients, stage) == ON_A_DRUG for stage in stages])
    named = on & (patients[earlier] != "").to_numpy() & (patients[later] != "").to_numpy()
    kept = patients.loc[named]
    return pd.DataFrame({"route": routes(kept[earlier]), "switched": changed(kept[earlier], kept[later])})


def _switched(step: str, title: str, patients: pd.DataFrame, year: int) -> pd.DataFrame:
    by_route = patients.groupby("route", observed=True)["switched"].agg(["sum", "size"])
    rows = [("national", "all", patients["switched"].sum(), len(patients))]
    rows += [("route", str(route), switched, size) for route, switched, size in by_route.itertuples()]
    return pd.DataFrame(rows, columns=["dimension", "group", "numerator", "denominator"]).assign(
        data_year=year, kpi=step, version=f"{step}.1", measure=step, title=title
    )


def _told(counts: pd.DataFrame) -> pd.DataFrame:
    by_id: dict[str, AdherenceMeasure] = {each.record.id: each for each in MEASURES}
    return counts.assign(
        measure=[by_id[kpi].slug for kpi in counts["kpi"]], title=[by_id[kpi].record.title for kpi in counts["kpi"]]
    )
