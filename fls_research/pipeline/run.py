"""Running one notebook: strictly, by Papermill, into a whole executed copy or nothing."""

from __future__ import annotations

import json
import logging
import os
import secrets
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fls_research.errors import NotebookError
from fls_research.pipeline.failure import FailureCard, card_of
from fls_research.pipeline.notebook import parameters_of, read_notebook
from fls_research.pipeline.paths import path_under
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.scrub import scrubbed

if TYPE_CHECKING:
    from fls_research.pipeline.engine.preloaded import Preloaded

_STARTS = 2
"""How often a kernel is started before the run is given up."""


@dataclass(frozen=True)
class RunResult:
    """One notebook that ran to its end.

    ``output`` is the executed copy, ``parameters`` are those of the run with defaults filled in, ``cells`` counts the
    code cells that ran, ``starts`` how often a kernel had to be started.
    """

    notebook: Path
    output: Path
    parameters: dict[str, Any]
    cells: int
    starts: int


def run_notebook(
    notebook: Path,
    parameters: Mapping[str, Any],
    *,
    root: Path,
    output: Path,
    cwd: Path | None = None,
    renamed: Mapping[str, str] | None = None,
    progress: Progress = silent,
    parent: Preloaded | None = None,
) -> RunResult:
    """Execute a notebook in a fresh process of this interpreter and write its executed copy.

    Parameters
    ----------
    notebook, output : paths under ``root``; ``output`` appears only when every cell has run.
    parameters : values by name; the notebook's own schema decides which names and types are accepted.
    root : the project's folder; the kernel finds it as ``FLS_ROOT``.
    cwd : working directory of the kernel; ``root`` when not given.
    renamed : texts replaced in the copy, such as the staging folder by the edition's.
    progress : told of every cell.
    parent : the preloaded process to fork the run from; an ordinary kernel is started when not given.

    Raises
    ------
    NotebookError : unknown, missing or mistyped parameters; a path that is not the project's; a cell that raised, a
        notebook that stopped itself (``SystemExit``, ``exit()``), a process that died. The note of such an error is
        the failure card, which holds no patient's value.
    """
    source = path_under(root, notebook, what="notebook")
    target = path_under(root, output, what="executed copy")
    schema = parameters_of(source)
    values = schema.checked(parameters, root=root)
    content = read_notebook(source)
    watches: list[_Watch] = []
    while len(watches) < _STARTS and not any(watch.begun or not watch.died for watch in watches):
        watches.append(_Watch(source.stem, progress))
        executed = _execute(content, values, root=root, cwd=cwd or root, watch=watches[-1], parent=parent)
    watch = watches[-1]
    card = watch.card(source.name, executed)
    if card:
        raise _failed(card)
    _write_whole(scrubbed(executed, root=root, renamed=renamed), target)
    return RunResult(source, target, values, watch.finished, len(watches))


def _failed(card: FailureCard) -> NotebookError:
    error = NotebookError(card.sentence())
    error.add_note(card.text())
    return error


@dataclass
class _Watch:
    """What one execution tells of itself while it runs."""

    title: str
    progress: Progress
    total: int = 0
    begun: bool = False
    finished: int = 0
    index: int | None = None
    exited: bool = False
    died: str = ""
    hooks: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.hooks = {"on_cell_execute": self._starts, "on_cell_executed": self._ends}

    def _starts(self, *, cell: Any, cell_index: int) -> None:
        self.begun, self.index = True, cell_index
        self.progress(self.title, self.finished, self.total)

    def _ends(self, *, cell: Any, cell_index: int, execute_reply: Mapping[str, Any]) -> None:
        self.finished += 1
        payload = execute_reply.get("content", {}).get("payload", [])
        # `exit()` in a cell raises nothing: it only asks whoever drives the kernel to end it.
        self.exited = self.exited or any(item.get("source") == "ask_exit" for item in payload)
        self.progress(self.title, self.finished, self.total)

    def card(self, notebook: str, executed: Mapping[str, Any]) -> FailureCard | None:
        """What went wrong; None when nothing did. An error output is a failure wherever it stands."""
        cells = executed["cells"]
        for index, cell in enumerate(cells):
            for output in cell.get("outputs", ()):
                if output["output_type"] == "error":
                    return card_of(notebook, cells, index, output)
        if self.died:
            return card_of(notebook, cells, self.index, {"ename": self.died if self.begun else "KernelStart"})
        if self.exited:
            return card_of(notebook, cells, self.index, {"ename": "SystemExit"})
        return None


def _execute(
    content: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    root: Path,
    cwd: Path,
    watch: _Watch,
    parent: Preloaded | None,
) -> dict[str, Any]:
    """The notebook after its execution, whole or not; what happened stands in ``watch``."""
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError
    from zmq import ZMQError

    from fls_research.pipeline.engine import forked
    from fls_research.pipeline.kernel import NAME, START_TIMEOUT, kernel_manager

    _quieten()
    node = nbformat.from_dict(json.loads(json.dumps(content)))
    watch.total = sum(cell["cell_type"] == "code" and bool("".join(cell["source"]).strip()) for cell in node.cells)
    watch.total += bool(values)
    seen: list[Any] = []
    # The prefix is short because a socket's path is.
    with tempfile.TemporaryDirectory(prefix="fls", ignore_cleanup_errors=True) as scratch:
        if parent is None:
            engine = {"kernel_manager_class": kernel_manager(root, Path(scratch)), "start_timeout": START_TIMEOUT}
        else:
            engine = {"engine_name": forked.NAME, "preloaded": parent}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return papermill.execute_notebook(
                    node,
                    None,
                    dict(values),
                    kernel_name=NAME,
                    language="python",
                    progress_bar=False,
                    resources={"metadata": {"path": str(cwd)}},
                    record_timing=False,
                    on_notebook_start=lambda notebook: seen.append(notebook),
                    **engine,
                    **watch.hooks,
                )
        except PapermillExecutionError:
            return seen[-1]
        except (RuntimeError, OSError, ZMQError) as error:
            watch.died = type(error).__name__
            return seen[-1] if seen else node


def _quieten() -> None:
    """Only the kit speaks: what the libraries below would log or draw is silenced."""
    for name in ("papermill", "nbclient", "traitlets", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _write_whole(content: Mapping[str, Any], target: Path) -> None:
    """Write beside the place, then move there: a reader sees the whole file or none."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{secrets.token_hex(4)}.partial")
    try:
        partial.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
