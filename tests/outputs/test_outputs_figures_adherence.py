"""Charts of adherence and of sensitivity: they take released tables only, and say what is held back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.disclosure import release, release_estimates
from fls_research.errors import DisclosureError
from fls_research.outputs import figures
from fls_research.outputs.figure_adherence import _lines, _written

GATE = {"policy": "hes", "level": "below national"}
STATES = ("on a drug", "not on a drug", "declined", "no longer appropriate", "died", "not known")


def released(rows, *, labels):
    frame = pd.DataFrame(rows).assign(data_year=2024, version="v.1")
    return release(frame, lane="patient_group", labels=labels, **GATE)


def states(numbers):
    rows = [{"kpi": "state-recommended", "dimension": "state", "group": STATES[0], "at": "Recommended",
             "state": STATES[0], "numerator": sum(numbers), "denominator": sum(numbers)}]  # fmt: skip
    rows += [
        {"kpi": f"state-{at}", "dimension": "state", "group": state, "at": at, "state": state, "numerator": number,
         "denominator": sum(numbers)}
        for at in ("16 weeks", "52 weeks")
        for state, number in zip(STATES, numbers, strict=True)
    ]  # fmt: skip
    return released(rows, labels=["at", "state"])


def groups():
    rows = [
        {"kpi": measure, "measure": measure, "dimension": dimension, "group": group, "numerator": number,
         "denominator": 2 * number}
        for measure in ("started", "persisting")
        for dimension, group, number in (("national", "all", 165), ("route", "oral", 100), ("route", "injected", 60),
                                         ("route", "oral or other", 5))
    ]  # fmt: skip
    return released(rows, labels=["measure"])


def risks(**changes):
    rows = [
        {"dimension": "national", "characteristic": "Everybody", "group": "all", "reference": "", "n": 300,
         "events": 90, "crude": 0.3, "adjusted": np.nan, "ratio": np.nan, "ratio_lower": np.nan, "ratio_upper": np.nan},
        {"dimension": "sex", "characteristic": "Sex", "group": "female", "reference": "female", "n": 200, "events": 50,
         "crude": 0.25, "adjusted": 0.26, "ratio": 1.0, "ratio_lower": np.nan, "ratio_upper": np.nan},
        {"dimension": "sex", "characteristic": "Sex", "group": "male", "reference": "female", "n": 100, "events": 40,
         "crude": 0.4, "adjusted": 0.39, "ratio": 1.5, "ratio_lower": 1.2, "ratio_upper": 1.9},
    ]  # fmt: skip
    estimates = ["crude", "adjusted", "ratio", "ratio_lower", "ratio_upper"]
    return release_estimates(
        pd.DataFrame(rows).assign(**changes), estimate_columns=estimates, count_columns=["n", "events"],
        labels=["dimension", "characteristic", "group", "reference"], complements=["dimension"], **GATE,
    )  # fmt: skip


def rules(rule_ids=("headline", "best-case")):
    rows = [
        {"kpi": f"kpi10-{rule}", "title": "Treatment started", "number": 10, "rule": rule, "dimension": "national",
         "group": "all", "numerator": 300 + 100 * place, "denominator": 1000}
        for place, rule in enumerate(rule_ids)
    ]  # fmt: skip
    return released(rows, labels=["title", "number", "rule"])


def imputed():
    frame = pd.DataFrame({"title": ["Treatment started"], "rule": "imputed", "estimate": 0.35, "lower": 0.3,
                          "upper": 0.41, "n": 1000})  # fmt: skip
    return release_estimates(
        frame, estimate_columns=["estimate", "lower", "upper"], count_columns=["n"], labels=["title", "rule"], **GATE
    )


NAMES = {"headline": "As published", "best-case": "Not known is met", "imputed": "Imputed"}
CHARTS = {
    "states": lambda: figures.adherence_states(states([300, 200, 60, 20, 40, 250])),
    "groups": lambda: figures.adherence_groups(
        groups(), headings={"route": "Route"}, measures={"started": "At 16\nweeks", "persisting": "Still on"}
    ),
    "lost": lambda: figures.lost_to_follow_up(risks()),
    "ranges": lambda: figures.ranges(rules(), names=NAMES, imputed=imputed()),
}
each_chart = pytest.mark.parametrize("draw", CHARTS.values(), ids=CHARTS)


@each_chart
def test_a_chart_is_a_picture_and_the_same_one_twice(draw):
    first, second = draw(), draw()
    assert first.png.startswith(b"\x89PNG") and first.png == second.png
    assert first.width_mm == 160


@pytest.mark.parametrize("draw", [
    figures.adherence_states,
    figures.lost_to_follow_up,
    lambda table: figures.adherence_groups(table, headings={}, measures={}),
    lambda table: figures.ranges(table, names=NAMES),
])  # fmt: skip
def test_a_bare_frame_is_refused(draw):
    with pytest.raises(DisclosureError, match="not released"):
        draw(pd.DataFrame({"at": ["16 weeks"], "state": ["died"], "proportion": [0.1]}))


def test_a_suppressed_state_is_drawn_without_its_size():
    table = states([300, 200, 60, 3, 40, 250])
    assert (table.frame["status"] == "suppressed").any()
    small, whole = figures.adherence_states(table), figures.adherence_states(states([300, 200, 60, 20, 40, 250]))
    assert small.png != whole.png
    hidden = table.frame.loc[table.frame["status"] == "suppressed"].iloc[0]
    assert _written(hidden) == "[c]"


def test_states_of_two_years_are_refused():
    rows = [
        {"kpi": "state-16", "dimension": "state", "group": "died", "at": "16 weeks", "state": "died", "numerator": 40,
         "denominator": 100, "data_year": year, "version": "v.1"}
        for year in (2023, 2024)
    ]  # fmt: skip
    table = release(pd.DataFrame(rows), lane="patient_group", labels=["at", "state"], **GATE)
    with pytest.raises(DisclosureError, match="one year"):
        figures.adherence_states(table)


def test_more_states_than_fills_are_refused():
    rows = [
        {"kpi": "s", "dimension": "state", "group": str(n), "at": "16 weeks", "state": str(n), "numerator": 50,
         "denominator": 350}
        for n in range(7)
    ]  # fmt: skip
    with pytest.raises(DisclosureError, match="given 7"):
        figures.adherence_states(released(rows, labels=["at", "state"]))


def test_the_lines_of_a_chart_have_headings_and_the_not_known_last():
    rows = pd.DataFrame(
        {"dimension": ["national", "sex", "sex", "sex"], "group": ["all", "not known", "male", "female"]}
    )
    told = _lines(rows, {"national": "", "sex": "Sex", "age": "Age"})
    assert [words for words, _ in told] == ["Everybody", "Sex", "Male", "Female", "Not known"]
    assert told[1][1] is None


def test_a_missing_column_is_named():
    with pytest.raises(DisclosureError, match="'measure'"):
        figures.adherence_groups(rules(), headings={}, measures={"started": "a"})


def test_a_fourth_measure_is_refused():
    with pytest.raises(DisclosureError, match="3 measures"):
        figures.adherence_groups(groups(), headings={}, measures=dict.fromkeys("abcd", ""))


def test_a_forest_without_intervals_is_drawn():
    bare = risks(ratio_lower=np.nan, ratio_upper=np.nan)
    assert figures.lost_to_follow_up(bare).png != figures.lost_to_follow_up(risks()).png


def test_a_rule_without_a_mark_is_refused_and_the_known_ones_named():
    with pytest.raises(DisclosureError, match="best-case"):
        figures.ranges(rules(), names={"best-cas": "?"})


def test_a_range_shows_only_the_rules_it_was_asked_for():
    three = rules(("headline", "best-case", "deaths"))
    two_names = {"headline": "a", "best-case": "b"}
    assert figures.ranges(three, names=two_names).png == figures.ranges(rules(), names=two_names).png
    assert figures.ranges(three, names={**two_names, "deaths": "c"}).png != figures.ranges(three, names=two_names).png
