"""A build works beside the project, leaves no trace of a failure, and feeds a render by hand."""

import json

import pytest
from publish_outline import small_project

from fls_research.errors import PublishError
from fls_research.pipeline.publish import stage_for_quarto
from fls_research.pipeline.publish.cells import read_options
from fls_research.pipeline.publish.project import read_project
from fls_research.pipeline.publish.stage import copy_project, move_in


@pytest.fixture
def copied(tmp_path):
    root, run_dir = small_project(tmp_path)
    (root / "reports" / "_executed").mkdir()
    (root / "reports" / "_executed" / "old.ipynb").write_text("{}", encoding="utf-8")
    to = tmp_path / "copy"
    to.mkdir()
    notebooks = [run_dir / "notebooks" / "20_second.ipynb"]
    copy_project(read_project(root), run_dir, to, document="reports/service_pack.qmd", notebooks=notebooks)
    return root, to


def test_the_copy_has_sources_facts_and_the_notebooks_it_needs(copied):
    _, to = copied
    assert [path.name for path in (to / "reports" / "_executed").iterdir()] == ["20_second.ipynb"]
    assert (to / "reports" / "annual_report.qmd").is_file() and (to / "_variables.yml").is_file()
    assert not (to / "reports" / "_output").exists()


def test_the_copy_renders_one_document_and_says_the_rest_as_the_project_does(copied):
    root, to = copied
    original, copy = (read_project(folder).config for folder in (root, to))
    assert copy["project"] == original["project"] | {"render": ["reports/service_pack.qmd"]}
    assert {**copy, "project": ""} == {**original, "project": ""}


@pytest.mark.parametrize("missing", ["_variables.yml", "notebooks/10_first.ipynb"])
def test_a_run_without_facts_or_notebooks_is_refused_and_nothing_is_staged(tmp_path, missing):
    root, run_dir = small_project(tmp_path)
    (run_dir / "notebooks" / "20_second.ipynb").unlink()
    (run_dir / missing).unlink()
    with pytest.raises(PublishError, match=r"^2024: .*; build the edition again\.$"):
        stage_for_quarto(run_dir, root)
    assert not (root / "_variables.yml").exists() and not (root / "reports" / "_executed").exists()


def test_staging_replaces_what_an_earlier_run_left(tmp_path):
    root, run_dir = small_project(tmp_path)
    stage_for_quarto(run_dir, root)
    (run_dir / "notebooks" / "10_first.ipynb").unlink()
    (run_dir / "_variables.yml").write_text("year: 2025\n", encoding="utf-8")
    stage_for_quarto(run_dir, root)
    assert [path.name for path in (root / "reports" / "_executed").iterdir()] == ["20_second.ipynb"]
    assert (root / "_variables.yml").read_text(encoding="utf-8") == "year: 2025\n"
    assert not [path.name for path in (root / "reports").iterdir() if path.name.startswith(".")]


def test_pictures_are_staged_without_their_size_on_screen(tmp_path):
    root, run_dir = small_project(tmp_path)
    path = run_dir / "notebooks" / "20_second.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    sized = [
        output
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    for output in sized:
        output["metadata"] = {"image/png": {"width": 400}}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    stage_for_quarto(run_dir, root)
    staged = json.loads((root / "reports" / "_executed" / path.name).read_text(encoding="utf-8"))
    assert [o["metadata"] for c in staged["cells"] for o in c.get("outputs", []) if "data" in o] == [{}, {}]


def test_alternative_texts_are_staged_with_curly_apostrophes_and_the_rest_of_the_cell_is_as_it_was(tmp_path):
    root, run_dir = small_project(tmp_path)
    path = run_dir / "notebooks" / "20_second.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = "plot('x')  # it's code"
    option = "#| label: fig-own\n#| fig-cap: 'One''s own'\n#| fig-alt: >-\n#|   A service's\n#|   value.\n"
    cell = {"cell_type": "code", "metadata": {}, "source": option + code, "outputs": []}
    path.write_text(json.dumps({**notebook, "cells": [*notebook["cells"], cell]}), encoding="utf-8")
    stage_for_quarto(run_dir, root)
    staged = json.loads((root / "reports" / "_executed" / path.name).read_text(encoding="utf-8"))["cells"]
    assert read_options(staged[-1]["source"], path.name) == {
        "label": "fig-own",
        "fig-cap": "One's own",
        "fig-alt": "A service\u2019s value.",
    }
    assert staged[-1]["source"].splitlines()[-1] == code
    assert ["".join(c["source"]) for c in staged[:-1]] == ["".join(c["source"]) for c in notebook["cells"]]


def test_arriving_files_and_folders_replace_the_former_ones(tmp_path):
    old, new = tmp_path / "run", tmp_path / "made"
    (old / "libs").mkdir(parents=True)
    (old / "libs" / "gone.js").write_text("", encoding="utf-8")
    (new / "site_libs").mkdir(parents=True)
    (new / "site_libs" / "here.js").write_text("", encoding="utf-8")
    (new / "a.html").write_text("new", encoding="utf-8")
    move_in({"libs": new / "site_libs", "page.html": new / "a.html"}, old)
    assert sorted(path.relative_to(old).as_posix() for path in old.rglob("*")) == ["libs", "libs/here.js", "page.html"]
