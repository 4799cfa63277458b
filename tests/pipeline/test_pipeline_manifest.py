"""The manifest is the same for the same inputs, and changes with each of them."""

import shutil
import subprocess

import pytest

from fls_research import params
from fls_research.pipeline import manifest

EXTRACT = {"name": "x.csv", "sha256": "ab", "rows": 3, "synthetic": True}


def inputs(root, **changed):
    settings = params.load_year(2024, root)
    notebooks = [root / "notebooks" / "good.ipynb"]
    return manifest.inputs(root, settings=settings, extract=EXTRACT | changed, notebooks=notebooks, documents={})


def test_the_same_inputs_give_the_same_bytes(edition, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for run_dir in (first, second):
        (run_dir / "results").mkdir(parents=True)
        (run_dir / "results" / "tbl-x.csv").write_text("a\n1\n", encoding="utf-8")
        manifest.write(manifest.completed(inputs(edition), run_dir, engine="typst", reports=[]), run_dir)
    assert (first / "manifest.json").read_bytes() == (second / "manifest.json").read_bytes()
    assert str(tmp_path) not in (first / "manifest.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "key"),
    [("params/2024.yml", "settings"), ("params/services.csv", "register"), ("notebooks/good.ipynb", "notebooks")],
)
def test_a_changed_input_changes_its_hash_and_no_other(edition, path, key):
    before = inputs(edition)
    with (edition / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    after = inputs(edition)
    assert {k for k in before if before[k] != after[k]} == {key}


def test_everything_that_came_out_is_hashed(edition, tmp_path):
    run_dir = tmp_path / "run"
    for name in ("results/tbl-x.csv", "results/tbl-x.json", "notebooks/10_a.ipynb", "facts.json", "annual-report.pdf"):
        (run_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (run_dir / name).write_text(name, encoding="utf-8")
    done = manifest.completed(inputs(edition), run_dir, engine="typst", reports=[run_dir / "annual-report.pdf"])
    assert list(done["results"]) == ["results/tbl-x.csv", "results/tbl-x.json"]
    assert list(done["reports"]) == ["annual-report.pdf"]
    assert (list(done["executed"]), list(done["facts"])) == (["notebooks/10_a.ipynb"], ["facts.json"])
    assert done["engine"] == "typst"
    manifest.write(done, run_dir)
    assert manifest.read(run_dir) == done


def test_the_code_hash_sees_names_and_content_but_not_line_ends(tmp_path):
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    before = manifest.code_hash(tmp_path)
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
    assert manifest.code_hash(tmp_path) == before
    (tmp_path / "a.py").write_bytes(b"x = 2\n")
    changed = manifest.code_hash(tmp_path)
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    assert len({before, changed, manifest.code_hash(tmp_path)}) == 3


def test_a_project_outside_git_has_no_commit(tmp_path):
    assert manifest.git_state(tmp_path) == {"commit": None, "dirty": None}


@pytest.mark.skipif(shutil.which("git") is None, reason="needs Git")
def test_the_commit_and_whether_anything_changed_since(tmp_path):
    def git(*words):
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", tmp_path, *who, *words], check=True, capture_output=True)

    git("init")
    (tmp_path / "a").write_text("1", encoding="utf-8")
    git("add", "a")
    git("commit", "-m", "a")
    clean = manifest.git_state(tmp_path)
    assert (len(clean["commit"]), clean["dirty"]) == (40, False)
    (tmp_path / "a").write_text("2", encoding="utf-8")
    assert manifest.git_state(tmp_path) == {"commit": clean["commit"], "dirty": True}
