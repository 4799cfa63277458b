"""Charts of groups of patients: all KPIs by one grouping (equiplot), and one KPI by group and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.canvas import HALO, Figure, drawn
from fls_research.outputs.percent_rows import PercentRows, absent

_OVER_MM = 4.0
"""How far a value may reach to the left of 0%, into the gap before the labels."""


@drawn
def equiplot(
    publishable: Publishable, *, first: str, last: str, first_words: str, last_words: str, missing: str = "not known"
) -> Figure:
    """Every KPI as a line from its lowest to its highest group, with a dot for each group.

    Takes released counts of one year and one dimension with the label ``title``. ``first`` and ``last`` are the groups
    at the two ends of the order (such as the most and the least deprived fifth); they are coloured, and their values
    written. The groups between are grey, ``missing`` (records without an answer) a hollow diamond off the line.

    Raises :class:`DisclosureError` when the table was not released, lacks a column, or holds a group of a KPI twice.
    """
    rows = needed_rows(publishable, ("kpi", "title", "group", "proportion"))
    if rows.duplicated(["kpi", "group"]).any():
        raise DisclosureError("A KPI has several rows of one group: choose one year and one dimension with where().")
    rows = rows.sort_values("kpi", key=lambda ids: ids.map(text.kpi_number), kind="stable")
    told = rows.drop_duplicates("kpi")
    chart = PercentRows(
        [f"{text.kpi_name(kpi)} {title}" for kpi, title in zip(told["kpi"], told["title"], strict=True)],
        row_mm=10,
        top_mm=8,
    )
    for place, kpi in enumerate(told["kpi"]):
        of_kpi = rows.loc[rows["kpi"] == kpi].set_index("group")
        _equiplot_row(chart, place, of_kpi, ends=(first, last), missing=missing)
    has_missing = bool(rows.loc[rows["group"] == missing, "proportion"].notna().any())
    _equiplot_key(chart, first_words, last_words, missing if has_missing else None)
    return chart.sheet.finished(f"{len(told)} KPIs by group", [publishable])


@drawn
def groups_over_years(publishable: Publishable) -> Figure:
    """One KPI in several groups and years: a dot for each year, the latest with its interval and its value.

    Takes released counts or adjusted proportions of one KPI and one dimension, with the labels ``data_year`` and
    ``group_name``; earlier years are hollow and smaller.

    Raises :class:`DisclosureError` when the table was not released, or a group stands in a year twice.
    """
    rows = needed_rows(publishable, ("data_year", "group_name", "proportion", "lower", "upper"))
    if rows.duplicated(["data_year", "group_name"]).any():
        raise DisclosureError("A group stands in a year twice: choose one KPI and one dimension with where().")
    years = sorted(set(rows["data_year"].astype(int)))
    names = list(dict.fromkeys(rows.sort_values("data_year", ascending=False, kind="stable")["group_name"]))
    chart = PercentRows(names, row_mm=9, top_mm=8)
    for place, name in enumerate(names):
        of_group = rows.loc[rows["group_name"] == name].set_index("data_year")
        for year in years[:-1]:
            if year in of_group.index and not text.is_missing(of_group.loc[year, "proportion"]):
                value = of_group.loc[year, "proportion"] * 100
                chart.axes.plot(value, place + 0.3, "o", ms=4.5, mfc="white", mec=style.MID_GREY, mew=1.2, zorder=2)
        latest = of_group.loc[years[-1]].to_dict() if years[-1] in of_group.index else {}
        _group_value(chart, place, latest)
    _years_key(chart, years)
    return chart.sheet.finished(f"{len(names)} groups in {len(years)} years", [publishable])


def needed_rows(publishable: Publishable, columns: Sequence[str]) -> pd.DataFrame:
    """The rows of a released table, or an error that names the column it lacks."""
    rows = verify(publishable).frame
    for name in columns:
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    return rows


def _equiplot_row(chart: PercentRows, place: int, groups: pd.DataFrame, *, ends: tuple[str, str], missing: str) -> None:
    axes: Axes = chart.axes
    values = groups["proportion"].astype(float) * 100
    ordered = values.drop(missing, errors="ignore").dropna()
    if ordered.empty:
        status = groups["status"].iloc[0] if "status" in groups else ""
        axes.text(1, place, absent({"status": status}), va="center_baseline")
        return
    axes.plot([ordered.min(), ordered.max()], [place] * 2, color=style.LIGHT_GREY, linewidth=2.5, zorder=2)
    for value in ordered.drop(list(ends), errors="ignore"):
        axes.plot(value, place, "o", ms=5.5, color=style.MID_GREY, mec="white", mew=0.7, zorder=3, clip_on=False)
    if missing in values and not text.is_missing(values[missing]):
        axes.plot(values[missing], place + 0.28, "D", ms=3.6, mfc="white", mec=style.MID_GREY, mew=1.1, zorder=3)
    for group, colour in zip(ends, (style.ORANGE, style.BLUE), strict=True):
        if group in ordered:
            axes.plot(ordered[group], place, "o", ms=8, color=colour, mec="white", mew=0.7, zorder=4, clip_on=False)
    _end_values(chart, place, ordered, groups["proportion"], ends)


def _end_values(
    chart: PercentRows, place: int, ordered: pd.Series, proportions: pd.Series, ends: tuple[str, str]
) -> None:
    """The values of both ends, outside the line: the lower on the left (above it, where 0% is too near)."""
    present = sorted((group for group in ends if group in ordered), key=lambda group: ordered[group])
    inks = {ends[0]: style.MAROON, ends[1]: style.BLUE}
    away = chart.percent_of(2.6)
    for group in present:
        words = text.percent(proportions[group])
        needed = chart.percent_of(chart.sheet.width_of(words, bold=True) - _OVER_MM)
        x, y, align = ordered.max() + away, float(place), "left"
        if group != present[-1] and ordered.min() - away >= needed:
            x, align = ordered.min() - away, "right"
        elif group != present[-1]:
            x, y = ordered[group], place - 0.33
        how = {"color": inks[group], "fontweight": "bold", "path_effects": HALO, "zorder": 5}
        chart.axes.text(x, y, words, ha=align, va="center_baseline", **how)


def _equiplot_key(chart: PercentRows, first_words: str, last_words: str, missing: str | None) -> None:
    sheet, x = chart.sheet, 2.5
    key = sheet.axes(0, chart.top, sheet.width, sheet.height - chart.top)
    key.set_xlim(0, sheet.width)
    key.set_ylim(0, sheet.height - chart.top)
    key.set_axis_off()
    marks = [
        ("o", 8, style.ORANGE, style.ORANGE, style.MAROON, first_words),
        ("o", 5.5, style.MID_GREY, style.MID_GREY, style.MID_GREY, "between"),
        ("o", 8, style.BLUE, style.BLUE, style.BLUE, last_words),
    ]
    if missing is not None:
        marks.append(("D", 3.6, "white", style.MID_GREY, style.MID_GREY, missing))
    for shape, size, fill, edge, ink, words in marks:
        bold = ink != style.MID_GREY
        key.plot(x, 4, shape, ms=size, mfc=fill, mec=edge, mew=1.1)
        key.text(x + 2.4, 4, words, va="center_baseline", color=ink, fontweight="bold" if bold else "normal")
        x += sheet.width_of(words, bold=bold) + 8


def _years_key(chart: PercentRows, years: Sequence[int]) -> None:
    key, latest = chart.headings(), f"{years[-1]}, with its interval"
    key.plot(1.5, 4, "o", ms=8, color=style.BLUE)
    key.text(4, 4, latest, va="center_baseline", color=style.BLUE, fontweight="bold")
    if len(years) > 1:
        x = chart.sheet.width_of(latest, bold=True) + 12
        earlier = str(years[0]) if len(years) == 2 else f"{years[0]} to {years[-2]}"
        key.plot(x, 4, "o", ms=4.5, mfc="white", mec=style.MID_GREY, mew=1.2)
        key.text(x + 2.5, 4, earlier, va="center_baseline", color=style.MID_GREY)


def _group_value(chart: PercentRows, place: int, row: Mapping) -> None:
    if text.is_missing(row.get("proportion")):
        chart.axes.text(1, place, absent(row), va="center_baseline")
        return
    value, end = row["proportion"] * 100, row["proportion"]
    if not text.is_missing(row.get("upper")):
        chart.axes.plot([row["lower"] * 100, row["upper"] * 100], [place] * 2, color=style.BLUE, linewidth=1.6)
        end = row["upper"]
    chart.axes.plot(value, place, "o", ms=8, color=style.BLUE, zorder=4, clip_on=False)
    chart.axes.text(
        min(max(end * 100, value), 100) + chart.percent_of(2.4),
        place,
        text.percent(row["proportion"]),
        va="center_baseline",
        color=style.BLUE,
        fontweight="bold",
        path_effects=HALO,
        zorder=5,
    )
