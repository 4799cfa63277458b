"""The door for an extract: one file of any accepted format in, text columns by heading and facts of the format out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.data.columnar import read_columnar
from fls_research.data.delimited import read_delimited
from fls_research.data.grid import Grid
from fls_research.data.workbook import read_workbook
from fls_research.errors import ExtractError, ExtractNotFound

SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".parquet")
_STRAY = re.compile(r"(?:|unnamed(?::? ?\d+)?(?:_level_\d+)?|\.{3}\d+|column ?\d+|x\.?\d*|v\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class FileFacts:
    """What is known of the file itself, for the provenance of every number.

    ``rows`` are those below the headings without trailing blank ones, which ``blank_rows`` counts; ``empty_columns``
    counts stray columns without a heading and without content, which are dropped.
    """

    name: str
    format: str
    sha256: str
    rows: int
    columns: int
    blank_rows: int = 0
    empty_columns: int = 0
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class RawExtract:
    """An extract as text.

    Attributes
    ----------
    frame : one row is one row of the file, one column one heading as found; each column is categorical over its
        distinct texts, trimmed, and missing where the cell is blank. A heading that stands there twice, or not at
        all, has its position in brackets behind it.
    headings : the headings as found, in the order of the columns of ``frame``.
    lines : the number of each row in the file, counting the headings as row 1.
    malformed : which rows have too few or too many cells.
    facts : what is known of the file.
    other_sheets : the names of the visible sheets of a workbook that were not read.
    """

    frame: pd.DataFrame = field(repr=False)
    headings: tuple[str, ...] = field(repr=False)
    lines: np.ndarray = field(repr=False)
    malformed: np.ndarray = field(repr=False)
    facts: FileFacts
    other_sheets: tuple[str, ...] = ()


def read_extract(path: Path, *, sheet: str | None = None) -> RawExtract:
    """Read a CSV, XLSX or Parquet file as text, whatever is in it.

    Parameters
    ----------
    path : the file. CSV may be UTF-8 (with or without a mark), UTF-16 or Windows-1252, with comma, semicolon, tab or
        bar between the cells.
    sheet : the sheet of a workbook; the first visible one when not given.

    Returns
    -------
    RawExtract : nothing is a number yet, so the codes ``010``, ``NO`` and ``5E1`` are what was written.

    Raises
    ------
    ExtractNotFound : no file at the path, or a folder.
    ExtractError : an ending that is not known, an Excel lock file, no permission, an empty or damaged file, no such
        sheet, or headings without a row below them.
    """
    raw = read_part(path, sheet=sheet)
    if not raw.facts.rows:
        raise ExtractError(f"{raw.facts.name}: there are headings but no row below them.")
    return raw


def read_part(path: Path, *, sheet: str | None = None) -> RawExtract:
    """The same as :func:`read_extract` for a file that may have headings and no row, as one part of many may."""
    path = Path(path)
    reader = _reader(path, sheet)
    content = _bytes(path)
    if not content.strip():
        raise ExtractError(f"{path.name}: the file is empty.")
    return raw_extract(reader(content), path, hashlib.sha256(content).hexdigest())


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes in hexadecimal; it raises what :func:`read_extract` raises for the path."""
    return hashlib.sha256(_bytes(Path(path))).hexdigest()


def _reader(path: Path, sheet: str | None) -> Callable[[bytes], Grid]:
    if path.is_dir():
        raise ExtractNotFound(f"{path} is a folder; give the extract file inside it.")
    suffix = path.suffix.lower()
    if path.name.startswith("~$"):
        raise ExtractError(f"{path.name} is Excel's lock file; close the workbook and give the file without '~$'.")
    if suffix not in SUFFIXES:
        raise ExtractError(f"{path.name}: files ending in '{suffix}' are not read; use {', '.join(SUFFIXES)}.")
    workbook = suffix in (".xlsx", ".xlsm")
    if sheet is not None and not workbook:
        raise ExtractError(f"{path.name}: only a workbook has sheets; leave the name of the sheet out.")
    if workbook:
        return partial(read_workbook, name=path.name, sheet=sheet)
    return partial(read_columnar if suffix == ".parquet" else read_delimited, name=path.name)


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise ExtractNotFound(f"{path} is a folder; give the extract file inside it.")
    if not path.is_file():
        raise ExtractNotFound(f"There is no file {path}; check the path, or write demonstration data with 'fls demo'.")
    try:
        return path.read_bytes()
    except PermissionError:
        raise ExtractError(f"{path.name}: this account may not read the file; ask its owner, or close it.") from None
    except OSError:
        raise ExtractError(f"{path.name}: the file could not be read from the disk.") from None


def raw_extract(grid: Grid, path: Path, digest: str) -> RawExtract:
    """The extract that a reader of one format found in a file, without blank rows at its end and stray columns."""
    filled = grid.malformed.copy()
    for column in grid.columns:
        filled |= column.codes >= 0
    rows = int(np.flatnonzero(filled)[-1]) + 1 if filled.any() else 0
    keep = [
        position
        for position, (heading, column) in enumerate(zip(grid.headings, grid.columns, strict=True))
        if not _STRAY.fullmatch(heading) or (column.codes >= 0).any()
    ]
    headings = tuple(grid.headings[position] for position in keep)
    labels = _labels(headings, keep)
    facts = FileFacts(
        name=path.name,
        format=path.suffix.lower().lstrip("."),
        sha256=digest,
        rows=rows,
        columns=len(keep),
        blank_rows=len(filled) - rows,
        empty_columns=len(grid.headings) - len(keep),
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        sheet=grid.sheet,
    )
    frame = pd.DataFrame(
        {label: grid.columns[position][:rows] for label, position in zip(labels, keep, strict=True)}, copy=False
    )
    return RawExtract(frame, headings, np.arange(2, rows + 2), grid.malformed[:rows], facts, grid.other_sheets)


def _labels(headings: tuple[str, ...], positions: list[int]) -> list[str]:
    """Headings as found, made distinct by their place in the file where they are not."""
    return [
        heading if heading and headings.count(heading) == 1 else f"{heading} (column {position + 1})".strip()
        for heading, position in zip(headings, positions, strict=True)
    ]


def is_stray(heading: str) -> bool:
    """Whether a heading is no heading: blank, or the name that a program gives to a column without one.

    >>> [is_stray(h) for h in ("", "Unnamed: 7", "...2", "Vision")]
    [True, True, True, False]
    """
    return bool(_STRAY.fullmatch(heading))
