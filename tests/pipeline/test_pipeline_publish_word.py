"""The Word file: styles from the generator, a contents list that is filled, and one date on every part."""

import datetime as dt
import io
import re
import zipfile

import pytest
from docx import Document
from publish_outline import ROOT

from fls_research.pipeline.publish.reference_docx import LEVELS, PARAGRAPHS, main, reference_document
from fls_research.pipeline.publish.word import finish_word

MOMENT = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)
FIELD = (
    '<w:p><w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/><w:instrText>TOC \\o "1-2"</w:instrText>'
    '<w:fldChar w:fldCharType="separate"/><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)
HEADING = (
    '<w:bookmarkStart w:id="{n}" w:name="{name}"/><w:p><w:pPr><w:pStyle w:val="Heading{level}"/></w:pPr>'
    '<w:r><w:t>{text}</w:t></w:r></w:p><w:bookmarkEnd w:id="{n}"/>'
)


def parts(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture
def word_file(tmp_path):
    def of(*blocks):
        path = tmp_path / "a.docx"
        namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        with zipfile.ZipFile(path, "w") as file:
            file.writestr(
                "word/document.xml", f"<w:document {namespace}><w:body>{''.join(blocks)}</w:body></w:document>"
            )
            file.writestr("[Content_Types].xml", "<Types/>")
        return path

    return of


def test_the_committed_reference_is_what_the_generator_makes():
    committed = parts((ROOT / "reports" / "reference.docx").read_bytes())
    assert committed == parts(reference_document())


def test_the_generator_writes_where_it_is_told(tmp_path):
    main(str(tmp_path / "r.docx"))
    assert (tmp_path / "r.docx").read_bytes() == reference_document()


def test_the_house_styles_are_in_it():
    styles = Document(ROOT / "reports" / "reference.docx").styles
    defaults = styles.element.xml.split("</w:docDefaults>")[0]
    assert 'w:ascii="Arial"' in defaults and '<w:sz w:val="22"/>' in defaults and 'w:val="en-GB"' in defaults
    assert str(styles["Heading 1"].font.color.rgb) == "12436D"
    assert [name for name in (*PARAGRAPHS, *LEVELS, "Table", "Hyperlink") if name not in styles] == []
    assert 'w:type="firstRow"' in styles["Table"].element.xml


def test_the_contents_list_has_a_link_for_each_heading_down_to_its_depth(word_file):
    headings = [
        HEADING.format(n=n, name=f"sec-{n}", level=n, text=f"Part {n} & more".replace("&", "&amp;")) for n in (1, 2, 3)
    ]
    path = word_file(FIELD, *headings)
    finish_word(path, depth=2, moment=MOMENT)
    with zipfile.ZipFile(path) as file:
        document = file.read("word/document.xml").decode()
    contents = document[: document.index("bookmarkStart")]
    assert 'w:anchor="sec-1"' in contents and 'w:anchor="sec-2"' in contents and "sec-3" not in contents
    assert "Part 2 &amp; more" in contents and 'w:val="TOC2"' in contents
    assert "dirty" not in document
    assert contents.index('"begin"') < contents.index('"separate"') < contents.index("Part 1") < contents.index('"end"')


def test_a_file_without_contents_list_keeps_its_words(word_file):
    path = word_file(HEADING.format(n=1, name="sec-1", level=1, text="Part"))
    before = parts(path.read_bytes())["word/document.xml"].decode()
    finish_word(path, depth=2, moment=MOMENT)
    assert parts(path.read_bytes())["word/document.xml"].decode().endswith(before)


def test_rows_of_tables_stay_whole(word_file):
    table = "<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr><w:tc/></w:tr><w:tr><w:tc/></w:tr></w:tbl>"
    path = word_file(table)
    finish_word(path, depth=2, moment=MOMENT)
    document = parts(path.read_bytes())["word/document.xml"].decode()
    assert "<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr><w:tc/></w:tr>" in document
    assert "<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc/></w:tr>" in document


def test_the_heading_and_the_last_rows_of_a_table_are_not_left_alone(word_file):
    rows = [f"<w:tr><w:tc><w:p><w:r><w:t>{n}</w:t></w:r></w:p></w:tc></w:tr>" for n in range(6)]
    path = word_file(f"<w:tbl>{''.join(rows)}</w:tbl>")
    finish_word(path, depth=2, moment=MOMENT)
    kept = re.findall(r"<w:keepNext/></w:pPr><w:r><w:t>(\d)", parts(path.read_bytes())["word/document.xml"].decode())
    assert kept == ["0", "3", "4"]


def test_a_stand_in_gives_way_to_its_picture_which_is_not_packed_a_second_time(word_file):
    path = word_file("")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("word/media/a.png", b"small")
        file.writestr("word/media/b.png", b"other")
    finish_word(path, depth=2, moment=MOMENT, pictures={b"small": b"whole" * 100})
    with zipfile.ZipFile(path) as file:
        assert (file.read("word/media/a.png"), file.read("word/media/b.png")) == (b"whole" * 100, b"other")
        assert file.getinfo("word/media/a.png").compress_size == 500


def test_every_part_has_the_date_it_is_given_and_the_types_come_first(word_file):
    path = word_file("")
    finish_word(path, depth=2, moment=MOMENT)
    with zipfile.ZipFile(path) as file:
        assert {info.date_time for info in file.infolist()} == {(2026, 1, 15, 0, 0, 0)}
        assert file.namelist()[0] == "[Content_Types].xml"
