"""Charts of services: how many stand at each level, and how far apart they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.canvas import Figure, drawn
from fls_research.outputs.labels import swarm
from fls_research.outputs.percent_rows import PercentRows, absent

_DOT_MM = 1.15


@drawn
def services_by_colour(publishable: Publishable) -> Figure:
    """The services at green, amber and red for each KPI: a bar in parts, each with its number of services.

    Takes a released table of ``kpi``, ``title``, ``Green``, ``Amber``, ``Red`` (numbers of services). The parts are
    told by their words and numbers, and by lightness; a number too wide for its part stands to the right of the bar.

    Raises :class:`DisclosureError` when the table was not released or lacks a column.
    """
    rows = _sorted(publishable, ("kpi", "title", *style.LEVELS))
    chart = PercentRows(
        [f"{text.kpi_name(row.kpi)} {row.title}" for row in rows.itertuples()], row_mm=9.5, top_mm=8, right_mm=32
    )
    chart.axes.grid(visible=False)
    chart.axes.set_xticks([])
    _levels_key(chart)
    for place, row in enumerate(rows.to_dict(orient="records")):
        _stack(chart, place, {level: row[level] for level in style.LEVELS}, row)
    return chart.sheet.finished(f"services by level for {len(rows)} KPIs", [publishable])


@drawn
def services_spread(publishable: Publishable) -> Figure:
    """Every service's percentage as a dot, a strip for each KPI, with the middle service marked.

    Takes released counts of one year with the rows of ``service`` and the label ``title``. A value above 100% stands at
    100% as a triangle; services that are suppressed, or without a value, have no dot and are told in words.

    Raises :class:`DisclosureError` when the table was not released or lacks a column.
    """
    rows = _sorted(publishable, ("kpi", "title", "dimension", "proportion"))
    rows = rows.loc[rows["dimension"] == "service"]
    titles = rows.groupby("kpi", sort=False)["title"].first()
    chart = PercentRows([f"{text.kpi_name(kpi)} {title}" for kpi, title in titles.items()], row_mm=13, top_mm=8)
    head = chart.headings()
    head.plot(1.2, 4, "o", ms=3.4, color=style.BLUE, alpha=0.75, mew=0)
    head.text(3.2, 4, "one service", va="center_baseline")
    head.plot([28, 28], [1.8, 6.2], color=style.ORANGE, linewidth=2.6)
    head.text(30, 4, "middle service (median)", va="center_baseline")
    for place, (_, of_kpi) in enumerate(rows.groupby("kpi", sort=False)):
        _strip(chart, place, of_kpi["proportion"].dropna().to_numpy() * 100)
    return chart.sheet.finished(f"spread of services for {len(titles)} KPIs", [publishable])


def _sorted(publishable: Publishable, needed: tuple[str, ...]) -> pd.DataFrame:
    rows = verify(publishable).frame
    for name in needed:
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    return rows.sort_values("kpi", key=lambda ids: ids.map(text.kpi_number), kind="stable").reset_index(drop=True)


def _levels_key(chart: PercentRows) -> None:
    axes = chart.headings()
    axes.text(0, 4.2, "Services at", va="center_baseline")
    x = chart.sheet.width_of("Services at") + 5
    for level, (fill, edge, _) in style.LEVELS.items():
        axes.plot(x, 4.2, "s", ms=8, mfc=fill, mec=edge)
        axes.text(x + 3, 4.2, level, va="center_baseline")
        x += chart.sheet.width_of(level) + 10


def _stack(chart: PercentRows, place: int, numbers: Mapping[str, float], row: Mapping) -> None:
    if any(text.is_missing(number) for number in numbers.values()) or sum(numbers.values()) == 0:
        chart.axes.text(1, place, absent(row), va="center")
        return
    start, whole, too_narrow = 0.0, sum(numbers.values()), []
    gap = chart.percent_of(0.7)
    for level, number in numbers.items():
        fill, edge, ink = style.LEVELS[level]
        share = number / whole * 100
        if number == 0:
            continue
        length = max(share - gap, gap)
        chart.axes.barh(place, length, left=start, height=0.66, facecolor=fill, edgecolor=edge, linewidth=0.8)
        if chart.sheet.width_of(text.count(number), bold=True) + 1.8 <= share / 100 * chart.width:
            chart.axes.text(
                start + length / 2,
                place,
                text.count(number),
                ha="center",
                va="center_baseline",
                color=ink,
                fontweight="bold",
            )
        else:
            too_narrow.append(f"{level} {text.count(number)}")
        start += share
    chart.axes.text(101.5, place, ", ".join(too_narrow), va="center_baseline")


def _strip(chart: PercentRows, place: int, percentages: np.ndarray) -> None:
    axes: Axes = chart.axes
    if len(percentages) == 0:
        axes.text(1, place, text.NOT_AVAILABLE, va="center")
        return
    drawn_at = np.minimum(percentages, 100)
    sideways = swarm(drawn_at, bin_width=chart.percent_of(_DOT_MM), step=_DOT_MM / chart.row_mm, most=0.40)
    above = percentages > 100
    look = {"color": style.BLUE, "alpha": 0.75, "clip_on": False, "linestyle": "none", "mew": 0, "zorder": 3}
    axes.plot(drawn_at[~above], place + sideways[~above], marker="o", ms=3.4, **look)
    axes.plot(drawn_at[above], place + sideways[above], marker=">", ms=4.5, **look)
    middle = float(np.median(percentages))
    axes.plot([min(middle, 100)] * 2, [place - 0.40, place + 0.40], color=style.ORANGE, linewidth=2.6, zorder=4)
    chart.write_at_end(place, text.percent(middle / 100), fontweight="bold")
