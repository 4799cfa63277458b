"""Counts that describe a cohort, made from the small project of this folder."""

import pandas as pd
import pytest

from fls_research.data import describe
from fls_research.params import load_year


@pytest.fixture
def fractures():
    categories = {"sex": ["female", "male", "not known"], "dxa": ["ordered", "recommended", "not ordered", "not known"]}
    return pd.DataFrame(
        {
            "data_year": 2024,
            "service_code": ["A", "A", "B", "B"],
            "sex": pd.Categorical(["male", "female", "female", "not known"], categories=categories["sex"]),
            "dxa": pd.Categorical(["ordered", "not ordered", "ordered", "not known"], categories=categories["dxa"]),
            "dxa_date": pd.to_datetime(["2024-03-01", None, None, None]),
            "imd_quintile": pd.array([5, 1, None, 1], dtype="Int16"),
            "ethnicity": pd.Categorical(["not known"] * 4, categories=["white", "not known"]),
        }
    )


def test_groups_of_a_characteristic_add_up_to_all_records(fractures):
    counts = describe.characteristics(fractures, columns=["sex", "imd_quintile"])
    assert counts.groupby("dimension")["numerator"].sum().to_dict() == {"sex": 4, "imd_quintile": 4}
    assert set(counts["denominator"]) == {4}


def test_groups_stand_in_the_order_of_the_codes_and_not_known_last(fractures):
    counts = describe.characteristics(fractures, columns=["sex", "imd_quintile"])
    assert counts["group"].tolist() == ["female", "male", "not known", "1", "5", "not known"]


def test_a_field_is_counted_only_where_it_is_due(fractures):
    counts = describe.completeness_of_kpi_fields(fractures).set_index("group")
    assert counts.loc["dxa_date", ["numerator", "denominator"]].tolist() == [1, 2]
    assert counts.loc["sex", ["numerator", "denominator"]].tolist() == [3, 4]
    assert counts.loc["dxa_date", "due"] == "scan ordered or recommended"


def test_every_field_with_a_condition_is_in_the_dictionary_and_so_are_its_codes():
    from fls_research.data.schema import BY_NAME

    derived = {"site_group": {"hip", "spine", "other"}, "age_75": {"under 75", "75 and over"}}
    for field, (words, conditions) in describe.DUE.items():
        assert field in BY_NAME and words
        for column, wanted in conditions.items():
            permitted = derived.get(column) or set(BY_NAME[column].permitted())
            assert set(wanted) <= permitted


def test_issues_are_counted_by_rule_with_its_sentence():
    log = pd.DataFrame(
        {"rule": ["code-unknown", "dxa-before-fracture", "code-unknown"], "data_year": pd.array([2024, 2024, 2023])}
    )
    told = describe.issues_by_rule(log, load_year(2024), data_year=2024)
    assert told[["rule", "issues"]].values.tolist() == [["code-unknown", 1], ["dxa-before-fracture", 1]]
    assert told["what"].str.len().min() > 10


def test_no_issue_gives_an_empty_table():
    log = pd.DataFrame({"rule": [], "data_year": []})
    assert describe.issues_by_rule(log, load_year(2024), data_year=2024).empty
