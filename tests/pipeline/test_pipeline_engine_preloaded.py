"""Every run begins as if it were the first, and whatever is killed, nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import nbformat
import pytest

from fls_research.errors import NotebookError
from fls_research.pipeline.engine.preloaded import Preloaded
from fls_research.pipeline.run import run_notebook

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")]

WAITS = "import os, pathlib, time\npathlib.Path('began').write_text(str(os.getpid()))\ntime.sleep(600)"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("preloaded") / "project"
    (root / "params").mkdir(parents=True)
    (root / "notebooks").mkdir()
    (root / "_quarto.yml").write_text("project: {}\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def preloaded(root):
    with Preloaded(root) as process:
        yield process


def printed(root, preloaded, *sources, parameters=None, name="cells"):
    """What the cells of a notebook print, run by a fork."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    if parameters is not None:
        first = "\n".join(f"{key}: {type(value).__name__}" for key, value in parameters.items())
        cells.insert(0, nbformat.v4.new_code_cell(first, metadata={"tags": ["parameters"]}))
    source, output = root / "notebooks" / f"{name}.ipynb", root / "out" / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), source)
    run_notebook(source, parameters or {}, root=root, output=output, parent=preloaded)
    content = json.loads(output.read_text(encoding="utf-8"))
    outputs = [output for cell in content["cells"] for output in cell.get("outputs", ())]
    return "".join(output["text"] for output in outputs if output["output_type"] == "stream")


