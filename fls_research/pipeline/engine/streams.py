"""What a notebook prints: through Python, or past it by its subprocesses and by libraries written in C."""

from __future__ import annotations

import codecs
import io
import os
import threading
from collections.abc import Callable

_FLAGS = getattr(os, "MFD_CLOEXEC", 0)


class Printed(io.TextIOBase):
    """Standard output or error of a notebook.

    What is printed is handed on when the stream is flushed: before anything else is shown, and at the end of a cell.
    So the same cell gives the same outputs, however long it takes. The descriptor of the stream (1 or 2) leads into
    memory, not into a pipe: nobody has to read along, and no thread is needed.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, descriptor: int, publish: Callable[[str, str], None]) -> None:
        self.name = name
        self._publish = publish
        self._owner = os.getpid()
        self._lock = threading.RLock()
        self._parts: list[str] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._memory = os.memfd_create(f"fls-{name}", _FLAGS)
        self._seen = 0
        os.dup2(self._memory, descriptor)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if os.getpid() != self._owner:
            # A process forked by the notebook: its parent picks the words up.
            os.write(self._memory, text.encode("utf-8", "replace"))
        else:
            with self._lock:
                self._take()
                self._parts.append(text)
        return len(text)

    def flush(self) -> None:
        if os.getpid() != self._owner:
            return
        with self._lock:
            self._take()
            text = "".join(self._parts)
            self._parts.clear()
        if text:
            self._publish(self.name, text)

    def fileno(self) -> int:
        # A kernel gives the descriptor it was started with, where nothing is shown; so does this.
        return _nowhere()

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def _take(self) -> None:
        """What was written to the descriptor since the last look."""
        size = os.fstat(self._memory).st_size
        while self._seen < size:
            chunk = os.pread(self._memory, size - self._seen, self._seen)
            self._seen += len(chunk)
            self._parts.append(self._decoder.decode(chunk))


_NOWHERE: list[int] = []


def _nowhere() -> int:
    if not _NOWHERE:
        _NOWHERE.append(os.open(os.devnull, os.O_WRONLY))
    return _NOWHERE[0]
