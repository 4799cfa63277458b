"""The registry: eleven KPIs in every year, versions that neither overlap nor leave a hole, items that exist."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from fls_research.data.schema import BY_NAME, Need
from fls_research.errors import ParamsError
from fls_research.kpi.definitions import (
    KPI_IDS,
    RECORDS,
    SIDE_BY_SIDE,
    data_items,
    headline_for,
    record_for,
    records_for,
)
from fls_research.kpi.records import Basis, FieldsMissing, Patients
from fls_research.kpi.rules import NOT_KNOWN, All, Any, Not, OneOf, Rule, Within
from fls_research.params import FIRST_YEAR

each_record = pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.version)


@pytest.mark.parametrize("year", range(FIRST_YEAR + 1, 2027))
def test_eleven_kpis_hold_for_every_year(year):
    assert [record.number for record in headline_for(year)] == list(range(1, 12))


@pytest.mark.parametrize("kpi", KPI_IDS)
def test_versions_follow_one_another(kpi):
    versions = [record for record in RECORDS if record.id == kpi]
    assert all(earlier.last_year + 1 == later.first_year for earlier, later in pairwise(versions))
    assert versions[-1].last_year is None


def test_versions_are_unique():
    assert max(Counter(record.version for record in RECORDS).values()) == 1


@pytest.mark.parametrize(
    ("kpi", "year", "version"),
    [
        ("kpi1", 2017, "kpi1.2016"),
        ("kpi1", 2021, "kpi1.2018"),
        ("kpi1", 2022, "kpi1.2022"),
        ("kpi2", 2021, "kpi2.2016"),
        ("kpi2", 2022, "kpi2.2022"),
        ("kpi3", 2021, "kpi3.2016"),
        ("kpi3", 2024, "kpi3.2022"),
    ],
)
def test_the_wording_changes_with_the_year(kpi, year, version):
    assert record_for(kpi, year).version == version


def test_an_unknown_kpi_and_an_unworded_year_are_named():
    with pytest.raises(ParamsError, match="did you mean 'kpi10-high-risk'"):
        record_for("kpi10-highrisk", 2024)
    with pytest.raises(ParamsError, match="its first is for 2022"):
        record_for("kpi10-high-risk", 2021)


@each_record
def test_a_number_walks_back_to_fields_of_the_dataset(record):
    items = data_items(record, record.first_year)
    assert items and len(set(items)) == len(items)
    for item in items:
        assert item == "hip_fractures" or BY_NAME[item].need is not Need.REFUSED


@each_record
def test_a_record_explains_itself(record):
    assert record.source.endswith(".") and record.not_known.endswith(".")
    assert record.question.endswith("?")
    assert record.standards or record.number == 1
    assert record.valid_in(record.first_year) and not record.valid_in(record.first_year - 1)
    assert record.standards_in(2022) is not None


def test_where_the_audits_own_rule_is_not_known_the_record_says_so():
    proposed = {record.id for record in RECORDS if record.basis is Basis.PROPOSED}
    assert {"kpi1", "kpi7-broad", "kpi8", "kpi10", "kpi10-high-risk", "kpi11"} <= proposed


def leaves(rule: Rule):
    match rule:
        case All(rules=parts) | Any(rules=parts):
            for part in parts:
                yield from leaves(part)
        case Not(rule=inner):
            yield from leaves(inner)
        case _:
            yield rule


def rules_of(record):
    match record.measure:
        case Patients() as measure:
            yield from (measure.eligible, measure.met, *(left.rule for left in measure.left_out))
        case FieldsMissing(fields=fields):
            yield from (item.due for item in fields)
        case measure if hasattr(measure, "identified"):
            yield measure.identified


@each_record
def test_rules_name_codes_that_the_dataset_permits(record):
    for leaf in (leaf for rule in rules_of(record) for leaf in leaves(rule)):
        if isinstance(leaf, OneOf):
            assert set(leaf.codes) <= set(BY_NAME[leaf.column].permitted()) - {NOT_KNOWN}


@each_record
def test_the_clock_is_that_of_the_rule(record):
    if not isinstance(record.measure, Patients):
        assert record.clock is None
        return
    windows = [leaf for leaf in leaves(record.measure.met) if isinstance(leaf, Within)]
    for window in windows:
        assert (record.clock.start, record.clock.end) == (window.start, window.end)
        assert (record.clock.first_day, record.clock.last_day) == (0, window.days)
    if not windows and record.clock:
        assert record.clock.end == ""
    for left in record.measure.left_out:
        for window in (leaf for leaf in leaves(left.rule) if isinstance(leaf, Within)):
            assert window.days == record.clock.last_day


def test_targets():
    without = {record.number for record in RECORDS if record.target is None}
    assert without == {3, 7}
    assert {record.target for record in RECORDS} == {0.8, None}
    assert all(record.target_note for record in RECORDS if record.target is None)


@pytest.mark.parametrize("number", [9, 10, 11])
def test_three_denominators_stand_side_by_side(number):
    three = SIDE_BY_SIDE[number]
    assert list(three) == ["strict", "eligible-only", "all-records"]
    records = {name: record_for(kpi, 2024) for name, kpi in three.items()}
    assert {record.number for record in records.values()} == {number}
    assert len({record.measure.met for record in records.values()}) == 1
    reasons = {name: {left.reason.value for left in r.measure.left_out} for name, r in records.items()}
    assert reasons == {
        "strict": {"death", "inappropriate"},
        "eligible-only": {"death", "inappropriate", "declined"},
        "all-records": set(),
    }
    assert records_for(2024).index(records["strict"]) >= 0
