"""One run as a thing that can be sent to another process or machine, and the steps that carry it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fls_research.params import load_year
from fls_research.pipeline import facts as facts_of_run
from fls_research.pipeline.batch import record
from fls_research.pipeline.batch.fingerprint import Fingerprint
from fls_research.pipeline.exhibits import keep_released, refuse_findings, refuse_strays
from fls_research.pipeline.paths import shown
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.publish import Engine, publish
from fls_research.pipeline.run import RunResult, run_notebook

if TYPE_CHECKING:
    from fls_research.pipeline.engine.preloaded import Preloaded

NOTEBOOKS = "notebooks"
"""The folder of a run in which its executed copy lies."""


@dataclass(frozen=True)
class Work:
    """One notebook to be run with one choice of parameters; ``title`` says for whom.

    ``notebook``, ``place`` (where its outputs go) and ``document`` (the ``.qmd`` file set from them; blank for none)
    are paths relative to the project, ``inputs`` the paths of prepared data by parameter name. ``shown_as`` is the
    folder that the executed copy names as its own. ``year`` is the data year whose settings date a document.
    """

    name: str
    notebook: str
    parameters: Mapping[str, Any]
    place: str
    fingerprint: Fingerprint
    inputs: Mapping[str, str] = field(default_factory=dict)
    document: str = ""
    stitcher: Engine = "pandoc"
    year: int | None = None
    title: str = ""
    asks_for_folder: bool = True
    shown_as: str = ""


def perform(
    work: Work, run_dir: Path, root: Path, *, parent: Preloaded | None = None, progress: Progress = silent
) -> RunResult:
    """Carry out one run into a folder: executed copy, results, document and record, each having passed the gate's scan.

    Parameters
    ----------
    run_dir : an empty folder of the project; whoever calls moves it into place when all went well.
    parent : the preloaded process to fork from; an ordinary kernel is started where there is none.

    Raises
    ------
    NotebookError, PublishError, DisclosureError : as the steps do.
    """
    source, here = root / work.notebook, shown(run_dir, root)
    values = {**work.parameters, **work.inputs, **({"run_dir": here} if work.asks_for_folder else {})}
    copy = run_dir / NOTEBOOKS / source.name
    renamed = {here: work.shown_as or work.place}
    done = run_notebook(source, values, root=root, output=copy, renamed=renamed, parent=parent, progress=progress)
    keep_released(copy)
    refuse_strays(run_dir)
    synthetic = _set(work, run_dir, root) if work.document else False
    refuse_findings(run_dir)
    record.write(
        run_dir,
        name=work.name,
        title=work.title,
        synthetic=synthetic,
        notebook=work.notebook,
        parameters=work.parameters,
        fingerprint=work.fingerprint,
    )
    return done


def _set(work: Work, run_dir: Path, root: Path) -> bool:
    """Set the document of a run from its own facts and cells; whether they are of synthetic data."""
    settings = load_year(int(work.year or 0), root)
    facts = facts_of_run.gather(run_dir / "results")
    synthetic = any(fact["synthetic"] for fact in facts.values())
    facts_of_run.write(facts, facts_of_run.variables(facts, settings, synthetic=synthetic), run_dir)
    locked = dt.datetime.combine(settings.data_lock, dt.time(12), tzinfo=dt.UTC)
    publish(run_dir, root, document=work.document, engine=work.stitcher, moment=locked)
    return synthetic
