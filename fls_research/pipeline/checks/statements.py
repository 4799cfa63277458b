"""What a text states: the national value of a KPI in a year, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.numerals import DOWN_ARROWS, PERCENT, UP_ARROWS, YEAR, is_year, number_of
from fls_research.pipeline.checks.topics import numbered, the_one_named, the_one_numbered

_ARROW = rf"[{UP_ARROWS}{DOWN_ARROWS}]"
_PAIR = re.compile(rf"(?P<year>{YEAR})\s*(?:[-–—:=]\s*(?P<arrow>{_ARROW})?|(?P<arrow2>{_ARROW}))\s*(?P<p>{PERCENT})")
_CELL_VALUE = re.compile(rf"^(?P<arrow>{_ARROW})?\s*(?P<p>{PERCENT})\s*(?P<after>{_ARROW})?$")
_FROM_TO = re.compile(
    rf"\bfrom\s+(?P<p>{PERCENT})\s+(?:in\s+|\()(?P<year>{YEAR})\)?\s+to\s+(?P<p2>{PERCENT})\s+(?:in\s+|\()(?P<year2>{YEAR})"
)
_SENTENCE = re.compile(
    rf"\bKPI\s*(?P<kpi>\d{{1,2}})\s*(?:\([^()]*\)\s*)?(?:was|is|stood at|reached|rose to|fell to)\s+(?P<p>{PERCENT})"
    rf"\s+in\s+(?P<year>{YEAR})"
)
_SERVICES = re.compile(rf"(?P<p>{PERCENT})\s+of\s+(?:the\s+|all\s+)?(?:FLSs?|services)\b", re.IGNORECASE)
_PART_ONLY = re.compile(r"\bby (?:age|sex|site|nation|region|service|deprivation)|\bin (?:England|Wales)(?! and)", re.I)
_RESTATED = re.compile(r"\b(?:restated|revised|recalculated|previously published|first published)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Stated:
    """One value of one KPI as a text states it.

    ``arrow`` is "up", "down" or empty; ``group`` names the table or line it stands in, where it stands in one.
    """

    kpi: int
    year: int
    percent: Decimal
    words: str
    place: str
    arrow: str = ""
    group: str = ""


def statements(document: Document, year: int | None) -> tuple[Stated, ...]:
    """The national values of KPIs that a text states, in reading order, as far as it names KPI and year.

    Read are tables with a column for each year, tables with a row for each year under a line that names the KPI,
    "2023 – 65%", "from 59% in 2023 to 57% in 2024", "KPI 4 was 69% in 2024", and the share of services with good data
    completeness, which is KPI 1. Tables by group, and texts that say a value was restated, are left out. ``year`` is
    taken where a value stands without one.
    """
    found = [*_in_tables(document), *_in_prose(document, year)]
    order = {passage: number for number, passage in enumerate(document.passages)}
    return tuple(stated for passage, stated in sorted(found, key=lambda one: order[one[0]]))


def _in_tables(document: Document) -> Iterator[tuple[Passage, Stated]]:
    before = _lines_before_tables(document)
    for table in document.tables():
        number = table[0][0].cell.table
        context = before.get(number, "")
        if _PART_ONLY.search(context):
            continue
        found = [*_by_column(table, f"table {number}"), *_by_row(table, f"table {number}", context)]
        yield from _without_further_dimensions(found)


def _lines_before_tables(document: Document) -> dict[int, str]:
    """Table to the passage that stands above it: its caption or heading."""
    lines: dict[int, str] = {}
    last = ""
    for passage in document.passages:
        if passage.cell is None:
            last = passage.text
        else:
            lines.setdefault(passage.cell.table, last)
    return lines


def _by_column(table: list[tuple[Passage, ...]], group: str) -> Iterator[tuple[Passage, Stated]]:
    """Values under the columns that are headed by a bare year."""
    years: dict[int, int] = {}
    for row in table:
        heads = {passage.cell.column: int(passage.text) for passage in row if is_year(passage.text.strip())}
        if len(heads) >= 2:
            years = heads
            continue
        kpi = the_one_numbered(" ".join(passage.text for passage in row if passage.cell.column not in years))
        for passage in row:
            value = _CELL_VALUE.match(passage.text)
            if kpi and value and passage.cell.column in years:
                arrow = _arrow(value["arrow"] or value["after"])
                yield passage, _stated(kpi, years[passage.cell.column], value, passage, group, arrow)


def _by_row(table: list[tuple[Passage, ...]], group: str, context: str) -> Iterator[tuple[Passage, Stated]]:
    """Values in rows of the form year, value, under a line that names one KPI."""
    kpi = the_one_numbered(context)
    for row in table:
        filled = [passage for passage in row if passage.text]
        if kpi and len(filled) == 2 and is_year(filled[0].text):
            value = _CELL_VALUE.match(filled[1].text)
            if value:
                arrow = _arrow(value["arrow"] or value["after"])
                yield filled[1], _stated(kpi, int(filled[0].text), value, filled[1], group, arrow)


def _without_further_dimensions(found: list[tuple[Passage, Stated]]) -> Iterator[tuple[Passage, Stated]]:
    """A table that gives one KPI and year twice has rows for groups: none of them is the national one for sure."""
    keys = [(stated.kpi, stated.year) for _, stated in found]
    several = {kpi for kpi, year in keys if keys.count((kpi, year)) > 1}
    yield from (one for one in found if one[1].kpi not in several)


def _in_prose(document: Document, year: int | None) -> Iterator[tuple[Passage, Stated]]:
    in_row = _kpi_of_rows(document)
    for passage in document.passages:
        if _RESTATED.search(passage.text) or _PART_ONLY.search(passage.text):
            continue
        yield from _pairs(passage, in_row.get((passage.cell.table, passage.cell.row)) if passage.cell else None)
        for found in _SENTENCE.finditer(passage.text):
            yield passage, _stated(int(found["kpi"]), int(found["year"]), found, passage)
        yield from _from_to(passage)
        yield from _complete_services(passage, year)


def _kpi_of_rows(document: Document) -> dict[tuple[int, int], int | None]:
    """Row of a table to the KPI its short cells name, where that is one ("KPI 4 – bone health assessment")."""
    return {
        (row[0].cell.table, row[0].cell.row): the_one_numbered(
            " ".join(passage.text for passage in row if len(passage.text) < 80 and not _PAIR.search(passage.text))
        )
        for row in document.rows()
    }


def _pairs(passage: Passage, kpi_of_row: int | None) -> Iterator[tuple[Passage, Stated]]:
    """Values written "2023 – 65%": of the KPI named before them in the passage, else of the one its row names."""
    named = numbered(passage.text)
    for found in _PAIR.finditer(passage.text):
        before = [mention for mention in named if mention.end <= found.start()]
        kpis = before[-1].kpis if before else (kpi_of_row,) if kpi_of_row else ()
        if len(kpis) == 1:
            arrow = _arrow(found["arrow"] or found["arrow2"])
            group = f"{passage.place()} {kpis[0]}"
            yield passage, _stated(kpis[0], int(found["year"]), found, passage, group, arrow)


def _from_to(passage: Passage) -> Iterator[tuple[Passage, Stated]]:
    for found in _FROM_TO.finditer(passage.text):
        sentence = passage.text[passage.text.rfind(". ", 0, found.start()) + 1 : found.end()]
        kpi = the_one_named(sentence)
        if kpi:
            yield passage, _stated(kpi, int(found["year"]), found, passage)
            place = passage.place(found.start("p2"))
            yield passage, Stated(kpi, int(found["year2"]), number_of(found["p2"]), found["p2"], place)


def _complete_services(passage: Passage, year: int | None) -> Iterator[tuple[Passage, Stated]]:
    """KPI 1 in words: "42% of services had good data completeness"."""
    for found in _SERVICES.finditer(passage.text):
        sentence = re.split(r"(?<=[.!?])\s", passage.text[found.start() :])[0]
        named = re.search(YEAR, sentence)
        when = int(named[0]) if named else year
        if when and the_one_named(sentence) == 1 and re.search(r"\bgood\b", sentence):
            yield passage, _stated(1, when, found, passage)


def _stated(kpi: int, year: int, found: re.Match[str], passage: Passage, group: str = "", arrow: str = "") -> Stated:
    place = passage.place(found.start("p"))
    return Stated(kpi, year, number_of(found["p"]), found["p"], place, arrow, group)


def _arrow(sign: str | None) -> str:
    return "" if not sign else "up" if sign in UP_ARROWS else "down"
