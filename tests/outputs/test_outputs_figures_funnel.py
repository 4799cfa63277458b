"""Funnels: the place told by name and shape, the others nameless, its standing in words, legible at any value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis.funnels import FUNNEL_COUNTS, FUNNEL_ESTIMATES, FUNNEL_LABELS, LIMIT_NUMBERS, funnels
from fls_research.disclosure import Publishable, release_estimates, release_reference
from fls_research.errors import DisclosureError
from fls_research.outputs import figures

LONG_NAME = "Mid and South Somewhere and Elsewhere University Hospitals NHS Foundation Trust"


def services(
    values: Mapping[str, float], *, patients: int = 400, kpis: Sequence[str] = ("kpi4", "kpi8")
) -> pd.DataFrame:
    """Forty services about a half; those that are named have their own proportion."""
    codes = [f"S{place:02}" for place in range(40)]
    spread = np.linspace(0.35, 0.65, 40)
    sizes = 400 + 10 * np.arange(40)
    return pd.concat(
        pd.DataFrame(
            {"data_year": 2024, "kpi": kpi, "version": f"{kpi}.2016", "dimension": "service", "group": codes,
             "numerator": [round(values.get(code, p) * n) for code, p, n in zip(codes, spread, sizes, strict=True)],
             "denominator": sizes.astype(float)}
        )
        for kpi in kpis
    )  # fmt: skip


def released(counts: pd.DataFrame, own: Mapping[str, str]) -> tuple[Publishable, Publishable]:
    found = funnels(counts, own=own)
    positions = release_estimates(
        found.positions, estimate_columns=FUNNEL_ESTIMATES, count_columns=FUNNEL_COUNTS, labels=FUNNEL_LABELS,
        policy="hes", level="below national", complements=["kpi"], synthetic=True,
    )  # fmt: skip
    return positions, release_reference(found.limits, numbers=LIMIT_NUMBERS)


def told(board) -> str:
    return " ".join(held.words for held in board.written)


ONE = {"S07": "City"}


@pytest.mark.parametrize(
    ("values", "own"),
    [
        ({}, ONE),
        ({"S07": 0.0}, ONE),
        ({"S07": 1.0}, {"S07": LONG_NAME}),
        ({"S07": 0.005}, {"S07": LONG_NAME}),
        ({}, {}),
        ({}, {f"S{place:02}": LONG_NAME for place in range(9)}),
        ({f"S{place:02}": 0.02 for place in range(5)}, {f"S{place:02}": LONG_NAME for place in range(9)}),
    ],
    ids=["within", "nobody", "everybody", "held back", "not there", "several", "several outside"],
)
@pytest.mark.parametrize("kpis", [("kpi4",), ("kpi4", "kpi5", "kpi6", "kpi7", "kpi8")])
def test_funnels_are_legible_whatever_the_values(values, own, kpis, boards, legible) -> None:
    figures.funnels(*released(services(values, kpis=kpis), own))
    legible(boards[-1])


def test_the_standing_of_the_place_is_told_in_words(boards) -> None:
    figures.funnels(*released(services({}, kpis=["kpi4"]), ONE))
    assert "40%, within the expected range, z=" in told(boards[-1])
    figures.funnels(*released(services({"S07": 0.05}, kpis=["kpi4"]), ONE))
    assert "5%, lower than expected (alarm), z=" in told(boards[-1])
    figures.funnels(*released(services({"S07": 0.005}, kpis=["kpi4"]), ONE))
    assert "[c] held back because the number is small" in told(boards[-1])


def test_a_place_outside_has_another_mark_and_a_key_for_it(boards) -> None:
    figures.funnels(*released(services({"S07": 0.05}), ONE))
    assert "the same, outside a limit" in told(boards[-1])
    figures.funnels(*released(services({}), ONE))
    assert "the same, outside a limit" not in told(boards[-1])


def test_no_other_service_is_named(boards) -> None:
    figures.funnels(*released(services({}), ONE))
    assert "City" in told(boards[-1])
    assert "S0" not in told(boards[-1])


def test_of_several_services_those_outside_are_counted_and_named_where_there_is_room(boards) -> None:
    few = {f"S{place:02}": f"Service {place}" for place in range(9)}
    figures.funnels(*released(services({"S00": 0.05, "S01": 0.05}, kpis=["kpi4"]), few))
    assert "2 of 9 services outside the expected range: Service 0 lower (alarm); Service 1" in told(boards[-1])
    long = {code: LONG_NAME for code in few}
    figures.funnels(*released(services({"S00": 0.05, "S01": 0.05}, kpis=["kpi4"]), long))
    assert "2 of 9 services outside the expected range " in told(boards[-1])
    assert "University" not in told(boards[-1])
    middle = {f"S{place:02}": f"Service {place}" for place in range(16, 25)}
    figures.funnels(*released(services({}, kpis=["kpi4"]), middle))
    assert "All 9 services shown are within the expected range" in told(boards[-1])


def test_a_bare_frame_is_refused() -> None:
    positions, limits = released(services({}), ONE)
    with pytest.raises(DisclosureError, match="is not released"):
        figures.funnels(positions.frame, limits)


def test_where_no_kpi_has_a_funnel_a_sentence_says_so(boards) -> None:
    positions, limits = released(services({}), ONE)
    figures.funnels(positions, release_reference(limits.frame.iloc[:0], numbers=LIMIT_NUMBERS))
    assert "No KPI has a funnel" in told(boards[-1])
