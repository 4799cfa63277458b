"""A copy from a forked process is the copy from a kernel: every output, count, error and piece of metadata."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError

from fls_research.pipeline.engine.forked import NAME
from fls_research.pipeline.engine.preloaded import Preloaded
from fls_research.pipeline.kernel import kernel_manager

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "notebooks"
# A kernel that dies may take the last it had to say with it: that test stands by itself below.
_OTHERS = {"10_count", "dies", "waits"}
FIXTURES = sorted(path.stem for path in HERE.glob("*.ipynb") if path.stem not in _OTHERS)

CELLS = {
    "streams": """
import sys
print("a", end="")
print("b")
print("c", file=sys.stderr)
print("d")
sys.stdout.write("e\\n")
sys.stdout.flush()
print("f", end="", flush=True)""",
    "descriptors": """
import os, subprocess, time
# A kernel's thread must have the time to read along; a fork needs none.
print("before", flush=True)
os.write(1, b"by descriptor\\n")
subprocess.run(["echo", "by a subprocess"], check=True)
time.sleep(1)
print("after")
os.write(2, b"an error by descriptor\\n");""",
    "shell": "!echo from the shell; echo wrong >&2",
    "much": "print('x' * 3_000_000)",
    "many_lines": "for n in range(20_000): print(n)",
    "displays": """
from IPython.display import HTML, Markdown, display
print("first")
display(HTML("<b>bold</b>"), Markdown("*it*"))
print("second")
shown = display({"a": 1}, display_id="kept")
display("again", display_id="kept")
"result" """,
    "updated_later": "shown.update({'a': 2})\nprint('updated')",
    "cleared": """
from IPython.display import clear_output
print("gone")
clear_output()
print("kept")
clear_output(wait=True)
print("last")""",
    "frame": "import pandas as pd\npd.DataFrame({'a': [1, 2], 'b': ['x', None]})",
    "picture": """
import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(2, 1))
ax.plot([1, 2])
plt.show()
fig""",
    "inline": """
%matplotlib inline
plt.plot([3, 1])""",
    "magic": "%timeit -n1 -r1 -q pass\n%env FLS_ROOT\n%who_ls",
    "awaited": "import asyncio\nawait asyncio.sleep(0.01)\nprint(asyncio.get_running_loop().is_running())",
    "task": "task = asyncio.create_task(asyncio.sleep(0, 'done'))",
    "task_later": "await task",
    "history": "print(len(In) > 3, _ is not None)\n__name__",
    "not_a_number": "from IPython.display import JSON\nJSON({'a': [1, 2.5, None]})",
    "log": "import logging\nlogging.warning('take care')\nlogging.getLogger('x').info('unseen')",
    "warned": "import warnings\nwarnings.warn('once', DeprecationWarning)\nwarnings.warn('twice')",
    "thread": """
import threading
thread = threading.Thread(target=lambda: print("in a thread"))
thread.start()
thread.join()""",
    "types": "(type(get_ipython()).__name__, sys.stdout.isatty(), sys.stdout.encoding)",
    "path": "sys.path",
    "notebook": "'IPKernelApp' in get_ipython().config, __import__('os').getcwd()",
    "nothing": "None",
    "quiet": "1 + 1;",
    "comment": "# nothing here",
    "widget": "import ipywidgets\nipywidgets.IntSlider(3, 0, 10)",
    "output_widget": """
out = ipywidgets.Output()
with out:
    print("inside")
    display("shown inside")
