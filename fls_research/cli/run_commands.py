"""The command that runs notebooks: one of them once, or for every service, board, region or year."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fls_research.cli.options import Extract, Quiet, Runner, RunnerName, Scheduler, Sheet, project
from fls_research.cli.screen import aligned, batch_shown, openable, progress_shown, say
from fls_research.errors import UsageError

if TYPE_CHECKING:
    from fls_research.pipeline.batch.batch import Summary
    from fls_research.pipeline.batch.plan import Step


class EachName(StrEnum):
    """What a notebook can be run for each of."""

    SERVICE = "service"
    ICB = "icb"
    REGION = "region"
    YEAR = "year"


class StitcherName(StrEnum):
    """What can stitch the document of a run."""

    PANDOC = "pandoc"
    QUARTO = "quarto"
    AUTO = "auto"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(short_help="Run a notebook, once or for each service, board, region or year.")(run)


def run(
    context: typer.Context,
    notebook: Annotated[str, typer.Argument(metavar="NOTEBOOK", help="Name of a notebook in notebooks/.")],
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter of the notebook; may be repeated."),
    ] = None,
    year: Annotated[int | None, typer.Option("--year", "-y", help="The same as -p year=YEAR.")] = None,
    each: Annotated[
        EachName | None, typer.Option("--each", help="Run once for each; icb means boards of England and Wales.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CODE", help="Of those, only these: code or name; may be repeated."),
    ] = None,
    where: Annotated[
        str, typer.Option("--where", metavar="CONDITION", help="Of those, only where it holds: \"nation == 'Wales'\".")
    ] = "",
    region: Annotated[
        str, typer.Option("--region", metavar="CODE", help="Run it for one board or region, by code or by name.")
    ] = "",
    jobs: Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Runs at the same time.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run and why; run nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Run also what is up to date.")] = False,
    only_failed: Annotated[bool, typer.Option("--only-failed", help="Run only what failed the last time.")] = False,
    runner: Runner = RunnerName.AUTO,
    scheduler: Scheduler = "",
    stitcher: Annotated[
        StitcherName, typer.Option("--stitcher", help="What stitches the document of a run, where it has one.")
    ] = StitcherName.PANDOC,
    extract: Extract = None,
    sheet: Sheet = None,
    quiet: Quiet = False,
) -> None:
    """Run a notebook with parameters of your choice, once or for each of many.

    The notebook's own list of parameters decides which are accepted; a misspelt one is refused. What is up to date is
    not run again. Packs go to reports/_output/packs/YEAR/, everything else to reports/_output/runs/, one folder for
    each choice of parameters.

    Example: fls run 20_kpis_national -p year=2023

    \b
    More of them:
      fls run 40_inequalities --region "South West"
      fls run 90_service --only AA0 --only AB0
      fls run 90_service --each service --where "nation == 'Wales'" --jobs 2
      fls run 91_region --dry-run
    """
    from fls_research.pipeline.batch.batch import How, carry_out_plan, failure
    from fls_research.pipeline.batch.each import Each
    from fls_research.pipeline.batch.order import Order, works_of
    from fls_research.pipeline.batch.plan import plan

    root, quiet = project(), quiet or context.obj
    given = _pairs(parameters or [])
    if year is not None:
        given["year"] = str(year)
    order = Order(
        notebook,
        given,
        each=Each(each.value) if each else None,
        only=_listed(only or []),
        where=where,
        region=region,
        extract=extract,
        sheet=sheet,
        stitcher=stitcher.value,
    )
    with progress_shown(quiet=quiet) as progress:
        ordered = works_of(order, root, progress=progress)
        steps = plan(ordered.works, root, force=force, only_failed=only_failed)
    if dry_run:
        _tell_plan(steps, quiet=quiet)
        return
    with batch_shown(quiet=quiet, runs=sum(bool(step.reason) for step in steps)) as (watcher, progress):
        how = How(jobs, runner.value, scheduler, ordered.warmers, watcher, progress)
        summary = carry_out_plan(steps, root, how)
    tell(summary, root, quiet=quiet)
    if summary.failed:
        raise failure(summary, root)


def make_all_packs(
    year: int,
    root: Path,
    *,
    extract: Path | None,
    sheet: str | None,
    runner: str,
    scheduler: str,
    jobs: int | None,
    force: bool,
    quiet: bool,
) -> None:
    """Make the packs of a year and say what came of it."""
    from fls_research.pipeline.batch.batch import How, carry_out_plan, failure
    from fls_research.pipeline.packs import packs_of_the_year

    with progress_shown(quiet=quiet) as progress:
        packs = packs_of_the_year(year, root=root, extract=extract, sheet=sheet, force=force, progress=progress)
    with batch_shown(quiet=quiet, runs=sum(bool(step.reason) for step in packs.steps)) as (watcher, progress):
        how = How(jobs, runner, scheduler, packs.warmers, watcher, progress)
        summary = carry_out_plan(packs.steps, root, how)
    say(f"Packs in {openable(packs.folder)}", quiet=quiet)
    tell(summary, root, quiet=quiet)
    if summary.failed:
        raise failure(summary, root)


def tell(summary: Summary, root: Path, *, quiet: bool) -> None:
    """Say what came of a batch: one run in a line, several in a table."""
    if summary.reason:
        say(summary.reason, quiet=quiet)
    if len(summary.places) == 1 and not summary.failed:
        word = "Up to date in" if summary.current else "Written to"
        folder = root / summary.places[0]
        say(f"{word} {openable(folder)}", quiet=quiet)
        documents = sorted(path for path in folder.glob("*.*") if path.suffix in (".html", ".docx", ".pdf"))
        say(*(f"  {openable(path)}" for path in documents), quiet=quiet)
    elif summary.places:
        rows = [("run", len(summary.ran)), ("up to date", summary.current), ("failed", len(summary.failed))]
        say(*aligned([*rows, ("seconds", round(summary.seconds))]), quiet=quiet)
        say(*(openable(folder) for folder in sorted({(root / place).parent for place in summary.places})), quiet=quiet)
    else:
        say("Nothing to run.", quiet=quiet)


def _tell_plan(steps: list[Step], *, quiet: bool) -> None:
    rows = [("would run" if step.reason else "up to date", step.work.name, step.reason) for step in steps]
    say(*aligned(rows), quiet=quiet)
    needed = sum(bool(step.reason) for step in steps)
    say(f"{needed} of {len(steps)} runs are needed.", quiet=quiet)


def _listed(texts: list[str]) -> list[str]:
    """Codes given one by one or with commas between them."""
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _pairs(texts: list[str]) -> dict[str, str]:
    """``name=value`` texts as a mapping. Raises :class:`UsageError` for anything else."""
    given: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise UsageError(f"'{text}': write a parameter as name=value, such as -p year=2024.")
        if name in given:
            raise UsageError(f"parameter '{name}' is given twice.")
        given[name] = value
    return given
