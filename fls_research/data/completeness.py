"""How full the fields are: filled answers and records, by service and field, as counts that add up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fls_research.data.codes import NOT_KNOWN
from fls_research.data.schema import BY_NAME, FIELDS, Kind

_APART = (Kind.IDENTIFIER, Kind.KEY, Kind.TEXT)

FIELDS_COUNTED: tuple[str, ...] = tuple(
    item.name for item in FIELDS if item.kind not in _APART and item.name != "death_date"
)
"""The fields of the form and the linked ones. A date of death is apart: it is blank for those who live."""


def filled(fractures: pd.DataFrame, name: str) -> np.ndarray:
    """Which rows hold a usable answer in a field: not blank, not blanked by a rule, and not "don't know".

    >>> filled(pd.DataFrame({"sex": pd.Categorical(["female", "not known"])}), "sex").tolist()
    [True, False]
    """
    column = fractures[name]
    answered = column.ne(NOT_KNOWN) if BY_NAME[name].codes else column.notna()
    return answered.to_numpy(dtype=bool)


def completeness_by_service(fractures: pd.DataFrame) -> pd.DataFrame:
    """Filled answers by data year, service and field.

    Parameters
    ----------
    fractures : the cohort, or a part of it.

    Returns
    -------
    One row a data year, service and field: ``data_year``, ``service_code``, ``field``, ``numerator`` (records with a
    usable answer) and ``denominator`` (records). A field that the extract lacks is there with nothing filled.
    """
    keys = ["data_year", "service_code"]
    marks = pd.DataFrame({name: filled(fractures, name) for name in FIELDS_COUNTED}, index=fractures.index)
    groups = pd.concat([fractures[keys], marks], axis=1).groupby(keys, observed=True)
    counts = groups[list(FIELDS_COUNTED)].sum().reset_index()
    long = counts.melt(keys, var_name="field", value_name="numerator").astype({"numerator": np.int64})
    sizes = groups.size().rename("denominator").reset_index()
    return long.merge(sizes, on=keys, validate="m:1")


def national_completeness(by_service: pd.DataFrame) -> pd.DataFrame:
    """Filled answers by data year and field, over all services, with the field's number on the form.

    Parameters
    ----------
    by_service : what :func:`completeness_by_service` returns.

    Returns
    -------
    One row a data year and field, in the order of the form: ``data_year``, ``number`` (blank for fields that are not
    on it), ``field``, ``numerator``, ``denominator``.
    """
    totals = by_service.groupby(["data_year", "field"])[["numerator", "denominator"]].sum().reset_index()
    totals["number"] = totals["field"].map({name: BY_NAME[name].number or "" for name in FIELDS_COUNTED})
    order = totals["field"].map({name: place for place, name in enumerate(FIELDS_COUNTED)})
    ordered = totals.assign(order=order).sort_values(["data_year", "order"], ignore_index=True)
    return ordered[["data_year", "number", "field", "numerator", "denominator"]]
