"""Kaplan–Meier against R's survfit, and the rules that R's answers do not show."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from r_reference import Reference, same

from fls_research.stats.results import StatsError
from fls_research.stats.survival import (
    aalen_johansen,
    at_times,
    kaplan_meier,
    log_log_interval,
    plain_interval,
    survival_quantiles,
)

R = Reference("survival")
LUNG, DAY0 = R.frame("lung"), R.frame("day0")
COLUMNS = ["time", "n", "events", "estimate", "se", "lower", "upper"]


@pytest.mark.parametrize(
    ("case", "data", "time", "interval", "more"),
    [
        ("km_log_log", LUNG, "week", log_log_interval, {}),
        ("km_plain", LUNG, "week", plain_interval, {}),
        ("km_frequency", LUNG, "week", log_log_interval, {"weights": "freq"}),
        ("km_entry", LUNG, "week", log_log_interval, {"entry": "entry"}),
        ("km_day0", DAY0, "time", plain_interval, {}),
    ],
)
def test_curve_equals_survfit(case, data, time, interval, more):
    named = {key: data[column] for key, column in more.items()}
    curve = kaplan_meier(data[time], data["event"], confidence=0.95, interval=interval, **named)
    for column in COLUMNS:
        same(curve[column], R.answer(case, column))


def test_curves_of_groups_are_the_curves_of_each_group_alone():
    both = kaplan_meier(LUNG["week"], LUNG["event"], groups=LUNG["sex"], confidence=0.9, interval=log_log_interval)
    for sex, curve in both.groupby("group"):
        part = LUNG[LUNG["sex"] == sex]
        alone = kaplan_meier(part["week"], part["event"], confidence=0.9, interval=log_log_interval)
        pd.testing.assert_frame_equal(
            curve[COLUMNS].reset_index(drop=True), alone[COLUMNS], check_exact=False, rtol=1e-12
        )


def test_quantiles_with_intervals_equal_r():
    curves = kaplan_meier(LUNG["week"], LUNG["event"], groups=LUNG["sex"], confidence=0.95, interval=log_log_interval)
    for place, probability in enumerate((0.25, 0.5)):
        found = survival_quantiles(curves, probability=probability)
        for part in ("estimate", "lower", "upper"):
            same(found[part], R.answer("km_quantile", part)[:, place])


def test_median_of_a_curve_flat_at_one_half_is_the_first_time_not_the_middle():
    curve = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1], confidence=0.95, interval=plain_interval)
    assert survival_quantiles(curve, probability=0.5)["estimate"].item() == 2


def test_quantile_that_is_never_reached_is_missing():
    curve = kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0], confidence=0.95, interval=plain_interval)
    assert np.isnan(survival_quantiles(curve, probability=0.5)["estimate"].item())


def test_censored_on_the_day_of_an_event_is_at_risk_of_it():
    curve = kaplan_meier([5, 5], [1, 0], confidence=0.95, interval=plain_interval)
    assert curve["estimate"].tolist() == [0.5]


def test_no_event_leaves_the_curve_at_one_and_all_events_bring_it_to_nought():
    none = kaplan_meier([1, 2], [0, 0], confidence=0.95, interval=plain_interval)
    everyone = kaplan_meier([1, 2], [1, 1], confidence=0.95, interval=plain_interval)
    assert none["estimate"].tolist() == [1, 1] and none["lower"].tolist() == [1, 1]
    assert everyone["estimate"].tolist() == [0.5, 0] and np.isnan(everyone["upper"].iloc[1])


@pytest.mark.parametrize("seed", range(8))
def test_fractional_weights_and_late_entry_still_end_at_exactly_nought(seed):
    rng = np.random.default_rng(seed)
    entry, weights = rng.integers(0, 10, 60), rng.random(60)
    time = entry + rng.integers(1, 10, 60)
    curve = kaplan_meier(time, np.ones(60), entry=entry, weights=weights, confidence=0.95, interval=plain_interval)
    assert curve["estimate"].iloc[-1] == 0


def test_reading_between_steps_takes_the_step_before_and_nothing_beyond_follow_up():
    curve = kaplan_meier([2, 4, 6], [1, 1, 0], confidence=0.95, interval=plain_interval)
    read = at_times(curve, [1.9, 2, 3.9, 4, 6, 6.1])
    same(read["estimate"], [1, 2 / 3, 2 / 3, 1 / 3, 1 / 3, np.nan])
    assert read["n"].tolist() == [3, 3, 2, 2, 1, 0]


def test_reading_incidence_before_the_first_step_gives_nought():
    incidence = aalen_johansen([2, 3], ["a", "b"], censored="-", confidence=0.95, interval=plain_interval)
    read = at_times(incidence, [1, 2])
    assert read.loc[read["cause"] == "a", "estimate"].tolist() == [0, 0.5]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"time": [1, None, 3]}, "time: 1 of 3"),
        ({"time": [-1, 2, 3]}, "time must not be negative"),
        ({"time": []}, "time is empty"),
        ({"time": pd.to_timedelta([1, 2, 3], unit="D")}, "time holds dates or durations"),
        ({"event": [1, 2, 0]}, "event must be"),
        ({"event": [1, None, 0]}, "event: 1 of 3"),
        ({"event": [1, 0]}, "event has 2"),
        ({"weights": [0, 0, 0]}, "weights: every weight is zero"),
        ({"weights": [1, -1, 1]}, "weights must not be negative"),
        ({"groups": ["a", None, "b"]}, "groups: 1 of 3"),
        ({"entry": [0, 2, 0]}, "entry must lie before time"),
        ({"confidence": 95}, "confidence"),
    ],
)
def test_refusals_name_the_argument(change, word):
    given_values = {"time": [1, 2, 3], "event": [1, 0, 1], "confidence": 0.95} | change
    time, event = given_values.pop("time"), given_values.pop("event")
    with pytest.raises(StatsError, match=word):
        kaplan_meier(time, event, interval=plain_interval, **given_values)


@pytest.mark.parametrize("dtype", ["bool", "boolean", "Int64", "int64[pyarrow]", "bool[pyarrow]", "float"])
def test_event_may_come_in_any_dtype(dtype):
    event = pd.Series(LUNG["event"].astype(bool)).astype(dtype)
    curve = kaplan_meier(LUNG["week"], event, confidence=0.95, interval=plain_interval)
    same(curve["estimate"], R.answer("km_plain", "estimate"))


ROWS = st.lists(
    st.tuples(st.integers(0, 12), st.booleans(), st.sampled_from("ab"), st.integers(1, 3)), min_size=1, max_size=40
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_and_merging_into_weights_do_not_matter(rows, random):
    time, event, group, count = (list(part) for part in zip(*rows, strict=True))
    merged = kaplan_meier(time, event, groups=group, weights=count, confidence=0.95, interval=plain_interval)
    single = [row[:3] for row in rows for _ in range(row[3])]
    random.shuffle(single)
    time, event, group = (list(part) for part in zip(*single, strict=True))
    spread = kaplan_meier(time, event, groups=group, confidence=0.95, interval=plain_interval)
    pd.testing.assert_frame_equal(merged, spread)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_whole_days_and_fractions_of_days_give_one_answer(rows):
    time, event, *_ = (np.array(part) for part in zip(*rows, strict=True))
    days = kaplan_meier(time, event, confidence=0.95, interval=plain_interval)
    weeks = kaplan_meier(time / 7, event, confidence=0.95, interval=plain_interval)
    pd.testing.assert_frame_equal(days.drop(columns="time"), weeks.drop(columns="time"))
