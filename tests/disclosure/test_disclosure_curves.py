"""Curves through the gate: exact where nothing is controlled; elsewhere no step is one patient, and no group leaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.disclosure import days_reached, release_curve, verify
from fls_research.disclosure.curves import GRID_DAYS
from fls_research.disclosure.policies import POLICIES
from fls_research.errors import DisclosureError
from fls_research.stats.survival import aalen_johansen, at_times, kaplan_meier, log_log_interval

LABELS = ["step", "dimension", "group"]
CONTROLLED = [
    ("hes", "below national"),
    ("opensafely", "national"),
    ("midpoint6", "national"),
    ("threshold10", "national"),
]


def patients(size: int, *, group: str = "all", seed: int = 1) -> pd.DataFrame:
    """One row a patient: the day of leaving and how; more leave early, and follow-up ends between day 181 and 365."""
    chance = np.random.default_rng(seed)
    seen, died = chance.exponential(60, size), chance.exponential(900, size)
    lock = chance.integers(181, 366, size)
    day = np.floor(np.minimum(np.minimum(seen, died), lock)).astype(int)
    state = np.select([day < np.minimum(lock, np.floor(died)), day < lock], ["seen", "died"], "waiting")
    return pd.DataFrame({"step": "assessment", "dimension": "sex", "group": group, "day": day, "state": state})


def counted(*frames: pd.DataFrame) -> pd.DataFrame:
    keys = [*LABELS, "day", "state"]
    return pd.concat(frames).groupby(keys).size().rename("patients").reset_index()


def released(exits: pd.DataFrame, *, policy: str = "hes", level: str = "below national", landmarks=(30, 90)):
    return release_curve(exits, censored="waiting", landmarks=landmarks, policy=policy, level=level, labels=LABELS)


def wide(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Days by state of one group."""
    return frame.pivot_table(index="day", columns="state", values=column, dropna=False)


def test_an_uncontrolled_curve_is_the_textbook_curve_of_the_patients() -> None:
    rows = patients(700)
    shown = released(counted(rows), level="national").frame
    incidence = aalen_johansen(
        rows["day"], rows["state"], censored="waiting", confidence=0.95, interval=log_log_interval
    )
    still = kaplan_meier(rows["day"], rows["state"] != "waiting", confidence=0.95, interval=log_log_interval)
    for cause in ("seen", "died"):
        mine = shown[shown["state"] == cause].set_index("day")
        read = at_times(incidence[incidence["cause"] == cause], mine.index).set_index("time")
        for ours, theirs in (("proportion", "estimate"), ("lower", "lower"), ("upper", "upper")):
            np.testing.assert_allclose(mine[ours], read[theirs], rtol=1e-12)
    waiting = shown[shown["state"] == "waiting"].set_index("day")
    np.testing.assert_allclose(waiting["proportion"], at_times(still, waiting.index)["estimate"], rtol=1e-12)
    assert waiting.index.tolist() == list(range(rows["day"].max() + 1))


def test_the_shares_of_a_day_add_up_to_everybody() -> None:
    for policy, level in [("hes", "national"), *CONTROLLED]:
        shown = released(counted(patients(900)), policy=policy, level=level).frame
        total = shown[shown["status"] == "shown"].groupby("day")["proportion"].sum(min_count=1)
        # Where nobody is at risk any more nothing is known, for any state.
        total = total.dropna()
        assert total.index.max() > 200
        np.testing.assert_allclose(total, 1.0, atol=1e-12)


def test_numbers_at_risk_and_events_so_far_are_counts_of_the_patients() -> None:
    rows = patients(300)
    at_90 = released(counted(rows), level="national").where(day=90).frame.set_index("state")
    assert (at_90["at_risk"] == (rows["day"] >= 90).sum()).all()
    assert at_90.loc["seen", "events"] == ((rows["day"] <= 90) & (rows["state"] == "seen")).sum()


@pytest.mark.parametrize(("policy", "level"), CONTROLLED)
@pytest.mark.parametrize("size", [40, 300, 4000])
def test_under_control_a_curve_moves_by_many_patients_or_not_at_all(policy: str, level: str, size: int) -> None:
    rule = POLICIES[policy]
    rows = patients(size)
    events = wide(released(counted(rows), policy=policy, level=level).frame, "events")
    shown_days = set(events.index)
    assert shown_days <= {*range(0, 372, GRID_DAYS), 30, 90}
    steps = events.dropna().diff().dropna().to_numpy()
    moved = steps[steps != 0]
    # Rounding to the nearest 5 can take 3 off the 8 patients of a step at most.
    assert (moved >= {"hes": 5, "opensafely": 5, "midpoint6": 3, "threshold10": 10}[policy]).all()
    true = rows.groupby("state")["day"].apply(np.array)
    for state in events:
        exact = np.array([(true.get(state, np.array([])) <= day).sum() for day in events.index])
        gap = np.abs(events[state].to_numpy() - exact)[events[state].notna()]
        # The last day of those still waiting also holds whoever was held back until then.
        assert (gap[:-1] <= max(rule.smallest_shown, 1) + 3).all()


@pytest.mark.parametrize(("policy", "level"), CONTROLLED)
def test_one_patient_more_or_less_is_not_seen_on_the_day(policy: str, level: str) -> None:
    """A lone patient seen between two landmarks does not move the curve."""
    base = [("seen", 5, 60), ("died", 6, 60), ("waiting", 200, 60)]
    lone = [*base, ("seen", 100, 1)]

    def frame(rows):
        return pd.DataFrame(rows, columns=["state", "day", "patients"]).assign(step="a", dimension="sex", group="all")

    with_one = released(frame(lone), policy=policy, level=level).where(state="seen").frame
    around = with_one[with_one["day"].between(98, 190)]["events"]
    if POLICIES[policy].smallest_shown:
        assert set(around.diff().dropna()) == {0.0}
    else:
        assert set(around.diff().dropna()) <= {0.0, 6.0}


