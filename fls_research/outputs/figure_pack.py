"""Charts of one place's pack: its KPIs beside the nation's and its peers', and how complete its data are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from fls_research.disclosure import Publishable
from fls_research.errors import DisclosureError
from fls_research.outputs import style, text
from fls_research.outputs.board import LINE_MM, Board
from fls_research.outputs.canvas import Figure, drawn, width_of, wrapped
from fls_research.outputs.figure_inequality import needed_rows
from fls_research.outputs.percent_rows import absent

_LABEL_MM, _AXIS_LEFT, _AXIS_MM = 49.0, 54.0, 42.0
_OWN_RIGHT, _INTERVAL_LEFT, _NATION_RIGHT, _PEERS_RIGHT, _LEVEL_LEFT = 108.0, 109.0, 133.5, 143.5, 145.3
_ROW_MM, _FOOT_MM, _HEAD_MM = 7.6, 8.0, 6.0

OWN = {"shape": "o", "size": 7.0, "fill": style.BLUE}
NATION = {"shape": "|", "size": 12.0, "fill": style.DARK_GREY, "points": 2.2}
PEERS = {"shape": "D", "size": 6.5, "fill": "white", "edge": style.ORANGE, "points": 1.6}
AIM = {"shape": "v", "size": 4.5, "fill": style.MID_GREY}
"""The marks of a place, the nation, its peers and the aim: told apart by shape as well as by colour."""

_BARS_MM, _BAR_LEFT, _BAR_MM, _BAR_ROW_MM = 80.0, 42.0, 24.0, 5.6


@drawn
def kpi_overview(
    own: Publishable,
    *,
    name: str,
    nation: Publishable,
    nation_name: str = "England and Wales",
    peers: Publishable | None = None,
    peers_name: str = "Peers",
) -> Figure:
    """Each KPI of a place with its interval, the nation's and the peers' beside it, the aim, and its level in words.

    Each table is of one year, one row a KPI, with ``kpi`` and ``proportion``; that of the place has also ``lower``,
    ``upper``, the labels ``title``, ``target`` and ``colour`` (``Green``, ``Amber``, ``Red`` or nothing). A value above
    100% stands at 100% as a triangle; one that is held back is ``[c]``, and so has no level.

    Raises :class:`DisclosureError` when a table was not released, lacks a column, or holds a KPI twice.
    """
    rows = _one_row_a_kpi(own, ("kpi", "title", "proportion", "lower", "upper"))
    rows = rows.sort_values("kpi", key=lambda ids: ids.map(text.kpi_number), kind="stable")
    beside = [_values(nation), _values(peers) if peers is not None else None]
    labels = [wrapped(f"{text.kpi_name(row.kpi)} {row.title}", _LABEL_MM) for row in rows.itertuples()]
    row_mm = max(_ROW_MM, max(map(len, labels), default=1) * LINE_MM + 1.2)
    key = [(OWN, name, True), (NATION, nation_name, False)]
    key += [(PEERS, peers_name, False)] if peers is not None else []
    key += [(AIM, "aim", False)] if "target" in rows and rows["target"].notna().any() else []
    lines = key_lines(key, style.WIDTH_MM)
    board = Board(_FOOT_MM + len(rows) * row_mm + _HEAD_MM + len(lines) * (LINE_MM + 1))
    write_key(board, lines, top=board.height)
    top = board.height - len(lines) * (LINE_MM + 1) - _HEAD_MM
    _overview_head(board, top + _HEAD_MM / 2 - 0.5, with_peers=peers is not None)
    percent_axis(board, _AXIS_LEFT, _AXIS_MM, bottom=top - len(rows) * row_mm, top=top)
    for place, (row, label) in enumerate(zip(rows.to_dict(orient="records"), labels, strict=True)):
        y = top - (place + 0.5) * row_mm
        board.block(1, y, label)
        _overview_row(board, y, row, *(None if held is None else held.get(row["kpi"], {}) for held in beside))
    used = [table for table in (own, nation, peers) if table is not None]
    return board.finished(f"{len(rows)} KPIs of one place beside the nation", used)


@drawn
def completeness_bars(publishable: Publishable, *, label: str = "field", aim: float = 0.8) -> Figure:
    """How complete each field is, the least complete first, in two columns: a bar each, hollow where short of ``aim``.

    Takes a released table with a ``proportion`` for each ``label``. Each bar has its value; one held back is ``[c]``.

    Raises :class:`DisclosureError` when the table was not released or lacks a column.
    """
    rows = needed_rows(publishable, (label, "proportion")).sort_values("proportion", kind="stable", na_position="first")
    if rows.empty:
        raise DisclosureError("The released table has no row: there is no field to draw.")
    names = [wrapped(str(words), _BAR_LEFT - 2.5) for words in rows[label]]
    row_mm = max(_BAR_ROW_MM, max(map(len, names)) * LINE_MM + 1.2)
    down = -(-len(rows) // 2) if len(rows) > 1 else 1
    key = [
        ({"shape": "s", "size": 8.0, "fill": style.BLUE}, f"{text.percent(aim)} or more", False),
        ({"shape": "s", "size": 8.0, "fill": "white", "edge": style.BLUE}, f"below {text.percent(aim)}", False),
    ]
    board = Board(down * row_mm + LINE_MM + 6.5)
    write_key(board, key_lines(key, style.WIDTH_MM), top=board.height)
    top = board.height - LINE_MM - 2.5
    for place, (row, lines) in enumerate(zip(rows.to_dict(orient="records"), names, strict=True)):
        column, line = divmod(place, down)
        _completeness_row(board, column * _BARS_MM, top - (line + 0.5) * row_mm, row, lines, aim=aim)
    for column in range(-(-len(rows) // down)):
        filled = min(down, len(rows) - column * down)
        x = column * _BARS_MM + _BAR_LEFT + _BAR_MM * aim
        board.line([x, x], [top - filled * row_mm, top], colour=style.ORANGE, points=1.3, dashed=True)
    return board.finished(f"completeness of {len(rows)} fields of one place", [publishable])


def percent_axis(board: Board, left: float, width: float, *, bottom: float, top: float) -> None:
    """Thin lines at 0, 50 and 100% of an axis of percent, and their numbers below them."""
    for share, words in ((0.0, "0"), (0.5, "50"), (1.0, "100%")):
        x = left + share * width
        board.line([x, x], [bottom, top], colour=style.GRID, points=0.8)
        board.words(x, bottom - 3, words, ha="center")


Key = tuple[Mapping[str, object], str, bool]
"""One entry of a key: the mark, its words, and whether they are bold."""


def key_lines(key: Sequence[Key], width: float) -> list[list[tuple[float, Key]]]:
    """The entries of a key with their places from the left, on as many lines as they need."""
    lines: list[list[tuple[float, Key]]] = [[]]
    x = 2.5
    for entry in key:
        needed = 2.8 + width_of(entry[1], bold=entry[2])
        if lines[-1] and x + needed > width - 1:
            lines.append([])
            x = 2.5
        lines[-1].append((x, entry))
        x += needed + 6
    return lines


def write_key(board: Board, lines: Sequence[Sequence[tuple[float, Key]]], *, top: float) -> None:
    """The key at the top of a board."""
    for down, line in enumerate(lines):
        y = top - (down + 0.5) * (LINE_MM + 1)
        for x, (mark, words, bold) in line:
            board.marks(x, y, **mark)
            board.words(x + 2.8, y, words, bold=bold, colour=style.BLUE if bold else style.DARK_GREY)


def _one_row_a_kpi(publishable: Publishable, needed: Sequence[str]) -> pd.DataFrame:
    rows = needed_rows(publishable, needed)
    if rows["kpi"].duplicated().any():
        raise DisclosureError("A KPI stands in the table twice: choose one year and one place with where().")
    return rows


def _values(publishable: Publishable) -> dict[str, Mapping]:
    rows = _one_row_a_kpi(publishable, ("kpi", "proportion"))
    return {row["kpi"]: row for row in rows.to_dict(orient="records")}


def _overview_head(board: Board, y: float, *, with_peers: bool) -> None:
    board.marks(_OWN_RIGHT - 3.2, y, **OWN)
    board.words(_INTERVAL_LEFT, y, "interval", colour=style.MID_GREY)
    board.marks(_NATION_RIGHT - 3.2, y, **NATION)
    if with_peers:
        board.marks(_PEERS_RIGHT - 3.2, y, **PEERS)
    board.words(_LEVEL_LEFT, y, "level", colour=style.MID_GREY)


def _overview_row(board: Board, y: float, row: Mapping, nation: Mapping, peers: Mapping | None) -> None:
    at = _along(_AXIS_LEFT, _AXIS_MM)
    if not text.is_missing(row.get("target")):
        x = at(row["target"])
        board.marks(x, y + 2.6, **AIM)
        board.line([x, x], [y - 1.6, y + 1.8], colour=style.MID_GREY, points=0.9)
    told = ((peers, PEERS, _PEERS_RIGHT), (nation, NATION, _NATION_RIGHT))
    for held, mark, right in told:
        if held is None:
            continue
        if not text.is_missing(held.get("proportion")):
            board.marks(at(held["proportion"]), y, **mark)
        board.words(right, y, _written(held), ha="right")
    if text.is_missing(row["proportion"]):
        board.words(_OWN_RIGHT, y, absent(row), ha="right", colour=style.BLUE, bold=True)
        return
    if not text.is_missing(row["lower"]):
        board.line([at(row["lower"]), at(row["upper"])], [y, y], colour=style.BLUE, points=2.0)
        board.words(_INTERVAL_LEFT, y, text.interval(row["lower"], row["upper"]), colour=style.MID_GREY)
    board.marks(at(row["proportion"]), y, **(OWN | ({"shape": ">"} if row["proportion"] > 1 else {})))
    board.words(_OWN_RIGHT, y, text.percent(row["proportion"]), ha="right", colour=style.BLUE, bold=True)
    if row.get("colour"):
        board.words(_LEVEL_LEFT, y, text.colour(row["colour"]))


def _written(row: Mapping) -> str:
    return absent(row) if text.is_missing(row.get("proportion")) else text.percent(row["proportion"])


def _along(left: float, width: float) -> Callable[[float], float]:
    """Where on an axis of percent a proportion stands; what is above 100% stands there."""
    return lambda proportion: left + min(max(float(proportion), 0.0), 1.0) * width


def _completeness_row(board: Board, left: float, y: float, row: Mapping, lines: Sequence[str], *, aim: float) -> None:
    board.block(left + 1, y, lines)
    start = left + _BAR_LEFT
    board.line([start, start], [y - 2, y + 2], colour=style.MID_GREY, points=0.8)
    if text.is_missing(row["proportion"]):
        board.words(start + _BAR_MM + 11, y, absent(row), ha="right")
        return
    short = row["proportion"] < aim
    if row["proportion"] > 0:
        wide = min(row["proportion"], 1) * _BAR_MM
        board.box(start, y - 1.5, wide, 3.0, fill="white" if short else style.BLUE, edge=style.BLUE)
    board.words(start + _BAR_MM + 11, y, text.percent(row["proportion"]), ha="right", bold=bool(short))
