"""The preloaded process: it imports and loads once, then forks one process for each run, and does nothing else.

It is started by :class:`fls_research.pipeline.engine.preloaded.Preloaded`, which speaks to it over one socket:
``{"do": "fork", "cwd": …, "seed": …}`` with the run's own socket beside it, answered by ``{"pid": …}``;
``{"do": "signal", "pid": …, "signal": …}``; and in either case ``{"error": …}``, a sentence. It has one thread, because
a process that forks while another thread holds a lock leaves its child waiting for ever.
"""

from __future__ import annotations

import array
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fls_research.errors import FlsError

ROOMS = ("data", "stats", "kpi", "analysis", "disclosure", "outputs")
"""Rooms whose modules a notebook may come to import."""

LIBRARIES = (
    *("numpy", "pandas", "pyarrow.parquet", "scipy.stats", "statsmodels.api", "lifelines", "seaborn"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib_inline.backend_inline"),
    *("IPython.core.pylabtools", "IPython.core.completer", "IPython.display", "tornado.platform.asyncio"),
)

WARM = (("fls_research.outputs.board:warm", ()),)
"""What is done in every preloaded process, whatever else it was told: fonts are read, and a text is drawn."""

_PATIENCE = 0.5
"""Seconds between looks for children that have ended, and for whether anybody is still there."""

MESSAGE = 1 << 16
"""The longest message, in bytes."""


def threads() -> int:
    """How many threads this process has; those that libraries start count too.

    >>> threads() >= 1
    True
    """
    return len(os.listdir("/proc/self/task"))


def main(descriptor: int, profile: str) -> int:
    """Get ready, say so, and serve until whoever started this process is gone."""
    control = socket.socket(fileno=descriptor)
    starter = os.getppid()
    try:
        warmers = json.loads(control.recv(MESSAGE))
        served = _Server(control, _ready(warmers, Path(profile)))
        _say(control, {"pid": os.getpid()})
    except FlsError as error:
        _say(control, {"error": str(error)})
        return error.exit_code
    except Exception as error:
        _say(
            control, {"error": f"The preloaded process could not get ready ({type(error).__name__}); run 'fls doctor'."}
        )
        return 1
    served.until_nobody_listens(starter)
    return 0


def _ready(warmers: Sequence[tuple[str, Sequence[str]]], profile: Path) -> Any:
    """Import and load; the kernel that every run begins with."""
    from fls_research.pipeline.engine.shell import make_kernel

    for name in (*LIBRARIES, *_modules_of_rooms()):
        try:
            importlib.import_module(name)
        except Exception:
            # A notebook that needs it will say so itself.
            continue
    for function, arguments in (*WARM, *warmers):
        module, _, name = function.partition(":")
        getattr(importlib.import_module(module), name)(*arguments)
    kernel = make_kernel(profile)
    import fls_research.pipeline.engine.child  # noqa: F401

    if threads() != 1:
        raise FlsError(f"The preloaded process has {threads()} threads and can fork no run; use --engine kernels.")
    # What is here now stays: a child's garbage collector need not look through it, nor copy its pages.
    gc.collect()
    gc.freeze()
    return kernel


def _modules_of_rooms() -> list[str]:
    names = []
    for room in ROOMS:
        package = importlib.import_module(f"fls_research.{room}")
        names += [found.name for found in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return [name for name in names if not name.endswith("__main__")]


class _Server:
    """Forks, signals and reaps."""

    def __init__(self, control: socket.socket, kernel: Any) -> None:
        self._control = control
        self._kernel = kernel
        self._alive: set[int] = set()

    def until_nobody_listens(self, starter: int) -> None:
        """Serve; when the other end of the socket is closed, or its process gone, end every run and return."""
        while os.getppid() == starter:
            heard, _, _ = select.select([self._control], [], [], _PATIENCE)
            if heard:
                text, connection = self._heard()
                if not text:
                    break
                _say(self._control, self._done(json.loads(text), connection))
            self._reap()
        for pid in self._alive:
            _end_group(pid)

    def _heard(self) -> tuple[bytes, socket.socket | None]:
        """A message and the socket that came with it; an empty message when there will be no more."""
        size = array.array("i").itemsize
        try:
            text, beside, _, _ = self._control.recvmsg(MESSAGE, socket.CMSG_LEN(size), socket.MSG_CMSG_CLOEXEC)
        except ConnectionError:
            return b"", None
        for level, kind, data in beside:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                return text, socket.socket(fileno=array.array("i", data[:size])[0])
        return text, None

    def _done(self, request: dict[str, Any], connection: socket.socket | None) -> dict[str, Any]:
        if request["do"] == "signal":
            # A number that is no longer ours may be somebody else's by now.
            self._reap()
            if request["pid"] in self._alive:
                os.kill(request["pid"], request["signal"])
            return {}
        if connection is None:
            return {"error": "A run came without its socket."}
        with connection:
            if threads() != 1:
                return {"error": f"The preloaded process has {threads()} threads: it can fork no run."}
            return {"pid": self._fork(request, connection)}

    def _fork(self, request: dict[str, Any], connection: socket.socket) -> int:
        from fls_research.pipeline.engine import child

        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            child.live(self._kernel, connection, parent=parent, cwd=request["cwd"], seed=request["seed"])
        self._alive.add(pid)
        return pid

    def _reap(self) -> None:
        """Take leave of children that have ended, and end what they have left running."""
        while self._alive:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None:
                return
            _end_group(ended.si_pid)
            os.waitpid(ended.si_pid, 0)
            self._alive.discard(ended.si_pid)


def _end_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _say(control: socket.socket, answer: dict[str, Any]) -> None:
    try:
        control.send(json.dumps(answer).encode())
    except OSError:
        return


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2]))
