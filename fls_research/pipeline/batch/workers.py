"""Who carries runs out on this computer: one process, or several; one run that fails or dies stops no other."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
import traceback
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NoReturn

from fls_research.errors import FlsError
from fls_research.pipeline import manifest
from fls_research.pipeline.batch.work import Work, perform
from fls_research.pipeline.engine.preloaded import Preloaded
from fls_research.pipeline.log import Log
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.staging import LOG, staged

MOST = 8
"""Runs at a time unless told otherwise: as many as there are processors, but no more than these."""

_GRACE = 10
"""Seconds that a worker has to shut its run down."""

_LIVES = 2
"""How often a run may lose its process before it counts as failed: once may be chance, or somebody else's fault."""

_FULL = frozenset({errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)})

Warmer = tuple[str, tuple[str, ...]]
"""What a preloaded process does before the first run: ``module:function`` and its arguments."""


class DiskFull(FlsError):
    """There is no room left; no further run can succeed."""


@dataclass(frozen=True)
class Crew:
    """How runs are carried out: how many at a time, and whether they are forked from a preloaded process."""

    root: Path
    at_once: int
    forked: bool
    warmers: tuple[Warmer, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of one run: it ended well, or ``error`` says why not. ``cells`` ran, in ``seconds``."""

    work: Work
    cells: int = 0
    seconds: float = 0.0
    error: FlsError | None = None


def at_once(jobs: int | None, runs: int) -> int:
    """How many runs to carry out at a time.

    >>> at_once(4, 3)
    3
    """
    return max(1, min(jobs or min(MOST, os.cpu_count() or 1), runs))


def carry_out(works: Sequence[Work], crew: Crew, *, progress: Progress = silent) -> Iterator[Outcome]:
    """Carry out runs and tell of each as it ends, in no fixed order when several run at a time.

    A run appears at its place whole or not at all. Closing the iterator, or an interruption, ends all work first.

    Raises
    ------
    DiskFull : what was finished stays; the same command goes on from there.
    """
    if crew.at_once <= 1 or len(works) <= 1:
        yield from _one_by_one(works, crew, progress)
    else:
        yield from _side_by_side(works, crew)


def attempt(work: Work, root: Path, *, parent: Preloaded | None = None, progress: Progress = silent) -> Outcome:
    """Carry out one run to its place; whatever goes wrong is in the outcome. Raises :class:`DiskFull` alone."""
    began = manifest.stopwatch()
    try:
        with staged(root / work.place) as run_dir:
            log = Log(run_dir / LOG)
            log.info("run begins", run=work.name, notebook=Path(work.notebook).name)
            try:
                done = perform(work, run_dir, root, parent=parent, progress=progress)
            except FlsError as error:
                log.error("run failed", run=work.name, message=str(error), card="\n".join(_notes(error)))
                raise
            log.info("run ends", cells=done.cells)
        return Outcome(work, done.cells, manifest.stopwatch() - began)
    except FlsError as error:
        return Outcome(work, seconds=manifest.stopwatch() - began, error=error)
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(
                "The disk is full; make room and give the same command again, it goes on where it stopped."
            ) from None
        return Outcome(work, seconds=manifest.stopwatch() - began, error=_of_system(work, error))
    except Exception as error:
        return Outcome(work, seconds=manifest.stopwatch() - began, error=_unforeseen(work, error))


def _notes(error: BaseException) -> Sequence[str]:
    return getattr(error, "__notes__", ())


def _of_system(work: Work, error: OSError) -> FlsError:
    named = f"'{Path(str(error.filename)).name}': " if error.filename else ""
    return FlsError(f"{work.name}: {named}{error.strerror or type(error).__name__}.")


def _unforeseen(work: Work, error: Exception) -> FlsError:
    """Where an error came from, without its message, which may hold a patient's value."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name}, line {last.lineno}"
    return FlsError(
        f"{work.name}: something went wrong that the kit did not foresee ({type(error).__name__}, {where})."
    )


def _one_by_one(works: Sequence[Work], crew: Crew, progress: Progress) -> Iterator[Outcome]:
    if not crew.forked:
        yield from (attempt(work, crew.root, progress=progress) for work in works)
        return
    with Preloaded(crew.root, warmers=crew.warmers) as parent:
        yield from (attempt(work, crew.root, parent=parent, progress=progress) for work in works)


def _side_by_side(works: Sequence[Work], crew: Crew) -> Iterator[Outcome]:
    waiting, deaths = deque(works), Counter[str]()
    while waiting:
        lost: list[Work] = []
        # Processes are spawned and not forked: the same on every system, and safe beside threads.
        with ProcessPoolExecutor(
            crew.at_once, mp_context=get_context("spawn"), initializer=_begin_worker, initargs=(crew,)
        ) as pool:
            running: dict[Future[Outcome], Work] = {}
            try:
                while (waiting or running) and not lost:
                    _hand_out(pool, waiting, running, crew.at_once, deaths)
                    if not running:
                        break
                    ended, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in ended:
                        work = running.pop(future)
                        try:
                            yield future.result()
                        except BrokenExecutor:
                            lost.append(work)
                lost += running.values()
            except BaseException:
                # Leaving the pool then waits for its own thread, which waits for the processes too.
                _end(active_children())
                raise
        for work in lost:
            deaths[work.place] += 1
            if deaths[work.place] < _LIVES:
                waiting.append(work)
            else:
                yield Outcome(work, error=_died(work))


def _hand_out(
    pool: ProcessPoolExecutor,
    waiting: deque[Work],
    running: dict[Future[Outcome], Work],
    at_once: int,
    deaths: Counter[str],
) -> None:
    """Give as many runs to the pool as it has processes: then those lost with a process are known. One that was lost
    before runs alone, so that it takes no other with it."""
    while waiting and len(running) < at_once:
        alone = deaths[waiting[0].place] > 0
        if running and (alone or any(deaths[work.place] for work in running.values())):
            return
        work = waiting.popleft()
        try:
            running[pool.submit(_attempt_unless_stopped, work)] = work
        except BrokenExecutor:
            waiting.appendleft(work)
            return


def _died(work: Work) -> FlsError:
    return FlsError(
        f"{work.name} failed: its process was ended from outside, or ran out of memory; close other programs or use "
        "fewer --jobs."
    )


def _end(workers: Sequence[BaseProcess]) -> None:
    """End the workers and what they run, and wait: nothing may be written after whoever asked clears up."""
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(_GRACE)
        if worker.is_alive():
            worker.kill()
            worker.join()


_STOPPED = threading.Event()
"""In a worker: whether it was told to stop."""

_CREW: list[Crew] = []
_PARENT: list[Preloaded] = []
"""In a worker: how it works, and the preloaded process its runs are forked from."""


def _attempt_unless_stopped(work: Work) -> Outcome:
    # The pool may hand a worker its next run before the last has ended, and an interruption ends only one.
    if _STOPPED.is_set():
        _leave()
    crew = _CREW[0]
    try:
        if crew.forked and not _PARENT:
            _PARENT.append(Preloaded(crew.root, warmers=crew.warmers).__enter__())
        return attempt(work, crew.root, parent=_PARENT[0] if _PARENT else None)
    except KeyboardInterrupt:
        _leave()


def _leave() -> NoReturn:
    """End this worker, its run cleared up. The pool would keep one that merely raises, and wait for it for ever."""
    for parent in _PARENT:
        parent.stop()
    os._exit(1)


def _begin_worker(crew: Crew) -> None:
    """A worker ends with its parent; it hears of Ctrl-C from there, and then still ends its run."""
    _CREW.append(crew)
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
