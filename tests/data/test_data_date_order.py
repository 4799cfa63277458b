"""A file whose dates have the month first is refused; single slips are dirty rows."""

import pandas as pd
import pytest

from fls_research.data.cohort import prepare
from fls_research.data.date_order import count_month_first, refuse_month_first, refuse_where_month_first
from fls_research.errors import ExtractError

INDEX = "1.09 Date Index Frac Diagnosed"
MONTHS_FIRST = [f"{1 + place % 12}/{1 + place % 28}/2024" for place in range(84)]
DAYS_FIRST = [f"{1 + place % 28}/{1 + place % 12}/2024" for place in range(84)]
ISO = [f"2024-{1 + place % 12:02d}-{1 + place % 28:02d}" for place in range(84)]


def look(*, field="index_date", **services):
    codes = [code for code, dates in services.items() for _ in dates]
    dates = [date for some in services.values() for date in some]
    refuse_month_first({"service_code": pd.Categorical(codes), field: pd.Categorical(dates)}, "a.csv")


@pytest.mark.parametrize("field", ["index_date", "dxa_date", "death_date"])
@pytest.mark.parametrize("form", [str, lambda date: date.replace("/", "-"), lambda date: date + " 00:00"])
def test_a_column_with_the_month_first_is_refused(field, form):
    with pytest.raises(ExtractError, match=field) as error:
        look(field=field, A=list(map(form, MONTHS_FIRST)))
    assert "/2024 " not in str(error.value).replace("day/month/year", "") and "in 1 service;" in str(error.value)


def test_one_such_service_among_many_is_enough():
    with pytest.raises(ExtractError, match="in 1 service;"):
        look(A=DAYS_FIRST * 20, B=MONTHS_FIRST, C=ISO)


def test_months_are_counted_over_parts_and_not_in_each():
    def counts(dates):
        return count_month_first(
            {"service_code": pd.Categorical(["A"] * len(dates)), "dxa_date": pd.Categorical(dates)}
        )

    few, more, right = ["03/25/2024"] * 6, ["04/26/2024"] * 6, ["25/03/2024"] * 60
    for part in (few, more, right):
        refuse_where_month_first(counts(part), "a.csv")
    with pytest.raises(ExtractError, match="in 1 service;"):
        refuse_where_month_first(pd.concat([counts(few), counts(more)]), "a.csv")
    refuse_where_month_first(pd.concat([counts(few), counts(more), counts(right)]), "a.csv")


@pytest.mark.parametrize("dates", [DAYS_FIRST, ISO, [None] * 84, ["25/12/2024"] * 75 + ["12/25/2024"] * 9])
def test_other_columns_are_let_through(dates):
    look(A=dates)


def test_such_an_extract_ends_before_any_row_is_counted(rows, write, params, root):
    months_first = [{INDEX: f"0{1 + place % 9}/{13 + place}/2024"} for place in range(12)]
    path = write(rows(*months_first))
    with pytest.raises(ExtractError, match=r"1\.09 index_date seem to be written with the month first in 1 service"):
        prepare(params, root, path)
