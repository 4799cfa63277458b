"""Colours by half-open cut points on unrounded values, and the number of services at each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fls_research.kpi.definitions import RECORDS, record_for
from fls_research.kpi.rag import (
    COLOURS,
    colour_if_rounded_first,
    coloured,
    rag,
    services_at_or_above,
    services_below,
    services_by_colour,
)

BELOW = np.nextafter


def counts_of(*rows, kpi="kpi4", dimension="service"):
    return pd.DataFrame(
        [
            {"data_year": 2024, "kpi": kpi, "dimension": dimension, "group": f"S{n}", "numerator": a, "denominator": b}
            for n, (a, b) in enumerate(rows)
        ]
    ).astype({"numerator": float, "denominator": float})


@pytest.mark.parametrize(
    ("kpi", "edges"),
    [
        ("kpi4", [(0.0, "Red"), (0.5, "Amber"), (0.8, "Green")]),
        ("kpi2", [(0.0, "Red"), (0.5, "Amber"), (0.8, "Green")]),
        ("kpi3", [(0.0, "Red"), (0.1, "Amber"), (0.2, "Green")]),
        ("kpi7", [(0.0, "Red"), (0.5, "Green")]),
    ],
)
def test_each_colour_holds_from_its_own_cut_point(kpi, edges):
    record = record_for(kpi, 2024)
    for (_, before), (edge, colour) in zip([(None, ""), *edges], edges, strict=False):
        assert rag(edge, record) == colour
        if before:
            assert rag(float(BELOW(edge, -1)), record) == before
    assert rag(1.06, record) == "Green"


def test_a_missing_value_has_no_colour():
    assert rag(float("nan"), record_for("kpi4", 2024)) == ""


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.version)
def test_colours_are_of_the_known_three(record):
    assert {colour.name for colour in record.colours.colours} <= set(COLOURS)
    assert record.colours.colours[0].name == "Red" and record.colours.colours[-1].name == "Green"


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_fractions_at_a_cut_point_are_not_lost_to_binary(pair):
    met, eligible = pair
    expected = "Green" if 5 * met >= 4 * eligible else "Amber" if 2 * met >= eligible else "Red"
    assert coloured(counts_of(pair))["colour"].item() == expected


def test_coloured_keeps_rows_without_a_value():
    frame = coloured(counts_of((1, 2), (0, 0)))
    assert frame["colour"].tolist() == ["Amber", ""]
    assert np.isnan(frame["proportion"].iloc[1])


def test_the_services_that_rounding_would_move():
    counts = counts_of((797, 1000), (795, 1000), (794, 1000), (499, 1000), (80, 100), (0, 0))
    moved = colour_if_rounded_first(counts)
    assert moved[["group", "colour", "colour_if_rounded"]].values.tolist() == [
        ["S0", "Amber", "Green"],
        ["S1", "Amber", "Green"],
        ["S3", "Red", "Amber"],
    ]


def test_rounding_moves_spine_by_its_own_cut_points():
    moved = colour_if_rounded_first(counts_of((197, 1000), (497, 1000), kpi="kpi3"))
    assert moved["group"].tolist() == ["S0"]


def test_only_services_are_counted():
    counts = pd.concat([counts_of((9, 10), (6, 10), (1, 10), (0, 0)), counts_of((9, 10), dimension="region")])
    by_colour = services_by_colour(counts, 2024)
    assert by_colour[["Green", "Amber", "Red", "without_value", "services"]].values.tolist() == [[1, 1, 1, 1, 3]]
    assert colour_if_rounded_first(counts_of((797, 1000), dimension="region")).empty
    assert services_by_colour(counts, 2023).empty


def test_thresholds_are_at_or_above_and_strictly_below():
    counts = counts_of((5, 10), (8, 10), (4, 10), (0, 0))
    at_or_above = services_at_or_above(counts, 2024, threshold=0.5)
    below = services_below(counts, 2024, threshold=0.5)
    assert at_or_above[["numerator", "denominator"]].values.tolist() == [[2, 3]]
    assert below[["numerator", "denominator"]].values.tolist() == [[1, 3]]


def test_published_counts_of_services_are_shares_of_those_with_a_value():
    # 35 of 77 services below half of their non-spine caseload in 2024 (line-of-sight table, recommendation 1).
    counts = counts_of(*[(40, 100)] * 35, *[(60, 100)] * 42, kpi="kpi2")
    (found,) = services_below(counts, 2024, threshold=0.5).to_dict("records")
    assert round(100 * found["numerator"] / found["denominator"], 1) == 45.5
