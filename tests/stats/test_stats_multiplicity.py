"""Adjusted p-values against R's p.adjust."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import r_answers, same

from fls_research.stats.multiplicity import benjamini_hochberg, holm
from fls_research.stats.results import StatsError

families = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_holm_and_benjamini_hochberg_equal_r_with_ties_and_missing():
    expected = r_answers()["p_adjust"]
    same(holm(expected["p"]), expected["holm"])
    same(benjamini_hochberg(expected["p"]), expected["bh"])


@given(families, st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_of_tests_does_not_matter(p, random):
    order = random.sample(range(len(p)), len(p))
    shuffled = np.array(p)[order]
    for adjust in (holm, benjamini_hochberg):
        same(adjust(shuffled), adjust(p)[order])


@given(families)
@settings(max_examples=60, deadline=None)
def test_adjusted_values_are_no_smaller_and_holm_is_the_stricter(p):
    assert np.all(benjamini_hochberg(p) >= np.array(p) - 1e-15)
    assert np.all(holm(p) >= benjamini_hochberg(p) - 1e-12)
    assert np.all(holm(p) <= 1)


def test_one_test_is_not_adjusted_and_none_gives_none():
    assert holm([0.04]).tolist() == [0.04]
    assert benjamini_hochberg([np.nan]).tolist() != [0.0]
    assert holm([]).size == 0


@pytest.mark.parametrize("p", [[1.2], [-0.1], [[0.1, 0.2]]])
def test_what_is_no_p_value_is_refused(p):
    with pytest.raises(StatsError, match="p_values"):
        holm(p)
