"""The layout of a real export: its headings, its wording, its dates, its stray columns; and the file itself."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from fls_research.data import schema
from fls_research.data.codes import NOT_KNOWN
from fls_research.data.schema import Field, Kind, Need
from fls_research.data.synthetic.faults import BLANK_ROWS, FAULTS

ENCODINGS = ("utf-8-sig", "utf-8", "cp1252")

STRAY_HEADINGS = ("", "...2")
"""Columns without a meaning that spreadsheets leave in an export; the second is written by a statistical package."""

_ABSENT = {"imd_decile": 0, "refractures": -1}
"""Whole numbers that stand for a blank cell."""

_MISSPELT = {"fracture_type": "TypeOfFractue"}

_NOT_KNOWN_TEXTS = {
    "sex": ("Not known",),
    "fracture_site": ("", "Don't know"),
    "therapy": ("Don't know", "Don't know", "Don’t know", "Donít know", ""),
}
_USUAL_NOT_KNOWN = ("", "", "", "", "", "Don't know", "Don't know", "Don’t know", "Donít know", "")
"""How an answer that is not known stands in the file: mostly blank, else in words, part of them broken by encoding."""


def export_fields() -> tuple[Field, ...]:
    """The fields of the export, in the dataset's order: everything but identifiers and what the decile replaces."""
    return tuple(f for f in schema.FIELDS if f.need is not Need.REFUSED and f.name != "imd_quintile")


def export_heading(field: Field) -> str:
    """The heading of a field: with its number where a KPI needs the field, without it elsewhere, one misspelt.

    >>> export_heading(schema.BY_NAME["index_date"]), export_heading(schema.BY_NAME["fracture_type"])
    ('1.09 Date Index Frac Diagnosed', 'TypeOfFractue')
    """
    heading = _MISSPELT.get(field.name, field.export)
    return f"{field.number} {heading}" if field.number and field.need is not Need.OPTIONAL else heading


def as_export(records: pd.DataFrame) -> pa.Table:
    """The records as the text table that a service downloads, blank rows at the end included.

    Parameters
    ----------
    records : rows of ``faults.with_faults``.

    Returns a table of text columns; a blank cell is null.
    """
    columns = dict(_columns(records))
    blank = pa.nulls(BLANK_ROWS, pa.string())
    return pa.table({heading: pa.concat_arrays([column, blank]) for heading, column in columns.items()})


def write_export(table: pa.Table, path: Path, *, encoding: str = "utf-8-sig") -> Path:
    """Write the table as CSV with commas and line feeds, in one of ``ENCODINGS``; returns the path.

    The file is written beside its place and moved there whole.
    """
    if encoding not in ENCODINGS:
        raise ValueError(f"encoding must be one of {', '.join(ENCODINGS)}")
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(table, buffer, pyarrow.csv.WriteOptions(quoting_style="none", include_header=False))
    head = ",".join(f'"{heading}"' for heading in table.column_names) + "\n"
    body = head.encode("utf-8") + buffer.getvalue()
    if encoding == "cp1252":
        body = body.decode("utf-8").encode("cp1252")
    part = path.with_name(path.name + ".part")
    part.write_bytes((b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b"") + body)
    part.replace(path)
    return path


def _columns(records: pd.DataFrame) -> Iterator[tuple[str, pa.Array]]:
    fields = export_fields()
    for position, field in enumerate(fields):
        texts, chosen = _wording(records, field, position)
        chosen, texts = _wrong_texts(records["fault"], field, chosen, texts)
        yield export_heading(field), _taken(texts, chosen)
        if position == len(fields) // 3:
            yield STRAY_HEADINGS[0], pa.nulls(len(records), pa.string())
    yield STRAY_HEADINGS[1], pa.nulls(len(records), pa.string())


