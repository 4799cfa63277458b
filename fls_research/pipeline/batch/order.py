"""What somebody asked to be run, turned into steps: the notebook, for whom, with which parameters, on which data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fls_research.data.cohort import prepare_once
from fls_research.errors import NotebookError, UsageError
from fls_research.params import load_year, years_with_settings
from fls_research.pipeline.batch import each as for_each
from fls_research.pipeline.batch.each import PARAMETERS, Choice, Each
from fls_research.pipeline.batch.fingerprint import Surroundings
from fls_research.pipeline.batch.plan import Source, about, single_place, work_of, works_for
from fls_research.pipeline.batch.work import Work
from fls_research.pipeline.batch.workers import Warmer
from fls_research.pipeline.check import extract_path
from fls_research.pipeline.materials import ready
from fls_research.pipeline.notebook import Schema, parameters_of
from fls_research.pipeline.paths import path_under, shown
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.publish import Engine

FOLDER = "notebooks"
PREPARED = "data/prepared"
PLACES = frozenset({"service", "place", "area", "region", "icb"})
"""Parameters that hold the code of a place."""


@dataclass(frozen=True)
class Order:
    """One request. ``given`` are parameters as typed; ``region`` is a board or region by code or name.

    ``each``, ``only`` and ``where`` choose for whom the notebook runs; where none is given, its metadata and its
    parameters decide.
    """

    notebook: str
    given: Mapping[str, str] = field(default_factory=dict)
    each: Each | None = None
    only: Sequence[str] = ()
    where: str = ""
    region: str = ""
    extract: Path | None = None
    sheet: str | None = None
    stitcher: Engine = "pandoc"


@dataclass(frozen=True)
class Ordered:
    """The runs of an order, and what a process should have open before it starts with them."""

    works: tuple[Work, ...]
    warmers: tuple[Warmer, ...]


def works_of(order: Order, root: Path, *, progress: Progress = silent) -> Ordered:
    """The runs that an order takes; the data they read are prepared where they are not yet.

    Raises
    ------
    NotebookError : no such notebook, or parameters it does not accept.
    UsageError : a choice that fits no place or year, or two choices that exclude each other.
    """
    notebook = find_notebook(order.notebook, root)
    schema = parameters_of(notebook)
    values = schema.from_text(order.given)
    _refuse_contradictions(order, values)
    source = Source(notebook, root, Surroundings.of(root, stitcher=order.stitcher))
    kinds = _kinds(order, about(notebook), values)
    if Each.YEAR in kinds:
        return _by_year(order, source, schema, values, progress)
    source = _with_data(order, source, schema, values, needs_places=bool(kinds or order.region), progress=progress)
    if order.region:
        values = _in_region(order, source, schema, values)
    if kinds:
        choices = for_each.choices_of_places(schema, source.materials, kinds, only=order.only, where=order.where)
        works = works_for(source, choices, _default_year(schema) | values)
    else:
        works = [_single(source, values)]
    return Ordered(tuple(works), warmers_of(source, schema))


def find_notebook(name: str, root: Path) -> Path:
    """The notebook of that name under ``notebooks/``, given as ``20_kpis``, ``20_kpis.ipynb`` or with the folder."""
    inside = name if name.endswith(".ipynb") else f"{name}.ipynb"
    if not Path(inside).is_absolute() and Path(inside).parts[:1] != (FOLDER,):
        inside = f"{FOLDER}/{inside}"
    path = path_under(root, inside, what="notebook")
    if not path.is_relative_to((root / FOLDER).resolve()):
        raise NotebookError(f"{path.name}: only notebooks of the folder {FOLDER}/ are run.")
    return path


def warmers_of(source: Source, schema: Schema) -> tuple[Warmer, ...]:
    """What the runs of a notebook find open already in a preloaded process."""
    if "materials" in schema.names and source.materials is not None:
        return (("fls_research.data.places:keep_open", (shown(source.materials.root, source.root),)),)
    if "prepared" in schema.names and source.prepared is not None:
        return (("fls_research.data.prepared:keep_open", (shown(source.prepared, source.root),)),)
    return ()


def warmers_of_all(sources: Iterable[Source]) -> tuple[Warmer, ...]:
    """What the runs of several notebooks find open, each thing once."""
    return tuple(dict.fromkeys(warmer for source in sources for warmer in warmers_of(source, source.schema)))


def _refuse_contradictions(order: Order, values: Mapping[str, Any]) -> None:
    if order.each is None:
        return
    taken = [name for name in PARAMETERS[order.each] if name in values]
    if taken:
        raise UsageError(f"--each {order.each.value} and -p {taken[0]}=… exclude each other; give one of them.")
    if order.region and order.each in (Each.ICB, Each.REGION):
        raise UsageError(f"--each {order.each.value} and --region exclude each other; give one of them.")
    if order.where and order.each is Each.YEAR:
        raise UsageError("--where chooses places; with --each year, name the years with --only.")


def _kinds(order: Order, told: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[Each, ...]:
    """For what the notebook runs: as asked, else as its metadata say unless one place was named."""
    if order.each is not None:
        return (order.each,)
    implied = for_each.each_of(str(told.get("per", "")))
    if implied and not PLACES & values.keys() and not order.region:
        return implied
    if order.only or order.where:
        raise UsageError("--only and --where choose among many: say for what with --each service, icb, region or year.")
    return ()


def _by_year(order: Order, source: Source, schema: Schema, values: Mapping[str, Any], progress: Progress) -> Ordered:
    """One run for each year; each year has its own cohort."""
    works: list[Work] = []
    warmers: list[Warmer] = []
    for choice in for_each.choices_of_years(schema, years_with_settings(source.root), order.only):
        given = {**values, **choice.parameters}
        of_year = _with_data(order, source, schema, given, needs_places=bool(order.region), progress=progress)
        if order.region:
            given = _in_region(order, of_year, schema, given)
        works += works_for(of_year, [Choice(Each.YEAR, choice.code, choice.title, choice.parameters)], given)
        warmers += warmers_of(of_year, schema)
    return Ordered(tuple(works), tuple(warmers))


def _with_data(
    order: Order,
    source: Source,
    schema: Schema,
    values: Mapping[str, Any],
    *,
    needs_places: bool,
    progress: Progress,
) -> Source:
    """The source with the cohort of its year prepared, where the notebook or the choice of places needs one."""
    reads_places = "materials" in schema.names or needs_places
    reads_cohort = "prepared" in schema.names and not values.get("prepared")
    if not reads_places and not reads_cohort:
        return source
    year = values.get("year", schema["year"].default if "year" in schema.names else None)
    if year is None:
        raise NotebookError(f"{schema.notebook}: say which year's data it is to read, such as --year 2024.")
    settings = load_year(year, source.root)
    extract = extract_path(settings, source.root, order.extract)
    folder = prepare_once(settings, source.root, extract, source.root / PREPARED, sheet=order.sheet, progress=progress)
    materials = ready(folder, progress=progress) if reads_places else None
    return replace(source, prepared=folder, materials=materials)


def _in_region(order: Order, source: Source, schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    name = next((name for name in PARAMETERS[Each.ICB] + PARAMETERS[Each.REGION] if name in schema.names), None)
    if name is None:
        raise UsageError(f"{schema.notebook}: has no parameter for a region; --region is not for it.")
    code, _ = for_each.place_named(source.materials, order.region)
    return {**values, name: code}


def _single(source: Source, values: Mapping[str, Any]) -> Work:
    code = next((str(values[name]) for name in sorted(PLACES & values.keys())), "")
    if code and source.materials is not None and "materials" in source.schema.names:
        kinds = [Each.SERVICE] if "service" in source.schema.names else [Each.ICB, Each.REGION]
        choices = for_each.choices_of_places(source.schema, source.materials, kinds, only=[code])
        others = {name: value for name, value in values.items() if name not in PLACES}
        return works_for(source, choices, _default_year(source.schema) | others)[0]
    return work_of(
        source,
        values,
        place=single_place(source, {key: value for key, value in values.items() if key != "run_dir"}),
        name=" ".join([source.notebook.stem, *(str(value) for value in values.values())]),
    )


def _default_year(schema: Schema) -> dict[str, Any]:
    return {"year": schema["year"].default} if "year" in schema.names and not schema["year"].required else {}
