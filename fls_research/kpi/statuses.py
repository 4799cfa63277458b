"""One patient record's status under one KPI, from the record's rules; the only reader of eligible, left out and met."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.errors import UsageError
from fls_research.kpi.records import Caseload, Kpi, Patients, Status
from fls_research.kpi.rules import Truth, Truths

_STATUS_OF_TRUTH = np.array([Status.NOT_MET, Status.UNKNOWN, Status.MET], dtype=np.int8)


def statuses(fractures: pd.DataFrame, record: Kpi) -> NDArray[np.int8]:
    """Every record's status under one KPI.

    Parameters
    ----------
    fractures : patient records with the columns that the rules of ``record`` read; nothing is selected by year.
    record : a KPI of patients, or KPI 2 or 3 (where met means identified, and not eligible means of another site).

    Returns
    -------
    int8 values of :class:`Status`, in row order. A missing answer gives ``UNKNOWN`` where it is needed to decide; where
    it is needed to decide who counts, the record is ``NOT_ELIGIBLE``.

    Raises
    ------
    FieldError : a column is not in the frame.
    UsageError : KPI 1, which judges services and not patients.

    >>> from fls_research.kpi.definitions import record_for
    >>> frame = pd.DataFrame({"dxa": ["ordered", "ordered", "not ordered"],
    ...     "index_date": pd.to_datetime(["2024-01-01"] * 3),
    ...     "dxa_date": pd.to_datetime(["2024-03-31", None, None])})
    >>> [Status(s).words for s in statuses(frame, record_for("kpi5", 2024))]
    ['met', 'unknown', 'not eligible']
    """
    match record.measure:
        case Patients() as measure:
            counts = (measure.eligible.truth(fractures) == Truth.TRUE) & ~_left_out(fractures, measure)
            return np.where(counts, _STATUS_OF_TRUTH[measure.met.truth(fractures)], Status.NOT_ELIGIBLE).astype(np.int8)
        case Caseload(identified=identified):
            truth = identified.truth(fractures)
            return np.where(truth == Truth.FALSE, Status.NOT_ELIGIBLE, _STATUS_OF_TRUTH[truth]).astype(np.int8)
        case _:
            raise UsageError(f"{record.id} judges services: a patient record has no status under it.")


def decidable(fractures: pd.DataFrame, record: Kpi) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which records concern a KPI, and which of these have the answers to decide it.

    A record concerns a KPI unless it is known to stand outside its denominator: one whose eligibility is unknown does,
    and cannot be decided. Both arrays are in row order; the second is true only where the first is.

    >>> from fls_research.kpi.definitions import record_for
    >>> frame = pd.DataFrame({"dxa": ["ordered", "not known", "not ordered"],
    ...     "index_date": pd.to_datetime(["2024-01-01"] * 3),
    ...     "dxa_date": pd.to_datetime(["2024-03-31", None, None])})
    >>> concerned, decided = decidable(frame, record_for("kpi5", 2024))
    >>> concerned.tolist(), decided.tolist()
    ([True, True, False], [True, False, False])
    """
    match record.measure:
        case Patients() as measure:
            eligible = measure.eligible.truth(fractures)
            concerned = (eligible != Truth.FALSE) & ~_left_out(fractures, measure)
            known = np.minimum(_certainty(eligible), _certainty(measure.met.truth(fractures)))
            return concerned, concerned & known
        case Caseload(identified=identified):
            return np.ones(len(fractures), dtype=bool), _certainty(identified.truth(fractures))
        case _:
            raise UsageError(f"{record.id} judges services: a patient record cannot decide it.")


def _left_out(fractures: pd.DataFrame, measure: Patients) -> NDArray[np.bool_]:
    out = np.zeros(len(fractures), dtype=bool)
    for rule in (left.rule for left in measure.left_out):
        out |= rule.truth(fractures) == Truth.TRUE
    return out


def _certainty(truth: Truths) -> NDArray[np.bool_]:
    return truth != Truth.UNKNOWN
