"""How a CSV file becomes a grid of text: its encoding, its delimiter, and rows that do not fit the headings."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
from pandas.api.types import union_categoricals

from fls_research.data.grid import Grid, columns_of, text_column
from fls_research.data.wording import repair
from fls_research.errors import ExtractError

DELIMITERS = (",", ";", "\t", "|")
_MOST_MISFITS = 10_000
_Cells = tuple[tuple[pd.Categorical, ...], np.ndarray]
_OPEN_QUOTE = "a quotation mark is opened there and not closed in the row; mend the row, or export again."
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_delimited(content: bytes, *, name: str) -> Grid:
    """The grid of a CSV file.

    Parameters
    ----------
    content : the file's bytes, in UTF-8 (with or without a mark), UTF-16 with a mark, or Windows-1252; cells parted
        by comma, semicolon, tab or bar.
    name : how messages call the file.

    Raises
    ------
    ExtractError : not a text file, nothing in it, or a quotation mark left open.

    >>> grid = read_delimited("Unit code;Gender\\nNO;Donít know\\n".encode(), name="a.csv")
    >>> grid.headings, grid.delimiter, [column[0] for column in grid.columns]
    (('Unit code', 'Gender'), ';', ['NO', "Don't know"])
    """
    text, encoding = _decode(content, name)
    text = text.rstrip("\r\n\x1a")
    if not text.strip():
        raise ExtractError(f"{name}: the file is empty.")
    headings, delimiter = _headings(text, name)
    alone = "\n" not in text and "\r" not in text
    grid = (not alone and _read_fast(text, headings, delimiter, name)) or _read_slow(text, headings, delimiter, name)
    return Grid(headings, *grid, encoding=encoding, delimiter=delimiter)


def _decode(content: bytes, name: str) -> tuple[str, str]:
    if content.startswith(b"PK\x03\x04"):
        raise ExtractError(f"{name}: this is an Excel workbook with the wrong ending; rename it to end in .xlsx.")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding), encoding
            except UnicodeDecodeError:
                raise ExtractError(f"{name}: begins as {encoding.upper()} text but does not go on so.") from None
    if b"\x00" in content[:65536]:
        raise ExtractError(f"{name}: not a text file; save it as CSV in UTF-8.")
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise ExtractError(f"{name}: neither UTF-8 nor Windows-1252 text; save it as CSV in UTF-8.")


def _headings(text: str, name: str) -> tuple[tuple[str, ...], str]:
    best: list[str] = []
    chosen = DELIMITERS[0]
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader(io.StringIO(text[:1_000_000], newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        if len(cells) > len(best):
            best, chosen = cells, delimiter
    if not any(cell.strip() for cell in best):
        raise ExtractError(f"{name}: the first row is blank; it must hold the headings.")
    return tuple(repair(cell).strip() for cell in best), chosen


def _read_fast(text: str, headings: tuple[str, ...], delimiter: str, name: str) -> _Cells | None:
    """Arrow's reader, with the few rows that do not fit put back; None when the file is not as simple as that."""
    content = text.encode("utf-8")
    try:
        table, misfits = _arrow(content, len(headings), delimiter, threads=True)
        if misfits:
            # Only the reader with one thread knows which rows they are.
            table, misfits = _arrow(content, len(headings), delimiter, threads=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    # Fewer rows than lines: a quotation mark holds lines together, rightly or not, and Python's reader looks closer.
    lines = max(text.count("\n"), text.count("\r"))
    if table.num_rows + len(misfits) != lines or len(misfits) > _MOST_MISFITS:
        return None
    columns = tuple(text_column(column) for column in table.columns)
    fitting = np.zeros(table.num_rows, dtype=bool)
    if not misfits:
        return columns, fitting
    try:
        odd = _read_slow("\n".join(["", *(row for _, row in misfits)]), headings, delimiter, name)
    except ExtractError:
        return None  # The reader of the whole file names the right line.
    places = np.array([number for number, _ in misfits])
    return tuple(map(partial(_put_back, places=places), columns, odd[0])), _inserted(fitting, odd[1], places)


def _arrow(content: bytes, width: int, delimiter: str, *, threads: bool) -> tuple[pa.Table, list[tuple[int, str]]]:
    """The rows that fit, and place and text of those that do not (the place only with one thread)."""
    names = [f"c{position}" for position in range(width)]
    misfits: list[tuple[int, str]] = []

    def misfit(row: arrow_csv.InvalidRow) -> str:
        # Arrow counts the headings as row 1.
        misfits.append(((row.number or 0) - 2, row.text or ""))
        return "skip"

    table = arrow_csv.read_csv(
        pa.BufferReader(content),
        read_options=arrow_csv.ReadOptions(
            column_names=names, skip_rows_after_names=1, block_size=1 << 22, use_threads=threads
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=misfit),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())), strings_can_be_null=False
        ),
    )
    return table, misfits


def _put_back(column: pd.Categorical, odd: pd.Categorical, *, places: np.ndarray) -> pd.Categorical:
    both = union_categoricals([column, odd])
    return both.take(_inserted(np.arange(len(column)), np.arange(len(column), len(both)), places))


def _inserted(values: np.ndarray, odd: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The values with the odd ones among them, so that each odd one stands at its place in the result."""
    whole = np.empty(len(values) + len(odd), dtype=values.dtype)
    is_odd = np.zeros(len(whole), dtype=bool)
    is_odd[places] = True
    whole[is_odd], whole[~is_odd] = odd, values
    return whole


def _read_slow(text: str, headings: tuple[str, ...], delimiter: str, name: str) -> _Cells:
    """Python's reader, row by row: it knows which rows do not fit."""
    width = len(headings)
    rows: list[list[str]] = []
    malformed: list[bool] = []
    for first, last, cells in _rows(text, delimiter, name):
        if last > first and any(_swallowed_rows(cell, width, delimiter) for cell in cells):
            raise ExtractError(f"{name}, line {first}: {_OPEN_QUOTE}")
        fits = len(cells) == width or (len(cells) > width and not any(cell.strip() for cell in cells[width:]))
        malformed.append(not fits and any(cell.strip() for cell in cells))
        rows.append(cells if len(cells) == width else (cells + [""] * width)[:width])
    return columns_of(rows, width), np.array(malformed, dtype=bool)


def _rows(text: str, delimiter: str, name: str) -> Iterator[tuple[int, int, list[str]]]:
    """The rows below the headings, each with the lines on which it begins and ends."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise ExtractError(f"{name}, line {first}: {_OPEN_QUOTE}") from None
        yield first, reader.line_num, cells


def _swallowed_rows(cell: str, width: int, delimiter: str) -> bool:
    """Whether a cell of several lines holds a line that looks like a row, which an open quotation mark ran into."""
    lines = cell.splitlines()
    return len(lines) > 1 and max(line.count(delimiter) for line in lines) >= (width - 1) / 2
