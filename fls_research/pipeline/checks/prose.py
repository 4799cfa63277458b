"""The report's prose as checks read it: every line of a document and its includes, with and without its facts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fls_research.errors import PublishError
from fls_research.pipeline.checks.document import Document
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.from_markdown import placed_passages
from fls_research.pipeline.facts import FACTS_FILE
from fls_research.pipeline.publish.text import Line, read_lines, split_front_matter, with_includes
from fls_research.pipeline.publish.variables import VARIABLES_FILE, read_variables, text_of

VAR = re.compile(r"\{\{<\s*var\s+(?P<key>\S+)\s*>\}\}")
_SHORTCODE = re.compile(r"\{\{\{?<.*?>\}?\}\}")
_EMBED = re.compile(r"\{\{<\s*embed\s+\S+#(?P<label>[\w-]+)\s*>\}\}")
_ATTRIBUTES = re.compile(r"\{[#.][^{}]*\}")
_CODE = re.compile(r"`[^`]*`")
_DIV = re.compile(r"^\s*:{3,}.*?(?:title=\"(?P<title>[^\"]*)\".*)?$")


@dataclass(frozen=True)
class Run:
    """What a run holds for its prose: facts by id, the texts prose looks up, the results, and the edition's year."""

    facts: Mapping[str, Mapping[str, Any]]
    variables: Mapping[str, Any]
    results: frozenset[str]
    year: int

    def fact(self, key: str) -> Mapping[str, Any] | None:
        """The fact that prose names, in the absolute spelling or with ``now`` and ``before``; None for other texts."""
        years = {"now": str(self.year), "before": str(self.year - 1)}
        absolute = ".".join(years.get(part, part) for part in key.split("."))
        return self.facts.get(key) or self.facts.get(absolute)

    def text(self, key: str, where: str) -> str:
        """What prose prints for a key. Raises PublishError where there is none."""
        return text_of(self.variables, key, what=VARIABLES_FILE, where=where)


def read_run(run_dir: Path) -> Run:
    """The facts, variables and results of a run's folder.

    Raises
    ------
    PublishError : a file of them is missing or cannot be read.
    """
    variables = read_variables(run_dir / VARIABLES_FILE)
    try:
        facts = json.loads((run_dir / FACTS_FILE).read_text(encoding="utf-8"))
        year = int(variables["year"]["now"])
    except (OSError, ValueError, KeyError, TypeError):
        raise PublishError(
            f"{run_dir.name}: {FACTS_FILE} or {VARIABLES_FILE} cannot be read; build it again."
        ) from None
    results = frozenset(path.stem for path in (run_dir / "results").glob("*.json"))
    return Run(facts, variables, results, year)


def prose_lines(path: Path) -> list[Line]:
    """The lines of a document and of all it includes that are prose: no front matter, no code.

    Raises
    ------
    PublishError : a file that is missing, or that includes itself.
    """
    _, body = split_front_matter(read_lines(path))
    return [line for line in with_includes(body, path.parent, within=(path.name,)) if not line.is_code]


def embedded(lines: list[Line]) -> frozenset[str]:
    """The labels of the cells that the prose embeds.

    >>> sorted(embedded([Line("{{< embed _executed/20_a.ipynb#tbl-kpi >}}", "a.qmd", 1)]))
    ['tbl-kpi']
    """
    return frozenset(found["label"] for line in lines for found in _EMBED.finditer(line.text))


def as_written(lines: list[Line], name: str) -> Document:
    """The prose with its shortcodes ``var`` as they stand; other shortcodes, attributes and code are left out."""
    return _document(lines, name, lambda line: line.text)


def filled(lines: list[Line], name: str, run: Run) -> Document:
    """The prose as it is printed, each fact in its place; a fact that is not known leaves a gap."""

    def text(line: Line) -> str:
        return VAR.sub(lambda found: _printed(run, found["key"], line.where), line.text)

    return _document(lines, name, text)


def _printed(run: Run, key: str, where: str) -> str:
    try:
        return run.text(key, where)
    except PublishError:
        return "…"


def _document(lines: list[Line], name: str, text: Callable[[Line], str]) -> Document:
    return Document(name, tuple(placed_passages((_bare(text(line)), line.where) for line in lines)))


def _bare(text: str) -> str:
    div = _DIV.match(text)
    if div:
        return div["title"] or ""
    kept = _SHORTCODE.sub(lambda found: found[0] if VAR.fullmatch(found[0]) else "", text)
    return _CODE.sub("…", _ATTRIBUTES.sub("", kept))


def with_own_file(findings: list[Finding]) -> Iterator[Finding]:
    """Findings whose place names the file it is in ("_kpis.qmd, line 7") as findings of that file."""
    for found in findings:
        file, comma, place = found.place.rpartition(", ")
        yield replace(found, file=file, place=place) if comma and "." in file else found
