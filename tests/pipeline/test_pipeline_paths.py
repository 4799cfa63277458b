"""Paths are local, inside the project, and valid on every system."""

import pytest

from fls_research.errors import NotebookError
from fls_research.pipeline.paths import path_under, shown


@pytest.mark.parametrize("path", ["notebooks/a.ipynb", "./a.ipynb", "notebooks/../a.ipynb", "reports/_output/2024"])
def test_a_path_inside_the_project_is_accepted(tmp_path, path):
    assert path_under(tmp_path, path) == (tmp_path / path).resolve()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("https://example.org/a.ipynb", "not an address"),
        ("s3://bucket/a.ipynb", "not an address"),
        ("file:///etc/passwd", "not an address"),
        ("../a.ipynb", "outside the project"),
        ("notebooks/../../a.ipynb", "outside the project"),
        ("/etc/passwd", "outside the project"),
        ("notebooks/CON.ipynb", "'CON.ipynb' is no file name"),
        ("notebooks/nul", "is no file name"),
        ("notebooks/lpt1.txt", "is no file name"),
        ("notebooks/a?.ipynb", "is no file name"),
        ("notebooks/a. /b", "is no file name"),
        ("n" * 190, "longer than 180"),
    ],
)
def test_any_other_path_is_refused(tmp_path, path, message):
    with pytest.raises(NotebookError, match=message):
        path_under(tmp_path, path, what="notebook")


def test_a_link_that_leads_out_is_refused(tmp_path):
    (tmp_path / "project").mkdir()
    try:
        (tmp_path / "project" / "link").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    with pytest.raises(NotebookError, match="outside the project"):
        path_under(tmp_path / "project", "link/a.ipynb")


def test_a_path_is_shown_without_the_machine(tmp_path):
    assert shown(tmp_path / "data" / "a.csv", tmp_path) == "data/a.csv"
    assert shown(tmp_path.parent / "secret" / "a.csv", tmp_path) == "a.csv"
