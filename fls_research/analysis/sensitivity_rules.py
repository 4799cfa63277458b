"""The other rules under which a KPI could have been counted, each as a change of its record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fls_research.kpi.definitions import SIDE_BY_SIDE, record_for
from fls_research.kpi.records import Kpi, LeftOut, Patients, Reason, Status
from fls_research.kpi.rules import Within

HEADLINE, IMPUTED = "headline", "imputed"


@dataclass(frozen=True)
class CountingRule:
    """One way to count.

    ``changed`` makes the record under it from the headline and the data year: ``None`` where the rule changes nothing
    of that KPI. ``without_empty_services`` says that services which leave the KPI's fields empty are not counted.
    """

    id: str
    title: str
    changed: Callable[[Kpi, int], Kpi | None]
    without_empty_services: bool = False


def as_published(record: Kpi, year: int) -> Kpi:
    """The headline itself: an answer that is missing counts as not met."""
    return record


def complete_cases(record: Kpi, year: int) -> Kpi:
    """The record without the patients whose answer is missing."""
    return record.counting_unknown_as(Status.NOT_ELIGIBLE)


def best_case(record: Kpi, year: int) -> Kpi:
    """The record with every missing answer taken as met: the most that the data allow."""
    return record.counting_unknown_as(Status.MET)


def deaths_the_other_way(record: Kpi, year: int) -> Kpi | None:
    """Deaths inside the window kept where the headline leaves them out, and left out where it keeps them.

    ``None`` for a KPI without a window.

    >>> deaths_the_other_way(record_for("kpi10", 2024), 2024).measure.leaves_out(Reason.DEATH)
    False
    >>> deaths_the_other_way(record_for("kpi9", 2024), 2024).measure.leaves_out(Reason.DEATH)
    True
    """
    measure = record.measure
    assert isinstance(measure, Patients)
    if measure.leaves_out(Reason.DEATH):
        kept = tuple(out for out in measure.left_out if out.reason is not Reason.DEATH)
        return replace(
            record, measure=replace(measure, left_out=kept), conventions=replace(record.conventions, death=None)
        )
    if record.clock is None:
        return None
    died = LeftOut(Reason.DEATH, Within("index_date", "death_date", days=record.clock.last_day))
    return replace(
        record,
        measure=replace(measure, left_out=(*measure.left_out, died)),
        conventions=replace(record.conventions, death=Status.NOT_ELIGIBLE),
    )


def refusals_out(record: Kpi, year: int) -> Kpi | None:
    """The variant of the KPI that leaves refusals out too; ``None`` where a KPI has no such variant.

    >>> refusals_out(record_for("kpi11", 2024), 2024).measure.leaves_out(Reason.DECLINED)
    True
    >>> refusals_out(record_for("kpi4", 2024), 2024) is None
    True
    """
    variant = SIDE_BY_SIDE.get(record.number, {}).get("eligible-only")
    return None if variant is None else record_for(variant, year)


RULES: tuple[CountingRule, ...] = (
    CountingRule(HEADLINE, "As published: not known is not met", as_published),
    CountingRule("complete-cases", "Only those with an answer", complete_cases),
    CountingRule("best-case", "Not known is met", best_case),
    CountingRule("deaths", "Deaths counted the other way", deaths_the_other_way),
    CountingRule("refusals-out", "Refusals left out", refusals_out),
    CountingRule("empty-out", "Services with empty fields left out", as_published, without_empty_services=True),
)
"""The rules in the order of a table; the first is the headline."""

TITLES: dict[str, str] = {rule.id: rule.title for rule in RULES} | {IMPUTED: "Imputed"}
