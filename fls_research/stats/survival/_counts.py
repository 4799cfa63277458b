"""Patients to counts: the one place where times, states, groups, late entries and weights are checked and collapsed.

Everything that is not a regression works on what this gives, so its cost follows the distinct days and not the
patients, and the answer is the same as from single rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_floats
from fls_research.stats.design import refuse_dates
from fls_research.stats.results import StatsError

_DENSE_LIMIT = 50_000_000
"""Cells of a time × group table above which whole days are sorted instead of counted directly."""


@dataclass(frozen=True)
class Patients:
    """Checked rows: ``state`` is 0 where censored, else the place of the cause in ``causes``, counted from 1."""

    time: np.ndarray
    state: np.ndarray
    causes: tuple[Any, ...]
    group: np.ndarray
    labels: tuple[Any, ...]
    entry: np.ndarray | None
    weights: np.ndarray
    stratum: np.ndarray

    def where(self, chosen: np.ndarray) -> Patients:
        """The chosen rows; causes and labels stay, so that tables of different rows fit together."""
        entry = None if self.entry is None else self.entry[chosen]
        return replace(
            self,
            time=self.time[chosen],
            state=self.state[chosen],
            group=self.group[chosen],
            entry=entry,
            weights=self.weights[chosen],
            stratum=self.stratum[chosen],
        )


@dataclass(frozen=True)
class GroupCounts:
    """One group's life table: a row for each distinct time at which somebody left.

    ``at_risk`` counts who had entered before the time and had not left before it; ``events`` has a column per cause.
    """

    label: Any
    time: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray
    censored: np.ndarray


def whole(values: ArrayLike, *, name: str) -> np.ndarray:
    """The values as one-dimensional floats with none missing or infinite; refused by name otherwise."""
    refuse_dates(values, name=name)
    floats = as_floats(values, name=name)
    if floats.ndim != 1:
        raise StatsError(f"{name} must be one column; given an array of {floats.ndim} dimensions")
    if missing := int(np.isnan(floats).sum()):
        raise StatsError(f"{name}: {missing} of {floats.size} values are missing; leave those rows out or impute them")
    if np.isinf(floats).any():
        raise StatsError(f"{name} must be finite; look for a division by zero")
    return floats


def labelled(values: Any, *, name: str, size: int) -> tuple[np.ndarray, tuple[Any, ...]]:
    """Whole-number codes and their labels: a categorical keeps its order, anything else is sorted; none may be missing.

    A level that no row holds is left out.
    """
    column = values if isinstance(values, pd.Categorical) else pd.Series(values).reset_index(drop=True)
    if len(column) != size:
        raise StatsError(f"{name} has {len(column)} values; the other columns have {size}")
    if isinstance(column, pd.Series) and not isinstance(column.dtype, pd.CategoricalDtype):
        codes, levels = pd.factorize(column, sort=True)
    else:
        categories = pd.Categorical(column).remove_unused_categories()
        codes, levels = categories.codes, categories.categories
    if missing := int((codes < 0).sum()):
        raise StatsError(f"{name}: {missing} of {size} are missing; leave those rows out or name them as a level")
    return codes.astype(np.int64), tuple(levels.tolist())


def frequencies(weights: ArrayLike | None, *, size: int) -> np.ndarray:
    """How many identical patients each row stands for: one when not given, never negative, not all zero."""
    if weights is None:
        return np.ones(size)
    floats = same_length(whole(weights, name="weights"), size, name="weights")
    if (floats < 0).any():
        raise StatsError("weights must not be negative; they say how many patients a row stands for")
    if size and not floats.any():
        raise StatsError("weights: every weight is zero, so nobody is left; check how they were made")
    return floats


def same_length(values: np.ndarray, size: int, *, name: str) -> np.ndarray:
    """The values, refused by name when they are not as many as the rows."""
    if values.size != size:
        raise StatsError(f"{name} has {values.size} values; the other columns have {size}")
    return values


def times_of(time: ArrayLike, entry: ArrayLike | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Time of leaving and time of entry, each checked; a patient must enter before leaving."""
    exits = whole(time, name="time")
    if not exits.size:
        raise StatsError("time is empty; there is nobody to follow")
    if (exits < 0).any():
        raise StatsError("time must not be negative; an impossible gap is an issue of the data, not an event")
    if entry is None:
        return exits, None
    entries = same_length(whole(entry, name="entry"), exits.size, name="entry")
    if late := int((entries >= exits).sum()):
        raise StatsError(f"entry must lie before time; it does not in {late} of {exits.size} rows")
    return exits, entries


def indicator(event: ArrayLike, size: int, *, name: str) -> np.ndarray:
    """A truth value or 0 and 1 as whole numbers, refused by name when anything else stands there."""
    floats = same_length(whole(event, name=name), size, name=name)
    if not np.isin(floats, (0.0, 1.0)).all():
        raise StatsError(f"{name} must be true or false, or 1 and 0; code the event as 1")
    return floats.astype(np.int64)


