"""Dirty rows: every row of an extract is read into values and asked every rule; what it breaks is logged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from fls_research.data.date_order import refuse_month_first
from fls_research.data.duplicates import Duplicates, find_duplicates
from fls_research.data.extract import RawExtract
from fls_research.data.fates import Fates
from fls_research.data.issues import IssueLog
from fls_research.data.mapping import FieldMap
from fls_research.data.parse import read_codes, read_dates, read_numbers, read_therapies
from fls_research.data.schema import BY_NAME, FIELDS, Field, Kind
from fls_research.params import FIRST_YEAR, YearParams

BEFORE_FRACTURE = {
    "contact_date": "contact-before-fracture",
    "assessment_date": "assessment-before-fracture",
    "dxa_date": "dxa-before-fracture",
    "follow_up_16_date": "follow-up-16-before-fracture",
    "follow_up_52_date": "follow-up-52-before-fracture",
    "death_date": "death-before-fracture",
}
"""The date fields that must not come before the fracture, and the rule they then break."""

_NOTED_ONLY = ("contact_date",)
_OLDEST = BY_NAME["age"].maximum


@dataclass(frozen=True)
class Validated:
    """The rows of an extract as values, and what is wrong with them.

    Attributes
    ----------
    records : one row is one row of the file, in its order; one column per field of the dataset that is not refused,
        with the drugs of the three therapy fields and ``data_year`` (Int16, missing without a date of fracture).
        Columns of fields that the extract lacks are there, with every answer not known.
    fates : which rows are quarantined so far.
    issues : the log so far.
    """

    records: pd.DataFrame = field(repr=False)
    fates: Fates = field(repr=False)
    issues: IssueLog = field(repr=False)


def validate(raw: RawExtract, fields: FieldMap, params: YearParams) -> Validated:
    """Read every row into values and ask it the rules of :mod:`fls_research.data.rules`.

    Rows that cannot be used are quarantined; answers that cannot be so become not known; all of it is logged.

    Parameters
    ----------
    raw : the extract as text; it is left as it is.
    fields : which column is which field.
    params : the year's settings; the data lock is read.

    Raises
    ------
    ExtractError : a service writes its dates with the month first.
    """
    refuse_month_first(text_columns(raw, fields), raw.facts.name)
    service, key = fields.columns["service_code"], fields.columns.get("record_id")
    return validate_part(raw, fields, params, partial(find_duplicates, raw.frame, service=service, key=key))


def text_columns(raw: RawExtract, fields: FieldMap) -> dict[str, pd.Categorical]:
    """The columns of an extract by field, as text."""
    return {name: raw.frame[label].array for name, label in fields.columns.items()}


def validate_part(
    raw: RawExtract, fields: FieldMap, params: YearParams, duplicates: Callable[..., Duplicates]
) -> Validated:
    """The same as :func:`validate` for a part of an extract, of which the rest is not at hand.

    What takes all rows is asked elsewhere: ``duplicates`` is called with the rows still in use (``among``, truth values
    of shape (rows,)) and says which of them stand elsewhere too; whether the month comes first is not looked at.
    """
    rows = len(raw.frame)
    log, fates = IssueLog(rows), Fates(rows)
    columns = text_columns(raw, fields)
    absent = pd.Categorical.from_codes(np.full(rows, -1, dtype=np.int8), categories=pd.Index([], dtype=object))
    values: dict[str, object] = {}
    for item in FIELDS:
        if item.kind is not Kind.IDENTIFIER:
            values |= _read(item, columns.get(item.name, absent), log)
    values["record_id"] = _row_keys(columns.get("record_id", absent), raw.lines)
    records = pd.DataFrame(values, copy=False)
    records["data_year"] = records["index_date"].dt.year.astype("Int16")
    _quarantine(records, columns, raw, fates, log)
    _quarantine_duplicates(duplicates(among=fates.undecided), fates, log)
    records = records.assign(age=records["age"].fillna(0).astype(np.int16))
    records = _blank_impossible_dates(records, params, log)
    _note(records, columns, log)
    return Validated(records, fates, log)


def _read(item: Field, column: pd.Categorical, log: IssueLog) -> dict[str, object]:
    """The columns of one field, read; what cannot be read is logged here, apart from the two that quarantine a row."""
    if item.kind in (Kind.KEY, Kind.TEXT):
        return {item.name: column}
    if item.kind is Kind.CODE:
        read = read_codes(column, item)
        log.add(read.unreadable, "code-unknown", item.name)
        return {item.name: read.values}
    if item.kind is Kind.DATE:
        read = read_dates(column)
        if item.name != "index_date":
            log.add(read.unreadable, "date-impossible", item.name)
        return {item.name: read.values}
    if item.kind is Kind.DRUGS:
        therapies = read_therapies(column, item)
        log.add(therapies.unreadable, "code-unknown", item.name)
        log.add(therapies.unlisted, "drug-unknown", item.name)
        log.add(therapies.mixed, "therapy-mixed", item.name)
        log.add(therapies.contradicting, "therapy-contradicts", item.name)
        return {item.name: therapies.groups, item.children[0]: therapies.drugs}
    return {item.name: _numbers(item, column, log)}


def _numbers(item: Field, column: pd.Categorical, log: IssueLog) -> pd.Series:
    read = read_numbers(column)
    numbers, unreadable = read.values, read.unreadable
    if item.name == "age":
        # Completed years; what is wrong with an age decides the whole row and is logged there.
        years = np.floor(numbers)
        return pd.Series(np.where((years >= 0) & (years <= _OLDEST), years, np.nan)).astype("Int16")
    if item.kind is Kind.WHOLE:
        unreadable = unreadable | (numbers % 1 > 0)
    outside = ~unreadable & ((numbers < item.minimum) | (numbers > item.maximum))
    log.add(unreadable, "number-unreadable", item.name)
    log.add(outside, "number-out-of-range", item.name)
    kept = pd.Series(np.where(unreadable | outside, np.nan, numbers))
    return kept.astype("Int16") if item.kind is Kind.WHOLE else kept


def _row_keys(column: pd.Categorical, lines: np.ndarray) -> np.ndarray:
    keys = np.append(column.categories.to_numpy(dtype=object), None)[column.codes]
    blank = column.codes < 0
    keys[blank] = [f"line {line}" for line in lines[blank]]
    return keys


def _quarantine(
    records: pd.DataFrame, columns: dict[str, pd.Categorical], raw: RawExtract, fates: Fates, log: IssueLog
) -> None:
    filled = np.zeros(len(records), dtype=bool)
    for label in raw.frame.columns:
        filled |= raw.frame[label].array.codes >= 0
    index = read_dates(columns["index_date"])
    age_blank = read_numbers(columns["age"]).blank
    year = records["data_year"]
    for where, rule_id in (
        (raw.malformed, "row-shape"),
        (~filled, "row-blank"),
        (columns["service_code"].codes < 0, "service-missing"),
        (index.blank, "index-missing"),
        (index.unreadable, "index-impossible"),
        ((year < FIRST_YEAR).fillna(False).to_numpy(bool), "index-before-audit"),
        (age_blank, "age-missing"),
        (records["age"].isna().to_numpy(), "age-implausible"),
    ):
        log.add(fates.decide(where, rule_id), rule_id)


def _quarantine_duplicates(found: Duplicates, fates: Fates, log: IssueLog) -> None:
    log.add(fates.decide(found.copies, "duplicate-row"), "duplicate-row")
    log.add(fates.decide(found.superseded, "duplicate-key"), "duplicate-key")
    log.add(found.twins & fates.undecided, "record-twice")


def _blank_impossible_dates(records: pd.DataFrame, params: YearParams, log: IssueLog) -> pd.DataFrame:
    lock = np.datetime64(params.data_lock, "ns")
    index = records["index_date"].to_numpy()
    changed = {}
    for name, rule_id in BEFORE_FRACTURE.items():
        days = records[name].to_numpy()
        late, early = days > lock, days < index
        log.add(late, "date-after-lock", name)
        log.add(early, rule_id)
        wrong = late if name in _NOTED_ONLY else late | early
        changed[name] = np.where(wrong, np.datetime64("NaT", "ns"), days)
    return records.assign(**changed)


def _note(records: pd.DataFrame, columns: dict[str, pd.Categorical], log: IssueLog) -> None:
    if "record_id" in columns:
        log.add(columns["record_id"].codes < 0, "key-missing")
    log.add(read_codes(columns["fracture_site"], BY_NAME["fracture_site"]).blank, "site-missing")
    death = records["death_date"].to_numpy()
    for name in BEFORE_FRACTURE:
        log.add(records[name].to_numpy() > death, "event-after-death", name)
    year = records["data_year"].to_numpy(dtype=np.float64, na_value=np.nan)
    for item in FIELDS:
        for code in item.codes:
            if code.first_year is None and code.last_year is None:
                continue
            given = (records[item.name] == code.code).to_numpy()
            outside = (year < (code.first_year or 0)) | (year > (code.last_year or 9999))
            log.add(given & outside, "code-out-of-years", item.name)
