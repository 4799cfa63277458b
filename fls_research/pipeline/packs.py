"""The packs of a year: one for every service, board and region, made by the notebooks that say they are for these."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fls_research.data.cohort import prepare_once
from fls_research.params import load_year
from fls_research.pipeline.batch.each import choices_of_places, each_of
from fls_research.pipeline.batch.fingerprint import Surroundings
from fls_research.pipeline.batch.order import PREPARED, warmers_of_all
from fls_research.pipeline.batch.plan import OUTPUT, PACKS, Source, Step, about, plan, works_for
from fls_research.pipeline.batch.workers import Warmer
from fls_research.pipeline.check import extract_path
from fls_research.pipeline.materials import ready
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.publish import Engine


@dataclass(frozen=True)
class Packs:
    """All packs of a year as a plan: the steps, what a process has open for them, and the folder they go to."""

    folder: Path
    steps: tuple[Step, ...]
    warmers: tuple[Warmer, ...]


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
    sources = [
        Source(notebook, root, surroundings, prepared, materials) for notebook in pack_notebooks(root / "notebooks")
    ]
    works = []
    for of_notebook in sources:
        kinds = each_of(str(about(of_notebook.notebook)["per"]))
        works += works_for(of_notebook, choices_of_places(of_notebook.schema, materials, kinds), {"year": year})
    return Packs(root / OUTPUT / PACKS / str(year), tuple(plan(works, root, force=force)), warmers_of_all(sources))
