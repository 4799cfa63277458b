"""The vocabulary of rules: three truths, windows closed at both ends, and the words of each rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fls_research.data import codes
from fls_research.errors import FieldError
from fls_research.kpi.rules import (
    EVERY_RECORD,
    NOT_KNOWN,
    All,
    Any,
    AtLeast,
    AtMost,
    Known,
    MoreThan,
    Not,
    OneOf,
    Truth,
    Within,
)
from fls_research.kpi.wording import column_words

YES, NO = OneOf("answer", ("yes",)), OneOf("other", ("yes",))
ANSWERS = pd.DataFrame(
    [(a, b) for a in ("no", NOT_KNOWN, "yes") for b in ("no", NOT_KNOWN, "yes")], columns=["answer", "other"]
)


def test_not_known_is_the_same_word_as_in_the_data_room():
    assert NOT_KNOWN == codes.NOT_KNOWN


def test_and_is_kleenes():
    assert All(YES, NO).truth(ANSWERS).tolist() == [0, 0, 0, 0, 1, 1, 0, 1, 2]


def test_or_is_kleenes():
    assert Any(YES, NO).truth(ANSWERS).tolist() == [0, 1, 2, 1, 1, 2, 2, 2, 2]


def test_de_morgan():
    neither = Not(Any(YES, NO)).truth(ANSWERS)
    assert (neither == All(Not(YES), Not(NO)).truth(ANSWERS)).all()


def test_one_of_treats_a_missing_value_as_not_known_whatever_the_type():
    values = ["yes", NOT_KNOWN, None, "no"]
    for series in (pd.Series(values), pd.Series(pd.Categorical(values)), pd.Series(values, dtype="string")):
        assert YES.truth(pd.DataFrame({"answer": series})).tolist() == [2, 1, 1, 0]


def test_one_of_ignores_categories_that_no_record_holds():
    column = pd.Categorical(["no"], categories=["yes", "no", NOT_KNOWN])
    assert YES.truth(pd.DataFrame({"answer": column})).tolist() == [0]


@given(gap=st.integers(-400, 400), days=st.integers(0, 365))
def test_within_counts_both_ends_and_no_impossible_gap(gap, days):
    start = pd.Timestamp("2024-02-10")
    frame = pd.DataFrame({"a": [start], "b": [start + pd.Timedelta(days=gap)]})
    expected = Truth.UNKNOWN if gap < 0 else Truth.TRUE if gap <= days else Truth.FALSE
    assert Within("a", "b", days=days).truth(frame)[0] == expected


def test_within_looks_at_days_and_not_at_hours():
    frame = pd.DataFrame({"a": [pd.Timestamp("2024-01-01 23:00")], "b": [pd.Timestamp("2024-01-01 08:00")]})
    assert Within("a", "b", days=0).truth(frame)[0] == Truth.TRUE


def test_within_is_unknown_without_either_date():
    frame = pd.DataFrame({"a": pd.to_datetime(["2024-01-01", None]), "b": pd.to_datetime([None, "2024-01-01"])})
    assert Within("a", "b", days=9).truth(frame).tolist() == [1, 1]


def test_comparisons_at_their_bound():
    ages = pd.DataFrame({"age": pd.array([74, 75, 76, None], dtype="Int16")})
    assert AtLeast("age", 75).truth(ages).tolist() == [0, 2, 2, 1]
    assert MoreThan("age", 75).truth(ages).tolist() == [0, 0, 2, 1]
    assert AtMost("age", 75).truth(ages).tolist() == [2, 2, 0, 1]


def test_known_reads_dates_numbers_and_codes():
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2024-01-01", None]),
            "age": pd.array([70, None], dtype="Int16"),
            "dxa": pd.Categorical(["ordered", NOT_KNOWN]),
        }
    )
    for column in frame:
        assert Known(column).truth(frame).tolist() == [Truth.TRUE, Truth.FALSE]


@pytest.mark.parametrize("kind", [object, "category", "string", "string[pyarrow]"])
def test_the_words_for_no_answer_are_none_however_texts_are_kept(kind):
    answers = pd.DataFrame({"dxa": pd.Series(["ordered", "not known", None], dtype=kind)})
    assert Known("dxa").truth(answers).tolist() == [Truth.TRUE, Truth.FALSE, Truth.FALSE]


def test_a_missing_column_is_named():
    with pytest.raises(FieldError, match="'dxa_date'"):
        Within("index_date", "dxa_date", days=90).truth(pd.DataFrame({"index_date": []}))


@pytest.mark.parametrize(
    "rule",
    [
        EVERY_RECORD,
        YES,
        Known("answer"),
        Not(YES),
        All(YES, NO),
        Any(YES, Not(NO)),
        AtLeast("number", 1),
        AtMost("number", 1),
        MoreThan("number", 1),
        Within("day", "day", days=3),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_every_rule_gives_int8_truths_in_row_order_and_leaves_the_frame_alone(rule):
    frame = ANSWERS.assign(number=range(len(ANSWERS)), day=pd.Timestamp("2024-01-01"))
    frame.index = frame.index[::-1]
    before = frame.copy()
    truth = rule.truth(frame)
    assert truth.dtype == np.int8 and len(truth) == len(frame)
    assert np.isin(truth, list(Truth)).all()
    assert rule.truth(frame.iloc[:0]).tolist() == []
    assert (rule.truth(frame.iloc[::-1]) == truth[::-1]).all()
    assert set(rule.columns()) <= set(frame.columns)
    assert all(column_words(column) in rule.words() for column in rule.columns())
    pd.testing.assert_frame_equal(frame, before)


def test_words_are_bracketed_where_and_and_or_meet():
    rule = All(OneOf("dxa", ("ordered",)), Any(AtLeast("age", 75), OneOf("fracture_site", ("hip",))))
    assert rule.words() == (
        "DXA request is ordered and (age at fracture is 75 years or more or site of the first index fracture is hip)"
    )
    assert Not(AtLeast("age", 75)).words() == "it is not so that age at fracture is 75 years or more"


def test_joined_rules_are_values():
    assert All(YES, NO) == All(YES, NO) and hash(All(YES, NO)) == hash(All(YES, NO))
    assert All(YES, NO) != Any(YES, NO) and All(YES, NO) != All(NO, YES)
    assert repr(Any(YES, NO)).startswith("Any(OneOf(")
    with pytest.raises(ValueError, match="two rules"):
        All(YES)
