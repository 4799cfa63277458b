"""Words and arrows of direction are held against the values beside them."""

import pytest

from fls_research.pipeline.checks.direction import wrong_arrows, wrong_directions
from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.from_markdown import markdown_passages
from fls_research.pipeline.checks.movement import words_of_direction
from fls_research.pipeline.checks.statements import statements


def document(*lines):
    return Document("a.md", tuple(markdown_passages(lines)))


def found(text):
    return list(wrong_directions(Document("a.txt", (Passage(text, ((0, "line 1"),)),))))


@pytest.mark.parametrize(
    "text",
    [
        "The share treated increased from 59% in 2023 to 57% in 2024.",
        "It fell to 69% from 65%.",
        "It rose from 58% to 58%.",
        "Assessment improved from 69% (2023) to 65% (2024).",
        "It remained stable, from 50% to 55%.",
        "It was 57% in 2024, up from 59% in 2023.",
        "More patients were found: 50% in 2024 compared with 55% in 2023.",
        "Records fell from 77,268 to 83,500.",
        "Records rose from 83,500 in 2023 to 77,268 in 2024.",
        "Men were more likely to be adherent (24% vs 28% women).",
        "The most deprived were less likely to be treated (58% vs 52%).",
        "Fewer were monitored (46% versus 26% in England) in Wales.",
        "Older patients (32% vs 28% younger patients) were less likely to have a scan.",
        "It rose by 9 points, from 59% to 64%.",
    ],
)
def test_a_word_that_its_values_contradict_is_found(text):
    (one,) = found(text)
    assert one.rule == "direction" and one.stands and one.expected


@pytest.mark.parametrize(
    "text",
    [
        "The share treated decreased from 59% in 2023 to 57% in 2024.",
        "It was 57% in 2024, down from 59% in 2023.",
        "There was no change, from 58% to 59%.",  # within the tolerance
        "83,500 records were submitted in 2024, compared with 77,268 in 2023.",
        "Fewer were found: 50% in 2024 compared with 55% in 2023.",
        "Fewer were found in 2023: 50% in 2023 compared with 55% in 2024.",
        "Older patients (28% vs 32% others) and residents (24% vs 31% others) were less likely to have a scan.",
        "Older patients were more likely to be seen (46% vs 43% younger patients) with no difference at 52 weeks.",
        "More were treated (66% vs 55%), fewer were monitored (26% vs 46%) and started by then (19% vs 32%).",
        "Men were no more likely to be treated (50% vs 55%).",
        "The share with missing data improved from 12% to 8%.",
        "Falls assessments from 58% of services to 40% of others were read.",  # a noun, not a verb
        "More than half, from 40% to 60%, of them.",
        "Fractures dropped in people aged from 50 to 90 years.",
        "Participation increased from 2022 to 2024.",
        "It rose by 4 points, from 59% to 64%.",  # two roundings can make one
        "Reduced opening was reported. The median went from 58% to 60%.",
    ],
)
def test_a_word_that_agrees_or_speaks_of_something_else_is_no_finding(text):
    assert found(text) == []


def test_denied_words_say_nothing():
    assert words_of_direction("There was no improvement, and it did not fall.") == []


ARROW_ROWS = ["KPI 2 – non-spine fractures", "", "2024\t{} 50%", "2023\t55%"]


@pytest.mark.parametrize(("arrow", "wrong"), [("▲", 1), ("▼", 0), ("", 0)])
def test_an_arrow_is_held_against_the_row_of_the_year_before(arrow, wrong):
    text = document(*(line.format(arrow) for line in ARROW_ROWS))
    assert len(list(wrong_arrows(statements(text, None), "a.md"))) == wrong


@pytest.mark.parametrize(("arrow", "wrong"), [("▼", 1), ("▲", 0)])
def test_an_arrow_is_held_against_the_column_and_the_line(arrow, wrong):
    table = document("| KPI | 2023 | 2024 |", "|--|--|--|", f"| KPI 4 assessed | 65% | {arrow} 69% |")
    line = document(f"KPI 4: 2023 – 65%, 2024 – {arrow} 69%")
    for text in (table, line):
        assert len(list(wrong_arrows(statements(text, None), "a.md"))) == wrong
