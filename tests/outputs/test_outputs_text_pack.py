"""The sentences of a pack, from released tables alone."""

from __future__ import annotations

import numpy as np
import pytest
from pack_tables import (
    NATION,
    SEX,
    TWO_YEARS,
    expected,
    gaps,
    notice,
    own,
    size,
    steps,
)

from fls_research.outputs import table_pack, text_pack
from fls_research.outputs.pipe import escaped


def front(sizes, rows=TWO_YEARS, years=(2022, 2024)):
    return str(text_pack.front(sizes, rows, NATION, name="City", where="Wales", year=2024, before=2022, years=years))


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        (
            size(y2022=400, y2024=502),
            "City (Wales) sent about 500 records for patients diagnosed in 2024, more",
        ),
        (size(y2022=600, y2024=502), "fewer than in 2022 (about 600 records)."),
        (size(y2024=502), "2024; it sent none for 2022."),
        (size(y2022=3, y2024=502), "diagnosed in 2024."),
        (size(y2022=400, y2024=3), "sent a number of records too small to be shown for patients diagnosed in 2024."),
    ],
)
def test_the_first_sentence_says_how_large_a_place_is(sizes, words) -> None:
    assert words in front(sizes)


def test_a_year_of_which_nobody_has_records_is_not_held_against_a_place() -> None:
    assert "2024; this edition holds no records of 2022." in front(size(y2024=502), years=[2024])


def test_the_first_paragraph_counts_the_levels_and_what_lies_beyond_chance() -> None:
    words = front(size(y2022=400, y2024=500))
    assert "Of its 1 indicators with a value, 1 stands at green, 0 at amber and 0 at red." in words
    assert "1 lies above England and Wales and 0 below" in words


def test_a_place_of_which_nothing_can_be_shown_is_told_so() -> None:
    words = front(size(y2024=9), own((2024, "kpi4", 3, 9, "")))
    assert "None of its indicators rests on enough patients to be shown." in words


def test_a_notice_is_its_heading_and_its_sentence_with_the_numbers_in_it() -> None:
    told = text_pack.notices(notice(says="{title} ({name}) fell by {points} to {value}, from {compared}; aim {aim}."))
    assert str(told) == "To improve. Assessed (KPI 4) fell by 29 points to 40%, from 69%; aim 80%."
    assert told.markdown().startswith("**To improve.** ")


def test_a_notice_without_a_kpi_is_its_sentence_alone() -> None:
    told = text_pack.notices(notice(says="Nothing.", kpi="", title="", value=np.nan, compared=np.nan, aim=np.nan))
    assert str(told) == "To improve. Nothing."


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("kpi4", "Assessed", SEX, np.nan, np.nan, "")], "too small here for any comparison to be shown"),
        ([("kpi4", "Assessed", SEX, 0.5, 0.5, "")], "None is larger than chance would make it"),
        ([("kpi4", "Assessed", SEX, 0.4, 0.6, "lower")], "One is larger than chance would make it, "
         "so many being looked at. Men v women, Assessed: 40 v 60."),
    ],
)  # fmt: skip
def test_gaps_are_told_in_a_sentence(rows, words) -> None:
    assert words in str(text_pack.gaps_sentence(gaps(*rows)))


def test_of_many_gaps_the_three_largest_are_named() -> None:
    shares = {"kpi4": 0.5, "kpi5": 0.1, "kpi6": 0.4, "kpi7": 0.3}
    words = str(text_pack.gaps_sentence(gaps(*((k, k, SEX, share, 0.6, "lower") for k, share in shares.items()))))
    assert "4 are larger" in words
    assert words.index("kpi5") < words.index("kpi7") < words.index("kpi6") and "kpi4" not in words


@pytest.mark.parametrize(
    ("patients", "words", "short"),
    [
        (100, "about 100 were known to be. The missed opportunity is about 500 patients.", "500"),
        (0, "none was known to be. The missed opportunity is about 600 patients.", "600"),
        (700, "as many patients as the model asks for, or more, were known to be on treatment.", "0"),
        (3, "is too small to be shown.", "[c]"),
    ],
)
def test_missed_opportunity_is_never_below_zero_and_never_shows_what_is_small(patients, words, short) -> None:
    assert words in str(text_pack.missed_sentence(steps(patients), expected(1880.0)))
    assert table_pack.missed_table(steps(patients)).rows[0][-1] == short


def test_without_a_caseload_there_is_no_missed_opportunity() -> None:
    told = str(text_pack.missed_sentence(steps(100, np.nan), expected(np.nan)))
    assert "No expected caseload is registered here" in told


def test_names_cannot_break_the_page() -> None:
    told = text_pack.Prose(("a | b [x] _c_",), ("*d*",))
    assert told.markdown() == f"**{escaped('*d*')}** {escaped('a | b [x] _c_')}\n"
