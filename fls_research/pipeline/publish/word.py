"""What Pandoc's Word files lack on either path: a contents list that is there, and tables that break at good places."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from fls_research.errors import PublishError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NAMESPACE = f'xmlns:w="{_W[1:-1]}"'
_DOCUMENT = "word/document.xml"
_PACKED = (".gif", ".jpeg", ".jpg", ".png")


def finish_word(path: Path, *, depth: int, moment: dt.datetime, pictures: Mapping[bytes, bytes] | None = None) -> None:
    """Fill in the contents list, keep rows of tables whole and their last ones together, and put one date on all parts.

    Pandoc leaves the list empty for Word to fill, which asks the reader a question and leaves other programs without.
    The filled list has links in place of page numbers; updating it in Word brings the numbers.

    Parameters
    ----------
    path : the ``.docx`` file; it is replaced.
    depth : how many levels of headings the list has.
    moment : the date of the parts.
    pictures : what stands in a part of the file, and what comes in its place.

    Raises
    ------
    PublishError : the ``docx`` package is not installed.
    """
    parts = {name: (pictures or {}).get(part, part) for name, part in _parts(path).items()}
    parts[_DOCUMENT] = _finished(parts[_DOCUMENT], depth)
    path.write_bytes(archive(parts, moment))


def archive(parts: dict[str, bytes], moment: dt.datetime) -> bytes:
    """A zip file of the parts, the content types first, with one date on each. Pictures are packed already."""
    date = max(moment, dt.datetime(1980, 1, 1, tzinfo=moment.tzinfo)).timetuple()[:6]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in sorted(parts, key=lambda part: (part != "[Content_Types].xml", part)):
            info = zipfile.ZipInfo(name, date_time=date)
            info.create_system = 0
            made.writestr(info, parts[name], zipfile.ZIP_STORED if name.endswith(_PACKED) else zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def _finished(document: bytes, depth: int) -> bytes:
    try:
        from docx.oxml.parser import etree, parse_xml
    except ImportError:
        raise PublishError("The Word report needs python-docx; install the extra 'publish'.") from None
    root = parse_xml(document)
    _keep_rows_whole(root)
    _keep_ends_of_tables(root)
    entries = [parse_xml(_entry(*heading)) for heading in _headings(root, depth)]
    field = _contents_field(root)
    if field is not None and entries:
        _fill(field, entries)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _keep_rows_whole(root: Any) -> None:
    """A row of a table does not break over two pages."""
    for row in root.iter(f"{_W}tr"):
        properties = row.find(f"{_W}trPr")
        if properties is None:
            properties = row.makeelement(f"{_W}trPr", {})
            # The order of the schema: exceptions to the table's properties come before the row's own.
            row.insert(1 if row.find(f"{_W}tblPrEx") is not None else 0, properties)
        if properties.find(f"{_W}cantSplit") is None:
            properties.insert(0, row.makeelement(f"{_W}cantSplit", {}))


def _keep_ends_of_tables(root: Any) -> None:
    """The heading of a table stays with its first row, and its last row with the two before it."""
    for table in root.iter(f"{_W}tbl"):
        rows = table.findall(f"{_W}tr")
        for row in [*rows[:1], *rows[1:][-3:-1]]:
            for paragraph in row.iter(f"{_W}p"):
                _keep_with_next(paragraph)


def _keep_with_next(paragraph: Any) -> None:
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        properties = paragraph.makeelement(f"{_W}pPr", {})
        paragraph.insert(0, properties)
    if properties.find(f"{_W}keepNext") is None:
        # The order of the schema: after the style, before everything else.
        properties.insert(
            1 if properties.find(f"{_W}pStyle") is not None else 0, paragraph.makeelement(f"{_W}keepNext", {})
        )


def _fill(field: Any, entries: list[Any]) -> None:
    """Put the entries where the paragraph of the empty field stands: it opens in the first and ends in the last."""
    place = field.getparent().index(field)
    opening, separator, closing = _runs(field)
    for run in reversed([*opening, separator]):
        entries[0].insert(1, run)
    entries[-1].append(closing)
    field.getparent()[place : place + 1] = entries


def _contents_field(root: Any) -> Any | None:
    for instruction in root.iter(f"{_W}instrText"):
        if (instruction.text or "").strip().startswith("TOC "):
            return next(instruction.iterancestors(f"{_W}p"))
    return None


def _runs(field: Any) -> tuple[list[Any], Any, Any]:
    """The runs of a field, one part in each: what opens it, what parts it from its result, what ends it."""
    opening, closing, parted = [], [], []
    for part in field.iter(f"{_W}fldChar", f"{_W}instrText"):
        run = part.getparent().makeelement(f"{_W}r", {})
        kind = part.get(f"{_W}fldCharType")
        part.attrib.pop(f"{_W}dirty", None)
        {"separate": parted, "end": closing}.get(kind, opening).append(run)
        run.append(part)
    return opening, parted[0], closing[0]


def _headings(root: Any, depth: int) -> Iterator[tuple[int, str, str]]:
    """Level, bookmark and text of each heading down to a depth."""
    for paragraph in root.iter(f"{_W}p"):
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        level = re.fullmatch(r"Heading(\d)", style.get(f"{_W}val")) if style is not None else None
        before = paragraph.getprevious()
        if level and int(level[1]) <= depth and before is not None and before.tag == f"{_W}bookmarkStart":
            text = "".join(part.text or "" for part in paragraph.iter(f"{_W}t"))
            yield int(level[1]), before.get(f"{_W}name"), text


def _entry(level: int, bookmark: str, text: str) -> str:
    return (
        f'<w:p {_NAMESPACE}><w:pPr><w:pStyle w:val="TOC{level}"/></w:pPr><w:hyperlink w:anchor={quoteattr(bookmark)} '
        f'w:history="1"><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:hyperlink></w:p>'
    )
