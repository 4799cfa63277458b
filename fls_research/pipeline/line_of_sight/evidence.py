"""The walk: from a recommendation to its facts, from a fact to its result, its definition and the data items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fls_research.data.schema import BY_NAME
from fls_research.errors import FlsError, PublishError
from fls_research.kpi.definitions import RECORDS, data_items, record_for
from fls_research.kpi.records import Kpi
from fls_research.kpi.wording import column_words
from fls_research.pipeline.line_of_sight.edition import Edition
from fls_research.pipeline.line_of_sight.pages import Pages, Place
from fls_research.pipeline.line_of_sight.recommendations import Evidence, Recommendation

PUBLISHED = "published"
"""The first word of a fact that was read in print and not computed."""

REGISTER_ITEM = "hip_fractures"


@dataclass(frozen=True)
class Item:
    """One data item behind a fact: its words, and the audit's number of the field where it has one."""

    name: str
    words: str
    number: str

    def __str__(self) -> str:
        return f"{self.words} ({self.number})" if self.number else self.words


@dataclass(frozen=True)
class Walk:
    """One fact walked back: the ``fact``, the ``result`` that states it, its ``record`` and the data ``items``.

    ``record`` is None for a fact that no KPI defines, such as the size of the cohort or a published value.
    """

    id: str
    year: int
    fact: Mapping[str, Any]
    result: Mapping[str, Any]
    record: Kpi | None
    items: tuple[Item, ...]

    @property
    def is_published(self) -> bool:
        return self.id.split(".")[0] == PUBLISHED


@dataclass(frozen=True)
class Line:
    """One sentence of evidence with its numbers in place, where it stands in the report, and its facts walked back."""

    text: str
    place: Place
    walks: tuple[Walk, ...]


def walk(edition: Edition, fact_id: str, *, where: str = "") -> Walk:
    """Walk one fact back to the data items.

    Raises
    ------
    PublishError : there is no such fact, or no result states it.
    """
    name = edition.fact_id(fact_id)
    fact = edition.fact(name, where=where)
    result = edition.result(str(fact["result"]), where=where or name)
    year = _year_of(name, edition.year)
    record = None if name.split(".")[0] == PUBLISHED else _record(name, str(fact.get("definition") or ""), year)
    return Walk(name, year, fact, result, record, items_of(record, year) if record else ())


def items_of(record: Kpi, year: int) -> tuple[Item, ...]:
    """The data items of a KPI in a data year, with the audit's field numbers.

    >>> from fls_research.kpi.definitions import record_for
    >>> [str(item) for item in items_of(record_for("kpi4", 2024), 2024)]
    ['diagnosis of the fracture (1.09)', 'date of FLS assessment (1.07)']
    """
    return tuple(_item(name) for name in data_items(record, year))


def _item(name: str) -> Item:
    field = BY_NAME.get(name)
    return Item(name, column_words(name), (field.number or "") if field else "")


def _year_of(fact_id: str, edition_year: int) -> int:
    years = [int(part) for part in fact_id.split(".") if part.isdigit() and len(part) == 4]
    return years[0] if years else edition_year


def _record(fact_id: str, version: str, year: int) -> Kpi | None:
    """The definition a fact goes by: the one its table names, else that of the KPI in its id, else none."""
    for record in RECORDS:
        if version and record.version == version:
            return record
    for part in fact_id.split(".")[:2]:
        try:
            return record_for(part, year)
        except FlsError:
            continue
    return None


def lines_of(recommendation: Recommendation, edition: Edition, pages: Pages) -> tuple[Line, ...]:
    """The evidence of a recommendation, each sentence with its page and its facts walked back.

    Raises
    ------
    PublishError : a sentence without a fact; a fact that is unknown, suppressed, or not stated by the result that the
        sentence names; a result that the report does not show; a number that its page does not show.
    """
    return tuple(
        _line(evidence, edition, pages, where=f"recommendation '{recommendation.id}', evidence {number}")
        for number, evidence in enumerate(recommendation.evidence, start=1)
    )


def _line(evidence: Evidence, edition: Edition, pages: Pages, *, where: str) -> Line:
    told = edition.told(evidence.sentence, where=where)
    if not told.facts:
        raise PublishError(f"{where}: the sentence holds no fact; write its numbers as {{{{< var … >}}}}.")
    _refuse_other_results(told.facts, evidence.result, edition, where=where)
    place = pages.place_of_numbers(evidence.result, _to_be_shown(told.facts, edition), where=where)
    return Line(told.text, place, tuple(walk(edition, name, where=where) for name in told.facts))


def _to_be_shown(facts: Sequence[str], edition: Edition) -> list[str]:
    """The texts that the page must show: all but the percentage of a number that is itself in the sentence.

    A number that the extract cannot give need not be shown: its row may not be there.
    """
    return [
        str(edition.facts[name]["text"])
        for name in facts
        if not edition.lacks(name) and not (name.endswith("-percent") and name.removesuffix("-percent") in facts)
    ]


def _refuse_other_results(facts: Sequence[str], label: str, edition: Edition, *, where: str) -> None:
    stated = edition.result(label, where=where)["facts"]
    for name in facts:
        if name not in stated:
            raise PublishError(
                f"{where}: it stands on '{label}', which does not state the fact '{name}'; "
                f"that is in '{edition.facts[name]['result']}'."
            )
