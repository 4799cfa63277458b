"""How large a hidden count could still be, given every number a reader can see: sums, else a linear programme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from fls_research.disclosure.additive import Relation

_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Exposure:
    """A hidden row that can be worked out, and the relations by which it can."""

    row: int
    relations: tuple[Relation, ...]


def exposed(
    values: NDArray[np.float64],
    hidden: NDArray[np.bool_],
    at_stake: NDArray[np.bool_],
    relations: Sequence[Relation],
    *,
    floor: float,
) -> list[Exposure]:
    """The hidden rows of which a reader can work out that the number is below ``floor``.

    ``values`` are the true counts, ``at_stake`` the rows whose count is itself small. The reader is taken to know every
    number that is not hidden exactly, every total that is not a row, and that no count is negative. A row that stands
    in no relation cannot be worked out. Rounding only adds to the doubt, so it is left out here.

    Two hidden groups of 3 and 2 with a known total give themselves away; with 3 and 9 each could be up to 12:

    >>> both, small = np.array([True, True]), np.array([True, True])
    >>> [found.row for found in exposed(np.array([3.0, 2.0]), both, small, [Relation((0, 1))], floor=8)]
    [0, 1]
    >>> exposed(np.array([3.0, 9.0]), both, np.array([True, False]), [Relation((0, 1))], floor=8)
    []
    """
    found: list[Exposure] = []
    for rows, equations in _linked(hidden, relations):
        pending = [row for row in rows if at_stake[row]]
        if not pending:
            continue
        if len(equations) == 1 and (equations[0].total is None or not hidden[equations[0].total]):
            if values[list(rows)].sum() < floor - _TOLERANCE:
                found.extend(Exposure(row, equations) for row in pending)
        else:
            below = _below_by_programme(values, hidden, rows, equations, pending, floor)
            found.extend(Exposure(row, equations) for row in below)
    return sorted(found, key=lambda exposure: exposure.row)


def _linked(
    hidden: NDArray[np.bool_], relations: Iterable[Relation]
) -> list[tuple[tuple[int, ...], tuple[Relation, ...]]]:
    """The hidden rows in groups that share no relation with one another, and the relations of each group."""
    groups: list[tuple[set[int], list[Relation]]] = []
    for relation in relations:
        touched = {row for row in _rows_of(relation) if hidden[row]}
        if not touched:
            continue
        joined = [group for group in groups if group[0] & touched]
        groups = [group for group in groups if not group[0] & touched]
        rows, equations = set(touched), [relation]
        for other_rows, other_equations in joined:
            rows |= other_rows
            equations = other_equations + equations
        groups.append((rows, equations))
    return [(tuple(sorted(rows)), tuple(equations)) for rows, equations in groups]


def _rows_of(relation: Relation) -> tuple[int, ...]:
    return relation.members if relation.total is None else (*relation.members, relation.total)


def _below_by_programme(
    values: NDArray[np.float64],
    hidden: NDArray[np.bool_],
    rows: tuple[int, ...],
    equations: tuple[Relation, ...],
    pending: list[int],
    floor: float,
) -> list[int]:
    position = {row: place for place, row in enumerate(rows)}
    matrix = np.zeros((len(equations), len(rows)))
    for line, relation in enumerate(equations):
        for row in relation.members:
            if hidden[row]:
                matrix[line, position[row]] = 1
        if relation.total is not None and hidden[relation.total]:
            matrix[line, position[relation.total]] = -1
    known = matrix @ values[list(rows)]
    return find_below(pending, position, matrix=matrix, known=known, floor=floor)


def find_below(
    pending: Iterable[int],
    position: dict[int, int],
    *,
    matrix: NDArray[np.float64],
    known: NDArray[np.float64],
    floor: float,
) -> list[int]:
    """The rows of ``pending`` whose greatest value under ``matrix @ x == known``, ``x >= 0`` lies below ``floor``.

    One programme often clears many rows: every row that reaches the floor in any solution is done.
    """
    below: list[int] = []
    waiting = list(pending)
    sparse = csr_matrix(matrix)
    while waiting:
        row = waiting.pop(0)
        objective = np.zeros(matrix.shape[1])
        objective[position[row]] = -1
        solved = linprog(objective, A_eq=sparse, b_eq=known, bounds=(0, None), method="highs")
        if solved.status == 3:  # unbounded: the reader knows nothing
            continue
        if solved.x is None or solved.x[position[row]] < floor - _TOLERANCE:
            below.append(row)
            continue
        waiting = [other for other in waiting if solved.x[position[other]] < floor - _TOLERANCE]
    return below
