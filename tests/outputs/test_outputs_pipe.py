"""Pipe tables that Pandoc reads back as the same cells."""

from __future__ import annotations

import json

import pytest

from fls_research.outputs.pipe import escaped, pipe_table

AWKWARD = [
    "a | b",
    "*bold* _it_",
    "[c]",
    "x^2^ ~y~",
    "$1 to $2",
    "<b>#</b>",
    "@fig-flow",
    "back\\slash",
    "{{< var x >}}",
    "two\nlines",
]


@pytest.mark.parametrize("cell", AWKWARD)
def test_every_cell_comes_through_pandoc_as_it_was_written(cell: str) -> None:
    pypandoc = pytest.importorskip("pypandoc", reason="needs the publish extra")
    table = pipe_table(["Heading"], [[cell]], right=[False])
    read = json.loads(pypandoc.convert_text(table, "json", format="markdown", extra_args=["--wrap=none"]))
    (block,) = read["blocks"]
    assert block["t"] == "Table"
    plain = pypandoc.convert_text(table, "plain", format="markdown", extra_args=["--wrap=none"])
    assert " ".join(cell.split()) in plain


def test_columns_are_aligned_and_as_wide_as_their_words() -> None:
    table = pipe_table(["KPI", "2024"], [["KPI 4 Assessed within 90 days", "69%"]], right=[False, True])
    dashes = table.splitlines()[1].strip("|").split("|")
    assert dashes[0].startswith(":-") and dashes[1].endswith("-:")
    assert len(dashes[0]) == len("KPI 4 Assessed within 90 days") + 2
    assert len(dashes[1]) < len(dashes[0]) / 4


def test_a_very_long_cell_does_not_starve_the_others() -> None:
    dashes = pipe_table(["a", "b"], [["x" * 900, "69%"]], right=[False, True]).splitlines()[1].split("|")
    assert len(dashes[1]) <= 62


def test_escaping_leaves_plain_text_alone() -> None:
    assert escaped("KPI 9 (treated), 69%, −2 and ▲ Green") == "KPI 9 (treated), 69%, −2 and ▲ Green"
