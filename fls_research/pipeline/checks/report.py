"""The checks of an edition: its prose against its facts and KPI records, its recommendations, its guidelines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fls_research.errors import PublishError
from fls_research.pipeline.checks.dating import day_in_words
from fls_research.pipeline.checks.denominators import RULE as TWO_DENOMINATORS
from fls_research.pipeline.checks.document import Document
from fls_research.pipeline.checks.findings import Finding, Review, in_order
from fls_research.pipeline.checks.guidelines import Guideline, read_guidelines
from fls_research.pipeline.checks.in_prose import empty_facts, wrong_facts
from fls_research.pipeline.checks.moves_of_facts import wrong_directions_of_prose
from fls_research.pipeline.checks.prose import (
    VAR,
    Run,
    as_written,
    embedded,
    filled,
    prose_lines,
    read_run,
    with_own_file,
)
from fls_research.pipeline.checks.recommendations import (
    demands_document,
    evidence_document,
    read_recommendations,
    wrong_recommendations,
)
from fls_research.pipeline.checks.text import When, findings_in
from fls_research.pipeline.checks.typed import marked, typed_numbers

DOCUMENTS = ("annual_report.qmd",)


def check_report(run_dir: Path, root: Path, *, documents: tuple[str, ...] = DOCUMENTS) -> Review:
    """Check the prose and the recommendations of an edition against what its run released.

    Parameters
    ----------
    run_dir : the run's folder, with ``facts.json``, ``_variables.yml`` and ``results/``.
    root : the project, with ``reports/`` and ``params/``.
    documents : names of the documents in ``reports/`` whose prose belongs to the edition.

    Raises
    ------
    PublishError : a file of the run or of the report is missing or cannot be read.
    ParamsError : the registry of guidelines or the recommendations are no such thing.
    """
    run, registry = read_run(run_dir), read_guidelines(root)
    when = When(run.year, day_in_words(_published(run)))
    findings: list[Finding] = []
    notes: list[str] = []
    shown: frozenset[str] = frozenset()
    for name in documents:
        lines = prose_lines(root / "reports" / name)
        shown |= embedded(lines)
        kept = [replace(line, text=marked(line.text)) for line in lines]
        written = as_written(kept, name)
        findings += _of_prose(written, filled(lines, name, run), run, registry, when)
        notes += empty_facts(written, run)
    findings += _of_recommendations(root, run, registry, when, shown)
    return Review(in_order(with_own_file(findings)), tuple(notes))


def _published(run: Run) -> str:
    try:
        return run.text("edition.published", "")
    except PublishError:
        return ""


def _of_prose(
    written: Document, printed: Document, run: Run, registry: Mapping[str, Guideline], when: When
) -> list[Finding]:
    directions = wrong_directions_of_prose(written, run)
    return [
        *wrong_facts(written, run),
        *typed_numbers(written, run.year),
        # A KPI counts the services that have a value of it, so two facts may well have two denominators; and a
        # denominator that is no fact was found above.
        *(
            found
            for found in findings_in(printed, registry, when, directions=directions)
            if found.rule != TWO_DENOMINATORS
        ),
    ]


def _of_recommendations(
    root: Path, run: Run, registry: Mapping[str, Guideline], when: When, shown: frozenset[str]
) -> list[Finding]:
    file, recommendations = read_recommendations(root, run.year)
    evidence, demands = evidence_document(recommendations, file), demands_document(recommendations, file)
    return [
        *wrong_recommendations(recommendations, file, run=run, embedded=shown, registry=registry, on=when.day),
        *_of_prose(evidence, _printed(evidence, run), run, registry, when),
        # What is demanded may name levels of its own, so its numbers are not asked to be facts.
        *wrong_facts(demands, run),
        *findings_in(_printed(demands, run), registry, when, demanded=True),
    ]


def _printed(document: Document, run: Run) -> Document:
    def text(key: str) -> str:
        try:
            return run.text(key, "")
        except PublishError:
            return "…"

    passages = (replace(p, text=VAR.sub(lambda found: text(found["key"]), p.text)) for p in document.passages)
    return Document(document.name, tuple(passages))
