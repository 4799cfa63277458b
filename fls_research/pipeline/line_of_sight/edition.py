"""A finished edition as it lies on disk: its facts, results, manifest and variables, and the wording of a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from fls_research.errors import PublishError, did_you_mean
from fls_research.pipeline import manifest as manifests
from fls_research.pipeline.facts import FACTS_FILE, VARIABLES_FILE
from fls_research.pipeline.publish.shortcode import Shortcode, replaced
from fls_research.pipeline.publish.variables import read_variables, text_of

RESULTS = "results"
PDF = "annual-report.pdf"
PAGE = "annual-report.html"


@dataclass(frozen=True)
class Told:
    """A sentence with its numbers in place, and the ids of the facts that gave them, in order, each once."""

    text: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Edition:
    """One edition: ``facts`` by id, the ``manifest``, and ``variables`` as prose looks them up."""

    year: int
    folder: Path
    facts: Mapping[str, Mapping[str, Any]] = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    variables: Mapping[str, Any] = field(repr=False)

    @property
    def synthetic(self) -> bool:
        return bool(self.manifest.get("synthetic"))

    def fact_id(self, written: str) -> str:
        """An id with the year in full: ``now`` is the edition's year and ``before`` the one before it.

        >>> Edition(2024, Path(), {}, {}, {}).fact_id("kpi4.national.now.percent")
        'kpi4.national.2024.percent'
        """
        years = {"now": str(self.year), "before": str(self.year - 1)}
        return ".".join(years.get(part, part) for part in written.split("."))

    def fact(self, written: str, *, where: str = "") -> Mapping[str, Any]:
        """One fact by its id. Raises :class:`PublishError` when there is none; the nearest id is named."""
        name = self.fact_id(written)
        if name not in self.facts:
            place = f"{where}: " if where else ""
            hint = did_you_mean(name, self.facts) if len(self.facts) else "the edition has no facts."
            if hint.startswith("known:"):
                hint = "its facts stand in facts.json."
            raise PublishError(f"{place}the edition of {self.year} has no fact '{name}'; {hint}")
        return self.facts[name]

    def shown(self, written: str, *, where: str) -> str:
        """The text of a fact. Raises :class:`PublishError` for one that is unknown or suppressed."""
        fact = self.fact(written, where=where)
        if fact.get("suppressed"):
            raise PublishError(f"{where}: the fact '{self.fact_id(written)}' is suppressed; write without it.")
        return str(fact["text"])

    def lacks(self, fact_id: str) -> bool:
        """Whether a fact has no value because the extract holds nothing to work it out from."""
        fact = self.facts[fact_id]
        return fact.get("value", 0) is None and not fact.get("suppressed") and fact.get("unit") != "points"

    def told(self, sentence: str, *, where: str) -> Told:
        """A sentence of the recommendations with its facts in place; where one has no value, a sentence that says so.

        Raises
        ------
        PublishError : a fact that is unknown or suppressed, or a shortcode other than ``var``.
        """
        used: list[str] = []

        def value(found: Shortcode) -> str:
            if found.name != "var":
                raise PublishError(f"{where}: only {{{{< var … >}}}} can stand here, not '{found.name}'.")
            if found.argument.split(".")[0] in ("year", "edition"):
                return text_of(self.variables, found.argument, what=VARIABLES_FILE, where=where)
            used.append(self.fact_id(found.argument))
            return self.shown(found.argument, where=where)

        text = replaced(sentence, value, where=where)
        lacking = [self.facts[name] for name in used if self.lacks(name)]
        if lacking:
            reason = str(lacking[0].get("reason", "the extract holds nothing to work it out from"))
            text = f"Not available: {reason.rstrip('.')}."
        return Told(text, tuple(dict.fromkeys(used)))

    def result(self, label: str, *, where: str) -> Mapping[str, Any]:
        """What a result says of itself (``results/<label>.json``). Raises :class:`PublishError` when there is none."""
        known = [path.stem for path in (self.folder / RESULTS).glob("*.json")]
        if label not in known:
            raise PublishError(f"{where}: the edition has no result '{label}'; {did_you_mean(label, known)}")
        return _read(self.folder / RESULTS / f"{label}.json")


def edition_folder(year: int, root: Path) -> Path:
    """Where the edition of a year stands.

    >>> edition_folder(2024, Path("project")).as_posix()
    'project/reports/_output/2024'
    """
    return root / "reports" / "_output" / str(year)


def open_edition(year: int, folder: Path) -> Edition:
    """The edition in a folder.

    Parameters
    ----------
    year : its data year.
    folder : ``reports/_output/<year>`` of a project, or a copy of one kept from earlier.

    Raises
    ------
    PublishError : there is no finished edition.
    """
    for name in (FACTS_FILE, manifests.FILE, VARIABLES_FILE):
        if not (folder / name).is_file():
            raise PublishError(
                f"There is no edition of {year} in {folder.name}/ ({name} is missing); run: fls build {year}"
            )
    return Edition(
        year,
        folder,
        _read(folder / FACTS_FILE),
        manifests.read(folder),
        read_variables(folder / VARIABLES_FILE),
    )


@cache
def _read_once(path: Path, stamp: int) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return _read_once(path, path.stat().st_mtime_ns)
    except ValueError:
        raise PublishError(f"{path.name}: cannot be read; build the edition again.") from None
