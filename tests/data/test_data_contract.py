"""The fractures frame keeps its promises, and a broken one is named by column without a value."""

import numpy as np
import pandas as pd
import pytest

from fls_research.data.contract import check_fractures, column_names, fixed_categories
from fls_research.data.schema import FIELDS, Kind
from fls_research.errors import FlsError


def test_every_field_that_is_not_refused_is_a_column():
    expected = {field.name for field in FIELDS if field.kind is not Kind.IDENTIFIER}
    assert expected <= set(column_names())
    assert not {field.name for field in FIELDS if field.kind is Kind.IDENTIFIER} & set(column_names())


def test_a_cohort_keeps_the_contract(cohort_of):
    fractures = cohort_of().fractures
    check_fractures(fractures)
    assert tuple(fractures.columns) == column_names()
    assert all(fractures[name].dtype == kind for name, kind in fixed_categories().items())


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("age", np.array([49, 60], dtype=np.int16)),
        ("index_date", pd.to_datetime(["2024-01-01", None])),
        ("sex", pd.Categorical(["F", "M"])),
        ("days_to_dxa", pd.array([-1, 2], dtype="Int32")),
        ("days_to_dxa", np.array([1.0, 2.0])),
        ("imd_quintile", pd.array([6, 1], dtype="Int16")),
        ("nation", pd.Categorical(["Northern Ireland", "England"])),
        ("area_code", pd.Categorical(["QOQ", None])),
    ],
)
def test_a_broken_frame_is_named_by_its_column(cohort_of, column, value):
    broken = cohort_of({}).fractures.assign(**{column: value})
    with pytest.raises(FlsError, match=f"breaks its contract: column '{column}'"):
        check_fractures(broken)


def test_a_column_too_many_or_too_few_breaks_it(cohort_of):
    fractures = cohort_of().fractures
    with pytest.raises(FlsError):
        check_fractures(fractures.assign(nhs_number="x"))
    with pytest.raises(FlsError):
        check_fractures(fractures.drop(columns="sex"))
