"""Restricted means against R's survfit(rmean), and their contrasts."""

import numpy as np
import pytest
from r_reference import Reference, same

from fls_research.stats.results import StatsError
from fls_research.stats.survival import restricted_mean, restricted_mean_difference, restricted_mean_ratio

R = Reference("survival")
LUNG = R.frame("lung")


def means(**more):
    return restricted_mean(LUNG["week"], LUNG["event"], groups=LUNG["sex"], horizon=60, confidence=0.95, **more)


def test_mean_and_greenwood_error_equal_r():
    same(means()["estimate"], R.answer("rmst", "estimate"))
    same(means()["se"], R.answer("rmst", "se"))


def test_difference_and_ratio_follow_from_the_means_of_r():
    (one, two), (se_one, se_two) = R.answer("rmst", "estimate"), R.answer("rmst", "se")
    difference = restricted_mean_difference(means(), group=2, reference=1, confidence=0.95)
    ratio = restricted_mean_ratio(means(), group=2, reference=1, confidence=0.95)
    same([difference.estimate, difference.se], [two - one, np.hypot(se_one, se_two)])
    log_se = np.hypot(se_one / one, se_two / two)
    same([ratio.estimate, ratio.upper], [two / one, two / one * np.exp(1.959963984540054 * log_se)])
    assert difference.n == len(LUNG)


def test_mean_without_censoring_is_the_mean_of_the_times_cut_at_the_horizon():
    found = restricted_mean([1, 2, 3, 10], [1, 1, 1, 1], horizon=5, confidence=0.95)
    assert found["estimate"].item() == pytest.approx((1 + 2 + 3 + 5) / 4)
    assert found["events"].item() == 3


def test_horizon_beyond_follow_up_is_refused_by_group_unless_everybody_has_had_the_event():
    with pytest.raises(StatsError, match=r"horizon 9 lies beyond .* 'b'"):
        restricted_mean([1, 2, 3, 4], [1, 1, 1, 0], groups=list("aabb"), horizon=9, confidence=0.95)
    assert restricted_mean([1, 2], [1, 1], horizon=9, confidence=0.95)["estimate"].item() == 1.5


def test_weights_count_patients():
    found = means(weights=LUNG["freq"])
    again = LUNG.loc[LUNG.index.repeat(LUNG["freq"])]
    single = restricted_mean(again["week"], again["event"], groups=again["sex"], horizon=60, confidence=0.95)
    same(found["se"], single["se"])


def test_horizon_must_be_above_nought_and_a_group_known():
    with pytest.raises(StatsError, match="horizon must be above zero"):
        restricted_mean([1], [1], horizon=0, confidence=0.95)
    with pytest.raises(StatsError, match="reference 3"):
        restricted_mean_difference(means(), group=2, reference=3, confidence=0.95)
    with pytest.raises(StatsError, match="ratio of restricted means"):
        flat = restricted_mean([0, 0, 1, 2], [1, 1, 1, 0], groups=list("aabb"), horizon=1, confidence=0.95)
        restricted_mean_ratio(flat, group="b", reference="a", confidence=0.95)
