"""The kit's own filter, given what Quarto's filters leave and what Pandoc reads."""

import json
import re
import subprocess
import zipfile

import pytest
from publish_outline import ROOT, docx_outline, of_kind

from fls_research.pipeline.publish.with_pandoc import pandoc_command

KIT = ROOT / "reports" / "kit.lua"

# What Quarto 1.9 to 1.11 hands to a filter that runs after its own: in Word, a table of one cell around each float.
AS_QUARTO_IN_WORD = """
local function caption_of(label, text)
  local style = '<w:pPr><w:jc w:val="let"/><w:spacing w:before="200" /><w:pStyle w:val="ImageCaption" /></w:pPr>'
  local word = label:match("^tbl") and "Table" or "Figure"
  return pandoc.Para({ pandoc.RawInline("openxml", style), pandoc.Str(word .. "\\u{a0}1:"), pandoc.Space(),
    pandoc.Str(text) })
end

function Div(div)
  if not div.identifier:match("^tbl%-") and not div.identifier:match("^fig%-") then
    return nil
  end
  local output = pandoc.Div(div.content, pandoc.Attr("", { "cell-output", "cell-output-display" }))
  local caption = caption_of(div.identifier, "Words")
  local inside = div.identifier:match("^tbl") and { caption, output } or { output, caption }
  local cell = pandoc.Div(inside, pandoc.Attr(div.identifier))
  local layout = pandoc.SimpleTable(pandoc.List(), { "AlignCenter" }, { 1 }, pandoc.List(), { pandoc.List({ cell }) })
  return pandoc.utils.from_simple_table(layout)
end
"""
TABLE = "::: {{#tbl-a}}\n| KPI | Number |\n|:--|--:|\n{rows}\n\n\\[c\\] held back.\n:::\n"


def through_kit(tmp_path, text, to, *, before=""):
    """The bytes Pandoc writes after the kit's filter."""
    output, filters = tmp_path / "out", ["--lua-filter", str(KIT)]
    if before:
        (tmp_path / "before.lua").write_text(before, encoding="utf-8")
        filters = ["--lua-filter", str(tmp_path / "before.lua"), *filters]
    subprocess.run(
        [pandoc_command(), "-f", "markdown", "-t", to, *filters, "-o", str(output)],
        input=text.encode(),
        check=True,
    )
    return output.read_bytes()


def word_file(tmp_path, text):
    path = tmp_path / "a.docx"
    path.write_bytes(through_kit(tmp_path, text, "docx", before=AS_QUARTO_IN_WORD))
    with zipfile.ZipFile(path) as file:
        return path, file.read("word/document.xml").decode()


def test_a_table_that_quarto_put_in_a_cell_becomes_a_table_of_its_own(tmp_path):
    path, document = word_file(tmp_path, TABLE.format(rows="| KPI 1 | 4 |"))
    assert document.count("<w:tbl>") == 1 and document.count("<w:tblHeader") == 1
    assert 'w:name="tbl-a"' in document and 'w:val="TableNote"' in document and 'w:val="let"' not in document
    assert of_kind(docx_outline(path), "caption", "row") == [
        ("caption", "Table 1: Words"),
        ("row", "KPI | Number"),
        ("row", "KPI 1 | 4"),
    ]


def test_a_picture_that_quarto_put_in_a_cell_becomes_a_figure_of_its_own(tmp_path):
    dot = (ROOT / "tests" / "pipeline" / "publish_fixture" / "dot.png").as_posix()
    path, document = word_file(tmp_path, f'::: {{#fig-a}}\n![]({dot}){{fig-alt="A dot."}}\n:::\n')
    assert "<w:tbl>" not in document and 'w:name="fig-a"' in document
    assert of_kind(docx_outline(path), "caption", "alt") == [("alt", "A dot."), ("caption", "Figure 1: Words")]


def test_a_table_of_one_column_that_is_no_float_stays_a_table(tmp_path):
    _, document = word_file(tmp_path, "| A |\n|:--|\n| 1 |\n")
    assert document.count("<w:tbl>") == 1


def test_no_path_of_the_building_machine_is_left_in_the_page(tmp_path):
    cell = (
        '::: {.quarto-embed-nb-cell notebook="/home/a/b.ipynb" notebook-title="T" notebook-cellId="x"}\nWords.\n:::\n'
    )
    page = through_kit(tmp_path, cell, "html").decode()
    assert page == '<div class="quarto-embed-nb-cell">\n<p>Words.</p>\n</div>\n'


def test_a_table_in_the_pdf_is_no_figure_inside_its_figure(tmp_path):
    typst = through_kit(tmp_path, "| A | B |\n|--|--|\n| 1 | 2 |\n", "typst").decode()
    assert "#figure(" not in typst and typst.count("#table(") == 1


def widths(tmp_path, headings, rows):
    """The shares of the line that the columns of a wide table get."""
    lines = ["|".join(cells) for cells in (headings, ["-" * 40] * len(headings), *rows)]
    document = json.loads(through_kit(tmp_path, "\n".join(f"|{line}|" for line in lines) + "\n", "json"))
    (table,) = document["blocks"]
    # In the format of the document, the widths are left to the browser only for HTML.
    return [spec[1]["c"] for spec in table["c"][2]]


def test_every_column_has_room_for_the_longest_word_of_its_heading(tmp_path):
    long = "a text that goes on for a good while and would take every line there is to be had here, and more"
    found = widths(tmp_path, ["Rows", "Number", "Recommended"], [[long, "1", "2"]])
    # Arial's bold at 9 points, in a line of 465 points, with 9 points of padding.
    assert found[1] * 465 > 36 + 9 and found[2] * 465 > 66 + 9
    assert sum(found) == pytest.approx(1, abs=0.01) and found[0] > 0.6


def test_a_line_too_short_for_all_cells_still_fits_each_word(tmp_path):
    headings = [f"Heading{n}" for n in range(8)]
    found = widths(tmp_path, headings, [["five six ten"] * 8])
    assert min(found) == max(found)


def test_a_banner_without_words_is_left_out(tmp_path):
    assert through_kit(tmp_path, "::: {.synthetic}\n[]{}\n:::\n", "html") == b"\n"
    page = through_kit(tmp_path, "::: {.synthetic}\nMade up.\n:::\n", "html").decode()
    assert re.search(r'<div class="synthetic" role="note">\s*<p>Made up.</p>', page)


PAIR = """::: {{.known}}
Of these {one} had started.
:::

::: {{.otherwise}}
It cannot be told.
:::

A[, {two} died]{{.known}}[, no deaths]{{.otherwise}}.
"""


@pytest.mark.parametrize(
    ("one", "two", "told"),
    [
        ("57%", "8%", "Of these 57% had started. A, 8% died."),
        ("[x]", "8%", "It cannot be told. A, 8% died."),
        ("57%", "[x]", "Of these 57% had started. A, no deaths."),
    ],
)
def test_a_passage_whose_number_is_not_there_gives_way_to_the_other(tmp_path, one, two, told):
    html = through_kit(tmp_path, PAIR.format(one=one, two=two), "html").decode()
    assert " ".join(re.sub(r"<[^>]+>", " ", html).split()) == told
