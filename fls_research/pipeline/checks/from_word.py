"""A Word file to passages: paragraphs, the cells of tables, and footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fls_research.errors import PublishError, UsageError
from fls_research.pipeline.checks.document import Cell, Passage

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_BLANKS = re.compile(r"[\u00a0\u2002-\u200b\u202f\t ]+")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def word_passages(path: Path) -> list[Passage]:
    """The passages of a ``.docx``, named by paragraph, or by table, row and cell, all counted from 1.

    Raises
    ------
    PublishError : the ``docx`` package is not installed.
    UsageError : the file is no Word file.
    """
    try:
        import docx
    except ImportError:
        raise PublishError("Reading Word files needs 'python-docx'; install fls-research[publish].") from None
    try:
        document = docx.Document(str(path))
    except Exception:
        # The package lets errors of zip, XML and its own through; all of them mean the same to the user.
        raise UsageError(f"'{path.name}': is no Word file (.docx); save it as one and try again.") from None
    return [*_body(document), *_footnotes(document)]


def _body(document: WordDocument) -> Iterator[Passage]:
    paragraphs = tables = 0
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            yield from _table(block, tables)
            tables += 1
            continue
        paragraphs += 1
        text = _clean(block.text)
        if text:
            heading = (block.style.name if block.style is not None else "") or ""
            place = f"paragraph {paragraphs}"
            is_heading = heading.startswith(("Heading", "Title"))
            yield Passage(text, ((0, place),), is_heading=is_heading, links=_links([block], place))


def _table(table: Table, number: int) -> Iterator[Passage]:
    for row_number, row in enumerate(table.rows):
        seen: list[object] = []
        for column, cell in enumerate(row.cells):
            # A merged cell is given once for each column it covers.
            if cell._tc in seen:
                continue
            seen.append(cell._tc)
            text = _clean("\n".join(paragraph.text for paragraph in cell.paragraphs))
            place = f"table {number + 1}, row {row_number + 1}, cell {column + 1}"
            links = _links(cell.paragraphs, place)
            yield Passage(text, ((0, place),), Cell(number, row_number, column), links=links)


def _links(paragraphs: Iterable[Paragraph], place: str) -> tuple[tuple[str, str], ...]:
    return tuple((link.address, place) for one in paragraphs for link in one.hyperlinks if link.address)


def _footnotes(document: WordDocument) -> Iterator[Passage]:
    from lxml import etree

    for relation in document.part.rels.values():
        if not relation.reltype.endswith("/footnotes"):
            continue
        notes = etree.fromstring(relation.target_part.blob)
        written = (note for note in notes if note.get(f"{_W}type") in (None, "normal"))
        for number, note in enumerate(written, start=1):
            text = _clean("".join(piece.text or "" for piece in note.iter(f"{_W}t")))
            if text:
                yield Passage(text, ((0, f"footnote {number}"),))


def _clean(text: str) -> str:
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
