"""From what was asked to the runs it takes, each with the reason why it is needed or the word that it is not."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fls_research.errors import NotebookError
from fls_research.pipeline.batch import record
from fls_research.pipeline.batch.each import KINDS, Choice, Each
from fls_research.pipeline.batch.fingerprint import Surroundings
from fls_research.pipeline.batch.work import Work
from fls_research.pipeline.notebook import PATHS, Schema, parameters_of, read_notebook
from fls_research.pipeline.paths import shown
from fls_research.pipeline.staging import failed_log

if TYPE_CHECKING:
    from fls_research.pipeline.materials import Materials

OUTPUT = "reports/_output"
RUNS = "runs"
PACKS = "packs"

_UNSAFE = re.compile(r"[^A-Za-z0-9.]+")
_LONGEST = 40


@dataclass(frozen=True)
class Step:
    """One run of a plan. ``reason`` says why it is to run; blank: its outputs are up to date."""

    work: Work
    reason: str


@dataclass(frozen=True)
class Source:
    """What the runs of one notebook share: the notebook, its schema, and the data they read."""

    notebook: Path
    root: Path
    surroundings: Surroundings
    prepared: Path | None = None
    materials: Materials | None = None

    @cached_property
    def schema(self) -> Schema:
        return parameters_of(self.notebook)

    @cached_property
    def document(self) -> str:
        """The ``.qmd`` file that is made of its runs, from the notebook's metadata ``fls.document``; blank for none."""
        return str(about(self.notebook).get("document", ""))


def about(notebook: Path) -> Mapping[str, Any]:
    """What a notebook's metadata tell the kit, under ``fls``: ``per`` and ``document``."""
    told = read_notebook(notebook).get("metadata", {}).get("fls", {})
    return told if isinstance(told, Mapping) else {}


def work_of(
    source: Source,
    parameters: Mapping[str, Any],
    *,
    place: str,
    name: str,
    code: str = "",
    kind: str = "",
    title: str = "",
    shown_as: str = "",
) -> Work:
    """One run of a notebook.

    Parameters
    ----------
    parameters : values by name; paths are filled in here.
    place : where its outputs go, relative to the project.
    name : what messages call it.
    code, kind : the place whose material it reads, where the notebook asks for ``materials``.
    title : whom the run is for, as people say it.

    Raises
    ------
    NotebookError : a name the notebook does not know, or a value of another type.
    """
    schema, root = source.schema, source.root
    inputs: dict[str, str] = {}
    data = ""
    if "materials" in schema.names and source.materials is not None and code:
        inputs["materials"] = shown(source.materials.folder(code, kind=kind), root)
        data = source.materials.digest(code, kind=kind)
    elif "prepared" in schema.names and source.prepared is not None:
        inputs["prepared"] = shown(source.prepared, root)
        data = source.prepared.name
    whole = schema.checked({**parameters, **inputs}, root=root)
    told = {key: value for key, value in whole.items() if key not in PATHS}
    year = told.get("year")
    return Work(
        name=name,
        notebook=shown(source.notebook, root),
        parameters=told,
        place=place,
        fingerprint=source.surroundings.fingerprint(
            source.notebook, told, data=data, document=source.document if year else ""
        ),
        inputs=inputs,
        document=source.document if year else "",
        stitcher=source.surroundings.stitcher,
        year=year,
        title=title,
        asks_for_folder="run_dir" in schema.names,
        shown_as=shown_as,
    )


def works_for(source: Source, choices: Iterable[Choice], given: Mapping[str, Any]) -> list[Work]:
    """One run for each choice, with the parameters that were given for all."""
    works = []
    for choice in choices:
        parameters = {**given, **choice.parameters}
        works.append(
            work_of(
                source,
                parameters,
                place=_place_of(source, choice, parameters),
                name=f"{source.notebook.stem} {choice.code}",
                code="" if choice.each is Each.YEAR else choice.code,
                kind=KINDS.get(choice.each, ""),
                title=choice.title,
            )
        )
    _refuse_shared_places(works)
    return works


def single_place(source: Source, parameters: Mapping[str, Any]) -> str:
    """Where a run by hand goes: a folder named by the parameters that were given."""
    return f"{OUTPUT}/{RUNS}/{source.notebook.stem}/{slug(parameters)}"


def slug(parameters: Mapping[str, Any]) -> str:
    """A folder's name for a choice of parameters: readable, valid on every system, and different for every choice.

    >>> slug({"year": 2024, "place": "QHL"})
    '2024-QHL-f36f97'
    >>> slug({})
    'defaults-44136f'
    """
    told = json.dumps(dict(sorted(parameters.items())), ensure_ascii=False)
    words = _UNSAFE.sub("-", "-".join(str(value) for value in parameters.values())).strip("-.")
    return f"{words[:_LONGEST] or 'defaults'}-{hashlib.sha256(told.encode('utf-8')).hexdigest()[:6]}"


def _place_of(source: Source, choice: Choice, parameters: Mapping[str, Any]) -> str:
    """A pack of the plain kind stands among the packs of its year; anything else among the runs."""
    year = parameters.get("year")
    plain = set(parameters) <= {"year", *choice.parameters}
    if source.document and year and plain and choice.each is not Each.YEAR:
        return f"{OUTPUT}/{PACKS}/{year}/{choice.each.value}/{_UNSAFE.sub('-', choice.code)}"
    return single_place(source, parameters)


def _refuse_shared_places(works: Sequence[Work]) -> None:
    seen: dict[str, str] = {}
    for work in works:
        # Windows and macOS take two letter cases for one name.
        other = seen.setdefault(work.place.casefold(), work.name)
        if other != work.name:
            raise NotebookError(f"{work.name} and {other} would write to one folder; rename one of the codes.")


def plan(works: Iterable[Work], root: Path, *, force: bool = False, only_failed: bool = False) -> list[Step]:
    """What has to run, and why.

    Parameters
    ----------
    force : run also what is up to date.
    only_failed : leave out all but the runs that failed when they were last tried.
    """
    steps = [Step(work, record.reason_to_run(root / work.place, work.fingerprint)) for work in works]
    if force:
        steps = [replace(step, reason=step.reason or "asked for with --force") for step in steps]
    if only_failed:
        steps = [replace(step, reason="it failed") for step in steps if failed_log(root / step.work.place).is_file()]
    return steps
