"""KPI 1 to 3: the constants of the rule of five, which changed with the definitions."""

from __future__ import annotations

import pytest

from fls_research.kpi.caseload import expected_fractures
from fls_research.kpi.definitions import record_for
from fls_research.kpi.identification import SEVENTEEN_FIELDS


@pytest.mark.parametrize(
    ("kpi", "year", "factor"),
    [
        ("kpi2", 2016, 5),
        ("kpi2", 2021, 5),
        ("kpi2", 2022, 3.76),
        ("kpi2", 2025, 3.76),
        ("kpi3", 2021, 1),
        ("kpi3", 2022, 0.94),
    ],
)
def test_expected_fractures_per_hip_fracture(kpi, year, factor):
    assert float(record_for(kpi, year).measure.per_hip_fracture) == factor


def test_the_published_national_caseload_is_five_times_a_whole_number_of_hip_fractures():
    # 347,770 fractures a year in England and Wales (report at a glance on 2024 data) = 5 x 69,554, uncut.
    assert expected_fractures(69_554.0, record_for("kpi2", 2021).measure) == 347_770


def test_seventeen_fields_are_seventeen():
    assert len({item.column for item in SEVENTEEN_FIELDS}) == 17
