"""The commands that answer for a number, as a user types them."""

import shutil

import pytest
from sight_edition import YEAR, results, write_edition, write_project

from fls_research.cli.main import run
from fls_research.pipeline.line_of_sight.edition import edition_folder


@pytest.fixture
def project(tmp_path, monkeypatch):
    root = write_project(tmp_path / "project")
    (root / "_quarto.yml").write_text("project: {}\n", encoding="utf-8")
    write_edition(edition_folder(YEAR, root))
    monkeypatch.setenv("FLS_ROOT", str(root))
    return root


@pytest.fixture
def fls(capsys):
    def type_in(*arguments):
        code = run([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return type_in


def test_the_table_is_written_and_named(project, fls):
    code, out, _ = fls("line-of-sight", YEAR)
    assert code == 0
    assert out.splitlines() == [f"Written to reports/_output/2024/line-of-sight.{kind}" for kind in ("docx", "html")]


def test_a_year_without_recommendations_is_one_line_of_error(project, fls):
    code, out, err = fls("line-of-sight", 2023)
    assert (code, out) == (3, "")
    assert err.startswith("fls: No recommendations for 2023") and len(err.splitlines()) == 1


def test_a_fact_is_told_and_an_unknown_one_refused(project, fls):
    code, out, _ = fls("fact", "kpi4.national.2024.percent")
    assert code == 0 and out.splitlines()[1].split() == ["value", "69%", "(unrounded", "69)"]
    code, _, err = fls("fact", "kpi4.national.2024.procent", "--year", YEAR)
    assert code == 8 and "did you mean 'kpi4.national.2024.percent'?" in err


def test_changed_facts_are_listed_with_their_cause(project, fls, tmp_path):
    kept = tmp_path / "kept"
    shutil.copytree(edition_folder(YEAR, project), kept)
    assert "No fact differs." in fls("facts", "--changed-since", kept)[1]
    write_edition(edition_folder(YEAR, project), results(now=70.0))
    code, out, _ = fls("facts", "--changed-since", kept)
    assert code == 0 and "1 fact differs." in out
    assert out.split("why", 1)[1].split()[:3] == ["kpi4.national.2024.percent", "69%", "70%"]


def test_a_folder_that_is_not_there_is_refused(project, fls, tmp_path):
    code, _, err = fls("facts", "--changed-since", tmp_path / "nowhere")
    assert code == 2 and "no folder 'nowhere'" in err


def test_quiet_says_nothing(project, fls):
    assert fls("line-of-sight", YEAR, "--quiet") == (0, "", "")
