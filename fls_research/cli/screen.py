"""What the user sees: progress and answers on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fls_research.params import colour_forbidden
from fls_research.pipeline.batch.standing import Standing, Watcher, unwatched
from fls_research.pipeline.progress import Progress, silent

if TYPE_CHECKING:
    from fls_research.pipeline.batch.workers import Outcome


def say(*lines: str, quiet: bool = False) -> None:
    """Print an answer, line by line, to standard output."""
    if not quiet:
        for line in lines:
            print(line)


def complain(message: str, *, details: Iterable[str] = ()) -> None:
    """Print an error in one line, and what is known of it indented below, to standard error."""
    print("fls: " + " ".join(message.split()), file=sys.stderr)
    for detail in details:
        for line in detail.splitlines():
            print("  " + line, file=sys.stderr)


def aligned(rows: Iterable[Sequence[Any]]) -> list[str]:
    """Rows as lines with their columns below each other; whole numbers stand to the right, with thousands marked.

    >>> aligned([("Rows read", 83500), ("excluded", 12)])
    ['Rows read  83,500', 'excluded       12']
    """
    texts = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    numbers = [[isinstance(cell, int) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return [
        "  ".join(t.rjust(w) if n else t.ljust(w) for t, w, n in zip(line, widths, is_number, strict=True)).rstrip()
        for line, is_number in zip(texts, numbers, strict=True)
    ]


def openable(path: Path) -> str:
    """A path that opens from the folder the user stands in: relative when it lies below that, else whole.

    >>> openable(Path("reports"))
    'reports'
    >>> openable(Path("..").resolve()) == str(Path("..").resolve())
    True
    """
    whole, here = path.resolve(), Path.cwd().resolve()
    return whole.relative_to(here).as_posix() if whole.is_relative_to(here) else str(whole)


@contextmanager
def progress_shown(*, quiet: bool = False) -> Iterator[Progress]:
    """A listener for long work: bars on a terminal, one line a step elsewhere, on standard error."""
    if quiet:
        yield silent
    elif sys.stderr.isatty():
        with _bars() as bars:
            yield bars
    else:
        yield _Lines()


class _Lines:
    """One line for each new step, for logs and pipes."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        if what != self._last:
            self._last = what
            print(what, file=sys.stderr, flush=True)


@contextmanager
def _bars() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True, no_color=colour_forbidden() or None)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Bars(*columns, console=console) as bars:
        tasks: dict[str, Any] = {}

        def listen(what: str, done: int = 0, total: int = 0) -> None:
            if what not in tasks:
                for task in tasks.values():
                    bars.update(task, total=1, completed=1)
                tasks[what] = bars.add_task(what, total=total or None)
            elif total:
                bars.update(tasks[what], total=total, completed=done)

        yield listen
        for task in tasks.values():
            bars.update(task, total=1, completed=1)


@contextmanager
def batch_shown(*, runs: int, quiet: bool = False) -> Iterator[tuple[Watcher, Progress]]:
    """A watcher for a batch and a listener for its steps: one bar for all runs on a terminal, a line a run elsewhere.

    A batch of one run is shown by its steps alone.
    """
    if quiet:
        yield unwatched, silent
    elif runs <= 1:
        with progress_shown() as progress:
            yield unwatched, progress
    elif sys.stderr.isatty():
        with _batch_bar() as watch:
            yield watch, silent
    else:
        yield _batch_lines, silent


def _batch_lines(standing: Standing, outcome: Outcome | None) -> None:
    if outcome is None:
        words = f"running {standing.total} ({standing.current} up to date)"
    else:
        ended = f"failed: {outcome.error}" if outcome.error else f"done in {outcome.seconds:.1f} s"
        words = f"[{standing.done}/{standing.total}] {outcome.work.name} {ended}"
    print(words, file=sys.stderr, flush=True)


@contextmanager
def _batch_bar() -> Iterator[Watcher]:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True, no_color=colour_forbidden() or None)
    with Bars(SpinnerColumn(), BarColumn(bar_width=24), TextColumn("{task.description}"), console=console) as bars:
        task = bars.add_task("starting", total=None)

        def watch(standing: Standing, outcome: Outcome | None) -> None:
            bars.update(task, description=str(standing), total=standing.total, completed=standing.done)
            if outcome is not None and outcome.error is not None:
                bars.console.print(f"failed: {outcome.error}", highlight=False, markup=False)

        yield watch
