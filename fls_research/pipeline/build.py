"""A whole edition: cohort, notebooks, facts, report and proof, in one folder that appears whole or not at all."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fls_research.data.cohort import Cohort, load, prepare_once
from fls_research.disclosure import scan_files
from fls_research.errors import DisclosureError, NotebookError, PublishError
from fls_research.params import YearParams, load_year
from fls_research.pipeline import facts as facts_of_run
from fls_research.pipeline import manifest
from fls_research.pipeline.check import balance, extract_path, write_issues
from fls_research.pipeline.checks import check_report, refuse
from fls_research.pipeline.exhibits import keep_released, refuse_strays
from fls_research.pipeline.line_of_sight.messages import write_messages
from fls_research.pipeline.line_of_sight.recommendations import recommendations_file
from fls_research.pipeline.line_of_sight.write import write_line_of_sight
from fls_research.pipeline.log import Log
from fls_research.pipeline.notebook import parameters_of, read_notebook
from fls_research.pipeline.paths import path_under, shown
from fls_research.pipeline.pool import Job, run_jobs
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.publish import Engine, publish, stage_for_quarto
from fls_research.pipeline.staging import LOG, failed_log, staged

OUTPUT = "reports/_output"
PREPARED = "data/prepared"
ONE_OF_MANY = frozenset({"service", "region", "area"})
"""A notebook with one of these parameters runs per service or place, and not for the edition."""


@dataclass(frozen=True)
class BuildResult:
    """A finished edition: its folder, the reports in it, and how many results and facts stand behind them."""

    folder: Path
    reports: tuple[Path, ...]
    engine: str
    results: int
    facts: int


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
    per = read_notebook(path).get("metadata", {}).get("fls", {}).get("per", "year")
    return per == "year" and "year" in names and not names & ONE_OF_MANY


def build(
    year: int,
    *,
    root: Path,
    extract: Path | None = None,
    sheet: str | None = None,
    notebooks: Iterable[Path] | None = None,
    engine: Engine = "auto",
    jobs: int | None = None,
    progress: Progress = silent,
) -> BuildResult:
    """Make the edition of a year and put it at ``reports/_output/<year>/``.

    Parameters
    ----------
    year : data year; its settings name everything not given here.
    extract : relative to the working directory; the settings' extract when not given.
    notebooks : those to run; all that are for a whole year when not given.
    engine : what stitches the report: ``auto``, ``quarto`` or ``pandoc``.
    jobs : notebooks that run at the same time.

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
    with staged(place) as run_dir:
        log = Log(run_dir / LOG)
        log.info("build begins", year=year, notebooks=len(chosen))
        prepared = prepare_once(settings, root, source, root / PREPARED, sheet=sheet, progress=progress)
        cohort = load(prepared)
        _tell_of_cohort(cohort, root, log)
        begun = manifest.inputs(root, settings=settings, extract=_extract(cohort), notebooks=chosen)
        # The notebook of definitions prints its provenance from this.
        manifest.write(begun, run_dir)
        _run(chosen, settings, prepared, run_dir, place, root, jobs=jobs, log=log, progress=progress)
        built = _finish(run_dir, root, settings, begun, engine=engine, log=log, progress=progress)
        log.info("build ends", results=built.results, facts=built.facts)
    stage_for_quarto(place, root)
    return _moved(built, place)


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
        begun = manifest.inputs_of(manifest.read(place))
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


def _run(
    notebooks: Sequence[Path],
    settings: YearParams,
    prepared: Path,
    run_dir: Path,
    place: Path,
    root: Path,
    *,
    jobs: int | None,
    log: Log,
    progress: Progress,
) -> None:
    """Run all notebooks into the folder of the build. Raises one :class:`NotebookError` for all that failed."""
    offered = {"year": settings.year, "prepared": shown(prepared, root), "run_dir": shown(run_dir, root)}
    renamed = {shown(run_dir, root): shown(place, root)}
    work = [
        Job(
            notebook,
            {name: value for name, value in offered.items() if name in parameters_of(notebook).names},
            root,
            run_dir / "notebooks" / notebook.name,
            renamed,
        )
        for notebook in notebooks
    ]
    failed: list[NotebookError] = []
    for outcome in run_jobs(work, workers=jobs, progress=progress):
        if outcome.error is None:
            log.info("notebook", notebook=outcome.notebook, cells=outcome.result.cells)
        else:
            failed.append(outcome.error)
            log.error("notebook failed", notebook=outcome.notebook, message=str(outcome.error))
    for copy in (run_dir / "notebooks").glob("*.ipynb"):
        keep_released(copy)
    if failed:
        raise _all_failures(failed, len(work), shown(failed_log(place), root))
    refuse_strays(run_dir)


def _all_failures(failed: Sequence[NotebookError], of: int, log: str) -> NotebookError:
    first = str(failed[0]) if len(failed) == 1 else "; ".join(str(error).rstrip(".") for error in failed) + "."
    error = NotebookError(f"{len(failed)} of {of} notebooks failed: {first}")
    for one in failed:
        for note in getattr(one, "__notes__", ()):
            error.add_note(note + "\n")
    error.add_note(f"{'log':>12}  {log}")
    return error


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


def refuse_findings(run_dir: Path) -> None:
    """Raise :class:`DisclosureError` when a file about to leave holds personal data; values are never repeated."""
    findings = scan_files([run_dir])
    if findings:
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        raise DisclosureError(f"{first.file}: {first.rule}, found {first.times} times{more}; nothing was written.")


def _moved(built: BuildResult, place: Path) -> BuildResult:
    reports = tuple(place / path.name for path in built.reports)
    return BuildResult(place, reports, built.engine, built.results, built.facts)
