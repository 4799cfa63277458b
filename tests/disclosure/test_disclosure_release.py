"""The gate for counts: who is hidden, what is blanked, what is rounded, and what is refused at the door."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.disclosure import release
from fls_research.errors import DisclosureError

GROUPS = {"policy": "hes", "lane": "patient_group", "level": "below national"}
NATIONAL = GROUPS | {"level": "national"}
SERVICES = GROUPS | {"lane": "service"}


def _counts(rows: list[tuple], *, dimension: str = "sex", kpi: str = "kpi4") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["group", "numerator", "denominator", "unknown", "not_eligible"][: len(rows[0])])
    return frame.assign(data_year=2024, kpi=kpi, version=f"{kpi}.2016", dimension=dimension)


def test_a_shown_row_is_rounded_and_its_proportion_comes_from_the_rounded_parts() -> None:
    shown = release(_counts([("female", 41, 83), ("male", 22, 58)]), **GROUPS).frame
    assert shown["numerator"].tolist() == [40, 20]
    assert shown["denominator"].tolist() == [85, 60]
    assert shown["proportion"].tolist() == [40 / 85, 20 / 60]


def test_the_interval_is_wilsons_on_the_released_parts() -> None:
    shown = release(_counts([("female", 41, 83)]), **GROUPS).frame.loc[0]
    # By hand for 40 of 85: centre 41.9207 / 88.8415, half-width 1.95996 × √22.1369 / 88.8415.
    assert (round(shown["lower"], 4), round(shown["upper"], 4)) == (0.3681, 0.5757)


@pytest.mark.parametrize(
    ("numerator", "denominator", "hidden"),
    [(3, 60, True), (57, 60, True), (2, 5, True), (0, 60, False), (60, 60, False), (8, 60, False), (52, 60, False)],
    ids=["few met", "few not met", "few at all", "nobody", "everybody", "eight met", "eight not met"],
)
def test_what_is_small(numerator: int, denominator: int, hidden: bool) -> None:
    shown = release(_counts([("a", numerator, denominator)]), **GROUPS).frame
    assert (shown.loc[0, "status"] == "suppressed") is hidden


def test_every_number_of_a_suppressed_row_is_blank_and_so_is_whatever_was_made_of_it() -> None:
    counts = _counts([("female", 3, 80, 20, 5), ("male", 30, 80, 20, 9), ("x", 90, 200, 30, 10)])
    counts = counts.assign(
        colour=["Red", "Red", "Red"], met=["3 of 80", "30 of 80", "90 of 200"], flag=True, target=0.8
    )
    released = release(counts, **GROUPS, labels=["target"])
    suppressed = released.frame.loc[released.frame["status"] == "suppressed"]
    assert suppressed["group"].tolist() == ["female", "male"]
    assert set(suppressed.columns[suppressed.isna().all()]) == {
        "numerator", "denominator", "unknown", "not_eligible", "proportion", "lower", "upper", "colour", "met", "flag"
    }  # fmt: skip
    assert suppressed["target"].tolist() == [0.8, 0.8]
    assert released.release.suppressed == 2


def test_national_numbers_are_exact_under_hes() -> None:
    shown = release(_counts([("female", 3, 83_461, 1, 2)]), **NATIONAL).frame.loc[0]
    assert (shown["numerator"], shown["denominator"], shown["unknown"], shown["status"]) == (3, 83_461, 1, "shown")


def test_national_numbers_are_controlled_under_the_other_policies() -> None:
    shown = release(_counts([("female", 3, 83_461)]), **NATIONAL | {"policy": "opensafely"}).frame.loc[0]
    assert shown["status"] == "suppressed"


def test_midpoint_six_hides_nothing_and_shows_only_midpoints() -> None:
    shown = release(_counts([("a", 1, 60), ("b", 0, 7)]), **GROUPS | {"policy": "midpoint6"}).frame
    assert shown["status"].eq("shown").all()
    assert shown[["numerator", "denominator"]].to_numpy().tolist() == [[3, 57], [0, 9]]


def test_zeros_and_whole_groups_are_hidden_at_threshold_ten() -> None:
    shown = release(_counts([("a", 0, 60), ("b", 70, 70), ("c", 30, 90)]), **GROUPS | {"policy": "threshold10"}).frame
    assert shown["status"].tolist()[:2] == ["suppressed", "suppressed"]


def test_whole_groups_are_told_to_whoever_checks() -> None:
    released = release(_counts([("a", 0, 60), ("b", 70, 70), ("c", 30, 90)]), **GROUPS)
    assert released.release.checks[0].endswith("2")


def test_small_unknowns_are_kept_back_for_the_whole_dimension() -> None:
    counts = _counts([("female", 50, 100, 4, 40), ("male", 50, 100, 30, 50)])
    released = release(counts, **GROUPS)
    assert released.frame["unknown"].isna().all()
    assert released.frame["not_eligible"].tolist() == [40, 50]
    assert released.frame["status"].eq("shown").all()
    assert released.release.withheld == ("unknown",)


def test_unknowns_that_would_give_away_those_known_not_to_have_met_it_are_kept_back() -> None:
    released = release(_counts([("female", 50, 100, 47, 0), ("male", 50, 100, 30, 0)]), **GROUPS)
    assert released.frame["unknown"].isna().all()


def test_a_numerator_above_its_denominator_has_a_proportion_and_no_interval() -> None:
    counts = _counts([("a", 106.0, 99.64), ("b", 50.0, 99.64)], kpi="kpi3")
    shown = release(counts, **NATIONAL).frame
    assert shown.loc[0, "proportion"] > 1
    assert np.isnan(shown.loc[0, "lower"])
    assert shown.loc[1, "lower"] < shown.loc[1, "proportion"]


def test_the_shortfall_against_an_expected_caseload_counts_nobody() -> None:
    counts = _counts([("a", 106.0, 99.64), ("b", 97.0, 99.64)], kpi="kpi3")
    assert release(counts, **GROUPS).frame["status"].eq("shown").all()


def test_a_missing_denominator_stays_missing() -> None:
    shown = release(_counts([("a", 50.0, np.nan), ("b", 60.0, 100.0)]), **GROUPS).frame
    assert np.isnan(shown.loc[0, "proportion"])
    assert shown["status"].tolist() == ["shown", "shown"]


def test_nobody_eligible_has_no_proportion() -> None:
    shown = release(_counts([("a", 0, 0)]), **GROUPS).frame.loc[0]
    assert np.isnan(shown["proportion"]) and shown["status"] == "shown"


def test_the_input_is_left_as_it_was() -> None:
    counts = _counts([("female", 3, 80), ("male", 30, 80)])
    before = counts.copy(deep=True)
    release(counts, **GROUPS)
    pd.testing.assert_frame_equal(counts, before)


def test_the_order_of_rows_does_not_change_what_is_hidden() -> None:
    counts = _counts([("a", 3, 80), ("b", 30, 80), ("c", 30, 80), ("d", 50, 90)])
    hidden = [
        set(table.loc[table["status"] == "suppressed", "group"])
        for table in (release(rows, **GROUPS).frame for rows in (counts, counts[::-1]))
    ]
    assert hidden[0] == hidden[1] == {"a", "b"}


def test_areas_are_protected_by_their_region() -> None:
    areas = _counts([("a", 30, 90), ("b", 3, 80), ("c", 50, 99), ("d", 40, 70)], dimension="area")
    areas = areas.assign(region_code=["N", "S", "N", "S"])
    hidden = (
        release(areas, **GROUPS, complements=["region_code"], labels=["region_code"]).frame["status"] == "suppressed"
    )
    assert hidden.tolist() == [False, True, False, True]


# -- the lane of services ----------------------------------------------------------------------------------------------


def test_a_service_shows_its_percentage_and_none_of_its_counts() -> None:
    released = release(_counts([("RAA", 3, 57, 1, 2), ("RBB", 60, 60, 1, 2)], dimension="service"), **SERVICES)
    assert released.frame["proportion"].tolist() == [0.053, 1.0]
    assert released.frame[["numerator", "denominator", "unknown", "not_eligible"]].isna().all(axis=None)
    assert released.release.withheld == ("numerator", "denominator", "unknown", "not_eligible")


def test_a_service_percentage_rests_on_ten_patients_at_least() -> None:
    shown = release(_counts([("RAA", 3, 9), ("RBB", 3, 10)], dimension="service"), **SERVICES).frame
    assert shown["status"].tolist() == ["suppressed", "shown"]
    assert np.isnan(shown.loc[0, "proportion"])


@pytest.mark.parametrize("dimension", ["service × sex", "sex", "area"])
def test_patient_groups_cannot_take_the_lane_of_services(dimension: str) -> None:
    counts = _counts([("RAA", 30, 90)], dimension=dimension).assign(service="RAA", sex="female")
    with pytest.raises(DisclosureError, match="whole services"):
        release(counts, **SERVICES)


# -- exemptions and refusals -------------------------------------------------------------------------------------------


def test_organisations_are_not_controlled_and_the_exemption_is_on_record() -> None:
    counts = pd.concat([_counts([("N", 3, 9), ("S", 5, 8)], dimension="region", kpi="kpi1"), _counts([("N", 3, 90)])])
    released = release(counts, **GROUPS, organisations={"kpi": ["kpi1"]})
    assert released.frame["status"].tolist() == ["shown", "shown", "suppressed"]
    assert released.frame["numerator"].tolist()[:2] == [3, 5]
    assert released.release.organisations == ("kpi=kpi1",)


def test_a_number_that_is_neither_count_nor_label_is_refused() -> None:
    with pytest.raises(DisclosureError, match="'admissions' holds numbers"):
        release(_counts([("a", 30, 90)]).assign(admissions=4), **GROUPS)


def test_earlier_proportions_are_worked_out_again() -> None:
    counts = _counts([("a", 41, 83)]).assign(proportion=41 / 83, lower=0.1, upper=0.9, status="mine")
    shown = release(counts, **GROUPS).frame.loc[0]
    assert (shown["proportion"], shown["status"]) == (40 / 85, "shown")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"policy": "none"}, "No disclosure policy"),
        ({"lane": "public"}, "No lane"),
        ({"level": "regional"}, "No level"),
        ({"labels": ["titel"]}, "no column 'titel'"),
        ({"complements": ["region_code"]}, "no column 'region_code'"),
        ({"organisations": {"measure": ["kpi1"]}}, "no column 'measure'"),
        ({"labels": ["numerator"]}, "cannot be a label"),
    ],
)
def test_a_wrong_word_is_refused(change: dict, message: str) -> None:
    with pytest.raises(DisclosureError, match=message):
        release(_counts([("a", 30, 90)]), **GROUPS | change)


def test_a_frame_without_counts_is_refused() -> None:
    with pytest.raises(DisclosureError, match="no column 'denominator'"):
        release(_counts([("a", 30, 90)]).drop(columns="denominator"), **GROUPS)


def test_rows_of_services_are_refused_as_national() -> None:
    with pytest.raises(DisclosureError, match="below national"):
        release(_counts([("RAA", 30, 90)], dimension="service"), **NATIONAL)


def test_two_rows_with_the_same_labels_are_refused() -> None:
    with pytest.raises(DisclosureError, match="Two rows"):
        release(_counts([("a", 30, 90), ("a", 40, 90)]), **GROUPS)


def test_a_crossing_without_the_columns_of_its_parts_is_refused() -> None:
    with pytest.raises(DisclosureError, match="no column 'service'"):
        release(_counts([("a", 30, 90)], dimension="service × sex"), **GROUPS)
