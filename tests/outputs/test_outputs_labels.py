"""Labels that do not cover one another."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fls_research.outputs.labels import spread, swarm

places = st.lists(st.floats(0, 100), min_size=1, max_size=12)


@given(places, st.floats(0.1, 8))
def test_labels_are_a_gap_apart_and_keep_their_order(wanted: list[float], gap: float) -> None:
    found = spread(wanted, gap=gap)
    order = np.argsort(wanted, kind="stable")
    assert (np.diff(found[order]) >= gap - 1e-9).all()


@given(places)
def test_labels_with_room_stay_where_they_are(wanted: list[float]) -> None:
    apart = np.arange(len(wanted)) * 10.0
    assert np.allclose(spread(apart, gap=9.9), apart)


@given(places, st.floats(1, 8))
def test_labels_stay_inside_their_bounds(wanted: list[float], gap: float) -> None:
    found = spread(wanted, gap=gap, low=0, high=50)
    assert found.min() >= -1e-9 and found.max() <= 50 + 1e-9


def test_a_crowd_is_moved_evenly_to_both_sides() -> None:
    assert spread([50, 50, 50], gap=4).tolist() == [46, 50, 54]


def test_a_missing_place_stays_missing() -> None:
    assert np.isnan(spread([np.nan, 5.0], gap=1)[0])


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_dots_of_one_bin_stand_apart_and_within_reach(values: list[float]) -> None:
    sideways = swarm(values, bin_width=2, step=0.1, most=0.4)
    assert np.abs(sideways).max() <= 0.4 + 1e-9
    bins = np.floor(np.array(values) / 2 + 0.5)
    for held in np.unique(bins):
        mine = sideways[bins == held]
        assert len(np.unique(np.round(mine, 9))) == len(mine)
