"""The door to the models: dtypes, reference levels, patterns, and refusals that name the column."""

import numpy as np
import pandas as pd
import pytest

from fls_research.stats import design
from fls_research.stats.regression import logistic
from fls_research.stats.results import StatsError

ROWS = pd.DataFrame(
    {
        "met": [True, False, True, True, False, False, True, False],
        "sex": ["f", "f", "m", "m", "f", "m", "f", "m"],
        "age": [60, 70, 60, 80, 60, 70, 70, 80],
        "site": list("aabbaabb"),
    }
)


@pytest.mark.parametrize(
    "dtype", ["bool", "boolean", "int64", "Int64", "float64", "Float64", "bool[pyarrow]", "int64[pyarrow]", "object"]
)
def test_outcome_of_any_dtype_gives_one_model_with_one_sign(dtype):
    rows = ROWS.assign(met=ROWS["met"].astype(dtype))
    fit = logistic(design.build(rows, outcome="met", categorical={"sex": "f"}))
    plain = logistic(design.build(ROWS.assign(met=[1.0, 0, 1, 1, 0, 0, 1, 0]), outcome="met", categorical={"sex": "f"}))
    assert fit.coefficients.tolist() == plain.coefficients.tolist()


@pytest.mark.parametrize("dtype", ["int64", "Int16", "Int64", "double[pyarrow]"])
def test_number_of_any_dtype(dtype):
    made = design.build(ROWS.assign(age=ROWS["age"].astype(dtype)), outcome="met", numeric=["age"])
    assert made.matrix.dtype == np.float64 and set(made.matrix[:, 1]) == {60, 70, 80}


@pytest.mark.parametrize("dtype", ["object", "string", "category", "string[pyarrow]"])
def test_category_of_any_dtype_has_the_reference_that_is_named(dtype):
    made = design.build(ROWS.assign(sex=ROWS["sex"].astype(dtype)), outcome="met", categorical={"sex": "m"})
    assert made.names == ("(intercept)", "sex[f]")


def test_ordered_category_keeps_its_order_after_the_reference():
    quintile = pd.Categorical([3, 1, 2, 1, 2, 3, 3, 1], categories=[3, 2, 1, 9])
    made = design.build(ROWS.assign(imd=quintile), outcome="met", categorical={"imd": 1})
    assert made.names == ("(intercept)", "imd[3]", "imd[2]")


def test_patterns_hold_all_patients_and_never_span_two_clusters():
    made = design.build(ROWS, outcome="met", categorical={"sex": "f"}, cluster="site")
    assert len(made.weights) == 4 and made.n == 8 and made.events == 4
    assert [made.cluster_labels[code] for code in made.cluster] == ["a", "b", "a", "b"]


def test_counted_groups_and_single_rows_give_one_design():
    counted = ROWS.groupby(["sex", "age"], as_index=False).agg(met=("met", "mean"), n=("met", "size"))
    one = design.build(counted, outcome="met", numeric=["age"], categorical={"sex": "f"}, weights="n")
    other = design.build(ROWS, outcome="met", numeric=["age"], categorical={"sex": "f"})
    np.testing.assert_array_equal(one.matrix, other.matrix)
    np.testing.assert_array_equal(one.weights, other.weights)
    np.testing.assert_allclose(one.outcome, other.outcome)


def test_interaction_is_the_product_of_columns():
    made = design.build(ROWS, outcome="met", numeric=["age"], categorical={"sex": "f"}, interactions=[("age", "sex")])
    place = {name: made.matrix[:, i] for i, name in enumerate(made.names)}
    np.testing.assert_array_equal(place["age:sex[m]"], place["age"] * place["sex[m]"])


def test_input_is_untouched():
    before = ROWS.copy(deep=True)
    design.build(ROWS, outcome="met", categorical={"sex": "f"}, cluster="site")
    pd.testing.assert_frame_equal(ROWS, before)


