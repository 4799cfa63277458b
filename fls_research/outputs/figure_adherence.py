"""Charts of adherence: the states of patients over a year, adherence by group, and who is lost to follow-up."""

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
from fls_research.outputs.percent_rows import BOTTOM_MM, PercentRows, absent

_BAR_MM, _GAP_MM, _LEFT_MM = 24.0, 20.0, 4.0
_TALL_MM, _FOOT_MM, _HEAD_MM = 84.0, 6.0, 8.0
_LABEL_MM = 4.2

_FILLS = (style.BLUE, style.ORANGE, style.LILAC, style.MAROON, style.DARK_GREY, "white")
"""The fills of states in their order; the last, where nothing is known, is white with an edge."""

_MARKS = (("o", style.BLUE), ("s", style.ORANGE), ("D", style.MAROON))
_RATIO_TICKS = (0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0)


@drawn
def adherence_states(publishable: Publishable) -> Figure:
    """The same patients at each stage of a year: a column a stage, cut into the states of treatment they were in.

    Takes released counts of one year with the labels ``at`` (the stage in words) and ``state``, in the order of stages
    and of states. Each part has its percentage, and at the last stage its name; a part that is suppressed reads ``[c]``
    and leaves a gap.

    Raises :class:`DisclosureError` when the table was not released, lacks a column, or holds a state of a stage twice.
    """
    rows = _rows(publishable, ("at", "state", "proportion", "denominator"))
    if rows.duplicated(["at", "state"]).any():
        raise DisclosureError("A state stands twice at one stage: choose one year with where().")
    stages, states = list(dict.fromkeys(rows["at"])), list(dict.fromkeys(rows["state"]))
    if len(states) > len(_FILLS):
        raise DisclosureError(f"The figure tells {len(_FILLS)} states apart and was given {len(states)}: join some.")
    sheet = Sheet(_FOOT_MM + _TALL_MM + _HEAD_MM)
    axes = sheet.axes(0, 0, sheet.width, sheet.height)
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(0, sheet.height)
    axes.set_axis_off()
    ends: tuple[float, float] | None = None
    for place, stage in enumerate(stages):
        parts = rows.loc[rows["at"] == stage].set_index("state")
        left = _LEFT_MM + place * (_BAR_MM + _GAP_MM)
        last = place == len(stages) - 1
        ends = _column(axes, left, stage, parts, states, before=ends, with_names=last)
    return sheet.finished(f"states of treatment at {len(stages)} stages", [publishable])


@drawn
def adherence_groups(publishable: Publishable, *, headings: Mapping[str, str], measures: Mapping[str, str]) -> Figure:
    """Several measures of adherence in many groups: a dot for each, and the percentages beside them.

    Takes released counts of one year with the label ``measure``. ``headings`` maps dimensions to their printed names,
    in the order of the chart; rows of ``national`` come first. ``measures`` maps up to three measures to short names,
    in which a line break is kept.

    Raises :class:`DisclosureError` when the table was not released, lacks a column, or more measures are asked for.
    """
    rows = _rows(publishable, ("dimension", "group", "measure", "proportion"))
    if len(measures) > len(_MARKS):
        raise DisclosureError(f"The figure shows {len(_MARKS)} measures at most.")
    lines = _lines(rows, {"national": "", **headings})
    chart = PercentRows([words for words, _ in lines], row_mm=5.2, top_mm=15, right_mm=54)
    _bold_headings(chart, lines)
    centres = [14 + 16.5 * place for place in range(len(measures))]
    head = chart.headings()
    for centre, (marker, colour), words in zip(centres, _MARKS, measures.values(), strict=False):
        head.plot(chart.width + centre, 12.5, marker, ms=5, color=colour)
        head.text(chart.width + centre, 10, words, ha="center", va="top", color=colour, linespacing=1.05)
    for place, (_, key) in enumerate(lines):
        if key is None:
            continue
        held = rows.loc[(rows["dimension"] == key[0]) & (rows["group"] == key[1])].set_index("measure")
        for centre, (marker, colour), measure in zip(centres, _MARKS, measures, strict=False):
            words = "–" if measure not in held.index else _written(held.loc[measure])
            column = 100 + chart.percent_of(centre)
            chart.axes.text(column, place, words, ha="center", va="center_baseline", clip_on=False)
            if measure in held.index and not text.is_missing(held.loc[measure, "proportion"]):
                chart.axes.plot(
                    held.loc[measure, "proportion"] * 100, place, marker, ms=5, color=colour, zorder=3, clip_on=False
                )
    return chart.sheet.finished(f"{len(measures)} measures in {len(lines)} rows", [publishable])


