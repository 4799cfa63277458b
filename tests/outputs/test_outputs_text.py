"""Numbers in words: rounded half up, with the true minus, and never a direction that the numbers deny."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fls_research.outputs import text


@pytest.mark.parametrize(
    ("proportion", "decimals", "written"),
    [
        (0.5, 0, "50%"), (0.685, 0, "69%"), (0.445, 0, "45%"), (0.125, 0, "13%"), (0.285, 0, "29%"),
        (0.0005, 1, "0.1%"),
        (0.6912, 1, "69.1%"), (0.99995, 1, "100.0%"), (1.063, 0, "106%"), (0.0, 0, "0%"), (35 / 77, 1, "45.5%"),
    ],
)  # fmt: skip
def test_percent(proportion: float, decimals: int, written: str) -> None:
    assert text.percent(proportion, decimals) == written


@pytest.mark.parametrize("value", [None, math.nan, pd.NA])
@pytest.mark.parametrize("write", [text.percent, text.count, text.decimal, text.colour])
def test_a_missing_number_is_not_available(write, value) -> None:
    assert write(value) == "[x]"


@pytest.mark.parametrize(
    ("value", "written"), [(0, "0"), (999.5, "1,000"), (83_500, "83,500"), (1_234_567, "1,234,567"), (-1200, "−1,200")]
)
def test_count(value: float, written: str) -> None:
    assert text.count(value) == written


@pytest.mark.parametrize(
    ("now", "before", "signed", "words"),
    [
        (0.69, 0.65, "+4", "up 4 points"),
        (0.57, 0.59, "−2", "down 2 points"),
        (0.58, 0.57, "+1", "up 1 point"),
        (0.5, 0.5, "0", "unchanged"),
        (0.504, 0.5, "0", "unchanged"),
        (0.496, 0.5, "0", "unchanged"),
        (0.505, 0.5, "+1", "up 1 point"),
        (None, 0.5, "[x]", "not comparable"),
        (0.5, math.nan, "[x]", "not comparable"),
    ],
)
def test_change(now, before, signed: str, words: str) -> None:
    assert (text.points(now, before), text.change(now, before)) == (signed, words)


@pytest.mark.parametrize(
    ("now", "before", "verb"),
    [
        (0.69, 0.65, "rose"), (0.57, 0.59, "fell"), (0.504, 0.5, "hardly changed"), (0.505, 0.5, "rose"),
        (None, 1, "cannot be compared"),
    ],
)  # fmt: skip
def test_direction(now, before, verb: str) -> None:
    assert text.direction(now, before) == verb


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_words_and_sign_never_disagree(now: int, before: int) -> None:
    words, signed = text.change(now / 1000, before / 1000), text.points(now / 1000, before / 1000)
    assert words.startswith({"+": "up", "−": "down", "0": "unchanged"}[signed[0]])


@given(st.integers(0, 10_000))
def test_rounding_is_half_up_on_the_printed_decimals(parts: int) -> None:
    assert text.percent(parts / 10_000) == f"{(parts + 50) // 100}%"


def test_interval() -> None:
    assert text.interval(0.6812, 0.6971) == "68 to 70"
    assert text.interval(0.6812, 0.6971, 1) == "68.1 to 69.7"
    assert text.interval(None, 0.7) == "[x]"


def test_a_colour_is_a_shape_and_a_word() -> None:
    assert [text.colour(name) for name in ("Green", "Amber", "Red", "")] == ["▲ Green", "● Amber", "▼ Red", "[x]"]


def test_kpis_are_named_and_sorted_by_number() -> None:
    ids = ["kpi10", "kpi9-treated", "kpi2", "kpi9"]
    assert [text.kpi_name(kpi) for kpi in sorted(ids, key=text.kpi_number)] == [
        "KPI 2", "KPI 9", "KPI 9 (treated)", "KPI 10"
    ]  # fmt: skip
    assert text.kpi_name("records") == "records"
