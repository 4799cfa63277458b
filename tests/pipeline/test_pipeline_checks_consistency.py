"""One text gives a KPI one value a year, one number of services, and the aims of the records."""

import pytest

from fls_research.pipeline.checks.consistency import no_improvement, outside_groups, two_values
from fls_research.pipeline.checks.dating import data_year, document_date
from fls_research.pipeline.checks.denominators import two_denominators
from fls_research.pipeline.checks.document import Document
from fls_research.pipeline.checks.from_markdown import markdown_passages
from fls_research.pipeline.checks.statements import statements
from fls_research.pipeline.checks.targets import wrong_targets
from fls_research.pipeline.checks.topics import mentions

TABLE = ["| KPI | | 2021 | 2022 |", "|--|--|--|--|"]


def document(*lines):
    return Document("a.md", tuple(markdown_passages(lines)))


def values(*lines, year=2022):
    return statements(document(*lines), year)


# -- two values -------------------------------------------------------------------------------------------------------


def test_a_number_set_large_and_a_table_that_disagree_are_two_values():
    lines = [
        "# 42%",
        "",
        "of FLSs had good data completeness.",
        "",
        *TABLE,
        "| KPI 1 – Data completeness | | 38% | 45% |",
    ]
    (one,) = two_values(values(*lines), "a.md")
    assert (one.rule, one.stands) == ("two-values", "45%") and "42% for KPI 1 in 2022, as at line 1" in one.expected


def test_a_cell_and_a_sentence_of_a_row_that_disagree_are_two_values():
    row = "| Those recommended bone therapy fell from 59% in 2023 to 57% in 2024. | KPI 7 | 2023 – 60% 2024 – 57% |"
    (one,) = two_values(values(row), "a.md")
    assert one.stands == "60%" and "59% for KPI 7 in 2023" in one.expected


@pytest.mark.parametrize(
    "lines",
    [
        [*TABLE, "| KPI 4 | | 65% | 69% |", "", "KPI 4 was 69% in 2022."],
        [*TABLE, "| KPI 4 | | 65% | 69% |", "", "KPI 4 was 69.3% in 2022."],  # the same at the decimals both show
        [*TABLE, "| KPI 4 | England | 64% | 66% |", "| KPI 4 | Wales | 79% | 80% |"],  # rows for groups
        ["KPIs by nation", *TABLE, "| KPI 4 | | 64% | 66% |", "", "KPI 4 was 69% in 2022."],
        ["KPI 4 was 69% in 2022.", "", "KPI 4 was 68% in 2022, restated with the newer definition."],
        ["KPI 9 was 15% in 2022.", "", "KPI 10 was 31% in 2022."],
    ],
)
def test_one_value_or_values_of_different_things_are_no_finding(lines):
    assert list(two_values(values(*lines), "a.md")) == []


# -- groups that do not fit the whole ---------------------------------------------------------------------------------

WHOLE = [*TABLE, "| KPI 9 – Monitoring | | 14% | 15% |", "| KPI 5 – DXA | | 32% | 31% |", ""]


def test_groups_on_one_side_of_the_whole_are_found():
    text = document(
        *WHOLE, "Older patients were more likely to be monitored at 16 weeks (46% vs 43% younger patients)."
    )
    (one,) = outside_groups(text, statements(text, 2022))
    assert one.rule == "outside-groups" and "15%" in one.expected and one.stands.startswith("46% vs 43%")


@pytest.mark.parametrize(
    "sentence",
    [
        "Older patients (28% vs 32% younger ones) were less likely to have a DXA.",
        "Fewer had a DXA (25% vs 33%) in the most deprived areas.",
        "More hip fractures were submitted in Wales (40% vs 27% England).",
        "Follow-up at 16 weeks of 80% was reached by 46% vs 44% of services.",
    ],
)
def test_groups_around_the_whole_or_of_something_else_are_no_finding(sentence):
    text = document(*WHOLE, sentence)
    assert list(outside_groups(text, statements(text, 2022))) == []


# -- improvement that the text's own table denies ---------------------------------------------------------------------

FLAT = [*TABLE, "| KPI 2 | | 38% | 50% |", "| KPI 6 – Falls | | 58% | 58% |", "| KPI 9 | | 14% | 15% |", ""]


def test_an_improvement_of_a_kpi_that_did_not_rise_is_found():
    text = document(*FLAT, "There was a major improvement in identification and falls assessment.")
    (one,) = no_improvement(text, statements(text, 2022))
    assert "KPI 6 58% in 2021 and 58% in 2022" in one.expected


@pytest.mark.parametrize(
    "sentence",
    [
        "There was a major improvement in identification.",
        "There was no improvement in falls assessment.",
        "There was improvement across identification with little change in falls assessment.",
        "There was improvement in falls assessment (Fig 1).",
        "We support improvement in falls assessment.",
    ],
)
def test_true_denied_or_drawn_improvements_are_no_finding(sentence):
    text = document(*FLAT, sentence)
    assert list(no_improvement(text, statements(text, 2022))) == []


# -- the number of services -------------------------------------------------------------------------------------------


