"""A failure card says where and what, and repeats no value but the message of one of the kit's own errors."""

from fls_research.pipeline.failure import card_of

CELLS = [
    {"cell_type": "markdown", "source": "# Title {#sec-title}", "metadata": {}},
    {"cell_type": "code", "source": "year: int = 1", "metadata": {"tags": ["parameters"]}},
    {"cell_type": "code", "source": "year = 2", "metadata": {"tags": ["injected-parameters"]}},
    {"cell_type": "markdown", "source": ["Words\n", "\n", "## The table\n"], "metadata": {}},
    {"cell_type": "code", "source": ['#| label: "tbl-kpi"\n', "draw(x)"], "metadata": {}},
]
TRACEBACK = ["\x1b[31mKeyError\x1b[39m", "Cell In[3], line 2\n\x1b[32m----> 2\x1b[39m draw(x)\n", "-> 9 deeper(value)"]


def card(**output):
    return card_of("20_kpis.ipynb", CELLS, 4, {"traceback": TRACEBACK, **output})


def test_the_cell_is_counted_as_the_reader_sees_it():
    assert card(ename="KeyError", evalue="9434765919").cell == "cell 2 (tbl-kpi)"


def test_the_heading_above_and_the_line_in_the_notebook_are_named():
    found = card(ename="KeyError", evalue="9434765919")
    assert (found.heading, found.line) == ("The table", "draw(x)")


def test_a_foreign_message_is_never_repeated():
    found = card(ename="KeyError", evalue="9434765919")
    assert "9434765919" not in found.sentence() + found.text()
    assert found.sentence() == ("20_kpis.ipynb failed in cell 2 (tbl-kpi), under 'The table': KeyError at `draw(x)`.")
    assert "a column or name the notebook asks for is not there" in found.text()


def test_our_own_message_is():
    found = card(ename="DisclosureError", evalue="tbl-kpi: 3 small numbers.")
    assert found.sentence().endswith("DisclosureError (tbl-kpi: 3 small numbers).")


def test_before_the_first_cell_there_is_no_cell():
    assert card_of("a.ipynb", CELLS, None, {"ename": "KernelStart"}).sentence() == "a.ipynb failed: KernelStart."
