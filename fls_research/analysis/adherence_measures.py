"""The measures of adherence as KPI records: of those recommended a drug, who had started, and who kept on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fls_research.kpi.follow_up import KPI10, KPI11
from fls_research.kpi.records import Basis, Kpi
from fls_research.kpi.rules import All, OneOf, Rule

RECOMMENDED = OneOf("therapy", ("drug",))
"""A drug was recommended by name; referrals to the GP or for an opinion are in KPI 10 and 11 and not here."""

ON_A_DRUG_AT_16 = OneOf("therapy_16", ("drug",))
ON_A_DRUG_AT_52 = OneOf("therapy_52", ("drug",))


def _record(of: Kpi, suffix: str, *, title: str, question: str, eligible: Rule) -> Kpi:
    return replace(
        of,
        id=f"kpi{of.number}-{suffix}",
        title=title,
        question=question,
        measure=replace(of.measure, eligible=eligible),
        target=None,
        standards=(),
        basis=Basis.PROPOSED,
        source=f"As KPI {of.number}, among patients to whom a drug was recommended by name.",
        not_known="When the drug was first taken: the dataset holds no date of a first dose.",
    )


STARTED = _record(
    KPI10,
    "recommended",
    title="On a drug at 16 weeks",
    question="Of the patients recommended a drug, how many had started, or were continuing, by 16 weeks?",
    eligible=RECOMMENDED,
)
NEWLY_STARTED = _record(
    KPI10,
    "newly-started",
    title="Newly started by 16 weeks, not treated before",
    question="Of the patients recommended a drug who had none before the fracture, how many had started by 16 weeks?",
    eligible=All(RECOMMENDED, OneOf("prior_therapy", ("no",))),
)
CONTINUING = _record(
    KPI10,
    "continuing",
    title="Continuing at 16 weeks, treated before",
    question="Of the patients recommended a drug who had one before the fracture, how many had one at 16 weeks?",
    eligible=All(RECOMMENDED, OneOf("prior_therapy", ("yes",))),
)
ON_AT_52 = _record(
    KPI11,
    "recommended",
    title="On a drug at 52 weeks",
    question="Of the patients recommended a drug the year before, how many were on one at 52 weeks?",
    eligible=RECOMMENDED,
)
PERSISTING = _record(
    KPI11,
    "persisting",
    title="Still on a drug at 52 weeks, having started by 16",
    question="Of the patients on a drug at 16 weeks, how many were still on one at 52 weeks?",
    eligible=All(RECOMMENDED, ON_A_DRUG_AT_16),
)


@dataclass(frozen=True)
class AdherenceMeasure:
    """One measure: the slug under which prose finds its numbers, and the record that defines it."""

    slug: str
    record: Kpi


MEASURES: tuple[AdherenceMeasure, ...] = (
    AdherenceMeasure("started", STARTED),
    AdherenceMeasure("newly-started", NEWLY_STARTED),
    AdherenceMeasure("continuing", CONTINUING),
    AdherenceMeasure("on-at-52", ON_AT_52),
    AdherenceMeasure("persisting", PERSISTING),
)
"""In the order of the pathway. Deaths inside the window and "no longer appropriate" leave, as in KPI 10 and 11."""

MAIN: tuple[AdherenceMeasure, ...] = tuple(m for m in MEASURES if m.slug in ("started", "on-at-52", "persisting"))
"""The three that are compared between groups of patients."""
