"""Proportions, rates, differences and ratios against R, PHEindicatormethods and the papers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import case, frame, r_answers, same

from fls_research.errors import FlsError
from fls_research.stats.proportions import (
    byar_interval,
    clopper_pearson_interval,
    clopper_pearson_proportion,
    clustered_proportion,
    count_interval,
    exact_poisson_interval,
    katz_ratio,
    koopman_ratio,
    newcombe_difference,
    poisson_rate,
    student_mean,
    wilson_interval,
    wilson_proportion,
)
from fls_research.stats.results import StatsError

CONFIDENCE = {"95%": 0.95, "99.8%": 0.998}
counts = st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_wilson_and_byar_equal_phe_unit_functions():
    expected = frame(case("P01_byars_wilson")["expected"])
    for row in expected.itertuples():
        if row.method == "Wilson":
            interval = wilson_interval(row.x, row.n, confidence=CONFIDENCE[row.confidence])
        else:
            interval = byar_interval(row.x, confidence=CONFIDENCE[row.confidence])
        same(interval, [row.lowercl, row.uppercl])


@pytest.mark.parametrize("table", ["ungrouped", "grouped"])
def test_wilson_proportions_equal_phe_proportion(table):
    expected = frame(case("P02_proportion")["expected"][table])
    limits = {0.95: ("lower95_0cl", "upper95_0cl"), 0.998: ("lower99_8cl", "upper99_8cl")}
    limits = limits if table == "ungrouped" else {0.95: ("lowercl", "uppercl")}
    for confidence, columns in limits.items():
        found = wilson_proportion(expected["Numerator"], expected["Denominator"], confidence=confidence)
        same(found.estimate * expected["multiplier"], expected["value"], rtol=1e-9)
        for ours, theirs in zip((found.lower, found.upper), columns, strict=True):
            same(ours * expected["multiplier"], expected[theirs], rtol=1e-9)


@pytest.mark.parametrize("table", ["ungrouped", "grouped"])
def test_rates_equal_phe_rate_exact_below_ten(table):
    expected = frame(case("P03_rate")["expected"][table])
    limits = {0.95: ("lower95_0cl", "upper95_0cl"), 0.998: ("lower99_8cl", "upper99_8cl")}
    limits = limits if table == "ungrouped" else {0.95: ("lowercl", "uppercl")}
    for confidence, columns in limits.items():
        found = poisson_rate(expected["Numerator"], expected["Denominator"], confidence=confidence, exact_below=10)
        same(found.estimate * expected["multiplier"], expected["value"], rtol=1e-7)
        for ours, theirs in zip((found.lower, found.upper), columns, strict=True):
            same(ours * expected["multiplier"], expected[theirs], rtol=1e-7)


def test_clopper_pearson_equals_r_binom_test():
    expected = r_answers()["clopper_pearson"]
    found = clopper_pearson_interval(expected["x"], expected["n"], confidence=0.95)
    same(found.lower, expected["lower"], atol=1e-12)
    same(found.upper, expected["upper"])


def test_wilson_equals_r_prop_test_without_correction():
    expected = r_answers()["wilson_998"]
    found = wilson_interval(expected["x"], expected["n"], confidence=0.998)
    same(found.lower, expected["lower"], atol=1e-12)
    same(found.upper, expected["upper"])


def test_exact_poisson_equals_r_poisson_test():
    expected = r_answers()["poisson_exact"]
    found = exact_poisson_interval(expected["x"], confidence=0.95)
    same(found.lower, expected["lower"])
    same(found.upper, expected["upper"])


# Newcombe RG (1998), Stat Med 17:873–890, table II, method 10, cases (a) to (h), printed to four decimals.
@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "lower", "upper"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0000),
        (10, 10, 0, 10, 0.6075, 1.0000),
    ],
)
def test_newcombe_difference_equals_the_paper(x1, n1, x2, n2, lower, upper):
    found = newcombe_difference(x1, n1, x2, n2, confidence=0.95)
    assert (round(found.lower, 4), round(found.upper, 4)) == (lower, upper)
    assert found.estimate == pytest.approx(x1 / n1 - x2 / n2)


def test_katz_ratio_equals_r_riskratio_wald():
    expected = r_answers()["katz"]
    found = katz_ratio(*expected["input"], confidence=0.95, added=0)
    same([found.estimate, found.lower, found.upper], [expected["estimate"], expected["lower"], expected["upper"]])


def test_katz_without_events_has_no_interval_until_half_an_event_is_added():
    bare = katz_ratio(0, 20, 5, 20, confidence=0.95, added=0)
    assert bare.estimate == 0 and np.isnan(bare.lower) and np.isnan(bare.upper)
    walter = katz_ratio(0, 20, 5, 20, confidence=0.95, added=0.5)
    assert walter.estimate == pytest.approx((0.5 / 20.5) / (5.5 / 20.5))
    assert 0 < walter.lower < walter.estimate < walter.upper < np.inf


def test_koopman_ratio_equals_the_paper():
    # Koopman PAR (1984), Biometrics 40:513–517: 36 of 40 and 16 of 80.
    found = koopman_ratio(36, 40, 16, 80, confidence=0.95)
    assert (round(found.lower, 2), round(found.upper, 2)) == (2.94, 7.15)


def test_koopman_ratio_answers_where_a_group_has_no_events():
    found = koopman_ratio([0, 5, 0], [10, 10, 10], [5, 0, 0], [10, 10, 10], confidence=0.95)
    same(found.estimate, [0, np.inf, np.nan])
    assert found.lower[0] == 0 and found.upper[1] == np.inf
    assert 0 < found.upper[0] < 1 < found.lower[1]
    assert (found.lower[2], found.upper[2]) == (0, np.inf)


@given(counts, counts)
@settings(max_examples=60, deadline=None)
def test_koopman_of_swapped_groups_is_the_inverse(first, other):
    forward = koopman_ratio(*first, *other, confidence=0.95)
    backward = koopman_ratio(*other, *first, confidence=0.95)
    with np.errstate(divide="ignore"):
        same([forward.lower, forward.upper], [1 / np.float64(backward.upper), 1 / np.float64(backward.lower)])


def test_clustered_proportion_equals_r_survey():
    expected = r_answers()["clustered"]
    found = clustered_proportion(expected["x"], expected["n"], expected["cluster"], confidence=0.95)
    same(
        [found.estimate, found.se, found.design_effect, found.lower, found.upper],
        [expected[name] for name in ("estimate", "se", "design_effect", "lower", "upper")],
    )
    assert found.clusters == 6


@given(st.lists(st.tuples(counts, st.sampled_from("abcd")), min_size=4, max_size=12), st.randoms())
@settings(max_examples=50, deadline=None)
def test_clustered_proportion_does_not_mind_the_order_or_cutting_of_rows(rows, random):
    rows = [*rows, ((3, 5), "a"), ((1, 5), "b")]
    shuffled = random.sample(rows, len(rows))
    halved = [((x / 2, n / 2), key) for (x, n), key in rows for _ in range(2)]
    answers = []
    for version in (rows, shuffled, halved):
        found = clustered_proportion(
            [x for (x, _), _ in version], [n for (_, n), _ in version], [key for _, key in version], confidence=0.9
        )
        answers.append([found.estimate, found.lower, found.upper, found.se])
    same(answers[1], answers[0], rtol=1e-9, atol=1e-12)
    same(answers[2], answers[0], rtol=1e-9, atol=1e-12)


def test_clustered_proportion_of_all_or_none_has_no_interval():
    found = clustered_proportion([5, 6], [5, 6], ["a", "b"], confidence=0.95)
    assert found.estimate == 1 and np.isnan(found.lower) and np.isnan(found.design_effect)


def test_mean_equals_phe_mean_and_r_t_test():
    values, expected = frame(case("P07_mean")["input"]), frame(case("P07_mean")["expected"])
    for row in expected.itertuples():
        sample = values["values"] if row.area == "No grouping" else values.loc[values["area"] == row.area, "values"]
        for confidence, lower, upper in (
            (0.95, row.lower95_0cl, row.upper95_0cl),
            (0.998, row.lower99_8cl, row.upper99_8cl),
        ):
            found = student_mean(sample, confidence=confidence)
            same([found.estimate, found.lower, found.upper, found.n], [row.value, lower, upper, row.value_count], 1e-7)
    r = r_answers()["mean"]
    found = student_mean(r["x"], confidence=0.95)
    same([found.lower, found.upper], [r["lower"], r["upper"]])


def test_one_value_has_a_mean_without_interval():
    found = student_mean([4.0, None], confidence=0.95)
    assert found.estimate == 4 and np.isnan(found.lower) and found.n == 1


@given(counts, st.sampled_from([0.8, 0.95, 0.998]))
@settings(max_examples=80, deadline=None)
def test_intervals_hold_the_proportion_and_stay_on_the_scale(count, confidence):
    x, n = count
    for method in (wilson_interval, clopper_pearson_interval):
        interval = method(x, n, confidence=confidence)
        if n == 0:
            assert np.isnan(interval.lower) and np.isnan(interval.upper)
        else:
            assert 0 <= interval.lower <= x / n <= interval.upper <= 1
            mirrored = method(n - x, n, confidence=confidence)
            same(interval.lower, 1 - mirrored.upper, atol=1e-12)


def test_none_and_all_end_exactly_at_the_ends_of_the_scale():
    assert wilson_interval(0, 10, confidence=0.95).lower == 0.0
    assert wilson_interval(10, 10, confidence=0.95).upper == 1.0
    assert clopper_pearson_interval(0, 10, confidence=0.95).lower == 0.0


def test_scalars_give_plain_floats_and_columns_give_arrays():
    scalar = wilson_interval(1, 2, confidence=0.95)
    assert type(scalar.lower) is float and type(scalar.upper) is float
    column = wilson_interval(pd.Series([1, None], dtype="Int64"), pd.Series([2, 2]), confidence=0.95)
    assert np.isnan(column.lower[1]) and column.lower[0] == scalar.lower


def test_byar_below_zero_is_missing_and_the_exact_form_answers():
    assert np.isnan(byar_interval(1, confidence=0.998).lower)
    assert count_interval(1, confidence=0.998, exact_below=10).lower > 0
    assert byar_interval(0, confidence=0.95).lower == 0


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: wilson_interval(-1, 10, confidence=0.95), "successes"),
        (lambda: wilson_interval(1, -10, confidence=0.95), "trials"),
        (lambda: wilson_interval(11, 10, confidence=0.95), "successes must not exceed trials"),
        (lambda: wilson_interval("many", 10, confidence=0.95), "successes"),
        (lambda: wilson_interval([1, 2], [3, 4, 5], confidence=0.95), "successes .2,., trials .3,."),
        (lambda: wilson_interval(1, 10, confidence=95), "confidence"),
        (lambda: clopper_pearson_proportion(1, np.inf, confidence=0.95), "trials"),
        (lambda: newcombe_difference(1, 2, 3, 2, confidence=0.95), "other_successes must not exceed other_trials"),
        (lambda: katz_ratio(1, 2, 1, 2, confidence=0.95, added=-1), "added"),
        (lambda: poisson_rate(1, 0, confidence=0.95, exact_below=10), "exposure"),
        (lambda: byar_interval(-1, confidence=0.95), "events"),
        (lambda: clustered_proportion([1, 2], [2, 2], ["a", "a"], confidence=0.95), "clusters"),
        (lambda: clustered_proportion([1, 2], [2, 2], ["a", None], confidence=0.95), "clusters"),
        (lambda: clustered_proportion([1, 2], [2, 2], ["a"], confidence=0.95), "clusters"),
        (lambda: clustered_proportion([1, None], [2, 2], ["a", "b"], confidence=0.95), "successes"),
        (lambda: student_mean([None, None], confidence=0.95), "values"),
    ],
)
def test_impossible_numbers_are_refused_by_name(call, named):
    with pytest.raises(StatsError, match=named) as refusal:
        call()
    assert isinstance(refusal.value, ValueError) and isinstance(refusal.value, FlsError)


def test_frame_has_the_tidy_columns():
    tidy = wilson_proportion([5, 50], [100, 100], confidence=0.95).frame()
    assert list(tidy.columns) == ["estimate", "lower", "upper", "se", "n", "events", "method"]
    assert tidy["events"].tolist() == [5, 50] and tidy["method"].unique().tolist() == ["Wilson"]
