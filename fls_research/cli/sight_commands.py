"""The commands that answer for a number: where it comes from, what changed, and how it compares with print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fls_research.cli.options import latest_year
from fls_research.cli.screen import aligned, progress_shown, say
from fls_research.errors import UsageError

if TYPE_CHECKING:
    from fls_research.pipeline.line_of_sight.changes import Change

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")]
MOST_SHOWN = 60


def register(app: typer.Typer) -> None:
    """Add ``line-of-sight``, ``backtest``, ``fact`` and ``facts`` to the ``fls`` command."""
    app.command("line-of-sight", short_help="Write the funder's table of recommendations and evidence.")(line_of_sight)
    app.command("backtest", short_help="Compare with every published value.")(backtest)
    app.command("fact", short_help="Walk one number back to the data.")(fact)
    app.command("facts", short_help="Say which numbers changed between two runs, and why.")(facts)


def line_of_sight(
    context: typer.Context,
    year: Annotated[int, typer.Argument(metavar="YEAR", help="Data year of the edition, such as 2024.")],
    quiet: Quiet = False,
) -> None:
    """Write the line-of-sight table of an edition, as the funders ask for it: a Word file and a web page.

    The recommendations stand in params/recommendations/YEAR.yml. Every number is looked up in the facts of the edition,
    and every page number in its PDF; where one cannot be found, nothing is written and the message says which.

    Example: fls line-of-sight 2024
    """
    from fls_research.params import project_root
    from fls_research.pipeline.line_of_sight.write import write_line_of_sight

    root = project_root()
    for path in write_line_of_sight(year, root=root):
        say(f"Written to {path.relative_to(root).as_posix()}", quiet=quiet or bool(context.obj))


def backtest(
    context: typer.Context,
    year: Annotated[
        int | None, typer.Argument(metavar="[YEAR]", help="Data year whose settings are used; else the latest.")
    ] = None,
    extract: Annotated[
        Path | None, typer.Option("--extract", "-e", metavar="FILE", help="Extract; else the one in the settings.")
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Sheet of an Excel file.")] = None,
    quiet: Quiet = False,
) -> None:
    """Compute every value that the audit has published, and show both with a verdict.

    The published values stand in params/published.csv with their sources. A value that differs is no error: read the
    definition beside it. What cannot be computed is counted below the table, with the reason.

    Example: fls backtest
    """
    from fls_research.params import project_root
    from fls_research.pipeline import backtest as back

    root, quiet = project_root(), quiet or bool(context.obj)
    with progress_shown(quiet=quiet) as progress:
        found = back.back_test(year or latest_year(root), root=root, extract=extract, sheet=sheet, progress=progress)
    if found.synthetic:
        say("SYNTHETIC DATA: this shows how well the demo extract was calibrated.", "", quiet=quiet)
    say(*aligned([back.HEADINGS, *back.lines(found)]), quiet=quiet)
    whole = found.summary.set_index("what").loc["all"]
    say(
        "",
        f"{whole['compared']} values compared: {whole['within_rounding']} within rounding, {whole['close']} close, "
        f"{whole['differs']} differ; {whole['not_computed']} not computed:",
        *aligned([("", *line) for line in back.not_computed(found)] or [("", "none")]),
        quiet=quiet,
    )


def fact(
    context: typer.Context,
    fact_id: Annotated[str, typer.Argument(metavar="ID", help="Such as kpi4.national.2024.percent.")],
    year: Annotated[
        int | None, typer.Option("--year", "-y", help="Edition to look in; else the latest that has the fact.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Print one number and its whole walk back: definition, data items, result, notebook, extract, settings, code.

    Example: fls fact kpi4.national.2024.percent
    """
    from fls_research.params import project_root
    from fls_research.pipeline.line_of_sight.tell import edition_with, told

    root = project_root()
    edition = edition_with(fact_id, root=root, year=year)
    say(*aligned(told(edition, fact_id, root=root)), quiet=quiet or bool(context.obj))


def facts(
    context: typer.Context,
    changed_since: Annotated[
        Path,
        typer.Option("--changed-since", metavar="DIR", help="Folder of an earlier run of the edition, kept aside."),
    ],
    year: Annotated[int | None, typer.Option("--year", "-y", help="Edition; else the latest that was built.")] = None,
    quiet: Quiet = False,
) -> None:
    """Say which numbers differ from an earlier run, and why: data, definition, params or code.

    Keep a copy of reports/_output/YEAR/ before you build again, and compare with it.

    Example: fls facts --changed-since kept/2024-june
    """
    from fls_research.params import project_root
    from fls_research.pipeline.line_of_sight.changes import changed_inputs, changes
    from fls_research.pipeline.line_of_sight.edition import edition_folder, open_edition
    from fls_research.pipeline.line_of_sight.tell import built_years

    root, quiet = project_root(), quiet or bool(context.obj)
    if not changed_since.is_dir():
        raise UsageError(f"There is no folder '{changed_since.name}' to compare with.")
    built = built_years(root)
    if year is None and not built:
        raise UsageError("There is no edition yet to compare; build one first, for instance: fls build 2024")
    chosen = year or built[-1]
    before, after = open_edition(chosen, changed_since), open_edition(chosen, edition_folder(chosen, root))
    inputs = changed_inputs(before, after)
    say(*aligned([(f"{cause} changed", ", ".join(named) or "no") for cause, named in inputs.items()]), quiet=quiet)
    _show(changes(before, after), quiet=quiet)


def _show(found: list[Change], *, quiet: bool) -> None:
    if not found:
        say("", "No fact differs.", quiet=quiet)
        return
    rows = [(one.id, one.before or "(new)", one.after or "(gone)", one.why) for one in found]
    say("", *aligned([("fact", "before", "after", "why"), *rows[:MOST_SHOWN]]), quiet=quiet)
    more = len(rows) - MOST_SHOWN
    told = "1 fact differs" if len(rows) == 1 else f"{len(rows)} facts differ"
    say("", told + (f"; the first {MOST_SHOWN} are shown." if more > 0 else "."), quiet=quiet)
