"""Papermill's engine ``fls-forked``: cells go to a forked process, and everything else is Papermill's and nbclient's.

nbclient drives a kernel through two objects, a manager that starts and ends it and a client that sends to it and
hears from it. Both are written here anew, for a forked process; what nbclient does with what it hears is untouched, so
an executed copy is what it is from a kernel: outputs, displays that are updated, widgets, errors, time limits.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import queue
from functools import cache
from pathlib import Path
from typing import Any

from fls_research.pipeline.engine.preloaded import INTERRUPT, KILL, ForkedRun, Preloaded, shared

NAME = "fls-forked"
"""The name of the engine: ``papermill.execute_notebook(…, engine_name=NAME)``."""

_ENDS_WITHIN = 5
"""Seconds that a run has to close its files after its last cell."""


class ForkedEngine:
    """The engine, as Papermill's entry point names it.

    It derives from no class of Papermill, because Papermill imports this module while it is being imported itself.
    ``execute_notebook`` accepts what Papermill's own engine accepts, and ``preloaded``: the
    :class:`~fls_research.pipeline.engine.preloaded.Preloaded` to fork from; without it this process keeps one.
    """

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **options: Any) -> Any:
        return _engine().execute_notebook(nb, kernel_name, **options)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        return _engine().nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        return _engine().nb_language(nb, language)


@cache
def _engine() -> Any:
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine
    from papermill.log import logger

    class Forked(NBClientEngine):
        @classmethod
        def execute_managed_notebook(
            cls,
            nb_man: Any,
            kernel_name: str,
            log_output: bool = False,
            stdout_file: Any = None,
            stderr_file: Any = None,
            start_timeout: int = 60,
            execution_timeout: int | None = None,
            preloaded: Preloaded | None = None,
            **options: Any,
        ) -> Any:
            dropped = ("input_path", "timeout", "startup_timeout", "kernel_manager_class")
            client = PapermillNotebookClient(
                nb_man,
                km=_Manager(preloaded or shared(), seed=_seed(nb_man.nb)),
                **{key: value for key, value in options.items() if key not in dropped},
                timeout=execution_timeout or options.get("timeout"),
                startup_timeout=start_timeout,
                kernel_name=kernel_name,
                log=logger,
                log_output=log_output,
                stdout_file=stdout_file,
                stderr_file=stderr_file,
            )
            return client.execute(cleanup_kc=True)

    return Forked


def _seed(notebook: Any) -> int:
    """The same for the same cells and parameters, and another for others."""
    parameters = notebook.metadata.get("papermill", {}).get("parameters", {})
    told = json.dumps([parameters, [cell.source for cell in notebook.cells]], sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8])


class _Manager:
    """Starts and ends the process of one run, as nbclient asks a kernel manager to."""

    def __init__(self, preloaded: Preloaded, *, seed: int) -> None:
        self._preloaded = preloaded
        self._seed = seed
        self._client: _Client | None = None
        self._run: ForkedRun | None = None

    @property
    def has_kernel(self) -> bool:
        return self._run is not None

    def start_kernel(self, *, cwd: str | None = None, **_: Any) -> None:
        self._run = self._preloaded.fork(cwd=Path(cwd or Path.cwd()), seed=self._seed)

    def client(self) -> _Client:
        assert self._run is not None
        self._client = _Client(self._run)
        return self._client

    def is_alive(self) -> bool:
        return self._client is not None and self._client.is_alive()

    def interrupt_kernel(self) -> None:
        if self._run is not None:
            self._run.signal(INTERRUPT)

    async def shutdown_kernel(self, now: bool = False) -> None:
        if self._client is not None and not now:
            await self._client.ended(_ENDS_WITHIN)
        if self._run is not None and self.is_alive():
            self._run.signal(KILL)

    def cleanup_resources(self) -> None:
        # The client, which nbclient stops afterwards, closes the socket.
        self._run = None


class _Client:
    """Speaks with the process of one run, as nbclient expects it of a kernel's client."""

    def __init__(self, run: ForkedRun) -> None:
        from jupyter_client.session import Session

        from fls_research.pipeline.engine.wire import Wire

        self.allow_stdin = False
        self.session = Session()
        self._wire = Wire(run.connection)
        self._alive = True
        self._ended = asyncio.Event()
        self.shell_channel, self.iopub_channel = _Channel(self), _Channel(self)

    def start_channels(self) -> None:
        asyncio.get_running_loop().add_reader(self._wire.socket, self._read)

    def stop_channels(self) -> None:
        asyncio.get_running_loop().remove_reader(self._wire.socket)
        self._wire.socket.close()

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """A forked process is ready from its first moment."""

    def is_alive(self) -> bool:
        return self._alive

    def execute(self, code: str, *, store_history: bool = True, stop_on_error: bool = True) -> str:
        content = {
            "code": code,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        return self.send(self.session.msg("execute_request", content))

    def kernel_info(self) -> str:
        return self.send(self.session.msg("kernel_info_request"))

    def send(self, message: dict[str, Any]) -> str:
        """Send a message; one to a process that has died gets no reply, which is how it is noticed."""
        try:
            self._wire.send("shell", message)
        except OSError:
            self._gone()
        return message["header"]["msg_id"]

    async def ended(self, seconds: float) -> None:
        """Ask the process to end and wait for it, for so many seconds."""
        self.send(self.session.msg("shutdown_request", {"restart": False}))
        try:
            await asyncio.wait_for(self._ended.wait(), seconds)
        except TimeoutError:
            return

    def _read(self) -> None:
        from jupyter_client.jsonutil import extract_dates

        try:
            for channel, message in self._wire.arrived():
                message["header"] = extract_dates(message["header"])
                message["msg_type"] = message["header"]["msg_type"]
                (self.shell_channel if channel == "shell" else self.iopub_channel).put(message)
        except EOFError:
            asyncio.get_running_loop().remove_reader(self._wire.socket)
            self._gone()

    def _gone(self) -> None:
        self._alive = False
        self._ended.set()


class _Channel:
    """What has come in on one channel and was not yet asked for."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self._queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def put(self, message: dict[str, Any]) -> None:
        self._queue.put_nowait(message)

    def send(self, message: dict[str, Any]) -> None:
        self._client.send(message)

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """The next message. Of a process that has died there is none: nbclient asks now and then whether it lives."""
        try:
            return await asyncio.wait_for(self._queue.get(), timeout)
        except TimeoutError:
            raise queue.Empty from None
