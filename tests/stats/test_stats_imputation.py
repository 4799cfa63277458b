"""Rubin's rules against mice::pool, and chained equations against a planted truth."""

import math

import numpy as np
import pandas as pd
import pytest
from r_reference import Reference, same

from fls_research.stats import design
from fls_research.stats.imputation import impute_chained, pool
from fls_research.stats.regression import logistic
from fls_research.stats.results import StatsError

R = Reference("regression")


def test_pool_equals_mice():
    variances = [np.diag(v) for v in R.answer("pool", "covariances")]
    found = pool(
        R.answer("pool", "estimates"),
        variances,
        terms=["(intercept)", "age", "hyp", "chl"],
        complete_df=float(R.answer("pool", "dfcom")),
        confidence=0.95,
    )
    for ours, theirs in {
        "estimate": "estimate",
        "se": "se",
        "df": "df",
        "lower": "lower",
        "upper": "upper",
        "relative_increase": "riv",
        "fraction_missing": "fmi",
    }.items():
        same(found[ours], R.answer("pool", theirs))


def test_without_missing_data_the_pool_is_the_complete_answer():
    found = pool([[1.0], [1.0]], [[0.04], [0.04]], terms=["a"], complete_df=math.inf, confidence=0.95)
    same(found.loc[0, ["estimate", "se", "upper"]], [1, 0.2, 1 + 1.959963984540054 * 0.2])
    assert found["fraction_missing"].item() == 0


@pytest.mark.parametrize(
    ("estimates", "variances", "word"),
    [
        ([[1.0]], [[1.0]], "at least two imputations"),
        ([[1.0], [np.nan]], [[1.0], [1.0]], "must be present"),
        ([[1.0], [1.0]], [[1.0], [-1.0]], "not negative"),
        ([1.0, 2.0], [1.0, 1.0], "imputations × terms"),
    ],
)
def test_answers_that_cannot_be_pooled_are_refused(estimates, variances, word):
    with pytest.raises(StatsError, match=word):
        pool(estimates, variances, terms=["a"], complete_df=10, confidence=0.95)


def impute(frame, *, seed=1, imputations=5):
    return impute_chained(
        frame,
        imputations=imputations,
        burn_in=3,
        spacing=1,
        neighbours=5,
        generator=np.random.default_rng(seed),
    )


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(7)
    n = 2000
    age = rng.normal(75, 8, n)
    sex = rng.choice(["f", "m"], n)
    met = rng.random(n) < 1 / (1 + np.exp(-(0.08 * (age - 75) + 0.5 * (sex == "m"))))
    whole = pd.DataFrame({"age": age, "sex": sex, "met": met})
    lost = rng.random(n) < np.where(age > 75, 0.6, 0.1)
    return whole, whole.assign(met=whole["met"].astype("boolean").mask(lost))


def test_observed_values_stay_and_only_observed_values_are_drawn(planted):
    _, gaps = planted
    for made in impute(gaps, imputations=2):
        seen = gaps["met"].notna()
        assert (made.loc[seen, "met"] == gaps.loc[seen, "met"].astype(float)).all()
        assert set(made["met"].unique()) == {0.0, 1.0}
        pd.testing.assert_frame_equal(made[["age", "sex"]], gaps[["age", "sex"]])


def test_proportion_lost_with_age_is_recovered_where_complete_cases_are_biased(planted):
    whole, gaps = planted
    truth, complete = whole["met"].mean(), gaps["met"].mean()
    copies = impute(gaps, imputations=8)
    p = np.array([[made["met"].mean()] for made in copies])
    found = pool(p, p * (1 - p) / len(whole), terms=["met"], complete_df=math.inf, confidence=0.95)
    assert abs(complete - truth) > 0.03
    assert found["lower"].item() < truth < found["upper"].item()
    assert abs(found["estimate"].item() - truth) < abs(complete - truth) / 2


def test_models_of_completed_frames_go_straight_into_the_pool(planted):
    _, gaps = planted
    fits = [
        logistic(design.build(made, outcome="met", numeric=["age"], categorical={"sex": "f"}))
        for made in impute(gaps, imputations=3)
    ]
    found = pool(
        [fit.coefficients for fit in fits],
        [np.diag(fit.covariance) for fit in fits],
        terms=fits[0].names,
        complete_df=len(gaps) - 3,
        confidence=0.95,
    ).set_index("term")
    assert found.loc["age", "lower"] < 0.08 < found.loc["age", "upper"]


def test_same_generator_same_copies(planted):
    small = planted[1].head(100)
    one, again, other = (impute(small, seed=seed, imputations=1)[0] for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    assert not one["met"].equals(other["met"])


def test_refusals_name_the_column():
    frame = pd.DataFrame({"age": [1.0, 2, 3, 4], "group": pd.Categorical(["a", None, "b", "a"])})
    with pytest.raises(StatsError, match="group is categorical with gaps"):
        impute(frame)
    with pytest.raises(StatsError, match="age holds fewer than two"):
        impute(frame[["age"]].assign(age=[1, None, 1, 1], x=[1, 2, 3, 4]))
    with pytest.raises(StatsError, match="nothing to impute"):
        impute(frame[["age"]])


@pytest.mark.parametrize("other", [None, [1.0, 1.0, 1.0, 1.0]])
def test_gaps_without_a_column_to_learn_from_are_refused(other):
    frame = pd.DataFrame({"age": [60.0, None, 80, 90]})
    frame = frame if other is None else frame.assign(other=other)
    with pytest.raises(StatsError, match=r"^age has gaps, but no other column varies"):
        impute(frame)


def test_a_column_that_stands_there_twice_is_refused():
    frame = pd.DataFrame([[60.0, 1.0], [None, 2.0]], columns=["age", "age"])
    with pytest.raises(StatsError, match=r"^age stands in the frame more than once"):
        impute(frame)
