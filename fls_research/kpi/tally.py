"""The additive counts of one KPI along one dimension, and the ``counts`` frame made of many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.kpi.groups import Grouping
from fls_research.kpi.records import Kpi, Status

NUMBERS: tuple[str, ...] = ("numerator", "denominator", "unknown", "not_eligible")
KEYS: tuple[str, ...] = ("data_year", "kpi", "version", "dimension", "group")


@dataclass(frozen=True)
class Tally:
    """The counts of one record in one data year, one value for each group of ``grouping`` that is ``present``."""

    record: Kpi
    year: int
    grouping: Grouping
    present: NDArray[np.bool_]
    numerator: NDArray[np.float64]
    denominator: NDArray[np.float64]
    unknown: NDArray[np.int64]
    not_eligible: NDArray[np.int64]


def count_statuses(statuses: NDArray[np.int8], grouping: Grouping) -> NDArray[np.int64]:
    """Records by group (rows) and status (columns, in the order of :class:`Status`), zeros included.

    >>> from fls_research.kpi.groups import Dimension, group
    >>> whole = group(pd.DataFrame(index=range(3)), Dimension(("national",)))
    >>> count_statuses(np.array([1, 1, 3], dtype=np.int8), whole)
    array([[0, 2, 0, 1]])
    """
    cells = grouping.numbers * len(Status) + statuses
    return np.bincount(cells, minlength=grouping.size * len(Status)).reshape(grouping.size, len(Status))


def counts_frame(tallies: Sequence[Tally]) -> pd.DataFrame:
    """The tallies as one ``counts`` frame (docs/architecture.md); groups without any record have no row."""
    crossed = dict.fromkeys(p for t in tallies if t.grouping.dimension.is_crossed for p in t.grouping.dimension.parts)
    lengths = np.array([int(tally.present.sum()) for tally in tallies], dtype=np.int64)
    columns: dict[str, object] = {
        "data_year": np.repeat(np.array([tally.year for tally in tallies], dtype=np.int64), lengths),
        "kpi": _repeated([tally.record.id for tally in tallies], lengths),
        "version": _repeated([tally.record.version for tally in tallies], lengths),
        "dimension": _repeated([tally.grouping.dimension.name for tally in tallies], lengths),
        "group": _joined([tally.grouping.names()[tally.present] for tally in tallies], object),
    }
    for part in crossed:
        columns[part] = _joined([_part_labels(tally, part) for tally in tallies], object)
    for number, dtype in zip(NUMBERS, (float, float, np.int64, np.int64), strict=True):
        columns[number] = _joined([getattr(tally, number)[tally.present] for tally in tallies], dtype)
    return pd.DataFrame(columns)


def _part_labels(tally: Tally, part: str) -> NDArray[np.object_]:
    dimension = tally.grouping.dimension
    if dimension.is_crossed and part in dimension.parts:
        return tally.grouping.labels[dimension.parts.index(part)][tally.present]
    return np.full(int(tally.present.sum()), None, dtype=object)


def _repeated(values: list[str], lengths: NDArray[np.int64]) -> NDArray[np.object_]:
    return np.repeat(np.array(values, dtype=object), lengths)


def _joined(arrays: list[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(arrays).astype(dtype, copy=False) if arrays else np.array([], dtype=dtype)
