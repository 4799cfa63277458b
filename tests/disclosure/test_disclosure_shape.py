"""What is no table of counts is refused before any policy is asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.disclosure import shape
from fls_research.disclosure.policies import Level
from fls_research.errors import DisclosureError


@pytest.mark.parametrize(
    "heading", ["record_id", "Record ID", "NHS number", "Date of birth", "Post Code", "index_date"]
)
def test_columns_of_patient_rows_are_refused_by_name(heading: str) -> None:
    with pytest.raises(DisclosureError, match=f"'{heading}'"):
        shape.tidy(pd.DataFrame({heading: ["x"]}))


def test_dates_are_refused() -> None:
    with pytest.raises(DisclosureError, match="holds dates"):
        shape.tidy(pd.DataFrame({"when": pd.to_datetime(["2024-01-01"])}))


@pytest.mark.parametrize("cell", [[1, 2], {"a": 1}, pd.Timestamp("2024-01-01")])
def test_nested_cells_are_refused(cell: object) -> None:
    with pytest.raises(DisclosureError, match="neither text nor number"):
        shape.tidy(pd.DataFrame({"hiding": pd.Series([cell], dtype=object)}))


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(DisclosureError, match="two columns"):
        shape.tidy(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_something_else_than_a_frame_is_refused() -> None:
    with pytest.raises(DisclosureError, match="not a Series"):
        shape.tidy(pd.Series([1]))


def test_categories_become_text_and_the_input_stays_as_it_was() -> None:
    given = pd.DataFrame({"sex": pd.Categorical(["female", None])}, index=[5, 7])
    tidied = shape.tidy(given)
    assert tidied["sex"].tolist() == ["female", None]
    assert tidied.index.tolist() == [0, 1]
    assert isinstance(given["sex"].dtype, pd.CategoricalDtype)


def test_a_count_cannot_be_called_a_label() -> None:
    with pytest.raises(DisclosureError, match="cannot be a label"):
        shape.refuse_undeclared(pd.DataFrame({"records": [1]}), counts=[], labels=["records"])


def test_numbers_among_texts_are_numbers() -> None:
    assert shape.holds_numbers(pd.Series(["a", 3], dtype=object))
    assert not shape.holds_numbers(pd.Series(["a", None], dtype=object))
    assert not shape.holds_numbers(pd.Series([True, False]))


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_impossible_counts_are_refused(value: float) -> None:
    with pytest.raises(DisclosureError, match="negative or infinite"):
        shape.counts_as_floats(pd.DataFrame({"records": [value]}), ["records"])


def test_counts_that_are_text_are_refused_without_showing_them() -> None:
    with pytest.raises(DisclosureError) as caught:
        shape.counts_as_floats(pd.DataFrame({"records": ["secret"]}), ["records"])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "rows", [{"dimension": ["region"]}, {"dimension": ["sex × service"]}, {"area_code": ["QYG"]}, {"service": ["RAA"]}]
)
def test_rows_of_a_place_are_not_national(rows: dict) -> None:
    frame = pd.DataFrame(rows)
    shape.refuse_wrong_level(frame, level=Level.BELOW_NATIONAL)
    with pytest.raises(DisclosureError, match="below national"):
        shape.refuse_wrong_level(frame, level=Level.NATIONAL)
