"""One pass counts what is asked for and reads no other column."""

from __future__ import annotations

import pytest

from fls_research.errors import FieldError
from fls_research.kpi.counted import Judged
from fls_research.kpi.counting import Question, count
from fls_research.kpi.definitions import RECORDS, judged_for_completeness, record_for
from fls_research.kpi.groups import Dimension, dimensions
from fls_research.kpi.records import FieldsMissing, Patients
from fls_research.kpi.years import SERVICE

NATIONAL = Dimension(("national",))


def test_every_column_that_is_read_is_named_and_no_other(fractures_of):
    fractures = fractures_of({}, {"index_date": "2023-05-01"})
    question = Question(RECORDS, (2023, 2024), dimensions(["national", "month", ("service", "sex")]))
    count(fractures[list(question.columns)], question)
    for column in question.columns:
        with pytest.raises(FieldError, match=f"'{column}'"):
            count(fractures.drop(columns=column), question)


def test_services_are_counted_where_a_kpi_of_services_asks():
    of_patients = Question((record_for("kpi7", 2024),), (2024,), (NATIONAL,))
    of_services = Question((record_for("kpi2", 2024),), (2024,), (NATIONAL,))
    assert of_patients.dimensions == (NATIONAL,) and not of_patients.of_services
    assert of_services.dimensions == (NATIONAL, SERVICE) and of_services.of_services
    assert of_patients.columns == ("data_year", "therapy")


def test_the_year_before_is_counted_without_a_record_of_the_year(fractures_of):
    eleventh = record_for("kpi11", 2024)
    question = Question((eleventh, record_for("kpi1", 2024)), (2024,), (NATIONAL,))
    counted = count(fractures_of({"index_date": "2023-05-01", "therapy": "drug"}), question)
    assert set(counted.tables) == {(2024, eleventh), (2024, Judged(eleventh))}


def test_two_wordings_of_kpi_1_judge_the_same_counts(fractures_of):
    both = tuple(record for record in RECORDS if record.number == 1 and record.valid_in(2024))
    assert len(both) == 2
    counted = count(fractures_of({}, {"index_date": "2023-05-01"}), Question(both, (2024,), (NATIONAL,)))
    assert {key for key in counted.tables if isinstance(key[1], Judged)} == {
        (2024, Judged(record)) for record in judged_for_completeness(2024)
    }


def test_fields_that_kpi_1_watched_are_counted_where_they_are_due(fractures_of):
    first = next(record for record in RECORDS if isinstance(record.measure, FieldsMissing))
    year = first.first_year
    counted = count(fractures_of({"index_date": f"{year}-05-01"}), Question((first,), (year,), (NATIONAL,)))
    now = [item for item in first.measure.fields if not item.years_before]
    assert {measured for _, measured in counted.tables} == {None, *now}


def test_a_part_without_a_year_that_is_asked_for_counts_nothing(fractures_of):
    patients = tuple(record for record in RECORDS if isinstance(record.measure, Patients))
    counted = count(fractures_of({"index_date": "2019-05-01"}), Question(patients, (2024,), (NATIONAL,)))
    assert not counted.tables and not counted.groups
