"""The clocks of one place beside the nation's: how soon each step was reached, as two lines with their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fls_research.disclosure import Publishable
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.board import LINE_MM, Board
from fls_research.outputs.canvas import Figure, drawn, wrapped
from fls_research.outputs.figure_inequality import needed_rows
from fls_research.outputs.labels import spread

_LEFT, _RIGHT = 13.0, 42.0
_PLOT_MM, _AXIS_MM, _RISK_MM = 32.0, 5.5, 5.0
_NAMES = {"assessment": "Assessment", "treatment": "Treatment confirmed"}
_DONE = {"assessment": "assessed", "treatment": "confirmed on treatment"}
_NEEDED = ("step", "day", "state", "proportion")


@drawn
def curves_beside(
    own: Publishable,
    nation: Publishable,
    *,
    own_name: str,
    nation_name: str = "England and Wales",
    marks: Mapping[str, int] | None = None,
    titles: Mapping[str, str] = _NAMES,
    done: Mapping[str, str] = _DONE,
) -> Figure:
    """Each clock of a place and of the nation in a panel: the share of patients who had reached the step by each day.

    Takes released curves of one group each, one year, with the label ``step``; of the nation's only ``day``, ``state``
    and ``proportion`` are read. ``marks`` are the steps in their order
    and the day that is pointed out and read off (assessment at 90 days, treatment at 112, when not given); ``titles``
    their headings, ``done`` the state that is drawn. The band is the place's 95% interval; the numbers below it are its
    patients at risk, as released. A curve that was cut ends early; one that is held back is told in words.

    Raises :class:`DisclosureError` when a table is no released curve, lacks a step, or holds several groups.
    """
    marked = dict(marks) if marks is not None else {"assessment": 90, "treatment": 112}
    ours, theirs = needed_rows(own, (*_NEEDED, "lower", "upper", "at_risk")), needed_rows(nation, _NEEDED)
    curves = [(step, _curve(ours, step, done[step]), _curve(theirs, step, done[step])) for step in marked]
    last = int(max(theirs["day"].max(), ours["day"].max()))
    width = style.WIDTH_MM - _LEFT - _RIGHT
    heads = [
        wrapped(
            f"By day {marked[step]}: {own_name} {_at(mine, marked[step])}, {nation_name} {_at(other, marked[step])}.",
            style.WIDTH_MM - _LEFT - 1,
        )
        for step, mine, other in curves
    ]
    panel_mm = _PLOT_MM + _AXIS_MM + _RISK_MM + 4
    board = Board(sum((len(words) + 1) * LINE_MM + 2.5 + panel_mm for words in heads) + 3.5)
    y = board.height
    for words, (step, mine, other) in zip(heads, curves, strict=True):
        for place, line in enumerate((titles[step], *words)):
            board.words(_LEFT, y - (place + 0.5) * LINE_MM, line, bold=place == 0)
        y -= (len(words) + 1) * LINE_MM + 2.5
        _panel(board, y - _PLOT_MM, width, last, mark=marked[step])
        _lines(board, y - _PLOT_MM, width, last, (mine, own_name), (other, nation_name))
        y -= panel_mm
    board.words(_LEFT + width / 2, 2.4, "Days since the fracture was diagnosed", ha="center")
    return board.finished(f"{len(curves)} clocks of one place beside the nation's over {last} days", [own, nation])


def _curve(rows: pd.DataFrame, step: str, state: str) -> pd.DataFrame:
    steps = [str(each) for each in dict.fromkeys(rows["step"])]
    if step not in steps:
        raise DisclosureError(f"The released curves have no step '{step}'; {did_you_mean(step, steps)}.")
    curve = rows.loc[(rows["step"] == step) & (rows["state"] == state)].sort_values("day", kind="stable")
    if curve["day"].duplicated().any():
        raise DisclosureError("Several curves are of one step: choose one group and one year with where().")
    return curve


def _at(curve: pd.DataFrame, day: int) -> str:
    """The share reached by a day, as it is printed."""
    reached = curve.loc[curve["day"] <= day, "proportion"]
    missing = text.NOT_AVAILABLE if curve.empty else text.SUPPRESSED
    return missing if reached.empty or text.is_missing(reached.iloc[-1]) else text.percent(reached.iloc[-1])


def _panel(board: Board, bottom: float, width: float, last: int, *, mark: int) -> None:
    for share, words in ((0.0, "0"), (0.5, "50"), (1.0, "100%")):
        y = bottom + share * _PLOT_MM
        board.line([_LEFT, _LEFT + width], [y, y], colour=style.GRID, points=0.8)
        board.words(_LEFT - 1.5, y, words, ha="right")
    for day in _ticks(last):
        board.words(_LEFT + day / last * width, bottom - 3.4, str(day), ha="center")
    x = _LEFT + mark / last * width
    board.line([x, x], [bottom, bottom + _PLOT_MM], colour=style.MID_GREY, points=1.1, dashed=True)


def _ticks(last: int) -> list[int]:
    return [*range(0, last - 45, 90), last]


def _lines(
    board: Board,
    bottom: float,
    width: float,
    last: int,
    mine: tuple[pd.DataFrame, str],
    other: tuple[pd.DataFrame, str],
) -> None:
    """The nation's line below, the place's on it with its band, and both names beside their ends."""
    ends: list[tuple[float, float, str, str, bool]] = []
    for (curve, name), colour, points in ((other, style.DARK_GREY, 1.4), (mine, style.BLUE, 2.2)):
        is_own = colour == style.BLUE
        shown = curve.dropna(subset="proportion")
        if shown.empty:
            words = text.SUPPRESSED if len(curve) else text.NOT_AVAILABLE
            ends.append((np.nan, bottom + 2.0, f"{name} {words}", colour, is_own))
            continue
        xs = _LEFT + shown["day"].to_numpy() / last * width
        ys = _high(bottom, shown["proportion"])
        if is_own:
            low, high = (_high(bottom, shown[end].fillna(shown["proportion"])) for end in ("lower", "upper"))
            board.band(xs, low, high, colour=colour, alpha=0.2)
        board.steps(xs, ys, colour=colour, points=points)
        cut = f" by day {shown['day'].iloc[-1]:.0f}" if shown["day"].iloc[-1] < curve["day"].iloc[-1] else ""
        words = f"{name} {text.percent(shown['proportion'].iloc[-1])}{cut}"
        ends.append((xs[-1], ys[-1], words, colour, is_own))
    _end_words(board, bottom, width, ends)
    _at_risk(board, bottom - _AXIS_MM - 2.2, width, last, mine[0])


def _high(bottom: float, proportions: pd.Series) -> np.ndarray:
    return bottom + np.clip(proportions.to_numpy(dtype=float), 0, 1) * _PLOT_MM


def _end_words(board: Board, bottom: float, width: float, ends: Sequence[tuple[float, float, str, str, bool]]) -> None:
    beside = _LEFT + width + 4
    blocks = [wrapped(words, _RIGHT - 5, bold=is_own) for _, _, words, _, is_own in ends]
    gap = sum(map(len, blocks)) / 2 * LINE_MM + 0.6
    tall = max(map(len, blocks)) * LINE_MM
    # Names of several lines may reach down beside the numbers of the axis, but not up into the heading.
    low, high = bottom - _AXIS_MM + tall / 2, bottom + _PLOT_MM + 1 - tall / 2
    places = spread([height for _, height, *_ in ends], gap=gap, low=low, high=high)
    for (x, height, _, colour, is_own), lines, place in zip(ends, blocks, places, strict=True):
        if not np.isnan(x):
            board.line([x + 0.4, beside - 0.8], [height, place], colour=colour, points=0.8)
        board.block(beside, place, lines, colour=colour, bold=is_own)


def _at_risk(board: Board, y: float, width: float, last: int, curve: pd.DataFrame) -> None:
    """The place's patients at risk on the days of the axis, where the gate let them be seen."""
    known = curve.set_index("day")["at_risk"]
    board.words(1, y, "At risk", colour=style.BLUE)
    for day in _ticks(last):
        earlier = known.loc[known.index <= day]
        number = earlier.iloc[-1] if len(earlier) else np.nan
        words = text.SUPPRESSED if text.is_missing(number) else text.count(number)
        align = "left" if day == 0 else "center"
        board.words(_LEFT + day / last * width, y, words, ha=align, colour=style.BLUE)
