"""Bounds on hidden counts, against tables small enough to be worked by hand."""

from __future__ import annotations

import numpy as np

from fls_research.disclosure.additive import Relation
from fls_research.disclosure.bounds import exposed


def _exposed(values: list[float], hidden: list[int], relations: list[Relation], floor: float = 8) -> list[int]:
    gone = np.isin(np.arange(len(values)), hidden)
    at_stake = gone & (np.array(values) < floor)
    return [found.row for found in exposed(np.array(values, dtype=float), gone, at_stake, relations, floor=floor)]


def test_a_lone_hidden_count_is_the_total_less_the_rest() -> None:
    assert _exposed([3, 30, 40], [0], [Relation((0, 1, 2))]) == [0]


def test_a_count_in_no_set_is_safe() -> None:
    assert _exposed([3, 30], [0], [Relation((1,))]) == []


def test_a_count_below_a_hidden_total_is_safe() -> None:
    assert _exposed([3, 30, 33], [0, 2], [Relation((0, 1), total=2)]) == []


def test_a_hidden_total_that_another_set_gives_away_protects_nothing() -> None:
    assert _exposed([3, 30, 33, 60], [0, 2], [Relation((0, 1), total=2), Relation((2, 3))]) == [0]


def test_three_hidden_cells_of_a_two_by_two_table_are_worked_out_round_the_corner() -> None:
    square = [Relation((0, 1)), Relation((2, 3)), Relation((0, 2)), Relation((1, 3))]
    assert _exposed([3, 40, 50, 60], [0, 1, 2], square) == [0]
    assert _exposed([3, 40, 50, 60], [0, 1, 2, 3], square) == []
