"""How long work reports where it stands: one call a step, drawn by whoever listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener. ``what`` names the step; ``done`` of ``total`` parts of it are finished (0 of 0: no measure)."""

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None: ...


def silent(what: str, done: int = 0, total: int = 0) -> None:
    """The listener that draws nothing."""
