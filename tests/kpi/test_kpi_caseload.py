"""The services that count in a year: those that sent records, each with one row of the register."""

from __future__ import annotations

import numpy as np
import pytest

from fls_research.errors import ParamsError
from fls_research.kpi.caseload import expected_fractures, services_of
from fls_research.kpi.definitions import record_for


def test_services_come_in_the_order_asked_for_and_of_the_year_asked_for(caseload_of):
    caseload = caseload_of(
        {"service_code": "A", "hip_fractures": 1},
        {"service_code": "B", "hip_fractures": 2},
        {"service_code": "C", "hip_fractures": 3},
        {"service_code": "B", "hip_fractures": 4, "data_year": 2023},
    )
    services = services_of(caseload, year=2024, present=["C", "B"])
    assert services["hip_fractures"].tolist() == [3, 2]


def test_a_service_that_sent_records_needs_a_row(caseload_of):
    with pytest.raises(ParamsError, match=r"no row for 2024 for service\(s\) B"):
        services_of(caseload_of({"service_code": "A"}), year=2024, present=["A", "B"])


def test_two_rows_of_one_service_are_refused_where_it_counts(caseload_of):
    caseload = caseload_of({"service_code": "A"}, {"service_code": "A"}, {"service_code": "B"})
    with pytest.raises(ParamsError, match="'A' twice for 2024"):
        services_of(caseload, year=2024, present=["A"])
    assert len(services_of(caseload, year=2024, present=["B"])) == 1


def test_a_missing_column_is_named(caseload_of):
    with pytest.raises(ParamsError, match="'area_code'"):
        services_of(caseload_of({"service_code": "A"}).drop(columns="area_code"), year=2024, present=["A"])


def test_expectation_is_exact_for_whole_hip_fractures():
    hips = np.arange(0.0, 2000.0, 25.0)
    expected = expected_fractures(hips, record_for("kpi2", 2024).measure)
    assert (expected == np.arange(0, len(hips)) * 94).all()


def test_unknown_hip_fractures_expect_nothing_known():
    assert np.isnan(expected_fractures(np.array([np.nan]), record_for("kpi2", 2024).measure)).all()
