"""The options that several commands share, and the project they all work in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fls_research.errors import UsageError


class RunnerName(StrEnum):
    """What can run a notebook."""

    AUTO = "auto"
    FORKED = "forked"
    KERNELS = "kernels"


Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")]
Extract = Annotated[
    Path | None,
    typer.Option("--extract", "-e", metavar="FILE", help="CSV, Excel or Parquet file; else the one in the settings."),
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Sheet of an Excel file; else the first.")]
Runner = Annotated[
    RunnerName,
    typer.Option(
        "--engine",
        "--runner",
        help="What runs a notebook: a process forked from a ready one (Linux), or an ordinary kernel.",
    ),
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler", metavar="ADDRESS", help="Run on the workers of a Dask scheduler, such as tcp://host:8786."
    ),
]


def project() -> Path:
    """The folder of the project that the command was called in."""
    from fls_research.params import project_root

    return project_root()


def latest_year(root: Path) -> int:
    """The latest data year of a project. Raises :class:`UsageError` where it has no settings."""
    from fls_research.params import years_with_settings

    years = years_with_settings(root)
    if not years:
        raise UsageError("params/ holds no settings; write params/<year>.yml first.")
    return years[-1]
