"""Aalen–Johansen against R's survfit with a factor status."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from r_reference import Reference, same

from fls_research.stats.results import StatsError
from fls_research.stats.survival import (
    aalen_johansen,
    complementary_log_log_interval,
    kaplan_meier,
    log_log_interval,
    plain_interval,
)

R = Reference("survival")
MGUS, DAY0 = R.frame("mgus"), R.frame("day0")


@pytest.mark.parametrize(("case", "cause"), [("aj_pcm", 1), ("aj_death", 2)])
def test_incidence_equals_survfit(case, cause):
    found = aalen_johansen(MGUS["etime"], MGUS["state"], censored=0, confidence=0.95, interval=log_log_interval)
    found = found[found["cause"] == cause]
    for part in ("time", "n", "estimate", "se", "lower", "upper"):
        same(found[part], R.answer(case, part))


def test_events_on_day_0_and_ties_stay_where_they_are():
    found = aalen_johansen(DAY0["time"], DAY0["state"], censored=0, confidence=0.95, interval=plain_interval)
    found = found[found["cause"] == 1]
    for part in ("time", "n", "estimate", "se", "lower", "upper"):
        same(found[part], R.answer("aj_day0", part))


def test_weights_count_patients_as_r_counts_repeated_rows():
    found = aalen_johansen(
        MGUS["etime"], MGUS["state"], censored=0, weights=MGUS["freq"], confidence=0.95, interval=log_log_interval
    )
    found = found[found["cause"] == 1]
    for part in ("time", "n", "estimate", "se", "lower", "upper"):
        same(found[part], R.answer("aj_frequency", part))


def test_late_entry_equals_survfit_with_another_but_close_variance():
    found = aalen_johansen(
        MGUS["etime"], MGUS["state"], censored=0, entry=MGUS["entry"], confidence=0.95, interval=log_log_interval
    )
    found = found[found["cause"] == 1]
    for part in ("time", "n", "estimate"):
        same(found[part], R.answer("aj_entry", part))
    # R's infinitesimal jackknife treats a patient as a whole, the delta method each step by itself.
    same(found["se"], R.answer("aj_entry", "se"), tolerance=0.01)


def test_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    aalen_johansen(DAY0["time"], DAY0["state"], censored=0, confidence=0.95, interval=plain_interval)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_with_one_cause_it_is_one_less_the_survival_curve_interval_included():
    event = (MGUS["state"] > 0).astype(int)
    incidence = aalen_johansen(
        MGUS["etime"], event, censored=0, confidence=0.95, interval=complementary_log_log_interval
    )
    curve = kaplan_meier(MGUS["etime"], event, confidence=0.95, interval=log_log_interval)
    same(incidence["estimate"], 1 - curve["estimate"])
    known = curve["estimate"] > 0
    same(incidence["se"][known], curve["se"][known], tolerance=1e-8)
    same(incidence["lower"][known], 1 - curve["upper"][known], tolerance=1e-7)


def test_a_cause_that_a_categorical_names_and_nobody_has_is_flat_at_nought():
    state = pd.Categorical(["a", "-", "a"], categories=["-", "a", "b"])
    found = aalen_johansen([1, 2, 3], state, censored="-", confidence=0.95, interval=plain_interval)
    assert found.loc[found["cause"] == "b", "estimate"].tolist() == [0, 0, 0]


def test_nothing_but_censoring_is_refused():
    with pytest.raises(StatsError, match="state holds nothing but"):
        aalen_johansen([1, 2], ["-", "-"], censored="-", confidence=0.95, interval=plain_interval)


def test_missing_state_is_refused_by_name():
    with pytest.raises(StatsError, match="state: 1 of 2"):
        aalen_johansen([1, 2], ["a", None], censored="-", confidence=0.95, interval=plain_interval)


ROWS = st.lists(
    st.tuples(st.integers(0, 10), st.sampled_from([0, 1, 2]), st.sampled_from("ab"), st.integers(1, 3)),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_merging_do_not_matter_and_states_add_up_to_one(rows, random):
    def incidence(rows, **more):
        time, state, group, _ = (list(part) for part in zip(*rows, strict=True))
        codes = pd.Categorical(state, categories=[0, 1, 2])
        return aalen_johansen(time, codes, censored=0, groups=group, confidence=0.95, interval=plain_interval, **more)

    merged = incidence(rows, weights=[row[3] for row in rows])
    single = [row for row in rows for _ in range(row[3])]
    random.shuffle(single)
    pd.testing.assert_frame_equal(merged, incidence(single))
    time, state, group, count = (list(part) for part in zip(*rows, strict=True))
    left = kaplan_meier(
        time, np.array(state) > 0, groups=group, weights=count, confidence=0.95, interval=plain_interval
    )
    total = merged.groupby(["group", "time"])["estimate"].sum().to_numpy()
    np.testing.assert_allclose(total + left["estimate"].to_numpy(), 1, atol=1e-12)
