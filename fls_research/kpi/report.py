"""The KPI counts a national report asks for, ready for release: with titles and aims, and a row for every KPI."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.kpi.appendix import definitions_table
from fls_research.kpi.definitions import SIDE_BY_SIDE, headline_for, record_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.rag import services_at_or_above, services_below, services_by_colour
from fls_research.kpi.records import Kpi

LABELS: tuple[str, ...] = ("number", "title", "target")
"""Columns that say what a row is and count nobody."""

ORGANISATIONS: dict[str, tuple[str, ...]] = {"kpi": ("kpi1", "kpi1-strict")}
"""The KPIs whose counts are of services, not of patients."""

SERVICE_NUMBERS: tuple[str, ...] = (
    "data_year",
    "Green",
    "Amber",
    "Red",
    "services",
    "without_value",
    "below_50",
    "at_least_80",
    "below_50_share",
    "at_least_80_share",
)
"""The numeric columns of :func:`services_summary`: they count services."""

_COUNTS = ("numerator", "denominator", "unknown", "not_eligible")


def national_counts(fractures: pd.DataFrame, caseload: pd.DataFrame, *, years: Sequence[int]) -> pd.DataFrame:
    """The eleven KPIs for the nation as a whole, one row a KPI and year.

    Parameters
    ----------
    fractures, caseload : as for :func:`fls_research.kpi.evaluate.evaluate`.
    years : data years; one in which the cohort holds no record is left out.

    Returns
    -------
    A ``counts`` frame with the further columns of :data:`LABELS`. A KPI that cannot be evaluated in a year (KPI 11
    without the patients of the year before) stands there with a denominator of 0, so that nothing drops out silently.
    """
    present = [year for year in years if (fractures["data_year"] == year).any()]
    records = {year: headline_for(year) for year in present}
    kpis = sorted({record.id for of_year in records.values() for record in of_year})
    counts = evaluate(fractures, caseload, years=present, by=["national"], kpis=kpis)
    wanted = pd.DataFrame([_empty(record, year) for year, of_year in records.items() for record in of_year])
    merged = wanted.merge(counts, how="left", on=list(wanted.columns), validate="1:1")
    filled = merged.fillna(dict.fromkeys(_COUNTS, 0)).astype({"unknown": int, "not_eligible": int})
    return labelled(filled)


def _empty(record: Kpi, year: int) -> dict[str, object]:
    return {
        "data_year": year,
        "kpi": record.id,
        "version": record.version,
        "dimension": "national",
        "group": "all",
    }


def labelled(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts with ``number``, ``title`` and ``target`` (a proportion, missing where there is none) of each KPI."""
    pairs = counts[["kpi", "data_year"]].drop_duplicates()
    told = [record_for(kpi, int(year)) for kpi, year in pairs.itertuples(index=False)]
    labels = pairs.assign(
        number=[record.number for record in told],
        title=[record.title for record in told],
        target=np.array([record.target for record in told], dtype=float),
    )
    return counts.merge(labels, on=["kpi", "data_year"], validate="m:1")


def side_by_side_counts(fractures: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """KPI 9, 10 and 11 under their three denominators, nationally: a ``counts`` frame with ``denominator_rule``."""
    named = {kpi: rule for forms in SIDE_BY_SIDE.values() for rule, kpi in forms.items()}
    counts = evaluate(fractures, None, years=[year], by=["national"], kpis=list(named))
    return labelled(counts).assign(denominator_rule=counts["kpi"].map(named))


def service_counts(fractures: pd.DataFrame, caseload: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """KPI 2 to 11 of every service in a year: a ``counts`` frame with the columns of :data:`LABELS`."""
    kpis = [record.id for record in headline_for(year) if record.number > 1]
    counts = evaluate(fractures, caseload, years=[year], by=["service"], kpis=kpis)
    return labelled(counts)


def services_summary(counts: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """How many services stand at each colour, below 50% and at 80% or more, one row a KPI; colours by unrounded value.

    Parameters
    ----------
    counts : what :func:`service_counts` returned.
    year : its data year.

    Returns
    -------
    ``data_year``, ``kpi``, ``title``; ``Green``, ``Amber``, ``Red``, ``services`` (those with a value) and
    ``without_value``; ``below_50`` and ``at_least_80`` (services) and their shares of the services with a value,
    ``below_50_share`` and ``at_least_80_share``.
    """
    summary = services_by_colour(counts, year)
    for name, found in (
        ("below_50", services_below(counts, year, threshold=0.5)),
        ("at_least_80", services_at_or_above(counts, year, threshold=0.8)),
    ):
        numbers = found.set_index("kpi")["numerator"]
        summary[name] = summary["kpi"].map(numbers).fillna(0).astype(int)
        summary[f"{name}_share"] = (summary[name] / summary["services"]).where(summary["services"] > 0)
    titles = counts.drop_duplicates("kpi").set_index("kpi")["title"]
    return summary.assign(title=summary["kpi"].map(titles))


def definitions(year: int) -> pd.DataFrame:
    """The table of definitions with the printed name of each KPI or variant (``name``), for a report's appendix.

    The other columns are those of :func:`fls_research.kpi.appendix.definitions_table`; ``unknown``, which there holds
    words, is ``unknown_counts_as``, because a column ``unknown`` of a released table counts patients.
    """
    table = definitions_table(year).rename(columns={"unknown": "unknown_counts_as"})
    variant = table["kpi"].str.partition("-")[2].str.replace("-", " ")
    names = "KPI " + table["number"].astype(str) + variant.where(variant == "", ", " + variant)
    return table.assign(name=names + ": " + table["title"])