def patients(
    time: ArrayLike,
    state: Any,
    *,
    causes: tuple[Any, ...] | None,
    groups: Any = None,
    strata: Any = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Patients:
    """Checked rows of those who count; a row of weight zero stands for nobody and is left out.

    ``state`` is an event indicator when ``causes`` is missing, else codes from 0 (censored) that belong to ``causes``.
    """
    exits, entries = times_of(time, entry)
    size = exits.size
    codes = indicator(state, size, name="event") if causes is None else same_length(state, size, name="state")
    alike = np.zeros(size, np.int64)
    group, labels = (alike, ("all",)) if groups is None else labelled(groups, name="groups", size=size)
    stratum = alike if strata is None else labelled(strata, name="strata", size=size)[0]
    counted = frequencies(weights, size=size)
    rows = Patients(exits, codes, causes or ("event",), group, labels, entries, counted, stratum)
    return rows if (keep := counted > 0).all() else rows.where(keep)


def states(state: Any, *, censored: Any, size: int) -> tuple[np.ndarray, tuple[Any, ...]]:
    """Codes of competing states, 0 where censored, and the causes in order.

    Raises `StatsError` when no row holds anything but ``censored`` and no categorical names another cause.
    """
    column = pd.Series(state).reset_index(drop=True)
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, labels = column.cat.codes.to_numpy().astype(np.int64), tuple(column.cat.categories.tolist())
        if missing := int((codes < 0).sum()):
            raise StatsError(f"state: {missing} of {codes.size} values are missing; censoring has a code of its own")
    else:
        codes, labels = labelled(column, name="state", size=len(column))
    if codes.size != size:
        raise StatsError(f"state has {codes.size} values; the other columns have {size}")
    causes = tuple(label for label in labels if label != censored)
    if not causes:
        raise StatsError(f"state holds nothing but {censored!r}; give a categorical that names the causes to be shown")
    place = np.array([0 if label == censored else causes.index(label) + 1 for label in labels], dtype=np.int64)
    return place[codes], causes


def moments(time: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct times in order, and the place of each row's time among them; whole days need no sort."""
    top = time.max()
    if top < 10 * time.size + 1000 and (days := time.astype(np.int64)).astype(float).tobytes() == time.tobytes():
        seen = np.zeros(int(top) + 1, bool)
        seen[days] = True
        place = np.cumsum(seen) - 1
        return np.flatnonzero(seen).astype(float), place[days]
    return np.unique(time, return_inverse=True)


def by_group(rows: Patients) -> Iterator[GroupCounts]:
    """A life table for every group, in the order of the labels; a group of nobody is left out."""
    distinct, place = moments(rows.time)
    n_causes, n_times = len(rows.causes), distinct.size
    entered = None if rows.entry is None else np.searchsorted(distinct, rows.entry, side="right")
    if len(rows.labels) * n_times <= _DENSE_LIMIT:
        cell, occupied = rows.group * n_times + place, None
        size = len(rows.labels) * n_times
    else:
        occupied, cell = np.unique(rows.group * n_times + place, return_inverse=True)
        size = occupied.size
    left = np.stack(
        [
            np.bincount(cell[chosen], rows.weights[chosen], size)
            for chosen in (rows.state == code for code in range(n_causes + 1))
        ]
    )
    total = left.sum(axis=0)
    kept = np.flatnonzero(total)
    flat = kept if occupied is None else occupied[kept]
    owner, moment = np.divmod(flat, n_times)
    bounds = np.searchsorted(owner, np.arange(len(rows.labels) + 1))
    for code, label in enumerate(rows.labels):
        here = kept[bounds[code] : bounds[code + 1]]
        if not here.size:
            continue
        at = moment[bounds[code] : bounds[code + 1]]
        at_risk = _from_end(total[here])
        if entered is not None:
            mine = rows.group == code
            later = np.bincount(entered[mine], rows.weights[mine], n_times + 1)
            # Not yet at risk at a time: entered at that time or after it.
            at_risk = at_risk - (later.sum() - np.cumsum(later))[at]
        yield GroupCounts(label, distinct[at], at_risk, left[1:, here].T, left[0, here])


@dataclass(frozen=True)
class Grid:
    """All groups on one clock: at each distinct time, who is at risk and who has an event, a column per group."""

    time: np.ndarray
    at_risk: np.ndarray
    events: np.ndarray


def grid(rows: Patients) -> Grid:
    """At risk (time × group) and events (cause × time × group) at the times at which some cause occurs."""
    distinct, place = moments(rows.time)
    n_groups, n_times = len(rows.labels), distinct.size
    size = n_groups * n_times
    cell = place * n_groups + rows.group
    left = np.bincount(cell, rows.weights, size).reshape(n_times, n_groups)
    at_risk = _from_end(left)
    if rows.entry is not None:
        entered = np.searchsorted(distinct, rows.entry, side="right")
        later = np.bincount(entered * n_groups + rows.group, rows.weights, size + n_groups)
        later = later.reshape(n_times + 1, n_groups)
        at_risk = at_risk - (later.sum(axis=0) - np.cumsum(later, axis=0))[:n_times]
    events = np.stack(
        [
            np.bincount(cell[chosen], rows.weights[chosen], size).reshape(n_times, n_groups)
            for chosen in (rows.state == code for code in range(1, len(rows.causes) + 1))
        ]
    )
    happening = events.sum(axis=(0, 2)) > 0
    return Grid(distinct[happening], at_risk[happening], events[:, happening])


def _from_end(values: np.ndarray) -> np.ndarray:
    return np.cumsum(values[::-1], axis=0)[::-1]


def survivors(at_risk: np.ndarray, events: np.ndarray) -> np.ndarray:
    """At risk less events, exactly zero where all that is left is rounding of fractional weights."""
    left = at_risk - events
    return np.where(left <= 1e-9 * at_risk, 0.0, left)
