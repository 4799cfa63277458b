"""A whole edition: cohort, notebooks, facts, report and proof, in one folder that appears whole or not at all."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fls_research.data.cohort import Cohort, load, prepare_once
from fls_research.errors import NotebookError, PublishError
from fls_research.params import YearParams, load_year
from fls_research.pipeline import facts as facts_of_run
from fls_research.pipeline import manifest
from fls_research.pipeline.batch.batch import How, carry_out_plan, failure, told_as
from fls_research.pipeline.batch.fingerprint import Surroundings, document_sources
from fls_research.pipeline.batch.order import PREPARED, warmers_of_all
from fls_research.pipeline.batch.plan import OUTPUT, Source, Step, about, plan, work_of
from fls_research.pipeline.batch.work import NOTEBOOKS
from fls_research.pipeline.check import balance, extract_path, write_issues
from fls_research.pipeline.checks import check_report, refuse
from fls_research.pipeline.exhibits import refuse_findings, refuse_strays
from fls_research.pipeline.line_of_sight.messages import write_messages
from fls_research.pipeline.line_of_sight.recommendations import recommendations_file
from fls_research.pipeline.line_of_sight.write import write_line_of_sight
from fls_research.pipeline.log import Log
from fls_research.pipeline.notebook import parameters_of
from fls_research.pipeline.paths import path_under, shown
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.publish import Engine, publish, stage_for_quarto
from fls_research.pipeline.publish.with_quarto import find_quarto
from fls_research.pipeline.staging import LOG, failed_log, staged

if TYPE_CHECKING:
    from fls_research.pipeline.engine.choice import RunEngine

PARTS = ".parts"
"""Where the notebooks of an edition keep what they ran to, so that only what has changed runs again."""

ONE_OF_MANY = frozenset({"service", "region", "area"})
"""A notebook with one of these parameters runs per service or place, and not for the edition."""


@dataclass(frozen=True)
class BuildResult:
    """A finished edition: its folder, the reports in it, and how many results and facts stand behind them.

    ``current`` says that nothing had to be done: the edition was up to date.
    """

    folder: Path
    reports: tuple[Path, ...]
    engine: str
    results: int
    facts: int
    current: bool = False


def output_folder(year: int, root: Path) -> Path:
    """Where an edition stands."""
    return root / OUTPUT / str(year)


def notebooks_of_the_year(folder: Path) -> list[Path]:
    """The notebooks that make an edition, in their order: ``NN_name.ipynb`` with a parameter ``year``.

    Left out are those whose metadata says ``fls.per`` anything but ``year``, and those that ask for one service, area
    or region.

    Raises
    ------
    NotebookError : there is none.
    """
    found = [path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb")) if _for_the_year(path)]
    if not found:
        raise NotebookError(f"{folder.name}/ holds no notebook for a whole year (NN_name.ipynb, parameter 'year').")
    return found


def _for_the_year(path: Path) -> bool:
    names = set(parameters_of(path).names)
    return about(path).get("per", "year") == "year" and "year" in names and not names & ONE_OF_MANY


def build(
    year: int,
    *,
    root: Path,
    extract: Path | None = None,
    sheet: str | None = None,
    notebooks: Iterable[Path] | None = None,
    engine: Engine = "auto",
    runner: RunEngine = "auto",
    scheduler: str = "",
    jobs: int | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> BuildResult:
    """Make the edition of a year and put it at ``reports/_output/<year>/``.

    Parameters
    ----------
    year : data year; its settings name everything not given here.
    extract : relative to the working directory; the settings' extract when not given.
    notebooks : those to run; all that are for a whole year when not given.
    engine : what stitches the report: ``auto``, ``quarto`` or ``pandoc``.
    runner : what runs a notebook: ``auto``, ``forked`` or ``kernels``.
    scheduler : address of a Dask scheduler whose workers run the notebooks; blank: this computer.
    jobs : notebooks that run at the same time.
    force : run and stitch also what is up to date.

    Raises
    ------
    ExtractError, IdentifierFound, ParamsError : the extract or the settings are wrong.
    NotebookError : a notebook failed, after the others have run; its note holds a card for each failure.
    CheckFailed : prose or recommendations disagree with the facts; its note holds each finding.
    PublishError, DisclosureError : the report could not be stitched, or something in it must not leave.
        Whatever the error, the edition that was there before stays as it was.
    """
    root = root.resolve()
    settings = load_year(year, root)
    chosen = [path_under(root, n, what="notebook") for n in notebooks or notebooks_of_the_year(root / "notebooks")]
    source = extract_path(settings, root, extract)
    place = output_folder(year, root)
    prepared = prepare_once(settings, root, source, root / PREPARED, sheet=sheet, progress=progress)
    cohort = load(prepared)
    begun = manifest.inputs(
        root,
        settings=settings,
        extract=_extract(cohort),
        notebooks=chosen,
        documents=_documents(settings, root),
    )
    if not force and (current := _up_to_date(place, begun, engine=_stitcher(engine))):
        return current
    with staged(place) as run_dir:
        log = Log(run_dir / LOG)
        log.info("build begins", year=year, notebooks=len(chosen))
        _tell_of_cohort(cohort, root, log)
        # The checks read from it what the edition is made of.
        manifest.write(begun, run_dir)
        sources, steps = _steps(chosen, settings, prepared, place, root, force=force)
        how = How(jobs, runner, scheduler, warmers_of_all(sources), progress=progress)
        _run(steps, run_dir, place, root, how, log)
        built = _finish(run_dir, root, settings, begun, engine=engine, log=log, progress=progress)
        log.info("build ends", results=built.results, facts=built.facts)
    stage_for_quarto(place, root)
    return _moved(built, place)


def _stitcher(engine: Engine) -> str:
    return "quarto" if engine != "pandoc" and find_quarto() else "pandoc"


def _documents(settings: YearParams, root: Path) -> dict[str, str]:
    """Path to hash of what the documents of an edition are written in."""
    recommended = recommendations_file(settings.year, root)
    return document_sources(root) | manifest.hashes([recommended] if recommended.is_file() else [], relative_to=root)


def _up_to_date(place: Path, begun: dict, *, engine: str) -> BuildResult | None:
    """The edition that stands there, where it was made from the same things and nothing in it was changed."""
    if not (place / manifest.FILE).is_file():
        return None
    before = manifest.read(place)
    if manifest.inputs_of(before) != begun or before.get("engine") != engine or not manifest.holds(before, place):
        return None
    reports = [place / name for name in before["reports"]]
    reports += sorted(place.glob("line-of-sight.*"))
    facts = len(facts_of_run.read(place))
    return BuildResult(place, tuple(reports), engine, len(before["results"]) // 2, facts, current=True)


def _steps(
    notebooks: Sequence[Path], settings: YearParams, prepared: Path, place: Path, root: Path, *, force: bool
) -> tuple[list[Source], list[Step]]:
    """One run for each notebook of an edition."""
    surroundings = Surroundings.of(root)
    sources = [Source(notebook, root, surroundings, prepared) for notebook in notebooks]
    works = [
        work_of(
            source,
            {"year": settings.year} if "year" in source.schema.names else {},
            place=f"{OUTPUT}/{PARTS}/{settings.year}/{source.notebook.stem}",
            name=source.notebook.stem,
            shown_as=shown(place, root),
        )
        for source in sources
    ]
    return sources, plan(works, root, force=force)


def _run(steps: Sequence[Step], run_dir: Path, place: Path, root: Path, how: How, log: Log) -> None:
    """Run what has changed, and gather all of it in the folder of the build.

    Raises one :class:`NotebookError` for all notebooks that failed; those that did not are kept for the next time.
    """
    summary = carry_out_plan(steps, root, told_as(how, "notebooks"))
    for outcome in summary.ran:
        log.info("notebook", notebook=outcome.work.name, cells=outcome.cells)
    for outcome in summary.failed:
        log.error("notebook failed", notebook=outcome.work.name, message=str(outcome.error))
    if summary.failed:
        error = failure(summary, root, what="notebooks", of=len(steps))
        error.add_note(f"{'log':>12}  {shown(failed_log(place), root)}")
        raise error
    for step in steps:
        _gather(root / step.work.place, run_dir)
    refuse_strays(run_dir)


def _gather(part: Path, run_dir: Path) -> None:
    for folder in (NOTEBOOKS, "results"):
        (run_dir / folder).mkdir(exist_ok=True)
        for path in sorted((part / folder).glob("*")):
            target = run_dir / folder / path.name
            if target.exists():
                raise NotebookError(
                    f"The result '{path.stem}' is saved by {part.name} and by another notebook; rename one."
                )
            shutil.copy2(path, target)


def publish_again(year: int, *, root: Path, engine: Engine = "auto", progress: Progress = silent) -> BuildResult:
    """Stitch the report of an edition again from its stored results and executed notebooks; nothing is run.

    Raises
    ------
    PublishError : there is no edition of that year, or it could not be stitched; it then stays as it was.
    """
    root = root.resolve()
    settings = load_year(year, root)
    place = output_folder(year, root)
    if not (place / manifest.FILE).is_file():
        raise PublishError(f"There is no edition of {year} to publish; run: fls build {year}")
    with staged(place) as run_dir:
        for name in ("results", "notebooks"):
            shutil.copytree(place / name, run_dir / name)
        for name in (LOG, manifest.FILE):
            if (place / name).is_file():
                shutil.copy2(place / name, run_dir / name)
        log = Log(run_dir / LOG)
        log.info("publish begins", year=year)
        begun = {**manifest.inputs_of(manifest.read(place)), "documents": _documents(settings, root)}
        built = _finish(run_dir, root, settings, begun, engine=engine, log=log, progress=progress)
        log.info("publish ends")
    stage_for_quarto(place, root)
    return _moved(built, place)


def _extract(cohort: Cohort) -> dict[str, str | int | bool]:
    file = cohort.source.file
    return {"name": file.name, "sha256": file.sha256, "rows": file.rows, "synthetic": cohort.source.synthetic}


def _tell_of_cohort(cohort: Cohort, root: Path, log: Log) -> None:
    issues = write_issues(cohort, root)
    log.info("cohort", rows=balance(cohort), issues=len(cohort.issues), issue_log=shown(issues, root))


def _finish(
    run_dir: Path,
    root: Path,
    settings: YearParams,
    begun: dict,
    *,
    engine: Engine,
    log: Log,
    progress: Progress,
) -> BuildResult:
    """From results and executed copies to facts, reports and proof."""
    progress("gathering facts")
    facts = facts_of_run.gather(run_dir / "results")
    looked_up = facts_of_run.variables(facts, settings, synthetic=begun["synthetic"])
    facts_of_run.write(facts, looked_up, run_dir)
    write_messages(settings.year, root=root, run_dir=run_dir)
    progress("checking prose and recommendations")
    _check(run_dir, root, log)
    # The documents carry the date the data were locked, so that building again gives the same files.
    locked = dt.datetime.combine(settings.data_lock, dt.time(12), tzinfo=dt.UTC)
    published = publish(run_dir, root, engine=engine, moment=locked, progress=progress)
    log.info("published", engine=published.engine)
    progress("looking through what leaves")
    refuse_findings(run_dir)
    reports = tuple(published.paths.values())
    manifest.write(manifest.completed(begun, run_dir, engine=published.engine, reports=reports), run_dir)
    if recommendations_file(settings.year, root).is_file():
        progress("writing the line of sight")
        reports += write_line_of_sight(settings.year, root=root, run_dir=run_dir)
    results = len(list((run_dir / "results").glob("*.json")))
    return BuildResult(run_dir, reports, published.engine, results, len(facts))


def _check(run_dir: Path, root: Path, log: Log) -> None:
    """Stop at the first report whose words and numbers do not agree; what a person should look at goes to the log."""
    review = check_report(run_dir, root)
    for note in review.notes:
        log.info("note of the report's check", note=str(note))
    refuse(review.findings)


def _moved(built: BuildResult, place: Path) -> BuildResult:
    reports = tuple(place / path.name for path in built.reports)
    return replace(built, folder=place, reports=reports)
