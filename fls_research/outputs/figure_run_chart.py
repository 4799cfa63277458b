"""The run charts of one place: each KPI month by month, its median, and the months that make a signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fls_research.disclosure import Publishable
from fls_research.errors import DisclosureError
from fls_research.outputs import style, text
from fls_research.outputs.board import LINE_MM, Board
from fls_research.outputs.canvas import Figure, drawn, wrapped
from fls_research.outputs.figure_inequality import needed_rows
from fls_research.outputs.figure_pack import key_lines, write_key
from fls_research.outputs.labels import spread

_LEFT, _RIGHT, _GAP = 11.0, 10.0, 6.0
_PLOT_MM, _YEARS_MM, _KEY_MM = 20.0, 7.0, 6.0

_POINT = {"shape": "o", "size": 3.6, "fill": style.BLUE}
_IN_SHIFT = {"shape": "D", "size": 4.6, "fill": "white", "edge": style.ORANGE, "points": 1.5}
_MEDIAN = {"shape": "_", "size": 10.0, "fill": style.MID_GREY, "points": 1.4}


@drawn
def run_charts(months: Publishable, signals: Publishable, *, columns: int = 2) -> Figure:
    """Each KPI by month (or quarter) in a panel of its own, about its median, with what the run-chart rules say.

    Takes the released counts of ``analysis.monthly.monthly`` and the released ``signals`` of them. A month that is held
    back, or had no records, is a gap in the line. The months of a shift are diamonds. The last value and the median are
    written at the right of the panel, the rule's finding above it.

    Raises :class:`DisclosureError` when a table was not released, lacks a column, or a KPI has no row of signals.
    """
    rows = needed_rows(months, ("kpi", "title", "dimension", "group", "proportion", "status"))
    told = needed_rows(signals, ("kpi", "period", "centre", "held_back", "baseline", "first", "last", "reading"))
    found = {row["kpi"]: row for row in told.to_dict(orient="records")}
    panels = [(kpi, part) for kpi, part in rows.groupby("kpi", sort=False)]
    for kpi, _ in panels:
        if kpi not in found:
            raise DisclosureError(f"The table of signals has no row for '{kpi}': make it from the same months.")
    width = (style.WIDTH_MM - _LEFT - columns * _RIGHT - _GAP * (columns - 1)) / columns
    heads = [_head(part, found[kpi], width + _RIGHT) for kpi, part in panels]
    lines = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    tops = [
        max(sum(map(len, heads[at])) for at in range(start, min(start + columns, len(panels)))) * LINE_MM + 2.5
        for start in range(0, len(panels), columns)
    ]
    board = Board(_KEY_MM + sum(tops) + len(lines) * (_PLOT_MM + _YEARS_MM + 2))
    _key(board, {found[kpi]["period"] for kpi, _ in panels}, any_shift=any(found[kpi]["first"] for kpi, _ in panels))
    y = board.height - _KEY_MM
    for down, line in enumerate(lines):
        y -= tops[down]
        for across, (kpi, part) in enumerate(line):
            x = _LEFT + across * (width + _RIGHT + _GAP)
            _title(board, x, y + tops[down], heads[down * columns + across])
            _panel(board, x, y - _PLOT_MM, width, part, found[kpi], with_numbers=across == 0)
        y -= _PLOT_MM + _YEARS_MM + 2
    return board.finished(f"run charts of {len(panels)} KPIs of one place", [months, signals])


Head = tuple[list[str], list[str], list[str]]
"""The lines above a panel: title, finding, baseline."""


def _head(rows: pd.DataFrame, found: Mapping, width: float) -> Head:
    title = f"{text.kpi_name(rows['kpi'].iloc[0])} {rows['title'].iloc[0]}"
    gaps = f" ({text.count(found['held_back'])} held back)" if found["held_back"] else ""
    baseline = f"; median of {found['baseline']}" if found["baseline"] else ""
    words = f"By {found['period']}{gaps}{baseline}"
    return wrapped(title, width, bold=True), wrapped(found["reading"], width), wrapped(words, width)


def _title(board: Board, x: float, top: float, head: Head) -> None:
    looks = ({"bold": True}, {}, {"colour": style.MID_GREY})
    y = top - LINE_MM / 2
    for part, look in zip(head, looks, strict=True):
        for words in part:
            board.words(x, y, words, **look)
            y -= LINE_MM


def _panel(
    board: Board, left: float, bottom: float, width: float, rows: pd.DataFrame, found: Mapping, *, with_numbers: bool
) -> None:
    for share, words in ((0.0, "0"), (0.5, "50"), (1.0, "100%")):
        y = bottom + share * _PLOT_MM
        board.line([left, left + width], [y, y], colour=style.GRID, points=0.8)
        if with_numbers:
            board.words(left - 1, y, words, ha="right")
    groups = rows["group"].tolist()
    step = width / len(groups)
    xs = left + (np.arange(len(groups)) + 0.5) * step
    _years(board, left, bottom, step, groups)
    values = rows["proportion"].to_numpy(dtype=float)
    if np.isnan(values).all():
        board.words(left + width / 2, bottom + _PLOT_MM / 2, _nothing(rows, found["period"]), ha="center", cleared=True)
        return
    ys = bottom + np.clip(values, 0, 1) * _PLOT_MM
    centre = bottom + min(found["centre"], 1.0) * _PLOT_MM
    board.line([left, left + width], [centre, centre], colour=style.MID_GREY, points=1.4, dashed=True)
    board.line(xs, ys, colour=style.BLUE, points=1.4)
    known = ~np.isnan(values)
    shifted = known & _within(groups, found["first"], found["last"])
    board.marks(xs[known & ~shifted], ys[known & ~shifted], **_POINT)
    board.marks(xs[shifted], ys[shifted], **_IN_SHIFT)
    # Of equal values the last listed stands higher: the place's own.
    ends = (
        (centre, found["centre"], {"colour": style.MID_GREY}),
        (ys[known][-1], values[known][-1], {"colour": style.BLUE, "bold": True}),
    )
    places = spread([height for height, *_ in ends], gap=LINE_MM, low=bottom, high=bottom + _PLOT_MM)
    for place, (_, value, look) in zip(places, ends, strict=True):
        board.words(left + width + 1, place, text.percent(value), **look)


def _years(board: Board, left: float, bottom: float, step: float, groups: Sequence[str]) -> None:
    years = [group[:4] for group in groups]
    for year in dict.fromkeys(years):
        start, several = left + years.index(year) * step, years.count(year) * step
        board.line([start, start], [bottom - 1.4, bottom], colour=style.MID_GREY, points=0.8)
        board.words(start + several / 2, bottom - 3, year, ha="center")


def _within(groups: Sequence[str], first: str, last: str) -> np.ndarray:
    if not first or not last:
        return np.zeros(len(groups), dtype=bool)
    places = np.arange(len(groups))
    return (places >= groups.index(first)) & (places <= groups.index(last))


def _nothing(rows: pd.DataFrame, period: str) -> str:
    if (rows["status"] == "suppressed").any():
        return f"{text.SUPPRESSED} every {period} is held back"
    return f"{text.NOT_AVAILABLE} no {period} has records"


def _key(board: Board, periods: set[str], *, any_shift: bool) -> None:
    each = " or ".join(sorted(periods))
    key = [(_POINT, f"one {each}, the last in figures", False), (_MEDIAN, "median", False)]
    key += [(_IN_SHIFT, "in a shift", False)] if any_shift else []
    write_key(board, key_lines(key, style.WIDTH_MM), top=board.height)
