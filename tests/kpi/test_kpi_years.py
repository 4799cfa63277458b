"""The cohort cut into years: only the columns asked for, and group numbers that mean the same in every year."""

from __future__ import annotations

import pytest

from fls_research.errors import FieldError
from fls_research.kpi.years import SERVICE, cut_into_years


def test_years_without_records_are_absent_and_numbers_agree(fractures_of):
    fractures = fractures_of(
        {"service_code": "B", "index_date": "2023-01-01"}, {"service_code": "A"}, {"service_code": "B"}
    )
    cohort = cut_into_years(fractures, years=[2024, 2023, 2022, 2023], columns=["dxa"], dimensions=[SERVICE])
    assert list(cohort) == [2023, 2024]
    assert list(cohort[2024].fractures.columns) == ["dxa"]
    assert cohort[2023].service.numbers.tolist() == [1]
    assert cohort[2024].service.numbers.tolist() == [0, 1]


@pytest.mark.parametrize("column", ["dxa", "data_year"])
def test_a_missing_column_is_named(column, fractures_of):
    with pytest.raises(FieldError, match=f"'{column}'"):
        cut_into_years(fractures_of({}).drop(columns=column), years=[2024], columns=["dxa"], dimensions=[SERVICE])
