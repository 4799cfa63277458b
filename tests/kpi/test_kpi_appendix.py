"""The appendix of definitions says in words what the engine does, for every record of a year."""

from __future__ import annotations

import pytest

from fls_research.kpi.appendix import definitions_table, meets_it, who_counts
from fls_research.kpi.definitions import RECORDS, records_for


@pytest.mark.parametrize("year", [2017, 2021, 2022, 2024])
def test_one_row_per_record_of_the_year(year):
    table = definitions_table(year)
    assert table["version"].tolist() == [record.version for record in records_for(year)]
    assert table.drop(columns="number").map(lambda cell: isinstance(cell, str)).all(axis=None)


def test_the_headline_alone():
    assert definitions_table(2024, variants=False)["number"].tolist() == list(range(1, 12))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.version)
def test_every_record_can_be_told_in_words(record):
    words = who_counts(record) + meets_it(record)
    assert words and "_" not in words and "(" not in who_counts(record)[:1]


@pytest.mark.parametrize(
    ("kpi", "year", "column", "words"),
    [
        ("kpi1", 2024, "meets_it", "at least 80% of the KPIs"),
        ("kpi1-strict", 2024, "meets_it", "8 KPIs or more can be decided for more than 80%"),
        ("kpi1", 2021, "meets_it", "fewer than 5 of 17 fields are missing in more than 20%"),
        ("kpi1", 2024, "declined", "no part"),
        ("kpi2", 2021, "who_counts", "expected caseload: 5 × hip fractures"),
        ("kpi2", 2024, "who_counts", "80% of them, less 6% for the National Data Opt-Out"),
        ("kpi3", 2024, "colours", "Red below 10%, Amber from 10% to below 20%, Green 20% or more"),
        ("kpi3", 2024, "target", "none. The audit's own documents on 2024 data disagree"),
        ("kpi4", 2022, "standards", "NICE CG146, NICE CG161, NICE QS86, ROS FLS standard 2"),
        ("kpi4", 2024, "standards", "NICE CG146, NICE NG249, NICE QS86, ROS FLS standard 2"),
        ("kpi4", 2024, "clock", "day 0 to day 90 from the diagnosis of the fracture, until the date of FLS assessment"),
        ("kpi4", 2024, "unknown", "not met, and counted beside"),
        ("kpi4", 2024, "death", "like every other record"),
        ("kpi7", 2024, "declined", "not met"),
        ("kpi7", 2024, "colours", "Red below 50%, Green 50% or more"),
        ("kpi8", 2024, "who_counts", "is known and not hip and age at fracture is 75 years or more"),
        ("kpi8", 2024, "clock", "no date is recorded"),
        ("kpi10", 2024, "death", "not eligible"),
        ("kpi11", 2024, "who_counts", "patients first seen the year before: bone therapy recommended is a named drug"),
        ("kpi11-all-records", 2024, "who_counts", "every record of the year before"),
        ("kpi11", 2024, "items", "therapy, index_date, death_date, therapy_52"),
    ],
)
def test_cells(kpi, year, column, words):
    cell = definitions_table(year).set_index("kpi").loc[kpi, column]
    assert words in cell
