"""Plain counts, and tables that count nobody."""

from __future__ import annotations

import pandas as pd
import pytest

from fls_research.disclosure import release_counts, release_reference
from fls_research.errors import DisclosureError

FLOW = pd.DataFrame({"step": ["read", "under 50", "no service", "kept"], "rows": [996, 4, 52, 940]})
HOW = {"count_columns": ["rows"], "labels": ["step"], "total": {"step": "read"}}


def test_a_national_flow_is_exact_under_hes() -> None:
    shown = release_counts(FLOW, **HOW, policy="hes", level="national").frame
    assert shown["rows"].tolist() == [996, 4, 52, 940]
    assert shown["status"].eq("shown").all()


def test_a_small_step_takes_the_next_smallest_with_it() -> None:
    shown = release_counts(FLOW, **HOW, policy="hes", level="below national").frame
    assert shown["status"].tolist() == ["shown", "suppressed", "suppressed", "shown"]
    assert shown["rows"].fillna(-1).tolist() == [995, -1, -1, 940]


def test_totals_are_added_up_from_the_shown_parts_where_the_policy_says_so() -> None:
    flow = pd.DataFrame({"step": ["read", "a", "b", "c"], "rows": [62 + 53 + 104, 62, 53, 104]})
    shown = release_counts(flow, **HOW, policy="opensafely", level="national").frame
    assert shown["rows"].tolist() == [60 + 55 + 105, 60, 55, 105]


def test_a_total_with_no_shown_part_is_rounded_itself() -> None:
    flow = pd.DataFrame({"step": ["read", "a", "b"], "rows": [11, 5, 6]})
    shown = release_counts(flow, **HOW, policy="opensafely", level="national").frame
    assert shown["rows"].fillna(-1).tolist() == [10, -1, -1]


def test_several_counts_are_hidden_together() -> None:
    rows = pd.DataFrame({"site": ["hip", "spine", "wrist"], "records": [30, 40, 50], "deaths": [3, 20, 30]})
    shown = release_counts(
        rows, count_columns=["records", "deaths"], labels=["site"], policy="hes", level="below national"
    ).frame
    assert shown["records"].fillna(-1).tolist() == [-1, -1, 50]
    assert shown["deaths"].fillna(-1).tolist() == [-1, -1, 30]


def test_sets_are_protected_one_by_one_and_both_ways() -> None:
    rows = pd.DataFrame({"unit": ["A", "A", "B", "B"], "month": ["1", "2"] * 2, "records": [3, 40, 50, 60]})
    how = {"count_columns": ["records"], "labels": ["unit", "month"], "policy": "hes", "level": "below national"}
    within_unit = release_counts(rows, **how, complements=["unit"]).frame["status"]
    both_ways = release_counts(rows, **how, complements=["unit", "month"]).frame["status"]
    assert within_unit.tolist() == ["suppressed", "suppressed", "shown", "shown"]
    assert both_ways.eq("suppressed").all()


def test_an_undeclared_number_is_refused() -> None:
    with pytest.raises(DisclosureError, match="'extra' holds numbers"):
        release_counts(FLOW.assign(extra=1), **HOW, policy="hes", level="national")


def test_places_are_not_national() -> None:
    with pytest.raises(DisclosureError, match="below national"):
        release_counts(FLOW.assign(service="RAA"), **HOW, policy="hes", level="national")


def test_definitions_are_released_as_they_are() -> None:
    table = pd.DataFrame({"kpi": ["kpi4"], "title": ["Assessed within 90 days"], "target": [0.8]})
    released = release_reference(table, numbers=["target"], synthetic=True)
    pd.testing.assert_frame_equal(released.frame, table, check_dtype=False)
    assert released.release.synthetic


@pytest.mark.parametrize("column", [[3], [3.5], ["12"], ["1,204"], ["45%"], [" 7 "], pd.Categorical([4])], ids=str)
def test_numbers_of_any_kind_must_be_named(column: object) -> None:
    frame = pd.DataFrame({"share": column})
    with pytest.raises(DisclosureError, match="'share' holds numbers"):
        release_reference(frame)
    assert release_reference(frame, numbers=["share"]).release.rows == 1


@pytest.mark.parametrize("name", ["numerator", "denominator", "records", "patients", "n"])
def test_counts_of_patients_are_no_reference_even_when_named(name: str) -> None:
    with pytest.raises(DisclosureError, match="counts patients"):
        release_reference(pd.DataFrame({name: [40]}), numbers=[name])
