"""Suppression never leaks by subtraction: the attacker here is written apart from the code that hides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from fls_research.disclosure.additive import Relation
from fls_research.disclosure.policies import policy
from fls_research.disclosure.suppress import primary, protect

HES, TEN = policy("hes"), policy("threshold10")
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


def _hidden(counts: list[float], relations: list[Relation], rule=HES, **more: list[float]) -> list[bool]:
    measures = {"numerator": np.array(counts, dtype=float)} | {k: np.array(v, dtype=float) for k, v in more.items()}
    return protect(primary(measures, rule), measures, relations, rule).tolist()


# What is counted in each group (their sum is published) | which groups are hidden | why
CASES = [
    ([20, 30, 50], [False, False, False], "nothing is small"),
    ([3, 30, 50], [True, True, False], "one hidden group is the total less the others: hide the next smallest"),
    ([3, 0, 20, 50], [True, False, True, False], "a zero would protect nothing"),
    ([3, 5, 20], [True, True, False], "3 and 5 add up to 8: each could be 8"),
    ([3, 2, 20], [True, True, True], "3 and 2 add up to 5: both are known to be small"),
    ([4, 0, 0], [True, False, False], "nothing is left that could protect it"),
    ([3, 9, 9, 50], [True, True, False, False], "of equal ones the first is enough"),
    ([1, 1, 1, 1, 1, 1, 1, 1], [True] * 8, "eight ones add up to 8"),
]


@pytest.mark.parametrize(("counts", "hidden", "why"), CASES, ids=[case[2] for case in CASES])
def test_one_set_of_groups(counts: list[float], hidden: list[bool], why: str) -> None:
    assert _hidden(counts, [Relation(tuple(range(len(counts))))]) == hidden


def test_zeros_are_hidden_and_protected_where_the_policy_says_so() -> None:
    everyone = [Relation((0, 1, 2))]
    assert _hidden([0, 20, 30], everyone, TEN) == [True, True, False]


def test_a_small_complement_is_protected_too() -> None:
    hidden = _hidden([97, 80, 60], [Relation((0, 1, 2))], difference=[3, 20, 40])
    assert hidden == [True, True, False]


def test_rows_that_add_up_to_nothing_need_no_protection() -> None:
    assert _hidden([3, 30], []) == [True, False]


def test_hiding_in_one_set_is_followed_into_the_other() -> None:
    #        f   m
    # north  3  40     one small number: its row and its column would each give it away,
    # south 50  60     and the two that protect it would be given away by the last
    rows_and_columns = [Relation((0, 1)), Relation((2, 3)), Relation((0, 2)), Relation((1, 3))]
    assert _hidden([3, 40, 50, 60], rows_and_columns) == [True, True, True, True]


def test_a_service_that_is_small_as_a_whole_does_not_blank_the_others() -> None:
    #        under 75  75 and over     the wholes of the first three, 7, 7 and 6, are small and so published nowhere;
    # first         4            3     the two age groups are known nationally, but each hides 10 patients of three
    # second        5            2     services: hiding the big services too would protect nobody
    # third         1            5
    # fourth       40           50
    # fifth        60           70
    services = [Relation((row, row + 1)) for row in range(0, 10, 2)]
    age_groups = [Relation(tuple(range(0, 10, 2))), Relation(tuple(range(1, 10, 2)))]
    assert _hidden([4, 3, 5, 2, 1, 5, 40, 50, 60, 70], services + age_groups) == [True] * 6 + [False] * 4


def test_a_hidden_total_does_not_undo_its_parts() -> None:
    # Region north is hidden to protect region south; its areas would give it away.
    regions, areas = Relation((0, 1)), Relation((2, 3), total=0)
    assert _hidden([30, 3, 14, 16], [regions, areas]) == [True, True, True, False]


def test_ties_do_not_hang_on_the_order_of_rows() -> None:
    counts = {"numerator": np.array([3.0, 30.0, 30.0])}
    first = protect(primary(counts, HES), counts, [Relation((0, 1, 2))], HES, order=np.array([0, 1, 2]))
    second = protect(primary(counts, HES), counts, [Relation((0, 1, 2))], HES, order=np.array([0, 2, 1]))
    assert (first.tolist(), second.tolist()) == ([True, True, False], [True, False, True])


counts_of_groups = st.lists(st.integers(0, 40), min_size=2, max_size=7)


@QUICK
@given(counts_of_groups, st.sampled_from([HES, TEN]))
def test_no_group_can_be_worked_out_from_the_total_and_the_groups_that_are_shown(counts: list[int], rule) -> None:
    hidden = _hidden(counts, [Relation(tuple(range(len(counts))))], rule)
    rest = sum(counts) - sum(count for count, gone in zip(counts, hidden, strict=True) if not gone)
    small = rule.small(counts)
    assert all(gone for gone, is_small in zip(hidden, small, strict=True) if is_small)
    if any(hidden) and rest < rule.smallest_shown:
        assert all(gone for count, gone in zip(counts, hidden, strict=True) if count > 0), "more could have been hidden"


@QUICK
@given(counts_of_groups)
def test_nothing_is_hidden_for_nothing(counts: list[int]) -> None:
    hidden = _hidden(counts, [Relation(tuple(range(len(counts))))])
    if not HES.small(counts).any():
        assert not any(hidden)
    spare = [i for i, gone in enumerate(hidden) if gone and not HES.small(counts)[i]]
    assert all(counts[i] > 0 for i in spare)


@QUICK
@given(counts_of_groups, st.randoms())
def test_the_order_of_groups_does_not_matter(counts: list[int], random) -> None:
    assume(len(set(counts)) == len(counts))
    shuffled = counts.copy()
    random.shuffle(shuffled)
    everyone = [Relation(tuple(range(len(counts))))]
    kept = dict(zip(counts, _hidden(counts, everyone), strict=True))
    assert dict(zip(shuffled, _hidden(shuffled, everyone), strict=True)) == kept


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 3, 6, 8, 9, 12, 20, 35]), min_size=9, max_size=9), st.sampled_from([HES, TEN]))
def test_no_cell_of_a_crossing_can_be_pinned_down_from_all_its_margins(cells: list[int], rule) -> None:
    true, place = np.array(cells, dtype=float), np.arange(9).reshape(3, 3)
    lines = [*place, *place.T]
    hidden = np.array(_hidden(cells, [Relation(tuple(map(int, line))) for line in lines], rule))
    # A margin that is itself small has not been published.
    known = [line for line in lines if not rule.small(true[line].sum())]
    for cell in np.flatnonzero(hidden & rule.small(true)):
        if _largest(cell, true, hidden, known) >= rule.smallest_shown:
            continue
        assert _largest(cell, true, hidden | (true > 0), known) < rule.smallest_shown, "hiding more would protect it"
        for line in (line for line in known if cell in line):
            enough = true[line][hidden[line]].sum() >= rule.smallest_shown
            assert enough or not (true[line][~hidden[line]] > 0).any(), "its own line gives it away"


def _largest(cell: int, true: np.ndarray, hidden: np.ndarray, lines: list[np.ndarray]) -> float:
    """The greatest whole number that an attacker who knows these margins must allow for."""
    if not any(cell in line for line in lines):
        return np.inf
    matrix = np.array([[float(row in line) for row in range(len(true))] for line in lines])
    totals = matrix @ true
    low, high = np.where(hidden, 0, true), np.where(hidden, np.inf, true)
    objective = np.zeros(len(true))
    objective[cell] = -1
    limits = Bounds(low, high)
    found = milp(objective, constraints=LinearConstraint(matrix, totals, totals), bounds=limits, integrality=1)
    return float(found.x[cell])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=12, max_size=12), st.sampled_from([HES, TEN]))
def test_a_crossing_is_not_blanked_for_what_blanking_cannot_protect(cells: list[int], rule) -> None:
    place = np.arange(12).reshape(6, 2)
    lines = [*place, *place.T]
    true = np.array(cells, dtype=float)
    hidden = np.array(_hidden(cells, [Relation(tuple(map(int, line))) for line in lines], rule))
    if not rule.small(true).any():
        assert not hidden.any()
    assert hidden.sum() <= 6 * rule.small(true).sum()
