"""How far a batch has come, for whoever watches it. Nothing heavy is imported here: a screen is drawn at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fls_research.pipeline.batch.workers import Outcome


@dataclass(frozen=True)
class Standing:
    """Of ``total`` runs that are needed, how many are ``done`` (``failed`` ones with them) and ``running``.

    ``current`` counts the runs that were up to date. ``seconds_left`` is None before there is anything to go by.
    """

    total: int
    current: int
    done: int = 0
    failed: int = 0
    running: int = 0
    seconds_left: float | None = None

    def __str__(self) -> str:
        """The standing in a line.

        >>> str(Standing(total=134, current=0, done=57, failed=1, running=2, seconds_left=75.2))
        '57 of 134 done, 2 running, 1 failed, 1 min 15 s left'
        """
        parts = [f"{self.done} of {self.total} done", f"{self.running} running", f"{self.failed} failed"]
        if self.seconds_left is not None:
            minutes, seconds = divmod(round(self.seconds_left), 60)
            parts.append((f"{minutes} min " if minutes else "") + f"{seconds} s left")
        return ", ".join(parts)


Watcher = Callable[[Standing, "Outcome | None"], None]
"""Told of every run as it ends, and of none when the batch begins."""


def unwatched(standing: Standing, outcome: Outcome | None) -> None:
    """The watcher that draws nothing."""
