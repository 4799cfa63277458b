"""Marginal standardisation against its definition in R, and the bootstrap against the delta method."""

import numpy as np
import pandas as pd
import pytest
from r_reference import Reference, same

from fls_research.stats import design
from fls_research.stats.regression import (
    bootstrap_differences,
    cluster_robust_covariance,
    logistic,
    modified_poisson,
    robust_covariance,
    standardised_differences,
    standardised_proportions,
    standardised_ratios,
)
from fls_research.stats.results import StatsError

R = Reference("regression")
BIRTHS = R.frame("births")
MADE = design.build(BIRTHS, outcome="low", numeric=["age", "smoke"], categorical={"race": "white"}, cluster="site")


@pytest.mark.parametrize(("case", "model"), [("marginal_logit", logistic), ("marginal_poisson", modified_poisson)])
def test_proportions_differences_and_ratios_equal_r(case, model):
    fit = model(MADE)
    said = {"column": "race", "covariance": cluster_robust_covariance(fit, correction="CR0"), "confidence": 0.95}
    # R's derivatives are differences, so its errors hold to about 1e-8.
    levels = standardised_proportions(fit, **said)
    same(levels["estimate"], R.answer(case, "estimate"))
    same(levels["se"], R.answer(case, "se"), tolerance=1e-6)
    differences = standardised_differences(fit, reference="white", **said)
    same(differences["estimate"], R.answer(case, "difference"))
    same(differences["se"], R.answer(case, "difference_se"), tolerance=1e-6)
    ratios = standardised_ratios(fit, reference="white", **said)
    same(ratios["estimate"], R.answer(case, "ratio"))
    same(ratios["se"], R.answer(case, "log_ratio_se"), tolerance=1e-6)
    assert levels["n"].tolist() == [(BIRTHS["race"] == level).sum() for level in ("white", "black", "other")]


def test_crude_model_gives_back_the_observed_proportions():
    fit = logistic(design.build(BIRTHS, outcome="low", categorical={"race": "white"}))
    found = standardised_proportions(fit, column="race", covariance=fit.covariance, confidence=0.95)
    same(found["estimate"], found["events"] / found["n"])
    same(found["se"], np.sqrt(found["estimate"] * (1 - found["estimate"]) / found["n"]))


def test_interaction_is_carried_through():
    made = design.build(
        BIRTHS, outcome="low", categorical={"race": "white", "smoke": 0}, interactions=[("race", "smoke")]
    )
    fit = logistic(made)
    found = standardised_proportions(fit, column="smoke", covariance=fit.covariance, confidence=0.95)
    cells = BIRTHS.pivot_table("low", index="smoke", columns="race", aggfunc="mean")
    expected = (cells * BIRTHS["race"].value_counts(normalize=True)).sum(axis=1)
    same(found["estimate"], expected)


def test_number_is_standardised_at_the_values_that_are_named():
    fit = logistic(MADE)
    said = {"column": "age", "covariance": fit.covariance, "confidence": 0.95}
    with pytest.raises(StatsError, match="age is a number"):
        standardised_proportions(fit, **said)
    assert standardised_proportions(fit, levels=[20, 30], **said)["level"].tolist() == [20, 30]


def test_refusals_name_the_column():
    fit = logistic(MADE)
    with pytest.raises(StatsError, match="'sex' is no covariate"):
        standardised_proportions(fit, column="sex", covariance=fit.covariance, confidence=0.95)
    with pytest.raises(StatsError, match="race: the reference 'x'"):
        standardised_differences(fit, column="race", reference="x", covariance=fit.covariance, confidence=0.95)


def bootstrap(made, seed, replicates=300):
    return bootstrap_differences(
        made,
        logistic,
        column="smoke",
        reference=0,
        replicates=replicates,
        confidence=0.95,
        generator=np.random.default_rng(seed),
    )


def test_bootstrap_of_patients_agrees_with_the_robust_delta_method():
    big = pd.concat([BIRTHS] * 10)
    made = design.build(big, outcome="low", categorical={"race": "white", "smoke": 0})
    fit = logistic(made)
    delta = standardised_differences(
        fit, column="smoke", reference=0, covariance=robust_covariance(fit, correction="HC0"), confidence=0.95
    )
    found = bootstrap(made, 3)
    assert found["se"].item() == pytest.approx(delta["se"].item(), rel=0.12)
    assert found["estimate"].item() == pytest.approx(delta["estimate"].item())


def test_bootstrap_of_clusters_is_as_wide_as_clustered_errors():
    rng = np.random.default_rng(5)
    sites = pd.DataFrame({"site": range(60), "p": 1 / (1 + np.exp(-rng.normal(0, 1, 60)))})
    rows = sites.loc[sites.index.repeat(40)].reset_index(drop=True)
    rows = rows.assign(smoke=(rows["site"] % 2), low=rng.random(len(rows)) < rows["p"])
    made = design.build(rows, outcome="low", categorical={"smoke": 0}, cluster="site")
    fit = logistic(made)
    covariance = cluster_robust_covariance(fit, correction="CR1")
    delta = standardised_differences(fit, column="smoke", reference=0, covariance=covariance, confidence=0.95)
    assert bootstrap(made, 1)["se"].item() == pytest.approx(delta["se"].item(), rel=0.15)


def test_same_generator_same_answer_and_another_another():
    made = design.build(BIRTHS, outcome="low", categorical={"smoke": 0})
    pd.testing.assert_frame_equal(bootstrap(made, 1, 50), bootstrap(made, 1, 50))
    assert bootstrap(made, 2, 50)["se"].item() != bootstrap(made, 1, 50)["se"].item()


def test_replicates_without_an_estimate_are_counted_and_too_many_refused():
    rows = pd.DataFrame({"low": [0.1, 0.5], "smoke": [1, 0], "n": [10, 100]})
    with pytest.raises(StatsError, match="of 200 bootstrap replicates have no estimate; merge levels of smoke"):
        bootstrap(design.build(rows, outcome="low", categorical={"smoke": 0}, weights="n"), 1, 200)
    rows = rows.assign(n=[35, 100], low=[4 / 35, 0.5])
    found = bootstrap(design.build(rows, outcome="low", categorical={"smoke": 0}, weights="n"), 1, 400)
    assert 0 < found["failed"].item() < 40
