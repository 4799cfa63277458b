"""Which rows are hidden: those with a small number (primary), and those that keep them hidden (secondary)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    until it is safe or nothing is left to hide. ``order`` breaks ties, so that the order of the
    rows does not matter.

    >>> from fls_research.disclosure.policies import policy
    >>> counts = {"numerator": np.array([3.0, 0.0, 20.0, 50.0])}
    >>> protect(np.array([True, False, False, False]), counts, [Relation((0, 1, 2, 3))], policy("hes")).tolist()
    [True, False, True, False]
    """
    result = hidden.copy()
    ties = np.arange(len(hidden)) if order is None else order
    safe = {name: np.zeros(len(hidden), dtype=bool) for name in measures}  # more hidden rows never make one unsafe
    changed = True
    while changed:
        changed = False
        for name, values in measures.items():
            known = np.nan_to_num(values)
            at_stake = policy.small(values) & result & ~safe[name]
            in_danger = exposed(known, result, at_stake, relations, floor=policy.smallest_shown)
            safe[name] |= at_stake
            safe[name][[exposure.row for exposure in in_danger]] = False
            chosen = _one_more(in_danger, known, result, ties)
            result[list(chosen)] = True
            changed = changed or bool(chosen)
    return result


def _one_more(
    in_danger: Sequence[Exposure], values: NDArray[np.float64], hidden: NDArray[np.bool_], ties: NDArray[np.int64]
) -> set[int]:
    """For each exposed row one more row to hide, unless one was just chosen from a set it stands in."""
    chosen: set[int] = set()
    for exposure in in_danger:
        own = [r for r in exposure.relations if exposure.row in r.members or exposure.row == r.total]
        if any(chosen & {*relation.members, relation.total} for relation in own):
            continue
        # Its own sets first, the tightest of them first; then the sets by which it can be reached round the corner.
        nearest = sorted(
            exposure.relations,
            key=lambda relation: (
                exposure.row not in relation.members,
                _hidden_sum(relation, values, hidden),
                len(relation.members),
            ),
        )
        shown = [[row for row in relation.members if not hidden[row] and values[row] > 0] for relation in nearest]
        totals = [r.total for r in nearest if r.total is not None and not hidden[r.total] and values[r.total] > 0]
        candidates = next((rows for rows in shown if rows), totals)
        if candidates:
            chosen.add(min(candidates, key=lambda row: (values[row], ties[row])))
    return chosen


def _hidden_sum(relation: Relation, values: NDArray[np.float64], hidden: NDArray[np.bool_]) -> float:
    return float(sum(values[row] for row in relation.members if hidden[row]))
