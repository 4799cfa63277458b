"""Stitching prose, facts and executed cells into the report: HTML, Word and PDF, through Quarto or through Pandoc."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fls_research.errors import PublishError
from fls_research.params import source_date_epoch
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.publish.manuscript import read_manuscript, write_front_matter
from fls_research.pipeline.publish.project import read_project
from fls_research.pipeline.publish.stage import move_in, scratch_project, stage_for_quarto
from fls_research.pipeline.publish.with_pandoc import render_with_pandoc
from fls_research.pipeline.publish.with_quarto import find_quarto, offline_page, render_with_quarto
from fls_research.pipeline.publish.word import finish_word

__all__ = ["DOCUMENT", "Engine", "Published", "publish", "stage_for_quarto"]

DOCUMENT = "reports/annual_report.qmd"

Engine = Literal["auto", "quarto", "pandoc"]

_UNDATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Published:
    """What was made: ``html``, ``docx`` and ``pdf`` by name, and the engine that made them."""

    paths: Mapping[str, Path]
    engine: str


def publish(
    run_dir: Path,
    root: Path,
    *,
    document: str = DOCUMENT,
    engine: Engine = "auto",
    moment: dt.datetime | None = None,
    progress: Progress = silent,
) -> Published:
    """Make ``annual-report.html``, ``.docx`` and ``.pdf`` of an edition.

    Parameters
    ----------
    run_dir : folder of the edition; it holds ``_variables.yml`` and ``notebooks/`` (executed copies), and receives
        the documents. They arrive whole, or not at all.
    root : the project's folder, with ``_quarto.yml`` and ``reports/``.
    document : the ``.qmd`` file, relative to ``root``.
    engine : ``quarto``, ``pandoc``, or ``auto``: Quarto where its command (1.9 or later) is found, else Pandoc.
    moment : the date the documents carry inside, where ``SOURCE_DATE_EPOCH`` does not say; else a fixed one. The same
        inputs and the same date give the same files through Pandoc.
    progress : told what is being done.

    Raises
    ------
    PublishError : a fact, cell, reference, picture or file that is not there, a missing engine, or an engine that
        stopped; each in one sentence naming file, line and key.
    """
    quarto = None if engine == "pandoc" else find_quarto()
    if engine == "quarto" and quarto is None:
        raise PublishError("The Quarto command (1.9 or later) was not found; install it, or use the engine 'pandoc'.")
    date = _declared_moment() or moment or _UNDATED
    name = Path(document).stem.replace("_", "-")
    with scratch_project(run_dir, root) as scratch:
        progress("reading prose, facts and cells")
        project, source = read_project(scratch), scratch / document
        manuscript = read_manuscript(source, project)
        if quarto:
            progress("rendering through Quarto")
            write_front_matter(source, manuscript.front_matter)
            made = render_with_quarto(quarto, project, source, moment=date)
            _make_offline(made["html"], source.stem, name)
        else:
            progress("rendering through Pandoc and Typst")
            made = render_with_pandoc(manuscript, project, source, moment=date, progress=progress)
        settings = project.settings("docx", manuscript.front_matter)
        if settings.get("toc"):
            finish_word(made["docx"], depth=settings.get("toc-depth", 3), moment=date)
        documents = {suffix: f"{name}.{suffix}" for suffix in ("html", "docx", "pdf")}
        move_in({documents.get(key, key): path for key, path in made.items()}, run_dir)
    return Published({key: run_dir / file for key, file in documents.items()}, "quarto" if quarto else "pandoc")


def _declared_moment() -> dt.datetime | None:
    seconds = source_date_epoch()
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def _make_offline(page: Path, stem: str, name: str) -> None:
    html = page.read_text(encoding="utf-8")
    page.write_text(offline_page(html, stem=stem, new_stem=name), encoding="utf-8", newline="\n")
