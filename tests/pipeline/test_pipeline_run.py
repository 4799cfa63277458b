"""A run is strict: a whole executed copy of the right call, or a failure that says where and shows no patient."""

import json
import os
import re
import sys
from pathlib import Path

import pytest

from fls_research.errors import NotebookError
from fls_research.pipeline.run import run_notebook

pytestmark = pytest.mark.slow


def run(project, name, parameters=None, **options):
    output = project / "out" / f"{name}.ipynb"
    return run_notebook(
        project / "notebooks" / f"{name}.ipynb", parameters or {}, root=project, output=output, **options
    )


def failure(project, name):
    with pytest.raises(NotebookError) as caught:
        run(project, name)
    return str(caught.value), "\n".join(caught.value.__notes__)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """One run of the notebook that works, looked at by several tests."""
    root = tmp_path_factory.mktemp("p") / "project"
    (root / "notebooks").mkdir(parents=True)
    source = Path(__file__).parent / "notebooks" / "good.ipynb"
    (root / "notebooks" / "good.ipynb").write_bytes(source.read_bytes())
    seen = []
    result = run(root, "good", {"code": "5E1"}, progress=lambda *step: seen.append(step), renamed={"5E1 ": "never"})
    return root, result, seen


def streams(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "".join("".join(o.get("text", "")) for c in cells for o in c.get("outputs", ()))


def test_a_code_that_looks_like_a_number_stays_text(good):
    _, result, _ = good
    assert "(2024, '5E1')" in streams(result.output)
    assert result.parameters == {"year": 2024, "code": "5E1"}


def test_every_cell_is_reported(good):
    _, result, seen = good
    assert seen[0] == ("good", 0, 7)
    assert seen[-1] == ("good", 7, 7)
    assert (result.cells, result.starts) == (7, 1)


def test_the_kernel_is_this_interpreter_with_a_fixed_environment(good):
    _, result, _ = good
    text = streams(result.output)
    assert "<python>" in text
    assert text.rstrip().endswith(" agg")


def test_the_executed_copy_holds_no_trace_of_the_machine(good):
    root, result, _ = good
    text = result.output.read_text(encoding="utf-8")
    traces = (str(root), str(Path.home()) + os.sep, sys.prefix, "ipykernel_", "input_path", "start_time", "duration")
    assert [trace for trace in traces if trace in text] == []
    assert not re.search(r"0x[0-9a-f]{6,}", text)
    assert "careful" in text


def test_two_runs_give_the_same_bytes(good):
    root, result, _ = good
    before = result.output.read_bytes()
    run(root, "good", {"code": "5E1"})
    assert result.output.read_bytes() == before


def test_a_misspelt_parameter_never_runs(project):
    with pytest.raises(NotebookError, match=r"good.ipynb: unknown parameter 'yaer'; did you mean 'year'\?"):
        run(project, "good", {"yaer": 2023})
    assert not (project / "out").exists()


def test_the_paths_of_notebook_and_copy_are_checked(project):
    with pytest.raises(NotebookError, match="not an address"):
        run_notebook("https://example.org/a.ipynb", {}, root=project, output=project / "out" / "a.ipynb")
    with pytest.raises(NotebookError, match="outside the project"):
        run_notebook(project / "notebooks" / "good.ipynb", {}, root=project, output=project.parent / "a.ipynb")


def test_an_error_is_told_with_heading_cell_and_line_but_without_its_value(project):
    sentence, card = failure(project, "raises")
    assert sentence == "raises.ipynb failed in cell 3 (tbl-kpi), under 'The KPIs': ValueError at `refuse(patient)`."
    assert "likely cause" in card
    assert "JONES" not in sentence + card


def test_the_message_of_our_own_error_is_told(project):
    sentence, _ = failure(project, "raises_ours")
    assert sentence.endswith("DisclosureError (tbl-kpi: was never released).")


@pytest.mark.parametrize("name", ["system_exit", "exit_call"])
def test_a_notebook_that_stops_itself_has_failed(project, name):
    sentence, card = failure(project, name)
    assert f"{name}.ipynb failed in cell 2, under 'Title': SystemExit" in sentence
    assert "the notebook stopped itself" in card


def test_an_error_that_a_tag_lets_pass_has_failed(project):
    assert "ZeroDivisionError at `1 / 0`" in failure(project, "raises_allowed")[0]


def test_a_cell_that_is_no_python_has_failed(project):
    assert "SyntaxError" in failure(project, "syntax")[0]


def test_a_process_that_dies_has_failed(project):
    sentence, card = failure(project, "dies")
    assert "cell 2" in sentence
    assert "want of memory" in card


def test_a_failed_run_leaves_nothing_and_keeps_what_was_there(project):
    out = project / "out"
    out.mkdir()
    (out / "raises.ipynb").write_text("the last good one", encoding="utf-8")
    failure(project, "raises")
    assert [p.name for p in out.iterdir()] == ["raises.ipynb"]
    assert (out / "raises.ipynb").read_text(encoding="utf-8") == "the last good one"


def test_a_kernel_that_does_not_start_is_started_once_more(project, tmp_path, monkeypatch):
    faults = tmp_path / "faults"
    faults.mkdir()
    code = (
        "import os, pathlib, sys\n"
        "mark = pathlib.Path(__file__).with_name('failed-once')\n"
        "if 'ipykernel_launcher' in ' '.join(sys.orig_argv) and not mark.exists():\n"
        "    mark.touch()\n"
        "    os._exit(1)\n"
    )
    (faults / "sitecustomize.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(faults))
    assert run(project, "no_parameters").starts == 2
    (faults / "sitecustomize.py").write_text(code.replace("not mark.exists()", "True"), encoding="utf-8")
    sentence, card = failure(project, "good")
    assert sentence == "good.ipynb failed: KernelStart."
    assert "fls doctor" in card


def test_parameters_are_data_and_never_code(project):
    code = 'x"; import os; os._exit(3)  # \\'
    text = streams(run(project, "good", {"code": code}).output)
    assert repr((2024, code)) in text
