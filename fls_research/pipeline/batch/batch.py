"""Carrying out a plan: what is up to date is left alone, what fails is told, and what is finished is never lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from fls_research.errors import FlsError, NotebookError
from fls_research.pipeline import manifest
from fls_research.pipeline.batch.catalogue import refresh
from fls_research.pipeline.batch.plan import OUTPUT, PACKS, Step
from fls_research.pipeline.batch.spread import carry_out_on
from fls_research.pipeline.batch.standing import Standing, Watcher, unwatched
from fls_research.pipeline.batch.work import Work
from fls_research.pipeline.batch.workers import Crew, Outcome, Warmer, at_once, carry_out
from fls_research.pipeline.engine.choice import RunEngine, choose
from fls_research.pipeline.lock import locked
from fls_research.pipeline.log import Log
from fls_research.pipeline.paths import shown
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.staging import LOG, failed_log

_WORTH_PRELOADING = 3
"""Fewer runs than these are done sooner by kernels than by getting a process ready to fork from."""

_WORTH_REHEARSING = 8
"""Fewer runs of a notebook than these do not win back the time of going through it once beforehand."""

_REHEARSE = "fls_research.pipeline.engine.rehearsal:rehearse"

_SHOWN_CARDS = 5
"""Failures told in full; of the others the names, and where their logs lie."""


@dataclass(frozen=True)
class How:
    """How a batch is carried out.

    ``engine`` is what runs a notebook; ``scheduler`` the address of a Dask scheduler, ``local`` for a cluster of this
    computer's own, blank for none.
    """

    jobs: int | None = None
    engine: RunEngine = "auto"
    scheduler: str = ""
    warmers: tuple[Warmer, ...] = ()
    watcher: Watcher = unwatched
    progress: Progress = silent


@dataclass(frozen=True)
class Summary:
    """What came of a batch: ``ran`` and ``failed`` runs, those that were ``current`` already, and the time it took."""

    ran: tuple[Outcome, ...]
    failed: tuple[Outcome, ...]
    current: int
    seconds: float
    engine: str
    reason: str = ""
    log: str = ""
    places: tuple[str, ...] = field(default=())


def carry_out_plan(steps: Sequence[Step], root: Path, how: How) -> Summary:
    """Run what a plan says has to run, each run in a folder that appears whole or not at all.

    Returns
    -------
    Summary : failures are in it and are not raised; see :func:`failure`.

    Raises
    ------
    FlsError : another batch works in the same folders, or the disk is full.
    """
    began = manifest.stopwatch()
    works = [step.work for step in steps if step.reason]
    engine, reason = _engine(how, len(works))
    crew = Crew(root, at_once(how.jobs, len(works)), engine == "forked", (*how.warmers, *rehearsals(works)))
    outcomes: list[Outcome] = []
    scopes = sorted({(root / step.work.place).parent for step in steps})
    with ExitStack() as held:
        if len(works) > 1:
            for scope in scopes:
                held.enter_context(locked(scope / ".lock-batch", what=shown(scope, root / OUTPUT)))
        log = Log(scopes[0] / LOG) if works and len(steps) > 1 else None
        if log:
            log.info("batch begins", runs=len(works), current=len(steps) - len(works), engine=engine)
        for outcome in _watched(works, crew, how, current=len(steps) - len(works), began=began):
            outcomes.append(outcome)
            if log:
                _note(log, outcome)
        for folder in sorted({scope.parent for scope in scopes if scope.parent.parent == root / OUTPUT / PACKS}):
            refresh(folder)
        if log:
            log.info("batch ends", failed=sum(outcome.error is not None for outcome in outcomes))
    return Summary(
        ran=tuple(outcome for outcome in outcomes if outcome.error is None),
        failed=tuple(outcome for outcome in outcomes if outcome.error is not None),
        current=len(steps) - len(works),
        seconds=manifest.stopwatch() - began,
        engine=engine,
        reason=reason,
        log=shown(log.path, root) if log else "",
        places=tuple(step.work.place for step in steps),
    )


def rehearsals(works: Sequence[Work]) -> tuple[Warmer, ...]:
    """For each notebook that makes a document and runs often, going through it once in the preloaded process."""
    runs = Counter(work.notebook for work in works if work.document)
    first = {work.notebook: work for work in reversed(works)}
    return tuple(
        (_REHEARSE, (notebook, json.dumps({**first[notebook].parameters, **first[notebook].inputs})))
        for notebook, times in sorted(runs.items())
        if times >= _WORTH_REHEARSING
    )


def _engine(how: How, runs: int) -> tuple[str, str]:
    if how.engine == "kernels" or (how.engine == "auto" and runs < _WORTH_PRELOADING and not how.scheduler):
        return "kernels", ""
    chosen = choose(how.engine)
    return chosen.name, chosen.reason


def _watched(works: Sequence[Work], crew: Crew, how: How, *, current: int, began: float) -> Iterator[Outcome]:
    total = len(works)
    if not total:
        return
    standing = Standing(total, current, running=min(total, crew.at_once))
    how.watcher(standing, None)
    if how.scheduler:
        outcomes = carry_out_on(how.scheduler, works, crew)
    else:
        outcomes = carry_out(works, crew, progress=how.progress)
    done = failed = 0
    for outcome in outcomes:
        done, failed = done + 1, failed + (outcome.error is not None)
        left = (manifest.stopwatch() - began) / done * (total - done)
        how.watcher(Standing(total, current, done, failed, min(total - done, crew.at_once), left), outcome)
        yield outcome


def _note(log: Log, outcome: Outcome) -> None:
    if outcome.error is None:
        log.info("run", run=outcome.work.name, cells=outcome.cells, seconds=round(outcome.seconds, 2))
    else:
        log.error("run failed", run=outcome.work.name, message=str(outcome.error))


def told_as(how: How, what: str) -> How:
    """The same way to work, the standing told to the listener of steps as ``running <n> <what>``."""

    def watch(standing: Standing, outcome: Outcome | None) -> None:
        if standing.total > 1:
            how.progress(f"running {standing.total} {what}", standing.done, standing.total)

    return replace(how, watcher=watch)


def failure(summary: Summary, root: Path, *, what: str = "runs", of: int = 0) -> FlsError:
    """One error for all runs of a batch that failed, in a sentence; their cards and logs are its notes.

    It is of the class that all their errors have, else a :class:`NotebookError`. ``what`` is what the runs are called,
    ``of`` how many there were; those that were up to date are not counted where it is not given.
    """
    of = of or len(summary.ran) + len(summary.failed)
    sentences = [str(outcome.error).rstrip(".") for outcome in summary.failed]
    told = "; ".join(sentences[:_SHOWN_CARDS])
    more = f"; and {len(sentences) - _SHOWN_CARDS} more" if len(sentences) > _SHOWN_CARDS else ""
    kinds = {type(outcome.error) for outcome in summary.failed}
    counted = f"{len(summary.failed)} of {of} {what} failed: " if of > 1 else ""
    error = (kinds.pop() if len(kinds) == 1 else NotebookError)(f"{counted}{told}{more}.")
    for outcome in summary.failed[:_SHOWN_CARDS]:
        for note in getattr(outcome.error, "__notes__", ()):
            error.add_note(note)
        error.add_note(f"{'log':>12}  {shown(failed_log(root / outcome.work.place), root)}\n")
    rest = [outcome.work.name for outcome in summary.failed[_SHOWN_CARDS:]]
    if rest:
        error.add_note(f"{'also failed':>12}  {', '.join(rest)}")
    return error
