"""The back-test from the command line: the cohort of an edition beside every published value, without a build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from fls_research.data.cohort import load, prepare_once
from fls_research.data.published import load_published
from fls_research.disclosure import release
from fls_research.kpi import backtest, report
from fls_research.outputs import text
from fls_research.params import load_year
from fls_research.pipeline.batch.order import PREPARED
from fls_research.pipeline.check import extract_path
from fls_research.pipeline.progress import Progress, silent

HEADINGS = ("year", "measure", "who", "published", "computed", "apart", "verdict", "definition", "printed in")


@dataclass(frozen=True)
class BackTest:
    """Published values beside computed ones: ``compared`` as ``kpi.backtest.compare`` returns it, and its summary."""

    compared: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)
    synthetic: bool


def back_test(
    year: int,
    *,
    root: Path,
    extract: Path | None = None,
    sheet: str | None = None,
    progress: Progress = silent,
) -> BackTest:
    """Compute, for the years of an edition, every value that the audit has published, and compare.

    Parameters
    ----------
    year : data year whose settings are used; the years are its comparison years and itself.
    root : the project folder.
    extract, sheet : as for a build.
    progress : told of each step.

    Raises
    ------
    ExtractError, IdentifierFound, ParamsError : the extract, the settings or ``params/published.csv`` are wrong.
    DisclosureError : a count must not leave.
    """
    settings = load_year(year, root)
    published = load_published(root)
    source = extract_path(settings, root, extract)
    prepared = prepare_once(settings, root, source, root / PREPARED, sheet=sheet, progress=progress)
    cohort = load(prepared)
    progress("comparing with what was published")
    caseload = cohort.caseload(settings.years)
    counts = release(
        backtest.counts_beside(published, cohort.fractures, caseload, years=settings.years),
        policy=settings.policy,
        lane="patient_group",
        level="national",
        organisations=report.ORGANISATIONS,
        synthetic=cohort.source.synthetic,
    )
    services = backtest.services_beside(published, cohort.fractures, caseload, years=settings.years)
    compared = backtest.compare(published, counts.frame, services, years=settings.years)
    return BackTest(compared, backtest.summary(compared), cohort.source.synthetic)


def lines(found: BackTest) -> list[Sequence[str]]:
    """The compared values as rows of text under :data:`HEADINGS`; for the others see :func:`not_computed`."""
    rows = found.compared.loc[found.compared["verdict"] != backtest.NOT_COMPUTED]
    return [
        (
            str(row["data_year"]),
            _measure(row["measure"], row["title"]),
            row["who"],
            _value(row["published"], row["unit"], int(row["decimals"])),
            _value(row["computed"], row["unit"], 1),
            _apart(row),
            row["verdict"],
            row["version"] or "-",
            row["vintage"],
        )
        for row in rows.to_dict(orient="records")
    ]


def not_computed(found: BackTest) -> list[Sequence[str]]:
    """How many published values are not computed, by reason."""
    rows = found.compared.loc[found.compared["verdict"] == backtest.NOT_COMPUTED]
    sizes = rows["why"].value_counts(sort=False)
    return [(str(number), why) for why, number in sizes.items()]


def _measure(measure: str, title: str) -> str:
    return text.kpi_name(measure) if measure.startswith("kpi") else title


def _value(value: float, unit: str, decimals: int) -> str:
    return text.percent(value, decimals) if unit == "percent" else text.count(value)


def _apart(row: dict) -> str:
    if row["unit"] == "percent":
        return text.points(row["computed"], row["published"], 1)
    return text.count(row["difference"])
