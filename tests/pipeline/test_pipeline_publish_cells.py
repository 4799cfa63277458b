"""A labelled cell shows one figure or table with all that its readers need, or the message says what is missing."""

import base64
import json

import pytest

from fls_research.errors import PublishError
from fls_research.pipeline.publish.cells import read_notebook

PNG = base64.b64encode(b"\x89PNG").decode()
PICTURE = {"image/png": PNG, "text/plain": "<Figure size 1x1>"}
TABLE = {"text/markdown": ["| a |\n", "|---|\n"], "text/plain": "a"}
FIG = "#| label: fig-a\n#| fig-cap: Cap\n#| fig-alt: >-\n#|   Alt over\n#|   two lines\ndraw()"
TBL = "#| label: tbl-a\n#| tbl-cap: 'Cap: *one*'\ntable"


def output(data, kind="display_data"):
    return {"output_type": kind, "metadata": {}, "data": data}


def code(source, *outputs, **metadata):
    return {"cell_type": "code", "source": source, "outputs": list(outputs), "metadata": metadata}


@pytest.fixture
def notebook(tmp_path):
    def of(*cells):
        path = tmp_path / "n.ipynb"
        path.write_text(json.dumps({"cells": [*cells, {"cell_type": "markdown", "source": "text"}]}), encoding="utf-8")
        return read_notebook(path, where="a.qmd, line 1")

    return of


def test_a_figure_has_picture_caption_and_alternative_text(notebook):
    cell = notebook(code(FIG, output(PICTURE))).cell("fig-a", where="here")
    assert (cell.kind, cell.caption, cell.alt) == ("fig", "Cap", "Alt over two lines")
    assert (cell.picture, cell.markdown) == (b"\x89PNG", None)


def test_a_table_has_markdown_and_caption(notebook):
    cell = notebook(code(TBL, output(TABLE, "execute_result"))).cell("tbl-a", where="here")
    assert (cell.kind, cell.caption, cell.markdown) == ("tbl", "Cap: *one*", "| a |\n|---|\n")


def test_options_may_stand_in_the_metadata_of_the_cell(notebook):
    found = notebook(code("table", output(TABLE), label="tbl-m", **{"tbl-cap": "Meta"})).cell("tbl-m", where="here")
    assert found.caption == "Meta"


def test_a_cell_that_is_not_numbered_may_be_embedded_as_text(notebook):
    cell = notebook(code("#| label: words\nx", output({"text/markdown": "Some words."}))).cell("words", where="here")
    assert (cell.kind, cell.markdown) == ("", "Some words.")


def test_warnings_and_the_name_of_a_drawing_are_no_part_of_a_cell(notebook):
    warning = {"output_type": "stream", "name": "stderr", "text": "careful"}
    name = output({"text/plain": "[<matplotlib.lines.Line2D at 0x1>]"}, "execute_result")
    assert notebook(code(FIG, warning, name, output(PICTURE))).cell("fig-a", where="here").picture


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (code(FIG), "shows nothing; a labelled cell must show exactly one figure or table."),
        (code(FIG, output(PICTURE), output(PICTURE)), "shows 2 things;"),
        (code(FIG, {"output_type": "stream", "name": "stdout", "text": "x"}, output(PICTURE)), "shows 2 things;"),
        (code(FIG, output(TABLE)), r"a 'fig-' cell must show a picture \(image/png\)."),
        (
            code(FIG.replace("fig-cap", "cap"), output(PICTURE)),
            "has no caption; add '#| fig-cap: …'.".replace("|", r"\|"),
        ),
        (code("#| label: fig-a\n#| fig-cap: Cap", output(PICTURE)), "has no alternative text;"),
        (
            code("#| label: fig-a\n#| fig-cap: C\n#| fig-alt: C", output(PICTURE)),
            "the alternative text repeats the caption;",
        ),
        (code(FIG, {"output_type": "error", "ename": "KeyError", "evalue": "secret"}), "failed with KeyError; run the"),
    ],
)
def test_what_a_figure_lacks_is_said(notebook, cell, message):
    with pytest.raises(PublishError, match=f"^n.ipynb, cell 'fig-a': {message}"):
        notebook(cell).cell("fig-a", where="here")


def test_a_table_as_html_alone_is_refused(notebook):
    with pytest.raises(PublishError, match=r"must show a table as Markdown \(text/markdown\).$"):
        notebook(code(TBL, output({"text/html": "<table>"}))).cell("tbl-a", where="here")


def test_two_cells_of_one_label_are_refused(notebook):
    with pytest.raises(PublishError, match=r"^n\.ipynb: two cells are labelled 'tbl-a'; rename one\.$"):
        notebook(code(TBL, output(TABLE)), code(TBL, output(TABLE)))


def test_options_that_are_no_yaml_are_quoted(notebook):
    with pytest.raises(
        PublishError, match=r"^n\.ipynb: the '#\|' lines of a cell are not valid YAML: 'label: a: b'\.$"
    ):
        notebook(code("#| label: a: b\nx"))


def test_a_notebook_without_labels_says_so(notebook):
    with pytest.raises(PublishError, match=r"^here: n\.ipynb has no cell labelled 'tbl-a'; it has no labelled cell\.$"):
        notebook(code("x")).cell("tbl-a", where="here")


def test_what_is_no_notebook_is_refused(tmp_path):
    (tmp_path / "n.ipynb").write_text("[1]", encoding="utf-8")
    with pytest.raises(PublishError, match=r"^n\.ipynb: cannot be read as a notebook; run it again\.$"):
        read_notebook(tmp_path / "n.ipynb", where="a.qmd, line 1")
