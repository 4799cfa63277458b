"""The kernel a forked notebook runs in: IPython's own, speaking over a plain socket instead of five of ZeroMQ."""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from traitlets.config import Config

from fls_research.pipeline.engine.wire import Wire


class WireSession(Session):
    """Sends messages over a wire; before there is one, what is sent goes nowhere."""

    wire: Wire | None = None

    def send(
        self,
        stream: str,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        track: bool = False,
        header: Any = None,
        metadata: Any = None,
    ) -> dict[str, Any]:
        if isinstance(msg_or_type, str):
            message = self.msg(msg_or_type, content, parent, header, metadata)
        else:
            message, buffers = msg_or_type, buffers or msg_or_type.get("buffers")
        if self.wire is not None and self.check_pid_is_own():
            kept = {key: value for key, value in message.items() if key != "buffers"}
            self.wire.send(stream, kept, buffers or ())
        return message

    def check_pid_is_own(self) -> bool:
        """A process that the notebook forks inherits the socket and must not write into it."""
        return os.getpid() == self.pid


class ForkedKernel(IPythonKernel):
    """IPython's kernel without sockets and threads of its own; it is made before the fork and used after it."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._execute_sleep = 0

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Nothing is queued: the next cell is sent when this one has ended."""


def make_kernel(profile: Path) -> ForkedKernel:
    """The kernel of this process, ready for its first cell.

    ``profile`` is a folder of its own for IPython, which keeps no history and reads no configuration of the user.
    """
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    # Libraries look here for whether they run in a notebook.
    config.IPKernelApp.connection_file = ""
    kernel = ForkedKernel.instance(
        config=config,
        session=WireSession(),
        log=_silent_log(),
        profile_dir=ProfileDir.create_profile_dir(str(profile)),
        iopub_socket="iopub",
        stdin_socket="stdin",
        # Asked for the thread that cells run in.
        shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
    )
    # Who asks for the application of a kernel, as IPython does for %matplotlib, finds one.
    app = IPKernelApp.instance()
    app.kernel = kernel
    # Python began with the folder it was started in; a kernel finds the notebook's own, among the last.
    if sys.path[0] == os.getcwd():
        del sys.path[0]
    app.init_path()
    shell = kernel.shell
    shell.extension_manager.load_extension("storemagic")
    shell.user_ns_hidden.update(shell.user_ns)
    return kernel


def _silent_log() -> logging.Logger:
    log = logging.getLogger("fls_research.engine")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    log.setLevel(logging.CRITICAL + 1)
    return log
