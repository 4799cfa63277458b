"""Whatever a report points at is there, or the message names file, line and key."""

import json

import pytest

from fls_research.errors import PublishError
from fls_research.pipeline.publish.manuscript import read_manuscript, write_front_matter
from fls_research.pipeline.publish.project import Project

TABLE = "| a |\n|---|\n| 1 |\n"
CELLS = {
    "tbl-one": ["#| label: tbl-one\n#| tbl-cap: One", TABLE],
    "tbl-two": ["#| label: tbl-two\n#| tbl-cap: Two", TABLE],
}


@pytest.fixture
def read(tmp_path):
    reports, run_dir = tmp_path / "reports", tmp_path / "run"
    reports.mkdir()
    (run_dir / "notebooks").mkdir(parents=True)
    (run_dir / "_variables.yml").write_text('year: {now: "2024"}\nempty: ""\n', encoding="utf-8")
    (reports / "_part.qmd").write_text("Included in {{< var year.now >}}.\n", encoding="utf-8")
    (reports / "_circle.qmd").write_text("{{< include _circle.qmd >}}\n", encoding="utf-8")
    (reports / "_wrong.qmd").write_text("\n{{< var yaer.now >}}\n", encoding="utf-8")
    (tmp_path / "beside.png").write_bytes(b"")
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [shown(markdown)]}
        for source, markdown in CELLS.values()
    ]
    (run_dir / "notebooks" / "n.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    project = Project(tmp_path, {"lang": "en-GB"})

    def manuscript(body, front_matter="title: T"):
        (reports / "a.qmd").write_text(f"---\n{front_matter}\n---\n{body}\n", encoding="utf-8")
        return read_manuscript(reports / "a.qmd", project, run_dir)

    return manuscript


def shown(markdown):
    return {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": markdown, "text/plain": "t"}}


def test_facts_metadata_and_files_are_put_in_their_place(read):
    made = read(
        "In {{< var year.now >}}, {{< meta lang >}}.\n\n{{< include _part.qmd >}}\n", "title: T {{< var year.now >}}"
    )
    assert made.front_matter == {"title": "T 2024"}
    assert "In 2024, en-GB." in made.markdown and "Included in 2024." in made.markdown


def test_a_line_may_begin_and_end_with_a_fact(read):
    assert "2024 of 2024\n" in read("{{< var year.now >}} of {{< var year.now >}}").markdown


def test_an_empty_fact_is_a_value(read):
    assert "[]" in read("[{{< var empty >}}]").markdown


def test_an_embedded_cell_is_a_labelled_block_with_its_caption_last(read):
    lines = read("{{< embed _executed/n.ipynb#tbl-one >}}").markdown.split("\n")
    assert [line for line in lines if line] == ["::: {#tbl-one}", *TABLE.split("\n")[:3], "[One]{.caption}", ":::"]


def test_it_says_which_executed_notebooks_it_takes_cells_from(read, tmp_path):
    assert read("Words.").notebooks == ()
    assert read("{{< embed _executed/n.ipynb#tbl-one >}}").notebooks == (tmp_path / "run" / "notebooks" / "n.ipynb",)


def test_the_pictures_of_the_prose_come_along_under_the_paths_it_gives_them(read, tmp_path):
    (tmp_path / "reports" / "drawn").mkdir()
    (tmp_path / "reports" / "drawn" / "a.svg").write_bytes(b"<svg/>")
    assert read("![A drawing](drawn/a.svg)").pictures == {"drawn/a.svg": b"<svg/>"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("\n{{< var yaer.now >}}", r"a.qmd, line 5: _variables.yml has no 'yaer.now'; did you mean 'year.now'\?"),
        ("{{< var year >}}", "a.qmd, line 4: 'year' of _variables.yml holds no single value; name one below it."),
        ("{{< meta nonsense >}}", "a.qmd, line 4: the metadata has no 'nonsense'; known: lang, title"),
        ("{{< vra year.now >}}", r"a.qmd, line 4: unknown shortcode 'vra'; did you mean 'var'\?"),
        ("{{< var year.now", "a.qmd, line 4: a shortcode begins here and does not end;"),
        ("{{< var >}}", "a.qmd, line 4: the shortcode 'var' takes one word after its name."),
        ("{{< include _none.qmd >}}", "a.qmd, line 4: the included file '_none.qmd' does not exist."),
        ("{{< include _circle.qmd >}}", "_circle.qmd, line 1: '_circle.qmd' includes itself."),
        ("{{< include _wrong.qmd >}}", "_wrong.qmd, line 2: _variables.yml has no 'yaer.now';"),
        ("So: {{< include _part.qmd >}}", "a.qmd, line 4: 'include' must stand alone on its line."),
        ("{{< embed _executed/m.ipynb#tbl-one >}}", "a.qmd, line 4: there is no executed notebook m.ipynb;"),
        (
            "{{< embed _executed/n.ipynb#tbl-oen >}}",
            r"a.qmd, line 4: n.ipynb has no cell labelled 'tbl-oen'; did you mean",
        ),
        ("{{< embed _executed/n.ipynb >}}", "a.qmd, line 4: embed a labelled cell,"),
        (
            "See @tbl-tow.\n\n{{< embed _executed/n.ipynb#tbl-two >}}",
            r"a.qmd, line 4: @tbl-tow points at nothing; did you",
        ),
        ("See @eq-one.", "a.qmd, line 4: @eq-one is no figure, table or section;"),
        ("# A {#sec-a}\n\n# B {#sec-a}", "a.qmd, line 6: the label 'sec-a' stands already in a.qmd, line 4;"),
        ("![Cap](none.png){#fig-a}", r"a.qmd, line 4: the picture 'none.png' does not exist in reports/\."),
        ("![Cap](../beside.png)", r"a.qmd, line 4: the picture '../beside.png' does not exist in reports/\."),
        (
            "![Cap](https://example.org/a.png)",
            "a.qmd, line 4: the picture 'https://example.org/a.png' is not a local file;",
        ),
    ],
)
def test_the_message_names_file_line_and_key(read, body, message):
    with pytest.raises(PublishError, match="^" + message):
        read(body)


def test_a_cell_embedded_twice_is_refused(read):
    with pytest.raises(PublishError, match=r"^a\.qmd, line 6: the label 'tbl-one' stands already in a\.qmd, line 4;"):
        read("{{< embed _executed/n.ipynb#tbl-one >}}\n\n{{< embed _executed/n.ipynb#tbl-one >}}")


@pytest.mark.parametrize(
    ("front_matter", "message"),
    [
        ("title: T\ndate: 2026-01-01", "a.qmd: 'date' is rewritten by Quarto only;"),
        ("subtitle: S", "a.qmd: the front matter has no 'title'."),
        ("title: T\nsubtitle: '{{< var nope >}}'", "a.qmd, line 3: _variables.yml has no 'nope';"),
        ("title: [", "a.qmd, line 2: the front matter is not valid YAML."),
    ],
)
def test_front_matter_is_read_strictly(read, front_matter, message):
    with pytest.raises(PublishError, match="^" + message):
        read("Words.", front_matter)


@pytest.mark.parametrize(
    "body",
    [
        "Write `@fig-nothing` and ``{{{< var nope >}}}``.",
        "```\n@fig-nothing ![](none.png)\n{{< include_not >}}\n```".replace(
            "{{< include_not >}}", "{{{< include x >}}}"
        ),
        "Ask someone@example.org or @someone.",
        r"An escaped \@fig-nothing.",
    ],
)
def test_what_is_code_or_no_reference_is_left_alone(read, body):
    assert read(body).markdown


def test_the_scratch_copy_gets_the_front_matter_as_resolved(tmp_path):
    path = tmp_path / "a.qmd"
    path.write_text("---\ntitle: '{{< var x >}}'\n---\n\nBody {{< var x >}}.\n", encoding="utf-8")
    write_front_matter(path, {"title": "Été: 2024"})
    assert path.read_text(encoding="utf-8") == "---\ntitle: 'Été: 2024'\n---\n\nBody {{< var x >}}.\n"
