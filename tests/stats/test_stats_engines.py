"""The libraries as a second opinion: our own cores against lifelines and statsmodels, on drawn data with ties.

R's stored answers are fixed; here the data change with the seed, so that an answer which is right only for the stored
cases is found. Where a library cannot read weights as counts, it is given every patient as a row of his own.
"""

import lifelines
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from fls_research.stats import design
from fls_research.stats.regression import (
    cluster_robust_covariance,
    gee_exchangeable,
    logistic,
    modified_poisson,
    robust_covariance,
)
from fls_research.stats.survival import (
    at_times,
    cox,
    cox_robust_covariance,
    kaplan_meier,
    log_log_interval,
    log_rank,
    survival_quantiles,
)

SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])
EXACT = {"rtol": 1e-9, "atol": 1e-12}
CLOSE = {"rtol": 1e-6, "atol": 1e-8}


def drawn(seed: int, size: int = 240) -> pd.DataFrame:
    """Patients with whole days full of ties (day 0 among them), counts, covariates, an outcome and a service."""
    random = np.random.default_rng(seed)
    service = random.integers(0, 8, size)
    x, z = random.normal(size=size).round(1), random.integers(0, 2, size)
    waiting = random.exponential(12 * np.exp(-0.4 * x + 0.3 * z))
    followed = random.uniform(2, 25, size)
    logit = -0.2 + 0.5 * x - 0.6 * z + random.normal(scale=0.7, size=8)[service]
    return pd.DataFrame(
        {
            "time": np.floor(np.minimum(waiting, followed)),
            "event": waiting <= followed,
            "count": random.integers(1, 4, size),
            "sampled": random.uniform(0.5, 2, size).round(2),
            "x": x,
            "z": z,
            "service": service,
            "met": random.random(size) < 1 / (1 + np.exp(-logit)),
        }
    )


def each_patient(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.loc[rows.index.repeat(rows["count"])].reset_index(drop=True)


def close(found, wanted, **tolerance) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(wanted, float), **tolerance)


# -- survival: lifelines ----------------------------------------------------------------------------------------------
@SEEDS
def test_kaplan_meier_equals_lifelines_with_counts_and_day_0(seed):
    rows = drawn(seed)
    assert (rows["time"] == 0).any() and rows["time"].duplicated().any()
    ours = kaplan_meier(
        rows["time"], rows["event"], weights=rows["count"], confidence=0.95, interval=log_log_interval
    ).set_index("time")
    theirs = lifelines.KaplanMeierFitter().fit(rows["time"], rows["event"], weights=rows["count"])
    table = theirs.event_table.loc[ours.index]
    close(ours[["n", "events", "censored"]], table[["at_risk", "observed", "censored"]], **EXACT)
    close(ours["estimate"], theirs.survival_function_.loc[ours.index].iloc[:, 0], **EXACT)
    between = ours.index[(ours["estimate"] > 0) & (ours["estimate"] < 1)]
    assert len(between) > 8
    close(ours.loc[between, ["lower", "upper"]], theirs.confidence_interval_.loc[between], **EXACT)


@SEEDS
def test_kaplan_meier_of_groups_its_median_and_landmarks_equal_lifelines(seed):
    rows = drawn(seed)
    curves = kaplan_meier(
        rows["time"], rows["event"], groups=rows["z"], weights=rows["count"], confidence=0.9, interval=log_log_interval
    )
    medians = survival_quantiles(curves, probability=0.5).set_index("group")["estimate"]
    for group, part in rows.groupby("z"):
        theirs = lifelines.KaplanMeierFitter().fit(part["time"], part["event"], weights=part["count"])
        assert medians[group] == theirs.median_survival_time_
        landmarks = at_times(curves[curves["group"] == group], [0, 4.5, 10])["estimate"]
        close(landmarks, theirs.survival_function_at_times([0, 4.5, 10]), **EXACT)


@SEEDS
def test_log_rank_equals_lifelines(seed):
    rows = drawn(seed)
    ours = log_rank(rows["time"], rows["event"], rows["service"], weights=rows["count"])
    theirs = lifelines.statistics.multivariate_logrank_test(
        rows["time"], rows["service"], rows["event"], weights=rows["count"]
    )
    close([ours.statistic, ours.p_value], [theirs.test_statistic, theirs.p_value], **EXACT)


@SEEDS
@pytest.mark.parametrize("strata", [None, "z"])
def test_plain_cox_with_efron_ties_equals_lifelines(seed, strata):
    rows, names = drawn(seed), ["x", "z"] if strata is None else ["x"]
    chosen = None if strata is None else rows[strata]
    ours = cox(rows["time"], rows["event"], rows[names], ties="efron", strata=chosen, weights=rows["count"])
    theirs = lifelines.CoxPHFitter().fit(
        each_patient(rows)[["time", "event", "x", "z"]],
        "time",
        "event",
        strata=None if strata is None else [strata],
        fit_options={"precision": 1e-10},
    )
    close(ours.coefficients, theirs.params_[names], **CLOSE)
    close(ours.covariance, theirs.variance_matrix_.loc[names, names], **CLOSE)
    close(ours.log_likelihood, theirs.log_likelihood_, **CLOSE)


