"""The funder's table as a Word file: A4 landscape, header row on every page, links that work, read aloud in order."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fls_research.errors import PublishError
from fls_research.pipeline.line_of_sight.table import HEADINGS, Cell, LineOfSight, Paragraph, Run
from fls_research.pipeline.publish.word import archive

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import Table
    from docx.table import _Cell as WordCell

LANGUAGE = "en-GB"
FONT = "Arial"

WIDTHS_MM = (14, 68, 26, 51, 33, 22, 31, 28)
"""Widths of the eight columns: together the width between the margins."""

HEAD_WIDTHS_MM = (75, 198)
_MARGIN_MM = 12
_BLUE, _SHADE, _LINE = "12436D", "DBE5EE", "8FA3B5"
_SMALL, _BODY = 8.5, 10.0


def word_file(table: LineOfSight, *, moment: dt.datetime) -> bytes:
    """The table as the bytes of a ``.docx`` file; the same table and moment give the same bytes.

    Parameters
    ----------
    table : what ``table.line_of_sight`` returned.
    moment : the date the file carries inside.

    Raises
    ------
    PublishError : ``python-docx`` is not installed.
    """
    try:
        from docx import Document
        from docx.shared import Pt
    except ImportError:
        raise PublishError("The Word table needs python-docx; install the extra 'publish'.") from None
    document = Document()
    _page(document)
    _styles(document)
    _properties(document, table, moment)
    document.add_heading(table.title, level=1)
    if table.banner:
        document.add_paragraph(table.banner).runs[0].bold = True
    _head(document, table)
    document.add_heading("Recommendations and the evidence they stand on", level=2)
    _rows(document, table)
    document.add_paragraph(table.note).paragraph_format.space_before = Pt(8)
    _footer(document, table)
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as made:
        return archive({name: made.read(name) for name in made.namelist()}, moment)


def _page(document: WordDocument) -> None:
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(_MARGIN_MM)
    section.top_margin, section.bottom_margin = Mm(14), Mm(14)
    section.footer_distance = Mm(7)


def _styles(document: WordDocument) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for name, size, before in (("Normal", _BODY, 0), ("Heading 1", 16, 0), ("Heading 2", 12, 10)):
        style = document.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        fonts = style.element.rPr.rFonts
        for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(kind), FONT)
        for kind in ("w:asciiTheme", "w:hAnsiTheme", "w:cstheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(kind), None)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(5)
        if name != "Normal":
            style.font.color.rgb = RGBColor.from_string(_BLUE)
    properties = document.styles["Normal"].element.get_or_add_rPr()
    properties.append(_element("w:lang", val=LANGUAGE, eastAsia=LANGUAGE, bidi="ar-SA"))
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), LANGUAGE)


def _properties(document: WordDocument, table: LineOfSight, moment: dt.datetime) -> None:
    properties = document.core_properties
    properties.title = f"{table.title} ({table.year} data)"
    properties.subject = table.report
    properties.language = LANGUAGE
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.created = properties.modified = moment
    properties.revision = 1


def _head(document: WordDocument, table: LineOfSight) -> None:
    built = _table(
        document,
        len(table.head),
        HEAD_WIDTHS_MM,
        title="About the report",
        description="Two columns: the funder's question and its answer, one row a question.",
        first_row=False,
    )
    for row, (question, answer) in zip(built.rows, table.head, strict=True):
        _shade(row.cells[0])
        _fill(row.cells[0], [question], size=_BODY, bold=True)
        _fill(row.cells[1], [answer], size=_BODY)


def _rows(document: WordDocument, table: LineOfSight) -> None:
    built = _table(
        document,
        1 + len(table.rows),
        WIDTHS_MM,
        title=f"Recommendations of the report on {table.year} data",
        description="Eight columns, one row a recommendation: what should be done, by whom, the evidence with its "
        "page, the standard, levers, guidance, and the results of the years before.",
        first_row=True,
    )
    heading, *body = built.rows
    heading._tr.get_or_add_trPr().append(_element("w:tblHeader"))
    for cell, words in zip(heading.cells, HEADINGS, strict=True):
        _shade(cell)
        _fill(cell, [words], size=_SMALL, bold=True)
    for row, cells in zip(body, table.rows, strict=True):
        for place, (cell, content) in enumerate(zip(row.cells, cells, strict=True)):
            _write(cell, content, bold=place == 0)


def _table(
    document: WordDocument, rows: int, widths: Sequence[float], *, title: str, description: str, first_row: bool
) -> Table:
    from docx.shared import Mm

    built = document.add_table(rows=rows, cols=len(widths))
    built.autofit = False
    properties = built._tbl.tblPr
    for name, value in (("w:tblCaption", title), ("w:tblDescription", description)):
        properties.append(_element(name, val=value))
    look = properties.find(_tag("w:tblLook"))
    if look is not None:
        properties.remove(look)
    properties.insert(
        len(properties) - 2,
        _element(
            "w:tblLook",
            val="00A0" if first_row else "0080",
            firstRow="1" if first_row else "0",
            lastRow="0",
            firstColumn="1",
            lastColumn="0",
            noHBand="1",
            noVBand="1",
        ),
    )
    _draw_lines(properties)
    for place, width in enumerate(widths):
        built.columns[place].width = Mm(width)
        for cell in built.columns[place].cells:
            cell.width = Mm(width)
    for row in built.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
    return built


def _draw_lines(properties: Any) -> None:
    borders = _element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color=_LINE))
    margins = _element("w:tblCellMar")
    for side, twips in (("top", "45"), ("left", "75"), ("bottom", "45"), ("right", "75")):
        margins.append(_element(f"w:{side}", w=twips, type="dxa"))
    layout = properties.find(_tag("w:tblLayout"))
    place = list(properties).index(layout) if layout is not None else len(properties)
    properties.insert(place, borders)
    properties.insert(place + 2, margins)


def _shade(cell: WordCell) -> None:
    cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=_SHADE))


def _fill(cell: WordCell, texts: Sequence[str], *, size: float, bold: bool = False) -> None:
    _write(cell, tuple(Paragraph((Run(words, bold=bold),)) for words in texts), size=size)


def _write(cell: WordCell, content: Cell, *, size: float = _SMALL, bold: bool = False) -> None:
    from docx.shared import Mm, Pt

    for place, paragraph in enumerate(content):
        written = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        if paragraph.bullet:
            written.style = "List Bullet"
            written.paragraph_format.left_indent = Mm(3.5)
            written.paragraph_format.first_line_indent = Mm(-3.5)
        written.paragraph_format.space_before = Pt(0)
        written.paragraph_format.space_after = Pt(2.5)
        for run in paragraph.runs:
            if run.link:
                _link(written, run.text, run.link, size=size)
            else:
                part = written.add_run(run.text)
                part.font.size = Pt(size)
                part.bold = True if run.bold or bold else None


def _link(paragraph: Any, words: str, address: str, *, size: float) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE

    link = _element("w:hyperlink", history="1")
    link.set(_tag("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = _element("w:r")
    properties = _element("w:rPr")
    properties.append(_element("w:color", val=_BLUE))
    properties.append(_element("w:sz", val=str(int(size * 2))))
    properties.append(_element("w:u", val="single"))
    run.append(properties)
    text = _element("w:t")
    text.text = words
    run.append(text)
    link.append(run)
    paragraph._p.append(link)


def _footer(document: WordDocument, table: LineOfSight) -> None:
    from docx.shared import Pt

    paragraph = document.sections[0].footer.paragraphs[0]
    parts = [f"{table.report}. Line of sight, {table.year} data. Page ", "PAGE", " of ", "NUMPAGES"]
    for part in parts:
        if part.isupper():
            field = _element("w:fldSimple", instr=f" {part} ")
            run, properties, shown = _element("w:r"), _element("w:rPr"), _element("w:t")
            properties.append(_element("w:sz", val=str(int(_SMALL * 2))))
            shown.text = "1"
            run.extend([properties, shown])
            field.append(run)
            paragraph._p.append(field)
        else:
            paragraph.add_run(part)
    for run in paragraph.runs:
        run.font.size = Pt(_SMALL)


def _element(tag: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement

    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(_tag(f"w:{name}"), value)
    return made


def _tag(name: str) -> str:
    from docx.oxml.ns import qn

    return qn(name)
