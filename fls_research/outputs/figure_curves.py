"""Charts of curves over days: what became of patients with time, and how groups differ, with who was at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import style, text
from fls_research.outputs.canvas import HALO, Figure, Sheet, drawn
from fls_research.outputs.labels import spread

_LEFT_MM, _RIGHT_MM = 13.0, 43.0
_PANEL_MM, _HEAD_MM, _BOTTOM_MM = 33.0, 10.5, 10.5
_PLOT_MM, _LINE_MM = 62.0, 4.6
_FADED = "#B8C4CF"
_NEEDED = ("day", "state", "proportion", "at_risk", "status")


@dataclass(frozen=True)
class Panel:
    """One panel of :func:`incidence_stacked`.

    ``label`` chooses its rows, ``title`` is its heading, ``done`` the state that rises from below, ``waiting`` that of
    those for whom no end has come, ``meanwhile`` what these are called, ``mark`` the day whose value is written.
    """

    label: str
    title: str
    done: str
    waiting: str
    mark: int
    meanwhile: str = "still waiting"


@drawn
def incidence_stacked(publishable: Publishable, *, panels: Sequence[Panel], by: str = "step") -> Figure:
    """What had become of patients by each day: the step rises from below, every other end comes down from above.

    What is left white between them is who still waits. The panels share one axis of days, so that clocks can be
    compared down the page. Takes a released curve with one group per panel; ``by`` names the label of the panels.

    Raises :class:`DisclosureError` when the table is no released curve, or a panel is not in it.
    """
    rows = _curve_rows(publishable, (by,))
    sheet = Sheet(len(panels) * (_PANEL_MM + _HEAD_MM) + _BOTTOM_MM)
    drawn_in = rows[by].isin([panel.label for panel in panels])
    states = [*rows.loc[drawn_in, "state"].unique(), *(panel.meanwhile for panel in panels)]
    beside = max(sheet.width_of(f"{words} 100%", bold=True) for words in states) + 4
    width = sheet.width - _LEFT_MM - beside
    last = int(rows["day"].max())
    for place, panel in enumerate(panels):
        y = sheet.height - (place + 1) * (_PANEL_MM + _HEAD_MM) + 2.5
        sheet.write(_LEFT_MM, y + _PANEL_MM + 2.6, panel.title, fontweight="bold", va="bottom")
        axes = sheet.axes(_LEFT_MM, y, width, _PANEL_MM)
        _days_and_percent(axes, last, with_days=place == len(panels) - 1)
        _stack(axes, _one_group(rows.loc[rows[by] == panel.label], panel.label), panel)
    sheet.write(_LEFT_MM + width / 2, 2.6, "Days since the fracture was diagnosed", ha="center", va="bottom")
    return sheet.finished(f"{len(panels)} stacked curves of cumulative incidence over {last} days", [publishable])


@drawn
def incidence_by_group(
    publishable: Publishable,
    *,
    state: str,
    names: Mapping[str, str] | None = None,
    focus: Sequence[str] = (),
    risk_days: Sequence[int] = (0, 90, 180, 365),
    mark: int | None = None,
) -> Figure:
    """One state's curve in each of several groups, with its 95% band, and below it how many were at risk.

    Takes a released curve of one step and one dimension (choose them with ``where``); the numbers below the axis are
    the released ones. Groups in ``focus`` (two at most) are drawn in colour and the others faded; with none named each
    has its colour, which four groups at most can have. ``names`` gives groups their printed names; ``mark`` is a day
    that is pointed out. A group that is held back is listed as ``[c]``; a curve that ends early was cut.

    Raises :class:`DisclosureError` when the table is no released curve, holds a group twice, or too many for colours.
    """
    rows = _curve_rows(publishable, ("group",))
    chosen = rows.loc[rows["state"] == state]
    if chosen.empty:
        raise DisclosureError(
            f"No curve of the table is of '{state}'; {did_you_mean(state, map(str, set(rows['state'])))}"
        )
    if chosen.duplicated(["group", "day"]).any():
        raise DisclosureError("Several curves have the same group: choose one step and one dimension with where().")
    groups = list(dict.fromkeys(chosen["group"]))
    colours = _colours(groups, focus)
    printed = {group: dict(names or {}).get(group, str(group)) for group in groups}
    days = [day for day in risk_days if (chosen["day"] == day).any()]
    probe = Sheet(_BOTTOM_MM)
    heading = "At risk"
    left = max(probe.width_of(words) for words in (*printed.values(), heading)) + 10
    table_mm = (len(groups) + 1) * _LINE_MM + 2
    sheet = Sheet(_PLOT_MM + table_mm + _BOTTOM_MM + 5)
    width, bottom = sheet.width - left - _RIGHT_MM, table_mm + _BOTTOM_MM
    axes = sheet.axes(left, bottom, width, _PLOT_MM)
    last = int(chosen["day"].max())
    _days_and_percent(axes, last, with_days=True)
    sheet.write(left + width / 2, bottom - 9.5, "Days since the fracture was diagnosed", ha="center", va="bottom")
    if mark is not None:
        axes.axvline(mark, color=style.MID_GREY, linewidth=1.1, linestyle=(0, (4, 2)), zorder=1)
        axes.text(mark, 100.8, f"day {mark}", ha="center", va="bottom", color=style.MID_GREY)
    ends = [_line(axes, chosen.loc[chosen["group"] == group], colours[group], group in focus) for group in groups]
    _end_labels(axes, [printed[group] for group in groups], ends, [colours[group] for group in groups], focus, groups)
    top = table_mm - 1.0
    sheet.write(1, top, heading, va="top", fontweight="bold")
    for line, group in enumerate(groups, start=1):
        y = top - line * _LINE_MM
        sheet.write(1, y, printed[group], va="top")
        at_risk = chosen.loc[chosen["group"] == group].set_index("day")["at_risk"]
        for day in days:
            sheet.write(left + width * day / last, y, _number(at_risk[day]), ha="center", va="top")
    return sheet.finished(f"curves of {len(groups)} groups over {last} days, with numbers at risk", [publishable])


def _curve_rows(publishable: Publishable, labels: Sequence[str]) -> pd.DataFrame:
    rows = verify(publishable).frame
    for name in (*_NEEDED, *labels):
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    return rows


def _one_group(rows: pd.DataFrame, label: str) -> pd.DataFrame:
    if rows.empty:
        raise DisclosureError(f"The released table has no curve '{label}'.")
    if rows.duplicated(["state", "day"]).any():
        raise DisclosureError(f"Several curves are of '{label}': choose one group with where().")
    return rows


def _days_and_percent(axes: Axes, last: int, *, with_days: bool) -> None:
    ticks = [*range(0, last - 45, 90), last]
    axes.set_xlim(0, last)
    axes.set_ylim(0, 100)
    axes.set_xticks(ticks, [str(day) for day in ticks] if with_days else [])
    axes.set_yticks([0, 50, 100], ["0", "50", "100%"])
    axes.grid(axis="y")


def _stack(axes: Axes, rows: pd.DataFrame, panel: Panel) -> None:
    curves = {state: part.sort_values("day") for state, part in rows.groupby("state", sort=False)}
    for state in (panel.done, panel.waiting):
        if state not in curves:
            raise DisclosureError(f"The curve '{panel.label}' has no state '{state}'; {did_you_mean(state, curves)}")
    others = [state for state in curves if state not in (panel.done, panel.waiting)]
    # Death at the very top, whatever else there is below it.
    others = sorted(others, key=lambda state: state != "died")
    done = curves[panel.done]
    days, known = done["day"].to_numpy(), done["proportion"].notna().to_numpy()
    if not known.any():
        axes.text(axes.get_xlim()[1] / 2, 50, text.SUPPRESSED, ha="center", va="center")
        return
    end = int(np.flatnonzero(known)[-1])
    shown = slice(0, end + 1)
    rise = done["proportion"].to_numpy()[shown] * 100
    axes.fill_between(days[shown], 0, rise, step="post", color=style.BLUE, linewidth=0, zorder=2)
    labels = [(rise[-1] / 2, f"{panel.done} {text.percent(rise[-1] / 100)}", style.BLUE, "bold")]
    ceiling = np.full(end + 1, 100.0)
    for state, colour in zip(others, (style.DARK_GREY, style.LILAC, style.LIGHT_GREY), strict=False):
        below = ceiling - curves[state]["proportion"].to_numpy()[shown] * 100
        axes.fill_between(days[shown], below, ceiling, step="post", color=colour, linewidth=0, zorder=2)
        share = text.percent((ceiling[-1] - below[-1]) / 100)
        labels.append(((ceiling[-1] + below[-1]) / 2, f"{state} {share}", _letters(colour), "normal"))
        ceiling = below
    waiting = text.percent(curves[panel.waiting]["proportion"].to_numpy()[end])
    labels.append(((ceiling[-1] + rise[-1]) / 2, f"{panel.meanwhile} {waiting}", style.MID_GREY, "normal"))
    _beside(axes, days[end], labels)
    _marked(axes, days[shown], rise, panel.mark)


def _letters(colour: str) -> str:
    """A colour that can be read as letters on white."""
    return colour if colour == style.DARK_GREY else "#6B4FA0" if colour == style.LILAC else style.MID_GREY


def _beside(axes: Axes, day: float, labels: Sequence[tuple[float, str, str, str]]) -> None:
    places = spread([height for height, *_ in labels], gap=4.2 / _PANEL_MM * 100, low=2, high=98)
    span = axes.get_xlim()[1]
    for place, (_, words, colour, weight) in zip(places, labels, strict=True):
        axes.text(day + span * 0.015, place, words, va="center_baseline", color=colour, fontweight=weight)


def _marked(axes: Axes, days: np.ndarray, rise: np.ndarray, mark: int) -> None:
    """A dot at the height of the curve on the marked day, and its value beside it."""
    reached = np.flatnonzero(days <= mark)
    if not len(reached) or mark > days[-1]:
        return
    height = rise[reached[-1]]
    axes.plot([mark, mark], [0, height], color="white", linewidth=1.2, zorder=3)
    axes.plot(mark, height, "o", ms=6, mfc="white", mec=style.BLUE, mew=1.8, zorder=4)
    words = f"{text.percent(height / 100)} by day {mark}"
    span = axes.get_xlim()[1]
    axes.text(
        mark - span * 0.02,
        min(height + 7, 88),
        words,
        ha="right",
        va="bottom",
        color=style.BLUE,
        fontweight="bold",
        path_effects=HALO,
        zorder=5,
    )


def _colours(groups: Sequence[str], focus: Sequence[str]) -> dict[str, str]:
    if len(focus) > len(style.DUO):
        raise DisclosureError("A chart of curves can bring out two groups at most.")
    for group in focus:
        if group not in groups:
            raise DisclosureError(f"No curve is of the group '{group}'; {did_you_mean(group, map(str, groups))}")
    if focus:
        bright = dict(zip(focus, (style.ORANGE, style.BLUE), strict=False))
        return {group: bright.get(group, _FADED) for group in groups}
    if len(groups) > 4:
        raise DisclosureError("More than four groups cannot be told apart by colour: name those that matter in focus=.")
    return dict(zip(groups, style.CATEGORIES, strict=False))


def _line(axes: Axes, curve: pd.DataFrame, colour: str, bright: bool) -> tuple[float, float] | None:
    """A curve with its band; the day and the height at which it ends, none where it is held back."""
    rows = curve.sort_values("day").dropna(subset="proportion")
    if rows.empty:
        return None
    days, heights = rows["day"].to_numpy(), rows["proportion"].to_numpy() * 100
    order = 4 if bright else 3
    low, high = (rows[name].fillna(rows["proportion"]).to_numpy() * 100 for name in ("lower", "upper"))
    axes.fill_between(days, low, high, step="post", color=colour, alpha=0.22, linewidth=0, zorder=order - 1)
    axes.step(days, heights, where="post", color=colour, linewidth=2.2 if bright else 1.5, zorder=order)
    return float(days[-1]), float(heights[-1])


def _end_labels(
    axes: Axes,
    names: Sequence[str],
    ends: Sequence[tuple[float, float] | None],
    colours: Sequence[str],
    focus: Sequence[str],
    groups: Sequence[str],
) -> None:
    """Each curve's name and last value beside its end, a thin line leading there where the words had to move."""
    shown = [place for place, end in enumerate(ends) if end is not None]
    if not shown:
        axes.text(axes.get_xlim()[1] / 2, 50, text.SUPPRESSED, ha="center", va="center")
        return
    span = axes.get_xlim()[1]
    heights = [ends[place][1] for place in shown]
    places = spread(heights, gap=4.4 / _PLOT_MM * 100, low=2, high=98)
    for place, height, y in zip(shown, heights, places, strict=True):
        words = f"{names[place]} {text.percent(height / 100)}"
        faded = colours[place] == _FADED
        bold = "bold" if groups[place] in focus else "normal"
        day = ends[place][0]
        axes.plot(
            [day + span * 0.005, day + span * 0.025],
            [height, y],
            color=colours[place],
            linewidth=0.9,
            clip_on=False,
            zorder=2,
        )
        letters = style.MID_GREY if faded else "#B34700" if colours[place] == style.ORANGE else colours[place]
        axes.text(day + span * 0.035, y, words, va="center_baseline", color=letters, fontweight=bold)


def _number(at_risk: float) -> str:
    return text.SUPPRESSED if text.is_missing(at_risk) else text.count(at_risk)
