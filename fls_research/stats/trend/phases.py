"""Dated phases of a process: where limits start again, and which points they are calculated from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from fls_research.stats.results import StatsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of time in which the process is taken to be one, and why.

    ``start`` is its first date, None for the beginning of the data. Limits come from its points up to and including
    ``baseline_end``, or from all of them when that is None. ``reason`` is what a reader is told; nothing restarts
    without one, and nothing restarts by itself.

    >>> Phase(start=None, baseline_end=None, reason="one process throughout").reason
    'one process throughout'
    """

    start: Any
    baseline_end: Any
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise StatsError("reason of a phase must not be empty; say why the limits start again or stay fixed")


ONE_PROCESS = (Phase(start=None, baseline_end=None, reason="one process throughout"),)
"""The phases of a series that is taken to be one process, all of it used for the limits."""


def ordered_by_date(columns: dict[str, np.ndarray], dates: Iterable, *, phases: Sequence[Phase]) -> pd.DataFrame:
    """The columns in the order of their dates, with the number of their phase (from 1) and whether they are baseline.

    Raises `StatsError` for a missing or repeated date, for phases out of order, before the data's first date or after
    its last, and for a phase whose baseline ends before it starts.

    >>> values = {"estimate": np.array([3.0, 1.0, 2.0])}
    >>> later = Phase(start="2024-03-01", baseline_end=None, reason="new clinic")
    >>> ordered_by_date(values, ["2024-03-01", "2024-01-01", "2024-02-01"], phases=(*ONE_PROCESS, later))
             date  estimate  phase  baseline
    0  2024-01-01       1.0      1      True
    1  2024-02-01       2.0      1      True
    2  2024-03-01       3.0      2      True
    """
    when = pd.Series(list(dates))
    lengths = {name: len(values) for name, values in columns.items()}
    if any(length != len(when) for length in lengths.values()):
        raise StatsError(f"dates must have one entry per point; given {len(when)} dates for {lengths}")
    if when.empty:
        raise StatsError("dates is empty; there is no series to chart")
    if when.isna().any():
        raise StatsError("dates has missing entries; give every point its date, also where its value is missing")
    if when.duplicated().any():
        raise StatsError("dates has an entry twice; add up the points of one date first")
    series = pd.DataFrame({"date": when, **columns}).sort_values("date", ignore_index=True)
    number = _numbers(series["date"], phases)
    ends = [phase.baseline_end for phase in phases]
    within = pd.Series(True, index=series.index)
    for order, end in enumerate(ends, start=1):
        if end is not None:
            within &= (number != order) | (series["date"] <= _comparable(end, series["date"]))
    series = series.assign(phase=number, baseline=within)
    hollow = [phase.reason for order, phase in enumerate(phases, 1) if not within[number == order].any()]
    if hollow:
        raise StatsError(
            f"phases: the phase {hollow[0]!r} has no point in its baseline; move its start or baseline_end"
        )
    return series


def by_phase(series: pd.DataFrame, limits: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """The series with the columns that ``limits`` makes from each phase."""
    parts = [limits(part) for _, part in series.groupby("phase", sort=True)]
    return series.join(pd.concat(parts))


def _numbers(dates: pd.Series, phases: Sequence[Phase]) -> pd.Series:
    if not phases:
        raise StatsError("phases is empty; give at least one, such as ONE_PROCESS")
    first, last = dates.iloc[0], dates.iloc[-1]
    starts = [first if phase.start is None else _comparable(phase.start, dates) for phase in phases]
    if starts[0] > first:
        raise StatsError("phases: the first phase starts after the first date; its start may be None")
    if any(later <= earlier for earlier, later in pairwise(starts)) or starts[-1] > last:
        raise StatsError("phases must start one after the other, and each within the dates of the series")
    return pd.Series(np.searchsorted(np.array(starts, dtype=dates.dtype), dates.to_numpy(), side="right"), dates.index)


def _comparable(date: Any, dates: pd.Series) -> Any:
    return pd.Timestamp(date) if pd.api.types.is_datetime64_any_dtype(dates) else date
