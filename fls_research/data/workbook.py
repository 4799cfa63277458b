"""How a sheet of an Excel workbook becomes a grid of text: dates as ISO, codes as they are shown, not as numbers."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from fls_research.data.grid import Grid, columns_of, which_sheet
from fls_research.data.wording import repair
from fls_research.errors import ExtractError, did_you_mean

_PADDED = re.compile(r"0+")


def read_workbook(content: bytes, *, name: str, sheet: str | None = None) -> Grid:
    """The grid of one sheet.

    Parameters
    ----------
    content : the bytes of an ``.xlsx`` workbook.
    name : how messages call the file.
    sheet : the sheet's name; the first visible one when not given.

    Raises
    ------
    ExtractError : not a workbook (or one with a password), no such sheet, no headings, or no row below them.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, ParseError, EOFError):
        raise ExtractError(
            f"{name}: not a readable workbook; it is damaged or has a password. Save it again as .xlsx without one."
        ) from None
    try:
        chosen = _choose(book, sheet, name)
        others = tuple(title for title in _visible(book) if title != chosen)
        try:
            headings, rows = _cells(book[chosen])
        except (zipfile.BadZipFile, KeyError, ValueError, ParseError, EOFError):
            raise ExtractError(f"{name}: the sheet '{chosen}' is damaged; save the workbook again.") from None
    finally:
        book.close()
    if not any(headings):
        hint = which_sheet(chosen, others)
        raise ExtractError(f"{name}: the first row of the sheet '{chosen}' is blank; it must hold the headings.{hint}")
    if not rows:
        hint = which_sheet(chosen, others)
        raise ExtractError(f"{name}: the sheet '{chosen}' has headings but no row below them.{hint}")
    malformed = np.zeros(len(rows), dtype=bool)
    return Grid(headings, columns_of(rows, len(headings)), malformed, sheet=chosen, other_sheets=others)


def _choose(book: openpyxl.Workbook, sheet: str | None, name: str) -> str:
    sheets = [item.title for item in book.worksheets]
    if sheet is not None:
        if sheet not in sheets:
            raise ExtractError(f"{name}: there is no sheet '{sheet}'; {did_you_mean(sheet, sheets)}")
        return sheet
    visible = _visible(book)
    if not visible:
        raise ExtractError(f"{name}: the workbook has no visible sheet.")
    return visible[0]


def _visible(book: openpyxl.Workbook) -> list[str]:
    return [item.title for item in book.worksheets if item.sheet_state == "visible"]


def _cells(sheet: Any) -> tuple[tuple[str, ...], list[list[str]]]:
    # Some programs write a wrong size of the sheet, and the reader would stop there.
    sheet.reset_dimensions()
    lines = _lines(sheet)
    headings = [repair(cell).strip() for cell in next(lines, [])]
    rows = list(lines)
    width = max([len(headings), *(len(row) for row in rows)])
    headings += [""] * (width - len(headings))
    return tuple(headings), [row + [""] * (width - len(row)) for row in rows]


def _lines(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows():
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        yield cells


def _text(cell: Any) -> str:
    """A cell as a reader of the sheet would copy it down.

    A whole number under a format of noughts (``000``) keeps them: that is how a spreadsheet holds the code 010.
    """
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and _PADDED.fullmatch(cell.number_format or ""):
        return str(value).zfill(len(cell.number_format))
    return str(value)
