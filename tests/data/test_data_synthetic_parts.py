"""The small parts of the generator: levels, times, answers, effects, completeness."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from fls_research.data.synthetic.answers import Answers, pick
from fls_research.data.synthetic.completeness import good_next_year, pin_at_four_fifths
from fls_research.data.synthetic.effects import IMD_SHAPE, PLANTED, linear_predictor
from fls_research.data.synthetic.levels import CUTS, along, intercepts, ranks_within, shifted_to
from fls_research.data.synthetic.performance import SPREADS, spread_of
from fls_research.data.synthetic.times import dates_after, days_of_visit, days_to_event


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(5))


def test_shift_reaches_the_weighted_target_and_keeps_the_sides_of_the_cuts():
    level = np.linspace(0.05, 0.95, 40)
    weight = np.linspace(1, 3, 40)
    moved = shifted_to(level, weight=weight, target=0.5, keep_sides=True)
    assert np.average(moved, weights=weight) == pytest.approx(0.5, abs=1e-6)
    for cut in CUTS:
        assert ((moved >= cut) == (level >= cut)).all()


def test_shift_leaves_a_service_that_does_nothing_at_nothing():
    moved = shifted_to(np.array([0.0, 0.4]), weight=np.ones(2), target=0.3, keep_sides=False)
    assert moved[0] == 0 and moved[1] == pytest.approx(0.6, abs=1e-6)


def test_intercepts_reach_the_target_of_every_group_whoever_is_in_it():
    random = rng()
    group = random.integers(0, 30, 20_000)
    linear = random.normal(0, 1.5, 20_000)
    target = np.linspace(0.02, 0.98, 30)
    start = intercepts(linear, group, target)
    chance = expit(start[group] + linear)
    reached = np.bincount(group, weights=chance) / np.bincount(group)
    assert np.allclose(reached, target, atol=1e-6)


def test_ranks_are_within_their_group():
    assert ranks_within(np.array([5.0, 1, 9, 7]), np.array([0, 0, 1, 1])).tolist() == [0.75, 0.25, 0.75, 0.25]


def test_spreads_rise_from_rank_0_to_1():
    for spread in SPREADS:
        for knots in filter(None, (spread.every, spread.good, spread.other)):
            ranks, levels = zip(*knots, strict=True)
            assert ranks[0] == 0 and ranks[-1] == 1
            assert list(ranks) == sorted(ranks) and list(levels) == sorted(levels), spread.kpi
    assert along(spread_of("kpi6", 2024).every, np.array([1.0])).tolist() == [1.0]


@pytest.mark.parametrize("chance", [0.02, 0.3, 0.95])
def test_share_of_events_within_the_window_is_the_chance(chance):
    days = days_to_event(np.full(40_000, chance), window=90, sigma=0.8, never=0.4, last=400, rng=rng())
    assert (days <= 90).mean() == pytest.approx(chance, abs=0.01)
    assert np.nanmin(days) >= 0 and np.nanmax(days) <= 400


def test_events_with_no_chance_never_come():
    days = days_to_event(np.zeros(500), window=90, sigma=0.8, never=0.4, last=400, rng=rng())
    assert np.isnan(days).all()


def test_windows_that_heaping_could_cross_are_refused():
    with pytest.raises(ValueError, match="weeks"):
        days_to_event(np.ones(1), window=100, sigma=1, never=0, last=400, rng=rng())
    with pytest.raises(ValueError, match="weeks"):
        days_of_visit(1, first=1, last=100, shape=(1, 1), rng=rng())


def test_events_end_with_death_and_with_the_lock():
    index = np.array(["2024-01-01"] * 4, dtype="datetime64[ns]")
    days, death = np.array([10.0, 10, 10, 300]), np.array([np.nan, 10, 11, np.nan])
    dates = dates_after(index, days, death_days=death, data_lock=dt.date(2024, 6, 30))
    assert np.isnat(dates).tolist() == [False, True, False, True]


def test_later_answers_replace_earlier_ones_and_unknown_codes_are_refused():
    answers = Answers("dxa", 2).where(np.array([True, True]), "ordered").where(np.array([False, True]), "recommended")
    assert answers.categorical().tolist() == ["ordered", "recommended"]
    with pytest.raises(ValueError):
        answers.where(np.array([True, True]), "perhaps")


def test_picks_follow_the_shares():
    assert np.bincount(pick(rng(), 50_000, [1, 3])) / 50_000 == pytest.approx([0.25, 0.75], abs=0.01)


def test_effects_add_up_and_hold_only_in_their_years():
    def one(**answers) -> float:
        base = {"data_year": 2022, "imd_decile": 1, "sex": "female", "age": 60, "care_home": "no"}
        return float(linear_predictor("kpi7", pd.DataFrame([{**base, **answers}]))[0])

    planted = {(e.characteristic, e.from_year): e.log_odds for e in PLANTED if e.kpi == "kpi7"}
    assert one() == 0
    assert one(imd_decile=10) == pytest.approx(planted["imd", 2016])
    assert one(imd_decile=10, data_year=2024) == pytest.approx(planted["imd", 2024])
    assert one(imd_decile=3) == pytest.approx(planted["imd", 2016] * IMD_SHAPE[1])
    assert one(sex="male", age=75) == pytest.approx(planted["male", 2016] + planted["age_75", 2016])


def test_pinned_services_miss_exactly_a_fifth_and_others_are_left_alone():
    group = np.repeat([0, 1, 2], 100)
    missing = rng().random(300) < np.repeat([0.05, 0.6, 0.4], 100)
    pinned = np.array([True, True, False])
    result = pin_at_four_fifths(missing, group=group, pinned=pinned, may_change=np.ones(300, bool), rng=rng())
    assert np.bincount(group, weights=result)[:2].tolist() == [20, 20]
    assert (result[200:] == missing[200:]).all()


def test_next_year_is_looked_up_by_service_and_falls_back_on_the_own_year():
    plan = pd.DataFrame({"service": [1, 2, 1], "data_year": [2022, 2022, 2023], "good": [False, True, True]})
    assert good_next_year(plan).tolist() == [True, True, True]
