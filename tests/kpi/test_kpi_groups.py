"""Dimensions and groups: in the column's own order, with ``not known`` last, and crossed by number."""

from __future__ import annotations

import pandas as pd
import pytest

from fls_research.errors import FieldError, UsageError
from fls_research.kpi.groups import DIMENSIONS, PLACES, Dimension, dimensions, group, join_groups


def test_names_and_crossings():
    asked = dimensions(["national", ("service", "sex"), "national"])
    assert [each.name for each in asked] == ["national", "service × sex"]
    assert [each.is_place for each in asked] == [True, False]
    assert Dimension(("nation", "service")).is_place


@pytest.mark.parametrize("by", [[], [()]])
def test_nothing_to_count_by(by):
    with pytest.raises(UsageError, match="at least one dimension"):
        dimensions(by)


def test_a_misspelt_dimension_is_named_with_a_hint():
    with pytest.raises(UsageError, match="did you mean 'ethnicity'"):
        dimensions([("service", "etnicity")])


def test_not_known_comes_last_whatever_its_place_among_the_categories():
    column = pd.Categorical(["male", None, "female"], categories=["not known", "male", "female"])
    found = group(pd.DataFrame({"sex": column}), Dimension(("sex",)))
    assert found.names().tolist() == ["male", "female", "not known"]
    assert found.numbers.tolist() == [0, 2, 1]


def test_groups_follow_the_order_of_the_categories():
    bands = pd.Categorical(["85 and over", "50–64"], categories=["50–64", "65–74", "75–84", "85 and over"])
    found = group(pd.DataFrame({"age_band": bands}), Dimension(("age_band",)))
    assert found.numbers.tolist() == [3, 0]


def test_a_missing_quintile_is_not_known():
    quintiles = pd.DataFrame({"imd_quintile": pd.array([5, None], dtype="Int16")})
    found = group(quintiles, Dimension(("imd_quintile",)))
    assert found.names()[found.numbers].tolist() == ["5", "not known"]


def test_months():
    dates = pd.DataFrame({"index_date": pd.to_datetime(["2024-03-31", None, "2023-12-01", "2024-03-01"])})
    found = group(dates, Dimension(("month",)))
    assert found.names()[found.numbers].tolist() == ["2024-03", "not known", "2023-12", "2024-03"]


def test_crossed_groups_are_those_that_occur(fractures_of):
    fractures = fractures_of(
        {"service_code": "B", "sex": "male"}, {"service_code": "A", "sex": "female"}, {"service_code": "B"}
    )
    found = group(fractures, Dimension(("service", "sex")))
    assert found.names().tolist() == ["A × female", "B × male", "B × not known"]
    assert found.names()[found.numbers].tolist() == ["B × male", "A × female", "B × not known"]
    assert [part.tolist() for part in found.labels] == [["A", "B", "B"], ["female", "male", "not known"]]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_reads_the_frame_of_the_contract(dimension, fractures_of):
    found = group(fractures_of({"fracture_site": "hip"}, {"age": 60}), Dimension((dimension,)))
    assert len(found.numbers) == 2 and found.numbers.max() < found.size


@pytest.mark.parametrize("dimension", [("sex",), ("service", "sex"), ("month",)])
def test_an_empty_frame_has_no_record_in_any_group(dimension, fractures_of):
    assert group(fractures_of({}).iloc[:0], Dimension(dimension)).numbers.tolist() == []


def test_a_missing_column_is_named():
    with pytest.raises(FieldError, match="'region_code'"):
        group(pd.DataFrame({"service_code": ["A"]}), Dimension(("region",)))


def joined(one, other, dimension="sex", column="sex"):
    groups, of_one, of_other = join_groups(
        *(group(pd.DataFrame({column: values}), Dimension((dimension,))) for values in (one, other))
    )
    return groups.names().tolist(), of_one.tolist(), of_other.tolist()


def test_groups_that_agree_keep_their_order():
    bands = pd.Categorical(["85 and over"], categories=["85 and over", "50–64"])
    assert joined(bands, bands) == (["85 and over", "50–64", "not known"], [0, 1, 2], [0, 1, 2])


def test_groups_that_differ_are_sorted_by_value_whichever_comes_first():
    tenth, second = pd.array([10], dtype="Int16"), pd.array([2, None], dtype="Int16")
    assert joined(tenth, second, "imd_quintile", "imd_quintile")[0] == ["2", "10", "not known"]
    assert joined(second, tenth, "imd_quintile", "imd_quintile")[0] == ["2", "10", "not known"]


def test_crossed_groups_are_joined_by_both_parts(fractures_of):
    crossing = Dimension(("service", "sex"))
    one = group(fractures_of({"service_code": "B", "sex": "male"}, {"service_code": "A"}), crossing)
    other = group(fractures_of({"service_code": "A", "sex": "female"}, {"service_code": "B", "sex": "male"}), crossing)
    groups, of_one, of_other = join_groups(one, other)
    assert groups.names().tolist() == ["A × female", "A × not known", "B × male"]
    assert (of_one.tolist(), of_other.tolist()) == ([1, 2], [0, 2])


def test_places_are_dimensions():
    assert set(PLACES) < set(DIMENSIONS)
