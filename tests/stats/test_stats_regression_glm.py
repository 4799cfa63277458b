"""Logistic and modified Poisson regression, and their sandwich errors, against R's glm and sandwich."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from r_reference import Reference, same

from fls_research.stats import design
from fls_research.stats.regression import (
    cluster_robust_covariance,
    coefficient_table,
    logistic,
    modified_poisson,
    robust_covariance,
)
from fls_research.stats.results import StatsError

R = Reference("regression")
BIRTHS = R.frame("births")
R_ORDER = ("(intercept)", "age", "race[black]", "race[other]", "smoke")
MODELS = {"logit": logistic, "pois": modified_poisson}
# R's own vcov of a Poisson model carries the weights of its last step but one.
CLOSE = {"logit": 1e-9, "pois": 1e-6}


def made(rows=BIRTHS, **more):
    return design.build(
        rows, outcome="low", numeric=["age", "smoke"], categorical={"race": "white"}, cluster="site", **more
    )


def as_r(fit, values):
    order = [fit.names.index(name) for name in R_ORDER]
    return values[order] if values.ndim == 1 else values[np.ix_(order, order)]


def test_logistic_equals_glm():
    fit = logistic(made())
    same(as_r(fit, fit.coefficients), R.answer("logistic", "coef"))
    same(np.sqrt(np.diag(as_r(fit, fit.covariance))), R.answer("logistic", "se"))
    same(fit.log_likelihood, R.answer("logistic", "loglik"))


def test_modified_poisson_equals_glm():
    fit = modified_poisson(made())
    same(as_r(fit, fit.coefficients), R.answer("poisson", "coef"))


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("correction", ["HC0", "HC1"])
def test_robust_errors_equal_vcovhc(model, correction):
    fit = MODELS[model](made())
    ours = as_r(fit, robust_covariance(fit, correction=correction))
    same(ours, R.answer(f"{model}_{correction.lower()}"), tolerance=CLOSE[model])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("correction", ["CR0", "CR1", "CR1S"])
def test_clustered_errors_equal_vcovcl(model, correction):
    fit = MODELS[model](made())
    ours = as_r(fit, cluster_robust_covariance(fit, correction=correction))
    same(ours, R.answer(f"{model}_{correction.lower()}"), tolerance=CLOSE[model])


def test_table_gives_ratios_and_intervals():
    fit = logistic(made())
    table = coefficient_table(fit, covariance=fit.covariance, confidence=0.95)
    same(table["upper"], np.exp(table["estimate"] + 1.959963984540054 * table["se"]))
    assert table["n"].iloc[0] == 189 and table["events"].iloc[0] == BIRTHS["low"].sum()


def test_risk_ratio_of_two_groups_is_the_ratio_of_their_risks():
    rows = pd.DataFrame({"met": [0.9, 0.6], "sex": ["f", "m"], "n": [1000, 1000]})
    fit = modified_poisson(design.build(rows, outcome="met", categorical={"sex": "m"}, weights="n"))
    table = coefficient_table(fit, covariance=robust_covariance(fit, correction="HC0"), confidence=0.95)
    # Katz: var log RR = (1-p)/(np) + (1-q)/(mq)
    same(table.loc[1, ["ratio", "se"]], [1.5, np.sqrt(0.1 / 900 + 0.4 / 600)])


@pytest.mark.parametrize("model", MODELS.values())
def test_nobody_or_everybody_with_the_event_is_refused_by_name(model):
    with pytest.raises(StatsError, match="low: nobody has the event"):
        model(made(BIRTHS.assign(low=0)))
    with pytest.raises(StatsError, match="low: everybody has the event"):
        model(made(BIRTHS.assign(low=1)))


@pytest.mark.parametrize("model", MODELS.values())
def test_level_without_events_is_refused_by_name(model):
    empty = BIRTHS.assign(low=BIRTHS["low"].where(BIRTHS["race"] != "black", 0))
    with pytest.raises(StatsError, match=r"race\[black\]: no finite estimate"):
        model(made(empty))


def test_line_that_separates_events_from_the_rest_is_refused_by_name():
    rows = pd.DataFrame({"met": [0, 0, 0, 1, 1, 1], "age": [1, 2, 3, 4, 5, 6]})
    with pytest.raises(StatsError, match="age: no finite estimate"):
        logistic(design.build(rows, outcome="met", numeric=["age"]))


def test_errors_by_cluster_need_clusters():
    fit = logistic(design.build(BIRTHS, outcome="low", numeric=["age"]))
    with pytest.raises(StatsError, match="the design has no cluster"):
        cluster_robust_covariance(fit, correction="CR0")
    one = logistic(design.build(BIRTHS.assign(site="a"), outcome="low", numeric=["age"], cluster="site"))
    with pytest.raises(StatsError, match="one cluster only"):
        cluster_robust_covariance(one, correction="CR0")
    with pytest.raises(StatsError, match="correction must be one of CR0, CR1, CR1S"):
        cluster_robust_covariance(logistic(made()), correction="HC1")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=189, max_size=189), st.randoms(use_true_random=False))
def test_order_of_rows_and_merging_into_weights_do_not_matter(counts, random):
    single = BIRTHS.loc[BIRTHS.index.repeat(counts)].reset_index(drop=True)
    order = list(range(len(single)))
    random.shuffle(order)
    for model in MODELS.values():
        merged = model(made(BIRTHS.assign(count=counts), weights="count"))
        spread = model(made(single.iloc[order]))
        same(merged.coefficients, spread.coefficients, tolerance=1e-8)
        for of in (robust_covariance, cluster_robust_covariance):
            name = "HC1" if of is robust_covariance else "CR1S"
            same(of(merged, correction=name), of(spread, correction=name), tolerance=1e-7)