@drawn
def lost_to_follow_up(publishable: Publishable) -> Figure:
    """The risk of being lost to follow-up by level of each characteristic, and its adjusted ratio to the reference.

    Takes released estimates with the labels ``dimension``, ``characteristic``, ``group`` and ``reference``, and
    ``crude``, ``adjusted`` (proportions), ``ratio``, ``ratio_lower``, ``ratio_upper``. On the left a hollow dot is the
    crude risk and a full one the adjusted; on the right the ratio has its interval on a log axis.

    Raises :class:`DisclosureError` when the table was not released or lacks a column.
    """
    rows = _rows(publishable, ("dimension", "characteristic", "group", "reference", "crude", "adjusted", "ratio"))
    told = rows.drop_duplicates("dimension").set_index("dimension")["characteristic"].to_dict()
    lines = _lines(rows, told)
    chart = PercentRows([words for words, _ in lines], row_mm=5.6, top_mm=12, right_mm=78)
    _bold_headings(chart, lines)
    chart.axes.set_xticks([0, 50, 100], ["0", "50", "100%"])
    ratios = _ratio_axes(chart, rows, len(lines))
    _lost_key(chart)
    for place, (_, key) in enumerate(lines):
        if key is not None:
            row = rows.loc[(rows["dimension"] == key[0]) & (rows["group"] == key[1])].iloc[0]
            _lost_row(chart, ratios, place, row)
    return chart.sheet.finished(f"risk of being lost to follow-up in {len(lines)} rows", [publishable])


def _rows(publishable: Publishable, needed: Sequence[str]) -> pd.DataFrame:
    rows = verify(publishable).frame
    for name in needed:
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    return rows


def _lines(rows: pd.DataFrame, headings: Mapping[str, str]) -> list[tuple[str, tuple[str, str] | None]]:
    """The lines of a chart from top to bottom: a heading has no key, a group has its dimension and name."""
    lines: list[tuple[str, tuple[str, str] | None]] = []
    for dimension, words in headings.items():
        groups = list(dict.fromkeys(rows.loc[rows["dimension"] == dimension, "group"]))
        groups.sort(key=lambda group: group == "not known")
        if dimension == "national":
            lines += [("Everybody", (dimension, group)) for group in groups]
        elif groups:
            lines.append((words, None))
            lines += [(f"{group[:1].upper()}{group[1:]}", (dimension, group)) for group in groups]
    return lines


def _bold_headings(chart: PercentRows, lines: Sequence[tuple[str, object]]) -> None:
    """Headings are written again over themselves in bold, each on a white ground."""
    for place, (words, key) in enumerate(lines):
        if key is None:
            y = chart.top - (place + 0.5) * chart.row_mm
            ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
            chart.sheet.write(1, y, words, va="center_baseline", fontweight="bold", bbox=ground)
            chart.axes.axhspan(place - 0.5, place + 0.5, color="white", zorder=2)


def _column(
    axes: Axes,
    left: float,
    stage: str,
    parts: pd.DataFrame,
    states: Sequence[str],
    *,
    before: tuple[float, float] | None,
    with_names: bool,
) -> tuple[float, float]:
    """One stage's column and its labels; gives the right edge and the height of its first part, for the next one."""
    axes.text(left + _BAR_MM / 2, _FOOT_MM + _TALL_MM + 2.4, stage, ha="center", va="bottom", fontweight="bold")
    present = [state for state in states if state in parts.index]
    shares = parts["proportion"].reindex(present)
    edges = np.concatenate([[0.0], shares.fillna(0.0).cumsum()])
    first = _FOOT_MM + edges[1] * _TALL_MM
    if before is not None:
        axes.fill(
            [before[0], left, left, before[0]], [_FOOT_MM, _FOOT_MM, first, before[1]], color=style.BLUE, alpha=0.12,
            linewidth=0,
        )  # fmt: skip
    middles = _FOOT_MM + (edges[:-1] + edges[1:]) / 2 * _TALL_MM
    places = spread(middles, gap=_LABEL_MM, low=_FOOT_MM + 1.5, high=_FOOT_MM + _TALL_MM - 1.5)
    for number, state in enumerate(present):
        fill = _FILLS[states.index(state)]
        edge = style.MID_GREY if fill == "white" else "white"
        bottom, height = _FOOT_MM + edges[number] * _TALL_MM, (edges[number + 1] - edges[number]) * _TALL_MM
        axes.bar(left, height, width=_BAR_MM, bottom=bottom, align="edge", color=fill, edgecolor=edge, linewidth=0.8)
        words = _written(parts.loc[state])
        name = f"{state[:1].upper()}{state[1:]} " if with_names else ""
        right = left + _BAR_MM
        if abs(places[number] - middles[number]) > 0.8:
            ends = [middles[number], places[number]]
            axes.plot([right + 0.4, right + 2.2], ends, color=style.MID_GREY, linewidth=0.7)
        axes.text(
            right + 2.8, places[number], f"{name}{words}", va="center_baseline", path_effects=HALO,
            fontweight="bold" if number == 0 else "normal",
        )  # fmt: skip
    return left + _BAR_MM, first


