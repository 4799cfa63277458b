"""Refuse dates with the month first: half of them would be read as other days, and nobody would notice."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from fls_research.data.schema import BY_NAME, Kind
from fls_research.errors import ExtractError

_SLASHED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})(?:\D.*)?", re.ASCII)
_FEWEST = 10
_SHARE = 0.25


def refuse_month_first(columns: Mapping[str, pd.Categorical], name: str) -> None:
    """Stop when the dates of a service in any date field seem to be written with the month first.

    A single ``12/25/2024`` is a slip, and its row is dirty. Where the month is put first throughout, six dates in ten
    have a second number above 12; the other four, such as ``03/04/2024``, can be read and mean another day. So a
    service is refused in which ten dates of a field or more, and a quarter of them or more, have a second number from
    13 to 31 and a first one up to 12.

    Parameters
    ----------
    columns : field to its column of texts; ``service_code`` is among them.
    name : how the message calls the extract.

    Raises
    ------
    ExtractError : names the field and the number of services, never a date.

    >>> services = pd.Categorical(["010"] * 12)
    >>> days = pd.Categorical([f"03/{day}/2024" for day in range(12, 24)])
    >>> refuse_month_first({"service_code": services, "index_date": days}, "a.csv")
    Traceback (most recent call last):
    fls_research.errors.ExtractError: a.csv: the dates of the field 1.09 index_date seem to be written with the month...
    """
    refuse_where_month_first(count_month_first(columns), name)


def count_month_first(columns: Mapping[str, pd.Categorical]) -> pd.DataFrame:
    """How many dates of each field and service there are, and how many of them have the month first.

    Returns
    -------
    ``field``, ``service_code`` (blank for the rows without one), ``dates`` and ``odd``; the counts of the parts of an
    extract add up to those of the whole.
    """
    services = columns["service_code"]
    # A row without a service is counted with the other rows without one.
    codes = services.codes.astype(np.int64) + 1
    names = ["", *services.categories]
    parts = []
    for field, column in columns.items():
        if BY_NAME[field].kind is Kind.DATE:
            month_first = np.array([_is_month_first(text) for text in column.categories] + [False])[column.codes]
            dates = np.bincount(codes, weights=column.codes >= 0, minlength=len(names))
            odd = np.bincount(codes, weights=month_first, minlength=len(names))
            parts.append(pd.DataFrame({"field": field, "service_code": names, "dates": dates, "odd": odd}))
    return pd.concat(parts, ignore_index=True)


def refuse_where_month_first(counts: pd.DataFrame, name: str) -> None:
    """The same as :func:`refuse_month_first`, from what :func:`count_month_first` counted, of one part or of many."""
    services = counts.groupby(["field", "service_code"], sort=False)[["dates", "odd"]].sum()
    refused = services[(services["odd"] >= _FEWEST) & (services["odd"] >= _SHARE * services["dates"])]
    for field, found in refused.groupby("field", sort=False).size().items():
        raise ExtractError(
            f"{name}: the dates of the field {_named(field)} seem to be written with the month"
            f" first in {found} {'service' if found == 1 else 'services'}; export them as day/month/year or as"
            " 2024-12-25."
        )


def _is_month_first(text: str) -> bool:
    found = _SLASHED.fullmatch(text)
    return bool(found) and int(found[1]) <= 12 < int(found[2]) <= 31


def _named(field: str) -> str:
    number = BY_NAME[field].number
    return f"{number} {field}" if number else field
