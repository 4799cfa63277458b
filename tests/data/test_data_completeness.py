"""Filled answers are counted by service and field, and the counts add up."""

import pytest

from fls_research.data.completeness import FIELDS_COUNTED


@pytest.fixture
def cohort(cohort_of):
    return cohort_of(
        {"3.01 DXA": "Don't know", "3.03 DateofDXA": ""},
        {"Unit code": "010", "3.03 DateofDXA": "01/01/2024"},  # before the fracture: blanked
        {"Unit code": "010", "1.09 Date Index Frac Diagnosed": "01/05/2023"},
    )


def test_filled_answers_by_service(cohort):
    counts = cohort.completeness(2024).set_index(["service_code", "field"])[["numerator", "denominator"]]
    assert counts.loc[("NO", "dxa")].tolist() == [1, 2]
    assert counts.loc[("NO", "dxa_date")].tolist() == [1, 2]
    assert counts.loc[("010", "dxa_date")].tolist() == [0, 1]
    assert counts.loc[("010", "sex")].tolist() == [1, 1]
    assert counts.loc[("NO", "vision")].tolist() == [0, 2]


def test_every_field_of_every_service_is_there_once(cohort):
    counts = cohort.completeness(2024)
    assert len(counts) == 2 * len(FIELDS_COUNTED)
    assert not counts.duplicated(["service_code", "field"]).any()


def test_the_nation_is_the_sum_of_its_services(cohort):
    national = cohort.national_completeness(2024).set_index("field")
    assert national.loc["dxa_date", ["numerator", "denominator"]].tolist() == [1, 3]
    assert national.index.tolist() == list(FIELDS_COUNTED)
    assert national.loc["dxa_date", "number"] == "3.03" and national.loc["age", "number"] == ""


def test_keys_and_the_date_of_death_are_not_counted():
    assert not {"record_id", "service_code", "marker", "death_date"} & set(FIELDS_COUNTED)
