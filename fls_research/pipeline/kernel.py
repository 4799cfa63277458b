"""How a notebook's kernel is started: this interpreter, a clean profile, no port open where sockets have files."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

import fls_research
from fls_research.params import child_environment

NAME = "python3"
"""The name an executed copy carries, so that every Jupyter can open it."""

START_TIMEOUT = 120
"""Seconds; a first start on a scanned or networked disk takes most of a minute."""

_LONGEST_SOCKET = 100
"""Bytes of a socket's path; the systems' limits are 104 to 108."""


def kernel_manager(root: Path, scratch: Path) -> type[AsyncKernelManager]:
    """A kernel manager bound to ``sys.executable``, whatever kernels are installed under the same name.

    Parameters
    ----------
    root : the project's folder; the notebook finds it as ``FLS_ROOT``.
    scratch : a folder private to this run, for the connection file and an empty IPython profile.
    """
    spec = KernelSpec(
        argv=[sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="Python 3",
        language="python",
        env=_set_for_notebooks(root, scratch),
    )

    class ThisInterpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return spec

    class Kernel(AsyncKernelManager):
        @default("kernel_spec_manager")
        def _this_interpreter(self) -> KernelSpecManager:
            return ThisInterpreter(parent=self)

        @default("connection_file")
        def _private_file(self) -> str:
            return str(scratch / "kernel.json")

        @default("transport")
        def _files_before_ports(self) -> str:
            room = len(os.fsencode(scratch)) + len("/kernel-ipc-5") <= _LONGEST_SOCKET
            return "ipc" if os.name == "posix" and room else "tcp"

        async def start_kernel(self, **options: Any) -> None:
            # What a kernel prints outside its cells is for no reader of this command.
            await self._async_start_kernel(stdout=DEVNULL, stderr=DEVNULL, **options)

    return Kernel


def kernel_environment(root: Path, scratch: Path) -> dict[str, str]:
    """The whole environment of a process that runs notebooks; ``scratch`` is a folder for IPython's profile.

    >>> kernel_environment(Path("project"), Path("scratch"))["MPLBACKEND"]
    'agg'
    """
    return child_environment(**_set_for_notebooks(root, scratch))


def _set_for_notebooks(root: Path, scratch: Path) -> dict[str, str]:
    return {
        "FLS_ROOT": str(root),
        "IPYTHONDIR": str(scratch),
        "MPLBACKEND": "agg",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        **_same_package(),
    }


def _same_package() -> dict[str, str]:
    """In a working copy the kernel must import the package that is running here, installed or not."""
    home = Path(fls_research.__file__).resolve().parent.parent
    if not (home / "pyproject.toml").is_file():
        return {}
    before = child_environment().get("PYTHONPATH", "")
    return {"PYTHONPATH": str(home) + (os.pathsep + before if before else "")}
