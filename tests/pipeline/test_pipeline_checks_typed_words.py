"""Results typed as words, and counts that look like years, are told from how one speaks of levels and of time."""

import pytest

from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.typed import marked, typed_numbers


def found(text):
    document = Document("a.qmd", (Passage(marked(text), ((0, "a.qmd, line 1"),)),))
    return [one.stands.split("'")[1] for one in typed_numbers(document, 2024)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("We saw 2024 patients.", "2024"),
        ("Some 2000 patients did.", "2000"),
        ("They came from 1999 records.", "1999"),
        ("Sixty-nine per cent were assessed.", "Sixty-nine"),
        ("Some sixty nine percent were.", "sixty nine"),
        ("It rose by five percentage points.", "five"),
        ("Two thirds of patients were.", "Two thirds"),
        ("A third of the services did.", "A third"),
        ("Five of the services did.", "Five"),
        ("Seventy-seven services took part.", "Seventy-seven"),
    ],
)
def test_a_typed_result_is_found(text, number):
    assert found(text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "In 2024 patients waited.",
        "In January 2026 services were told.",
        "The 2024 records were read.",
        "Between 2023 and 2024 services changed.",
        "From 1 January to 31 December 2024 patients came.",
        "In 2009 hospitals had none.",
        "Half of all patients had been assessed.",
        "It lost fewer than one in ten patients.",
        "The most deprived fifth of areas.",
        "Two services share a site, and one of the services has none.",
        "At least eighty per cent of patients.",
        "Five of them, and three of the eleven KPIs.",
    ],
)
def test_levels_groups_years_and_small_numbers_may_stand(text):
    assert found(text) == []


def test_a_mark_allows_a_number_in_words():
    assert found("Two thirds of patients. <!-- typed two thirds: the rule of the method, no result -->") == []
