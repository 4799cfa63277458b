"""The KPI counts a national report asks for, ready for release: with titles and aims, and a row for every KPI."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.kpi.appendix import definitions_table
from fls_research.kpi.definitions import SIDE_BY_SIDE, data_items, headline_for, record_for, records_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.rag import services_at_or_above, services_below, services_by_colour
from fls_research.kpi.records import Kpi
from fls_research.kpi.wording import column_words, percent_words

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


def named_fields(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts whose ``group`` is a field of the dataset, with the plain words for the field as ``field``."""
    words = counts["group"].map(column_words)
    return counts.assign(field=words.str[:1].str.upper() + words.str[1:])


def definitions(year: int) -> pd.DataFrame:
    """What a report's appendix prints of each KPI and variant of a data year, every cell in words.

    Returns
    -------
    The columns of :func:`fls_research.kpi.appendix.definitions_table` (``unknown``, which there holds words, is
    ``unknown_counts_as``, because a column ``unknown`` of a released table counts patients), and: ``name`` (number and
    title), ``short`` (number and variant), ``form`` (``headline`` or ``variant``), ``aim``, ``levels``, ``open_points``
    (what is not known, with what the audit says of the aim) and ``fields`` (the data items in plain words).
    """
    table = definitions_table(year).rename(columns={"unknown": "unknown_counts_as"})
    records = records_for(year)
    variant = table["kpi"].str.partition("-")[2].str.replace("-", " ")
    short = "KPI " + table["number"].astype(str) + variant.where(variant == "", ", " + variant)
    return table.assign(
        short=short,
        name=short + ": " + table["title"],
        form=["variant" if record.is_variant else "headline" for record in records],
        aim=["none" if record.target is None else percent_words(record.target) for record in records],
        levels=[_levels(record) for record in records],
        open_points=[" ".join(filter(None, (record.not_known, record.target_note))) for record in records],
        fields=[", ".join(map(column_words, data_items(record, year))) for record in records],
    )


def _levels(record: Kpi) -> str:
    above_first = record.colours.colours[1:]
    return ", ".join(f"{colour.name.lower()} from {percent_words(colour.from_)}" for colour in above_first)
