"""Every public function of the room says what it refuses and where it comes from, and refuses what it says."""

import importlib
import inspect
import pkgutil
import re

import numpy as np
import pandas as pd
import pytest

from fls_research import stats
from fls_research.stats import design, inequality, proportions, regression, standardise, survival, trend, variation
from fls_research.stats.multiplicity import benjamini_hochberg
from fls_research.stats.results import StatsError

ROOMS = (inequality, proportions, regression, survival, trend, variation)
DATA_STEPS = {"build", "coding", "complete_cases", "covariates"}
"""Functions that prepare a frame: no method, so no source."""
PURE = re.compile(r"_of$|^status_against$")
"""Measures of arrays that were checked before."""


def public() -> dict[str, object]:
    """The functions that a room exports, and those of the modules that stand outside a room."""
    found = {name: getattr(room, name) for room in ROOMS for name in room.__all__}
    for module in pkgutil.iter_modules(stats.__path__):
        if not module.ispkg and not module.name.startswith("_") and module.name != "results":
            made = importlib.import_module(f"{stats.__name__}.{module.name}")
            found |= {
                name: member
                for name, member in vars(made).items()
                if not name.startswith("_") and getattr(member, "__module__", "") == made.__name__
            }
    return {name: member for name, member in found.items() if inspect.isfunction(member)}


FUNCTIONS = public()


def test_there_is_much_to_look_at():
    assert len(FUNCTIONS) > 100


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_says_what_it_refuses(name):
    if not PURE.search(name):
        assert re.search(r"StatsError|[Rr]efuse", FUNCTIONS[name].__doc__), name


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - DATA_STEPS))
def test_a_function_cites_its_source(name):
    said = re.search(r"\((18|19|20)\d\d\)|R: |Source as|and source|``\w+::", FUNCTIONS[name].__doc__)
    assert said or FUNCTIONS[name].__module__ == design.__name__, name


