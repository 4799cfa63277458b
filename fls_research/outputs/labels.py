"""Where labels go so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def spread(wanted: Sequence[float], *, gap: float, low: float = -np.inf, high: float = np.inf) -> NDArray[np.float64]:
    """Places at least ``gap`` apart, in the order of ``wanted``, moved as little as possible (least squares).

    ``low`` and ``high`` bound the places; where there is not room for all, the gap shrinks evenly. A wanted place that
    is not a number stays so.

    >>> spread([10.0, 11.0, 30.0], gap=4).tolist()
    [8.5, 12.5, 30.0]
    """
    places = np.asarray(wanted, dtype=float).copy()
    present = np.flatnonzero(~np.isnan(places))
    if len(present) == 0:
        return places
    order = present[np.argsort(places[present], kind="stable")]
    room = (high - low) / (len(order) - 1) if len(order) > 1 else np.inf
    step = min(gap, room)
    # With the gaps taken out, "at least a gap apart" is "not decreasing": pool neighbours until that is true.
    offsets = step * np.arange(len(order))
    level = _not_decreasing(places[order] - offsets)
    places[order] = np.clip(level, low, high - offsets[-1]) + offsets
    return places


def swarm(values: Sequence[float], *, bin_width: float, step: float, most: float) -> NDArray[np.float64]:
    """Sideways places of dots in a strip: dots of one bin stand side by side, centred, no further out than ``most``.

    >>> swarm([1.0, 1.1, 50.0], bin_width=1.0, step=2.0, most=10.0).tolist()
    [-1.0, 1.0, 0.0]
    """
    numbers = np.asarray(values, dtype=float)
    bins = np.floor(numbers / bin_width + 0.5)
    places = np.zeros(len(numbers))
    for held in np.unique(bins):
        members = np.flatnonzero(bins == held)
        members = members[np.argsort(numbers[members], kind="stable")]
        reach = (len(members) - 1) / 2
        width = min(step, most / reach) if reach > 0 else step
        places[members] = (np.arange(len(members)) - reach) * width
    return places


def _not_decreasing(values: NDArray[np.float64]) -> NDArray[np.float64]:
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean, size = (mean * size + other * others) / (size + others), size + others
        blocks.append((mean, size))
    return np.concatenate([np.full(size, mean) for mean, size in blocks])
