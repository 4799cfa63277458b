"""The commands that check what was written: ``check-report`` for an edition, ``check-text`` for any text."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fls_research.cli.screen import say
from fls_research.errors import CheckFailed, PublishError, UsageError

if TYPE_CHECKING:
    from fls_research.pipeline.checks import Review

AsJson = Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")]


def register(app: typer.Typer) -> None:
    """Add both commands to the application."""
    app.command("check-report", short_help="Check an edition's prose and recommendations.")(check_report)
    app.command("check-text", short_help="Check the numbers and guidelines of any text.")(check_text)


def check_report(
    context: typer.Context,
    year: Annotated[int, typer.Argument(metavar="YEAR", help="Data year of an edition that was built.")],
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check the prose and the recommendations of an edition against its facts, its KPI records and the guidelines.

    The same checks run inside every build. Each finding says where, what stands there, what was expected, and how to
    mend it.

    Example: fls check-report 2024
    """
    from fls_research.params import project_root
    from fls_research.pipeline import checks
    from fls_research.pipeline.build import output_folder

    root = project_root()
    place = output_folder(year, root)
    if not place.is_dir():
        raise PublishError(f"There is no edition of {year} to check; run: fls build {year}")
    _tell(checks.check_report(place, root), f"the edition of {year}", as_json=as_json, quiet=quiet or context.obj)


def check_text(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Text, Markdown, HTML, Word (.docx) or PDF.")],
    on: Annotated[
        str | None, typer.Option("--on", metavar="DATE", help="Day of the text, such as 2026-01-31; else read off it.")
    ] = None,
    year: Annotated[int | None, typer.Option("--year", "-y", help="Data year of the text; else read off it.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check any text: percentages against their counts, words of direction, values that disagree, aims, guidelines.

    Needs no edition and no extract. Each finding says where, what stands there, what was expected, and how to mend it.

    Example: fls check-text line-of-sight.docx --on 2026-01-31
    """
    from fls_research.params import project_root
    from fls_research.pipeline import checks

    review = checks.check_text(file, project_root(), on=_day(on), year=year)
    _tell(review, file.name, as_json=as_json, quiet=quiet or context.obj)


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{text}' is no date; write it as year-month-day, such as 2026-01-31.") from None


def _tell(review: Review, what: str, *, as_json: bool, quiet: bool) -> None:
    from fls_research.pipeline import checks

    wrong = len(review.findings)
    if as_json:
        say(checks.as_json(review))
    else:
        say(*checks.as_lines(review), quiet=quiet and not wrong)
    if wrong:
        raise CheckFailed(f"{wrong} {'finding' if wrong == 1 else 'findings'} in {what}; each says how to mend it.")
    say(f"Nothing was found in {what}.", quiet=quiet or as_json)
