"""What a notebook's process does from its fork to its end: it becomes a process of its own, and runs cells."""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import gc
import importlib
import io
import os
import signal
import socket
import sys
import warnings
import weakref
from typing import Any, NoReturn

from tornado.ioloop import IOLoop

from fls_research.pipeline.engine.shell import ForkedKernel
from fls_research.pipeline.engine.streams import Printed
from fls_research.pipeline.engine.wire import Wire

_DIE_WITH_PARENT = 1
"""``PR_SET_PDEATHSIG`` of Linux."""

_LIBC = ctypes.CDLL(None, use_errno=True)


def live(kernel: ForkedKernel, connection: socket.socket, *, parent: int, cwd: str, seed: int) -> NoReturn:
    """Run what comes over the connection until it ends, then end this process.

    Parameters
    ----------
    kernel : made before the fork, never used.
    parent : number of the process it was forked from, with which it dies.
    cwd : working directory of the notebook.
    seed : of the generators that Python and NumPy keep for callers without one of their own.
    """
    try:
        _stand_alone(parent, keep=connection.fileno())
        _reseed(seed)
        os.chdir(cwd)
        wire = Wire(connection)
        _connect(kernel, wire)
        asyncio.run(_serve(kernel, wire))
        _flush_files()
        atexit._run_exitfuncs()
    except BaseException:
        os._exit(1)
    os._exit(0)


def _stand_alone(parent: int, *, keep: int) -> None:
    """A session of its own, no signal handler and no open file of the parent's, and death with it."""
    _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    # Between cells an interruption has nothing to interrupt; the kernel lets it through while one runs.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _forget_endings()
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != keep:
            try:
                os.close(int(name))
            except OSError:
                continue
    # A warning that is given once is given once in each run: entering clears what was given before.
    with warnings.catch_warnings():
        pass


def _forget_endings() -> None:
    """What the parent does when it ends, such as clearing up its folders, is not for the child to do."""
    atexit._clear()
    weakref.finalize._registry.clear()
    weakref.finalize._registered_with_atexit = False


def _reseed(seed: int) -> None:
    """Two runs must not draw the same numbers because they were forked from one process."""
    importlib.import_module("random").seed(seed)
    importlib.import_module("numpy.random").seed(seed % 2**32)


def _connect(kernel: ForkedKernel, wire: Wire) -> None:
    session = kernel.session
    session.pid = os.getpid()
    session.wire = wire

    def publish(name: str, text: str) -> None:
        session.send("iopub", "stream", {"name": name, "text": text}, parent=kernel.get_parent())

    sys.stdout, sys.stderr = Printed("stdout", 1, publish), Printed("stderr", 2, publish)


async def _serve(kernel: ForkedKernel, wire: Wire) -> None:
    """Handle one request after another, as a kernel does; tasks that cells have begun go on in between."""
    kernel.io_loop = IOLoop.current()
    loop, requests = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

    def read() -> None:
        try:
            for _, message in wire.arrived():
                requests.put_nowait(message)
        except EOFError:
            loop.remove_reader(wire.socket)
            requests.put_nowait(None)

    loop.add_reader(wire.socket, read)
    while (request := await requests.get()) is not None:
        kind = request["header"]["msg_type"]
        if kind == "shutdown_request":
            break
        kernel.set_parent([], request, channel="shell")
        kernel._publish_status("busy", "shell")
        await _handle(kernel, kind, request)
        _flush()
        kernel._publish_status("idle", "shell")
    loop.remove_reader(wire.socket)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


async def _handle(kernel: ForkedKernel, kind: str, request: dict[str, Any]) -> None:
    handler = kernel.shell_handlers.get(kind)
    if handler is None:
        return
    kernel.pre_handler_hook()
    try:
        result = handler("shell", [], request)
        if asyncio.iscoroutine(result):
            await result
    except KeyboardInterrupt:
        pass
    finally:
        kernel.post_handler_hook()


def _flush_files() -> None:
    """What the notebook has written to a file that it did not close must not be lost with the process."""
    for item in gc.get_objects():
        if issubclass(type(item), io.IOBase) and not isinstance(item, Printed):
            try:
                if not item.closed and item.writable():
                    item.flush()
            except (OSError, ValueError):
                continue
