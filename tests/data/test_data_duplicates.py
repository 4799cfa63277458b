"""Copies, repeated keys and twins are found, and which row stays never depends on the order of the file."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fls_research.data.duplicates import find_duplicates, fingerprints


def find(rows, *, among=None):
    frame = pd.DataFrame(rows, columns=["unit", "id", "a", "b"]).astype("category")
    chosen = np.ones(len(frame), dtype=bool) if among is None else np.array(among)
    return find_duplicates(frame, service="unit", key="id", among=chosen)


def test_a_copy_is_a_row_that_repeats_every_cell():
    found = find([["A", "1", "x", "y"], ["A", "1", "x", "y"], ["A", "1", "x", "y"]])
    assert found.copies.sum() == 2 and not found.superseded.any() and not found.twins.any()


def test_of_two_rows_with_one_key_the_fuller_stays():
    found = find([["A", "1", "x", None], ["A", "1", "x", "y"], ["A", "1", None, None]])
    assert found.superseded.tolist() == [True, False, True] and not found.copies.any()


def test_the_same_key_in_another_service_is_another_record():
    found = find([["A", "1", "x", "y"], ["B", "1", "x", "z"]])
    assert not (found.copies | found.superseded | found.twins).any()


def test_rows_without_a_key_are_never_copies():
    found = find([["A", None, "x", "y"], ["A", None, "x", "y"]])
    assert not (found.copies | found.superseded).any() and found.twins.all()


def test_twins_are_marked_on_both_sides():
    found = find([["A", "1", "x", "y"], ["A", "2", "x", "y"], ["A", "3", "x", None]])
    assert found.twins.tolist() == [True, True, False]


def test_rows_that_are_not_looked_at_supersede_nothing():
    found = find([["A", "1", "x", "y"], ["A", "1", "x", None]], among=[False, True])
    assert not (found.copies | found.superseded | found.twins).any()


cells = st.sampled_from(["x", "y", None])
tables = st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(["1", "2", None]), cells, cells), max_size=12)


@settings(deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_what_stays_is_the_same_in_every_order(rows, chance):
    def kept(table):
        found = find(table)
        return sorted(
            map(str, (row for row, out in zip(table, found.copies | found.superseded, strict=True) if not out))
        )

    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert kept(rows) == kept(shuffled)


def test_fingerprints_know_which_column_a_text_stands_in():
    frame = pd.DataFrame({"a": ["x", "y", None], "b": ["y", "x", None]}, dtype="category")
    assert len(set(fingerprints(frame).tolist())) == 3


def test_without_a_key_rows_that_say_the_same_are_twins_and_nobody_is_a_copy():
    texts = pd.DataFrame({"unit": ["A", "A", "A"], "sex": ["F", "F", "M"]}, dtype="category")
    found = find_duplicates(texts, service="unit", key=None, among=np.ones(3, dtype=bool))
    assert found.twins.tolist() == [True, True, False]
    assert not found.copies.any() and not found.superseded.any()
