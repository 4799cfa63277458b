"""Cox's model against R's coxph: ties, strata, late entry, weights, clusters."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from r_reference import Reference, same

from fls_research.stats import design
from fls_research.stats.results import StatsError
from fls_research.stats.survival import cause_specific_cox, cox, cox_robust_covariance, cox_table

R = Reference("survival")
LUNG, MGUS = R.frame("lung"), R.frame("mgus")
X = ["age", "sex", "ph.karno"]
STRATA, ENTRY = {"strata": LUNG["ph.ecog"]}, {"entry": LUNG["entry"]}


def fitted(ties="efron", **more):
    return cox(LUNG["week"], LUNG["event"], LUNG[X], ties=ties, **more)


def errors(covariance):
    return np.sqrt(np.diag(covariance))


@pytest.mark.parametrize(
    ("case", "ties", "more"),
    [
        ("cox_efron", "efron", {}),
        ("cox_breslow", "breslow", {}),
        ("cox_efron_strata", "efron", STRATA),
        ("cox_efron_entry", "efron", ENTRY),
    ],
)
def test_model_equals_coxph(case, ties, more):
    fit = fitted(ties, **more)
    same(fit.coefficients, R.answer(case, "coef"))
    same(errors(fit.covariance), R.answer(case, "se"))
    same([fit.log_likelihood_null, fit.log_likelihood], R.answer(case, "loglik"))


@pytest.mark.parametrize(
    ("case", "ties", "cluster", "more"),
    [
        ("cox_efron_cluster", "efron", "inst", {}),
        ("cox_breslow_cluster", "breslow", "inst", {}),
        ("cox_efron_robust", "efron", None, {}),
        ("cox_all", "efron", "inst", STRATA | ENTRY),
        ("cox_sampling", "efron", "inst", {"sampling_weights": LUNG["sampling"]}),
        ("cox_frequency", "efron", "inst", {"weights": LUNG["freq"]}),
    ],
)
def test_clustered_errors_equal_coxph(case, ties, cluster, more):
    fit = fitted(ties, **more)
    same(fit.coefficients, R.answer(case, "coef"))
    same(errors(fit.covariance), R.answer(case, "naive_se"))
    covariance = cox_robust_covariance(fit, cluster=None if cluster is None else LUNG[cluster])
    same(errors(covariance), R.answer(case, "se"))


def test_cause_specific_model_equals_coxph():
    fit = cause_specific_cox(MGUS["etime"], MGUS["state"], MGUS[["age", "male", "mspike"]], cause=1, ties="efron")
    same(fit.coefficients, R.answer("cause_specific", "coef"))
    same(errors(fit.covariance), R.answer("cause_specific", "se"))


def test_table_gives_ratios_with_intervals_from_the_covariance_it_is_told():
    fit = fitted()
    wide, narrow = (cox_table(fit, covariance=fit.covariance * f, confidence=0.95) for f in (4, 1))
    same(wide["se"], 2 * narrow["se"])
    same(narrow["upper"], np.exp(narrow["estimate"] + 1.959963984540054 * narrow["se"]))
    assert narrow["n"].iloc[0] == len(LUNG) and narrow["events"].iloc[0] == LUNG["event"].sum()


def test_categories_enter_against_the_reference_that_is_named():
    columns = design.covariates(LUNG.rename(columns={"ph.ecog": "ecog"}), numeric=["age"], categorical={"ecog": 1})
    fit = cox(LUNG["week"], LUNG["event"], columns, ties="efron")
    assert fit.names == ("age", "ecog[0]", "ecog[2]", "ecog[3]")


def test_each_cluster_of_one_patient_is_the_robust_covariance():
    fit = fitted()
    same(cox_robust_covariance(fit, cluster=range(len(LUNG))), cox_robust_covariance(fit, cluster=None))


def test_shift_of_a_covariate_changes_nothing():
    far = cox(LUNG["week"], LUNG["event"], LUNG[X].assign(age=LUNG["age"] + 1e6), ties="efron")
    same(far.coefficients, R.answer("cox_efron", "coef"), tolerance=1e-7)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"event": [0, 0, 0, 0]}, "event: nobody"),
        ({"x": [1, 1, 1, 1]}, "x has one value only"),
        ({"x": [1, None, 0, 1]}, "x: 1 of 4 are missing"),
        ({"x": ["a", "b", "a", "b"]}, "x must hold numbers"),
        ({"x": [1, 1, 0, 0]}, "x: no finite estimate"),
        ({"weights": [1, 1.5, 1, 1]}, "weights must be whole numbers"),
        ({"ties": "exact"}, "ties must be"),
        ({"strata": ["a", "b", None, "a"]}, "strata: 1 of 4"),
        ({"sampling_weights": [0, 0, 0, 0]}, "sampling_weights"),
    ],
)
def test_refusals_name_the_column(change, word):
    values = {"time": [1, 2, 3, 4], "event": [1, 1, 0, 0], "x": [1, 0, 1, 0], "ties": "efron"} | change
    frame = pd.DataFrame({"x": values.pop("x")})
    with pytest.raises(StatsError, match=word):
        cox(values.pop("time"), values.pop("event"), frame, **values)


def test_column_that_is_a_sum_of_others_is_refused_by_name():
    frame = LUNG[X].assign(double=LUNG["age"] * 2 + LUNG["sex"])
    with pytest.raises(StatsError, match="double is a sum"):
        cox(LUNG["week"], LUNG["event"], frame, ties="efron")


def test_one_cluster_is_refused():
    with pytest.raises(StatsError, match="cluster holds one cluster only"):
        cox_robust_covariance(fitted(), cluster=["a"] * len(LUNG))


def test_rows_of_weight_nought_may_be_anything():
    double = pd.concat([LUNG, LUNG.assign(week=1, event=1)], ignore_index=True)
    weights = np.repeat([1, 0], len(LUNG))
    fit = cox(double["week"], double["event"], double[X], ties="efron", weights=weights)
    same(fit.coefficients, R.answer("cox_efron", "coef"))
    same(errors(cox_robust_covariance(fit, cluster=double["inst"])), R.answer("cox_efron_cluster", "se"))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=12, max_size=40), st.randoms(use_true_random=False))
def test_order_and_merging_do_not_matter_under_efron_ties(counts, random):
    rows = LUNG.iloc[: len(counts)].assign(count=counts)
    single = rows.loc[rows.index.repeat(rows["count"])].reset_index(drop=True)
    order = list(range(len(single)))
    random.shuffle(order)
    single = single.iloc[order]
    merged = cox(rows["week"], rows["event"], rows[["age", "sex"]], ties="efron", weights=rows["count"])
    spread = cox(single["week"], single["event"], single[["age", "sex"]], ties="efron")
    same(merged.coefficients, spread.coefficients, tolerance=1e-7)
    same(merged.covariance, spread.covariance, tolerance=1e-7)
    for cluster in ("inst", None):
        ours, theirs = (
            cox_robust_covariance(fit, cluster=None if cluster is None else data[cluster])
            for fit, data in ((merged, rows), (spread, single))
        )
        same(ours, theirs, tolerance=1e-6)


def test_a_covariate_that_stands_there_twice_is_refused_by_name():
    frame = pd.DataFrame([[1, 2], [2, 1], [3, 3]], columns=["age", "age"])
    with pytest.raises(StatsError, match="age stands in the covariates more than once"):
        cox([1, 2, 3], [1, 1, 1], frame, ties="efron")
