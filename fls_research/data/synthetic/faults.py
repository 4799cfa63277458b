"""The dirty rows of the synthetic extract, in a known number: which rules they break and how often."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.data.synthetic.services import PINNED_YEAR


@dataclass(frozen=True)
class Fault:
    """One way of being dirty.

    ``rule`` is the id of the rule in ``data.rules`` that catches it; ``rows`` the number planted. ``field`` is what is
    wrong, and ``text`` what is written there where no clean value could be wrong in that way. An ``added`` fault is a
    row on top of the planned records; the others are planned records with one wrong answer.
    """

    id: str
    rule: str
    rows: int
    added: bool
    field: str
    text: str | None = None


FAULTS: tuple[Fault, ...] = (
    Fault("duplicate-row", "duplicate-row", 25, True, "record_id"),
    Fault("repeated-key", "duplicate-key", 17, True, "record_id"),
    Fault("age-under-50", "age-under-50", 60, True, "age"),
    Fault("age-blank", "age-missing", 9, True, "age"),
    Fault("index-blank", "index-missing", 14, True, "index_date"),
    Fault("index-31-february", "index-impossible", 12, True, "index_date", "31/02/2024"),
    Fault("index-month-first", "index-impossible", 11, True, "index_date", "12/25/2024"),
    Fault("index-after-lock", "index-after-lock", 8, True, "index_date"),
    Fault("service-blank", "service-missing", 5, True, "service_code"),
    Fault("dxa-before-fracture", "dxa-before-fracture", 45, False, "dxa_date"),
    Fault("assessment-before-fracture", "assessment-before-fracture", 38, False, "assessment_date"),
    Fault("follow-up-31-february", "date-impossible", 12, False, "follow_up_16_date", "31/02/2024"),
    Fault("contact-month-first", "date-impossible", 10, False, "contact_date", "12/25/2023"),
    Fault("follow-up-after-lock", "date-after-lock", 16, False, "follow_up_52_date"),
    Fault("smoker-unknown-code", "code-unknown", 18, False, "smoker", "Occasional"),
    Fault("care-home-unknown-code", "code-unknown", 15, False, "care_home", "See notes"),
)
"""Every planted fault. Two faults never meet in one row."""

BLANK_ROWS = 40
"""Rows of empty cells at the end of the file."""

_FORGOTTEN = ("contact_date", "assessment_date", "dxa_date", "follow_up_16_date", "follow_up_52_date")


def planted_by_rule() -> dict[str, int]:
    """Number of planted rows that each rule catches.

    >>> planted_by_rule()["dxa-before-fracture"], planted_by_rule()["index-impossible"]
    (45, 23)
    """
    total: dict[str, int] = {}
    for fault in FAULTS:
        total[fault.rule] = total.get(fault.rule, 0) + fault.rows
    return total


def with_faults(records: pd.DataFrame, *, rng: np.random.Generator, data_lock: dt.date) -> pd.DataFrame:
    """The records with every fault planted, in the order of service and key.

    Parameters
    ----------
    records : rows of ``generate`` with a column ``hand`` (a number per row from which its wording is chosen).
    rng : generator of random numbers; data_lock : day before the wrong late dates.

    Returns a new frame with a column ``fault``: the id of the fault in a row, or empty text.
    """
    # The services held at exactly 80 % completeness keep every answer they have.
    pool = (records["reported"] & (records["data_year"] != PINNED_YEAR)).to_numpy()
    if not pool.any():
        pool = records["reported"].to_numpy()
    taken = np.zeros(len(records), dtype=bool)
    frame = records.assign(fault="")
    # Python's own objects, so that a key can be blank and a new text can stand beside the old ones.
    frame["service_code"] = frame["service_code"].astype(object)
    added = []
    for fault in FAULTS:
        fit = np.flatnonzero(pool & ~taken & _suits(records, fault))
        chosen = np.sort(rng.permutation(fit)[: fault.rows])
        taken[chosen] = True
        if fault.added:
            added.append(_added_rows(frame.iloc[chosen], fault, rng, data_lock))
        else:
            frame = _answered_wrongly(frame, chosen, fault, rng, data_lock)
    whole = pd.concat([frame, *added], ignore_index=True)
    return whole.sort_values(["service_code", "record_id"], kind="stable", ignore_index=True)


def _suits(records: pd.DataFrame, fault: Fault) -> np.ndarray:
    """Rows on which a fault can show: a date that is to be wrong must be there, a copy must have answers to lose."""
    if fault.field.endswith("_date"):
        return records[fault.field].notna().to_numpy()
    if fault.id == "repeated-key":
        return (records["assessment_date"].notna() & records["contact_date"].notna()).to_numpy()
    return np.ones(len(records), dtype=bool)


def _added_rows(rows: pd.DataFrame, fault: Fault, rng: np.random.Generator, data_lock: dt.date) -> pd.DataFrame:
    """Copies of some records, made wrong; all but the repeated ones get a key of their own."""
    rows = rows.assign(fault=fault.id)
    count = len(rows)
    if fault.id == "duplicate-row":
        return rows
    if fault.id == "repeated-key":
        return rows.assign(**{field: pd.NaT for field in _FORGOTTEN}, t_score=np.nan)
    rows["record_id"] = [f"X-{fault.id}-{number:03d}" for number in range(1, count + 1)]
    # A copy under another key would look like the same patient entered twice.
    rows["height"] = np.round(rng.uniform(148, 182, count))
    rows["weight"] = np.round(rng.uniform(45, 95, count), 1)
    if fault.id == "age-under-50":
        rows["age"] = rng.integers(35, 50, count).astype(rows["age"].dtype)
    elif fault.id == "index-after-lock":
        late = np.datetime64(data_lock) + rng.integers(1, 120, count).astype("timedelta64[D]")
        rows = rows.assign(index_date=late.astype("datetime64[ns]"), death_date=pd.NaT)
        rows = rows.assign(**{field: pd.NaT for field in _FORGOTTEN})
    elif fault.id == "service-blank":
        rows["service_code"] = ""
    return rows


def _answered_wrongly(
    frame: pd.DataFrame, chosen: np.ndarray, fault: Fault, rng: np.random.Generator, data_lock: dt.date
) -> pd.DataFrame:
    """The frame with one answer of the chosen rows made wrong; a wrong text is written when the file is."""
    frame = frame.copy()
    frame.loc[frame.index[chosen], "fault"] = fault.id
    if fault.id.endswith("before-fracture"):
        early = frame["index_date"].to_numpy()[chosen] - rng.integers(1, 60, len(chosen)).astype("timedelta64[D]")
        frame.loc[frame.index[chosen], fault.field] = early
        if fault.field == "assessment_date":
            frame.loc[frame.index[chosen], "contact_date"] = pd.NaT
    elif fault.id == "follow-up-after-lock":
        late = np.datetime64(data_lock) + rng.integers(1, 200, len(chosen)).astype("timedelta64[D]")
        frame.loc[frame.index[chosen], fault.field] = late.astype("datetime64[ns]")
        frame.loc[frame.index[chosen], "death_date"] = pd.NaT
    return frame
