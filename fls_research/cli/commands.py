"""The commands of a build: what they are called, ask for and answer; the others join at the end."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import fls_research
from fls_research.cli import check_commands, sight_commands
from fls_research.cli.screen import aligned, openable, progress_shown, say
from fls_research.errors import FlsError, UsageError

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
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")]
Extract = Annotated[
    Path | None,
    typer.Option("--extract", "-e", metavar="FILE", help="CSV, Excel or Parquet file; else the one in the settings."),
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Sheet of an Excel file; else the first.")]
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

    root, quiet = _root(), quiet or context.obj
    settings = load_year(_latest(root), root)
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

    root, quiet = _root(), quiet or context.obj
    with progress_shown(quiet=quiet) as progress:
        found = check_extract(year or _latest(root), root=root, extract=extract, sheet=sheet, progress=progress)
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
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Notebooks run at the same time; else one or two.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Build the whole edition of a year: results, facts, and the report as web page, Word file and PDF.

    Reads the extract, runs the notebooks, checks that nothing confidential leaves, and writes everything to
    reports/_output/YEAR/ in one step: if anything fails, what was there before stays as it was.

    Example: fls build 2024 --extract data/my-export.csv
    """
    from fls_research.pipeline.build import build as build_edition

    root, quiet = _root(), quiet or context.obj
    with progress_shown(quiet=quiet) as progress:
        built = build_edition(
            year, root=root, extract=extract, sheet=sheet, engine=engine.value, jobs=jobs, progress=progress
        )
    _tell(built, quiet=quiet)


@app.command(short_help="Run one notebook.")
def run(
    context: typer.Context,
    notebook: Annotated[str, typer.Argument(metavar="NOTEBOOK", help="Name of a notebook in notebooks/.")],
    parameters: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter of the notebook; may be repeated."),
    ] = None,
    year: Annotated[int | None, typer.Option("--year", "-y", help="The same as -p year=YEAR.")] = None,
    extract: Extract = None,
    sheet: Sheet = None,
    quiet: Quiet = False,
) -> None:
    """Run one notebook with parameters of your choice.

    The notebook's own list of parameters decides which are accepted; a misspelt one is refused. The executed copy and
    its results go to reports/_output/runs/, one folder for each choice of parameters.

    Example: fls run 20_kpis_national -p year=2023
    """
    from fls_research.pipeline.single import run_single

    root, quiet = _root(), quiet or context.obj
    given = _pairs(parameters or [])
    if year is not None:
        given["year"] = str(year)
    with progress_shown(quiet=quiet) as progress:
        place = run_single(notebook, given, root=root, extract=extract, sheet=sheet, progress=progress)
    say(f"Written to {openable(root / place)}", quiet=quiet)


@app.command(short_help="Stitch the report again.")
def publish(context: typer.Context, year: Year, engine: Engine = EngineName.AUTO, quiet: Quiet = False) -> None:
    """Stitch the report again from the last build, for instance after a change to its prose. Runs no notebook.

    Example: fls publish 2024
    """
    from fls_research.pipeline.build import publish_again

    root, quiet = _root(), quiet or context.obj
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
    for finding in examine(_root()):
        ill += finding.well is False
        say(f"{words[finding.well]:<11} {finding.what:<9} {finding.sentence}", quiet=quiet)
    if ill:
        raise FlsError(f"{ill} {'thing needs' if ill == 1 else 'things need'} attention; see the lines marked WRONG.")
    say("Everything the kit needs is here.", quiet=quiet)


def _tell(built: BuildResult, *, quiet: bool) -> None:
    where = openable(built.folder)
    say(f"Edition in {where}: {built.results} results, {built.facts} facts, stitched by {built.engine}", quiet=quiet)
    say(*(f"  {openable(path)}" for path in built.reports), quiet=quiet)


def _root() -> Path:
    from fls_research.params import project_root

    return project_root()


def _latest(root: Path) -> int:
    years = sorted(int(path.stem) for path in (root / "params").glob("[0-9][0-9][0-9][0-9].yml"))
    if not years:
        raise UsageError("params/ holds no settings; write params/<year>.yml first.")
    return years[-1]


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


for _others in (check_commands, sight_commands):
    _others.register(app)