out""",
}
ERRORS = {
    "nested": "def f(x):\n    return g(x)\n\n\ndef g(x):\n    return 1 / x\n\n\nprint('before')\nf(0)",
    "noted": "error = ValueError('wrong')\nerror.add_note('a note')\nraise error",
    "chained": "try:\n    {}['a']\nexcept KeyError as error:\n    raise RuntimeError('for that') from error",
    "group": "raise ExceptionGroup('many', [ValueError(1), TypeError(2)])",
    "syntax": "if:\n    pass",
    "name": "nowhere",
    "interrupted": "raise KeyboardInterrupt",
    "exit_0": "import sys\nsys.exit(0)",
    "exit_3": "import sys\nsys.exit(3)",
    "exit_words": "raise SystemExit('stop')",
    "asked": "input('what? ')",
    "asked_secretly": "import getpass\ngetpass.getpass()",
    "awaited": "import asyncio\nawait asyncio.sleep(0)\nraise ValueError('after waiting')",
    "display": "class Bad:\n    def __repr__(self):\n        raise ValueError('no picture')\nBad()",
    "assertion": "assert 1 == 2, 'never'",
    "import": "import not_there_at_all",
    "magic": "%nothing_of_that_name",
    "not_utf8": "raise ValueError('\\udc80 \\x1b[31m red')",
}


def notebook(*sources, tags=()):
    cells = [nbformat.v4.new_markdown_cell("# Title", id="top")]
    for number, source in enumerate(sources):
        cells.append(nbformat.v4.new_code_cell(source.strip("\n"), id=f"cell-{number}", metadata={"tags": list(tags)}))
    node = nbformat.v4.new_notebook(cells=cells)
    node.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return node


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("forked") / "project"
    (root / "params").mkdir(parents=True)
    (root / "_quarto.yml").write_text("project: {}\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def preloaded(root):
    with Preloaded(root) as process:
        yield process


def executed(node, parameters=None, **engine):
    """The copy, whether or not a cell failed, and the error's name."""
    seen, error = [], ""
    options = {"on_notebook_start": lambda notebook: seen.append(notebook)} | engine
    try:
        copy = papermill.execute_notebook(
            nbformat.from_dict(json.loads(json.dumps(node))),
            None,
            parameters or {},
            kernel_name="python3",
            language="python",
            progress_bar=False,
            **options,
        )
    except PapermillExecutionError as caught:
        copy, error = seen[-1], f"{caught.exec_count} {caught.ename} {caught.evalue}"
    except (DeadKernelError, CellTimeoutError) as caught:
        copy, error = seen[-1], type(caught).__name__
    return copy, error


def by_kernel(node, root, parameters=None, **options):
    """The copy of an ordinary kernel; one that falls silent, as a busy machine's may, is asked once more."""
    where = {"resources": {"metadata": {"path": str(root)}}}
    for _ in range(2):
        with tempfile.TemporaryDirectory(prefix="fls") as scratch:
            manager = kernel_manager(root, Path(scratch))
            given = {"execution_timeout": 60, "kernel_manager_class": manager} | where | options
            copy, error = executed(node, parameters, **given)
        if error != "CellTimeoutError" or "execution_timeout" in options:
            break
    return comparable(copy, error)


def by_fork(node, root, preloaded, parameters=None, **options):
    where = {"resources": {"metadata": {"path": str(root)}}}
    return comparable(*executed(node, parameters, engine_name=NAME, preloaded=preloaded, **where, **options))


def comparable(copy, error):
    """Without what differs from one kernel to the next as well: moments, addresses, numbers of processes."""
    content = json.loads(json.dumps(copy))
    for cell in content["cells"]:
        if {"injected-parameters", "papermill-error-cell-tag"} & set(cell["metadata"].get("tags", [])):
            cell["id"] = "of Papermill"
        for place in (cell["metadata"].get("papermill", {}), cell["metadata"].get("execution", {})):
            for key in ("start_time", "end_time", "duration", *(key for key in place if "." in key)):
                if place.get(key):
                    place[key] = "some"
        if cell["cell_type"] == "code":
            cell["outputs"] = list(merged(cell["outputs"]))
    for key in ("start_time", "end_time", "duration"):
        content["metadata"]["papermill"][key] = "some"
    text = json.dumps([content, error])
    text = re.sub(r"ipykernel_\d+/\d+\.py", "<cell>", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", text)
    names = {}
    text = re.sub(
        r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])", lambda found: names.setdefault(found[0], f"model-{len(names)}"), text
    )
    return json.loads(text)


