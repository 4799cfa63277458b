"""Inequality measures against PHEindicatormethods, healthequal (its defects corrected), R, and identities."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import case, frame, r_answers, same

from fls_research.stats.inequality import (
    IDENTITY_LINK,
    LOG,
    LOG_LINK,
    LOGIT,
    LOGIT_LINK,
    NATURAL,
    absolute_concentration_index,
    absolute_gap,
    attributable_fraction,
    attributable_risk,
    between_group_deviation_of,
    between_group_variance,
    between_group_variance_of,
    clustered_slope_indices,
    coefficient_of_variation_of,
    concentration_index,
    counts_by_rank,
    erreygers_index,
    gap_between_and_within,
    index_of_disparity_of,
    logistic_slope_indices,
    logistic_slope_indices_of_groups,
    mean_difference_from_group_of,
    mean_difference_from_highest_of,
    mean_difference_from_mean_of,
    mean_log_deviation,
    mean_log_deviation_between_and_within,
    mean_log_deviation_of,
    quantile_groups,
    relative_gap,
    ridits,
    robust_slope_indices,
    se_from_limits,
    simulated_measure,
    simulated_slope_indices,
    slope_between_and_within,
    slope_indices,
    theil_between_and_within,
    theil_index,
    theil_index_of,
    unweighted_index_of_disparity_of,
    wagstaff_index,
)
from fls_research.stats.results import StatsError

SCALES = {0: NATURAL, 1: LOG, 2: LOGIT}
MULTIPLIERS = {"prop_x100": 100, "prop_xminus100": -100, "prop_logit_neg": -1}
PUBLISHED = ("estimate", "se", "lowerci", "upperci")
CORRECTED = ("estimate", "se", "lower", "upper")
groups_of_counts = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=3, max_size=7
)


def numbers(found):
    return np.array([found.estimate, found.se, found.lower, found.upper])


def phe_areas():
    for scenario in case("P09_sii_rii")["expected"]:
        for expected in scenario["expected"]:
            rows = frame(scenario["rows"]).query("Area == @expected['Area']").sort_values("Quantile")
            yield pytest.param(scenario, rows, expected, id=f"{scenario['name']}-{expected['Area']}")


@pytest.mark.parametrize(("scenario", "rows", "expected"), list(phe_areas()))
def test_slope_indices_equal_phe_sii(scenario, rows, expected):
    drawn_on = SCALES[scenario["value_type"]]
    transformed = "transform" in scenario["name"] or scenario["name"] == "prop_logit_neg"
    fitted_on = drawn_on if transformed else NATURAL
    multiplier = MULTIPLIERS.get(scenario["name"], 1)
    values, people = rows["Value"].to_numpy(float), rows["Population"].to_numpy(float)
    se = rows["StandardError"].to_numpy(float)
    on_fit = se if fitted_on is drawn_on else se * drawn_on.back_slope(drawn_on.there(values))
    confidence = 0.99 if scenario["confidence"] == "99" else 0.95
    found = slope_indices(values, people, on_fit, fitted_on=fitted_on, confidence=confidence)
    same(found.sii.estimate * multiplier, expected["sii"])
    same(found.rii.estimate ** np.sign(multiplier), expected["rii"])
    if expected["Intercept"] is not None:
        same(found.intercept, expected["Intercept"])
    simulated = simulated_slope_indices(
        values,
        people,
        se,
        drawn_on=drawn_on,
        fitted_on=fitted_on,
        confidence=confidence,
        draws=20_000,
        generator=np.random.default_rng(7),
    )
    same(simulated.sii.estimate, found.sii.estimate)
    if expected["sii_lowercl_1"] is None:
        return
    for answer in (found, simulated):
        # The published limits are simulated themselves: five per cent, as their own tests allow.
        sii = np.sort(np.array([answer.sii.lower, answer.sii.upper]) * multiplier)
        rii = np.sort(np.array([answer.rii.lower, answer.rii.upper]) ** np.sign(multiplier))
        same(sii, [expected["sii_lowercl_1"], expected["sii_uppercl_1"]], 0.05)
        same(rii, [expected["rii_lowercl_1"], expected["rii_uppercl_1"]], 0.05)


def test_standard_errors_come_back_from_published_limits():
    for scenario in case("P09_sii_rii")["expected"]:
        rows = frame(scenario["rows"]).dropna(subset=["LowerCL", "UpperCL", "StandardError"])
        found = se_from_limits(rows["LowerCL"], rows["UpperCL"], confidence=0.95, scale=SCALES[scenario["value_type"]])
        same(found, rows["StandardError"], 1e-4)


def test_exact_and_simulated_intervals_agree():
    values, people, se = [60.0, 64.0, 71.0, 73.0, 80.0], [100, 150, 90, 120, 110], [1.0, 1.5, 1.2, 0.8, 1.1]
    exact = slope_indices(values, people, se, fitted_on=NATURAL, confidence=0.95)
    simulated = simulated_slope_indices(
        values,
        people,
        se,
        drawn_on=NATURAL,
        fitted_on=NATURAL,
        confidence=0.95,
        draws=200_000,
        generator=np.random.default_rng(1),
    )
    for name in ("sii", "rii"):
        ours, drawn = getattr(exact, name), getattr(simulated, name)
        same([drawn.lower, drawn.upper, drawn.se], [ours.lower, ours.upper, ours.se], 0.01)


def test_the_relative_index_on_the_log_scale_is_the_slope_of_the_logarithms():
    values, people, se = np.array([2.0, 2.6, 3.1, 5.0]), [100, 150, 90, 120], [0.1, 0.15, 0.12, 0.08]
    fitted = slope_indices(values, people, se, fitted_on=LOG, confidence=0.95)
    logarithms = slope_indices(np.log(values), people, se, fitted_on=NATURAL, confidence=0.95)
    same(
        np.log([fitted.rii.estimate, fitted.rii.lower, fitted.rii.upper]),
        [logarithms.sii.estimate, logarithms.sii.lower, logarithms.sii.upper],
        1e-12,
    )


def test_delta_method_errors_on_the_logit_scale_agree_with_simulation():
    values, people, se = [0.3, 0.42, 0.5, 0.66], [100, 150, 90, 120], [0.03, 0.02, 0.04, 0.03]
    delta = slope_indices(values, people, se, fitted_on=LOGIT, confidence=0.95)
    simulated = simulated_slope_indices(
        values,
        people,
        se,
        drawn_on=LOGIT,
        fitted_on=LOGIT,
        confidence=0.95,
        draws=100_000,
        generator=np.random.default_rng(4),
    )
    same([delta.sii.se, delta.rii.se], [simulated.sii.se, simulated.rii.se], 0.01)


def test_equal_seeds_give_equal_answers_and_nothing_global_is_touched():
    arguments = dict(drawn_on=NATURAL, fitted_on=NATURAL, confidence=0.95, draws=500)
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    first, second = (
        simulated_slope_indices([1.0, 2, 4], [1, 1, 1], [1, 1, 1], **arguments, generator=np.random.default_rng(5))
        for _ in range(2)
    )
    assert (first.sii.lower, first.rii.upper) == (second.sii.lower, second.rii.upper)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_many_areas_at_once_equal_each_area_alone():
    generator = np.random.default_rng(11)
    people = generator.integers(20, 300, (3, 4, 5)).astype(float)
    met = generator.binomial(people.astype(int), 0.4)
    share = met / people
    together = slope_indices(share, people, np.sqrt(share * (1 - share) / people), fitted_on=NATURAL, confidence=0.95)
    logistic = logistic_slope_indices(met, people, confidence=0.95)
    for kpi in range(3):
        for area in range(4):
            p, n = share[kpi, area], people[kpi, area]
            alone = slope_indices(p, n, np.sqrt(p * (1 - p) / n), fitted_on=NATURAL, confidence=0.95)
            same(together.sii.upper[kpi, area], alone.sii.upper, 1e-12)
            same(together.rii.lower[kpi, area], alone.rii.lower, 1e-12)
            own = logistic_slope_indices(met[kpi, area], n, confidence=0.95)
            same(logistic.rii.upper[kpi, area], own.rii.upper, 1e-9)


@given(groups_of_counts)
@settings(max_examples=40, deadline=None)
def test_reversing_the_order_turns_the_slope_and_inverts_the_ratio(groups):
    x, n = np.array(groups, dtype=float).T
    values, se = (x + 1) / (n + 2), np.sqrt(n + 1) / (n + 2) / 4
    forward = slope_indices(values, n, se, fitted_on=LOG, confidence=0.95)
    backward = slope_indices(values[::-1], n[::-1], se[::-1], fitted_on=LOG, confidence=0.95)
    same([-backward.sii.estimate, -backward.sii.upper], [forward.sii.estimate, forward.sii.lower], 1e-8, atol=1e-10)
    same([1 / backward.rii.estimate, 1 / backward.rii.upper], [forward.rii.estimate, forward.rii.lower], 1e-8)


def test_logistic_indices_equal_r_with_population_counted_once():
    reference = case("E01_sii_rii_logit")
    rows, expected = frame(reference["input"]), reference["expected"]["correct_single_weight"]
    same(ridits(rows["y"] + rows["ny"]), rows["rank"])
    model = logistic_slope_indices(rows["y"], rows["pop"], confidence=0.95)
    same([model.sii.estimate * 100, model.rii.estimate], [expected["sii"], expected["rii"]])
    same(model.sii.se, expected["model_se_sii"])
    grouped = logistic_slope_indices_of_groups(rows["y"], rows["pop"], confidence=0.95)
    same([grouped.sii.se, grouped.rii.se / grouped.rii.estimate], [expected["se"], expected["lrii_se"]])


def test_the_linear_form_equals_weighted_least_squares_in_r():
    reference = case("E01_sii_rii_logit")
    rows, expected = frame(reference["input"]), reference["expected"]["linear_wls"]
    found = slope_indices(rows["est_pct"], rows["pop"], 1, fitted_on=NATURAL, confidence=0.95)
    same(
        [found.sii.estimate, found.intercept, found.rii.estimate],
        [expected["sii"], expected["intercept"], expected["rii_at_0_1"]],
    )


@pytest.mark.parametrize(("name", "link"), [("logit", LOGIT_LINK), ("log", LOG_LINK), ("identity", IDENTITY_LINK)])
def test_robust_and_clustered_indices_equal_r_sandwich(name, link):
    expected = r_answers()["ridit"]
    robust = robust_slope_indices(expected["y"], expected["n"], link=link, confidence=0.95)
    patients = np.ones(len(expected["outcome"]))
    clustered = clustered_slope_indices(
        expected["outcome"], patients, expected["group"], expected["cluster"], link=link, confidence=0.95
    )
    for found, answer in ((robust, "hc0"), (clustered, "cluster")):
        ours = [found.sii.estimate, found.sii.se, found.rii.estimate, found.rii.se / found.rii.estimate]
        same(ours, expected[f"{name}_{answer}"])


def test_individual_data_give_the_answer_of_their_groups():
    expected = r_answers()["ridit"]
    gathered = counts_by_rank(expected["outcome"], expected["group"], np.ones(len(expected["outcome"])))
    assert gathered["successes"].tolist() == expected["y"] and gathered["trials"].tolist() == expected["n"]
    found = logistic_slope_indices(gathered["successes"], gathered["trials"], confidence=0.95)
    same([found.sii.estimate, found.sii.se], expected["logit_model"][:2])


@given(groups_of_counts, st.randoms())
@settings(max_examples=30, deadline=None)
def test_clustered_indices_do_not_mind_order_or_cutting(groups, random):
    rows = [(x, n, rank, key) for rank, (x, n) in enumerate(groups) for key in "ab"]
    rows += [(0, 3, 0, "a"), (2, 3, 0, "c"), (1, 2, 1, "c")]
    shuffled = random.sample(rows, len(rows))
    halved = [(x / 2, n / 2, rank, key) for x, n, rank, key in rows for _ in range(2)]
    answers = []
    for version in (rows, shuffled, halved):
        x, n, rank, key = zip(*version, strict=True)
        found = clustered_slope_indices(x, n, rank, key, link=IDENTITY_LINK, confidence=0.95)
        answers.append([found.sii.estimate, found.sii.se, found.intercept])
    same(answers[1], answers[0], 1e-8, atol=1e-10)
    same(answers[2], answers[0], 1e-8, atol=1e-10)


@pytest.mark.parametrize("link", [LOGIT_LINK, LOG_LINK, IDENTITY_LINK])
@pytest.mark.parametrize(
    ("successes", "trials"),
    [
        ([0, 0, 0], [5, 5, 5]),
        ([5, 5, 5], [5, 5, 5]),
        ([1, 0, 0], [5, 0, 0]),
        ([2, np.nan, 3], [5, 5, 5]),
        ([0] * 3,) * 2,
    ],
    ids=["no events", "all events", "one group", "missing", "nobody"],
)
def test_what_has_no_slope_is_missing(link, successes, trials):
    found = robust_slope_indices(successes, trials, link=link, confidence=0.95)
    assert np.isnan([found.sii.estimate, found.sii.se, found.rii.estimate]).all()


def test_separated_groups_have_no_logistic_slope_and_a_neighbouring_area_keeps_its_own():
    found = logistic_slope_indices([[0, 0, 5], [1, 2, 4]], [[5, 5, 5], [5, 5, 5]], confidence=0.95)
    alone = logistic_slope_indices([1, 2, 4], [5, 5, 5], confidence=0.95)
    assert np.isnan(found.sii.estimate[0])
    same(found.sii.se[1], alone.sii.se, 1e-9)


def test_a_group_without_people_plays_no_part():
    with_empty = slope_indices(
        [60.0, np.nan, 65.0, 71.0], [100, 0, 100, 100], [1, np.nan, 1, 1], fitted_on=NATURAL, confidence=0.95
    )
    without = slope_indices([60.0, 65.0, 71.0], [100, 100, 100], [1, 1, 1], fitted_on=NATURAL, confidence=0.95)
    same([with_empty.sii.estimate, with_empty.sii.se], [without.sii.estimate, without.sii.se], 1e-12)
    logistic = logistic_slope_indices([3, 0, 6, 8], [10, 0, 10, 10], confidence=0.95)
    same(logistic.sii.se, logistic_slope_indices([3, 6, 8], [10, 10, 10], confidence=0.95).sii.se, 1e-9)


def test_a_line_that_may_start_at_zero_has_no_ratio_limits():
    found = slope_indices([0.1, 1.0, 2.0], [1, 1, 1], [1.0, 1.0, 1.0], fitted_on=NATURAL, confidence=0.95)
    assert np.isfinite(found.sii.lower) and np.isnan(found.rii.lower) and np.isnan(found.rii.upper)


def test_quantiles_equal_phe_quantile():
    for expected in case("P08_quantile")["expected"]:
        values = np.array(expected["value"], dtype=float)
        signed = np.where(expected["invert"], -values, values)
        same(quantile_groups(signed, expected["group"], quantiles=expected["nquantiles"]), expected["quantile"])


def test_a_group_smaller_than_its_quantiles_has_none():
    assert np.isnan(quantile_groups([1, 2, None], ["a", "a", "a"], quantiles=3)).all()


def test_gaps_equal_healthequal():
    given_values, expected = case("E05_simple_gap")["input"], case("E05_simple_gap")["expected"]
    arguments = (*given_values["y1"], *given_values["y2"])
    difference, ratio = absolute_gap(*arguments, confidence=0.95), relative_gap(*arguments, confidence=0.95)
    for found, name in ((difference, "d"), (ratio, "r")):
        same([found.estimate, found.se], [expected[name], expected[f"{name}_se"]], 1e-9)
        same([found.lower, found.upper], expected[f"{name}_ci"], 1e-6)


def test_a_ratio_with_nothing_has_no_limits():
    found = relative_gap([0.0, 1.0], [0.1, 0.1], 1.0, 0.1, confidence=0.95)
    assert np.isnan(found.lower[0]) and np.isfinite(found.lower[1])


def test_concentration_indices_equal_healthequal():
    rows, expected = frame(case("E02_concentration_index")["input"]), case("E02_concentration_index")["expected"]
    bounds = dict(lowest=0, highest=100, confidence=0.95)
    for found, name in (
        (absolute_concentration_index(rows["est"], rows["pop"], confidence=0.95), "aci"),
        (concentration_index(rows["est"], rows["pop"], confidence=0.95), "rci"),
        (wagstaff_index(rows["est"], rows["pop"], **bounds), "rci_wagstaff"),
        (erreygers_index(rows["est"], rows["pop"], **bounds), "rci_erreygers"),
    ):
        answer = expected[name]
        same(
            [found.estimate, found.se, found.lower, found.upper],
            [answer[key] for key in PUBLISHED],
        )


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 50)), min_size=3, max_size=8))
@settings(max_examples=50, deadline=None)
def test_erreygers_of_failure_is_that_of_success_with_its_sign_turned(groups):
    values, weights = np.array(groups).T
    bounds = dict(lowest=0, highest=1, confidence=0.95)
    success, failure = erreygers_index(values, weights, **bounds), erreygers_index(1 - values, weights, **bounds)
    same([-failure.estimate, failure.se], [success.estimate, success.se], 1e-7, atol=1e-9)


def test_two_groups_have_an_index_without_an_error_of_its_own():
    found = concentration_index([0.2, 0.6], [10, 10], confidence=0.95)
    assert found.estimate == pytest.approx(0.25) and np.isnan(found.se)


def test_attributable_measures_equal_healthequal_with_the_scale_corrected():
    rows, expected = frame(case("E03_par_paf")["input"]), case("E03_par_paf")["expected"]
    met = rows["pop"] * rows["est"] / 100
    risk = attributable_risk(met, rows["pop"], reference=4, confidence=0.95)
    fraction = attributable_fraction(met, rows["pop"], reference=4, confidence=0.95)
    for found, answer, keys in (
        (risk, expected["par"], PUBLISHED),
        (fraction, expected["paf_corrected_scale"], CORRECTED),
    ):
        same(numbers(found) * 100, [answer[key] for key in keys])


def test_attributable_risk_of_unordered_groups_takes_the_best_as_reference():
    rows, expected = frame(case("E04_nonordered_measures")["input"]), case("E04_nonordered_measures")["expected"]
    found = attributable_risk(
        rows["pop"] * rows["est"] / 100, rows["pop"], reference=int(rows["est"].argmax()), confidence=0.95
    )
    answer = expected["par_nonordered"]
    same(
        np.array([found.estimate, found.se, found.lower, found.upper]) * 100,
        [answer[key] for key in PUBLISHED],
    )


def test_attributable_measures_without_events_are_missing():
    assert np.isnan(attributable_fraction([0, 0], [5, 5], reference=0, confidence=0.95).estimate)
    reference_has_none = attributable_risk([0, 2], [5, 5], reference=0, confidence=0.95)
    assert reference_has_none.estimate == pytest.approx(-0.2) and np.isnan(reference_has_none.se)


def unordered_groups():
    rows = frame(case("E04_nonordered_measures")["input"])
    return rows, rows["est"].to_numpy(float), (rows["pop"] / rows["pop"].sum()).to_numpy()


def test_variance_and_entropies_equal_healthequal_with_the_errors_corrected():
    rows, _, _ = unordered_groups()
    expected = case("E04_nonordered_measures")["expected"]
    arguments = (rows["est"], rows["pop"], rows["se"])
    for measure, answer, times, keys in (
        (between_group_variance, expected["bgv"], 1, PUBLISHED),
        (theil_index, expected["theil_corrected_scale"], 1000, CORRECTED),
        (mean_log_deviation, expected["mld_corrected_scale"], 1000, CORRECTED),
    ):
        found = measure(*arguments, confidence=0.95)
        same(numbers(found) * times, [answer[key] for key in keys])


@pytest.mark.parametrize(
    ("measure", "name", "times"),
    [
        (between_group_deviation_of, "bgsd", 1),
        (coefficient_of_variation_of, "covar", 100),
        (index_of_disparity_of, "idisw", 100),
        (unweighted_index_of_disparity_of, "idisu", 100),
        (mean_difference_from_mean_of, "mdmw", 1),
        (mean_difference_from_highest_of, "mdbw", 1),
        (mean_difference_from_group_of(13), "mdrw", 1),
    ],
)
def test_distances_equal_healthequal(measure, name, times):
    _, values, shares = unordered_groups()
    same(measure(values, shares) * times, case("E04_nonordered_measures")["expected"][name])


def test_unweighted_distances_are_those_of_equal_shares():
    _, values, _ = unordered_groups()
    expected, equal = case("E04_nonordered_measures")["expected"], np.full(values.size, 1 / values.size)
    same(mean_difference_from_highest_of(values, equal), expected["mdbu"])
    same(mean_difference_from_group_of(13)(values, equal), expected["mdru"])


@given(st.lists(st.tuples(st.floats(0.05, 1), st.integers(1, 60)), min_size=2, max_size=8), st.randoms())
@settings(max_examples=40, deadline=None)
def test_unordered_measures_do_not_mind_order_or_cutting(groups, random):
    values, weights = np.array(groups).T
    order = random.sample(range(len(groups)), len(groups))
    for measure in (between_group_deviation_of, theil_index_of, mean_log_deviation_of, index_of_disparity_of):
        whole = measure(values, weights / weights.sum())
        same(measure(values[order], weights[order] / weights.sum()), whole, 1e-8, atol=1e-10)
        halves = np.repeat(weights / 2, 2) / weights.sum()
        same(measure(np.repeat(values, 2), halves), whole, 1e-8, atol=1e-10)


def test_simulated_error_of_the_variance_is_its_own_error():
    rows, values, shares = unordered_groups()
    drawn = simulated_measure(
        between_group_variance_of,
        rows["est"],
        rows["pop"],
        rows["se"],
        confidence=0.95,
        draws=50_000,
        generator=np.random.default_rng(2),
    )
    assert drawn.estimate == between_group_variance_of(values, shares)
    same(drawn.se, case("E04_nonordered_measures")["expected"]["bgv"]["se"], 0.02)


def test_the_gap_splits_as_kitagawa_says_and_a_service_of_one_group_is_all_between():
    # By hand: service 1 has 30/100 and 18/50, service 2 has 40/50 and 160/200.
    found = gap_between_and_within([30, 40], [100, 50], [18, 160], [50, 200], confidence=0.95)
    assert found.total.estimate == pytest.approx(70 / 150 - 178 / 250)
    assert found.within.estimate == pytest.approx((100 / 150 + 50 / 250) / 2 * (0.3 - 0.36))
    lone = gap_between_and_within([5, 8], [10, 10], [5, 0], [10, 0], confidence=0.95)
    assert lone.within.estimate == 0 and lone.between.estimate == pytest.approx(0.65 - 0.5)


@given(groups_of_counts, groups_of_counts)
@settings(max_examples=50, deadline=None)
def test_parts_of_a_gap_add_up_and_the_total_is_the_plain_gap(first, other):
    services = min(len(first), len(other))
    (x1, n1), (x2, n2) = (np.array(groups[:services], dtype=float).T for groups in (first, other))
    found = gap_between_and_within(x1, n1, x2, n2, confidence=0.95)
    same(found.within.estimate + found.between.estimate, found.total.estimate, 1e-9, atol=1e-12)
    same(found.total.estimate, x1.sum() / n1.sum() - x2.sum() / n2.sum(), 1e-9, atol=1e-12)


rows_of_services = st.lists(
    st.tuples(st.floats(0.05, 0.95), st.integers(1, 40), st.integers(1, 5), st.sampled_from("abc")),
    min_size=6,
    max_size=20,
).filter(lambda rows: len({rank for _, _, rank, _ in rows}) > 1)


@given(rows_of_services)
@settings(max_examples=50, deadline=None)
def test_parts_of_slope_and_entropy_add_up_to_the_whole(rows):
    values, weights, ranks, services = (list(column) for column in zip(*rows, strict=True))
    slope = slope_between_and_within(values, weights, ranks, services)
    table = (
        pd.DataFrame({"value": np.multiply(values, weights), "weight": weights, "rank": ranks}).groupby("rank").sum()
    )
    whole = slope_indices(table["value"] / table["weight"], table["weight"], 0, fitted_on=NATURAL, confidence=0.95)
    same(slope.total, whole.sii.estimate, 1e-8, atol=1e-10)
    shares = np.array(weights) / np.sum(weights)
    for parts, measure in (
        (theil_between_and_within, theil_index_of),
        (mean_log_deviation_between_and_within, mean_log_deviation_of),
    ):
        found = parts(values, weights, services)
        same(found.total, measure(np.array(values), shares), 1e-8, atol=1e-10)
        assert found.within >= -1e-12 and found.between >= -1e-12
        alone = parts(values, weights, ["one"] * len(values))
        assert abs(alone.between) < 1e-12
        each = parts(values, weights, range(len(values)))
        assert abs(each.within) < 1e-12


LINE = dict(fitted_on=NATURAL, confidence=0.95)
BOUNDS = dict(lowest=0, highest=1, confidence=0.95)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: slope_indices([1.0], [1], [1], **LINE), "values must hold at least two groups"),
        (lambda: slope_indices([1.0, 2], [1, -1], [1, 1], **LINE), "weights"),
        (lambda: slope_indices([1.0, 2], [1, 1], [1, -1], **LINE), "se"),
        (lambda: slope_indices([1.0, 2], [1, 1, 1], [1, 1], **LINE), "weights .3,."),
        (lambda: slope_indices([1.0, 2], [1, 1], [1, 1], fitted_on=NATURAL, confidence=95), "confidence"),
        (lambda: logistic_slope_indices([3], [5], confidence=0.95), "trials must hold at least two groups"),
        (lambda: logistic_slope_indices([6, 1], [5, 5], confidence=0.95), "successes must not exceed"),
        (
            lambda: clustered_slope_indices([1, 2], [3, 3], [1, 2], ["a", "a"], link=LOG_LINK, confidence=0.95),
            "clusters",
        ),
        (
            lambda: clustered_slope_indices([1, 2], [3, 3], [1, 1], ["a", "b"], link=LOG_LINK, confidence=0.95),
            "ranks",
        ),
        (lambda: concentration_index([1], [1], confidence=0.95), "values"),
        (lambda: erreygers_index([20, 30], [1, 1], **BOUNDS), "values must lie between"),
        (lambda: attributable_risk([1, 2], [3, 3], reference=2, confidence=0.95), "reference"),
        (lambda: attributable_risk([1], [3], reference=0, confidence=0.95), "trials"),
        (lambda: between_group_variance([1, 2], [5, 0], [1, 1], confidence=0.95), "weights"),
        (lambda: between_group_variance([1, None], [5, 5], [1, 1], confidence=0.95), "values"),
        (lambda: mean_log_deviation([1, 0], [5, 5], [1, 1], confidence=0.95), "values"),
        (lambda: theil_index([0, 0], [5, 5], [1, 1], confidence=0.95), "values are all zero"),
        (lambda: gap_between_and_within([1], [2], [0], [0], confidence=0.95), "other_trials"),
        (lambda: slope_between_and_within([1, 2], [1, 1], [1, 1], ["a", "b"]), "ranks"),
        (lambda: theil_between_and_within([-1, 2], [1, 1], ["a", "b"]), "values"),
        (lambda: counts_by_rank([2, 0], [1, 2], [1, 1]), "outcomes"),
        (lambda: quantile_groups([1, 2], ["a", "a"], quantiles=1), "quantiles"),
        (lambda: quantile_groups([1, 2], ["a", None], quantiles=2), "groups"),
        (lambda: absolute_gap(1, -1, 2, 1, confidence=0.95), "se"),
    ],
)
def test_impossible_numbers_are_refused_by_name(call, named):
    with pytest.raises(StatsError, match=named):
        call()


def test_theil_index_of_a_group_at_zero_says_why_it_has_no_error():
    found = theil_index([0, 2], [5, 5], [0.1, 0.1], confidence=0.95)
    same(found.estimate, np.log(2))
    assert np.isnan([found.se, found.lower, found.upper]).all()
    assert "no standard error, because the value of a group is zero" in found.method
    assert theil_index([1, 2], [5, 5], [0.1, 0.1], confidence=0.95).method == "Theil index"
