"""A large extract read in parts: the files of a folder one after the other, or one Parquet file in pieces."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from fls_research.data.columnar import grid_of
from fls_research.data.extract import FileFacts, RawExtract, raw_extract, read_part
from fls_research.errors import ExtractError, ExtractNotFound

ROWS_IN_A_PIECE = 250_000
"""Rows of one Parquet file that are read at a time."""

_READ_IN_PARTS = (".csv", ".txt", ".tsv", ".parquet")


def read_extract_parts(path: Path, *, rows: int = ROWS_IN_A_PIECE) -> Iterator[RawExtract]:
    """Read a large extract part by part.

    Parameters
    ----------
    path : a folder whose CSV and Parquet files are the parts, by name, all with the same headings; or one Parquet
        file, which is read in pieces. Hidden files are passed over, and so are parts without a row.
    rows : rows in a piece of a Parquet file.

    Returns
    -------
    The parts as :func:`~fls_research.data.extract.read_extract` gives each. ``lines`` count on from part to part, as
    if all rows stood in one file; blank rows at the end of a part are dropped, and counted in its ``blank_rows``.

    Raises
    ------
    ExtractNotFound : there is nothing at the path, or no part in the folder.
    ExtractError : a part cannot be read, its headings are not those of the first, or no part has a row.
    """
    path = Path(path)
    first: RawExtract | None = None
    before = 0
    for part in _pieces(path, rows) if path.is_file() else _files(path):
        if first is not None and part.headings != first.headings:
            raise ExtractError(
                f"{part.facts.name}: its headings are not those of {first.facts.name}, in the same order; the parts of"
                " an extract come from one export."
            )
        if part.facts.rows:
            first = first or part
            yield replace(part, lines=part.lines + before)
        before += part.facts.rows + part.facts.blank_rows
    if first is None:
        raise ExtractError(f"{path.name}: there are headings but no row below them.")


def _files(folder: Path) -> Iterator[RawExtract]:
    if not folder.is_dir():
        raise ExtractNotFound(f"There is no file or folder {folder}; check the path.")
    files = [file for file in sorted(folder.iterdir()) if file.is_file() and not file.name.startswith((".", "_", "~"))]
    strange = [file for file in files if file.suffix.lower() not in _READ_IN_PARTS]
    if strange:
        raise ExtractError(
            f"{folder.name}: {strange[0].name} is no part of an extract; a folder of parts holds files ending in"
            f" {', '.join(_READ_IN_PARTS)} and nothing else."
        )
    if not files:
        raise ExtractNotFound(f"{folder.name}: the folder holds no part of an extract.")
    yield from (read_part(file) for file in files)


def _pieces(path: Path, rows: int) -> Iterator[RawExtract]:
    if path.suffix.lower() != ".parquet":
        raise ExtractError(f"{path.name}: only Parquet is read in pieces; cut the file into a folder of smaller ones.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=rows):
                yield raw_extract(grid_of(pa.Table.from_batches([batch]), name=path.name), path, digest)
    except (pa.ArrowException, OSError):
        raise ExtractError(f"{path.name}: not a readable Parquet file; it is damaged or of another format.") from None


def facts_of_all(path: Path, parts: Iterable[FileFacts]) -> FileFacts:
    """What is known of the parts together. The SHA-256 is that of the one file, or of the list of the parts' own."""
    parts = list(parts)

    def joined(name: str) -> str:
        return "+".join(dict.fromkeys(getattr(part, name) for part in parts))

    digests = [part.sha256 for part in parts]
    listed = "".join(f"{part.name}\0{part.sha256}\n" for part in parts)
    return FileFacts(
        name=path.name,
        format=joined("format"),
        sha256=digests[0] if path.is_file() else hashlib.sha256(listed.encode("utf-8")).hexdigest(),
        rows=sum(part.rows for part in parts),
        columns=parts[0].columns,
        blank_rows=sum(part.blank_rows for part in parts),
        empty_columns=parts[0].empty_columns,
        encoding=joined("encoding"),
        delimiter=joined("delimiter"),
    )
