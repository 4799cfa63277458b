"""Running several notebooks, each in a process of its own; one that fails does not stop the others."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from fls_research.errors import NotebookError
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.run import RunResult, run_notebook

MOST = 2
"""Notebooks at a time unless told otherwise: each holds the cohort in memory."""

_GRACE = 10
"""Seconds that a worker has to shut its kernel down."""

_STOPPED = threading.Event()
"""In a worker: whether it was told to stop."""


@dataclass(frozen=True)
class Job:
    """One notebook to run; the fields are the arguments of :func:`~fls_research.pipeline.run.run_notebook`."""

    notebook: Path
    parameters: Mapping[str, Any]
    root: Path
    output: Path
    renamed: Mapping[str, str]

    def run(self, progress: Progress = silent) -> RunResult:
        return run_notebook(
            self.notebook,
            self.parameters,
            root=self.root,
            output=self.output,
            renamed=self.renamed,
            progress=progress,
        )


@dataclass(frozen=True)
class Outcome:
    """What became of one job: ``result``, or the ``error`` that says why there is none."""

    notebook: str
    result: RunResult | None = None
    error: NotebookError | None = None


def run_jobs(jobs: Sequence[Job], *, workers: int | None = None, progress: Progress = silent) -> Iterator[Outcome]:
    """Run notebooks and tell of each as it ends, in no fixed order when several run at a time.

    Parameters
    ----------
    workers : how many run at a time; two, or as many as there are processors when fewer.
    """
    at_once = min(workers or min(MOST, os.cpu_count() or 1), len(jobs))
    if at_once <= 1:
        yield from (_attempt(job, progress) for job in jobs)
    else:
        yield from _side_by_side(jobs, at_once, progress)


def _attempt(job: Job, progress: Progress = silent) -> Outcome:
    try:
        return Outcome(job.notebook.stem, result=job.run(progress))
    except NotebookError as error:
        return Outcome(job.notebook.stem, error=error)


def _side_by_side(jobs: Sequence[Job], at_once: int, progress: Progress) -> Iterator[Outcome]:
    what = f"running {len(jobs)} notebooks"
    progress(what, 0, len(jobs))
    # Processes are spawned and not forked: the same on every system, and safe beside threads.
    with ProcessPoolExecutor(at_once, mp_context=get_context("spawn"), initializer=_begin_worker) as pool:
        waiting: dict[Future[Outcome], Job] = {pool.submit(_attempt_unless_stopped, job): job for job in jobs}
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                yield _outcome(waiting[future], future)
                progress(what, done, len(jobs))
        except BaseException:
            for future in waiting:
                future.cancel()
            # Leaving the pool then waits for its own thread, which waits for the processes too.
            _end(active_children())
            raise


def _end(workers: Sequence[BaseProcess]) -> None:
    """End the workers and their kernels, and wait: nothing may be written after whoever asked clears up."""
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(_GRACE)
        if worker.is_alive():
            worker.kill()
            worker.join()


def _attempt_unless_stopped(job: Job) -> Outcome:
    # The pool hands a worker its next job before the last has ended, and an interruption ends only one.
    if _STOPPED.is_set():
        raise KeyboardInterrupt
    return _attempt(job)


def _outcome(job: Job, future: Future[Outcome]) -> Outcome:
    try:
        return future.result()
    except BrokenExecutor:
        error = NotebookError(f"{job.notebook.name} failed: its process was ended from outside, or ran out of memory.")
        return Outcome(job.notebook.stem, error=error)


def _begin_worker() -> None:
    """A worker ends with its parent; it hears of Ctrl-C from there, and then still shuts its kernel down."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop_worker)
    sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _stop_worker(*_: object) -> None:
    _STOPPED.set()
    raise KeyboardInterrupt


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
