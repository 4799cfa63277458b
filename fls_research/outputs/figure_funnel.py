"""The funnels of one place: where it stands among all services, which are dots without names."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fls_research.disclosure import Publishable
from fls_research.outputs import style, text
from fls_research.outputs.board import LINE_MM, Board
from fls_research.outputs.canvas import Figure, drawn, wrapped
from fls_research.outputs.figure_inequality import needed_rows
from fls_research.outputs.figure_pack import key_lines, write_key

_LEFT, _RIGHT, _GAP = 11.0, 3.0, 5.0
_PLOT_MM, _FOOT_MM, _KEY_MM = 30.0, 9.5, 5.0

_OWN = {"shape": "o", "size": 7.5, "fill": style.BLUE, "edge": "white", "points": 0.8}
_OWN_OUT = {"shape": "D", "size": 7.0, "fill": style.ORANGE, "edge": style.BLUE, "points": 1.4}
_OTHER = {"shape": "o", "size": 3.4, "fill": "#9A9A9A"}
_ALERT = {"shape": "_", "size": 10.0, "fill": style.MID_GREY, "points": 0.9}
_ALARM = {"shape": "_", "size": 10.0, "fill": style.DARK_GREY, "points": 1.8}
_MOST_LINES = 4
_OUTSIDE = "expected ("
"""What the readings outside a limit have in them: ``lower than expected (alarm)``."""

_METHOD = (
    "Dashed: the average of all services. The limits allow for the ordinary variation between services (arcsine scale, "
    "variance between services added); a place beyond them is a reason to look, and no verdict."
)


@drawn
def funnels(positions: Publishable, limits: Publishable, *, columns: int = 3) -> Figure:
    """A funnel for each KPI: every service a grey dot by its patients and its percentage, the place's own in colour.

    Takes the released ``positions`` and ``limits`` of ``analysis.funnels.funnels``. Above each panel stands what the
    place's own value is and whether it lies within the limits; of several own services those outside are named, three
    at most. A service whose row is held back has no dot.

    Raises :class:`DisclosureError` when a table was not released or lacks a column.
    """
    rows = needed_rows(positions, ("kpi", "title", "own", "n", "proportion", "z", "reading"))
    bands = needed_rows(limits, ("kpi", "title", "size", "average", "lower_alarm", "lower_alert", "upper_alert"))
    kpis = list(dict.fromkeys(bands["kpi"]))
    if not kpis:
        # A pack of a small edition must still be a whole one.
        board = Board(LINE_MM + 4)
        board.words(1, 2 + LINE_MM / 2, "No KPI has a funnel: too few services have enough patients.")
        return board.finished("no funnels", [positions, limits])
    width = (style.WIDTH_MM - _LEFT - columns * _RIGHT - _GAP * (columns - 1)) / columns
    parts = [(rows.loc[rows["kpi"] == kpi], bands.loc[bands["kpi"] == kpi]) for kpi in kpis]
    heads = [_head(services, band, width + _RIGHT) for services, band in parts]
    down = -(-len(kpis) // columns)
    tops = [
        max(len(title) + len(words) for title, words in heads[line * columns : (line + 1) * columns]) * LINE_MM + 2.5
        for line in range(down)
    ]
    several = bool(rows.loc[rows["own"] != "", "kpi"].duplicated().any())
    lines = key_lines(_key_entries(rows, several=several), style.WIDTH_MM)
    note = wrapped(_METHOD, style.WIDTH_MM - 2)
    note_mm = len(note) * LINE_MM + 4.5
    board = Board(len(lines) * _KEY_MM + 1 + sum(tops) + down * (_PLOT_MM + _FOOT_MM) + note_mm)
    write_key(board, lines, top=board.height)
    y = board.height - len(lines) * _KEY_MM - 1
    for line in range(down):
        y -= tops[line]
        for across, at in enumerate(range(line * columns, min((line + 1) * columns, len(kpis)))):
            x = _LEFT + across * (width + _RIGHT + _GAP)
            _title(board, x, y + tops[line], *heads[at])
            _panel(board, x, y - _PLOT_MM, width, *parts[at], with_numbers=across == 0)
        y -= _PLOT_MM + _FOOT_MM
    for place, line in enumerate(note):
        board.words(1, y - (place + 0.5) * LINE_MM, line, colour=style.MID_GREY)
    return board.finished(f"funnels of {len(kpis)} KPIs over all services", [positions, limits])


def _head(services: pd.DataFrame, band: pd.DataFrame, width: float) -> tuple[list[str], list[str]]:
    kpi, title = band["kpi"].iloc[0], band["title"].iloc[0]
    own = services.loc[services["own"] != ""].to_dict(orient="records")
    return wrapped(f"{text.kpi_name(kpi)} {title}", width, bold=True), wrapped(_standing(own, width), width)


def _standing(own: list[dict], width: float) -> str:
    """Where the place stands, in words: its value and reading, or how many of its services lie outside."""
    if not own:
        return "No value: fewer than 10 patients"
    if len(own) == 1:
        row = own[0]
        if text.is_missing(row["proportion"]):
            return f"{text.SUPPRESSED} {text.MEANINGS[text.SUPPRESSED]}"
        return f"{text.percent(row['proportion'])}, {row['reading']}, z={text.decimal(row['z'])}"
    shown = [row for row in own if not text.is_missing(row["proportion"])]
    out = [row for row in shown if _is_out(row)]
    if not shown:
        return f"{text.SUPPRESSED} {text.MEANINGS[text.SUPPRESSED]}"
    if not out:
        return f"All {len(shown)} services shown are within the expected range"
    counted = f"{len(out)} of {len(shown)} services outside the expected range"
    named = "; ".join(f"{row['own']} {_short(row['reading'])}" for row in out)
    # The names go where there is room for them; a pack has them in its table as well.
    told = f"{counted}: {named}"
    return told if len(wrapped(told, width)) <= _MOST_LINES else counted


def _is_out(row: Mapping) -> bool:
    return not text.is_missing(row["proportion"]) and _OUTSIDE in str(row["reading"])


def _short(reading: str) -> str:
    """``lower (alarm)`` of ``lower than expected (alarm)``."""
    return reading.replace(" than expected", "")


def _title(board: Board, x: float, top: float, title: list[str], words: list[str]) -> None:
    y = top - LINE_MM / 2
    for line in title:
        board.words(x, y, line, bold=True)
        y -= LINE_MM
    for line in words:
        board.words(x, y, line, colour=style.BLUE)
        y -= LINE_MM


def _panel(
    board: Board,
    left: float,
    bottom: float,
    width: float,
    services: pd.DataFrame,
    band: pd.DataFrame,
    *,
    with_numbers: bool,
) -> None:
    shown = services.loc[services["proportion"].notna()]
    widest = _round_up(max(shown["n"].max() if len(shown) else 0, band["size"].max()))
    for share, words in ((0.0, "0"), (0.5, "50"), (1.0, "100%")):
        y = bottom + share * _PLOT_MM
        board.line([left, left + width], [y, y], colour=style.GRID, points=0.8)
        if with_numbers:
            board.words(left - 1, y, words, ha="right")
    board.words(left, bottom - 3, "0", ha="center")
    board.words(left + width, bottom - 3, text.count(widest), ha="right")
    board.words(left + width / 2 - 3, bottom - 3, "patients", ha="center", colour=style.MID_GREY)
    sizes = left + band["size"].to_numpy() / widest * width
    for name, points, colour in (
        ("lower_alarm", 1.3, style.DARK_GREY),
        ("upper_alarm", 1.3, style.DARK_GREY),
        ("lower_alert", 0.7, style.MID_GREY),
        ("upper_alert", 0.7, style.MID_GREY),
    ):
        board.line(sizes, bottom + band[name].to_numpy() * _PLOT_MM, colour=colour, points=points)
    centre = bottom + band["average"].iloc[0] * _PLOT_MM
    board.line([left, left + width], [centre, centre], colour=style.MID_GREY, points=1.0, dashed=True)
    is_own = (shown["own"] != "").to_numpy()
    xs = left + np.minimum(shown["n"].to_numpy() / widest, 1) * width
    ys = bottom + np.clip(shown["proportion"].to_numpy(), 0, 1) * _PLOT_MM
    board.marks(xs[~is_own], ys[~is_own], **_OTHER)
    out = np.array([_OUTSIDE in str(reading) for reading in shown["reading"]], dtype=bool)
    board.marks(xs[is_own & ~out], ys[is_own & ~out], **_OWN)
    board.marks(xs[is_own & out], ys[is_own & out], **_OWN_OUT)


def _round_up(number: float) -> float:
    """The next number above that reads well: two figures at most."""
    step = 10 ** max(np.floor(np.log10(max(number, 10))) - 1, 1)
    return float(np.ceil(number / step) * step)


def _key_entries(rows: pd.DataFrame, *, several: bool) -> list[tuple[Mapping[str, object], str, bool]]:
    own = rows.loc[rows["own"] != "", "own"]
    name = "services of this place" if several else str(own.iloc[0]) if len(own) else ""
    out = any(_is_out(row) for row in rows.loc[rows["own"] != ""].to_dict(orient="records"))
    return [
        *([(_OWN, name, True)] if name else []),
        *([(_OWN_OUT, "the same, outside a limit", True)] if out else []),
        (_OTHER, "another service", False),
        ({**_ALERT, "points": 0.8}, "95% limit (alert)", False),
        (_ALARM, "99.8% limit (alarm)", False),
    ]
