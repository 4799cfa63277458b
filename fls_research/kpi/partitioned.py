"""Counting records that come in parts (frames, a folder of Parquet, a Dask dataframe) without ever holding them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial, reduce
from operator import add
from typing import Any, Protocol, runtime_checkable

import pandas as pd

from fls_research.errors import FieldError, UsageError
from fls_research.kpi.counted import Counted
from fls_research.kpi.counting import Question, count

FAN_IN = 8
"""How many parts' counts are added in one step on a cluster; they are small, so that steps cost more than sums."""


@runtime_checkable
class Parts(Protocol):
    """Patient records that are read part by part, such as ``data.partitions.FrameParts``."""

    def parts(self, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """The parts one after the other, with these columns alone."""
        ...


Fractures = pd.DataFrame | Parts | Iterable[pd.DataFrame]
"""Patient records in any form that can be counted; a Dask dataframe besides, which is not imported to be named here."""


def count_all(fractures: Fractures, question: Question) -> Counted:
    """The counts of patient records, whole or in parts; the same numbers in the same order either way.

    Parameters
    ----------
    fractures : a pandas frame; or frames one after the other (an iterable, or an object with ``parts``), of which one
        is held at a time; or a Dask dataframe, whose partitions are counted by Dask's scheduler, in threads or on a
        cluster, and whose counts are added as a tree. Only ``question.columns`` are read.
    question : what is counted.

    Raises
    ------
    FieldError : a column is not there.
    UsageError : ``fractures`` is none of these.

    >>> from fls_research.kpi.definitions import record_for
    >>> from fls_research.kpi.groups import Dimension
    >>> asked = Question((record_for("kpi7", 2024),), (2024,), (Dimension(("national",)),))
    >>> frame = pd.DataFrame({"data_year": 2024, "therapy": ["drug", "declined", "not known"]})
    >>> [tables[asked.asked[0]].tolist() for tables in count_all([frame[:2], frame[2:]], asked).tables.values()]
    [[[1, 1, 1, 0]]]
    """
    if isinstance(fractures, pd.DataFrame):
        return count(fractures, question)
    if hasattr(fractures, "to_delayed") and hasattr(fractures, "columns"):
        return _count_dask(fractures, question)
    return reduce(add, (count(part, question) for part in _one_by_one(fractures, question.columns)), Counted())


def _one_by_one(fractures: Parts | Iterable[pd.DataFrame], columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    if not isinstance(fractures, Parts | Iterable):
        raise UsageError(_NOT_COUNTABLE.format(kind=type(fractures).__name__))
    for part in fractures.parts(columns) if isinstance(fractures, Parts) else fractures:
        if not isinstance(part, pd.DataFrame):
            raise UsageError(_NOT_COUNTABLE.format(kind=f"{type(fractures).__name__} of {type(part).__name__}"))
        yield part


_NOT_COUNTABLE = "Fractures are a pandas or Dask dataframe, prepared parts, or pandas frames; this is a {kind}."


def _count_dask(fractures: Any, question: Question) -> Counted:
    """The counts of a Dask dataframe, whose module is loaded already wherever there is one."""
    from dask import delayed

    lacking = [column for column in question.columns if column not in fractures.columns]
    if lacking:
        raise FieldError(f"The fractures frame has no column '{lacking[0]}', which a KPI reads; derive it first.")
    # The question goes inside a function: Dask would look for work in every rule of it.
    count_part, sum_parts = delayed(partial(count, question=question)), delayed(_sum)
    counted = [count_part(part) for part in fractures[list(question.columns)].to_delayed()]
    while len(counted) > 1:
        counted = [sum_parts(counted[first : first + FAN_IN]) for first in range(0, len(counted), FAN_IN)]
    return counted[0].compute()


def _sum(counted: Sequence[Counted]) -> Counted:
    return reduce(add, counted)
