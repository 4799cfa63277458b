"""Pointwise intervals: ends of the scale, and that the two log-log forms mirror each other."""

import numpy as np
import pytest

from fls_research.stats.results import StatsError
from fls_research.stats.survival import complementary_log_log_interval, log_log_interval, plain_interval


def test_plain_is_cut_at_the_ends_of_the_scale():
    assert plain_interval([0.02, 0.98], [0.05, 0.05], confidence=0.95).lower[0] == 0
    assert plain_interval([0.02, 0.98], [0.05, 0.05], confidence=0.95).upper[1] == 1


def test_log_log_is_missing_at_nought_and_one():
    found = log_log_interval([0, 0.5, 1], [0, 0.1, 0], confidence=0.95)
    assert np.isnan(found.lower).tolist() == [True, False, True]


def test_complementary_form_mirrors_the_other():
    one = log_log_interval(0.7, 0.1, confidence=0.9)
    other = complementary_log_log_interval(0.3, 0.1, confidence=0.9)
    assert (1 - other.upper, 1 - other.lower) == pytest.approx((one.lower, one.upper))


@pytest.mark.parametrize("interval", [plain_interval, log_log_interval, complementary_log_log_interval])
def test_confidence_is_a_proportion(interval):
    with pytest.raises(StatsError, match="confidence"):
        interval(0.5, 0.1, confidence=95)
