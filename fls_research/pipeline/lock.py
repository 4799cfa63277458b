"""One build of one edition at a time: a lock the system itself drops when its holder dies."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fls_research.errors import FlsError

_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


@contextmanager
def locked(path: Path, *, what: str) -> Iterator[None]:
    """Hold the lock file for as long as the block runs.

    Raises :class:`FlsError` when another process holds it. A file system that knows no locks is trusted.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        try:
            _take(file)
        except OSError as error:
            if error.errno in _TAKEN:
                raise FlsError(f"{what} is being made by another command; wait until it has finished.") from None
        yield


def _take(file: IO[bytes]) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
