"""The commands of a build: what they are called, ask for and answer; the others join at the end."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

import fls_research
from fls_research.cli import check_commands, run_commands, sight_commands
from fls_research.cli.options import Extract, Quiet, RunnerName, Scheduler, Sheet, latest_year, project
from fls_research.cli.screen import aligned, openable, progress_shown, say
from fls_research.errors import FlsError

if TYPE_CHECKING:
    from fls_research.pipeline.build import BuildResult

app = typer.Typer(
    name="fls",
    help="From a Fracture Liaison Service Database (FLS-DB) extract to the annual report.",
    epilog="First time here? Try: fls demo, then: fls build 2024",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class EngineName(StrEnum):
    """What can stitch a report."""

    AUTO = "auto"
    QUARTO = "quarto"
    PANDOC = "pandoc"


Year = Annotated[int, typer.Argument(metavar="YEAR", help="Data year of the edition, such as 2024.")]
Engine = Annotated[
    EngineName, typer.Option("--engine", help="What stitches the report; auto takes Quarto where it is installed.")
]


def _version(wanted: bool) -> None:
    if wanted:
        say(f"fls {fls_research.__version__}")
        raise typer.Exit


@app.callback()
def fls(
    context: typer.Context,
    quiet: Quiet = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    context.obj = quiet


@app.command(short_help="Write a synthetic extract to try with.")
def demo(context: typer.Context, quiet: Quiet = False) -> None:
    """Write a synthetic extract to try everything with.

    The data are made up by a program, calibrated to published national figures. Every row says SYNTHETIC, and so does
    every report made from them. The same program writes the same file every time.

    Example: fls demo
    """
    from fls_research.params import load_year
    from fls_research.pipeline.demo import write_demo_extract

    root, quiet = project(), quiet or context.obj
    settings = load_year(latest_year(root), root)
    with progress_shown(quiet=quiet) as progress:
        made = write_demo_extract(settings, root, progress=progress)
    say(f"Written to {openable(made.extract)}, every row marked SYNTHETIC", quiet=quiet)
    years = [(f"records of {year}", rows) for year, rows in made.analysed.items()]
    say(*aligned([("rows", made.rows), *years, ("dirty on purpose", made.faults)]), quiet=quiet)


@app.command(short_help="Look at an extract before building.")
def check(
    context: typer.Context,
    year: Annotated[
        int | None, typer.Option("--year", "-y", help="Data year whose settings are used; else the latest.")
    ] = None,
    extract: Extract = None,
    sheet: Sheet = None,
    quiet: Quiet = False,
) -> None:
    """Look at an extract before building: what is in it, what would be used, and what is wrong with it.

    Shows which columns were recognised, how many rows would be analysed, left out and set aside, and why. Every row
    with a mistake is listed in an issue log under data/checks/, by service and record number, for the services to
    correct. Nothing is changed.

    Example: fls check --extract data/my-export.csv
    """
    from fls_research.pipeline.check import check_extract, report

    root, quiet = project(), quiet or context.obj
    with progress_shown(quiet=quiet) as progress:
        found = check_extract(year or latest_year(root), root=root, extract=extract, sheet=sheet, progress=progress)
    for title, lines in report(found):
        say("", *filter(None, [title]), *aligned(lines), quiet=quiet)
    say(f"Issue log: {openable(found.issues)}", quiet=quiet)


@app.command(short_help="Build the edition of a year.")
def build(
    context: typer.Context,
    year: Year,
    extract: Extract = None,
    sheet: Sheet = None,
    engine: Engine = EngineName.AUTO,
    runner: Annotated[
        RunnerName, typer.Option("--runner", help="What runs a notebook: a forked process (Linux) or a kernel.")
    ] = RunnerName.AUTO,
    scheduler: Scheduler = "",
    packs: Annotated[
        bool, typer.Option("--all", help="Make also the pack of every service, board and region.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Run and stitch also what is up to date.")] = False,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Notebooks run at the same time; else one a processor.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Build the whole edition of a year: results, facts, and the report as web page, Word file and PDF.

    Reads the extract, runs the notebooks, checks that nothing confidential leaves, and writes everything to
    reports/_output/YEAR/ in one step: if anything fails, what was there before stays as it was. With --all the packs
    follow, in reports/_output/packs/YEAR/. What is up to date is not made again.

    Example: fls build 2024 --extract data/my-export.csv
    """
    from fls_research.pipeline.build import build as build_edition

    root, quiet = project(), quiet or context.obj
    with progress_shown(quiet=quiet) as progress:
        built = build_edition(
            year,
            root=root,
            extract=extract,
            sheet=sheet,
            engine=engine.value,
            runner=runner.value,
            scheduler=scheduler,
            jobs=jobs,
            force=force,
            progress=progress,
        )
    _tell(built, quiet=quiet)
    if packs:
        run_commands.make_all_packs(
            year,
            root,
            extract=extract,
            sheet=sheet,
            runner=runner.value,
            scheduler=scheduler,
            jobs=jobs,
            force=force,
            quiet=quiet,
        )


@app.command(short_help="Stitch the report again.")
def publish(context: typer.Context, year: Year, engine: Engine = EngineName.AUTO, quiet: Quiet = False) -> None:
    """Stitch the report again from the last build, for instance after a change to its prose. Runs no notebook.

    Example: fls publish 2024
    """
    from fls_research.pipeline.build import publish_again

    root, quiet = project(), quiet or context.obj
    with progress_shown(quiet=quiet) as progress:
        built = publish_again(year, root=root, engine=engine.value, progress=progress)
    _tell(built, quiet=quiet)


@app.command(short_help="Say what this computer lacks.")
def doctor(context: typer.Context, quiet: Quiet = False) -> None:
    """Look at this computer and say in plain sentences what is missing.

    Example: fls doctor
    """
    from fls_research.pipeline.doctor import examine

    quiet = quiet or context.obj
    words = {True: "well", None: "not needed", False: "WRONG"}
    ill = 0
    for finding in examine(project()):
        ill += finding.well is False
        say(f"{words[finding.well]:<11} {finding.what:<9} {finding.sentence}", quiet=quiet)
    if ill:
        raise FlsError(f"{ill} {'thing needs' if ill == 1 else 'things need'} attention; see the lines marked WRONG.")
    say("Everything the kit needs is here.", quiet=quiet)


def _tell(built: BuildResult, *, quiet: bool) -> None:
    where = openable(built.folder)
    if built.current:
        say(f"Edition in {where} is up to date; nothing was run", quiet=quiet)
        return
    say(f"Edition in {where}: {built.results} results, {built.facts} facts, stitched by {built.engine}", quiet=quiet)
    say(*(f"  {openable(path)}" for path in built.reports), quiet=quiet)


for _others in (run_commands, check_commands, sight_commands):
    _others.register(app)
