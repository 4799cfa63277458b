"""What the funder's table says, cell by cell, before it is a Word file or a page: head, eight columns, one row each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fls_research.errors import PublishError
from fls_research.kpi.definitions import record_for
from fls_research.outputs import text
from fls_research.params import YearParams
from fls_research.pipeline.checks.guidelines import Guideline, nearest, read_guidelines
from fls_research.pipeline.facts import BANNER
from fls_research.pipeline.line_of_sight.edition import Edition
from fls_research.pipeline.line_of_sight.evidence import Line, lines_of
from fls_research.pipeline.line_of_sight.pages import Pages
from fls_research.pipeline.line_of_sight.recommendations import (
    NotApplicable,
    Previous,
    Recommendation,
    Recommendations,
)

TITLE = "Line of sight table: report recommendations for submission to the funders"

HEADINGS = (
    "No.",
    "Recommendation",
    "Intended audience",
    "Evidence in the report which underpins the recommendation (including page number)",
    "Current national audit benchmarking standard",
    "Associated NHS payment levers or incentives",
    "Guidance available",
    "% project result if previously asked (date and result)",
)
"""The funder's columns, in the funder's order."""

QUESTIONS = {
    "title": "Project and title of report, with HQIP reference",
    "measures": "1. What the report looks at and measures",
    "countries": "2. Countries covered",
    "series": "3. Number of previous projects",
    "period": "4. Dates of the data, first and last day",
    "objectives": "5. Links to NHS England objectives or professional work plans",
}
"""The funder's questions on the whole report, in the funder's order."""


@dataclass(frozen=True)
class Run:
    """A stretch of text; with ``link`` it is a link to that address."""

    text: str
    link: str = ""
    bold: bool = False


@dataclass(frozen=True)
class Paragraph:
    """One paragraph of a cell."""

    runs: tuple[Run, ...]
    bullet: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


Cell = tuple[Paragraph, ...]


@dataclass(frozen=True)
class LineOfSight:
    """The whole table: ``head`` (question and answer) and ``rows`` of eight cells each."""

    year: int
    title: str
    report: str
    banner: str
    head: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str


def line_of_sight(
    recommendations: Recommendations, edition: Edition, pages: Pages, *, root: Path, settings: YearParams
) -> LineOfSight:
    """Lay the recommendations of an edition out as the funder's table.

    Parameters
    ----------
    recommendations : what ``load_recommendations`` returned.
    edition, pages : the edition they speak of, and its rendered report.
    root : the project folder, for the registry of guidelines.
    settings : the settings of the year.

    Raises
    ------
    PublishError : evidence that does not hold (see ``evidence.lines_of``), a guideline that the registry lacks, or a
        result of earlier years that is no fact.
    """
    registry = read_guidelines(root)
    rows = tuple(
        _row(number, one, edition, pages, registry) for number, one in enumerate(recommendations.recommendations, 1)
    )
    return LineOfSight(
        year=recommendations.year,
        title=TITLE,
        report=recommendations.project.title,
        banner=BANNER if edition.synthetic else "",
        head=_head(recommendations),
        rows=rows,
        note=(
            f"Every number was looked up in the facts of the edition on {recommendations.year} data, published "
            f"{settings.published}, and every page number in its PDF. Years are data years; changes are worked out "
            "from values that are not rounded."
        ),
    )


def _head(recommendations: Recommendations) -> tuple[tuple[str, str], ...]:
    project = recommendations.project
    given = project.model_dump(include=set(QUESTIONS))
    reference = project.reference
    told = f"HQIP reference: N/A – {reference.none}" if isinstance(reference, NotApplicable) else reference
    given["title"] = f"{told}. {project.title}"
    given["objectives"] = _or_reason(project.objectives)
    return tuple((question, given[key]) for key, question in QUESTIONS.items())


def _row(
    number: int, one: Recommendation, edition: Edition, pages: Pages, registry: Mapping[str, Guideline]
) -> tuple[Cell, ...]:
    where = f"recommendation '{one.id}'"
    told = edition.told(one.text, where=where).text
    ways = [edition.told(way, where=where).text for way in one.ways]
    return (
        (_plain(f"Rec {number}"),),
        (_plain(told), *([_plain("Ways to do this:")] if ways else ()), *map(_bullet, ways)),
        tuple(map(_plain, one.audience)),
        tuple(map(_evidence, lines_of(one, edition, pages))),
        _standards(one, edition.year),
        _cell(one.levers),
        _guidance(one, registry, where=where),
        _previous(one, edition, where=where),
    )


def _evidence(line: Line) -> Paragraph:
    return Paragraph((Run(f"Page {line.place.page} ({line.place.number}). ", bold=True), Run(line.text)))


def _standards(one: Recommendation, year: int) -> Cell:
    if isinstance(one.kpis, NotApplicable):
        return _cell(one.kpis)
    return tuple(_plain(standard_words(kpi, year)) for kpi in one.kpis)


def standard_words(kpi: str, year: int) -> str:
    """The audit's aim for a KPI in words, from its record; where the audit sets none, its benchmark levels.

    >>> standard_words("kpi4", 2024)
    'KPI 4 – Assessment within 90 days: 80% or more'
    >>> standard_words("kpi3", 2024)
    'KPI 3 – Identification of spine fractures: no aim; Red below 10%, Amber from 10% to below 20%, Green 20% or more'
    """
    record = record_for(kpi, year)
    aim = f"{text.percent(record.target)} or more" if record.target is not None else f"no aim; {record.colours.words()}"
    return f"{text.kpi_name(kpi)} – {record.title}: {aim}"


def _guidance(one: Recommendation, registry: Mapping[str, Guideline], *, where: str) -> Cell:
    if isinstance(one.guidance, NotApplicable):
        return _cell(one.guidance)
    for name in one.guidance:
        if name not in registry:
            raise PublishError(f"{where}: the registry of guidelines has no '{name}'; {nearest(name, registry)}")
    named = [registry[name] for name in one.guidance]
    return tuple(Paragraph((Run(f"{each.id}: {each.title}", link=each.link),)) for each in named)


def _previous(one: Recommendation, edition: Edition, *, where: str) -> Cell:
    if isinstance(one.previous, NotApplicable):
        return _cell(one.previous)
    return tuple(paragraph for result in one.previous for paragraph in _results(result, edition, where=where))


def _results(previous: Previous, edition: Edition, *, where: str) -> Iterable[Paragraph]:
    facts = [edition.fact(name, where=where) for name in previous.facts]
    yield Paragraph((Run(text.kpi_name(previous.kpi), bold=True),))
    for name in previous.facts:
        told = edition.shown(name, where=where)
        yield _plain(f"{_year(name, where)}: {told}{_restated(name, told, edition)}")
    yield _plain(_movement(facts))


def _year(name: str, where: str) -> str:
    for part in name.split("."):
        if part.isdigit() and len(part) == 4:
            return part
    raise PublishError(f"{where}: the earlier result '{name}' names no year; write its id with the year in full.")


def _restated(name: str, told: str, edition: Edition) -> str:
    """What an earlier report printed for the same value, where that reads differently."""
    printed = {
        key.rsplit(".", 1)[1]: fact for key, fact in edition.facts.items() if key.startswith(f"published.{name}.")
    }
    for vintage, fact in sorted(printed.items()):
        if text.percent(fact["value"] / 100) != told:
            return f" (restated: {fact['text']} was printed in the {vintage.replace('-', ' on ')} data)"
    return ""


def _movement(facts: list[Mapping]) -> str:
    first, last = facts[0], facts[-1]
    if first.get("definition") != last.get("definition"):
        return "Not comparable: definition changed"
    words = text.change(last["value"] / 100, first["value"] / 100, decimals=1)
    return f"{words[:1].upper()}{words[1:]}"


def _cell(given: tuple[str, ...] | NotApplicable) -> Cell:
    return (_plain(_or_reason(given)),) if isinstance(given, NotApplicable) else tuple(map(_plain, given))


def _or_reason(given: str | NotApplicable) -> str:
    return f"N/A – {given.none}" if isinstance(given, NotApplicable) else given


def _plain(words: str) -> Paragraph:
    return Paragraph((Run(words),))


def _bullet(words: str) -> Paragraph:
    return Paragraph((Run(words),), bullet=True)