def running(pid):
    """Whether a process is there and not a dead one that nobody has buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition, seconds=20):
    for _ in range(seconds * 20):
        if condition():
            return True
        time.sleep(0.05)
    return False


def began(root):
    """Number of the process that runs the cell which waits."""
    mark = root / "began"
    assert eventually(lambda: mark.is_file() and mark.read_text())
    pid = int(mark.read_text())
    mark.unlink()
    return pid


class Waiting(threading.Thread):
    """A run that never ends, in a thread."""

    def __init__(self, root, preloaded, name="waits"):
        super().__init__(daemon=True)
        self.call = (root, preloaded, WAITS)
        self.named = name
        self.error = None
        self.start()

    def run(self):
        try:
            printed(*self.call, name=self.named)
        except NotebookError as error:
            self.error = error

    def ended(self):
        self.join(30)
        assert not self.is_alive()
        return str(self.error)


SPOIL = """
import os, random, sys, threading, warnings, builtins
import numpy, pandas, matplotlib
import fls_research.params
from fls_research.outputs import style
fls_research.params.spoilt = builtins.spoilt = True
sys.path.append("spoilt"); os.environ["SPOILT"] = "1"; os.chdir("params")
pandas.set_option("display.max_rows", 7); matplotlib.rcParams["lines.linewidth"] = 99
random.random(); numpy.random.rand()
warnings.simplefilter("error")
kept = open(os.devnull)
threading.Thread(target=threading.Event().wait, daemon=True).start()
sys.setrecursionlimit(500)
"""
LOOK = """
import os, random, sys, threading, warnings, builtins
import numpy, pandas, matplotlib
import fls_research.params
print([hasattr(fls_research.params, "spoilt"), hasattr(builtins, "spoilt"), "kept" in globals(), len(In)])
print(["spoilt" in sys.path, "SPOILT" in os.environ, os.getcwd(), sys.getrecursionlimit()])
print([pandas.get_option("display.max_rows"), matplotlib.rcParams["lines.linewidth"]])
print([random.random(), numpy.random.rand(), warnings.filters[0][0]])
print([threading.active_count(), len(os.listdir("/proc/self/task")), sorted(os.listdir("/proc/self/fd"))])
"""


def test_a_run_sees_nothing_of_the_run_before(root, preloaded):
    before = printed(root, preloaded, LOOK)
    printed(root, preloaded, SPOIL, name="spoils")
    assert printed(root, preloaded, LOOK) == before
    assert "[False, False, False, 2]" in before
    assert "[1, 1, " in before


def test_each_run_is_a_process_of_its_own(root, preloaded):
    pids = {printed(root, preloaded, "import os\nprint(os.getpid(), os.getppid(), os.getsid(0))") for _ in range(3)}
    assert len(pids) == 3
    for words in pids:
        pid, parent, session = map(int, words.split())
        assert pid == session
        assert parent == preloaded.pid


def test_chance_is_of_the_parameters_and_of_nothing_else(root, preloaded):
    def drawn(code):
        cell = "import random, numpy\nprint(random.random(), numpy.random.rand())"
        return printed(root, preloaded, cell, parameters={"code": code})

    assert drawn("a") == drawn("a") != drawn("b")


def test_the_preloaded_process_does_not_grow(root, preloaded):
    def size():
        status = Path(f"/proc/{preloaded.pid}/status").read_text()
        facts = dict(line.split(":\t") for line in status.splitlines())
        descriptors = len(os.listdir(f"/proc/{preloaded.pid}/fd"))
        return int(facts["Threads"]), descriptors, int(facts["VmRSS"].split()[0])

    printed(root, preloaded, "print(1)")
    before = size()
    for _ in range(8):
        printed(root, preloaded, "import numpy\nmuch = numpy.ones(5_000_000)")
    after = size()
    assert before[0] == after[0] == 1
    assert before[1] == after[1]
    assert after[2] < before[2] + 2_000


def test_two_runs_go_on_at_the_same_time(root, preloaded):
    meet = "import pathlib, time\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"
    told = []
    threads = [
        threading.Thread(target=lambda a=a, b=b: told.append(printed(root, preloaded, meet.format(a, b), name=a)))
        for a, b in (("one", "two"), ("two", "one"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert told == ["", ""]


def test_a_run_that_is_killed_fails_and_the_next_one_works(root, preloaded):
    waiting = Waiting(root, preloaded)
    os.kill(began(root), signal.SIGKILL)
    assert "DeadKernelError" in waiting.ended()
    assert printed(root, preloaded, "print('fine')") == "fine\n"


def test_what_a_run_leaves_running_ends_with_it(root, preloaded):
    pid = int(printed(root, preloaded, "import subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)"))
    assert eventually(lambda: not running(pid))


def test_a_preloaded_process_that_is_killed_is_started_again(root):
    with Preloaded(root) as preloaded:
        waiting = Waiting(root, preloaded)
        run, first = began(root), preloaded.pid
        os.kill(first, signal.SIGKILL)
        assert "DeadKernelError" in waiting.ended()
        assert eventually(lambda: not running(run))
        assert printed(root, preloaded, "print('fine')") == "fine\n"
        second = preloaded.pid
        assert second != first
    assert not running(second)


def test_stopping_ends_runs_of_other_threads_and_refuses_further_ones(root):
    preloaded = Preloaded(root)
    preloaded.start()
    waiting = Waiting(root, preloaded)
    run, process = began(root), preloaded.pid
    preloaded.stop()
    assert waiting.error is None or "DeadKernelError" in waiting.ended()
    assert eventually(lambda: not running(run) and not running(process))
    with pytest.raises(NotebookError, match="was stopped"):
        printed(root, preloaded, "print(1)")


CLIENT = """
from pathlib import Path
from fls_research.pipeline.engine.preloaded import Preloaded
from fls_research.pipeline.run import run_notebook
root = Path({root!r})
with Preloaded(root) as preloaded:
    print(preloaded.pid, flush=True)
    run_notebook(root / "notebooks" / "waits.ipynb", {{}}, root=root, output=root / "out" / "w.ipynb", parent=preloaded)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_when_whoever_started_it_is_ended(root, number):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(WAITS)]), root / "notebooks/waits.ipynb")
    code = textwrap.dedent(CLIENT).format(root=str(root))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as client:
        process = int(client.stdout.readline())
        run = began(root)
        client.send_signal(number)
        client.wait(20)
    assert eventually(lambda: not running(process) and not running(run), seconds=5)


def test_a_process_with_a_second_thread_is_refused(root):
    (root / "threaded.py").write_text(
        "import threading\n\n\ndef start():\n    threading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    with Preloaded(root, [("threaded:start", ())]) as preloaded, pytest.raises(NotebookError, match="2 threads"):
        printed(root, preloaded, "print(1)")


def test_a_warmer_that_fails_is_told_in_its_own_words(root):
    warmers = [("fls_research.data.prepared:keep_open", ("data/prepared/none",))]
    with Preloaded(root, warmers) as preloaded, pytest.raises(NotebookError, match="no prepared cohort in none"):
        printed(root, preloaded, "print(1)")