def test_a_curve_ends_where_few_are_at_risk() -> None:
    rows = counted(patients(60))
    shown = released(rows).frame
    true_at_risk = shown["day"].map(lambda day: rows.loc[rows["day"] >= day, "patients"].sum())
    assert (shown.loc[true_at_risk < 8, "status"] == "suppressed").all()
    assert (shown.loc[true_at_risk >= 8, "status"] == "shown").all()
    hidden = shown[shown["status"] == "suppressed"]
    assert len(hidden) and hidden[["at_risk", "events", "proportion", "lower", "upper"]].isna().all(axis=None)


def test_a_small_group_takes_another_with_it_unless_nothing_can_be_subtracted() -> None:
    sizes = {"a": 5, "b": 200, "c": 900}
    shown = released(counted(*(patients(n, group=g, seed=n) for g, n in sizes.items()))).frame
    first = shown[shown["day"] == 0].groupby("group")["status"].first()
    assert first.to_dict() == {"a": "suppressed", "b": "suppressed", "c": "shown"}
    alone = released(counted(patients(5))).frame
    assert (alone["status"] == "suppressed").all()


def test_the_order_of_rows_does_not_matter_and_the_frame_is_left_alone() -> None:
    exits = counted(patients(200, group="a"), patients(300, group="b", seed=2))
    before = exits.copy(deep=True)
    keys = [*LABELS, "state", "day"]
    one = released(exits).frame.sort_values(keys).reset_index(drop=True)
    other = released(exits.sample(frac=1, random_state=4)).frame.sort_values(keys).reset_index(drop=True)
    pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(exits, before)


def test_a_landmark_beyond_follow_up_is_not_known() -> None:
    far = released(counted(patients(500)), level="national", landmarks=[400]).where(day=400).frame
    assert far["proportion"].isna().all()
    assert (far["status"] == "shown").all()


def test_a_group_without_an_event_has_a_flat_curve() -> None:
    rows = pd.DataFrame({"day": [100, 365], "state": "waiting", "patients": [40, 60]})
    shown = released(rows.assign(step="a", dimension="sex", group="all"), level="national").frame
    assert shown["state"].unique().tolist() == ["waiting"]
    assert shown["proportion"].eq(1).all()
    both = pd.concat([rows.assign(group="none"), rows.assign(group="some", state=["seen", "waiting"])])
    flat = released(both.assign(step="a", dimension="sex"), level="national").where(group="none", state="seen").frame
    assert flat["proportion"].eq(0).all()


def test_steps_with_other_ends_keep_to_their_own() -> None:
    exits = pd.concat([counted(patients(100)), counted(patients(100)).assign(step="dxa").replace("seen", "scanned")])
    shown = released(exits, level="national").frame
    assert set(shown.loc[shown["step"] == "dxa", "state"]) == {"scanned", "died", "waiting"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"patients": -1}, "negative"),
        ({"day": 1.5}, "whole days"),
        ({"day": -3}, "whole days"),
        ({"record_id": "x"}, "patient rows"),
        ({"age": 71}, "holds numbers"),
        ({"assessed": pd.Timestamp("2024-01-01")}, "holds dates"),
    ],
)
def test_what_is_no_table_of_exits_is_refused(change: dict, message: str) -> None:
    with pytest.raises(DisclosureError, match=message):
        released(counted(patients(50)).assign(**change))


def test_rows_counted_twice_and_places_called_national_are_refused() -> None:
    exits = counted(patients(50))
    with pytest.raises(DisclosureError, match="same step"):
        released(pd.concat([exits, exits]))
    with pytest.raises(DisclosureError, match="not national"):
        released(exits.assign(dimension="region"), level="national")
    with pytest.raises(DisclosureError, match="'group' among the labels"):
        release_curve(
            exits, censored="waiting", landmarks=[], policy="hes", level="national", labels=["step", "dimension"]
        )


def test_the_day_a_share_was_reached_is_the_first_at_or_above_it() -> None:
    rows = pd.DataFrame({"day": [3, 10, 40], "state": ["seen", "seen", "waiting"], "patients": [25, 25, 50]})
    curve = released(rows.assign(step="a", dimension="sex", group="all"), level="national")
    told = verify(days_reached(curve, shares=[0.25, 0.5, 0.51], state="seen"))
    assert told.frame["day"].fillna(-1).tolist() == [3, 10, -1]
    assert told.frame["status"].eq("shown").all()
    assert told.where(share=0.5).frame["day"].item() == 10


def test_a_share_that_a_cut_curve_may_have_reached_later_is_suppressed() -> None:
    curve = released(counted(patients(60)))
    told = days_reached(curve, shares=[0.1, 0.99], state="seen").frame
    assert told["status"].tolist() == ["shown", "suppressed"]


def test_the_day_on_which_the_very_last_patient_left_is_not_on_a_controlled_grid() -> None:
    rows = pd.DataFrame({"day": [10, 40, 153], "state": ["seen", "seen", "waiting"], "patients": [25, 25, 1]})
    exits = rows.assign(step="a", dimension="sex", group="all")
    assert released(exits).frame["day"].max() == 154
    assert released(exits, landmarks=[365]).where(day=365).frame["status"].eq("suppressed").all()
