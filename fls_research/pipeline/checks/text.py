"""The checks that any text can be put to: its arithmetic, its words of direction, its consistency, its guidelines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fls_research.params import day_words
from fls_research.pipeline.checks.citations import cited, wrong_citations
from fls_research.pipeline.checks.consistency import no_improvement, outside_groups, two_values
from fls_research.pipeline.checks.dating import data_year, document_date
from fls_research.pipeline.checks.denominators import two_denominators
from fls_research.pipeline.checks.direction import wrong_arrows, wrong_directions
from fls_research.pipeline.checks.document import Document
from fls_research.pipeline.checks.findings import Finding, Review, in_order
from fls_research.pipeline.checks.guidelines import Guideline, read_guidelines
from fls_research.pipeline.checks.percentages import wrong_percentages
from fls_research.pipeline.checks.reading import read_document
from fls_research.pipeline.checks.statements import statements
from fls_research.pipeline.checks.targets import wrong_targets


@dataclass(frozen=True)
class When:
    """The time of a text: its data year and the day it carries; ``given`` is False where the day was read off it."""

    year: int | None
    day: dt.date | None
    given: bool = True


def check_text(path: Path, root: Path, *, on: dt.date | None = None, year: int | None = None) -> Review:
    """Check one file of text: percentages, directions, values and denominators that disagree, aims, guidelines.

    Parameters
    ----------
    path : a text, Markdown, HTML, Word or PDF file.
    root : the project, for the registry of guidelines.
    on : the day of the document; read off its cover where not given.
    year : the year its data are from; read off the text where not given.

    Raises
    ------
    UsageError : the file is not there or cannot be read.
    ParamsError : the registry of guidelines is wrong.
    """
    registry = read_guidelines(root)
    document = read_document(path)
    day = on or document_date(document)
    when = When(year or data_year(document), day, on is not None)
    return Review(in_order(findings_in(document, registry, when)), tuple(_notes(document, when)))


def _notes(document: Document, when: When) -> Iterator[str]:
    """What was taken for granted of the time of a text that cites guidelines."""
    if when.given or not any(cited(passage.text) for passage in document.passages):
        return
    if when.day:
        yield f"{document.name} was taken to be of {day_words(when.day)}, from its text."
    else:
        yield f"{document.name} names no day of its own, so whether its guidelines held then was not judged."


def findings_in(
    document: Document,
    registry: Mapping[str, Guideline],
    when: When,
    *,
    directions: Iterable[Finding] | None = None,
    demanded: bool = False,
) -> list[Finding]:
    """Every finding of the rules that need nothing but the text, rule by rule.

    Parameters
    ----------
    directions : what was found of its words of direction, where more than the text was known of them.
    demanded : the whole text demands what it says, as recommendations do.
    """
    stated = statements(document, when.year)
    year = when.year or max((one.year for one in stated), default=None)
    return [
        *wrong_percentages(document),
        *(wrong_directions(document) if directions is None else directions),
        *wrong_arrows(stated, document.name),
        *two_values(stated, document.name),
        *outside_groups(document, stated),
        *no_improvement(document, stated),
        *two_denominators(document, when.year),
        *wrong_targets(document, year, demanded=demanded),
        *wrong_citations(document, registry, on=when.day, sure_of_day=when.given),
    ]
