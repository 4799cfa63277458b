"""The chart of gaps between groups of one place's patients: the lowest and the highest group of each characteristic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fls_research.disclosure import Publishable
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.board import LINE_MM, Board
from fls_research.outputs.canvas import Figure, drawn, wrapped
from fls_research.outputs.figure_inequality import needed_rows
from fls_research.outputs.figure_pack import key_lines, percent_axis, write_key

_INDENT, _LOW_RIGHT, _AXIS_LEFT, _AXIS_MM, _HIGH_LEFT = 3.0, 76.0, 79.0, 38.0, 120.0
_NAME_MM, _LOW_MM, _HIGH_MM = 31.0, 40.0, 39.0
NOT_KNOWN = "not known"
"""The group of records without an answer (the same word as in the data and KPI rooms)."""

_ROW_MM, _HEADING_MM, _FOOT_MM, _KEY_MM = 5.4, 6.4, 9.5, 6.0

_LOWEST = {"shape": "o", "size": 7.0, "fill": "white", "edge": style.ORANGE, "points": 2.0}
_BETWEEN = {"shape": "o", "size": 4.5, "fill": style.MID_GREY}
_HIGHEST = {"shape": "o", "size": 7.0, "fill": style.BLUE}
_MISSING = {"shape": "D", "size": 3.4, "fill": "white", "edge": style.MID_GREY}


@dataclass(frozen=True)
class _Gap:
    """One characteristic of one KPI: its lowest and highest group in words, every value, and who is held back."""

    name: list[str]
    low: list[str]
    high: list[str]
    values: tuple[float, ...]
    missing: float
    note: list[str]

    @property
    def main_mm(self) -> float:
        """The height of the line itself; a note stands on it where there is nothing else to show."""
        beside = () if self.values else self.note
        lines = max(len(self.name), len(self.low), len(self.high), len(beside))
        return max(_ROW_MM, lines * LINE_MM + 1.2)

    @property
    def height(self) -> float:
        return self.main_mm + (len(self.note) * LINE_MM if self.values else 0.0)


@drawn
def group_gaps(publishable: Publishable, *, kpis: Sequence[str] = ()) -> Figure:
    """The gaps of one place: for each KPI and characteristic a line from the lowest to the highest group, both named.

    Takes released counts of one year with the labels ``kpi``, ``title``, ``characteristic``, ``group`` and
    ``group_name``. ``kpis`` chooses and orders the KPIs (all when none is named). Groups between the ends are dots, and
    records without an answer a hollow diamond; groups that are held back are named below their line.

    Raises :class:`DisclosureError` when the table was not released, lacks a column, holds a group twice, or has no such
    KPI.
    """
    rows = needed_rows(publishable, ("kpi", "title", "characteristic", "group", "group_name", "proportion", "status"))
    if rows.duplicated(["kpi", "characteristic", "group"]).any():
        raise DisclosureError("A KPI has several rows of one group: choose one year with where().")
    known = sorted(set(rows["kpi"]), key=text.kpi_number)
    for kpi in kpis:
        if kpi not in known:
            raise DisclosureError(f"The released table has no KPI '{kpi}'; {did_you_mean(kpi, known)}.")
    records = rows.to_dict(orient="records")
    blocks = [_gaps([row for row in records if row["kpi"] == kpi]) for kpi in (kpis or known)]
    heights = [_HEADING_MM + sum(gap.height for gap in gaps) for _, gaps in blocks]
    key = [(_LOWEST, "lowest group", False), (_BETWEEN, "between", False), (_HIGHEST, "highest group", False)]
    lines = key_lines([*key, (_MISSING, "no answer", False)], style.WIDTH_MM)
    board = Board(sum(heights) + _FOOT_MM + _KEY_MM)
    write_key(board, lines, top=board.height)
    y = board.height - _KEY_MM
    percent_axis(board, _AXIS_LEFT, _AXIS_MM, bottom=_FOOT_MM - 3.5, top=y - _HEADING_MM)
    for heading, gaps in blocks:
        board.box(_AXIS_LEFT - 1, y - _HEADING_MM, _AXIS_MM + 2, _HEADING_MM, fill="white")
        board.words(1, y - _HEADING_MM / 2, heading, bold=True)
        y -= _HEADING_MM
        for gap in gaps:
            _draw(board, y, gap)
            y -= gap.height
    return board.finished(f"gaps between groups for {len(blocks)} KPIs of one place", [publishable])


def _gaps(rows: Sequence[Mapping]) -> tuple[str, list[_Gap]]:
    heading = f"{text.kpi_name(rows[0]['kpi'])} {rows[0]['title']}"
    characteristics = dict.fromkeys(row["characteristic"] for row in rows)
    return heading, [
        _gap(str(name), [row for row in rows if row["characteristic"] == name]) for name in characteristics
    ]


def _gap(name: str, groups: Sequence[Mapping]) -> _Gap:
    answered = [row for row in groups if row["group"] != NOT_KNOWN]
    shown = [row for row in answered if not text.is_missing(row["proportion"])]
    held_back = [_named(row) for row in answered if row["status"] == "suppressed"]
    not_known = [row["proportion"] for row in groups if row["group"] == NOT_KNOWN]
    # Of equal values the first is the lowest and the last the highest, so that two groups are named.
    low = min(shown, key=lambda row: row["proportion"], default=None)
    high = max(reversed(shown), key=lambda row: row["proportion"], default=None)
    note = f"Held back, small numbers: {'; '.join(held_back)}" if held_back else ""
    if not shown:
        note = "All groups held back, small numbers" if held_back else "No records to compare"
    return _Gap(
        name=wrapped(name, _NAME_MM),
        low=_told(low, _LOW_MM) if len(shown) > 1 else [],
        high=_told(high, _HIGH_MM),
        values=tuple(float(row["proportion"]) for row in shown),
        missing=not_known[0] if not_known else float("nan"),
        note=wrapped(note, style.WIDTH_MM - _NAME_MM - 8) if note else [],
    )


def _told(row: Mapping | None, width: float) -> list[str]:
    return [] if row is None else wrapped(f"{_named(row)}: {text.percent(row['proportion'])}", width)


def _named(row: Mapping) -> str:
    """A group by its name; one whose name is a number, by what it is a number of."""
    name = str(row["group_name"])
    return f"{str(row['characteristic']).lower()} {name}" if name.isdigit() else name


def _draw(board: Board, top: float, gap: _Gap) -> None:
    y = top - gap.main_mm / 2
    board.block(_INDENT, y, gap.name)
    places = [_AXIS_LEFT + min(value, 1.0) * _AXIS_MM for value in gap.values]
    if places:
        low, high = min(places), max(places)
        board.line([low, high], [y, y], colour=style.LIGHT_GREY, points=2.5)
        between = [x for x in places if low < x < high]
        board.marks(between, [y] * len(between), **_BETWEEN)
        if len(places) > 1:
            board.marks(low, y, **_LOWEST)
        # Of equal values the highest is a dot within the ring of the lowest.
        board.marks(high, y, **(_HIGHEST if high > low or len(places) == 1 else {**_HIGHEST, "size": 3.5}))
    if not text.is_missing(gap.missing):
        x = _AXIS_LEFT + min(float(gap.missing), 1.0) * _AXIS_MM
        board.marks(x, y - (1.6 if places else 0.0), **_MISSING)
    board.block(_LOW_RIGHT, y, gap.low, ha="right", colour=style.MAROON)
    board.block(_HIGH_LEFT, y, gap.high, colour=style.BLUE)
    under = y if not gap.values else top - gap.main_mm - len(gap.note) * LINE_MM / 2 + 0.6
    board.block(_NAME_MM + 6, under, gap.note, colour=style.MID_GREY, cleared=True)
