"""How a Parquet file becomes a grid of text: dates as ISO, whole numbers without a decimal point."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fls_research.data.grid import Grid, text_column
from fls_research.data.wording import repair
from fls_research.errors import ExtractError


def read_columnar(content: bytes, *, name: str) -> Grid:
    """The grid of a Parquet file.

    Parameters
    ----------
    content : the file's bytes.
    name : how messages call the file.

    Raises
    ------
    ExtractError : not a Parquet file, no column in it, or a column that is not text, number, truth value or date.
    """
    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read()
    except (pa.ArrowException, OSError):
        raise ExtractError(f"{name}: not a readable Parquet file; it is damaged or of another format.") from None
    if not table.num_columns:
        raise ExtractError(f"{name}: the file holds no column.")
    return grid_of(table, name=name)


def grid_of(table: pa.Table, *, name: str) -> Grid:
    """The grid of an Arrow table; it raises as :func:`read_columnar` does for a column that cannot be text."""
    headings = tuple(repair(heading).strip() for heading in table.column_names)
    columns = []
    for position in range(table.num_columns):
        try:
            columns.append(text_column(_as_text(table.column(position))))
        except (pa.ArrowException, TypeError, ValueError):
            raise ExtractError(
                f"{name}: column {position + 1} holds neither text nor numbers nor dates (a date with a time zone is"
                " not read either); write it as text."
            ) from None
    return Grid(headings, tuple(columns), np.zeros(table.num_rows, dtype=bool))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_timestamp(kind):
        if kind.tz is not None:
            raise TypeError
        return pc.strftime(column, format="%Y-%m-%d")
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "Yes", "No")
    if pa.types.is_floating(kind):
        return _floats_as_text(column)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        raise TypeError
    return column.cast(pa.string())


def _floats_as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Floats as their shortest text; a column of whole numbers with gaps is stored as floats, so 73.0 becomes 73."""
    missing = pc.is_nan(column)
    known = pc.if_else(missing, None, column.cast(pa.float64()))
    text = pc.replace_substring_regex(known.cast(pa.string()), pattern=r"\.0+$", replacement="")
    return text
