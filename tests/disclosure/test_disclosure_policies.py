"""The worked values of each policy, as its source prints them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fls_research.disclosure.policies import POLICIES, Level, lane_of, level_of, policy
from fls_research.errors import DisclosureError
from fls_research.params import PolicyName

HIDDEN = None

# policy | count | what is seen
WORKED = [
    ("hes", 0, 0),
    ("hes", 1, HIDDEN),
    ("hes", 7, HIDDEN),
    ("hes", 8, 10),
    ("hes", 12, 10),
    ("hes", 13, 15),
    ("hes", 83_461, 83_460),
    ("opensafely", 0, 0),
    ("opensafely", 7, HIDDEN),
    ("opensafely", 8, 10),
    ("opensafely", 52, 50),
    ("opensafely", 118, 120),
    ("midpoint6", 0, 0),
    ("midpoint6", 1, 3),
    ("midpoint6", 6, 3),
    ("midpoint6", 7, 9),
    ("midpoint6", 12, 9),
    ("midpoint6", 13, 15),
    ("threshold10", 0, HIDDEN),
    ("threshold10", 9, HIDDEN),
    ("threshold10", 10, 10),
    ("threshold10", 11, 11),
]


@pytest.mark.parametrize(("name", "count", "seen"), WORKED)
def test_worked_values(name: str, count: int, seen: int | None) -> None:
    rule = policy(name)
    shown = HIDDEN if rule.small([count])[0] else rule.rounded([count])[0]
    assert shown == seen


def test_every_policy_of_the_settings_has_a_record_with_a_source() -> None:
    assert set(POLICIES) == set(PolicyName)
    assert all(rule.source for rule in POLICIES.values())


@pytest.mark.parametrize("name", list(PolicyName))
def test_a_shown_number_stands_for_a_range_that_holds_the_true_one(name: PolicyName) -> None:
    rule = policy(name)
    counts = np.arange(0, 400)
    visible = counts[~rule.small(counts)]
    low, high = rule.possible(rule.rounded(visible))
    assert ((low <= visible) & (visible <= high)).all()


@pytest.mark.parametrize("name", list(PolicyName))
def test_a_range_holds_no_count_that_would_be_shown_as_another_number(name: PolicyName) -> None:
    rule = policy(name)
    for shown in np.unique(rule.rounded(np.arange(20, 200))):
        low, high = rule.possible([shown])
        assert set(rule.rounded(np.arange(low[0], high[0] + 1))) == {shown}


def test_a_missing_or_negative_number_is_not_small() -> None:
    for rule in POLICIES.values():
        assert not rule.small([math.nan, -3.0]).any()


def test_only_hes_leaves_national_numbers_alone() -> None:
    exempt = {name for name, rule in POLICIES.items() if not rule.controls(Level.NATIONAL)}
    assert exempt == {PolicyName.HES}
    assert all(rule.controls(Level.BELOW_NATIONAL) for rule in POLICIES.values())


@pytest.mark.parametrize(("reader", "word"), [(policy, "hse"), (level_of, "local"), (lane_of, "patients")])
def test_an_unknown_word_is_refused_by_name(reader, word: str) -> None:
    with pytest.raises(DisclosureError, match=f"'{word}'"):
        reader(word)


def test_a_misspelt_policy_gets_a_hint() -> None:
    with pytest.raises(DisclosureError, match="did you mean 'opensafely'"):
        policy("opensafly")
