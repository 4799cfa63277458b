"""What a table must look like to be released: counts and labels, and nothing that speaks of one patient."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from numbers import Number

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype, is_timedelta64_dtype

from fls_research.disclosure.additive import CROSS, KEYS, parts_of, refuse_unknown
from fls_research.disclosure.policies import Level
from fls_research.errors import DisclosureError

ROW_LEVEL = frozenset(
    [
        "recordid",
        "recordnumber",
        "recordno",
        "rowid",
        "patientid",
        "patientname",
        "nhsnumber",
        "nhsno",
        "dateofbirth",
        "dob",
        "birthdate",
        "postcode",
        "forename",
        "surname",
        "firstname",
        "lastname",
        "familyname",
        "givenname",
        "indexdate",
        "dateindexfracdiagnosed",
        "assessmentdate",
        "dateflsassess",
        "dateflscontact",
        "contactdate",
        "dxadate",
        "dateofdxa",
        "followup16date",
        "followup52date",
        "dateof16weekass",
        "dateof52weekass",
        "deathdate",
        "dateofdeath",
        "dod",
    ]
)
"""Headings, in small letters and digits only, that belong to patients and not to a released table."""

COUNT_NAMES = frozenset(
    ["numerator", "denominator", "unknown", "not_eligible", "records", "patients", "people", "count", "n"]
)
"""Names under which a number is taken to count patients, whatever it is declared as."""

SMALL_AREAS = frozenset({"service", "area", "region"})
"""Dimensions below the national level."""


def plain_key(heading: object) -> str:
    """The letters and digits of a heading, in lower case.

    >>> plain_key("Record ID") in ROW_LEVEL
    True
    """
    return "".join(letter for letter in str(heading).lower() if letter.isalnum())


def tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy with a plain index, text as objects and numbers as they are; anything else in it is refused.

    Raises :class:`DisclosureError` for repeated headings, row-level headings, dates, and cells that are neither text,
    number nor truth value.
    """
    if not isinstance(frame, pd.DataFrame):
        raise DisclosureError(f"Only a table can be released, not a {type(frame).__name__}.")
    columns = [str(name) for name in frame.columns]
    if len(set(columns)) < len(columns):
        raise DisclosureError("The table to release has two columns of the same name; rename one.")
    for name in columns:
        if plain_key(name) in ROW_LEVEL:
            raise DisclosureError(f"Column '{name}' belongs to patient rows; count them first and leave it out.")
    copy = frame.set_axis(columns, axis=1).reset_index(drop=True)
    return pd.DataFrame({name: _tidy_column(copy[name]) for name in columns}, index=copy.index)


def refuse_undeclared(rows: pd.DataFrame, *, counts: Collection[str], labels: Collection[str]) -> None:
    """Raise :class:`DisclosureError` for a column of numbers that is neither a count nor a label."""
    for name in rows:
        if holds_numbers(rows[name]) and name not in counts and name not in labels:
            raise DisclosureError(
                f"Column '{name}' holds numbers: release it as a count, or name it in labels= if it counts nobody."
            )
    for name in labels:
        if name in COUNT_NAMES:
            raise DisclosureError(f"Column '{name}' counts patients and cannot be a label.")


def refuse_repeated(rows: pd.DataFrame, names: Sequence[str]) -> None:
    """Raise :class:`DisclosureError` when two rows carry the same labels."""
    present = [name for name in names if name in rows]
    if present and rows.duplicated(present).any():
        raise DisclosureError(f"Two rows have the same {', '.join(present)}: add them up before releasing.")


def refuse_wrong_level(rows: pd.DataFrame, *, level: Level) -> None:
    """Raise :class:`DisclosureError` when rows of one place are about to leave as national ones."""
    if level is not Level.NATIONAL:
        return
    dimensions = set(rows["dimension"]) if "dimension" in rows else set()
    parts = {part for dimension in dimensions for part in parts_of(str(dimension))}
    parts |= {name.removesuffix("_code").removesuffix("_name") for name in rows}
    below = sorted(parts & SMALL_AREAS)
    if below:
        raise DisclosureError(f"Rows by {below[0]} are not national: release them with level='below national'.")


def counts_as_floats(rows: pd.DataFrame, names: Iterable[str]) -> pd.DataFrame:
    """The rows with the named counts as float64, missing as NaN; a negative or infinite count is refused."""
    floats = {}
    for name in names:
        try:
            floats[name] = rows[name].to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError):
            raise DisclosureError(f"Column '{name}' should hold counts and does not; give whole numbers.") from None
        if (floats[name] < 0).any() or np.isinf(floats[name]).any():
            raise DisclosureError(f"Column '{name}' holds a negative or infinite count; look at how it was counted.")
    return rows.assign(**floats)


def label_columns(rows: pd.DataFrame, labels: Sequence[str]) -> tuple[str, ...]:
    """The labels of a ``counts`` frame: its keys, dimension, group, the parts of crossings, and those declared."""
    refuse_unknown(labels, rows)
    crossed = [part for name in rows["dimension"].unique() for part in parts_of(str(name)) if CROSS in str(name)]
    known = dict.fromkeys([*KEYS, "dimension", "group", *crossed, *labels])
    return tuple(name for name in rows if name in known)


def marked(rows: pd.DataFrame, marks: Mapping[str, Collection[str]] | None) -> NDArray[np.bool_]:
    """The rows that hold one of the values named for any of the columns.

    >>> marked(pd.DataFrame({"kpi": ["kpi1", "kpi2"]}), {"kpi": ["kpi1"]}).tolist()
    [True, False]
    """
    found = np.zeros(len(rows), dtype=bool)
    for name, values in (marks or {}).items():
        refuse_unknown([name], rows)
        found |= rows[name].isin([values] if isinstance(values, str) else list(values)).to_numpy()
    return found


def holds_numbers(column: pd.Series) -> bool:
    """Whether any cell of a column is a number (a truth value is none)."""
    if is_bool_dtype(column.dtype):
        return False
    if is_numeric_dtype(column.dtype):
        return True
    return any(isinstance(cell, Number) and not isinstance(cell, bool) and cell == cell for cell in column)


def _tidy_column(column: pd.Series) -> pd.Series:
    kind = column.dtype
    if is_datetime64_any_dtype(kind) or is_timedelta64_dtype(kind):
        raise DisclosureError(f"Column '{column.name}' holds dates; a released table holds none but as text labels.")
    if is_numeric_dtype(kind) and not is_bool_dtype(kind) and not isinstance(kind, pd.CategoricalDtype):
        return column
    plain = column.astype(object)
    if any(not isinstance(cell, str | bool | np.bool_ | Number) for cell in plain[plain.notna()]):
        raise DisclosureError(f"Column '{column.name}' holds something that is neither text nor number; leave it out.")
    return plain.where(plain.notna(), None)


def order_of(rows: pd.DataFrame, labels: Sequence[str]) -> NDArray[np.int64]:
    """The place of each row when rows are sorted by their labels: what breaks ties, whatever order they came in."""
    ordered = rows[list(labels)].astype(str).sort_values(list(labels), kind="stable").index
    places = np.empty(len(rows), dtype=np.int64)
    places[ordered.to_numpy()] = np.arange(len(rows))
    return places
