"""The project's own _quarto.yml says the same to both engines."""

import re

import pytest
from publish_outline import ROOT

from fls_research.errors import PublishError
from fls_research.pipeline.publish import DOCUMENT
from fls_research.pipeline.publish.project import FORMATS, read_project


@pytest.fixture(scope="module")
def project():
    return read_project(ROOT)


def test_one_document_is_rendered_and_nothing_is_executed(project):
    assert project.config["project"]["render"] == [DOCUMENT]
    assert project.config["execute"]["enabled"] is False


def test_every_file_it_names_is_there_relative_to_the_project(project):
    text = (ROOT / "_quarto.yml").read_text(encoding="utf-8")
    named = re.findall(r"(?m)[:-] (reports/[\w./-]+)$", text)
    named = [name for name in named if "_output" not in name and not name.endswith(".qmd")]
    assert sorted(named) == sorted(
        [
            "reports/kit.lua",
            "reports/styles.css",
            "reports/reference.docx",
            "reports/fonts",
            "reports/house.typ",
            "reports/typst-template.typ",
            "reports/typst-show.typ",
        ]
    )
    assert all(project.file(name).exists() for name in named)


def test_the_kits_filter_runs_after_quartos(project):
    assert project.config["filters"] == ["quarto", "reports/kit.lua"]


def test_the_page_needs_no_other_machine(project):
    page = project.settings("html", {})
    assert (page["theme"], page["html-math-method"]) == ("default", "mathml")


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_has_contents_numbers_and_language(project, name):
    settings = project.settings(name, {"title": "T"})
    assert (settings["lang"], settings["toc"], settings["number-sections"], settings["title"]) == (
        "en-GB",
        True,
        True,
        "T",
    )


def test_the_document_overrides_the_project_and_its_format_overrides_both(project):
    front_matter = {"toc-depth": 1, "format": {"docx": {"toc-depth": 4}}}
    assert project.settings("html", front_matter)["toc-depth"] == 1
    assert project.settings("docx", front_matter)["toc-depth"] == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("project: {type: website}\nformat: {html: {}}\n", "_quarto.yml: 'format' does not name docx, typst."),
        ("format: {html: {}}\n", "_quarto.yml: has no 'project' block."),
        ("a: [\n", "_quarto.yml, line 2: not valid YAML"),
    ],
)
def test_a_configuration_that_cannot_serve_is_refused(tmp_path, text, message):
    (tmp_path / "_quarto.yml").write_text(text, encoding="utf-8")
    with pytest.raises(PublishError, match="^" + message):
        read_project(tmp_path)


def test_a_file_that_is_not_there_is_named(project):
    with pytest.raises(PublishError, match=r"^_quarto\.yml: 'reports/none\.css' does not exist\.$"):
        project.file("reports/none.css")


def test_the_fonts_come_with_their_licence():
    fonts = ROOT / "reports" / "fonts"
    assert len(list(fonts.glob("LiberationSans-*.ttf"))) == 4
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts / "LICENCE.txt").read_text(encoding="utf-8")
