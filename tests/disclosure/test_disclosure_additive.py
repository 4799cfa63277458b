"""Which rows add up: the sets from which a reader could subtract."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.disclosure.additive import Relation, counts_relations, plain_relations
from fls_research.errors import DisclosureError


def _counts(rows: list[tuple], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns).assign(data_year=2024, kpi="kpi4", version="v")


def test_groups_add_up_within_a_year_and_a_kpi_only() -> None:
    counts = pd.DataFrame(
        {
            "data_year": [2023, 2023, 2024, 2024],
            "kpi": "kpi4",
            "version": "v",
            "dimension": "sex",
            "group": ["f", "m"] * 2,
        }
    )
    assert counts_relations(counts) == (Relation((0, 1)), Relation((2, 3)))


def test_a_crossing_adds_up_both_ways_to_the_rows_of_its_parts() -> None:
    rows = [("service", s, s, None) for s in "AB"] + [("sex", x, None, x) for x in "fm"]
    rows += [("service × sex", f"{s} {x}", s, x) for s in "AB" for x in "fm"]
    counts = _counts(rows, ["dimension", "group", "service", "sex"])
    found = set(counts_relations(counts))
    assert {Relation((4, 6), total=2), Relation((5, 7), total=3)} < found  # services within each sex
    assert {Relation((4, 5), total=0), Relation((6, 7), total=1)} < found  # sexes within each service
    assert {Relation((0, 1)), Relation((2, 3))} < found
    assert len(found) == 6


def test_areas_add_up_to_their_region() -> None:
    rows = [("region", "N", None), ("region", "S", None), ("area", "a", "N"), ("area", "b", "N"), ("area", "c", "S")]
    counts = _counts(rows, ["dimension", "group", "region_code"])
    found = counts_relations(counts, complements=["region_code"])
    assert Relation((2, 3), total=0) in found
    assert Relation((4,), total=1) in found


def test_the_services_of_a_region_add_up_to_it_within_each_sex() -> None:
    rows = [("region × sex", f"N {x}", None, x, "N", None) for x in "fm"]
    rows += [("service × sex", f"{s} {x}", s, x, None, "N" if s in "AB" else "S") for s in "ABC" for x in "fm"]
    counts = _counts(rows, ["dimension", "group", "service", "sex", "region", "region_code"])
    found = set(counts_relations(counts, complements=["region_code"]))
    assert {Relation((2, 4), total=0), Relation((3, 5), total=1), Relation((6,)), Relation((7,))} < found


def test_a_three_way_crossing_adds_up_to_the_two_way_ones() -> None:
    rows = [("a × b", "x", 1, 1, None), ("a × b × c", "y", 1, 1, 1), ("a × b × c", "z", 1, 1, 2)]
    found = counts_relations(_counts(rows, ["dimension", "group", "a", "b", "c"]))
    assert Relation((1, 2), total=0) in found


def test_plain_rows_with_a_total() -> None:
    rows = pd.DataFrame({"step": ["read", "a", "b"]})
    assert plain_relations(rows, is_total=np.array([True, False, False])) == (Relation((1, 2), total=0),)


def test_two_totals_of_one_set_are_refused() -> None:
    rows = pd.DataFrame({"step": ["read", "read", "b"]})
    with pytest.raises(DisclosureError, match="More than one row"):
        plain_relations(rows, is_total=np.array([True, True, False]))


def test_an_unknown_column_is_refused_with_a_hint() -> None:
    with pytest.raises(DisclosureError, match="did you mean 'region_code'"):
        plain_relations(pd.DataFrame({"region_code": ["N"]}), complements=["region_cod"])
