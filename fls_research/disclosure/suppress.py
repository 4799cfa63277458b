"""Which rows are hidden: those with a small number (primary), and those that keep them hidden (secondary)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fls_research.disclosure.additive import Relation
from fls_research.disclosure.bounds import Exposure, exposed
from fls_research.disclosure.policies import Policy

Measures = Mapping[str, NDArray[np.float64]]
"""The counts a row holds, by name, each an array over the rows of the table."""


def primary(measures: Measures, policy: Policy) -> NDArray[np.bool_]:
    """The rows in which any count is small under the policy.

    >>> from fls_research.disclosure.policies import policy
    >>> primary({"numerator": np.array([3.0, 30.0]), "denominator": np.array([40.0, 40.0])}, policy("hes")).tolist()
    [True, False]
    """
    return np.logical_or.reduce([policy.small(values) for values in measures.values()])


def protect(
    hidden: NDArray[np.bool_],
    measures: Measures,
    relations: Sequence[Relation],
    policy: Policy,
    *,
    order: NDArray[np.int64] | None = None,
) -> NDArray[np.bool_]:
    """The hidden rows, and as many more as it takes that none can be worked out by subtraction.

    A small count is safe when, for all that can be seen, it could be as large as a number that may be shown. Where it
    could not, the next smallest row of its set that is not zero in that count is hidden too (a zero protects nothing),
    until it is safe or nothing is left to hide. ``order`` breaks ties, so that the order of the rows does not matter.

    A total published elsewhere has passed the same policy: one that is itself small is not known to the reader. A count
    that all totals together would give away though every row were hidden is protected within each of its sets only, so
    that a table is not blanked for a count that blanking cannot protect.

    >>> from fls_research.disclosure.policies import policy
    >>> counts = {"numerator": np.array([3.0, 0.0, 20.0, 50.0])}
    >>> protect(np.array([True, False, False, False]), counts, [Relation((0, 1, 2, 3))], policy("hes")).tolist()
    [True, False, True, False]
    """
    result = hidden.copy()
    ties = np.arange(len(hidden)) if order is None else order
    tasks = [_Task.of(values, hidden, relations, policy) for values in measures.values()]
    changed = True
    while changed:
        changed = False
        for task in tasks:
            chosen = _one_more(task.in_danger(result), task, result, ties)
            result[list(chosen)] = True
            changed = changed or bool(chosen)
    return result


@dataclass
class _Task:
    """The protection of one count: its values, which are small, and what a reader can know of their sums.

    ``reachable`` are the small counts that hiding can protect at all; ``safe`` those that are (hiding more rows never
    makes one unsafe); ``sets`` is row to the relations it stands in.
    """

    values: NDArray[np.float64]
    small: NDArray[np.bool_]
    relations: tuple[Relation, ...]
    floor: float
    reachable: NDArray[np.bool_]
    safe: NDArray[np.bool_]
    sets: dict[int, list[Relation]]

    @classmethod
    def of(
        cls, given: NDArray[np.float64], hidden: NDArray[np.bool_], relations: Sequence[Relation], policy: Policy
    ) -> _Task:
        values, small, floor = np.nan_to_num(given), policy.small(given), policy.smallest_shown
        readable = _readable(relations, values, policy)
        most = hidden | (values > 0)
        reachable = small.copy()
        reachable[[found.row for found in exposed(values, most, small & most, readable, floor=floor)]] = False
        return cls(values, small, readable, floor, reachable, np.zeros(len(values), dtype=bool), _sets_of(readable))

    def in_danger(self, hidden: NDArray[np.bool_]) -> list[Exposure]:
        """The hidden small counts that are not safe, each with the sets by which it is given away."""
        at_stake = self.small & hidden & ~self.safe
        found = exposed(self.values, hidden, at_stake & self.reachable, self.relations, floor=self.floor)
        found += [
            Exposure(int(row), tight)
            for row in np.flatnonzero(at_stake & ~self.reachable)
            if (
                tight := tuple(
                    r for r in self.sets.get(int(row), ()) if self.lacks(r, hidden) and self.spare([r], hidden)
                )
            )
        ]
        self.safe |= at_stake
        self.safe[[exposure.row for exposure in found]] = False
        return found

    def lacks(self, relation: Relation, hidden: NDArray[np.bool_]) -> bool:
        """Whether the hidden rows of a set, of which the sum can be seen, add up to too little."""
        can_be_seen = relation.total is None or not hidden[relation.total]
        return can_be_seen and self.hidden_sum(relation, hidden) < self.floor

    def hidden_sum(self, relation: Relation, hidden: NDArray[np.bool_]) -> float:
        members = list(relation.members)
        return float(self.values[members][hidden[members]].sum())

    def spare(self, relations: Sequence[Relation], hidden: NDArray[np.bool_]) -> set[int]:
        """The rows of these sets that could be hidden as well; their totals only where no row is left."""
        rows = {row for relation in relations for row in relation.members}
        totals = {relation.total for relation in relations if relation.total is not None}
        shown = ({row for row in some if not hidden[row] and self.values[row] > 0} for some in (rows, totals))
        return next(filter(None, shown), set())

    def alone(self, row: int, hidden: NDArray[np.bool_]) -> int:
        """In how many sets the row would be the only hidden one: given away by each, it would protect nobody."""
        others = ([*r.members, *(() if r.total is None else (r.total,))] for r in self.sets.get(row, ()))
        return sum(not hidden[rows].any() for rows in others)


def _readable(relations: Sequence[Relation], values: NDArray[np.float64], policy: Policy) -> tuple[Relation, ...]:
    """The relations whose total is a row, or large enough to have been published elsewhere."""
    totals = [values[list(relation.members)].sum() for relation in relations]
    unpublished = policy.small(totals)
    return tuple(r for r, hidden in zip(relations, unpublished, strict=True) if r.total is not None or not hidden)


def _sets_of(relations: Sequence[Relation]) -> dict[int, list[Relation]]:
    sets: dict[int, list[Relation]] = {}
    for relation in relations:
        for row in (*relation.members, *(() if relation.total is None else (relation.total,))):
            sets.setdefault(row, []).append(relation)
    return sets


def _one_more(
    in_danger: Sequence[Exposure], task: _Task, hidden: NDArray[np.bool_], ties: NDArray[np.int64]
) -> set[int]:
    """For each exposed row one more row to hide, unless one was just chosen from a set it stands in.

    Where one of the row's own sets hides too little, the help must come from that set; else the row is given away round
    the corner, and any set by which it is may help. Rows whose every set hides another row already come first, and
    among those the smallest.
    """
    chosen: set[int] = set()
    for exposure in in_danger:
        own = [r for r in exposure.relations if exposure.row in r.members or exposure.row == r.total]
        if any(chosen & {*relation.members, relation.total} for relation in own):
            continue
        tight = [r for r in own if task.lacks(r, hidden)]
        tight.sort(key=lambda relation: (task.hidden_sum(relation, hidden), len(relation.members)))
        candidates = task.spare(tight[:1] or exposure.relations, hidden)
        if candidates:
            chosen.add(min(candidates, key=lambda row: (task.alone(row, hidden), task.values[row], ties[row])))
    return chosen
