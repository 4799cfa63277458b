"""Who is at risk when: sums over risk sets, and their mirror image, sums over the times at which a row was at risk.

Both are running sums over the distinct event times of each stratum (the cells), so a pass over the patients costs the
same however many of them share a day.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from fls_research.stats.survival._counts import moments


class RiskSets:
    """Rows at risk in the cells ``first`` to ``last``; a cell is a distinct event time within a stratum."""

    def __init__(self, time: np.ndarray, event: np.ndarray, entry: np.ndarray | None, stratum: np.ndarray) -> None:
        distinct, place = moments(time)
        width = distinct.size
        self.cells = np.unique((stratum * width + place)[event])
        self.time = distinct[self.cells % width]
        self.stratum = self.cells // width
        self.bounds = np.searchsorted(self.cells, np.arange(int(stratum.max()) + 2) * width)
        key = stratum * width + place
        self.last = np.searchsorted(self.cells, key, side="right") - 1
        self.first = self.bounds[stratum]
        self.late = None
        if entry is not None:
            begins = stratum * width + np.searchsorted(distinct, entry, side="right")
            self.first = np.searchsorted(self.cells, begins, side="left")
            self.late = self.first > self.bounds[stratum]
        self.ever = self.last >= self.first
        self.dies = event
        self.dying = self.last[event]
        self.row_time, self.row_entry = time, entry

    @property
    def size(self) -> int:
        return self.cells.size

    def total(self, values: np.ndarray) -> np.ndarray:
        """The sum of ``values`` over who is at risk, for each cell."""
        sums = self._backward(np.bincount(self.last[self.ever], values[self.ever], self.size))
        if self.late is not None:
            entering = self.late & self.ever
            sums -= self._backward(np.bincount(self.first[entering] - 1, values[entering], self.size))
        return sums

    def deaths(self, values: np.ndarray) -> np.ndarray:
        """The sum of ``values`` over who has the event, for each cell."""
        return np.bincount(self.dying, values[self.dies], self.size)

    def spread(self, per_cell: np.ndarray) -> np.ndarray:
        """The sum of ``per_cell`` over the cells at which each row is at risk."""
        running = np.concatenate([[0.0], np.cumsum(per_cell)])
        return np.where(self.ever, running[self.last + 1] - running[self.first], 0.0)

    def at_death(self, per_cell: np.ndarray) -> np.ndarray:
        """The value of a row's own cell where it has the event, else 0."""
        own = np.zeros((self.dies.size, *per_cell.shape[1:]))
        own[self.dies] = per_cell[self.dying]
        return own

    def _backward(self, ends: np.ndarray) -> np.ndarray:
        # Stratum by stratum: a running sum over all of them would lose digits where a risk set is small.
        for start, stop in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            ends[start:stop] = np.cumsum(ends[start:stop][::-1])[::-1]
        return ends


class Weight(Protocol):
    """A left-continuous step within each stratum, such as the chance of not having been censored before a time."""

    def before(self, time: np.ndarray, stratum: np.ndarray) -> np.ndarray: ...


class SubdistributionRiskSets(RiskSets):
    """Fine and Gray's risk sets: a row that ``stays`` remains after its time, with the weight G(t)/G(own time)."""

    def __init__(
        self, time: np.ndarray, event: np.ndarray, stratum: np.ndarray, *, stays: np.ndarray, weight: Weight
    ) -> None:
        super().__init__(time, event, None, stratum)
        self.own = weight.before(time[stays], stratum[stays])
        self.later = weight.before(self.time, self.stratum)
        self.from_cell = self.last[stays] + 1
        self.to_cell = self.bounds[stratum[stays] + 1]
        self.stays = np.flatnonzero(stays)
        self.lasting = self.from_cell < self.to_cell

    def total(self, values: np.ndarray) -> np.ndarray:
        carried = (values[self.stays] / self.own)[self.lasting]
        tail = np.bincount(self.from_cell[self.lasting], carried, self.size)
        for start, stop in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            tail[start:stop] = np.cumsum(tail[start:stop])
        return super().total(values) + self.later * tail

    def spread(self, per_cell: np.ndarray) -> np.ndarray:
        found = super().spread(per_cell)
        running = np.concatenate([[0.0], np.cumsum(per_cell * self.later)])
        found[self.stays] += (running[self.to_cell] - running[self.from_cell]) / self.own
        return found
