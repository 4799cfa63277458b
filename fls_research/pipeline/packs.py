"""The packs of a year: one for every service, board and region, made by the notebooks that say they are for these."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fls_research.data.cohort import load, prepare_once
from fls_research.params import load_year
from fls_research.pipeline.batch.batch import How, Summary, carry_out_plan
from fls_research.pipeline.batch.catalogue import Entry, write_index, write_manifest
from fls_research.pipeline.batch.each import Choice, choices_of_places, each_of
from fls_research.pipeline.batch.fingerprint import Surroundings
from fls_research.pipeline.batch.order import PREPARED
from fls_research.pipeline.batch.plan import OUTPUT, PACKS, Source, Step, about, plan, works_for
from fls_research.pipeline.check import extract_path
from fls_research.pipeline.facts import BANNER
from fls_research.pipeline.materials import ready
from fls_research.pipeline.paths import shown
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.publish import Engine


@dataclass(frozen=True)
class Packs:
    """All packs of a year as a plan: the steps, whom each is for, and the folder they go to."""

    year: int
    folder: Path
    steps: tuple[Step, ...]
    choices: tuple[Choice, ...]
    warmers: tuple[tuple[str, tuple[str, ...]], ...]
    synthetic: bool


def pack_notebooks(folder: Path) -> list[Path]:
    """The notebooks of which packs are made, in their order: their metadata name a document and whom it is for."""
    return [
        path
        for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))
        if about(path).get("document") and each_of(str(about(path).get("per", "")))
    ]


def packs_of_the_year(
    year: int,
    *,
    root: Path,
    extract: Path | None = None,
    sheet: str | None = None,
    stitcher: Engine = "pandoc",
    force: bool = False,
    progress: Progress = silent,
) -> Packs:
    """Every pack of a year, and which of them have to be made.

    Raises what preparing the extract raises.
    """
    root = root.resolve()
    settings = load_year(year, root)
    source = extract_path(settings, root, extract)
    prepared = prepare_once(settings, root, source, root / PREPARED, sheet=sheet, progress=progress)
    materials = ready(prepared, progress=progress)
    surroundings = Surroundings.of(root, stitcher=stitcher)
    works, choices = [], []
    for notebook in pack_notebooks(root / "notebooks"):
        of_notebook = Source(notebook, root, surroundings, prepared, materials)
        kinds = each_of(str(about(notebook)["per"]))
        chosen = choices_of_places(of_notebook.schema, materials, kinds)
        works += works_for(of_notebook, chosen, {"year": year})
        choices += chosen
    return Packs(
        year=year,
        folder=root / OUTPUT / PACKS / str(year),
        steps=tuple(plan(works, root, force=force)),
        choices=tuple(choices),
        warmers=(("fls_research.data.places:keep_open", (shown(materials.root, root),)),),
        synthetic=load(prepared).source.synthetic,
    )


def make_packs(packs: Packs, root: Path, how: How) -> Summary:
    """Make what has to be made, then the page that leads to all packs and the manifest over them."""
    root = root.resolve()
    summary = carry_out_plan(packs.steps, root, how)
    if packs.folder.is_dir():
        write_manifest(packs.folder)
        write_index(
            packs.folder,
            list(_entries(packs, root)),
            title=f"Packs of services, boards and regions, {packs.year}",
            banner=BANNER if packs.synthetic else "",
        )
    return summary


def _entries(packs: Packs, root: Path) -> Iterable[Entry]:
    for step, choice in zip(packs.steps, packs.choices, strict=True):
        folder = (root / step.work.place).relative_to(packs.folder).as_posix()
        yield Entry(choice.each.value, choice.code, choice.title, folder)
