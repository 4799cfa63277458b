"""Two values side by side are read in the forms that sentences set them in, and other pairs are left alone."""

import pytest

from fls_research.pipeline.checks.comparisons import comparisons
from fls_research.pipeline.checks.direction import wrong_directions
from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.movement import Way, denied_words


def found(text):
    return list(wrong_directions(Document("a.txt", (Passage(text, ((0, "line 1"),)),))))


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Men (30%) were more likely than women (35%).", "more likely", "35% against 30%"),
        ("Fewer patients were assessed in 2024 (69%) than in 2023 (65%).", "Fewer", "65% against 69%"),
        ("More of the most deprived (57%) than of the least deprived (59%) were treated.", "More", "59% against 57%"),
        ("It was higher in the most deprived fifth, 57%, than in the least, 59%.", "higher", "59% against 57%"),
        ("The poorest were more likely to be treated (57%) than the others (59%).", "more likely", "59% against 57%"),
        ("Fewer services reached the aim: 31 against 25.", "Fewer", "25 against 31"),
        ("Fewer services reached the aim: 31 after 25 in 2023.", "Fewer", "25 against 31"),
        ("There was no change in KPI 4 (65% to 69%).", "no change", "65% to 69%"),
        ("It remained stable at 65% in 2023 and 69% in 2024.", "stable", "65% to 69%"),
        ("KPI 6 improved: 62% in 2023 to 60% in 2024.", "improved", "62% to 60%"),
        ("KPI 6 improved: 60% in 2024 and 62% in 2023.", "improved", "62% to 60%"),
        ("From 64% in 2022, assessment fell to 69%.", "fell", "64% to 69%"),
        ("It did not change: 69% and 65% the year before.", "did not change", "65% to 69%"),
        ("There was no improvement in assessment: 69% after 65%.", "no improvement", "65% to 69%"),
        ("Assessment has not fallen (65%, after 69%).", "has not fallen", "69% to 65%"),
    ],
)
def test_a_word_is_held_against_the_two_values_beside_it(text, word, expected):
    (one,) = found(text)
    assert one.rule == "direction" and one.place == "line 1" and one.mend
    assert f"'{word}'" in one.stands and one.expected.endswith(expected)


INNOCENT = (
    "Men (35%) were more likely than women (30%) to have a scan.",
    "Fewer patients were assessed in 2023 (65%) than in 2024 (69%).",
    "No change was seen in KPI 4 (65% to 66%).",
    "It remained stable at 68% in 2023 and 69% in 2024.",
    "It remained below the aim at 65% in 2023 and 69% in 2024.",
    "It improved: 62% in 2024 and 60% in 2023.",
    "The odds did not change (95% confidence interval 52% to 57%).",
    "The share rose to 55% (52% to 58%).",
    "Services improved, but results ranged widely (20% to 80%).",
    "It was unchanged in services that remained (52% to 57%).",
    "More patients (69%) than ever were assessed (35% in 2016).",
    "Assessment (69%) was higher than treatment (57%).",
    "More women (60%), rather than men (70%), were asked.",
    "Fewer than half (48%) were treated, rather than the aim (80%).",
    "There was no significant improvement: 69% after 65%.",
    "Older people were no more likely to be treated (55%) than others (50%).",
    "In Wales more were treated (66%) and fewer monitored (26%) than in England (46%).",
    "More services took part: 77 after 69 in 2023.",
    "Reduced staffing was reported by 31 against 25 services.",
    "Fewer patients waited over 90 days (31%) than under 30 days (35%).",
    "More than a third (35%) of men and fewer than half (48%) of women had one.",
    "The share did not improve: 69% after 69% the year before.",
    "It fell from 59% in 2023 to 57% in 2024, and most among others (58% vs 52%).",
)


@pytest.mark.parametrize("text", INNOCENT)
def test_an_innocent_sentence_is_no_finding(text):
    assert found(text) == []


def test_a_denied_word_is_a_word_of_its_own():
    assert [word.way for word in denied_words("No rise, and it did not fall.")] == [Way.NO_RISE, Way.NO_FALL]
    assert denied_words("Waits showed no improvement; there was no significant rise.") == []


def test_the_first_of_two_groups_is_the_subject():
    (one,) = comparisons("Men (30%) were less likely than women (35%).")
    assert (one.earlier, one.later) == ("35%", "30%")
