"""The styles of the Word report, drawn in code: running this module writes ``reports/reference.docx`` anew."""

from __future__ import annotations

import datetime as dt
import io
import sys
import zipfile
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import CharacterStyle, ParagraphStyle

from fls_research.pipeline.publish.word import archive

FONT = "Arial"
SIZE = 11
BLUE = "12436D"
SHADE = "DBE5EE"
LINE = "B8C4CE"
LANGUAGE = "en-GB"

_MADE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

HEADING_POINTS = {1: 18, 2: 14, 3: 12, 4: 11, 5: 11, 6: 11}

# Pandoc writes paragraphs in these styles; each rests on the one it names.
PARAGRAPHS = {
    "First Paragraph": "Body Text",
    "Compact": "Body Text",
    "Author": "Normal",
    "Date": "Normal",
    "Abstract": "Body Text",
    "Abstract Title": "Normal",
    "Bibliography": "Body Text",
    "Block Text": "Body Text",
    "Footnote Text": "Normal",
    "Definition Term": "Normal",
    "Definition": "Body Text",
    "Caption": "Normal",
    "Table Caption": "Caption",
    "Image Caption": "Caption",
    "Table Note": "Normal",
    "Figure": "Normal",
    "Captioned Figure": "Figure",
    "Source Code": "Normal",
    "TOC Heading": "Normal",
    "Callout Title": "Body Text",
    "Callout": "Body Text",
    "Synthetic": "Body Text",
}

# A level is told by its word and shape; the colour only helps.
LEVELS = {
    "RAG Green": ("0B4F48", "D4F0EC"),
    "RAG Amber": ("7A3205", "FDE3D3"),
    "RAG Red": ("6B1043", "F2D5E3"),
}


def reference_document() -> bytes:
    """The reference document as a file. Its parts are the same on every machine.

    >>> reference_document()[:2]
    b'PK'
    """
    document = Document()
    _without_stock_tables(document)
    _text(document)
    _headings(document)
    _captions(document)
    _blocks(document)
    _characters(document)
    _table(document)
    _page(document)
    document.core_properties.title = "Reference for the styles of the Word report"
    document.core_properties.author = ""
    document.core_properties.comments = ""
    document.core_properties.language = LANGUAGE
    document.core_properties.created = document.core_properties.modified = _MADE
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as made:
        return archive({name: made.read(name) for name in made.namelist()}, _MADE)


def main(target: str = "reports/reference.docx") -> None:
    """Write the reference document."""
    Path(target).write_bytes(reference_document())


def _without_stock_tables(document: WordDocument) -> None:
    """The library's template brings a hundred table styles that the report does not use."""
    for style in document.styles.element.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:styleId")) != "TableNormal":
            style.getparent().remove(style)


def _text(document: WordDocument) -> None:
    styles = document.styles
    _defaults(document)
    normal = styles["Normal"]
    normal.paragraph_format.space_after = Pt(6)
    normal.paragraph_format.line_spacing = 1.15
    _spacing(styles["Body Text"], before=4, after=6)
    for name, base in PARAGRAPHS.items():
        style = styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
        style.quick_style = True
    _spacing(styles["Compact"], before=1, after=1)
    styles["Compact"].paragraph_format.line_spacing = 1.0
    title = styles["Title"]
    _font(title, size=24, bold=True, colour=BLUE)
    _spacing(title, before=0, after=4)
    _without(title, "w:pPr/w:pBdr")
    _font(styles["Subtitle"], size=14, italic=False, colour=BLUE)
    _spacing(styles["Subtitle"], before=0, after=18)
    for style in (title, styles["Subtitle"]):
        _without(style, "w:rPr/w:spacing", "w:rPr/w:kern")


def _headings(document: WordDocument) -> None:
    for level, points in HEADING_POINTS.items():
        heading = document.styles[f"Heading {level}"]
        _font(heading, size=points, bold=True, italic=False, colour=BLUE)
        _spacing(heading, before=14, after=6)
        heading.paragraph_format.keep_with_next = True
    contents = document.styles["TOC Heading"]
    _font(contents, size=14, bold=True, colour=BLUE)
    _spacing(contents, before=12, after=6)
    for level in (1, 2, 3):
        entry = document.styles.add_style(f"toc {level}", WD_STYLE_TYPE.PARAGRAPH)
        entry.element.set(qn("w:styleId"), f"TOC{level}")
        entry.base_style = document.styles["Normal"]
        entry.paragraph_format.left_indent = Cm(0.6 * (level - 1))
        _spacing(entry, before=0, after=1)
        entry.paragraph_format.line_spacing = 1.0


def _captions(document: WordDocument) -> None:
    caption = document.styles["Caption"]
    _font(caption, size=10, bold=True, italic=False, colour=BLUE)
    _spacing(caption, before=6, after=12)
    note = document.styles["Table Note"]
    _font(note, size=9)
    _spacing(note, before=4, after=4)
    above = document.styles["Table Caption"]
    _spacing(above, before=12, after=4)
    above.paragraph_format.keep_with_next = True
    picture = document.styles["Captioned Figure"]
    _spacing(picture, before=12, after=0)
    picture.paragraph_format.keep_with_next = True
    picture.paragraph_format.line_spacing = 1.0


