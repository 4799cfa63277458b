"""Funnels, overdispersion and shrinkage against FunnelPlotR, PHEindicatormethods and R's metafor."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_cases import case, frame, r_answers, same
from scipy.stats import binom

from fls_research.stats.proportions import count_interval, wilson_interval
from fls_research.stats.results import Interval, StatsError
from fls_research.stats.variation import (
    Bands,
    arcsine_funnel,
    arcsine_scores,
    binomial_funnel,
    binomial_limits_exact,
    binomial_limits_interpolated,
    binomial_limits_normal,
    dersimonian_laird,
    empirical_bayes,
    log_count_ratio_scores,
    log_ratio_funnel,
    log_ratio_scores,
    poisson_limits_exact,
    poisson_limits_interpolated,
    poisson_limits_normal,
    pooled_target,
    ratio_limits_touching,
    shrunken_proportions,
    square_root_ratio_funnel,
    square_root_ratio_scores,
    status_against,
    truncated_dispersion,
    winsorised_dispersion,
)

BANDS = Bands(alert=0.95, alarm=0.998, fewest=1)
LIMITS = {"lower_alert": "OD95LCL", "upper_alert": "OD95UCL", "lower_alarm": "OD99LCL", "upper_alarm": "OD99UCL"}
PHE_LABELS = {
    "Low (0.001)": "alarm low",
    "Low (0.025)": "alert low",
    "Not significant": "within",
    "High (0.025)": "alert high",
    "High (0.001)": "alarm high",
    "Not applicable for events less than 10 for dsrs": "not judged",
}


def counts_of(name):
    rows = frame(case(name)["input"])
    return rows["numerator"], rows["denominator"]


def test_poisson_limits_equal_funnelplotr():
    reference = case("F01_poisson_limits")
    expected = frame(reference["expected"])
    for coverage, lower, upper in ((0.95, "ll95", "ul95"), (0.998, "ll998", "ul998")):
        found = poisson_limits_exact(reference["input"]["expected_counts"], coverage=coverage)
        same(found.lower, expected[lower], 1e-7)
        same(found.upper, expected[upper], 1e-7)


@pytest.mark.parametrize(
    ("limits", "answer", "arguments"),
    [
        (binomial_limits_interpolated, "binomial_interpolated", (0.62, 57)),
        (binomial_limits_exact, "binomial_quantile", (0.62, 57)),
        (poisson_limits_interpolated, "poisson_interpolated", (20.5,)),
    ],
)
def test_exact_limits_equal_r_quantile_functions(limits, answer, arguments):
    inner, outer = limits(*arguments, coverage=0.95), limits(*arguments, coverage=0.998)
    same([outer.lower, inner.lower, inner.upper, outer.upper], r_answers()[answer]["limit"])


@given(st.floats(0.02, 0.98), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_chance_stays_inside_exact_limits_as_often_as_promised(target, trials):
    found = binomial_limits_exact(target, trials, coverage=0.95)
    outside = binom.cdf(round(found.lower * trials) - 1, trials, target) + binom.sf(
        round(found.upper * trials), trials, target
    )
    assert outside <= 0.05 + 1e-12
    smooth = binomial_limits_interpolated(target, trials, coverage=0.95)
    assert found.lower - 1 / trials <= smooth.lower <= found.lower and smooth.upper <= found.upper


def test_normal_limits_are_where_the_wilson_interval_touches_the_target():
    for coverage in (0.95, 0.998):
        found = binomial_limits_normal(0.7, 150, coverage=coverage)
        same(wilson_interval(found.lower * 150, 150, confidence=coverage).upper, 0.7)
        same(wilson_interval(found.upper * 150, 150, confidence=coverage).lower, 0.7)


def test_normal_limits_equal_the_funnel_of_fingertips():
    reference = case("P10_funnel_proportion")
    target = pooled_target(*counts_of("P10_funnel_proportion"))
    expected = frame(reference["expected"]["limits"])
    same(target * 100, expected["baseline"].iloc[0])
    for coverage, lower, upper in ((0.95, "lower_2s", "upper_2s"), (0.998, "lower_3s", "upper_3s")):
        found = binomial_limits_normal(target, expected["Population"], coverage=coverage)
        same(found.lower * 100, expected[lower])
        same(found.upper * 100, expected[upper])


def test_significance_of_proportions_equals_fingertips():
    x, n = counts_of("P10_funnel_proportion")
    found = status_against(
        pooled_target(x, n),
        alert=wilson_interval(x, n, confidence=0.95),
        alarm=wilson_interval(x, n, confidence=0.998),
        estimate=x / n,
        judged=n > 0,
    )
    expected = [PHE_LABELS[label] for label in case("P10_funnel_proportion")["expected"]["significance"]]
    assert found.tolist() == expected


def test_significance_and_limits_of_ratios_equal_fingertips():
    reference = case("P11_funnel_ratio")
    rows, limits = frame(reference["input"]), frame(reference["expected"]["limits"])
    intervals = {
        confidence: Interval(
            *(end / rows["expected"] for end in count_interval(rows["obs"], confidence=confidence, exact_below=10))
        )
        for confidence in (0.95, 0.998)
    }
    ratio = rows["obs"] / rows["expected"]
    found = status_against(1.0, alert=intervals[0.95], alarm=intervals[0.998], estimate=ratio, judged=ratio >= 0)
    assert found.tolist() == [PHE_LABELS[label] for label in reference["expected"]["significance"]]
    for coverage, sigma in ((0.95, "2s"), (0.998, "3s")):
        touching = ratio_limits_touching(limits["Observed_events"], coverage=coverage)
        same(touching.lower * 100, limits[f"lower_{sigma}_isr"], 1e-4)
        same(touching.upper * 100, limits[f"upper_{sigma}_isr"], 1e-4)


@pytest.mark.parametrize(
    ("rate", "answer", "fewest"),
    [("rate_dsr", "dsr_per_100000_with_0", 10), ("rate_crude_per_100000", "crude_per_100000_with_0", 0)],
)
def test_significance_of_rates_equals_fingertips(rate, answer, fewest):
    rows, expected = frame(case("P12_funnel_rate")["input"]), frame(case("P12_funnel_rate")["expected"])
    # Without events a rate does not tell its denominator; then the population is it.
    exposure = (rows["count"] / (rows[rate] / 100_000)).where(rows["count"] > 0, rows["pop"])
    used = rows["count"] >= fewest
    benchmark = rows.loc[used, "count"].sum() / exposure[used].sum()
    intervals = [
        Interval(*(end / exposure for end in count_interval(rows["count"], confidence=confidence, exact_below=10)))
        for confidence in (0.95, 0.998)
    ]
    found = status_against(
        benchmark, alert=intervals[0], alarm=intervals[1], estimate=rows["count"] / exposure, judged=used
    )
    assert found.tolist() == [PHE_LABELS[label] for label in expected[answer]]


@pytest.mark.parametrize(
    ("name", "scores", "dispersion"),
    [
        ("F02_od_proportion", None, winsorised_dispersion),
        ("F03_od_ratio_shmi", log_ratio_scores, truncated_dispersion),
        ("F04_od_ratio_cqc", square_root_ratio_scores, winsorised_dispersion),
        ("F05_od_ratio_counts", log_count_ratio_scores, winsorised_dispersion),
        ("F06_no_overdispersion", None, winsorised_dispersion),
    ],
)
def test_scores_and_dispersion_equal_funnelplotr(name, scores, dispersion):
    x, n = counts_of(name)
    expected = case(name)["expected"]
    found = arcsine_scores(x, n, target=pooled_target(x, n)) if scores is None else scores(x, n)
    same(found.z, expected["Uzscore"], 1e-9, atol=1e-12)
    result = dispersion(found, trim=0.1)
    same([result.phi, result.tau2, result.used], [expected["phi"], expected["tau2"], expected["n_used"]], 1e-8)
    assert result.overdispersed == expected["use_adjusted"]


@pytest.mark.parametrize("name", ["F02_od_proportion", "F06_no_overdispersion"])
def test_arcsine_funnel_equals_funnelplotr(name):
    x, n = counts_of(name)
    expected = case(name)["expected"]
    found = arcsine_funnel(x, n, target=pooled_target(x, n), bands=BANDS, trim=0.1)
    for ours, theirs in LIMITS.items():
        same(found.services[ours], expected[theirs])
    alarms = found.services["status"].str.startswith("alarm")
    assert alarms.astype(int).tolist() == expected["outlier_adj_998"]
    outside = found.services["status"] != "within"
    assert outside.astype(int).tolist() == expected["outlier_adj_95"]


def test_log_ratio_funnel_equals_the_shmi_form_of_funnelplotr():
    observed, expected_events = counts_of("F03_od_ratio_shmi")
    expected = case("F03_od_ratio_shmi")["expected"]
    found = log_ratio_funnel(observed, expected_events, bands=BANDS, trim=0.1)
    for ours, theirs in LIMITS.items():
        same(found.services[ours], expected[theirs])
    alarms = found.services["status"].str.startswith("alarm")
    assert alarms.astype(int).tolist() == expected["outlier_adj_998"]


def test_square_root_funnel_equals_the_cqc_form_of_funnelplotr_squared_back():
    observed, expected_events = counts_of("F04_od_ratio_cqc")
    expected = case("F04_od_ratio_cqc")["expected"]
    found = square_root_ratio_funnel(observed, expected_events, bands=BANDS, trim=0.1)
    for ours, theirs in LIMITS.items():
        same(np.sqrt(found.services[ours]), expected[theirs])


def test_ratio_funnels_without_overdispersion_have_exact_poisson_limits():
    expected_events = np.array([15.0, 20.0, 30.0])
    for funnel in (log_ratio_funnel, square_root_ratio_funnel):
        found = funnel([15, 20, 30], expected_events, bands=BANDS, trim=0.1)
        assert found.tau2 == 0 and not found.dispersion.overdispersed
        same(found.services["lower_alarm"], poisson_limits_exact(expected_events, coverage=0.998).lower)


def test_without_the_variance_between_services_chance_brands_a_third_of_them():
    x, n = counts_of("F02_od_proportion")
    target = pooled_target(x, n)
    chance = binomial_funnel(x, n, target=target, bands=BANDS).services["status"]
    allowed = arcsine_funnel(x, n, target=target, bands=BANDS, trim=0.1).services["status"]
    assert chance.str.startswith("alarm").sum() >= 20
    assert allowed.str.startswith("alarm").sum() == 1


def test_small_and_empty_services_are_not_judged_and_do_not_move_the_limits():
    x, n = (column.to_numpy(float) for column in counts_of("F02_od_proportion"))
    bands = Bands(alert=0.95, alarm=0.998, fewest=30)
    plain = arcsine_funnel(x, n, target=0.6, bands=bands, trim=0.1)
    more = arcsine_funnel([*x, 0, 0, np.nan], [*n, 5, 0, 50], target=0.6, bands=bands, trim=0.1)
    assert more.dispersion.phi == plain.dispersion.phi
    assert more.services["status"].tolist()[-3:] == ["not judged"] * 3
    assert np.isnan(more.services["estimate"].iloc[-2])


def test_limits_of_a_funnel_are_those_of_its_services():
    x, n = counts_of("F02_od_proportion")
    for found in (
        arcsine_funnel(x, n, target=0.6, bands=BANDS, trim=0.1),
        binomial_funnel(x, n, target=0.6, bands=BANDS),
    ):
        drawn = found.limits(n, 0.95)
        same(drawn.lower, found.services["lower_alert"])
        same(drawn.upper, found.services["upper_alert"])


def test_none_and_all_are_judged_in_every_form():
    found = arcsine_funnel([0, 50, 30, 28, 33], [50, 50, 60, 60, 60], target=0.55, bands=BANDS, trim=0.1)
    assert np.isfinite(found.services[["z", "z_adjusted"]]).all(axis=None)
    ratio = log_ratio_funnel([0, 20, 22, 19], [20, 20, 20, 20], bands=BANDS, trim=0.1)
    assert np.isnan(ratio.services["z"].iloc[0]) and ratio.services["status"].iloc[0] == "alarm low"


@given(
    st.lists(st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=25),
    st.randoms(),
)
@settings(max_examples=40, deadline=None)
def test_the_order_of_services_does_not_matter_and_limits_enclose_the_target(services, random):
    order = random.sample(range(len(services)), len(services))
    x, n = np.array(services, dtype=float).T
    first = arcsine_funnel(x, n, target=0.5, bands=BANDS, trim=0.1)
    second = arcsine_funnel(x[order], n[order], target=0.5, bands=BANDS, trim=0.1)
    same(second.tau2, first.tau2, 1e-9, atol=1e-12)
    assert second.services["status"].tolist() == first.services["status"].iloc[order].tolist()
    limits = first.services
    assert (limits["lower_alarm"] <= limits["lower_alert"]).all() and (limits["lower_alert"] <= 0.5).all()
    assert (limits["upper_alert"] <= limits["upper_alarm"]).all() and (limits["upper_alert"] >= 0.5).all()


def test_random_effects_equal_r_metafor():
    expected = r_answers()["dersimonian_laird"]
    found = dersimonian_laird(expected["y"], expected["se"], confidence=0.95)
    same(
        [found.mean, found.se, found.tau2, found.q, found.lower, found.upper],
        [expected[name] for name in ("mean", "mean_se", "tau2", "q", "lower", "upper")],
    )
    shrunken = empirical_bayes(expected["y"], expected["se"], confidence=0.95)
    for ours, theirs in zip(("estimate", "se", "lower", "upper"), ("", "_se", "_lower", "_upper"), strict=True):
        same(getattr(shrunken, ours), expected[f"shrunken{theirs}"])


def test_services_alike_are_all_drawn_to_the_mean():
    found = empirical_bayes([0.5, 0.51, 0.49], [0.1, 0.1, 0.2], confidence=0.95)
    assert np.ptp(found.estimate) == 0
    assert dersimonian_laird([0.4], [0.1], confidence=0.95).tau2 == 0


def test_small_services_are_drawn_further_and_stay_on_the_scale():
    found = shrunken_proportions([0, 0, 60, 90], [3, 60, 100, 100], confidence=0.95)
    assert found.estimate[0] > found.estimate[1] >= 0
    assert np.all((found.lower >= 0) & (found.upper <= 1))


def test_normal_poisson_limits_do_not_fall_below_zero():
    found = poisson_limits_normal([1, 100], coverage=0.998)
    assert found.lower[0] == 0 and 0 < found.lower[1] < 1


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: Bands(alert=0.998, alarm=0.95, fewest=1), "alarm"),
        (lambda: Bands(alert=95, alarm=0.998, fewest=1), "alert"),
        (lambda: binomial_limits_exact(70, 100, coverage=0.95), "target"),
        (lambda: binomial_limits_normal(0.7, 100, coverage=2), "coverage"),
        (lambda: poisson_limits_exact([1, 0], coverage=0.95), "expected"),
        (lambda: arcsine_scores([1], [2], target=1), "target"),
        (lambda: log_ratio_scores([1], [0]), "expected"),
        (lambda: log_ratio_funnel([1, 2], [3], bands=BANDS, trim=0.1), "observed and expected"),
        (lambda: log_count_ratio_scores([0, 0], [1, 2]), "counts"),
        (lambda: winsorised_dispersion(arcsine_scores([1], [2], target=0.5), trim=0.6), "trim"),
        (lambda: pooled_target([0, 0], [0, 0]), "trials"),
        (lambda: shrunken_proportions([0, 0], [5, 5], confidence=0.95), "successes"),
        (lambda: empirical_bayes([1, 2], [1, 0], confidence=0.95), "se"),
        (lambda: empirical_bayes([1, None], [1, 1], confidence=0.95), "estimates"),
    ],
)
def test_impossible_numbers_are_refused_by_name(call, named):
    with pytest.raises(StatsError, match=named):
        call()


def test_dispersion_of_nobody_is_missing_and_of_one_has_no_variance():
    nobody = winsorised_dispersion(arcsine_scores([0], [0], target=0.5), trim=0.1)
    assert np.isnan(nobody.phi) and nobody.tau2 == 0 and not nobody.overdispersed
    assert winsorised_dispersion(arcsine_scores([9], [10], target=0.5), trim=0.1).tau2 == 0
    assert truncated_dispersion(log_ratio_scores([9], [3]), trim=0.1).used in (0, 1)
