"""A file's cells as text, whatever the format: headings as found, and columns in which each text is kept once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from fls_research.data.wording import repair


@dataclass(frozen=True)
class Grid:
    """What a reader of one format found.

    ``columns`` stand in the order of ``headings``; each is a categorical whose categories are the distinct texts, so
    that whatever is done to a text is done once and not once a row. A blank cell is missing. ``malformed`` marks the
    rows with too few or too many cells. ``other_sheets`` are the visible ones of a workbook that were not read.
    """

    headings: tuple[str, ...]
    columns: tuple[pd.Categorical, ...]
    malformed: np.ndarray
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()


def which_sheet(read: str, others: tuple[str, ...]) -> str:
    """A sentence for messages that names the other sheets of a workbook, one of which may hold the extract.

    >>> which_sheet("Readme", ("Extract",))
    " The sheet read was 'Readme'; the workbook also has 'Extract': name the one with the extract (--sheet)."
    >>> which_sheet("Extract", ())
    ''
    """
    if not others:
        return ""
    named = ", ".join(f"'{sheet}'" for sheet in others)
    return f" The sheet read was '{read}'; the workbook also has {named}: name the one with the extract (--sheet)."


def text_column(cells: pa.Array | pa.ChunkedArray) -> pd.Categorical:
    """Arrow text, dictionary-encoded or plain, as a categorical of trimmed and repaired texts; blank is missing.

    >>> column = text_column(pa.array(["Yes", " Yes ", "", None, "Don’t know"]))
    >>> list(column.categories), column.codes.tolist()
    (['Yes', "Don't know"], [0, 0, -1, -1, 1])
    """
    if isinstance(cells, pa.ChunkedArray):
        if pa.types.is_dictionary(cells.type):
            cells = cells.unify_dictionaries()
        cells = cells.combine_chunks()
        if isinstance(cells, pa.ChunkedArray):
            cells = cells.chunk(0) if cells.num_chunks else pa.array([], pa.string())
    if not pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    codes = cells.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    texts = _clean(cells.dictionary.cast(pa.string())).dictionary_encode()
    merged = texts.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    categories = np.array(texts.dictionary.to_pylist(), dtype=object)
    to_final = np.arange(len(categories), dtype=np.int32)
    blank = np.flatnonzero(categories == "")
    if blank.size:
        to_final[blank[0] + 1 :] -= 1
        to_final[blank[0]] = -1
        categories = np.delete(categories, blank[0])
    # A last element of -1 lets the code -1 (a null) look itself up.
    to_final = np.append(to_final, np.int32(-1))
    final = to_final[np.append(merged, -1)[codes]] if len(codes) else codes
    return pd.Categorical.from_codes(final, categories=pd.Index(categories, dtype=object))


def _clean(texts: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(texts)
    if pc.all(pc.string_is_ascii(trimmed), min_count=0).as_py():
        return trimmed
    return pa.array([None if text is None else repair(text) for text in trimmed.to_pylist()], pa.string())


def columns_of(rows: list[list[str]], width: int) -> tuple[pd.Categorical, ...]:
    """The columns of rows that all have ``width`` cells."""
    cells = zip(*rows, strict=True) if rows else ((),) * width
    return tuple(text_column(pa.array(list(column), pa.string())) for column in cells)