def _taken(texts: list[str | None], chosen: np.ndarray) -> pa.Array:
    """Texts by position; empty text and position -1 become null."""
    dictionary = pa.array([text or None for text in [*texts, None]], pa.string())
    return dictionary.take(pa.array(np.where(chosen < 0, len(texts), chosen).astype(np.int64)))


def _wording(records: pd.DataFrame, field: Field, position: int) -> tuple[list[str], np.ndarray]:
    """The distinct texts of a field's column, and for each row which of them (-1: blank)."""
    name = field.name
    if name == "ethnicity":
        codes = records["ethnic_code"].cat
        return list(codes.categories), codes.codes.to_numpy().astype(np.int64)
    values = records[name]
    match field.kind:
        case Kind.DATE:
            return _dates(values)
        case Kind.CODE | Kind.DRUGS:
            return _answers(records, field, position)
        case Kind.WHOLE | Kind.DECIMAL:
            return _numbers(values, absent=_ABSENT.get(name))
    codes, texts = pd.factorize(values)
    return [str(text) for text in texts], codes.astype(np.int64)


def _answers(records: pd.DataFrame, field: Field, position: int) -> tuple[list[str], np.ndarray]:
    answer = records[field.name].astype(pd.CategoricalDtype(list(field.permitted())))
    wording = {code.code: code.export for code in field.codes}
    texts = [wording[code] for code in answer.cat.categories]
    chosen = answer.cat.codes.to_numpy().astype(np.int64)
    unknown = chosen == field.permitted().index(NOT_KNOWN)
    variants = _NOT_KNOWN_TEXTS.get(field.name, _USUAL_NOT_KNOWN)
    # The hand of a row and the place of the field choose the variant: a copy of a row is then the same to the letter.
    hand = records["hand"].to_numpy().astype(np.uint64)
    variant = ((hand * np.uint64(2654435761 + 2 * position)) >> np.uint64(16)) % np.uint64(len(variants))
    chosen = np.where(unknown, len(texts) + variant.astype(np.int64), chosen)
    texts = [*texts, *variants]
    if field.kind is Kind.DRUGS:
        drugs = records[field.children[0]].cat if field.children else records[f"{field.name}_drugs"].cat
        takes = (answer == "drug").to_numpy()
        chosen = np.where(takes, len(texts) + drugs.codes.to_numpy().astype(np.int64), chosen)
        texts = [*texts, *drugs.categories]
    return texts, chosen


def _dates(values: pd.Series) -> tuple[list[str], np.ndarray]:
    """Day first, as people in the United Kingdom write dates."""
    days = values.to_numpy().astype("datetime64[D]")
    known = ~np.isnat(days)
    if not known.any():
        return [], np.full(len(days), -1)
    first, last = days[known].min(), days[known].max()
    calendar = pd.date_range(first, last, freq="D").strftime("%d/%m/%Y").to_list()
    offset = np.where(known, days, first) - first
    return calendar, np.where(known, offset.astype(np.int64), -1)


def _numbers(values: pd.Series, *, absent: int | None) -> tuple[list[str], np.ndarray]:
    """Numbers as people write them: no trailing point or nought."""
    numbers = values.to_numpy(dtype=float)
    known = ~np.isnan(numbers)
    if absent is not None:
        known &= numbers != absent
    distinct, inverse = np.unique(np.where(known, numbers, 0.0), return_inverse=True)
    return [f"{number:g}" for number in distinct], np.where(known, inverse, -1)


def _wrong_texts(fault: pd.Series, field: Field, chosen: np.ndarray, texts: list[str]) -> tuple[np.ndarray, list[str]]:
    """The cells of a field that hold what no clean record could: a planted text, or nothing at all."""
    chosen, texts = chosen.copy(), list(texts)
    for planted in FAULTS:
        if planted.field != field.name:
            continue
        rows = (fault == planted.id).to_numpy()
        if planted.text is not None:
            texts.append(planted.text)
            chosen[rows] = len(texts) - 1
        elif planted.id.endswith("-blank"):
            chosen[rows] = -1
    return chosen, texts
