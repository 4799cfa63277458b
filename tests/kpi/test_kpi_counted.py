"""Counts add up: groups are brought together by name, a year that only one side has is kept, and nothing is nothing."""

from __future__ import annotations

import pickle

import pytest

from fls_research.kpi.counted import Counted, Judged
from fls_research.kpi.counting import Question, count
from fls_research.kpi.definitions import record_for
from fls_research.kpi.groups import Dimension
from fls_research.kpi.years import SERVICE

KPI7 = record_for("kpi7", 2024)
SEX = Dimension(("sex",))
MONTH = Dimension(("month",))


@pytest.fixture
def counted(fractures_of):
    def of(*rows, records=(KPI7,), asked=(SEX, MONTH)):
        return count(fractures_of(*rows), Question(records, (2023, 2024), asked))

    return of


def test_groups_of_either_side_are_kept_apart(counted):
    march = {"therapy": "drug", "sex": "female", "index_date": "2024-03-01"}
    january = {"therapy": "declined", "index_date": "2024-01-01"}
    both = counted(march) + counted(january, january)
    assert both.groups[MONTH].names().tolist() == ["2024-01", "2024-03"]
    assert both.tables[2024, KPI7][MONTH].tolist() == [[2, 0, 0, 0], [0, 1, 0, 0]]


def test_a_year_of_one_side_alone_is_kept(counted):
    both = counted({"index_date": "2023-01-01"}) + counted({})
    assert {year for year, _ in both.tables} == {2023, 2024}
    assert both.tables[2023, KPI7][SEX].sum() == both.tables[2024, KPI7][SEX].sum() == 1


def test_nothing_adds_nothing(counted):
    some = counted({})
    assert some + Counted() is some and Counted() + some is some
    assert Counted() + Counted() == Counted()


def test_neither_side_is_changed(counted):
    one, other = counted({}), counted({})
    before = one.tables[2024, KPI7][SEX].copy(), other.tables[2024, KPI7][SEX].copy()
    assert (one + other).tables[2024, KPI7][SEX].sum() == 2
    assert (one.tables[2024, KPI7][SEX] == before[0]).all() and (other.tables[2024, KPI7][SEX] == before[1]).all()


def test_services_of_a_year_are_those_with_a_record_in_it(counted):
    kpi1 = record_for("kpi1", 2024)
    of_services = counted({"service_code": "A"}, {"service_code": "B", "index_date": "2023-01-01"}, records=(kpi1,))
    assert of_services.groups[SERVICE].names().tolist() == ["A", "B", "not known"]
    assert of_services.services_present(2024).tolist() == [True, False, False]
    assert of_services.by_service(2024, Judged(KPI7))[:2, 0].tolist() == [1, 0]
    assert of_services.by_service(2022, None) is None


def test_counts_travel_between_processes(counted):
    here = counted({})
    there = pickle.loads(pickle.dumps(here))
    assert (here + there).tables[2024, KPI7][SEX].sum() == 2