def denominators(*lines, year=2022):
    return list(two_denominators(document(*lines), year))


def test_two_numbers_of_services_in_one_year_are_found_at_the_odd_one():
    lines = ["1/66 (1.5 %) of FLSs did in 2021 versus 12/69 (17 %) in 2022.", "", "9/66 of FLSs in 2021.", ""]
    (one,) = denominators(*lines, "1/69 FLSs scanned 80 % in time in 2021, with 0 FLSs in 2022.")
    assert one.stands == "'1/69'" and one.expected.startswith("66 services in 2021") and one.place == "line 5"


@pytest.mark.parametrize(
    "lines",
    [
        ["12/69 of FLSs in 2022 and 9/66 of FLSs in 2021 did."],
        ["In 2024, 35 out of 77 FLSs did, compared to 25 out of 69 in 2023 (36%)."],
        ["12/69 of FLSs did in 2022.", "", "59/65 of FLSs used them, says the 2022 facilities audit."],
        ["12/69 of FLSs did in 2022.", "", "5 of 9 services in Wales did in 2022."],
        ["12/69 of FLSs did in 2022.", "", "10 of the 11 KPIs and 18 of 52 fields are asked of services in 2022."],
        ["12/69 of FLSs did in 2022.", "", "Of those, 4 of 12 services of these did so in 2022."],
    ],
)
def test_other_years_other_sets_and_other_things_are_no_finding(lines):
    assert denominators(*lines) == []


# -- aims -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kpi"),
    [
        ("Boards should ensure that both spine and non-spine fracture identification is 80% or above.", 3),
        ("The target for KPI 4 is 90%.", 4),
        ("Services should assess at least 70% of patients within 90 days.", 4),
        ("The aim for KPI 7 is 80%.", 7),
        ("All should ensure that at least 70% have a falls assessment.", 6),
    ],
)
def test_an_aim_that_is_not_the_records_is_found(text, kpi):
    findings = list(wrong_targets(document(text), 2024))
    assert [f"KPI {kpi} " in one.expected for one in findings] == [True]


def test_exceptions_to_the_general_aim_are_those_of_the_records():
    right = "The aim is for services to achieve at least 80% (except KPI 3 and 7)."
    wrong = "The aim is for services to achieve at least 80% (except KPI 3)."
    assert list(wrong_targets(document(right), 2024)) == []
    (one,) = wrong_targets(document(wrong), 2024)
    assert "KPI 3 and 7" in one.expected


@pytest.mark.parametrize(
    "text",
    [
        "The target for KPI 4 is 80%.",
        "The aim is 80% for every KPI except KPI 3 and KPI 7.",
        "Boards should help to find at least 80% of the non-spine fractures expected, and more of the spine fractures.",
        "100% of all boards should report, focusing on delivering KPI 10.",
        "More FLSs now deliver over 80 % identification of spine fractures.",
        "The report excepts KPI 7 from the aim of 80%.",
        "KPI 3 was 38% and should rise.",
        "KPI 3 – Spine fractures: no aim; Red below 10%, Amber from 10% to below 20%, Green 20% or more",
    ],
)
def test_the_records_aims_and_sentences_without_one_are_no_finding(text):
    assert list(wrong_targets(document(text), 2024)) == []


# -- what the rules stand on ------------------------------------------------------------------------------------------


def test_kpis_are_known_by_what_they_measure():
    named = mentions(
        "assessed within 90 days, had a falls risk assessment, were followed up within 16 weeks, adherence"
    )
    assert [mention.kpis for mention in named] == [(4,), (6,), (9,), (11,)]


def test_a_text_tells_its_data_year_and_its_day():
    text = document("Annual report", "", "Data from 1 January 2022 to 31 December 2022", "", "February 2024")
    assert data_year(text) == 2022 and document_date(text).isoformat() == "2024-02-01"
    assert document_date(document("© Somebody 2023")).isoformat() == "2023-01-01"
    assert data_year(document("Nothing of the kind, 2022.")) is None


@pytest.mark.parametrize(
    ("text", "kpis"),
    [
        ("Find at least 80% of the non-spine fractures, and at least 80% of the spine fractures.", ["KPI 3"]),
        ("Find at least 80% of the spine fractures.", ["KPI 3"]),
        ("80% of the spine fractures should be found.", ["KPI 3"]),
        ("Find at least 80% of the non-spine fractures.", []),
        ("Learn from services that already find at least 80% of the spine fractures.", []),
    ],
)
def test_each_level_that_a_recommendation_demands_is_held_against_its_own_kpi(text, kpis):
    found = wrong_targets(document(text), 2024, demanded=True)
    assert [one.expected.split("for ")[1].split(" (")[0] for one in found] == kpis


def test_a_report_that_says_when_it_was_published_has_that_day():
    said = document("This is the report of the audit on 2024. It was published in January 2026 on data of June.")
    assert document_date(said).isoformat() == "2026-01-01"
    assert document_date(document("This report was published on 3 March 2026.")).isoformat() == "2026-03-03"
    assert document_date(document("NG249 replaced it. It was published in April 2025.")) is None
    assert document_date(document("The guideline, published in April 2025, replaced it.")) is None
