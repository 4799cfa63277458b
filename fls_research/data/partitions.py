"""A frame on disk in parts, read one part at a time or by Dask, and the prepared cohort that is kept so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from fls_research.data import describe
from fls_research.data.edition import Cohort, Source
from fls_research.data.prepared import appearing_whole, read_facts, read_frame, write_facts, write_frame
from fls_research.data.register import Register
from fls_research.errors import ExtractError, ExtractNotFound, FieldError, UsageError
from fls_research.params import YearParams

_INDEX = "parts.json"
_FACTS = "cohort-in-parts.json"
_REGISTER = ("services", "geography")
_COUNTS = ("flow", "flow_by_year")


def cut_by_rows(frame: pd.DataFrame, rows: int) -> Iterator[pd.DataFrame]:
    """The frame in parts of so many rows, the last one shorter, in its order.

    >>> [len(part) for part in cut_by_rows(pd.DataFrame({"a": range(5)}), 2)]
    [2, 2, 1]
    """
    _refuse_no_rows(rows)
    for first in range(0, max(len(frame), 1), rows):
        yield frame.iloc[first : first + rows]


def cut_by_service(fractures: pd.DataFrame, rows: int) -> Iterator[pd.DataFrame]:
    """The fractures in parts of whole services, in the order of their codes, each with ``rows`` or more but the last.

    >>> frame = pd.DataFrame({"service_code": ["B", "A", "B", "C"]})
    >>> [part["service_code"].tolist() for part in cut_by_service(frame, 2)]
    [['A', 'B', 'B'], ['C']]
    """
    _refuse_no_rows(rows)
    codes = fractures["service_code"].astype(str).to_numpy(dtype=object)
    ordered = fractures.iloc[np.argsort(codes, kind="stable")]
    ends = np.unique(codes, return_counts=True)[1].cumsum()
    first = 0
    for end in ends:
        if end - first >= rows or end == len(fractures):
            yield ordered.iloc[first:end]
            first = end


def _refuse_no_rows(rows: int) -> None:
    if rows < 1:
        raise UsageError("A part holds one row or more; give a number of rows from 1.")


class PartsWriter:
    """Writes the parts of one frame into a folder, one after the other; the same parts give the same bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._rows: list[int] = []
        self._columns: list[str] | None = None
        self._categories: dict[str, dict[str, None]] = {}
        self._ordered: dict[str, bool] = {}

    def add(self, part: pd.DataFrame) -> None:
        """Write the next part; every part has the same columns."""
        columns = list(part.columns)
        if self._columns is not None and columns != self._columns:
            raise UsageError("The parts of one frame have the same columns in the same order; these differ.")
        self._columns = columns
        for name, kind in part.dtypes.items():
            if isinstance(kind, pd.CategoricalDtype):
                self._categories.setdefault(name, {}).update(dict.fromkeys(kind.categories))
                self._ordered[name] = kind.ordered
        write_frame(part, self.folder / _file_name(len(self._rows)))
        self._rows.append(len(part))

    @property
    def categories(self) -> dict[str, list[str]]:
        """The categories of each categorical column over all parts so far, in the order of their first appearance."""
        return {name: list(values) for name, values in self._categories.items()}

    def close(self, categories: Mapping[str, Sequence[str]] | None = None) -> FrameParts:
        """Write down what the parts are; ``categories`` replaces the order of appearance, for the columns in it."""
        if self._columns is None:
            raise UsageError("There is no part to keep; give at least one, which may be empty.")
        settled = self.categories | {name: list(values) for name, values in (categories or {}).items()}
        index = {
            "columns": self._columns,
            "rows": self._rows,
            "categories": {name: {"values": settled[name], "ordered": self._ordered[name]} for name in settled},
        }
        text = json.dumps(index, ensure_ascii=False, indent=1)
        (self.folder / _INDEX).write_text(text + "\n", encoding="utf-8", newline="\n")
        return FrameParts.open(self.folder)


def _file_name(number: int) -> str:
    return f"part-{number:05d}.parquet"