@SEEDS
def test_cox_with_sampling_weights_equals_lifelines(seed):
    rows = drawn(seed)
    ours = cox(rows["time"], rows["event"], rows[["x", "z"]], ties="efron", sampling_weights=rows["sampled"])
    theirs = lifelines.CoxPHFitter().fit(
        rows[["time", "event", "x", "z", "sampled"]],
        "time",
        "event",
        weights_col="sampled",
        robust=True,
        fit_options={"precision": 1e-10},
    )
    close(ours.coefficients, theirs.params_, **CLOSE)


@SEEDS
def test_cluster_robust_cox_without_ties_equals_lifelines(seed):
    # With ties lifelines is off, which is why the core is our own; without them it is not.
    rows = drawn(seed)
    rows["time"] = rows["time"] + np.random.default_rng(seed).permutation(len(rows)) / len(rows)
    ours = cox(rows["time"], rows["event"], rows[["x", "z"]], ties="efron")
    theirs = lifelines.CoxPHFitter().fit(
        rows[["time", "event", "x", "z", "service"]],
        "time",
        "event",
        cluster_col="service",
        fit_options={"precision": 1e-10},
    )
    robust = cox_robust_covariance(ours, cluster=rows["service"])
    close(np.sqrt(np.diag(robust)), theirs.standard_errors_, **CLOSE)


# -- regression: statsmodels ------------------------------------------------------------------------------------------
def made(rows: pd.DataFrame, **more: str) -> design.Design:
    return design.build(rows, outcome="met", numeric=["x"], categorical={"z": 0}, weights="count", **more)


def columns(rows: pd.DataFrame) -> pd.DataFrame:
    return sm.add_constant(rows[["x", "z"]].astype(float))


@SEEDS
@pytest.mark.parametrize(
    ("model", "family"), [(logistic, sm.families.Binomial), (modified_poisson, sm.families.Poisson)]
)
def test_regressions_on_counted_patterns_equal_statsmodels_on_counts_and_on_patients(seed, model, family):
    rows = drawn(seed)
    ours, single = model(made(rows)), each_patient(rows)
    counted = sm.GLM(rows["met"].astype(float), columns(rows), family=family(), freq_weights=rows["count"]).fit(
        tol=1e-12
    )
    close(ours.coefficients, counted.params, **CLOSE)
    close(ours.covariance, counted.cov_params(), **CLOSE)
    outcome = single["met"].astype(float)
    theirs = sm.GLM(outcome, columns(single), family=family()).fit(tol=1e-12, cov_type="HC0")
    close(robust_covariance(ours, correction="HC0"), theirs.cov_params(), **CLOSE)
    if model is logistic:
        close(ours.log_likelihood, theirs.llf, **CLOSE)


@SEEDS
def test_clustered_errors_equal_statsmodels(seed):
    rows = drawn(seed)
    single = each_patient(rows)
    theirs = sm.GLM(single["met"].astype(float), columns(single), family=sm.families.Binomial()).fit(
        tol=1e-12, cov_type="cluster", cov_kwds={"groups": single["service"], "use_correction": True}
    )
    fit = logistic(made(rows, cluster="service"))
    close(cluster_robust_covariance(fit, correction="CR1S"), theirs.cov_params(), **CLOSE)


@SEEDS
@pytest.mark.parametrize(("link", "family"), [("logit", sm.families.Binomial), ("log", sm.families.Poisson)])
def test_estimating_equations_solve_those_of_statsmodels_at_the_same_correlation(seed, link, family):
    # statsmodels counts coefficients off when it estimates the correlation and we, like geepack, do not; so it is
    # given ours, and must then find our coefficients and errors.
    rows = drawn(seed)
    ours, single = gee_exchangeable(made(rows, cluster="service"), link=link), each_patient(rows)
    structure = sm.cov_struct.Exchangeable()
    structure.dep_params = ours.correlation
    model = sm.GEE(
        single["met"].astype(float), columns(single), groups=single["service"], family=family(), cov_struct=structure,
        update_dep=False,
    )  # fmt: skip
    theirs = model.fit(maxiter=200, ctol=1e-10)
    close(ours.fit.coefficients, theirs.params, **CLOSE)
    close(ours.robust, theirs.cov_robust, **CLOSE)
    biased = model.fit(maxiter=200, ctol=1e-10, cov_type="bias_reduced")
    close(ours.mancl_derouen, biased.cov_robust_bc, **CLOSE)
