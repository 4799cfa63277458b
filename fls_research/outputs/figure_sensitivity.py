"""The chart of a sensitivity analysis: what each measure comes to under every rule it could be counted by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.canvas import HALO, Figure, drawn
from fls_research.outputs.percent_rows import PercentRows, absent, aim_mark

_LINE_MM = 5.0
_LOOKS: Mapping[str, Mapping[str, object]] = {
    "headline": {"marker": "o", "ms": 8, "color": style.BLUE},
    "complete-cases": {"marker": "o", "ms": 6.5, "mfc": "white", "mec": style.BLUE, "mew": 1.5},
    "best-case": {"marker": "|", "ms": 11, "color": style.DARK_GREY, "mew": 2.2},
    "deaths": {"marker": "x", "ms": 6, "color": style.DARK_GREY, "mew": 1.6},
    "refusals-out": {"marker": "+", "ms": 8, "color": style.MAROON, "mew": 1.8},
    "empty-out": {"marker": "s", "ms": 5.5, "mfc": "white", "mec": style.TURQUOISE, "mew": 1.5},
    "imputed": {"marker": "D", "ms": 5.5, "color": style.ORANGE},
}
"""How each rule is marked, by shape as well as by colour."""


@drawn
def ranges(counts: Publishable, *, names: Mapping[str, str], imputed: Publishable | None = None) -> Figure:
    """Each measure under every rule: a line from the lowest to the highest value, a mark a rule, the headline in full.

    Takes released counts of one year with the labels ``title`` and ``rule``; where they have ``number`` and ``target``,
    the KPI's number stands before its title and its aim is marked. ``names`` maps rules to the words of the key, in
    its order. ``imputed`` are released estimates with ``title``, ``rule``, ``estimate``, ``lower``, ``upper``: each a
    mark with its interval as a thin line.

    Raises :class:`DisclosureError` when a table was not released, lacks a column, or a rule has no mark.
    """
    rows = _rows(counts, ("title", "rule", "proportion"))
    more = _rows(imputed, ("title", "rule", "estimate", "lower", "upper")) if imputed is not None else rows.iloc[:0]
    for rule in names:
        if rule not in _LOOKS:
            raise DisclosureError(f"The figure has no mark for the rule '{rule}'; {did_you_mean(rule, _LOOKS)}.")
    titles = list(dict.fromkeys(rows["title"]))
    numbers = rows.drop_duplicates("title").set_index("title")["number"] if "number" in rows else {}
    labels = [f"KPI {int(numbers[title])} {title}" if title in numbers else title for title in titles]
    key = _key_lines(names)
    chart = PercentRows(labels, row_mm=10, top_mm=len(key) * _LINE_MM + 3)
    _write_key(chart, key, names)
    for place, title in enumerate(titles):
        _range(chart, place, rows.loc[rows["title"] == title], more.loc[more["title"] == title], names)
    used = [table for table in (counts, imputed) if table is not None]
    return chart.sheet.finished(f"{len(titles)} measures under {len(names)} rules", used)


def _rows(publishable: Publishable, needed: Sequence[str]) -> pd.DataFrame:
    rows = verify(publishable).frame
    for name in needed:
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    return rows


def _range(chart: PercentRows, place: int, rows: pd.DataFrame, more: pd.DataFrame, names: Mapping[str, str]) -> None:
    values = {row["rule"]: row["proportion"] for row in rows.to_dict(orient="records") if row["rule"] in names}
    values |= {row["rule"]: row["estimate"] for row in more.to_dict(orient="records") if row["rule"] in names}
    known = {rule: value * 100 for rule, value in values.items() if not text.is_missing(value)}
    if "headline" not in known:
        chart.axes.text(1, place, absent(rows.iloc[0] if len(rows) else {}), va="center")
        return
    low, high = min(known.values()), max(known.values())
    chart.axes.plot([low, high], [place] * 2, color=style.LIGHT_GREY, linewidth=3.5, zorder=2, solid_capstyle="butt")
    for row in more.to_dict(orient="records"):
        if row["rule"] in known:
            ends = [row["lower"] * 100, row["upper"] * 100]
            chart.axes.plot(ends, [place + 0.24] * 2, color=style.ORANGE, linewidth=1.3, zorder=2)
    for rule, value in known.items():
        lift = 0.24 if rule == "imputed" else 0.0
        on_top = 5 if rule == "headline" else 4
        chart.axes.plot(value, place + lift, linestyle="none", clip_on=False, zorder=on_top, **_LOOKS[rule])
    target = rows["target"].iloc[0] if "target" in rows else None
    if not text.is_missing(target):
        aim_mark(chart.axes, float(target) * 100, place - 0.36)
    _ends_in_words(chart, place, low, high, known["headline"])


def _ends_in_words(chart: PercentRows, place: int, low: float, high: float, headline: float) -> None:
    away = chart.percent_of(2.6)
    told = {"va": "center_baseline", "path_effects": HALO, "zorder": 6}
    words = text.percent(headline / 100)
    wide = chart.percent_of(chart.sheet.width_of(words, bold=True))
    if low - away - wide >= 0:
        chart.axes.text(low - away, place, words, ha="right", color=style.BLUE, fontweight="bold", **told)
    else:
        chart.axes.text(headline, place - 0.34, words, ha="center", color=style.BLUE, fontweight="bold", **told)
    chart.axes.text(high + away, place, text.percent(high / 100), ha="left", color=style.MID_GREY, **told)


def _key_lines(names: Mapping[str, str]) -> list[list[str]]:
    rules = list(names)
    return [rules[start : start + 3] for start in range(0, len(rules), 3)]


def _write_key(chart: PercentRows, key: Sequence[Sequence[str]], names: Mapping[str, str]) -> None:
    sheet = chart.sheet
    columns = [max((sheet.width_of(names[line[c]]) for line in key if c < len(line)), default=0) + 9 for c in range(3)]
    axes = sheet.axes(0, chart.top, sheet.width, sheet.height - chart.top)
    axes.set_xlim(0, sheet.width)
    axes.set_ylim(0, sheet.height - chart.top)
    axes.set_axis_off()
    for down, line in enumerate(key):
        y = sheet.height - chart.top - (down + 0.6) * _LINE_MM
        for across, rule in enumerate(line):
            x = 2.5 + sum(columns[:across])
            axes.plot(x, y, linestyle="none", **_LOOKS[rule])
            axes.text(x + 3, y, names[rule], va="center_baseline")
