"""The report with everything put in its place: one Markdown text, its pictures and its metadata."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from fls_research.errors import PublishError
from fls_research.pipeline.publish import shortcode
from fls_research.pipeline.publish.cells import Cell, Notebook, read_notebook
from fls_research.pipeline.publish.project import Project
from fls_research.pipeline.publish.references import check_references, read_images
from fls_research.pipeline.publish.shortcode import Shortcode
from fls_research.pipeline.publish.stage import EXECUTED, NOTEBOOKS
from fls_research.pipeline.publish.text import Line, read_lines, split_front_matter, with_includes
from fls_research.pipeline.publish.variables import VARIABLES_FILE, read_variables, text_of


@dataclass(frozen=True)
class Manuscript:
    """A document ready for a writer.

    ``front_matter`` has its shortcodes resolved; ``markdown`` is the body in Pandoc's Markdown with Quarto's labels;
    ``pictures`` are all that the text shows, by the paths it gives them, relative to the document; ``notebooks`` the
    executed notebooks it takes cells from.
    """

    front_matter: Mapping[str, Any]
    markdown: str
    pictures: Mapping[str, bytes] = field(repr=False)
    notebooks: tuple[Path, ...] = ()


def read_manuscript(document: Path, project: Project, run_dir: Path) -> Manuscript:
    """Read a ``.qmd`` with all that it includes, embeds and looks up, and check that everything it points at is there.

    Parameters
    ----------
    document : the ``.qmd`` file.
    project : the project it belongs to.
    run_dir : the run that it is about: ``_variables.yml`` has its facts, and ``notebooks/`` the executed copies, which
        the text calls ``_executed/``.

    Raises
    ------
    PublishError : naming file, line and key of the first thing that is missing, misspelt or there twice.
    """
    return _Reader(document, project, run_dir).manuscript()


def write_front_matter(document: Path, front_matter: Mapping[str, Any]) -> None:
    """Put resolved front matter into a scratch copy: Quarto takes the page's title before it resolves shortcodes."""
    _, body = split_front_matter(read_lines(document))
    head = yaml.safe_dump(dict(front_matter), allow_unicode=True, sort_keys=False)
    text = "\n".join(["---", head.rstrip("\n"), "---", *(line.text for line in body)])
    document.write_text(text + "\n", encoding="utf-8", newline="\n")


class _Reader:
    def __init__(self, document: Path, project: Project, run_dir: Path) -> None:
        self._document = document
        self._run_dir = run_dir
        self._variables = read_variables(run_dir / VARIABLES_FILE)
        self._metadata: dict[str, Any] = project.metadata
        self._notebooks: dict[Path, Notebook] = {}
        self._pictures: dict[str, bytes] = {}
        self._embedded: list[tuple[str, str]] = []

    def manuscript(self) -> Manuscript:
        head, body = split_front_matter(read_lines(self._document))
        front_matter = self._front_matter(head)
        self._metadata |= front_matter
        folder = self._document.parent
        lines = list(with_includes(body, folder, within=(self._document.name,)))
        self._pictures = read_images(lines, folder)
        text = "\n".join(piece for line in lines for piece in self._filled(line))
        check_references(lines, self._embedded)
        return Manuscript(front_matter, text + "\n", self._pictures, tuple(self._notebooks))

    def _front_matter(self, head: list[Line]) -> dict[str, Any]:
        # Values are filled in before the YAML is read, so that a message can name the line.
        text = "\n".join(shortcode.replaced(line.text, self._looked_up(line), where=line.where) for line in head)
        try:
            front_matter = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f", line {mark.line + 2}" if mark else ""
            raise PublishError(f"{self._document.name}{line}: the front matter is not valid YAML.") from None
        if not isinstance(front_matter, dict) or not front_matter.get("title"):
            raise PublishError(f"{self._document.name}: the front matter has no 'title'.")
        if "date" in front_matter:
            raise PublishError(f"{self._document.name}: 'date' is rewritten by Quarto only; say it in 'subtitle'.")
        return front_matter

    def _filled(self, line: Line) -> Iterator[str]:
        found = None if line.is_code else shortcode.alone_in(line.text, where=line.where)
        if found and found.name == "embed":
            yield from self._float(found.argument, line.where)
        elif found and found.name == "pagebreak":
            yield from ("", "::: {.pagebreak}", ":::", "")
        else:
            yield shortcode.replaced(line.text, self._looked_up(line), where=line.where)

    def _looked_up(self, line: Line) -> Callable[[Shortcode], str]:
        def value(found: Shortcode) -> str:
            if found.name == "var":
                return text_of(self._variables, found.argument, what=VARIABLES_FILE, where=line.where)
            if found.name == "meta":
                return text_of(self._metadata, found.argument, what="the metadata", where=line.where)
            raise PublishError(f"{line.where}: '{found.name}' must stand alone on its line.")

        return value

    def _float(self, address: str, where: str) -> Iterator[str]:
        path, hash_, label = address.partition("#")
        if not hash_ or not path.endswith(".ipynb"):
            raise PublishError(f"{where}: embed a labelled cell, such as '_executed/20_kpis_national.ipynb#tbl-kpi'.")
        cell = self._notebook(self._executed(path), where).cell(label, where=where)
        self._embedded.append((label, where))
        yield from ("", *_as_markdown(cell, self._picture_path(cell)), "")

    def _executed(self, path: str) -> Path:
        inside = Path(path)
        if inside.parts[:1] == (EXECUTED,):
            return self._run_dir.joinpath(NOTEBOOKS, *inside.parts[1:])
        return self._document.parent / inside

    def _notebook(self, path: Path, where: str) -> Notebook:
        if path not in self._notebooks:
            self._notebooks[path] = read_notebook(path, where=where)
        return self._notebooks[path]

    def _picture_path(self, cell: Cell) -> str:
        if cell.picture is None:
            return ""
        path = f"{self._document.stem}_files/{cell.label}.png"
        self._pictures[path] = cell.picture
        return path


def _as_markdown(cell: Cell, picture: str) -> Iterator[str]:
    """A cell as Quarto's own Markdown for a float: content first, caption last, in a labelled block."""
    if not cell.kind:
        yield from (cell.markdown or "").splitlines()
        return
    yield f"::: {{#{cell.label}}}"
    if picture:
        yield f'![]({picture}){{fig-alt="{_quoted(cell.alt)}"}}'
    else:
        yield from (cell.markdown or "").splitlines()
    yield from ("", f"[{cell.caption}]{{.caption}}", ":::")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
