"""Run charts: gaps stay gaps, the rule's finding in words, a shift told by shape, legible whatever the values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis.monthly import SIGNAL_NUMBERS, signals
from fls_research.disclosure import Publishable, release, release_reference
from fls_research.errors import DisclosureError
from fls_research.outputs import figures

KPIS = {"kpi4": "Assessed within 90 days", "kpi8": "Strength and balance training started by 16 weeks", "kpi9": "Seen"}
CHANCE = [0.5, 0.6] * 18
STEP = [0.4, 0.5] * 12 + [0.8] * 12


def months(values: Sequence[float], *, patients: int = 100, kpis: Sequence[str] = tuple(KPIS)) -> Publishable:
    groups = [f"{year}-{month:02}" for year in (2022, 2023, 2024) for month in range(1, 13)][: len(values)]
    rows = [
        {"data_year": int(group[:4]), "kpi": kpi, "version": f"{kpi}.2022", "dimension": "month", "group": group,
         "title": KPIS[kpi], "numerator": 0 if np.isnan(value) else round(value * patients),
         "denominator": 0 if np.isnan(value) else patients}
        for kpi in kpis
        for group, value in zip(groups, values, strict=True)
    ]  # fmt: skip
    return release(
        pd.DataFrame(rows), policy="hes", lane="patient_group", level="below national", labels=["title"], synthetic=True
    )


def drawn(table: Publishable, **how):
    return figures.run_charts(table, release_reference(signals(table.frame), numbers=SIGNAL_NUMBERS), **how)


def words(board) -> list[str]:
    return [held.words for held in board.written]


@pytest.mark.parametrize(
    "table",
    [
        months(CHANCE),
        months(STEP),
        months([0.0] * 36),
        months([1.0] * 36),
        months([0.98, 1.0] * 18),
        months([0.5, np.nan, np.nan, 0.7] * 9),
        months([np.nan] * 36),
        months(CHANCE, patients=12),
        months(CHANCE[:12]),
        months(CHANCE, kpis=["kpi8"]),
    ],
    ids=["chance", "step", "nobody", "everybody", "equal", "gaps", "no records", "held back", "one year", "one KPI"],
)
@pytest.mark.parametrize("columns", [1, 2])
def test_run_charts_are_legible_whatever_the_values(table, columns, boards, legible) -> None:
    drawn(table, columns=columns)
    legible(boards[-1])


def test_a_shift_is_told_in_words_and_by_its_own_mark(boards) -> None:
    drawn(months(STEP, kpis=["kpi4"]))
    told = " ".join(words(boards[-1]))
    assert "Shift up: 13 months running above the median, Dec 2023 to Dec 2024." in told
    assert "in a shift" in told
    drawn(months(CHANCE, kpis=["kpi4"]))
    told = " ".join(words(boards[-1]))
    assert "No signal" in told
    assert "in a shift" not in told


def test_the_baseline_and_the_held_back_months_are_stated(boards) -> None:
    table = months([*CHANCE[:5], 0.03, *CHANCE[6:]], kpis=["kpi4"])
    held_back = (table.frame["status"] == "suppressed").sum()
    drawn(table)
    told = " ".join(words(boards[-1]))
    assert held_back >= 1
    assert f"By month ({held_back} held back); median of " in told
    assert "2022 to Dec 2023" in told


def test_where_nothing_can_be_shown_the_panel_says_why(boards) -> None:
    drawn(months(CHANCE, patients=12, kpis=["kpi4"]))
    assert "[c] every month is held back" in words(boards[-1])
    drawn(months([np.nan] * 36, kpis=["kpi4"]))
    assert "[x] no month has records" in words(boards[-1])


def test_a_month_that_is_not_shown_breaks_the_line() -> None:
    whole = drawn(months([0.5] * 36, kpis=["kpi4"]))
    gap = drawn(months([0.5] * 17 + [np.nan] + [0.5] * 18, kpis=["kpi4"]))
    assert whole.png != gap.png


def test_signals_of_other_months_are_refused() -> None:
    other = release_reference(signals(months(CHANCE, kpis=["kpi9"]).frame), numbers=SIGNAL_NUMBERS)
    with pytest.raises(DisclosureError, match="no row for 'kpi4'"):
        figures.run_charts(months(CHANCE, kpis=["kpi4"]), other)


def test_a_bare_frame_is_refused() -> None:
    table = months(CHANCE)
    with pytest.raises(DisclosureError, match="is not released"):
        figures.run_charts(table.frame, table)
