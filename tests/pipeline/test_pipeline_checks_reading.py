"""Text, Markdown, HTML, Word and PDF are read into passages that know their place and their table."""

import subprocess
import sys

import docx
import pytest
import typst

from fls_research.errors import UsageError
from fls_research.pipeline.checks.document import Cell, Document, sentences
from fls_research.pipeline.checks.from_html import html_passages
from fls_research.pipeline.checks.from_markdown import markdown_passages
from fls_research.pipeline.checks.reading import read_document


def texts(passages):
    return [passage.text for passage in passages]


def test_paragraphs_lists_headings_and_rows_are_passages_with_their_lines():
    lines = ["# Aim", "One", "two.", "", "- first", "- second", "", "| KPI | 2023 |", "|--|--|", "| KPI 4 | 65% |"]
    passages = markdown_passages(lines)
    assert texts(passages) == ["Aim", "One two.", "first", "second", "KPI", "2023", "KPI 4", "65%"]
    assert passages[1].place(0) == "line 2" and passages[1].place(5) == "line 3" and passages[-1].place() == "line 10"
    assert passages[-1].cell == Cell(0, 1, 1) and passages[0].is_heading


def test_markup_is_taken_off_and_footnote_marks_do_not_join_numbers():
    line = (
        "In **2022**,<sup>1</sup> 91%&nbsp;(59/65) of [them](https://example.org/1/2) did.[^2] <b>28%</b> <sup>10</sup>"
    )
    assert texts(markdown_passages([line])) == ["In 2022, 91% (59/65) of them did. 28%"]


def test_code_is_not_prose():
    assert texts(markdown_passages(["```", "35/77 (44%)", "```", "Words."])) == ["Words."]


def test_a_row_broken_over_a_page_goes_on_in_its_unfinished_cell():
    first = "Rec 1\tBoards should help their services to find many more of both\tKPI 2"
    broken = markdown_passages([first, "", "spine and other fractures, 80% or above.\tmore here"])
    assert texts(broken)[1].endswith("find many more of both spine and other fractures, 80% or above.")
    assert broken[1].place(0) == "line 1" and broken[1].place(70) == "line 3"


@pytest.mark.parametrize("rows", [["Men and women\t65%", "men\t60%"], ["Sex\t65%", "", "men\t60%"]])
def test_a_row_that_begins_with_a_small_letter_is_a_row(rows):
    assert texts(markdown_passages(rows))[2] == "men"


def test_a_number_set_large_goes_on_in_its_paragraph():
    assert texts(markdown_passages(["# 42%", "", "of services did.", "", "# 7", "", "A title"])) == [
        "42% of services did.", "7", "A title"]  # fmt: skip


def test_sentences_end_at_points_lines_and_bullets_but_not_in_decimals_or_abbreviations():
    (passage,) = markdown_passages(["It was 1.5 vs. 2 (Fig. 3). Then ➤ one ➤ two."])
    assert [s.text for s in sentences(passage)] == ["It was 1.5 vs. 2 (Fig. 3).", "Then", "one", "two."]


def test_html_keeps_tables_and_leaves_out_scripts_and_footnote_marks():
    page = """<head><title>t</title><style>p{width:44%}</style></head><body><h1>Aim</h1><p>One<sup>3</sup>
    two.</p><script>35/77 (44%)</script><table><tr><th>KPI 4</th><td><p>2023 – 65%</p><p>2024 – 69%</p></td></tr>
    </table><ul><li>item</li></ul></body>"""
    passages = html_passages(page)
    assert texts(passages) == ["Aim", "One two.", "KPI 4", "2023 – 65%\n2024 – 69%", "item"]
    assert passages[3].cell == Cell(0, 0, 1) and passages[0].is_heading and passages[2].place() == "line 2"


def test_word_paragraphs_and_tables_are_read_in_order_and_merged_cells_once(tmp_path):
    word = docx.Document()
    word.add_heading("Aim", 1)
    word.add_paragraph("35 of 77 (44%)")
    table = word.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(1, 0).text, table.cell(1, 1).text = "whole", "KPI 4", "2023 – 65%"
    table.cell(0, 0).merge(table.cell(0, 1))
    word.add_paragraph("last")
    word.save(tmp_path / "a.docx")
    document = read_document(tmp_path / "a.docx")
    assert [p.text.strip() for p in document.passages] == [
        "Aim",
        "35 of 77 (44%)",
        "whole",
        "KPI 4",
        "2023 – 65%",
        "last",
    ]
    assert [p.place() for p in document.passages][1:4] == [
        "paragraph 2", "table 1, row 1, cell 1", "table 1, row 2, cell 1"]  # fmt: skip


def test_pdf_is_read_by_page(tmp_path):
    typst.compile(b"First page. #pagebreak() In total, 35 of 77 (44%) services.", output=str(tmp_path / "a.pdf"))
    document = read_document(tmp_path / "a.pdf")
    assert [(p.text, p.place()) for p in document.passages] == [
        ("First page.", "page 1"), ("In total, 35 of 77 (44%) services.", "page 2")]  # fmt: skip


@pytest.mark.parametrize("name", ["missing.txt", "table.xlsx", "broken.docx", "broken.pdf"])
def test_what_cannot_be_read_is_refused_in_a_sentence(tmp_path, name):
    if name != "missing.txt":
        (tmp_path / name).write_bytes(b"nothing of the kind")
    with pytest.raises(UsageError, match=name):
        read_document(tmp_path / name)


def test_text_of_an_older_windows_program_is_read(tmp_path):
    (tmp_path / "a.txt").write_bytes("2023 – 65%".encode("cp1252"))
    assert texts(read_document(tmp_path / "a.txt").passages) == ["2023 – 65%"]


def test_tables_are_given_back_row_by_row():
    document = Document("a.md", tuple(markdown_passages(["| a | b |", "| c | d |", "", "words", "", "| e |"])))
    assert [[texts(row) for row in table] for table in document.tables()] == [[["a", "b"], ["c", "d"]], [["e"]]]


def test_the_pdf_reader_is_not_loaded_for_a_text():
    code = "import sys, fls_research.pipeline.checks; print('pypdf' in sys.modules, 'docx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_folder_is_said_to_be_one(tmp_path):
    with pytest.raises(UsageError, match="is a folder; name one text"):
        read_document(tmp_path)


def test_addresses_behind_words_are_kept_with_their_place(tmp_path):
    address = "https://www.nice.org.uk/guidance/ng249"
    (passage,) = markdown_passages(["One", f"see [here]({address})."])
    assert (passage.text, passage.links) == ("One see here.", ((address, "line 2"),))
    (passage,) = html_passages(f"<p>see\n<a href='{address}'>here</a></p>")
    assert passage.links == ((address, "line 2"),)
    page = tmp_path / "a.pdf"
    page.write_bytes(typst.compile(f'#link("{address}")[here]'.encode()))
    assert [passage.links for passage in read_document(page).passages] == [((address, "page 1"),)]
