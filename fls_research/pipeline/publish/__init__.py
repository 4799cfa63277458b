"""Stitching prose, facts and executed cells into a report or pack in HTML, Word and PDF, by Quarto or by Pandoc."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fls_research.errors import PublishError
from fls_research.params import source_date_epoch
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.publish.manuscript import read_manuscript, write_front_matter
from fls_research.pipeline.publish.project import read_project
from fls_research.pipeline.publish.stage import copy_project, move_in, stage_for_quarto
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
    name: str = "",
    engine: Engine = "auto",
    moment: dt.datetime | None = None,
    progress: Progress = silent,
) -> Published:
    """Make a document of a run as HTML, Word and PDF, such as ``annual-report.html``, ``.docx`` and ``.pdf``.

    Several may be made at once, in threads or in processes, each of a run of its own: nothing is written but into
    ``run_dir``. Typst's fonts stay open in the process, so the second document costs less than the first.

    Parameters
    ----------
    run_dir : folder of the edition or pack; it holds ``_variables.yml`` and ``notebooks/`` (the executed copies that
        the document embeds), and receives the documents. They arrive whole, or not at all.
    root : the project's folder, with ``_quarto.yml`` and ``reports/``.
    document : the ``.qmd`` file, relative to ``root``. What its front matter says goes before ``_quarto.yml``.
    name : what the files are called; else the document's name, with hyphens.
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
    stem = Path(document).stem
    documents = {suffix: f"{name or stem.replace('_', '-')}.{suffix}" for suffix in ("html", "docx", "pdf")}
    progress("reading prose, facts and cells")
    project = read_project(root)
    manuscript = read_manuscript(root / document, project, run_dir)
    with tempfile.TemporaryDirectory(prefix="fls-publish-", ignore_cleanup_errors=True) as scratch:
        # Quarto tells its project folder from others by the resolved path.
        folder = Path(scratch).resolve()
        if quarto:
            progress("rendering through Quarto")
            copy = copy_project(project, run_dir, folder, document=document, notebooks=manuscript.notebooks)
            write_front_matter(folder / document, manuscript.front_matter)
            made = render_with_quarto(quarto, copy, folder / document, moment=date)
            _make_offline(made["html"], stem, Path(documents["html"]).stem)
            depth = project.settings("docx", manuscript.front_matter).get("toc-depth", 3)
            finish_word(made["docx"], depth=depth, moment=date)
        else:
            progress("rendering through Pandoc and Typst")
            made = render_with_pandoc(manuscript, project, stem, folder, moment=date, progress=progress)
        move_in({documents.get(key, key): path for key, path in made.items()}, run_dir)
    return Published({key: run_dir / file for key, file in documents.items()}, "quarto" if quarto else "pandoc")


def _declared_moment() -> dt.datetime | None:
    seconds = source_date_epoch()
    return None if seconds is None else dt.datetime.fromtimestamp(seconds, tz=dt.UTC)


def _make_offline(page: Path, stem: str, name: str) -> None:
    html = page.read_text(encoding="utf-8")
    page.write_text(offline_page(html, stem=stem, new_stem=name), encoding="utf-8", newline="\n")
