"""A column keeps each text once, trimmed and repaired, and finds every row again."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fls_research.data.grid import columns_of, text_column
from fls_research.data.wording import repair

TEXTS = st.lists(st.sampled_from(["Yes", " Yes", "", "  ", "Donít know", "Don't know", "é", None]), max_size=30)


def cells(column):
    return [None if code < 0 else column.categories[code] for code in column.codes]


@settings(deadline=None)
@given(TEXTS)
def test_every_cell_is_found_again(texts):
    expected = [repair(text.strip()) or None if text else None for text in texts]
    for array in (pa.array(texts, pa.string()), pa.array(texts, pa.string()).dictionary_encode()):
        column = text_column(array)
        assert cells(column) == expected
        assert column.categories.is_unique


@pytest.mark.parametrize("chunks", [[["a", "b"], ["b", None, "c"]], [[], ["a"]], []])
def test_chunks_with_dictionaries_of_their_own_are_joined(chunks):
    kind = pa.dictionary(pa.int32(), pa.string())
    chunked = pa.chunked_array([pa.array(chunk, pa.string()).dictionary_encode() for chunk in chunks], kind)
    assert cells(text_column(chunked)) == [text for chunk in chunks for text in chunk]


def test_rows_become_columns():
    first, second = columns_of([["a", ""], ["a", "b"]], 2)
    assert cells(first) == ["a", "a"] and cells(second) == [None, "b"]
    assert [len(column) for column in columns_of([], 3)] == [0, 0, 0]