ROWS = pd.DataFrame(
    {"met": [0, 1] * 6, "x": [1, 2, 3, 1, 4, 2, 2, 3, 1, 1, 3, 4], "sex": [*"ffm"] * 4, "site": [*"abc"] * 4}
)
BUILT = design.build(ROWS, outcome="met", numeric=["x"], categorical={"sex": "m"}, cluster="site")
ALONE = design.build(ROWS, outcome="met", numeric=["x"], cluster=None)
ALL = design.build(ROWS.assign(met=1), outcome="met", numeric=["x"], cluster="site")
SINGLES = design.build(ROWS.assign(site=range(12)), outcome="met", numeric=["x"], cluster="site")
FIT = regression.firth_logistic(BUILT)
AT = {"column": "sex", "covariance": FIT.covariance, "confidence": 0.95}
LOGIT = regression.logistic(ALONE)
COX = survival.cox([1, 2, 2, 3, 4, 5], [1, 1, 1, 0, 1, 1], ROWS[["x"]].head(6), ties="efron")
MEANS = survival.restricted_mean([0, 0, 3, 4], [1, 1, 1, 0], groups=list("aabb"), horizon=2, confidence=0.95)
PAIR = {"group": "b", "reference": "a"}
PHASES = {"phases": trend.ONE_PROCESS}
STRATA = pd.DataFrame({"area": ["A", "A"], "age": [1, 2], "x": [20, 60], "n": [100, 80], "times": [1, 1]})
NAMES = standardise.Strata(group="area", stratum="age", events="x", population="n")
STANDARD = {"standard": pd.Series({1: 10, 2: 10}), "confidence": 0.95, "fewest_events": 1}
CALLS = {
    "newcombe: negative": lambda: proportions.newcombe_difference(-1, 5, 1, 5, confidence=0.95),
    "newcombe: beyond trials": lambda: proportions.newcombe_difference(1, 5, 6, 5, confidence=0.95),
    "newcombe: lengths": lambda: proportions.newcombe_difference([1, 2], [5, 5], [1, 1, 1], [5, 5, 5], confidence=0.95),
    "newcombe: percent": lambda: proportions.newcombe_difference(1, 5, 1, 5, confidence=95),
    "katz: added": lambda: proportions.katz_ratio(1, 5, 1, 5, confidence=0.95, added=-1),
    "katz: percent": lambda: proportions.katz_ratio(1, 5, 1, 5, confidence=95, added=0),
    "koopman: beyond trials": lambda: proportions.koopman_ratio(6, 5, 1, 5, confidence=0.95),
    "koopman: percent": lambda: proportions.koopman_ratio(1, 5, 1, 5, confidence=95),
    "count_interval: negative": lambda: proportions.count_interval(-1, confidence=0.95, exact_below=10),
    "clopper: percent": lambda: proportions.clopper_pearson_proportion(1, 5, confidence=95),
    "firth: everybody": lambda: regression.firth_logistic(ALL),
    "firth intervals: another fit": lambda: regression.firth_intervals(LOGIT, confidence=0.95),
    "firth intervals: percent": lambda: regression.firth_intervals(FIT, confidence=95),
    "gee: link": lambda: regression.gee_exchangeable(BUILT, link="probit"),
    "gee: everybody": lambda: regression.gee_exchangeable(ALL, link="logit"),
    "gee: no cluster": lambda: regression.gee_exchangeable(ALONE, link="logit"),
    "gee: single patients": lambda: regression.gee_exchangeable(SINGLES, link="logit"),
    "mixed: nodes": lambda: regression.mixed_logistic(BUILT, nodes=0),
    "mixed: no cluster": lambda: regression.mixed_logistic(ALONE, nodes=7),
    "mixed: everybody": lambda: regression.mixed_logistic(ALL, nodes=7),
    "mixed: single patients": lambda: regression.mixed_logistic(SINGLES, nodes=7),
    "robust: correction": lambda: regression.robust_covariance(LOGIT, correction="HC3"),
    "clustered: no cluster": lambda: regression.cluster_robust_covariance(LOGIT, correction="CR1"),
    "coefficients: percent": lambda: regression.coefficient_table(LOGIT, covariance=LOGIT.covariance, confidence=95),
    "wald: term": lambda: regression.wald_test(LOGIT, term="age", covariance=LOGIT.covariance),
    "standardised: column": lambda: regression.standardised_proportions(FIT, **AT | {"column": "age"}),
    "standardised: number": lambda: regression.standardised_proportions(FIT, **AT | {"column": "x"}),
    "standardised: level": lambda: regression.standardised_proportions(FIT, **AT, levels=["m", "?"]),
    "standardised: percent": lambda: regression.standardised_proportions(FIT, **AT | {"confidence": 95}),
    "differences: reference": lambda: regression.standardised_differences(FIT, **AT, reference="?"),
    "ratios: reference": lambda: regression.standardised_ratios(FIT, **AT, reference="?"),
    "cox table: percent": lambda: survival.cox_table(COX, covariance=COX.covariance, confidence=95),
    "cause-specific: cause": lambda: survival.cause_specific_cox(
        [1, 2], ["a", "b"], ROWS[["x"]].head(2), cause="c", ties="efron"
    ),
    "cause-specific: missing": lambda: survival.cause_specific_cox(
        [1, 2], ["a", None], ROWS[["x"]].head(2), cause="a", ties="efron"
    ),
    "fine-gray: cause": lambda: survival.fine_gray(
        [1, 2], ["a", "b"], ROWS[["x"]].head(2), cause="c", censored="-", ties="efron"
    ),
    "fine-gray: weight": lambda: survival.fine_gray(
        [1, 2, 3], list("ab-"), ROWS[["x"]].head(3), cause="a", censored="-", ties="efron", weights=[0, 1, 1]
    ),
    "fine-gray: missing": lambda: survival.fine_gray(
        [1, 2], ["a", None], ROWS[["x"]].head(2), cause="a", censored="-", ties="efron"
    ),
    "quantiles: probability": lambda: survival.survival_quantiles(pd.DataFrame(), probability=50),
    "at_times: missing": lambda: survival.at_times(pd.DataFrame(), [1, None]),
    "interval: percent": lambda: survival.plain_interval(0.5, 0.1, confidence=95),
    "log-log: percent": lambda: survival.log_log_interval(0.5, 0.1, confidence=95),
    "complement: percent": lambda: survival.complementary_log_log_interval(0.5, 0.1, confidence=95),
    "hazards: transform": lambda: survival.proportional_hazards_test(COX, transform="cube"),
    "mean difference: group": lambda: survival.restricted_mean_difference(
        MEANS, group="c", reference="a", confidence=0.95
    ),
    "mean difference: percent": lambda: survival.restricted_mean_difference(MEANS, **PAIR, confidence=95),
    "mean ratio: nought": lambda: survival.restricted_mean_ratio(MEANS, **PAIR, confidence=0.95),
    "xmr: dates": lambda: trend.xmr_chart([1, 2], [1, 1], **PHASES, screen_beyond=None),
    "individuals: one value": lambda: trend.individuals_chart([1, None], [1, 2], **PHASES, screen_beyond=None),
    "ranges: one value": lambda: trend.moving_range_chart([1, None], [1, 2], **PHASES),
    "p: beyond trials": lambda: trend.p_chart([6, 1], [5, 5], [1, 2], **PHASES),
    "p: no trials": lambda: trend.p_chart([0, 0], [0, 0], [1, 2], **PHASES),
    "p: phases": lambda: trend.p_chart([1, 1], [5, 5], [1, 2], phases=()),
    "p′: one date": lambda: trend.p_prime_chart([1, 0], [5, 0], [1, 2], **PHASES),
    "u: exposure": lambda: trend.u_chart([1, 1], [5, 0], [1, 2], **PHASES),
    "u′: one date": lambda: trend.u_prime_chart([1, None], [5, 5], [1, 2], **PHASES),
    "c: negative": lambda: trend.c_chart([-1, 1], [1, 2], **PHASES),
    "run: centre": lambda: trend.run_chart([1, 2], centre=np.nan, trend_points=5),
    "signals: columns": lambda: trend.point_signals(pd.DataFrame({"estimate": [1]}), shift_points=7, trend_points=7),
    "ridits: negative": lambda: inequality.ridits([-1, 2]),
    "quantiles: few": lambda: inequality.quantile_groups([1, 2], ["a", "a"], quantiles=1),
    "limits: text": lambda: inequality.se_from_limits("a", 1, confidence=0.95, scale=inequality.NATURAL),
    "limits: percent": lambda: inequality.se_from_limits(0, 1, confidence=95, scale=inequality.NATURAL),
    "simulated: draws": lambda: inequality.simulated_measure(
        inequality.theil_index_of, [1, 2], [5, 5], [1, 1], confidence=0.95, draws=9, generator=np.random.default_rng(1)
    ),
    "bh: p": lambda: benjamini_hochberg([1.5]),
    "scores: expected": lambda: variation.log_ratio_scores([1], [0]),
    "scores: square root": lambda: variation.square_root_ratio_scores([-1], [1]),
    "scores: counts": lambda: variation.log_count_ratio_scores([0, 0], [1, 2]),
    "dispersion: trim": lambda: variation.winsorised_dispersion(variation.log_ratio_scores([1, 2], [1, 1]), trim=0.6),
    "truncated: trim": lambda: variation.truncated_dispersion(variation.log_ratio_scores([1, 2], [1, 1]), trim=0.6),
    "target: no trials": lambda: variation.pooled_target([0, 0], [0, 0]),
    "limits: coverage": lambda: variation.binomial_limits_normal(0.5, 10, coverage=95),
    "limits: target": lambda: variation.binomial_limits_interpolated(5, 10, coverage=0.95),
    "limits: expected": lambda: variation.poisson_limits_normal(0, coverage=0.95),
    "limits: interpolated": lambda: variation.poisson_limits_interpolated(0, coverage=0.95),
    "bayes: se": lambda: variation.empirical_bayes([1, 2], [0, 1], confidence=0.95),
    "repeated: times": lambda: standardise.direct_rates_of_repeated_events(
        STRATA.assign(times=0), columns=NAMES, events_each="times", **STANDARD
    ),
    "repeated: column absent": lambda: standardise.direct_rates_of_repeated_events(
        STRATA.drop(columns="x"), columns=NAMES, events_each="times", **STANDARD
    ),
    "direct: column twice": lambda: standardise.direct_rates(
        pd.concat([STRATA, STRATA[["n"]]], axis=1), columns=NAMES, **STANDARD
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_what_is_said_to_be_refused_is_refused_in_one_sentence(call):
    with pytest.raises(StatsError) as refused:
        CALLS[call]()
    assert "\n" not in str(refused.value)
