"""Words for columns and codes: nothing that a record names is left without them."""

from __future__ import annotations

import pytest

from fls_research.data.schema import BY_NAME
from fls_research.kpi.definitions import RECORDS, data_items
from fls_research.kpi.wording import COLUMNS, either, number_words


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.version)
def test_every_item_of_a_record_has_words(record):
    assert set(data_items(record, record.first_year)) <= set(COLUMNS)


def test_every_worded_column_is_a_field_of_the_dataset_or_of_the_register():
    assert set(COLUMNS) - {"hip_fractures"} <= set(BY_NAME)


@pytest.mark.parametrize(
    ("words", "expected"), [(["hip"], "hip"), (["hip", "spine"], "hip or spine"), (["a", "b", "c"], "a, b or c")]
)
def test_either(words, expected):
    assert either(words) == expected


def test_numbers_carry_unit_and_minus_sign():
    assert (number_words(75, "age"), number_words(-1.5, "t_score")) == ("75 years", "−1.5")
