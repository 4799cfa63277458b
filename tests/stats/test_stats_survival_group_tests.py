"""Log-rank against R's survdiff, Gray's test against cmprsk."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from r_reference import Reference, same

from fls_research.stats.results import StatsError
from fls_research.stats.survival import gray_test, log_rank

R = Reference("survival")
LUNG, MGUS = R.frame("lung"), R.frame("mgus")


@pytest.mark.parametrize(
    ("case", "group", "strata", "df"),
    [
        ("log_rank_two", "sex", None, 1),
        ("log_rank_many", "ph.ecog", None, 3),
        ("log_rank_stratified", "sex", "ph.ecog", 1),
    ],
)
def test_log_rank_equals_survdiff(case, group, strata, df):
    found = log_rank(LUNG["week"], LUNG["event"], LUNG[group], strata=None if strata is None else LUNG[strata])
    same(found.statistic, R.answer(case, "statistic"))
    same(found.table["observed"], R.answer(case, "observed"))
    same(found.table["expected"], R.answer(case, "expected"))
    assert found.df == df


@pytest.mark.parametrize(
    ("case", "group", "strata"),
    [("gray_two", "male", None), ("gray_four", "four", None), ("gray_stratified", "male", "old")],
)
@pytest.mark.parametrize("cause", [1, 2])
def test_gray_equals_cuminc(case, group, strata, cause):
    data = MGUS.assign(four=MGUS["male"] * 2 + MGUS["old"])
    strata = None if strata is None else data[strata]
    found = gray_test(data["etime"], data["state"], data[group], cause=cause, censored=0, strata=strata)
    same(found.statistic, R.answer(case, "statistic")[cause - 1])
    same(found.p_value, R.answer(case, "p")[cause - 1], tolerance=1e-6)
    assert found.df == R.answer(case, "df")[cause - 1]


def test_gray_without_competing_events_or_censoring_agrees_with_its_own_stratum_of_one():
    rows = MGUS[MGUS["state"] == 1]
    plain = gray_test(rows["etime"], rows["state"], rows["male"], cause=1, censored=0)
    stratified = gray_test(rows["etime"], rows["state"], rows["male"], cause=1, censored=0, strata=["one"] * len(rows))
    assert plain.statistic == pytest.approx(stratified.statistic)


def test_one_group_or_no_event_is_refused_by_name():
    with pytest.raises(StatsError, match="groups holds one group only"):
        log_rank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(StatsError, match="event: nobody"):
        log_rank([1, 2], [0, 0], ["a", "b"])
    with pytest.raises(StatsError, match="cause 'c' does not stand in state"):
        gray_test([1, 2], ["a", "b"], [0, 1], cause="c", censored="-")


def test_groups_that_never_meet_are_refused():
    with pytest.raises(StatsError, match="groups are never at risk together"):
        log_rank([1, 1], [1, 1], ["a", "b"])


def test_a_group_of_weight_nought_is_no_group():
    with pytest.raises(StatsError, match="one group only"):
        log_rank([1, 2], [1, 1], ["a", "b"], weights=[1, 0])


def test_group_never_at_risk_while_events_happen_takes_no_degree_of_freedom():
    found = log_rank([1, 3, 4, 5, 6], [0, 1, 1, 1, 1], list("cabab"))
    assert found.df == 1


ROWS = st.lists(
    st.tuples(st.integers(0, 8), st.sampled_from([0, 1, 2]), st.sampled_from("abc"), st.integers(1, 3)),
    min_size=6,
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_and_merging_into_weights_do_not_matter(rows, random):
    rows = [*rows, (1, 1, "a", 1), (2, 2, "b", 1), (9, 1, "c", 1)]
    single = [row for row in rows for _ in range(row[3])]
    random.shuffle(single)

    def columns(rows):
        return (np.array(part) for part in zip(*rows, strict=True))

    time, state, group, count = columns(rows)
    other_time, other_state, other_group, _ = columns(single)
    same(
        log_rank(time, state == 1, group, weights=count).statistic,
        log_rank(other_time, other_state == 1, other_group).statistic,
        tolerance=1e-7,
    )
    try:
        merged = gray_test(time, state, group, cause=1, censored=0, weights=count).statistic
    except StatsError as refused:
        with pytest.raises(StatsError, match=re.escape(str(refused))):
            gray_test(other_time, other_state, other_group, cause=1, censored=0)
    else:
        same(merged, gray_test(other_time, other_state, other_group, cause=1, censored=0).statistic, tolerance=1e-6)


def test_gray_where_one_group_is_left_alone_equals_the_calculation_by_hand():
    # Without censoring or other causes. Scores of the first group: day 1 (2 and 2 at risk) 1 - 1/2; day 2 (1 and 2,
    # weighed 1/S- = 2 and 1, so F- = 1/2 takes them to 1 and 2) 1 - 1/3; together 7/6. Days 3 and 4 compare nothing,
    # though the pooled F, 1/4 a day by then and 1/2 on day 3, reaches 1. Variance: each of the two days and groups
    # weighs 1/8; on day 2 the effects are 1 and -1; on day 1 with 1/3 = (1/4)/(1 - 1/4) to come they are
    # 1 + (1 - (3/4)/(1/2))/3 = 5/6 and -(1 + (1 - 3/4)/3) = -13/12.
    found = gray_test([1, 2, 3, 4], [1, 1, 1, 1], list("aabb"), cause=1, censored=0)
    same(found.table["observed"] - found.table["expected"], [7 / 6, -7 / 6])
    same(found.statistic, (7 / 6) ** 2 / (((5 / 6) ** 2 + (13 / 12) ** 2 + 2) / 8))
    assert found.df == 1


def test_what_the_last_group_does_alone_changes_nothing_in_gray():
    short = gray_test([1, 2, 3, 4], [1, 1, 0, 0], list("aabb"), cause=1, censored=0)
    same(short.statistic, gray_test([1, 2, 3, 4], [1, 1, 1, 1], list("aabb"), cause=1, censored=0).statistic)


def test_gray_with_a_pooled_incidence_of_one_while_groups_are_compared_is_refused():
    time, group = [*[1] * 8, 2, 3, 4, 5, 6, 7], [*"a" * 8, *"bcbcbc"]
    with pytest.raises(StatsError, match="pooled incidence reaches 1"):
        gray_test(time, [1] * len(time), group, cause=1, censored=0)


def test_gray_with_more_ties_than_its_correction_bears_is_refused():
    time, state, count = [0, 0, 1, 1, 2, 9], [0, 1, 1, 1, 1, 1], [3, 2, 6, 1, 1, 1]
    with pytest.raises(StatsError, match="variance of Gray's test is below nought"):
        gray_test(time, state, list("acbabc"), cause=1, censored=0, weights=count)
