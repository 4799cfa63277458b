"""Charts of the data behind the KPIs: how complete the fields are, and what became of every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.patches import Rectangle

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.canvas import Figure, Sheet, drawn
from fls_research.outputs.percent_rows import PercentRows, absent

_LINE_MM = 4.3
_PAD_MM = 2.6
_BOX_MM = 50.0
_SIDE_LEFT_MM = 62.0


@drawn
def completeness(publishable: Publishable, *, label: str = "field", aim: float = 0.8) -> Figure:
    """How complete each field is, the most complete first: a dot each, hollow where it falls short of ``aim``.

    Takes a released table with a ``proportion`` for each ``label``, such as the share of records with an answer.

    Raises :class:`DisclosureError` when the table was not released or lacks a column.
    """
    rows = _with_columns(publishable, (label, "proportion")).sort_values(
        "proportion", ascending=False, kind="stable", na_position="last"
    )
    chart = PercentRows(rows[label].astype(str).tolist(), row_mm=6.2, top_mm=8, widest_mm=70)
    chart.axes.axvline(aim * 100, color=style.MID_GREY, linewidth=1.2, linestyle=(0, (4, 2)), zorder=1)
    chart.headings().text(chart.width * aim, 2, text.percent(aim), ha="center", va="bottom")
    for place, row in enumerate(rows.to_dict(orient="records")):
        if text.is_missing(row["proportion"]):
            chart.axes.text(1, place, absent(row), va="center_baseline")
            continue
        value = row["proportion"] * 100
        fill = style.BLUE if row["proportion"] >= aim else "white"
        chart.axes.plot([0, value], [place] * 2, color=style.LIGHT_GREY, linewidth=1.4, zorder=2)
        chart.axes.plot(value, place, "o", ms=6.5, mfc=fill, mec=style.BLUE, mew=1.5, zorder=3, clip_on=False)
        chart.write_at_end(place, text.percent(row["proportion"]))
    return chart.sheet.finished(f"completeness of {len(rows)} fields", [publishable])


@drawn
def flow(publishable: Publishable, *, count: str = "rows", names: Mapping[str, str] | None = None) -> Figure:
    """What became of every row: boxes from the rows read to the rows analysed, with what was taken out on the way.

    Takes released counts with the labels ``step`` and ``label`` and the column ``count``, in the order of the flow: the
    first step and the last are one row each; every step between lists its reasons (those of 0 rows are left out) with
    their sum. ``names`` gives the steps between their headings.

    Raises :class:`DisclosureError` when the table was not released or lacks a column.
    """
    rows = _with_columns(publishable, ("step", "label", count))
    steps = list(dict.fromkeys(rows["step"]))
    between = [
        _side_box(rows.loc[rows["step"] == step], count, dict(names or {}).get(step, step)) for step in steps[1:-1]
    ]
    first, last = rows.iloc[0], rows.iloc[-1]
    probe = Sheet(50)
    room = probe.width - _SIDE_LEFT_MM - 2 * _PAD_MM - 1
    wrapped = [
        [(probe.wrapped(words, room - 20, bold=place == 0), number) for place, (words, number) in enumerate(box)]
        for box in between
    ]
    heights = [sum(len(lines) for lines, _ in box) * _LINE_MM + 2 * _PAD_MM for box in wrapped]
    main = 2 * _LINE_MM + 2 * _PAD_MM
    sheet = Sheet(2 * main + sum(heights) + 6 * (len(heights) + 1) + 8)
    y = sheet.height - 1
    y = _main_box(sheet, y, first["label"], _number(first, count))
    top_of_arrow = y
    for box, height in zip(wrapped, heights, strict=True):
        y -= 6
        _draw_side_box(sheet, y, height, box)
        _line(sheet, (_BOX_MM / 2 + 1, y - height / 2), (_SIDE_LEFT_MM, y - height / 2))
        y -= height
    _line(sheet, (_BOX_MM / 2 + 1, top_of_arrow), (_BOX_MM / 2 + 1, y - 6))
    _main_box(sheet, y - 6, last["label"], _number(last, count))
    return sheet.finished(f"flow of rows in {len(steps)} steps", [publishable])


def _with_columns(publishable: Publishable, needed: Sequence[str]) -> pd.DataFrame:
    rows = verify(publishable).frame
    for name in needed:
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    return rows.reset_index(drop=True)


def _side_box(rows: pd.DataFrame, count: str, heading: str) -> list[tuple[str, str]]:
    """The lines of a box: heading and sum, then each reason with its number; no sum where a part is held back."""
    told = rows.loc[rows[count].isna() | (rows[count] > 0)]
    whole = text.SUPPRESSED if rows[count].isna().any() else text.count(rows[count].sum())
    return [
        (heading[:1].upper() + heading[1:], whole),
        *((str(row["label"]), _number(row, count)) for _, row in told.iterrows()),
    ]


def _number(row: pd.Series, count: str) -> str:
    return absent(row) if text.is_missing(row[count]) else text.count(row[count])


def _main_box(sheet: Sheet, top: float, words: str, number: str) -> float:
    height = 2 * _LINE_MM + 2 * _PAD_MM
    _box(sheet, 1, top - height, _BOX_MM, height, fill=style.BLUE)
    middle = 1 + _BOX_MM / 2
    sheet.write(middle, top - _PAD_MM - _LINE_MM / 2, words, ha="center", va="center", color="white")
    sheet.write(
        middle, top - _PAD_MM - 1.5 * _LINE_MM, number, ha="center", va="center", color="white", fontweight="bold"
    )
    return top - height


def _draw_side_box(sheet: Sheet, top: float, height: float, box: list[tuple[list[str], str]]) -> None:
    _box(sheet, _SIDE_LEFT_MM, top - height, sheet.width - _SIDE_LEFT_MM - 1, height, fill="white")
    y = top - _PAD_MM - _LINE_MM / 2
    for place, (lines, number) in enumerate(box):
        weight = "bold" if place == 0 else "normal"
        sheet.write(sheet.width - 1 - _PAD_MM, y, number, ha="right", va="center_baseline", fontweight=weight)
        for line in lines:
            sheet.write(_SIDE_LEFT_MM + _PAD_MM, y, line, va="center_baseline", fontweight=weight)
            y -= _LINE_MM


def _box(sheet: Sheet, left: float, bottom: float, width: float, height: float, *, fill: str) -> None:
    size = (sheet.width, sheet.height)
    corner = (left / size[0], bottom / size[1])
    patch = Rectangle(corner, width / size[0], height / size[1], facecolor=fill, edgecolor=style.BLUE, linewidth=1.0)
    patch.set_transform(sheet.drawing.transFigure)
    sheet.drawing.add_artist(patch)


def _line(sheet: Sheet, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow in millimetres."""
    axes = sheet.axes(0, 0, sheet.width, sheet.height)
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(0, sheet.height)
    axes.set_axis_off()
    axes.patch.set_alpha(0)
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": style.BLUE, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0},
    )
