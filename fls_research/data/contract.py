"""What the ``fractures`` frame promises: its columns, their types and their permitted values, declared once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from fls_research.data.derive import AGE_75, AGE_BANDS, DAYS_TO, GEOGRAPHY, SITE_GROUPS
from fls_research.data.register import AUDITED_NATIONS
from fls_research.data.schema import FIELDS, Kind
from fls_research.errors import FlsError
from fls_research.params import FIRST_YEAR

_ORDERED = {"age_band": AGE_BANDS, "age_75": AGE_75, "site_group": SITE_GROUPS}


def fixed_categories() -> dict[str, pd.CategoricalDtype]:
    """The coded columns and their types, whose categories are the same in every cohort.

    >>> fixed_categories()["sex"].categories.tolist()
    ['female', 'male', 'not known']
    """
    coded = {
        item.name: pd.CategoricalDtype([code.code for code in item.codes])
        for item in FIELDS
        if item.kind in (Kind.CODE, Kind.DRUGS)
    }
    return coded | {name: pd.CategoricalDtype(list(labels), ordered=True) for name, labels in _ORDERED.items()}


@cache
def column_names() -> tuple[str, ...]:
    """The columns of ``fractures``, in order."""
    return tuple(_columns())


@cache
def fractures_schema() -> pa.DataFrameSchema:
    """The contract as a pandera schema: strict about columns, and about what may be missing."""
    return pa.DataFrameSchema(_columns(), strict=True, name="fractures")


def check_fractures(fractures: pd.DataFrame) -> None:
    """Raise :class:`FlsError` when the frame breaks its contract; the message names column and check, never a value."""
    try:
        fractures_schema().validate(fractures, lazy=True)
    except SchemaErrors as errors:
        first = errors.failure_cases.iloc[0]
        about_columns = first["check"] in ("column_in_schema", "column_in_dataframe")
        column = first["failure_case"] if about_columns else first["column"]
        raise FlsError(
            f"The fractures frame breaks its contract: column '{column}', check {str(first['check']).split('(')[0]}."
        ) from None


def _columns() -> dict[str, pa.Column]:
    return dict(_declared())


def _declared() -> Iterator[tuple[str, pa.Column]]:
    coded = fixed_categories()
    for item in FIELDS:
        if item.kind is Kind.IDENTIFIER:
            continue
        if item.name == "age":
            years = pa.Check.in_range(int(item.minimum), int(item.maximum))
            yield item.name, pa.Column(np.int16, years)
        elif item.name in coded:
            yield item.name, pa.Column(coded[item.name])
        elif item.name == "record_id":
            yield item.name, pa.Column(object)
        elif item.kind is Kind.KEY:
            yield item.name, pa.Column("category")
        elif item.kind is Kind.TEXT:
            yield item.name, pa.Column("category", nullable=True)
        elif item.kind is Kind.DATE:
            yield item.name, pa.Column("datetime64[ns]", nullable=item.name != "index_date")
        else:
            kind = pd.Int16Dtype() if item.kind is Kind.WHOLE else np.float64
            yield item.name, pa.Column(kind, pa.Check.in_range(item.minimum, item.maximum), nullable=True)
        for child in item.children:
            yield child, pa.Column("category")
    yield "data_year", pa.Column(np.int16, pa.Check.ge(FIRST_YEAR))
    for name in _ORDERED:
        yield name, pa.Column(coded[name])
    for name in DAYS_TO:
        yield name, pa.Column(pd.Int32Dtype(), pa.Check.ge(0), nullable=True)
    for name in GEOGRAPHY:
        check = pa.Check.isin(AUDITED_NATIONS) if name == "nation" else None
        yield name, pa.Column("category", check)
