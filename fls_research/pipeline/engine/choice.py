"""Whether notebooks are forked from a preloaded process or get a kernel each, and why."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fls_research.errors import UsageError, did_you_mean

RunEngine = Literal["auto", "forked", "kernels"]

_NAMES = ("auto", "forked", "kernels")


@dataclass(frozen=True)
class Choice:
    """What runs a notebook; ``reason`` is a sentence for the user, blank where nothing needs saying."""

    name: Literal["forked", "kernels"]
    reason: str = ""


def choose(name: RunEngine, *, platform: str = sys.platform) -> Choice:
    """The way to run notebooks on this computer.

    Parameters
    ----------
    name : ``forked``, ``kernels``, or ``auto`` for the first of them that this computer has.
    platform : as ``sys.platform`` names it.

    Raises
    ------
    UsageError : no such name, or ``forked`` where a process cannot be forked safely.

    >>> choose("kernels")
    Choice(name='kernels', reason='')
    >>> choose("auto", platform="win32").name
    'kernels'
    """
    if name not in _NAMES:
        raise UsageError(f"--engine: '{name}' is no way to run notebooks; {did_you_mean(name, _NAMES)}")
    if name == "kernels":
        return Choice("kernels")
    lacking = _lacking(platform)
    if not lacking:
        return Choice("forked")
    if name == "forked":
        raise UsageError(f"--engine forked: {lacking}; use --engine auto.")
    return Choice("kernels", f"Each notebook gets a kernel of its own, which takes longer: {lacking}.")


def _lacking(platform: str) -> str:
    if platform == "darwin":
        return "macOS does not fork a process safely once its libraries are loaded"
    if platform != "linux" or not hasattr(os, "fork"):
        return "this system does not fork processes"
    if not Path("/proc/self/task").is_dir():
        return "the threads of a process cannot be counted here, because /proc is not mounted"
    return ""