def _blocks(document: WordDocument) -> None:
    styles = document.styles
    for name in ("Callout Title", "Callout"):
        _border(styles[name], sides=("left",), colour="2073BC", eighths=24)
        styles[name].paragraph_format.left_indent = Cm(0.4)
    _font(styles["Callout Title"], size=11, bold=True)
    _spacing(styles["Callout Title"], before=8, after=0)
    styles["Callout Title"].paragraph_format.keep_with_next = True
    _spacing(styles["Callout"], before=0, after=4)
    synthetic = styles["Synthetic"]
    _font(synthetic, size=11, bold=True)
    _border(synthetic, sides=("top", "left", "bottom", "right"), colour="801650", eighths=12)
    _shading(synthetic, "FFF3CD")
    _spacing(synthetic, before=14, after=14)
    styles["Block Text"].paragraph_format.left_indent = Cm(1)
    _font(styles["Footnote Text"], size=9)
    _font(styles["Source Code"], size=9, name="Courier New")


def _characters(document: WordDocument) -> None:
    styles = document.styles
    for name in ("Hyperlink", "Verbatim Char", "Footnote Reference", "Section Number", "Synthetic Text", *LEVELS):
        if name not in styles:
            styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
    _font(styles["Hyperlink"], colour="1D5A94", underline=True)
    _font(styles["Verbatim Char"], size=10, name="Courier New")
    styles["Footnote Reference"].font.superscript = True
    _font(styles["Synthetic Text"], bold=True, colour="801650")
    for name, (ink, fill) in LEVELS.items():
        _font(styles[name], bold=True, colour=ink)
        _shading(styles[name], fill)


def _table(document: WordDocument) -> None:
    """Pandoc's table style: a shaded header over fine lines, and no box, because Quarto sets figures in it too."""
    xml = f"""
    <w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="Table">
      <w:name w:val="Table"/><w:basedOn w:val="TableNormal"/><w:qFormat/>
      <w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr>
      <w:tblPr><w:tblBorders><w:insideH w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/></w:tblBorders>
        <w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>
          <w:bottom w:w="40" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>
      <w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:bCs/></w:rPr>
        <w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="{BLUE}"/></w:tcBorders>
          <w:shd w:val="clear" w:color="auto" w:fill="{SHADE}"/><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr>
    </w:style>"""
    document.styles.element.append(parse_xml(xml))


def _page(document: WordDocument) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin = section.bottom_margin = Cm(2.2)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    footer._p.append(field)


def _font(
    style: ParagraphStyle | CharacterStyle,
    *,
    name: str = FONT,
    size: float | None = None,
    bold: bool | None = None,
    italic: bool | None = None,
    underline: bool | None = None,
    colour: str | None = None,
) -> None:
    font = style.font
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), name)
    font.size = Pt(size) if size else font.size
    font.bold, font.italic, font.underline = bold, italic, underline
    if colour:
        font.color.rgb = RGBColor.from_string(colour)


def _defaults(document: WordDocument) -> None:
    """Type and language of everything. The size stands here and not in Normal, so that tables may have their own."""
    properties = document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr")[0]
    for old in list(properties):
        properties.remove(old)
    scripts = " ".join(f'w:{script}="{FONT}"' for script in ("ascii", "hAnsi", "cs", "eastAsia"))
    for xml in (
        f"<w:rFonts {nsdecls('w')} {scripts}/>",
        f'<w:sz {nsdecls("w")} w:val="{2 * SIZE}"/>',
        f'<w:szCs {nsdecls("w")} w:val="{2 * SIZE}"/>',
        f'<w:lang {nsdecls("w")} w:val="{LANGUAGE}" w:eastAsia="{LANGUAGE}" w:bidi="ar-SA"/>',
    ):
        properties.append(parse_xml(xml))
    _without(document.styles["Normal"], "w:rPr")


def _spacing(style: ParagraphStyle, *, before: float, after: float) -> None:
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)


def _border(style: ParagraphStyle, *, sides: tuple[str, ...], colour: str, eighths: int) -> None:
    box = "".join(f'<w:{side} w:val="single" w:sz="{eighths}" w:space="8" w:color="{colour}"/>' for side in sides)
    style.element.get_or_add_pPr().insert_element_before(
        parse_xml(f"<w:pBdr {nsdecls('w')}>{box}</w:pBdr>"),
        "w:shd", "w:tabs", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl",
    )  # fmt: skip


def _without(style: ParagraphStyle, *paths: str) -> None:
    """Take properties of the library's template out of a style."""
    for path in paths:
        for found in style.element.xpath(path):
            found.getparent().remove(found)


def _shading(style: ParagraphStyle | CharacterStyle, fill: str) -> None:
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{fill}"/>')
    if isinstance(style, ParagraphStyle):
        properties = style.element.get_or_add_pPr()
        properties.insert_element_before(shade, "w:tabs", "w:spacing", "w:ind", "w:contextualSpacing", "w:jc")
    else:
        style.element.get_or_add_rPr().append(shade)


if __name__ == "__main__":
    main(*sys.argv[1:])