def test_complete_cases_count_what_is_missing_in_each_column():
    kept, missing = design.complete_cases(ROWS.assign(age=[None, 1, 2, 3, 4, 5, 6, 7]), ["age", "sex"])
    assert len(kept) == 7 and missing.to_dict() == {"age": 1, "sex": 0}
    with pytest.raises(StatsError, match="no row has a value in all of age, sex; the emptiest is age"):
        design.complete_cases(ROWS.assign(age=None), ["age", "sex"])


@pytest.mark.parametrize(
    ("change", "arguments", "word"),
    [
        ({}, {"numeric": ["bmi"]}, "no column 'bmi'"),
        ({"age": [None, 1, 2, 3, 4, 5, 6, 7]}, {"numeric": ["age"]}, "age: 1 of 8 are missing"),
        ({"sex": [None, *"fmfmfmf"]}, {"categorical": {"sex": "f"}}, "sex: 1 of 8 are missing"),
        ({"met": [None, 1, 0, 1, 0, 1, 0, 1]}, {"numeric": ["age"]}, "met: 1 of 8 are missing"),
        ({"met": [2, 1, 0, 1, 0, 1, 0, 1]}, {"numeric": ["age"]}, "met must be true or false"),
        ({"site": [None, *"abababa"]}, {"cluster": "site"}, "site: 1 of 8 are missing"),
        ({"sex": ["f"] * 8}, {"categorical": {"sex": "f"}}, "sex holds one level only"),
        ({}, {"categorical": {"sex": "x"}}, "sex: no row holds the reference 'x'"),
        ({}, {"numeric": ["sex"]}, "sex must hold numbers"),
        ({"age": pd.Categorical(ROWS["age"])}, {"numeric": ["age"]}, "age is categorical"),
        ({"age": pd.Timestamp("2024-01-01")}, {"numeric": ["age"]}, "age holds dates or durations"),
        ({"age": 60}, {"numeric": ["age"]}, "age has one value only"),
        ({"twice": ROWS["age"] * 2}, {"numeric": ["age", "twice"]}, "twice is a sum"),
        ({"n": 0}, {"numeric": ["age"], "weights": "n"}, "n: every weight is zero"),
        ({"n": -1}, {"numeric": ["age"], "weights": "n"}, "n must not be negative"),
        ({}, {"numeric": ["age"], "categorical": {"age": 60}}, "age is listed twice"),
        ({}, {"numeric": ["age"], "interactions": [("age", "sex")]}, "sex is part of an interaction"),
        ({"age": [np.inf, 1, 2, 3, 4, 5, 6, 7]}, {"numeric": ["age"]}, "age must be finite"),
    ],
)
def test_refusals_name_the_column(change, arguments, word):
    with pytest.raises(StatsError, match=word):
        design.build(ROWS.assign(**change), outcome="met", **arguments)


def test_no_rows_are_refused():
    with pytest.raises(StatsError, match="no rows"):
        design.build(ROWS.head(0), outcome="met", numeric=["age"])


def test_level_that_the_model_does_not_know_is_refused_when_it_is_used():
    how = design.coding(ROWS, numeric=[], categorical={"sex": "f"}, intercept=True)
    with pytest.raises(StatsError, match="sex holds a level that is not among f, m"):
        how.matrix(pd.DataFrame({"sex": ["x"]}))


def test_a_column_of_text_and_numbers_is_refused_by_name():
    frame = pd.DataFrame({"met": [1, 0, 1], "sex": ["f", 1, "m"]})
    with pytest.raises(StatsError, match=r"^sex mixes text and numbers"):
        design.build(frame, outcome="met", categorical={"sex": "m"})


@pytest.mark.parametrize("twice", ["met", "age", "site"])
def test_a_column_that_stands_there_twice_is_refused_by_name(twice):
    frame = pd.DataFrame({"met": [1, 0, 1], "age": [60, 70, 80], "site": ["a", "b", "a"]})
    frame = pd.concat([frame, frame[[twice]]], axis=1)
    with pytest.raises(StatsError, match=f"^{twice} stands in the frame more than once"):
        design.build(frame, outcome="met", numeric=["age"], cluster="site")
