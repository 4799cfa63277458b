"""A rehearsal warms the process and leaves nothing behind."""

import json
import sys

import nbformat
import pytest

from fls_research.pipeline.engine.rehearsal import rehearse


def notebook(folder, *sources):
    cells = [nbformat.v4.new_code_cell('code: str = ""\nrun_dir: str = ""', metadata={"tags": ["parameters"]})]
    cells += [nbformat.v4.new_code_cell(source) for source in sources]
    path = folder / "a.ipynb"
    node = nbformat.v4.new_notebook(cells=cells)
    node.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(node, path)
    return str(path)


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(sys, "told_by_a_rehearsal", [], raising=False)
    return sys.told_by_a_rehearsal


def test_cells_are_carried_out_with_the_parameters_and_a_folder_that_goes(tmp_path, told, capsys):
    cell = (
        "import sys, pathlib\nprint(code)\npathlib.Path(run_dir, 'x').touch()\n"
        "sys.told_by_a_rehearsal += [code, run_dir]"
    )
    rehearse(notebook(tmp_path, cell), json.dumps({"code": "5E1", "run_dir": "elsewhere"}))
    assert told[0] == "5E1"
    assert told[1] != "elsewhere"
    assert capsys.readouterr().out == ""
    assert [path.name for path in tmp_path.iterdir()] == ["a.ipynb"]


def test_one_that_fails_is_no_matter(tmp_path, told):
    rehearse(notebook(tmp_path, "1 / 0", "sys.told_by_a_rehearsal.append(1)"), "{}")
    assert told == []
