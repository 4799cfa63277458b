"""Firth's logistic regression against brglm2, its intervals against the published analysis of the endometrial data."""

import numpy as np
import pandas as pd
import pytest
from r_reference import Reference, same
from scipy.optimize import minimize

from fls_research.stats import design
from fls_research.stats.regression import firth_intervals, firth_logistic, logistic
from fls_research.stats.regression.firth import penalised
from fls_research.stats.results import StatsError

R = Reference("regression")
PATIENTS = R.frame("endometrial")
MADE = design.build(PATIENTS, outcome="HG", numeric=["NV", "PI", "EH"])


def test_estimates_equal_brglm2():
    fit = firth_logistic(MADE)
    same(fit.coefficients, R.answer("firth", "coef"), tolerance=1e-8)
    same(np.sqrt(np.diag(fit.covariance)), R.answer("firth", "se"), tolerance=1e-8)


def test_profile_intervals_are_where_the_penalised_likelihood_has_fallen_by_half_the_quantile():
    # Heinze and Schemper (2002): NV 2.93 (0.61 to 7.85), PI -0.03 (-0.12 to 0.04), EH -2.60 (-4.37 to -1.23).
    table = firth_intervals(firth_logistic(MADE), confidence=0.95).set_index("term")
    ends = np.log(table.loc[["NV", "PI", "EH"], ["lower", "upper"]])
    np.testing.assert_allclose(ends, [[0.61, 7.85], [-0.12, 0.04], [-4.37, -1.23]], atol=0.006)


def test_empty_cell_has_an_estimate_where_maximum_likelihood_has_none():
    with pytest.raises(StatsError, match="NV: no finite estimate"):
        logistic(MADE)
    assert np.isfinite(firth_logistic(MADE).coefficients).all()


def test_two_groups_have_half_an_event_added_to_each_cell():
    rows = pd.DataFrame({"met": [0.0, 0.3], "sex": ["f", "m"], "n": [12, 20]})
    fit = firth_logistic(design.build(rows, outcome="met", categorical={"sex": "m"}, weights="n"))
    same(fit.coefficients[1], np.log((0.5 / 12.5) / (6.5 / 14.5)), tolerance=1e-8)


def test_counts_and_single_rows_give_one_answer():
    again = design.build(pd.concat([PATIENTS, PATIENTS]), outcome="HG", numeric=["NV", "PI", "EH"])
    doubled = design.build(PATIENTS.assign(n=2), outcome="HG", numeric=["NV", "PI", "EH"], weights="n")
    same(firth_logistic(again).coefficients, firth_logistic(doubled).coefficients)


def test_profile_of_another_model_is_refused():
    with pytest.raises(StatsError, match="firth_logistic"):
        firth_intervals(logistic(design.build(PATIENTS, outcome="HG", numeric=["EH"])), confidence=0.95)


def test_six_patients_of_whom_steps_go_too_far_have_the_maximum_that_a_search_finds():
    frame = pd.DataFrame({"met": [0, 1, 0, 1, 1, 0], "x": [1, 2, 3, 1, 4, 2], "sex": list("fmfmfm")})
    made = design.build(frame, outcome="met", numeric=["x"], categorical={"sex": "m"})
    fit = firth_logistic(made)
    best = minimize(lambda b: -penalised(made, b), np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-9})
    np.testing.assert_allclose(fit.coefficients, best.x, atol=1e-5)
    assert fit.log_likelihood >= -best.fun - 1e-10
