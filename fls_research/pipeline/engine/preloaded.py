"""A process that has the libraries and the year's data loaded, from which each run of a notebook is forked."""

from __future__ import annotations

import array
import atexit
import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from fls_research.errors import NotebookError, ParamsError
from fls_research.params import project_root
from fls_research.pipeline.engine.server import MESSAGE
from fls_research.pipeline.kernel import kernel_environment

Warmer = tuple[str, Sequence[str]]
"""What the process does before the first run: ``module:function`` and its arguments."""

_ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # Arrow's allocator starts a thread when it is loaded, whether it is used or not.
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}

_ENDS_WITHIN = 5
"""Seconds."""


@dataclass
class ForkedRun:
    """One forked process: its number, and the socket on which it speaks."""

    pid: int
    connection: socket.socket = field(repr=False)
    preloaded: Preloaded = field(repr=False)

    def signal(self, number: int) -> None:
        """Send it a signal; nothing happens when it has ended."""
        self.preloaded.signal(self.pid, number)


class Preloaded:
    """The preloaded process of a project, started and ended with a ``with`` statement.

    Parameters
    ----------
    root : the project's folder; working directory and ``FLS_ROOT`` of the process.
    warmers : functions it calls before the first run, such as
        ``("fls_research.data.prepared:keep_open", ("data/prepared/…",))``.

    Its threads may share it, each with a run of its own. Should the process be killed, the runs of the moment fail, and
    the next run starts it again. It ends when whoever started it ends, however that comes about, and its runs with it.
    """

    def __init__(self, root: Path, warmers: Sequence[Warmer] = ()) -> None:
        self.root = root.resolve()
        self.warmers = tuple(warmers)
        self._asking = threading.Lock()
        self._process: _Process | None = None
        self._stopped = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Number of the process; None where there is none at the moment."""
        process = self._process
        return process.popen.pid if process is not None and process.popen.poll() is None else None

    def start(self) -> None:
        """Start the process without waiting until it is ready; the first run waits."""
        with self._asking:
            self._stopped = False
            if self._process is None:
                self._process = _Process(self.root, self.warmers)

    def stop(self) -> None:
        """End the process and every run; may be called from another thread, while runs go on."""
        self._stopped = True
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def fork(self, *, cwd: Path, seed: int = 0) -> ForkedRun:
        """A new process for one run.

        Parameters
        ----------
        cwd : its working directory.
        seed : of the generators that Python and NumPy keep for callers without one of their own.

        Raises
        ------
        NotebookError : the process could not get ready, has been stopped, or has more than one thread.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                answer = self._ask({"do": "fork", "cwd": str(cwd), "seed": seed}, theirs)
        except BaseException:
            ours.close()
            raise
        return ForkedRun(answer["pid"], ours, self)

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to one of the runs; nothing happens when it has ended."""
        with self._asking:
            process = self._process
            if process is not None:
                try:
                    process.ask({"do": "signal", "pid": pid, "signal": number})
                except _Gone:
                    return

    def _ask(self, request: dict[str, Any], beside: socket.socket) -> dict[str, Any]:
        """The answer to a request; a process that has died since the last one is started again, once."""
        with self._asking:
            for _ in range(2):
                if self._stopped:
                    break
                process = self._process = self._process or _Process(self.root, self.warmers)
                try:
                    answer = process.ask(request, beside)
                except _Gone:
                    process.end()
                    self._process = None
                    continue
                if "error" in answer:
                    raise NotebookError(answer["error"])
                return answer
        if self._stopped:
            raise NotebookError("The process that notebooks are forked from was stopped.")
        raise NotebookError("The process that notebooks are forked from ended twice; run 'fls doctor'.")


class _Gone(Exception):
    """The process does not answer, and never will."""


class _Process:
    """One life of the preloaded process."""

    def __init__(self, root: Path, warmers: Sequence[Warmer]) -> None:
        self._profile = tempfile.mkdtemp(prefix="fls")
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._is_ready = False
        with theirs:
            self.popen = subprocess.Popen(
                [
                    sys.executable,
                    "-Xfrozen_modules=off",
                    "-m",
                    f"{__package__}.server",
                    str(theirs.fileno()),
                    self._profile,
                ],
                cwd=root,
                env=kernel_environment(root, Path(self._profile)) | _ONE_THREAD,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # Ctrl-C is for whoever started it, who then ends it.
                start_new_session=True,
            )
        self._control.send(json.dumps(warmers).encode())

    def ask(self, request: dict[str, Any], beside: socket.socket | None = None) -> dict[str, Any]:
        """Send a request, wait for its answer. Raises :class:`_Gone` when the process has died."""
        try:
            if not self._is_ready:
                ready = self._answer()
                if "error" in ready:
                    return ready
                self._is_ready = True
            text = json.dumps(request).encode()
            sockets = [] if beside is None else [_rights(beside)]
            self._control.sendmsg([text], sockets)
            return self._answer()
        except OSError:
            raise _Gone from None

    def _answer(self) -> dict[str, Any]:
        text = self._control.recv(MESSAGE)
        if not text:
            raise _Gone
        return json.loads(text)

    def end(self) -> None:
        # Its runs die with it, by order to the system.
        self.popen.kill()
        self.popen.wait(_ENDS_WITHIN)
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        shutil.rmtree(self._profile, ignore_errors=True)


def _rights(beside: socket.socket) -> tuple[int, int, array.array]:
    return socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [beside.fileno()])


_SHARED: list[Preloaded] = []
_SHARING = threading.Lock()


def shared() -> Preloaded:
    """The preloaded process of this process, for runs that bring none; started at the first call."""
    with _SHARING:
        if not _SHARED:
            _SHARED.append(Preloaded(_root()))
            atexit.register(_SHARED[0].stop)
        _SHARED[0].start()
        return _SHARED[0]


def _root() -> Path:
    try:
        return project_root()
    except ParamsError:
        return Path.cwd()


INTERRUPT, KILL = signal.SIGINT, getattr(signal, "SIGKILL", signal.SIGTERM)
