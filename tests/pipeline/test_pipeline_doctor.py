"""The doctor finds what is wrong and says what to do."""

import os

import pytest

from fls_research.pipeline import doctor


def findings(root):
    return {f.what: f for f in doctor.examine(root)}


@pytest.fixture(scope="module")
def healthy(finished):
    return findings(finished[0])


def test_here_nothing_that_is_needed_is_wrong(healthy):
    assert [f for f in healthy.values() if f.well is False] == []
    assert all(f.sentence.endswith(".") for f in healthy.values())


def test_pandoc_and_typst_were_really_asked(healthy):
    assert healthy["Pandoc"].sentence.startswith("Pandoc 3")
    assert "makes a PDF" in healthy["Typst"].sentence


def test_broken_settings_are_found(edition):
    (edition / "params" / "2024.yml").write_text("year: 2024\nmincount: 3\n", encoding="utf-8")
    found = doctor.CHECKS["settings"](edition)
    assert found[0] is False and "2024.yml" in found[1]


def test_missing_settings_are_found(project):
    assert doctor.CHECKS["settings"](project) == (False, "There are no settings: params/ holds no <year>.yml.")


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="may write anywhere")
def test_a_folder_that_cannot_be_written_is_found(edition):
    (edition / "data").chmod(0o500)
    assert doctor.CHECKS["folders"](edition)[0] is False


def test_a_file_where_a_folder_should_be_is_found(project):
    (project / "data").write_text("", encoding="utf-8")
    assert doctor.CHECKS["folders"](project)[0] is False


def test_what_can_be_done_without_is_no_fault(edition, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert doctor.CHECKS["Quarto"](edition)[0] is None
    assert doctor.CHECKS["browser"](edition)[0] is None


def test_a_missing_package_is_named_with_its_use(edition, monkeypatch):
    monkeypatch.setattr(doctor, "NEEDED", {"reports": ("pypandoc", "no_such_package")})
    assert doctor.CHECKS["packages"](edition) == (
        False,
        "Not installed: no_such_package (for reports). Install the project again as the README says.",
    )
    assert doctor.CHECKS["loading"](edition)[0] is False


def test_a_check_that_breaks_is_a_finding(edition, monkeypatch):
    monkeypatch.setattr(doctor, "CHECKS", {"disk": lambda root: 1 / 0})
    found = findings(edition)["disk"]
    assert (found.well, found.sentence) == (False, "The check did not work (ZeroDivisionError).")


def test_how_notebooks_are_run_is_told(edition):
    well, sentence = doctor.CHECKS["runs"](edition)
    assert (well, "forked" in sentence) in ((True, True), (None, False))
    assert doctor.CHECKS["machines"](edition)[0] is True