def merged(outputs):
    """Neighbouring pieces of one stream in one: a kernel cuts them by the clock."""
    last = None
    for output in outputs:
        if last and output["output_type"] == last["output_type"] == "stream" and output["name"] == last["name"]:
            last["text"] += output["text"]
            continue
        if last:
            yield last
        last = output
    if last:
        yield last


def assert_same(forked, kernel):
    (copy, error), (expected, expected_error) = forked, kernel
    for cell, twin in zip(copy["cells"], expected["cells"], strict=True):
        assert cell == twin
    assert copy == expected
    assert error == expected_error


@pytest.mark.parametrize("name", FIXTURES)
def test_every_fixture_gives_the_copy_of_a_kernel(name, root, preloaded):
    node = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
    parameters = {"year": 2023} if name in {"good", "raises", "raises_ours", "system_exit"} else {}
    assert_same(by_fork(node, root, preloaded, parameters), by_kernel(node, root, parameters))


def test_whatever_is_printed_and_shown_comes_out_the_same(root, preloaded, monkeypatch):
    # Under pytest a kernel does not look at what is written past Python.
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    node = notebook(*CELLS.values())
    forked, kernel = by_fork(node, root, preloaded), by_kernel(node, root)
    assert kernel[1] == ""
    assert_same(forked, kernel)
    assert sum(bool(cell.get("outputs")) for cell in forked[0]["cells"]) > 20


def test_errors_that_a_tag_lets_pass_come_out_the_same(root, preloaded):
    node = notebook(*ERRORS.values(), tags=["raises-exception"])
    assert_same(by_fork(node, root, preloaded), by_kernel(node, root))


@pytest.mark.parametrize("name", ["nested", "syntax", "exit_3", "exit_0", "interrupted"])
def test_an_error_ends_the_run_the_same_way(name, root, preloaded):
    node = notebook("print(1)", ERRORS[name], "print('never')")
    assert_same(by_fork(node, root, preloaded), by_kernel(node, root))


@pytest.mark.parametrize("code", ["import os\nos._exit(3)", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"])
def test_a_process_that_dies_is_a_dead_kernel(code, root, preloaded):
    node = notebook("print(1)", code, "print('never')")
    forked = by_fork(node, root, preloaded)
    kernel = by_kernel(node, root)
    assert forked[1] == kernel[1] == "DeadKernelError"
    # Whether a kernel still says that the cell began is chance.
    assert [forked[0]["cells"][n] for n in (0, 1, 3)] == [kernel[0]["cells"][n] for n in (0, 1, 3)]


def test_a_time_limit_ends_a_cell(root, preloaded):
    node = notebook("import time\nwhile True: time.sleep(0.01)")
    assert by_fork(node, root, preloaded, execution_timeout=1)[1] == "CellTimeoutError"


def test_a_time_limit_may_interrupt_a_cell(root, preloaded):
    node = notebook("import time\nwhile True: time.sleep(0.01)", "print('goes on')")
    copy, error = by_fork(node, root, preloaded, execution_timeout=1, interrupt_on_timeout=True, allow_errors=True)
    assert [output["output_type"] for cell in copy["cells"][1:] for output in cell.get("outputs", ())] == [
        "error",
        "stream",
    ]
    assert "KeyboardInterrupt" in error


def test_a_file_that_was_not_closed_is_written(root, preloaded):
    by_fork(notebook("file = open('left_open.txt', 'w')\nfile.write('all of it')"), root, preloaded)
    assert (root / "left_open.txt").read_text(encoding="utf-8") == "all of it"


def test_papermill_finds_the_engine_by_its_name_alone(root, tmp_path):
    nbformat.write(notebook("print(6 * 7)"), tmp_path / "in.ipynb")
    code = (
        "import papermill, sys\n"
        "papermill.execute_notebook('in.ipynb', 'out.ipynb', engine_name='fls-forked', progress_bar=False)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=120)
    assert nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[1].outputs[0].text == "42\n"