@dataclass(frozen=True)
class FrameParts:
    """One frame that lies in a folder in parts; nothing is read before it is asked for.

    Every part has the same columns and types, and each categorical column the same categories in each, whether they
    occur in the part or not.
    """

    folder: Path
    columns: tuple[str, ...] = field(repr=False)
    rows: tuple[int, ...]
    categories: Mapping[str, pd.CategoricalDtype] = field(repr=False)

    @classmethod
    def open(cls, folder: Path) -> FrameParts:
        """The parts that a :class:`PartsWriter` wrote.

        Raises
        ------
        ExtractNotFound : there are none in the folder.
        ExtractError : the folder is damaged.
        """
        folder = Path(folder)
        try:
            index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
            categories = {
                name: pd.CategoricalDtype(pd.Index(kind["values"], dtype=object), ordered=kind["ordered"])
                for name, kind in index["categories"].items()
            }
            return cls(folder, tuple(index["columns"]), tuple(index["rows"]), categories)
        except FileNotFoundError:
            raise ExtractNotFound(f"There are no prepared parts in {folder.name}; prepare the extract again.") from None
        except (OSError, ValueError, KeyError, TypeError):
            raise _damaged(folder) from None

    def __len__(self) -> int:
        """The number of parts."""
        return len(self.rows)

    def read(self, number: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """One part, counted from 0, or some columns of it.

        Raises
        ------
        FieldError : a column is not in the frame.
        ExtractError : the part is damaged or gone.
        """
        return _read_part(_file_name(number), self.folder, self.categories, self._wanted(columns))

    def parts(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Every part in turn; raises what :meth:`read` raises."""
        for number in range(len(self)):
            yield self.read(number, columns)

    def dask(self) -> Any:
        """The frame as a Dask dataframe with a partition for each part; of it, only the columns in use are read.

        Dask comes with the extra ``batch`` of this package; it is imported here and not before.
        """
        import dask
        import dask.dataframe as dd

        read = partial(_read_part, folder=self.folder, categories=self.categories)
        # Else Dask would make Arrow's strings of the records' keys, and the types would not be the cohort's.
        with dask.config.set({"dataframe.convert-string": False}):
            names = [_file_name(number) for number in range(len(self))]
            return dd.from_map(read, names, columns=list(self.columns), meta=self.read(0).iloc[:0])

    def whole(self) -> pd.DataFrame:
        """All parts as one frame, which must fit into memory."""
        return pd.concat(self.parts(), ignore_index=True)

    def _wanted(self, columns: Sequence[str] | None) -> list[str]:
        wanted = list(self.columns if columns is None else columns)
        lacking = [column for column in wanted if column not in self.columns]
        if lacking:
            raise FieldError(f"The prepared parts have no column '{lacking[0]}'; prepare the extract again.")
        return wanted


def _read_part(
    name: str, folder: Path, categories: Mapping[str, pd.CategoricalDtype], columns: Sequence[str]
) -> pd.DataFrame:
    try:
        part = read_frame(folder / name, columns)[list(columns)]
        coded = {column: _as_kind(part[column], kind) for column, kind in categories.items() if column in columns}
        return part.assign(**coded)
    except (OSError, ValueError, KeyError, pa.ArrowException):
        raise _damaged(folder) from None


def _as_kind(column: pd.Series, kind: pd.CategoricalDtype) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype):
        # To pandas, two kinds that differ in the order of their categories alone are one, and astype does nothing.
        return column.cat.set_categories(kind.categories, ordered=kind.ordered)
    return column.astype(kind)


def _damaged(folder: Path) -> ExtractError:
    return ExtractError(f"The prepared parts in {folder.name} are damaged; delete the folder and prepare again.")


@dataclass(frozen=True)
class PartitionedCohort:
    """A prepared cohort whose fractures and issues stay on disk in parts; else as :class:`~.edition.Cohort`.

    ``kpi.evaluate`` takes ``fractures`` as it takes a frame.
    """

    params: YearParams
    register: Register
    source: Source
    fractures: FrameParts
    flow: pd.DataFrame = field(repr=False)
    flow_by_year: pd.DataFrame = field(repr=False)
    issues: FrameParts

    @property
    def years(self) -> tuple[int, ...]:
        """The data years that the fractures hold, in order."""
        analysed = self.flow_by_year.loc[self.flow_by_year["step"] == "analysed", "data_year"]
        return tuple(sorted(int(year) for year in analysed.unique()))

    def caseload(self, years: Iterable[int]) -> pd.DataFrame:
        """Hip fractures of each service in each year; see :func:`fls_research.data.describe.caseloads`."""
        return describe.caseloads(self.register, years)

    def whole(self) -> Cohort:
        """The cohort in memory, for one that fits."""
        return Cohort(
            params=self.params,
            register=self.register,
            source=self.source,
            fractures=self.fractures.whole(),
            flow=self.flow,
            flow_by_year=self.flow_by_year,
            issues=self.issues.whole(),
        )


def store_parts(cohort: Cohort, parts: Iterable[pd.DataFrame], folder: Path) -> PartitionedCohort:
    """Write a cohort to a folder with its fractures in parts; the folder appears whole or not at all.

    Parameters
    ----------
    cohort : what all but the fractures is taken from.
    parts : the fractures, as :func:`cut_by_rows` or :func:`cut_by_service` cuts them.
    folder : is replaced where it is there. It holds patient rows: keep it out of version control.
    """
    with appearing_whole(folder) as fresh:
        fractures, issues = PartsWriter(fresh / "fractures"), PartsWriter(fresh / "issues")
        for part in parts:
            fractures.add(part)
        fractures.close()
        issues.add(cohort.issues)
        issues.close()
        write_about(cohort.params, cohort.register, cohort.source, cohort.flow, cohort.flow_by_year, fresh)
    return open_parts(folder)


def write_about(
    params: YearParams,
    register: Register,
    source: Source,
    flow: pd.DataFrame,
    flow_by_year: pd.DataFrame,
    folder: Path,
) -> None:
    """Write all of a partitioned cohort but the parts themselves; with it the folder is one."""
    for name, frame in zip(_COUNTS, (flow, flow_by_year), strict=True):
        write_frame(frame, folder / f"{name}.parquet")
    for name in _REGISTER:
        write_frame(getattr(register, name), folder / f"{name}.parquet")
    write_facts(params, source, folder / _FACTS)


def open_parts(folder: Path) -> PartitionedCohort:
    """The cohort in parts that :func:`store_parts` or ``prepare_parts`` wrote; no patient row is read.

    Raises
    ------
    ExtractNotFound : there is none in the folder.
    ExtractError : the folder is damaged.
    """
    folder = Path(folder)
    if not (folder / _FACTS).is_file():
        raise ExtractNotFound(f"There is no cohort in parts in {folder.name}; prepare the extract again.")
    try:
        params, source = read_facts(folder / _FACTS)
        frames = {name: read_frame(folder / f"{name}.parquet") for name in (*_COUNTS, *_REGISTER)}
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        raise _damaged(folder) from None
    return PartitionedCohort(
        params=params,
        register=Register(**{name: frames.pop(name) for name in _REGISTER}),
        source=source,
        fractures=FrameParts.open(folder / "fractures"),
        issues=FrameParts.open(folder / "issues"),
        **frames,
    )
