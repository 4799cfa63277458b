"""Estimates leave with the patients behind them looked at: small rows hidden, counts rounded, nothing to subtract."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.disclosure import release_estimates, verify
from fls_research.errors import DisclosureError

ASKED = {"estimate_columns": ["gap", "p_value"], "count_columns": ["n", "events"], "labels": ["group"]}
BELOW = {"policy": "hes", "level": "below national"}


def gaps(**changes) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "group": ["a", "b", "c", "d"],
            "gap": [0.123456, -0.04321, 0.5, 0.25],
            "p_value": [0.001234, 0.4, 0.2, 0.9],
            "n": [213, 152, 61, 88],
            "events": [101, 60, 30, 44],
        }
    )
    return frame.assign(**changes)


def shown(frame: pd.DataFrame, **how) -> pd.DataFrame:
    return release_estimates(frame, **ASKED, **how).frame.set_index("group")


def test_a_national_table_leaves_exactly_as_it_is_under_hes():
    table = shown(gaps(n=[3, 152, 61, 88], events=[1, 60, 30, 44]), policy="hes", level="national")
    assert table["n"].tolist() == [3, 152, 61, 88] and table.loc["a", "gap"] == 0.123456
    assert set(table["status"]) == {"shown"}


def test_a_national_table_is_controlled_where_the_policy_says_so():
    table = shown(gaps(n=[3, 152, 61, 88], events=[1, 60, 30, 44]), policy="opensafely", level="national")
    assert table.loc["a", "status"] == "suppressed"


@pytest.mark.parametrize(
    ("n", "events"),
    [(7, 7), (50, 3), (50, 47)],
    ids=["few patients", "few with the event", "few without it"],
)
def test_a_row_that_rests_on_few_is_hidden_whole(n, events):
    table = shown(gaps(n=[n, 152, 61, 88], events=[events, 60, 30, 44]), **BELOW)
    assert table.loc["a", "status"] == "suppressed"
    assert table.loc["a"].drop("status").isna().all()
    assert table.loc["b", "status"] == "shown" and table.loc["b", "gap"] == -0.0432


def test_groups_and_references_are_each_looked_at():
    frame = gaps(n_reference=[90, 90, 90, 90], events_reference=[40, 40, 40, 86])
    asked = ASKED | {"count_columns": ["n", "events", "n_reference", "events_reference"]}
    table = release_estimates(frame, **asked, **BELOW).frame.set_index("group")
    assert table["status"].to_dict() == {"a": "shown", "b": "shown", "c": "shown", "d": "suppressed"}


def test_below_national_estimates_are_cut_and_counts_decide_unseen():
    released = release_estimates(gaps(), **ASKED, **BELOW)
    table = released.frame.set_index("group")
    assert table.loc["a", ["gap", "p_value"]].tolist() == [0.123, 0.00123]
    assert table[["n", "events"]].isna().all(axis=None)
    assert released.release.withheld == ("n", "events")


def test_counts_that_add_up_to_a_published_total_are_rounded_and_protected():
    frame = gaps(group=list("abcd"), n=[12, 152, 61, 88], events=[4, 60, 30, 44], set="all")
    asked = ASKED | {"labels": ["group", "set"]}
    table = release_estimates(frame, **asked, complements=["set"], **BELOW).frame.set_index("group")
    assert table["status"].tolist().count("suppressed") == 2, "one more is hidden, so that the total gives nothing away"
    assert table.loc["b", ["n", "events"]].tolist() == [150, 60]


def test_what_has_no_answer_is_shown_as_missing():
    table = shown(gaps(gap=[np.nan, 0.1, 0.2, 0.3]), policy="hes", level="national")
    assert np.isnan(table.loc["a", "gap"]) and table.loc["a", "status"] == "shown"


def test_the_result_is_issued_and_knows_how_it_was_released():
    released = verify(release_estimates(gaps(), **ASKED, **BELOW, synthetic=True))
    how = released.release
    assert (how.kind, how.policy.value, how.level.value, how.labels) == (
        "estimates",
        "hes",
        "below national",
        ("group",),
    )
    assert how.synthetic and released.where(group="b").frame["gap"].tolist() == [-0.0432]


def test_the_table_given_is_not_changed():
    frame = gaps()
    before = frame.copy(deep=True)
    release_estimates(frame, **ASKED, **BELOW)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"count_columns": []}, "name count_columns"),
        ({"estimate_columns": ["gap", "p_value", "n"], "count_columns": ["events"]}, "'n' counts patients"),
        ({"estimate_columns": ["gap"]}, "Column 'p_value' holds numbers"),
        ({"estimate_columns": ["gap", "p"]}, "no column 'p'"),
        ({"labels": ["group", "events"], "count_columns": ["n"]}, "'events' counts patients"),
        ({"policy": "none"}, "No disclosure policy"),
        ({"level": "local"}, "No level"),
    ],
)
def test_what_cannot_be_released_is_named(changes, message):
    with pytest.raises(DisclosureError, match=message):
        release_estimates(gaps(), **(ASKED | BELOW | changes))


def test_an_estimate_without_its_patients_is_refused_where_they_matter():
    with pytest.raises(DisclosureError, match="'n' is missing beside an estimate"):
        release_estimates(gaps(n=[np.nan, 152, 61, 88]), **ASKED, **BELOW)


def test_repeated_rows_and_regions_at_national_level_are_refused():
    with pytest.raises(DisclosureError, match="Two rows have the same group"):
        release_estimates(gaps(group="a"), **ASKED, **BELOW)
    with pytest.raises(DisclosureError, match="not national"):
        release_estimates(
            gaps().rename(columns={"group": "region"}),
            **(ASKED | {"labels": ["region"]}),
            policy="hes",
            level="national",
        )


def test_text_among_estimates_is_refused():
    with pytest.raises(DisclosureError, match="'gap' should hold estimates"):
        release_estimates(gaps(gap=["a", "b", "c", "d"]), **ASKED, **BELOW)
