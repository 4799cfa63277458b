"""The engine: additive, blind to row order, bounded, and true to the records it is given."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fls_research.data.schema import BY_NAME
from fls_research.errors import FieldError, ParamsError, UsageError
from fls_research.kpi.definitions import RECORDS, record_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.records import Patients, Status
from fls_research.kpi.tally import KEYS, NUMBERS

OF_PATIENTS = list(dict.fromkeys(record.id for record in RECORDS if isinstance(record.measure, Patients)))
BY = ["national", "service", "sex", "imd_quintile", "month", ("service", "age_band")]
CODED = (
    "sex",
    "fracture_site",
    "dxa",
    "risk",
    "prior_fracture",
    "therapy",
    "falls_assessment",
    "falls_referral",
    "follow_up_16",
    "therapy_16",
    "strength_balance_16",
    "therapy_52",
)
DATED = ("assessment_date", "dxa_date", "follow_up_16_date", "death_date")
FIRST_DAY = np.datetime64("2022-12-01")


def _maybe_date(days):
    return None if days is None else str(FIRST_DAY + np.timedelta64(days, "D"))


one_record = st.fixed_dictionaries(
    {
        "service_code": st.sampled_from(["A", "B", "C"]),
        "index_date": st.integers(0, 700).map(_maybe_date),
        "age": st.sampled_from([50, 74, 75, 76, 90]),
        "t_score": st.sampled_from([None, -2.5, -1.5, 0.0]),
        "imd_quintile": st.sampled_from([None, 1, 5]),
        **{column: st.sampled_from(BY_NAME[column].permitted()) for column in CODED},
        **{column: st.none() | st.integers(0, 1100).map(_maybe_date) for column in DATED},
    }
)
cohorts = st.lists(one_record, min_size=1, max_size=12)
YEARS = [2023, 2024]


def counted(fractures: pd.DataFrame) -> pd.DataFrame:
    return evaluate(fractures, None, years=YEARS, by=BY, kpis=OF_PATIENTS)


@given(one=cohorts, other=cohorts)
@settings(max_examples=20, deadline=None)
def test_the_counts_of_two_halves_add_up_to_those_of_the_whole(one, other, fractures_of):
    halves = pd.concat([counted(fractures_of(*one)), counted(fractures_of(*other))])
    added = halves.groupby([*KEYS])[[*NUMBERS]].sum().sort_index()
    whole = counted(fractures_of(*one, *other)).set_index([*KEYS])[[*NUMBERS]].sort_index()
    pd.testing.assert_frame_equal(added, whole)


@given(rows=cohorts, seed=st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_row_order_is_irrelevant(rows, seed, fractures_of):
    fractures = fractures_of(*rows)
    shuffled = fractures.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(counted(fractures), counted(shuffled))


@given(rows=cohorts)
@settings(max_examples=20, deadline=None)
def test_counts_are_bounded_and_lose_nobody(rows, fractures_of):
    fractures = fractures_of(*rows)
    counts = counted(fractures)
    assert (counts["numerator"] >= 0).all()
    assert (counts["numerator"] + counts["unknown"] <= counts["denominator"]).all()
    national = counts[counts["dimension"] == "national"]
    held = national["data_year"] - national["kpi"].str.startswith("kpi11").astype(int)
    in_year = held.map(fractures["data_year"].value_counts())
    assert (national["denominator"] + national["not_eligible"] == in_year).all()


@given(rows=cohorts)
@settings(max_examples=15, deadline=None)
def test_every_dimension_adds_up_to_the_national_counts(rows, fractures_of):
    counts = counted(fractures_of(*rows))
    totals = counts.groupby(["data_year", "kpi", "dimension"])[[*NUMBERS]].sum()
    spread = totals.groupby(["data_year", "kpi"]).agg(["min", "max"])
    for number in NUMBERS:
        assert (spread[number]["min"] == spread[number]["max"]).all()


def test_the_input_is_left_alone(fractures_of, caseload_of):
    fractures, caseload = fractures_of({"therapy": "drug"}), caseload_of({"service_code": "OLD"})
    before = fractures.copy(), caseload.copy()
    evaluate(fractures, caseload, years=[2024], by=["national"])
    pd.testing.assert_frame_equal(fractures, before[0])
    pd.testing.assert_frame_equal(caseload, before[1])


def test_kpi_11_speaks_of_the_year_after_the_fracture(fractures_of):
    fractures = fractures_of({"index_date": "2023-05-01", "therapy": "drug", "therapy_52": "drug"})
    counts = evaluate(fractures, None, years=[2023, 2024, 2025], by=["national", "month"], kpis=["kpi11"])
    assert counts[["data_year", "dimension", "group", "numerator"]].values.tolist() == [
        [2024, "national", "all", 1.0],
        [2024, "month", "2023-05", 1.0],
    ]


def test_versions_change_with_the_year_inside_one_call(fractures_of, caseload_of):
    fractures = fractures_of(
        {"fracture_site": "spine", "index_date": "2021-05-01"}, {"fracture_site": "spine", "index_date": "2022-05-01"}
    )
    caseload = caseload_of({"service_code": "OLD", "data_year": 2021}, {"service_code": "OLD", "data_year": 2022})
    counts = evaluate(fractures, caseload, years=[2021, 2022], by=["national"], kpis=["kpi2"])
    assert counts[["version", "numerator", "denominator"]].values.tolist() == [
        ["kpi2.2016", 1.0, 2000.0],
        ["kpi2.2022", 0.0, 1504.0],
    ]


@pytest.mark.parametrize(
    ("as_status", "numbers"),
    [(Status.NOT_MET, [1, 3, 1, 0]), (Status.MET, [2, 3, 1, 0]), (Status.NOT_ELIGIBLE, [1, 2, 0, 1])],
)
def test_unknown_enters_the_counts_as_the_record_says(as_status, numbers, fractures_of):
    fractures = fractures_of({"therapy": "drug"}, {"therapy": "declined"}, {})
    record = record_for("kpi7", 2024).counting_unknown_as(as_status)
    counts = evaluate(fractures, None, years=[2024], by=["national"], kpis=[record])
    assert counts[[*NUMBERS]].iloc[0].tolist() == numbers


def test_a_year_without_records_gives_no_rows(fractures_of, caseload_of):
    counts = evaluate(fractures_of({}), caseload_of({"service_code": "OLD"}), years=[2020], by=["national"])
    assert counts.empty and set(KEYS) <= set(counts.columns)


def test_all_kpis_of_a_year_in_one_call(fractures_of, caseload_of):
    fractures = fractures_of({}, {"index_date": "2023-05-01"})
    caseload = caseload_of({"service_code": "OLD"}, {"service_code": "OLD", "data_year": 2023})
    counts = evaluate(fractures, caseload, years=[2024], by=["national"])
    assert set(counts["kpi"]) == {record.id for record in RECORDS if record.valid_in(2024)}


def test_services_need_a_caseload(fractures_of):
    with pytest.raises(UsageError, match="need a caseload"):
        evaluate(fractures_of({}), None, years=[2024], by=["national"])


def test_a_caseload_is_not_read_for_kpis_of_patients(fractures_of, caseload_of):
    counts = evaluate(
        fractures_of({}), caseload_of({"service_code": "ELSEWHERE"}), years=[2024], by=["sex"], kpis=["kpi4"]
    )
    assert counts["denominator"].tolist() == [1]


def test_mistakes_are_named(fractures_of):
    fractures = fractures_of({})
    with pytest.raises(ParamsError, match="did you mean 'kpi4'"):
        evaluate(fractures, None, years=[2024], by=["national"], kpis=["kpi 4"])
    with pytest.raises(UsageError, match="did you mean 'region'"):
        evaluate(fractures, None, years=[2024], by=["regions"], kpis=["kpi4"])
    with pytest.raises(FieldError, match="'assessment_date'"):
        evaluate(fractures.drop(columns="assessment_date"), None, years=[2024], by=["national"], kpis=["kpi4"])
