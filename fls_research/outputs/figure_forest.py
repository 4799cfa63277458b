"""Charts of gaps with their intervals about a line of no difference: one forest, or a small one for each KPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fls_research.disclosure import Publishable
from fls_research.outputs import style, text
from fls_research.outputs.canvas import Figure, Sheet, drawn
from fls_research.outputs.figure_inequality import needed_rows
from fls_research.outputs.percent_rows import LINE_MM, absent

_ROW_MM = 7.6
_BOTTOM_MM = 14.0
_TOP_MM = 9.0
_NUMBER_MM = 31.0
_PANEL_GAP_MM = 4.0
_OFFSET = 0.17
"""How far the two marks of a row stand above and below its middle."""


@drawn
def forest(
    publishable: Publishable,
    *,
    label: str,
    series: Mapping[str, str],
    less: str,
    more: str,
    ratio: bool = False,
) -> Figure:
    """Gaps with their intervals about a line of no difference, one row each, the last series written in numbers.

    Parameters
    ----------
    publishable : released estimates. A name in ``series`` is a column, with its limits in ``…_lower`` and ``…_upper``.
    label : the label column that names the rows; with a column ``kpi`` the KPI's number goes before it.
    series : one or two columns to their words in the key, such as ``{"crude": "As it is", "adjusted": "Adjusted"}``.
        The first of two is hollow, the last full.
    less, more : words for the two sides of the line.
    ratio : whether the estimates are ratios, drawn about 1 on a log axis; else they are differences of proportions,
        drawn in percentage points about 0.

    Raises :class:`DisclosureError` when the table was not released, or lacks a column.
    """
    columns = [f"{name}{end}" for name in series for end in ("", "_lower", "_upper")]
    rows = needed_rows(publishable, (label, *columns)).reset_index(drop=True)
    scale = _Scale.of(rows, columns, ratio=ratio)
    axes, sheet = _forest_axes(_names(rows, label), scale)
    for place, row in enumerate(rows.to_dict(orient="records")):
        for order, name in enumerate(series):
            last = order == len(series) - 1
            lift = 0.0 if len(series) == 1 else _OFFSET if last else -_OFFSET
            _interval(axes, place + lift, row, name, scale, full=last)
        _written_interval(axes, place, row, list(series)[-1], scale)
    _forest_words(axes, sheet, rows, series, less, more, scale)
    return sheet.finished(f"{len(rows)} gaps with intervals", [publishable])


@drawn
def gap_panels(publishable: Publishable, *, value: str, rows: str = "words", less: str, more: str) -> Figure:
    """The same comparisons in every KPI: a panel for each KPI, a row for each comparison, in percentage points.

    Takes released estimates with ``kpi``, ``title``, the label column ``rows``, and ``value`` with its limits. A
    comparison whose interval leaves out 0 is dark, the others are grey; one without an answer is left blank.

    Raises :class:`DisclosureError` when the table was not released, or lacks a column.
    """
    columns = [f"{value}{end}" for end in ("", "_lower", "_upper")]
    table = needed_rows(publishable, ("kpi", "title", rows, *columns))
    scale = _Scale.of(table, columns, ratio=False)
    kpis = sorted(table["kpi"].unique(), key=text.kpi_number)
    names = list(dict.fromkeys(table[rows]))
    probe = Sheet(10)
    left = max(probe.width_of(name) for name in names) + 4
    across = 4
    width = (style.WIDTH_MM - left - 4 - (across - 1) * _PANEL_GAP_MM) / across
    titles = {kpi: table.loc[table["kpi"] == kpi, "title"].iloc[0] for kpi in kpis}
    headings = {kpi: probe.wrapped(f"{text.kpi_name(kpi)} {titles[kpi]}", width, bold=True) for kpi in kpis}
    head_mm = max(map(len, headings.values())) * LINE_MM + 3
    panel_mm = len(names) * 5.2
    lines = -(-len(kpis) // across)
    sheet = Sheet(lines * (head_mm + panel_mm + 7) + 6)
    for place, kpi in enumerate(kpis):
        line, column = divmod(place, across)
        x = left + column * (width + _PANEL_GAP_MM)
        y = sheet.height - (line + 1) * (head_mm + panel_mm + 7) + 7
        sheet.write(x, y + panel_mm + 1.5, "\n".join(headings[kpi]), va="bottom", fontweight="bold", linespacing=1.05)
        axes = sheet.axes(x, y, width, panel_mm)
        of_kpi = table.loc[table["kpi"] == kpi].set_index(rows)
        _gap_panel(axes, of_kpi.reindex(names), value, scale)
        if column == 0:
            for row, name in enumerate(names):
                sheet.write(1, y + panel_mm - (row + 0.5) * 5.2, name, va="center_baseline")
    sheet.write(left, 1.2, f"Percentage points. ← {less} · {more} →", va="bottom", color=style.MID_GREY)
    return sheet.finished(f"{len(names)} comparisons in {len(kpis)} KPIs", [publishable])


def _names(rows: pd.DataFrame, label: str) -> list[str]:
    kpis = [f"{text.kpi_name(kpi)} " for kpi in rows["kpi"]] if "kpi" in rows and label == "title" else [""] * len(rows)
    return [f"{kpi}{name}" for kpi, name in zip(kpis, rows[label], strict=True)]


class _Scale:
    """The axis of a forest: percentage points about 0, or ratios about 1 on a log axis."""

    def __init__(self, low: float, high: float, *, ratio: bool) -> None:
        self.ratio, self.low, self.high = ratio, low, high
        self.middle = 1.0 if ratio else 0.0

    @classmethod
    def of(cls, rows: pd.DataFrame, columns: Sequence[str], *, ratio: bool) -> _Scale:
        """An axis that holds every estimate and limit, and a little more."""
        values = rows[list(columns)].to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        if ratio:
            reach = max(1.25, float(np.exp(np.abs(np.log(values[values > 0])).max(initial=0.0))) * 1.05)
            return cls(1 / reach, reach, ratio=True)
        points = values * 100
        low, high = points.min(initial=-1.0), points.max(initial=1.0)
        room = 0.05 * (high - low)
        return cls(low - room, high + room, ratio=False)

    def place(self, value: float) -> float:
        return value if self.ratio else value * 100

    def words(self, value: float) -> str:
        return text.decimal(value, 2) if self.ratio else text.points(value, 0.0, 1)

    def ticks(self) -> dict[float, str]:
        """Round places along the axis, with their words."""
        if self.ratio:
            places = [p for p in (0.1, 0.2, 0.5, 0.7, 1.0, 1.4, 2.0, 5.0, 10.0) if self.low <= p <= self.high]
            return {place: f"{place:g}" for place in places}
        step = next(s for s in (1, 2, 5, 10, 20, 50) if (self.high - self.low) / s <= 7)
        first = int(np.ceil(self.low / step))
        places = [step * number for number in range(first, int(np.floor(self.high / step)) + 1)]
        return {float(place): text.points(place / 100, 0.0) for place in places}

    def few_ticks(self) -> dict[float, str]:
        """The middle and one round place on either side, for a narrow panel of percentage points."""
        reach = 0.8 * max(-self.low, self.high)
        step = max((s for s in (0.5, 1, 2, 5, 10, 20, 50) if s <= reach), default=0.5)
        return {place: text.points(place / 100, 0.0) for place in (-step, 0.0, step) if self.low < place < self.high}


def _forest_axes(names: Sequence[str], scale: _Scale) -> tuple[Axes, Sheet]:
    probe = Sheet(10)
    lines = [probe.wrapped(name, 54) for name in names]
    row_mm = max(_ROW_MM, max(map(len, lines)) * LINE_MM + 1.5)
    left = max(probe.width_of(line) for wrapped in lines for line in wrapped) + 6
    sheet = Sheet(len(names) * row_mm + _TOP_MM + _BOTTOM_MM)
    axes = sheet.axes(left, _BOTTOM_MM, sheet.width - left - _NUMBER_MM, len(names) * row_mm)
    _bare_axis(axes, len(names), scale)
    axes.set_xticks(list(scale.ticks()), list(scale.ticks().values()))
    for place, wrapped in enumerate(lines):
        y = sheet.height - _TOP_MM - (place + 0.5) * row_mm
        align = "center_baseline" if len(wrapped) == 1 else "center"
        sheet.write(1, y, "\n".join(wrapped), va=align, linespacing=1.1)
    return axes, sheet


def _bare_axis(axes: Axes, rows: int, scale: _Scale) -> None:
    if scale.ratio:
        axes.set_xscale("log")
        axes.minorticks_off()
    axes.set_xlim(scale.low, scale.high)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_yticks([])
    axes.grid(axis="x")
    axes.axvline(scale.middle, color=style.MID_GREY, linewidth=1.2, zorder=1)


def _interval(axes: Axes, y: float, row: Mapping, name: str, scale: _Scale, *, full: bool) -> None:
    values = [row[f"{name}{end}"] for end in ("", "_lower", "_upper")]
    if any(text.is_missing(value) for value in values):
        return
    middle, low, high = map(scale.place, values)
    colour = style.BLUE if full else style.MID_GREY
    axes.plot([low, high], [y, y], color=colour, linewidth=2.0 if full else 1.4, zorder=2)
    axes.plot(middle, y, "o", ms=6.5, mfc=colour if full else "white", mec=colour, mew=1.4, zorder=3)


def _written_interval(axes: Axes, place: int, row: Mapping, name: str, scale: _Scale) -> None:
    values = [row[f"{name}{end}"] for end in ("", "_lower", "_upper")]
    missing = any(text.is_missing(value) for value in values)
    middle, *ends = (absent(row), "", "") if missing else map(scale.words, values)
    words = middle if missing else f"{middle} ({ends[0]} to {ends[1]})"
    how = {"transform": axes.get_yaxis_transform(), "va": "center_baseline", "ha": "right", "clip_on": False}
    width_mm = axes.get_position().width * style.WIDTH_MM
    axes.text(1 + (_NUMBER_MM - 1) / width_mm, place, words, color=style.BLUE, **how)


def _forest_words(
    axes: Axes, sheet: Sheet, rows: pd.DataFrame, series: Mapping[str, str], less: str, more: str, scale: _Scale
) -> None:
    box = axes.get_position()
    left, width, top = box.x0 * sheet.width, box.width * sheet.width, sheet.height - _TOP_MM
    key = sheet.axes(left, top, width + _NUMBER_MM, _TOP_MM)
    key.set_xlim(0, width + _NUMBER_MM)
    key.set_ylim(0, _TOP_MM)
    key.set_axis_off()
    x = 1.5
    for order, words in enumerate(series.values()):
        full = order == len(series) - 1
        colour = style.BLUE if full else style.MID_GREY
        key.plot(x, 5, "o", ms=6.5, mfc=colour if full else "white", mec=colour, mew=1.4)
        key.text(x + 2.4, 5, words, va="center_baseline", color=colour, fontweight="bold" if full else "normal")
        x += sheet.width_of(words, bold=full) + 8
    unit = "" if scale.ratio else "percentage points; "
    sheet.write(left, 1.2, f"{unit}← {less} · {more} →", va="bottom", color=style.MID_GREY)


def _gap_panel(axes: Axes, rows: pd.DataFrame, value: str, scale: _Scale) -> None:
    _bare_axis(axes, len(rows), scale)
    ticks = scale.few_ticks()
    axes.set_xticks(list(ticks), list(ticks.values()))
    for place, row in enumerate(rows.to_dict(orient="records")):
        numbers = [row[f"{value}{end}"] for end in ("", "_lower", "_upper")]
        if any(text.is_missing(number) for number in numbers):
            axes.text(scale.low, place, f" {absent(row)}", va="center_baseline", color=style.MID_GREY)
            continue
        middle, low, high = map(scale.place, numbers)
        apart = low > 0 or high < 0
        colour = style.BLUE if apart else style.LIGHT_GREY
        axes.plot([low, high], [place] * 2, color=colour, linewidth=1.8, zorder=2)
        axes.plot(middle, place, "o", ms=4.5, color=colour if apart else style.MID_GREY, zorder=3)
