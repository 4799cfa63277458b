"""Tests of terms and of trend against R."""

import numpy as np
import pytest
from r_reference import Reference, same

from fls_research.stats import design
from fls_research.stats.regression import (
    cluster_robust_covariance,
    cochran_armitage,
    likelihood_ratio_test,
    logistic,
    modified_poisson,
    wald_test,
)
from fls_research.stats.results import StatsError

R = Reference("regression")
BIRTHS = R.frame("births")


def fitted(model=logistic, rows=BIRTHS, interactions=(), **more):
    said = {"numeric": ["age"], "categorical": {"race": "white", "smoke": 0}} | more
    return model(design.build(rows, outcome="low", interactions=interactions, cluster="site", **said))


def test_interaction_by_likelihood_ratio_equals_anova():
    found = likelihood_ratio_test(fitted(interactions=[("race", "smoke")]), fitted())
    same([found.statistic, found.p_value], [R.answer("interaction", "statistic"), R.answer("interaction", "p")])
    assert found.df == 2


def test_patterns_of_the_smaller_model_may_be_coarser():
    assert likelihood_ratio_test(fitted(), fitted(numeric=[])).df == 1


@pytest.mark.parametrize(
    ("smaller", "word"),
    [
        (lambda: fitted(rows=BIRTHS.head(150)), "different patients"),
        (lambda: fitted(modified_poisson), "two models of one kind"),
        (lambda: fitted(), "must hold every column"),
    ],
)
def test_models_that_cannot_be_compared_are_refused(smaller, word):
    with pytest.raises(StatsError, match=word):
        likelihood_ratio_test(fitted(), smaller())


def test_wald_test_of_one_column_is_the_square_of_z():
    fit = fitted()
    covariance = cluster_robust_covariance(fit, correction="CR0")
    place = fit.names.index("age")
    found = wald_test(fit, term="age", covariance=covariance)
    same(found.statistic, fit.coefficients[place] ** 2 / covariance[place, place])
    assert wald_test(fit, term="race", covariance=covariance).df == 2
    with pytest.raises(StatsError, match="no term 'sex'; the model has"):
        wald_test(fit, term="sex", covariance=covariance)


def test_trend_equals_prop_trend_test():
    found = cochran_armitage([83, 90, 129, 70], [86, 93, 136, 82], scores=[1, 2, 3, 5])
    same([found.statistic, found.p_value], [R.answer("trend", "statistic"), R.answer("trend", "p")])


def test_group_of_nobody_changes_no_trend():
    one = cochran_armitage([3, 5, 9], [10, 10, 10], scores=[1, 2, 3])
    other = cochran_armitage([3, 5, 0, 9], [10, 10, 0, 10], scores=[1, 2, 9, 3])
    assert one.statistic == pytest.approx(other.statistic)


@pytest.mark.parametrize(
    ("events", "n", "scores", "word"),
    [
        ([0, 0], [5, 5], [1, 2], "events: nobody or everybody"),
        ([5, 5], [5, 5], [1, 2], "events: nobody or everybody"),
        ([1, 2], [5, 5], [1, 1], "scores are alike"),
        ([1, 9], [5, 5], [1, 2], "events must not exceed n"),
        ([1, np.nan], [5, 5], [1, 2], "without missing values"),
    ],
)
def test_trend_without_an_answer_is_refused(events, n, scores, word):
    with pytest.raises(StatsError, match=word):
        cochran_armitage(events, n, scores=scores)
