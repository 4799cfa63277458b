"""A percentage beside its counts is recomputed; what only looks like one is left alone."""

import pytest

from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.percentages import wrong_percentages


def found(text):
    return list(wrong_percentages(Document("a.txt", (Passage(text, ((0, "line 1"),)),))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("35 out of 77 (44%) services were below half.", "45%"),
        ("35/77 (44 %) of FLSs", "45%"),
        ("35 of the 77 services in 2024 (44%)", "45%"),
        ("35 of 77 services = no, 35/77 = 44%", "45%"),
        ("44% (35/77) of services", "45%"),
        ("44% (35 out of 77 services) were", "45%"),
        ("44 per cent (n = 35 of 77)", "45%"),
        ("35 (44%) of 77 services", "45%"),
        ("35 services (44%) of the 77", "45%"),
        ("Of the 77 services, 35 (44%) were below half.", "45%"),
        ("44% of the 77 services (35)", "45%"),
        ("five of 20 services (20%)", "25%"),
        ("12,941 of 65,843 patients (20.0%)", "19.7%"),
        ("1/66 (1.6%)", "1.5%"),
        ("20/60, 25%", "33%"),
        ("3 in 5 services (50%)", "60%"),
        ("Three in five services (50%) did.", "60%"),
        ("1 234 of 5 000 patients (20%)", "25%"),
        ("25 out of 69 in 2023 (37%)", "36%"),
        ("1/8 (12%)", "13%"),  # a half goes up
        ("18 of the 52 fields (34% of the dataset)", "35%"),
        ("35 of 77 services [44%]", "45%"),
    ],
)
def test_a_wrong_percentage_is_found_with_the_right_one(text, expected):
    (one,) = found(text)
    assert one.rule == "percentage" and one.expected.startswith(expected + " (")
    assert "rounded half up" in one.expected and one.place == "line 1"


@pytest.mark.parametrize(
    "text",
    [
        "12/69 (17 %) and 11/69 (16 %) and 9/66 (14 %) and 1/66 (1.5 %)",
        "91% (59/65) of services used them",
        "25% (19 out of 77) FLSs and 31 out of 77 (40%) FLSs, compared to 25 out of 69 in 2023 (36%).",
        "18 of the 52 fields (35% of the dataset)",
        "10 of the 11 KPIs (KPI 1 is not shown)",
        "1/8 (13%) or 12.5% (1/8)",
        "23 FLSs have no meetings; five only have annual ones.",
        "telephone (n=20), post (n=16) and 50% of them",
        "every 2–6 months, 24/7 (100%) cover, in 2023/24 (12%) it fell",
        "35 of 77 (95% CI 34% to 57%)",
        "31 of 77 (80% or more) services",
        "31 of 77 (36% in 2023)",
        "31 of 77 services (over 50%)",
        "So many services above 80% (11 of 69) are many; at least 50 % (35/77), >90% (2 of 77).",
        "12 of 69 services improved, and the national value was higher (50%).",
        "ISBN 978-1-86016-882-6, Tel: +44 (0)20 3075 1511 (50%)",
        "On 12/03/2024 (50%) and 0 of 0 (0%)",
        "35 of 77 services. Another thing (12%).",
        "3.5 of 77 (44%)",
    ],
)
def test_a_near_miss_is_no_finding(text):
    assert found(text) == []


def test_each_wrong_percentage_of_a_sentence_is_found_once():
    assert [one.stands for one in found("35/77 (44%), 19/77 (25%) and 31/77 (41%).")] == ["35/77 (44%)", "31/77 (41%)"]


def test_the_line_of_the_slip_is_named_inside_a_paragraph():
    passage = Passage("First line and 35 of 77 (44%).", ((0, "line 4"), (11, "line 5")))
    assert next(wrong_percentages(Document("a.txt", (passage,)))).place == "line 5"


@pytest.mark.parametrize(
    "text",
    [
        "20/60, 33%.",
        "Read on 31/12, 25%.",
        "In 12/69, 80% of the patients were seen.",
        "One in three (32%) and 1 in 10 (12%) did.",
        "KPI 4 in 12 services (70%).",
        "In 2022 100 of 200 services (50%).",
        "KPI 2 345 of 690 (50%).",
        "83 500 of 167 000 (50%)",
    ],
)
def test_round_speech_days_and_spaced_thousands_are_read_as_they_are_meant(text):
    assert found(text) == []
