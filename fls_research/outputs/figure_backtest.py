"""The chart of the back-test: each published percentage against the one computed, on a square."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.canvas import HALO, Figure, Sheet, drawn

_SIDE_MM = 96.0
_KINDS = {
    "national": ("England and Wales", "o", style.BLUE),
    "services": ("share of services", "D", style.ORANGE),
    "": ("a group of patients", "s", style.TURQUOISE),
}
"""Dimension to words, shape and colour; every dimension that is not named is a group of patients."""

_NEEDED = ("dimension", "unit", "published", "computed", "verdict", "title", "who")


@drawn
def published_against_computed(publishable: Publishable, *, named: str = "differs") -> Figure:
    """Every published percentage against the computed one; on the line the two agree.

    Takes a released table with ``dimension``, ``unit``, ``published`` and ``computed`` (proportions), ``verdict``,
    ``title`` and ``who``. Rows of another unit and rows without a computed value have no point. The points of the
    verdict ``named`` that lie ten points or more off the line are written out beside the square.

    Raises :class:`DisclosureError` when the table was not released or lacks a column.
    """
    rows = verify(publishable).frame
    for name in _NEEDED:
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    rows = rows.loc[(rows["unit"] == "percent") & rows["computed"].notna()]
    sheet = Sheet(_SIDE_MM + 22)
    axes = _square(sheet)
    kinds = rows["dimension"].where(rows["dimension"].isin(list(_KINDS)), "")
    for place, (kind, (words, shape, colour)) in enumerate(_KINDS.items()):
        of_kind = rows.loc[kinds == kind]
        look = {"marker": shape, "ms": 4.6, "color": colour, "alpha": 0.8, "mew": 0, "linestyle": "none"}
        axes.plot(of_kind["published"] * 100, of_kind["computed"] * 100, clip_on=False, zorder=3 + place, **look)
        y = _SIDE_MM + 8 - 6 * place
        head = sheet.axes(116, y - 2, 4, 4)
        head.set_axis_off()
        head.plot(0.5, 0.5, **look)
        sheet.write(122, y, words, va="center_baseline")
    _write_far_ones(sheet, rows.loc[rows["verdict"] == named])
    return sheet.finished(f"{len(rows)} published percentages against computed ones", [publishable])


def _square(sheet: Sheet) -> Axes:
    axes = sheet.axes(14, 12, _SIDE_MM, _SIDE_MM)
    axes.set(xlim=(0, 100), ylim=(0, 100), xlabel="published, %", ylabel="computed, %")
    axes.set_xticks(range(0, 101, 20))
    axes.set_yticks(range(0, 101, 20))
    axes.grid(visible=True)
    axes.plot([0, 100], [0, 100], color=style.MID_GREY, linewidth=1.0, zorder=1)
    axes.text(86, 88.5, "equal", rotation=45, ha="center", va="center", color=style.MID_GREY, path_effects=HALO)
    return axes


def _write_far_ones(sheet: Sheet, rows: pd.DataFrame) -> None:
    far = rows.loc[(rows["computed"] - rows["published"]).abs() >= 0.10]
    y = _SIDE_MM - 16.0
    if len(far):
        sheet.write(116, y, "Furthest from the line", fontweight="bold", va="center_baseline")
    for title, of_title in far.groupby("title", sort=False):
        told = f"{title}: {', '.join(of_title['who'])}"
        for line in sheet.wrapped(told, sheet.width - 118):
            y -= 4.6
            sheet.write(116, y, line, va="center_baseline")
        worst = of_title.loc[(of_title["computed"] - of_title["published"]).abs().idxmax()]
        y -= 4.6
        words = f"(furthest: {text.percent(worst['published'])} published, {text.percent(worst['computed'])} computed)"
        for line in sheet.wrapped(words, sheet.width - 118):
            sheet.write(116, y, line, va="center_baseline")
            y -= 4.6
