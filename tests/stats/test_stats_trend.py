"""Run charts, control charts and their signals against qicharts2 and NHSRplotthedots."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import case, frame, same

from fls_research.stats.results import StatsError
from fls_research.stats.trend import (
    ONE_PROCESS,
    Assurance,
    Better,
    Phase,
    Signal,
    Variation,
    anhoej_limits,
    c_chart,
    individuals_chart,
    making_data_count,
    moving_range_chart,
    p_chart,
    p_prime_chart,
    point_signals,
    run_chart,
    run_charts,
    u_chart,
    u_prime_chart,
    xmr_chart,
)

COLUMNS = {
    "estimate": "y",
    "centre": "cl",
    "lower": "lcl",
    "upper": "ucl",
    "near_lower": "lcl95",
    "near_upper": "ucl95",
}
NHS_SIGNALS = {
    "Above UCL": Signal.ABOVE_LIMIT,
    "Below LCL": Signal.BELOW_LIMIT,
    "7 Point Trend (Increasing)": Signal.RISING,
    "7 Point Trend (Decreasing)": Signal.FALLING,
    "2 in 3 Above CL": Signal.TWO_OF_THREE_HIGH,
    "2 in 3 Below CL": Signal.TWO_OF_THREE_LOW,
    "7 Points Above CL": Signal.SHIFT_HIGH,
    "7 Points Below CL": Signal.SHIFT_LOW,
    "Common Cause": Signal.COMMON_CAUSE,
}
NHS_VARIATION = {
    "special_cause_improvement": Variation.IMPROVEMENT,
    "special_cause_concern": Variation.CONCERN,
    "special_cause_neutral_high": Variation.NEUTRAL_HIGH,
    "special_cause_neutral_low": Variation.NEUTRAL_LOW,
    "common_cause": Variation.COMMON_CAUSE,
}


def series_of_run_case(name):
    given_series = case("C01_runchart_anhoej")["input"]
    if name != "s1_with_na":
        return given_series[name]
    # The case puts one missing point into the first series; where it stands makes no difference.
    return [*given_series["s1"][:5], None, *given_series["s1"][5:]]


@pytest.mark.parametrize("name", ["s1", "s2", "s3", "s4", "s5", "s1_with_na"])
def test_run_charts_equal_qicharts2(name):
    expected = case("C01_runchart_anhoej")["expected"][name]
    found = run_charts(series_of_run_case(name), range(expected["n_obs"]), phases=ONE_PROCESS, trend_points=5).iloc[0]
    assert {field: found[field] for field in expected} == expected


def test_limits_of_runs_and_crossings_equal_qicharts2():
    for row in case("C01_runchart_anhoej")["expected"]["lookup"]:
        assert anhoej_limits(row["n"]) == (row["max_run"], row["min_cross"])
    assert anhoej_limits(0) == (0, 0)


@pytest.mark.parametrize(
    ("values", "longest"),
    [([1, 2, 3, 4, 5], 5), ([1, 2, 2, 3, 4], 4), ([5, 4, 3, None, 2, 9], 4), ([1], 1), ([3, 3, 3], 1)],
)
def test_a_trend_counts_points_and_steps_over_repeats_and_gaps(values, longest):
    found = run_chart(values, centre=3, trend_points=5)
    assert found.longest_trend == longest and found.trend == (longest >= 5)


def charts():
    given_counts = case("C02_shewhart_limits")["input"]
    x, n, k = (np.array(given_counts[name], dtype=float) for name in ("numerator", "denominator", "count"))
    dates = range(len(x))
    frozen = (Phase(start=None, baseline_end=11, reason="baseline of a year"),)
    return {
        "p": p_chart(x, n, dates, phases=ONE_PROCESS),
        "p_freeze12": p_chart(x, n, dates, phases=frozen),
        "pp": p_prime_chart(x, n, dates, phases=ONE_PROCESS),
        "u": u_chart(k, n / 100, dates, phases=ONE_PROCESS),
        "up": u_prime_chart(k, n / 100, dates, phases=ONE_PROCESS),
        "c": c_chart(k, dates, phases=ONE_PROCESS),
        "i": individuals_chart(100 * x / n, dates, phases=ONE_PROCESS, screen_beyond=None),
        "mr": moving_range_chart(100 * x / n, dates, phases=ONE_PROCESS),
    }


@pytest.mark.parametrize("name", ["p", "p_freeze12", "pp", "u", "up", "c", "i", "mr"])
def test_control_charts_equal_qicharts2(name):
    expected = frame(case("C02_shewhart_limits")["expected"][name]).astype(float)
    found = charts()[name]
    compared = {ours: theirs for ours, theirs in COLUMNS.items() if theirs in expected}
    if name == "mr":
        compared.pop("near_upper")
    assert len(compared) >= 3
    for ours, theirs in compared.items():
        same(found[ours], expected[theirs], 1e-10, atol=1e-12)


NHS_CASES = {
    "y1": (3.267, Better.HIGHER),
    "y1_noscreen": (None, Better.HIGHER),
    "y1_fix12": (3.267, Better.HIGHER),
    "y2_screened": (3.267, Better.HIGHER),
    "y2_unscreened": (None, Better.HIGHER),
    "y3_decrease_good": (3.267, Better.LOWER),
    "y3_neutral": (3.267, Better.NEITHER),
    "y4": (3.267, Better.HIGHER),
}


@pytest.mark.parametrize("name", NHS_CASES)
def test_xmr_limits_and_signals_equal_nhsrplotthedots(name):
    reference = case("C03_xmr_making_data_count")
    expected, values = reference["expected"][name], reference["input"][name[:2]]
    screen, better = NHS_CASES[name]
    phases = (Phase(start=None, baseline_end=11, reason="baseline"),) if name == "y1_fix12" else ONE_PROCESS
    chart = xmr_chart(values, range(len(values)), phases=phases, screen_beyond=screen)
    same(
        chart[["centre", "lower", "upper", "near_lower", "near_upper"]].iloc[0],
        [expected[key] for key in ("mean", "lpl", "upl", "near_lpl", "near_upl")],
        1e-10,
    )
    read = making_data_count(chart, better=better, target=None, shift_points=7, trend_points=7)
    assert read.points["signal"].tolist() == [NHS_SIGNALS[label] for label in expected["points"]["special_cause_type"]]
    meant = [NHS_VARIATION[label] for label in expected["points"]["point_type"]]
    assert read.points["variation"].tolist() == meant
    assert read.variation == NHS_VARIATION[expected["latest_variation"]]


@pytest.mark.parametrize(
    ("better", "target", "assurance"),
    [
        ("higher", 0, Assurance.PASSES),
        ("higher", 100, Assurance.FAILS),
        ("higher", 62, Assurance.INCONSISTENT),
        ("lower", 0, Assurance.FAILS),
        ("lower", 100, Assurance.PASSES),
        ("neither", 0, Assurance.NOT_ASKED),
        ("higher", None, Assurance.NOT_ASKED),
    ],
)
def test_assurance_compares_the_target_with_the_limits(better, target, assurance):
    values = case("C03_xmr_making_data_count")["input"]["y1"]
    chart = xmr_chart(values, range(len(values)), phases=ONE_PROCESS, screen_beyond=3.267)
    read = making_data_count(chart, better=better, target=target, shift_points=7, trend_points=7)
    assert read.assurance is assurance


def months(count):
    return pd.date_range("2023-01-01", periods=count, freq="MS")


def test_a_step_change_by_date_starts_limits_runs_and_ranges_afresh():
    values = [10, 12, 10, 12, 10, 12, 50, 52, 50, 52, 50, 52]
    step = Phase(start="2023-07-01", baseline_end="2023-10-01", reason="second clinic opened")
    chart = xmr_chart(values, months(12), phases=(*ONE_PROCESS, step), screen_beyond=None)
    assert chart["centre"].tolist() == [11.0] * 6 + [51.0] * 6
    assert np.isnan(chart["moving_range"].iloc[6])
    assert chart["baseline"].tolist() == [True] * 10 + [False] * 2
    signals = point_signals(chart, shift_points=6, trend_points=7)
    assert set(signals) == {Signal.COMMON_CAUSE}
    ranges = moving_range_chart(values, months(12), phases=(*ONE_PROCESS, step))
    assert np.isnan(ranges["estimate"].iloc[6]) and ranges["centre"].tolist() == [2.0] * 12
    runs = run_charts(values, months(12), phases=(*ONE_PROCESS, step), trend_points=5)
    assert runs["centre"].tolist() == [11.0, 51.0]
    assert runs["reason"].tolist() == ["one process throughout", "second clinic opened"]


def test_a_gap_keeps_its_row_and_no_range_reaches_across_it():
    chart = xmr_chart([10, 12, None, 20, 22], months(5), phases=ONE_PROCESS, screen_beyond=None)
    assert len(chart) == 5 and chart["moving_range"].isna().tolist() == [True, False, True, True, False]
    assert chart["upper"].iloc[2] == pytest.approx(16 + 2.66 * 2)
    read = making_data_count(chart, better="higher", target=None, shift_points=7, trend_points=7)
    assert read.points["signal"].iloc[2] is Signal.NO_VALUE
    assert p_chart([1, 0, 2], [10, 0, 10], months(3), phases=ONE_PROCESS)["estimate"].isna().tolist() == [
        False,
        True,
        False,
    ]


def test_a_shift_steps_over_a_gap_and_ends_on_the_centre():
    chart = pd.DataFrame(
        {"estimate": [6, 6, None, 6, 6, 5, 6], "phase": 1, "centre": 5.0}
        | {"lower": 0.0, "upper": 10.0, "near_lower": 1.0, "near_upper": 9.0}
    )
    found = point_signals(chart, shift_points=4, trend_points=7)
    assert (
        found.tolist()
        == [Signal.SHIFT_HIGH] * 2 + [Signal.NO_VALUE] + [Signal.SHIFT_HIGH] * 2 + [Signal.COMMON_CAUSE] * 2
    )


def test_a_repeated_value_ends_a_trend_and_the_length_is_a_setting():
    chart = pd.DataFrame(
        {"estimate": [1, 2, 3, 4, 5, 6, 6, 7], "phase": 1, "centre": 100.0}
        | {"lower": -1000.0, "upper": 1000.0, "near_lower": -900.0, "near_upper": 900.0}
    )
    six = point_signals(chart, shift_points=20, trend_points=6)
    assert six.tolist() == [Signal.RISING] * 6 + [Signal.COMMON_CAUSE] * 2
    assert set(point_signals(chart, shift_points=20, trend_points=7)) == {Signal.COMMON_CAUSE}


def test_a_turning_point_belongs_to_the_trend_it_ends():
    chart = pd.DataFrame(
        {"estimate": [1, 2, 3, 4, 3, 2, 1], "phase": 1, "centre": 100.0}
        | {"lower": -1000.0, "upper": 1000.0, "near_lower": -900.0, "near_upper": 900.0}
    )
    found = point_signals(chart, shift_points=20, trend_points=4)
    assert found.tolist() == [Signal.RISING] * 4 + [Signal.FALLING] * 3


@given(st.lists(st.integers(0, 30), min_size=4, max_size=20), st.randoms())
@settings(max_examples=40, deadline=None)
def test_the_order_of_rows_does_not_matter(values, random):
    dates = months(len(values))
    order = random.sample(range(len(values)), len(values))
    shuffled = [values[i] for i in order], dates[order]
    first = xmr_chart(values, dates, phases=ONE_PROCESS, screen_beyond=3.267)
    pd.testing.assert_frame_equal(first, xmr_chart(*shuffled, phases=ONE_PROCESS, screen_beyond=3.267))
    trials = np.full(len(values), 30)
    pd.testing.assert_frame_equal(
        p_prime_chart(values, trials, dates, phases=ONE_PROCESS),
        p_prime_chart(shuffled[0], trials, shuffled[1], phases=ONE_PROCESS),
    )


def test_a_process_that_never_moves_has_no_width_and_no_signal():
    chart = xmr_chart([5.0] * 8, range(8), phases=ONE_PROCESS, screen_beyond=3.267)
    assert (chart["lower"] == 5).all() and (chart["upper"] == 5).all()
    assert set(point_signals(chart, shift_points=7, trend_points=7)) == {Signal.COMMON_CAUSE}
    nobody = p_prime_chart([0, 0, 0], [9, 9, 9], range(3), phases=ONE_PROCESS)
    assert (nobody["upper"] == 0).all()


DATES = pd.date_range("2023-01-01", periods=4, freq="MS")


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: Phase(start=None, baseline_end=None, reason=" "), "reason"),
        (lambda: c_chart([1, 2], [1], phases=ONE_PROCESS), "dates must have one entry per point"),
        (lambda: c_chart([], [], phases=ONE_PROCESS), "dates is empty"),
        (lambda: c_chart([1, 2], [1, 1], phases=ONE_PROCESS), "dates has an entry twice"),
        (lambda: c_chart([1, 2], [1, None], phases=ONE_PROCESS), "dates has missing"),
        (lambda: c_chart([1, 2], [1, 2], phases=()), "phases is empty"),
        (
            lambda: c_chart([1] * 4, DATES, phases=(Phase(start="2023-02-01", baseline_end=None, reason="x"),)),
            "first phase starts after",
        ),
        (
            lambda: c_chart(
                [1] * 4, DATES, phases=(*ONE_PROCESS, Phase(start="2024-02-01", baseline_end=None, reason="x"))
            ),
            "within the dates",
        ),
        (
            lambda: c_chart([1] * 4, DATES, phases=(Phase(start=None, baseline_end="2022-02-01", reason="early"),)),
            "'early' has no point",
        ),
        (lambda: xmr_chart([1, None, 2], range(3), phases=ONE_PROCESS, screen_beyond=None), "two neighbouring"),
        (lambda: moving_range_chart([1], range(1), phases=ONE_PROCESS), "two neighbouring"),
        (lambda: p_chart([2], [1], range(1), phases=ONE_PROCESS), "successes must not exceed"),
        (lambda: p_chart([0, 0], [0, 0], range(2), phases=ONE_PROCESS), "trials or exposure are zero"),
        (lambda: u_chart([1], [0], range(1), phases=ONE_PROCESS), "exposure"),
        (lambda: run_chart([1, 2], centre=np.nan, trend_points=5), "centre"),
        (lambda: run_chart([1, 2], centre=1, trend_points=1), "trend_points"),
        (lambda: anhoej_limits(-1), "n_useful"),
        (lambda: point_signals(pd.DataFrame({"estimate": [1]}), shift_points=7, trend_points=7), "'phase'"),
    ],
)
def test_what_cannot_be_charted_is_refused_by_name(call, named):
    with pytest.raises(StatsError, match=named):
        call()


def test_signals_refuse_settings_that_mean_nothing():
    chart = c_chart([1, 2, 3], range(3), phases=ONE_PROCESS)
    with pytest.raises(StatsError, match="shift_points"):
        point_signals(chart, shift_points=1, trend_points=7)
    with pytest.raises(StatsError, match="better"):
        making_data_count(chart, better="up", target=None, shift_points=7, trend_points=7)
