"""How long a notebook takes in a batch: forked from a preloaded process, beside plain Papermill in the same run.

Run it by hand: ``python benchmarks/bench_batch.py [NOTEBOOK] [ROUNDS]``, in a project with demo data. Each round runs
every way once, in turn, so that whatever else the machine does falls on all of them. The last way calls the same cells
as a plain function in a process that has everything loaded: what no way of running notebooks can be faster than.
Targets: at least ten times plain Papermill's throughput with two at a time, at most 1.3 times the plain function.
"""

from __future__ import annotations

import os

# Before NumPy is imported, as in the preloaded process.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg"}

import contextlib
import io
import json
import logging
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fls_research.params import load_year, project_root

YEAR = 2024
PLAIN, FORKED = 2, 8
"""Runs in a round: plain ones take long enough, forked ones are too short to be timed singly."""


def prepared(root: Path) -> Path:
    from fls_research.data.cohort import prepare_once

    settings = load_year(YEAR, root)
    return prepare_once(settings, root, root / settings.extract, root / "data" / "prepared")


def parameters_and_warmers(notebook: Path, root: Path) -> tuple[list[dict], list[tuple[str, tuple[str, ...]]]]:
    """Parameters of different runs, and what a preloaded process loads for them."""
    from fls_research.pipeline.materials import ready
    from fls_research.pipeline.notebook import parameters_of

    folder = prepared(root)
    names = set(parameters_of(notebook).names)
    place = names & {"service", "place"}
    if not place:
        given = {"prepared": folder.relative_to(root).as_posix()} if "prepared" in names else {}
        return [given], [("fls_research.data.prepared:keep_open", tuple(given.values()))] if given else []
    materials = ready(folder)
    kind = "service" if "service" in place else "region"
    codes = materials.places(kind)["code"]
    runs = [
        {place.copy().pop(): code, "materials": _relative(materials.folder(code, kind=kind), root)} for code in codes
    ]
    return runs, [("fls_research.data.places:keep_open", (_relative(materials.root, root),))]


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def cells_as_function(notebook: Path, parameters: dict) -> Callable[[], None]:
    """All cells of a notebook, parameters put in after the cell that declares them, compiled once."""
    sources = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            sources.append("".join(cell["source"]))
            if "parameters" in cell["metadata"].get("tags", []):
                sources += [f"{name} = {value!r}" for name, value in parameters.items()]
    code = compile("\n".join(sources), notebook.name, "exec")

    def call() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, {"__name__": "__main__"})

    return call


def seconds_a_run(runs: int, call: Callable[[], None]) -> float:
    begun = time.perf_counter()
    call()
    return (time.perf_counter() - begun) / runs


def main(notebook: Path, rounds: int) -> None:
    import importlib

    import papermill

    from fls_research.pipeline.engine.preloaded import Preloaded
    from fls_research.pipeline.kernel import kernel_manager
    from fls_research.pipeline.run import run_notebook

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    root = project_root()
    out = root / "reports" / "_output" / "bench"
    parameters, warmers = parameters_and_warmers(notebook, root)
    turn = iter(range(1_000_000))

    def given() -> dict:
        number = next(turn)
        run_dir = out / str(number % 16)
        run_dir.mkdir(parents=True, exist_ok=True)
        return {**parameters[number % len(parameters)], "run_dir": _relative(run_dir, root)}

    def execute(**engine: object) -> None:
        where = {"resources": {"metadata": {"path": str(root)}}}
        target = str(out / f"{next(turn) % 16}.ipynb")
        papermill.execute_notebook(str(notebook), target, given(), progress_bar=False, **where, **engine)

    def plain() -> None:
        for _ in range(PLAIN):
            with tempfile.TemporaryDirectory(prefix="fls") as scratch:
                execute(kernel_name="python3", kernel_manager_class=kernel_manager(root, Path(scratch)))

    def fork(values: dict) -> None:
        run_notebook(notebook, values, root=root, output=root / values["run_dir"] / "copy.ipynb", parent=preloaded)

    def forked() -> None:
        for _ in range(FORKED):
            fork(given())

    def forked_by_two() -> None:
        with ThreadPoolExecutor(2) as pool:
            for ended in [pool.submit(fork, given()) for _ in range(2 * FORKED)]:
                ended.result()

    def function() -> None:
        for _ in range(FORKED):
            cells_as_function(notebook, given())()

    for name, arguments in warmers:
        module, _, function_name = name.partition(":")
        getattr(importlib.import_module(module), function_name)(*arguments)
    os.chdir(root)
    ways = {
        "plain papermill.execute_notebook, one after another": (PLAIN, plain),
        "forked, one at a time": (FORKED, forked),
        "forked, two at a time": (2 * FORKED, forked_by_two),
        "the same cells as a plain function, warm": (FORKED, function),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    rehearsal = ("fls_research.pipeline.engine.rehearsal:rehearse", (_relative(notebook, root), json.dumps(given())))
    with Preloaded(root, [*warmers, rehearsal]) as preloaded:
        begun = time.perf_counter()
        preloaded.fork(cwd=root).connection.close()
        loaded = time.perf_counter() - begun
        cells_as_function(notebook, given())()
        for _ in range(rounds):
            for name, (runs, call) in ways.items():
                taken[name].append(seconds_a_run(runs, call))
    shutil.rmtree(out, ignore_errors=True)
    report(notebook.stem, taken, loaded, rounds)


def report(notebook: str, taken: dict[str, list[float]], loaded: float, rounds: int) -> None:
    names = list(taken)
    print(f"{notebook}, {rounds} rounds in turn; seconds a run: median (best). Preloading took {loaded:.1f} s, once.")
    for name, seconds in taken.items():
        against_plain = statistics.median(a / b for a, b in zip(taken[names[0]], seconds, strict=True))
        against_function = statistics.median(b / a for a, b in zip(taken[names[-1]], seconds, strict=True))
        print(
            f"{statistics.median(seconds):7.3f} ({min(seconds):.3f})  {name}: {against_plain:.1f} times the throughput "
            f"of plain, {against_function:.2f} times the function's time"
        )


if __name__ == "__main__":
    chosen = Path(sys.argv[1] if len(sys.argv) > 1 else project_root() / "notebooks" / "90_service.ipynb").resolve()
    main(chosen, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
