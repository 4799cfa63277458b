"""Charts of KPIs: what changed in a year, what changed over the years, and how groups differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.canvas import HALO, Figure, Sheet, drawn
from fls_research.outputs.labels import spread
from fls_research.outputs.percent_rows import LINE_MM, PercentRows, absent, aim_mark

_PLOT_MM = 19.0


@drawn
def kpi_change(publishable: Publishable, *, year: int, before: int) -> Figure:
    """Each KPI in two years: a hollow dot for the earlier, a full one for the later, and a line between them.

    Takes released counts with the national rows of both years, the label ``title`` and, for the mark of the aim, the
    label ``target`` (a proportion). A KPI without a value in ``year`` is written ``[x]`` or ``[c]``; where ``version``
    differs between the years only the later one is drawn.

    Raises :class:`DisclosureError` when the table was not released, or lacks the year or a column.
    """
    rows = national_rows(publishable, needed=("title", "proportion"))
    now = _of_year(rows, year)
    earlier = rows.loc[rows["data_year"] == before].set_index("kpi")
    chart = PercentRows([f"{text.kpi_name(row.kpi)} {row.title}" for row in now.itertuples()], row_mm=10, top_mm=8)
    for place, row in enumerate(now.to_dict(orient="records")):
        if _is_number(row.get("target")):
            aim_mark(chart.axes, row["target"] * 100, place - 0.33)
        _dumbbell(chart, place, row, _comparable(row, earlier))
    _years_key(chart.headings(), year, before, with_aim="target" in now and bool(now["target"].map(_is_number).any()))
    return chart.sheet.finished(f"{len(now)} KPIs in {before} and {year}", [publishable])


@drawn
def trend(publishable: Publishable, *, kpis: Sequence[str] = (), columns: int = 2) -> Figure:
    """Each KPI over the years in a panel of its own, every point with its value.

    Takes released counts with national rows and the label ``title``; ``target`` draws the aim. ``kpis`` chooses and
    orders the panels (all but KPI 1 when none are named). Where ``version`` changes the line is broken and the points
    before are hollow. Raises :class:`DisclosureError` as :func:`kpi_change`, and for a KPI that is not there.
    """
    rows = national_rows(publishable, needed=("title", "proportion"))
    known = sorted(set(rows["kpi"]), key=text.kpi_number)
    ids = list(kpis) or [kpi for kpi in known if kpi != "kpi1"]
    for kpi in ids:
        if kpi not in known:
            raise DisclosureError(f"The released table has no KPI '{kpi}'; {did_you_mean(kpi, known)}.")
    left, gap = 14.0, 8.0
    width = (style.WIDTH_MM - left - 1 - gap * (columns - 1)) / columns
    probe = Sheet(_PLOT_MM)
    panels = [rows.loc[rows["kpi"] == kpi].sort_values("data_year") for kpi in ids]
    titles = [f"{text.kpi_name(kpi)} {panel['title'].iloc[-1]}" for kpi, panel in zip(ids, panels, strict=True)]
    headings = [probe.wrapped(title, width, bold=True) for title in titles]
    panel_mm = _PLOT_MM + max(map(len, headings)) * LINE_MM + 11
    sheet = Sheet(-(-len(ids) // columns) * panel_mm + 6)
    years = sorted(set(rows["data_year"].astype(int)))
    for place, (panel, heading) in enumerate(zip(panels, headings, strict=True)):
        line, column = divmod(place, columns)
        x, y = left + column * (width + gap), sheet.height - (line + 1) * panel_mm + 6
        sheet.write(x, y + _PLOT_MM + 3.8, "\n".join(heading), va="bottom", fontweight="bold", linespacing=1.05)
        _panel(sheet.axes(x, y, width, _PLOT_MM), panel, years, with_numbers=column == 0)
    return sheet.finished(f"{len(ids)} KPIs from {years[0]} to {years[-1]}", [publishable])


@drawn
def bars_by_group(
    publishable: Publishable, *, names: Mapping[str, str] | None = None, aim: float | None = None
) -> Figure:
    """One KPI in several groups: a bar each, its interval as a thin line, the value at the end.

    Takes released counts of one KPI, one year and one dimension (choose them with ``Publishable.where``); a bar that is
    suppressed reads ``[c]``. ``names`` gives groups their printed names; ``aim`` is a proportion.

    Raises :class:`DisclosureError` when the table was not released, or a group stands in it twice.
    """
    rows = verify(publishable).frame
    if rows.duplicated("group").any():
        raise DisclosureError("Several rows have the same group: choose one KPI and one year with where().")
    printed = [dict(names or {}).get(group, str(group)) for group in rows["group"]]
    chart = PercentRows(printed, row_mm=8.5, top_mm=2 if aim is None else 7)
    if aim is not None:
        chart.axes.axvline(aim * 100, color=style.MID_GREY, linewidth=1.2, linestyle=(0, (4, 2)))
        chart.headings().text(chart.width * aim, 1.5, f"aim {text.percent(aim)}", ha="center", va="bottom")
    for place, row in enumerate(rows.to_dict(orient="records")):
        _bar(chart, place, row)
    return chart.sheet.finished(f"{len(rows)} groups", [publishable])


def national_rows(publishable: Publishable, *, needed: Sequence[str]) -> pd.DataFrame:
    """The national rows of a released table, or an error that names the column it lacks."""
    rows = verify(publishable).frame
    for name in ("data_year", "kpi", "dimension", *needed):
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    return rows.loc[rows["dimension"] == "national"]


def _of_year(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    now = rows.loc[rows["data_year"] == year].sort_values("kpi", key=lambda ids: ids.map(text.kpi_number))
    if now.empty:
        raise DisclosureError(f"The released table has no national row of {year}.")
    return now.reset_index(drop=True)


def _comparable(row: Mapping, earlier: pd.DataFrame) -> float:
    """The proportion of the earlier year, NaN where there is none or it was defined otherwise."""
    if row["kpi"] not in earlier.index:
        return np.nan
    old = earlier.loc[row["kpi"]]
    return old["proportion"] if old.get("version") == row.get("version") else np.nan


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not text.is_missing(value)


def _dumbbell(chart: PercentRows, place: int, row: Mapping, old: float) -> None:
    axes, value = chart.axes, row["proportion"]
    if text.is_missing(value):
        axes.text(1, place, absent(row), va="center")
        return
    new, has_old = value * 100, not text.is_missing(old)
    if has_old:
        axes.plot([old * 100, new], [place] * 2, color=style.LIGHT_GREY, linewidth=2.5, zorder=2)
        axes.plot(old * 100, place, "o", ms=7, mfc="white", mec=style.MID_GREY, mew=1.6, zorder=3, clip_on=False)
    axes.plot(new, place, "o", ms=8, color=style.BLUE, zorder=4, clip_on=False)
    _dumbbell_labels(chart, place, value, old if has_old else None)


def _dumbbell_labels(chart: PercentRows, place: int, value: float, old: float | None) -> None:
    """The later value on the side it moved to, the earlier on the other; both to the right where the left is full."""
    sheet, away = chart.sheet, chart.percent_of(2.4)
    told = {"words": text.percent(value), "color": style.BLUE, "fontweight": "bold"}
    if old is None:
        _write(chart, value * 100 + away, place, ha="left", **told)
        return
    before = {"words": text.percent(old), "color": style.MID_GREY}
    low, high = sorted([value, old])
    on_left, on_right = (before, told) if old <= value else (told, before)
    if low * 100 - away - chart.percent_of(sheet.width_of(on_left["words"], bold=True)) < 0:
        _write(chart, high * 100 + away, place, ha="left", **told)
        beyond = chart.percent_of(sheet.width_of(told["words"], bold=True) + 1.8)
        _write(chart, high * 100 + away + beyond, place, ha="left", **before)
        return
    _write(chart, low * 100 - away, place, ha="right", **on_left)
    _write(chart, high * 100 + away, place, ha="left", **on_right)


def _write(chart: PercentRows, x: float, y: float, *, words: str, ha: str, **how: str) -> None:
    chart.axes.text(x, y, words, ha=ha, va="center_baseline", path_effects=HALO, zorder=5, **how)


def _years_key(axes: Axes, year: int, before: int, *, with_aim: bool) -> None:
    axes.plot(1.5, 4, "o", ms=7, mfc="white", mec=style.MID_GREY, mew=1.6)
    axes.text(4, 4, str(before), va="center_baseline", color=style.MID_GREY)
    axes.plot(18.5, 4, "o", ms=8, color=style.BLUE)
    axes.text(21, 4, str(year), va="center_baseline", color=style.BLUE, fontweight="bold")
    if with_aim:
        aim_mark(axes, 36, 4)
        axes.text(38.5, 4, "aim", va="center_baseline", color=style.MID_GREY)


def _panel(axes: Axes, rows: pd.DataFrame, years: Sequence[int], *, with_numbers: bool) -> None:
    target = rows["target"].iloc[-1] if "target" in rows else None
    aim = target * 100 if _is_number(target) else None
    axes.set_xlim(years[0] - 0.35, years[-1] + 0.35)
    axes.set_ylim(0, 100)
    axes.set_xticks(list(years), [str(year) for year in years])
    axes.set_yticks([])
    if with_numbers:
        _numbers(axes, {0.0: "0", 50.0: "50", 100.0: "100%"} | ({aim: f"aim {aim:.0f}"} if aim is not None else {}))
    for height in (0, 50, 100):
        axes.axhline(height, color=style.GRID, linewidth=0.8, zorder=1, clip_on=False)
    if aim is not None:
        axes.axhline(aim, color=style.MID_GREY, linewidth=1.1, linestyle=(0, (4, 2)), zorder=1)
    latest = rows["version"].iloc[-1] if "version" in rows else None
    for version, part in rows.groupby("version" if "version" in rows else "kpi", sort=False):
        fill = style.BLUE if latest is None or version == latest else "white"
        axes.plot(
            part["data_year"],
            part["proportion"] * 100,
            "-o",
            color=style.BLUE,
            ms=5,
            mfc=fill,
            mew=1.4,
            zorder=3,
            clip_on=False,
        )
    below = _labels_below(rows["proportion"].dropna().to_numpy() * 100, aim)
    for row in rows.to_dict(orient="records"):
        _point_label(axes, row, below=below, last=row["data_year"] == years[-1])


def _numbers(axes: Axes, numbers: Mapping[float, str]) -> None:
    """The numbers left of a panel, moved apart where the aim stands close to one of the others."""
    places = spread(list(numbers), gap=3.6 / _PLOT_MM * 100)
    for place, words in zip(places, numbers.values(), strict=True):
        axes.text(
            -0.02, place, words, ha="right", va="center_baseline", transform=axes.get_yaxis_transform(), clip_on=False
        )


def _labels_below(percentages: np.ndarray, aim: float | None) -> bool:
    """Whether the values go below their points: where one would cross the line of the aim, and there is room."""
    if aim is None or len(percentages) == 0:
        return False
    crosses_above = ((percentages + 3 <= aim) & (aim <= percentages + 27)).any()
    crosses_below = ((percentages - 27 <= aim) & (aim <= percentages - 3)).any()
    return bool(crosses_above and not crosses_below and percentages.min() >= 25)


def _point_label(axes: Axes, row: Mapping, *, below: bool, last: bool) -> None:
    if text.is_missing(row["proportion"]):
        axes.text(row["data_year"], 50, absent(row), ha="center", va="center", path_effects=HALO)
        return
    value = row["proportion"] * 100
    axes.annotate(
        text.percent(row["proportion"]),
        (row["data_year"], value),
        xytext=(0, -5 if below else 5),
        textcoords="offset points",
        ha="center",
        va="top" if below else "bottom",
        fontweight="bold" if last else "normal",
        path_effects=HALO,
        zorder=4,
    )


def _bar(chart: PercentRows, place: int, row: Mapping) -> None:
    axes, value = chart.axes, row["proportion"]
    if text.is_missing(value):
        axes.text(1, place, absent(row), va="center")
        return
    axes.barh(place, value * 100, height=0.62, color=style.BLUE)
    end = value
    if not text.is_missing(row.get("upper")):
        axes.plot([row["lower"] * 100, row["upper"] * 100], [place] * 2, color=style.ORANGE, linewidth=1.6)
        end = max(value, row["upper"])
    _write(chart, end * 100 + 1.2, place, words=text.percent(value), ha="left", fontweight="bold")