def _written(row: Mapping) -> str:
    return absent(row) if text.is_missing(row["proportion"]) else text.percent(row["proportion"])


def _ratio_axes(chart: PercentRows, rows: pd.DataFrame, lines: int) -> Axes:
    """Axes of ratios beside the percentages, wide enough for every interval, with 1 marked."""
    known = rows[[name for name in ("ratio", "ratio_lower", "ratio_upper") if name in rows]].to_numpy(dtype=float)
    finite = known[np.isfinite(known) & (known > 0)]
    low, high = (min(finite.min(), 0.8), max(finite.max(), 1.25)) if finite.size else (0.8, 1.25)
    axes = chart.sheet.axes(chart.left + chart.width + 8, BOTTOM_MM, 36, chart.top - BOTTOM_MM)
    axes.set_xscale("log")
    axes.set_xlim(low / 1.05, high * 1.05)
    axes.set_ylim(lines - 0.5, -0.5)
    inside = [tick for tick in _RATIO_TICKS if low / 1.05 <= tick <= high * 1.05]
    ticks = [tick for tick in inside if tick in (inside[0], 1.0, inside[-1])]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    axes.axvline(1, color=style.MID_GREY, linewidth=1)
    return axes


def _lost_key(chart: PercentRows) -> None:
    head = chart.headings()
    head.text(0, 9, "Risk", va="center_baseline", fontweight="bold")
    head.plot(1.2, 4, "o", ms=5.5, mfc="white", mec=style.MID_GREY, mew=1.4)
    head.text(3.4, 4, "crude", va="center_baseline")
    head.plot(18.2, 4, "o", ms=5.5, color=style.BLUE)
    head.text(20.4, 4, "adjusted", va="center_baseline")
    head.text(chart.width + 8, 9, "Adjusted ratio to the reference", va="center_baseline", fontweight="bold")
    head.text(chart.width + 8, 4, "with 95% interval", va="center_baseline")


def _lost_row(chart: PercentRows, ratios: Axes, place: int, row: pd.Series) -> None:
    if text.is_missing(row["crude"]):
        chart.axes.text(1, place, absent(row), va="center_baseline")
        return
    chart.axes.plot(row["crude"] * 100, place, "o", ms=5.5, mfc="white", mec=style.MID_GREY, mew=1.4, zorder=3)
    if not text.is_missing(row["adjusted"]):
        chart.axes.plot(row["adjusted"] * 100, place, "o", ms=4.5, color=style.BLUE, zorder=4)
    x = 100 + chart.percent_of(chart.right - 1)
    if text.is_missing(row["ratio"]):
        words = "" if row["dimension"] == "national" else text.NOT_AVAILABLE
    elif row["group"] == row["reference"]:
        words = "reference"
        ratios.plot(1, place, "|", ms=8, color=style.MID_GREY)
    else:
        ratios.plot(row["ratio"], place, "o", ms=5, color=style.BLUE, zorder=3)
        words = text.decimal(row["ratio"], 2)
        if not text.is_missing(row["ratio_lower"]):
            ratios.plot([row["ratio_lower"], row["ratio_upper"]], [place] * 2, color=style.BLUE, linewidth=1.6)
            words += f" ({text.decimal(row['ratio_lower'], 2)}–{text.decimal(row['ratio_upper'], 2)})"
    chart.axes.text(x, place, words, ha="right", va="center_baseline", clip_on=False)
