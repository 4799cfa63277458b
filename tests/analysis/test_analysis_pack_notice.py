"""Three things to look at: which rule fires, on which row, and that it is the same each time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis.pack_notice import NOTHING, NUMBERS, RULES, SLOTS, candidates, notice, rules_in_words
from fls_research.disclosure import release_reference

FULL = pd.DataFrame({"field": ["Sex", "Date of DXA"], "proportion": [1.0, 0.95]})


def kpis(**columns) -> pd.DataFrame:
    """Three KPIs at the nation's value, which each test changes in one respect."""
    usual = {
        "kpi": ["kpi4", "kpi6", "kpi9"], "number": [4, 6, 9], "title": ["Assessed", "Falls", "Followed up"],
        "colour": "Amber", "value": 0.7, "lower": 0.65, "upper": 0.85, "aim": 0.8, "nation": 0.7, "before": 0.7,
        "difference": 0.0, "moved": "",
    }  # fmt: skip
    return pd.DataFrame({**usual, **columns})


def picked(rows, fields=FULL):
    found = notice(rows, fields)
    return dict(zip(found["slot"], zip(found["rule"], found["kpi"], strict=True), strict=True))


def test_where_nothing_is_beyond_chance_each_slot_says_so() -> None:
    found = notice(kpis(), FULL)
    assert found["rule"].tolist() == ["", "", ""]
    assert found["says"].tolist() == [NOTHING[slot] for slot in SLOTS]


def test_the_one_furthest_below_the_nation_comes_before_the_one_furthest_below_its_aim() -> None:
    rows = kpis(value=[0.2, 0.5, 0.1], upper=[0.25, 0.55, 0.15], nation=[0.21, 0.7, 0.12])
    assert picked(rows)["improve"] == ("below-nation", "kpi6")


def test_below_the_aim_alone_is_named_where_none_is_below_the_nation() -> None:
    rows = kpis(value=[0.6, 0.5, 0.7], upper=[0.65, 0.55, 0.75], nation=0.4)
    assert picked(rows)["improve"] == ("below-aim", "kpi6")


def test_a_gap_that_chance_could_make_is_none() -> None:
    assert picked(kpis(value=0.3, upper=0.9))["improve"] == ("", "")


def test_the_largest_fall_is_taken_before_an_incomplete_field() -> None:
    rows = kpis(difference=[-0.1, -0.3, 0.0], moved=["fell", "fell", ""])
    short = pd.DataFrame({"field": ["Sex"], "proportion": [0.1]})
    assert picked(rows, short)["check"] == ("fell", "kpi6")
    assert picked(kpis(), short)["check"] == ("incomplete", "")


@pytest.mark.parametrize(("share", "rule"), [(0.799, "incomplete"), (0.8, "")])
def test_a_field_is_incomplete_below_eighty_percent(share, rule) -> None:
    assert picked(kpis(), pd.DataFrame({"field": ["Sex"], "proportion": [share]}))["check"][0] == rule


def test_worth_sharing_is_above_the_nation_and_green() -> None:
    rows = kpis(value=[0.95, 0.9, 0.7], lower=[0.9, 0.86, 0.65], colour=["Amber", "Green", "Amber"])
    assert picked(rows)["share"] == ("above-nation", "kpi6")


def test_of_equals_the_first_kpi_is_taken() -> None:
    rows = kpis(value=0.2, upper=0.25)
    assert picked(rows)["improve"] == ("below-nation", "kpi4")
    assert notice(rows, FULL).equals(notice(rows, FULL))


def test_a_kpi_is_named_once() -> None:
    rows = kpis(
        value=[0.2, 0.7, 0.7], upper=[0.25, 0.85, 0.85], difference=[-0.5, -0.1, 0.0], moved=["fell", "fell", ""]
    )
    found = picked(rows)
    assert (found["improve"][1], found["check"][1]) == ("kpi4", "kpi6")


def test_values_that_are_not_there_fire_no_rule() -> None:
    rows = kpis(value=np.nan, lower=np.nan, upper=np.nan, difference=np.nan, moved="", colour="")
    assert set(picked(rows, pd.DataFrame({"field": ["Sex"], "proportion": [np.nan]})).values()) == {("", "")}


def test_it_may_leave_as_a_table_that_counts_nobody() -> None:
    assert len(release_reference(notice(kpis(value=0.2, upper=0.25), FULL), numbers=NUMBERS).frame) == len(SLOTS)


def test_every_rule_is_printed() -> None:
    printed = " ".join(rules_in_words()["asks"])
    assert all(rule.asks in printed for rule in RULES)


def test_candidates_hold_value_change_and_nation_of_each_kpi() -> None:
    own = pd.DataFrame({"kpi": ["kpi4"], "number": 4, "title": "Assessed", "colour": "Red", "proportion": 0.4,
                        "lower": 0.3, "upper": 0.5, "target": 0.8})  # fmt: skip
    changed = pd.DataFrame({"kpi": ["kpi4"], "before": [0.6], "difference": [-0.2], "beyond_chance": ["fell"]})
    found = candidates(own, changed=changed, nation=pd.DataFrame({"kpi": ["kpi4"], "proportion": [0.69]}))
    assert found[["value", "aim", "nation", "before", "moved"]].values.tolist() == [[0.4, 0.8, 0.69, 0.6, "fell"]]
