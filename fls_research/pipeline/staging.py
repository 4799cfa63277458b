"""How a folder of outputs is made: beside its place, then moved there whole, the old one kept until then."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fls_research.errors import FlsError
from fls_research.pipeline.lock import locked

LOG = "log.jsonl"
_TRIES = 5
"""A scanner or an indexer may hold a new folder for a moment on Windows."""


@contextmanager
def staged(place: Path) -> Iterator[Path]:
    """A new folder that takes the place of ``place`` when the block ends without an error.

    An error or an interruption in the block removes the new folder and leaves ``place`` as it was; only the log is
    kept, at :func:`failed_log`. What a killed process left behind is tidied first.

    Raises
    ------
    FlsError : another process is making the same folder, or a file of the old one is open in another program.
    """
    with locked(place.parent / f".lock-{place.name}", what=place.name):
        _tidy(place)
        folder = place.parent / f".building-{place.name}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
        try:
            yield folder
            _swap(folder, place)
        except BaseException:
            if (folder / LOG).is_file():
                os.replace(folder / LOG, failed_log(place))
            shutil.rmtree(folder, ignore_errors=True)
            raise
        failed_log(place).unlink(missing_ok=True)


def failed_log(place: Path) -> Path:
    """Where the log of the last failed attempt stands.

    >>> failed_log(Path("reports/_output/2024")).name
    '2024-failed.log.jsonl'
    """
    return place.parent / f"{place.name}-failed.{LOG}"


def _tidy(place: Path) -> None:
    """Undo what a killed process left: put back a moved folder, drop unfinished ones. The lock is held."""
    old = sorted(place.parent.glob(f".old-{place.name}-????????"))
    if old and not place.exists():
        _move(old.pop(), place)
    for left in (*old, *place.parent.glob(f".building-{place.name}-????????")):
        shutil.rmtree(left, ignore_errors=True)


def _swap(folder: Path, place: Path) -> None:
    """Put ``folder`` at ``place``. No system can exchange two folders in one step everywhere, so the old one steps
    aside first; a process killed between the two steps is put right by :func:`_tidy`."""
    if not place.exists():
        _move(folder, place)
        return
    aside = place.parent / f".old-{place.name}-{secrets.token_hex(4)}"
    _move(place, aside)
    try:
        _move(folder, place)
    except BaseException:
        _move(aside, place)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _move(source: Path, target: Path) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            source.rename(target)
            return
        except PermissionError:
            if attempt == _TRIES:
                raise FlsError(
                    f"{target.parent.name}: cannot replace the folder '{target.name.removeprefix('.')}'; close its "
                    "files in other programs and run again."
                ) from None
            time.sleep(0.2 * attempt)
