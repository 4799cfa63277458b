"""Estimating equations against geepack, and their small-sample errors against the definition and statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from r_reference import Reference, same

from fls_research.stats import design
from fls_research.stats.regression import gee_exchangeable
from fls_research.stats.results import StatsError

R = Reference("regression")
HERDS, OHIO = R.frame("herds"), R.frame("ohio")
BY_HERD = design.build(HERDS, outcome="case", categorical={"period": "1"}, cluster="herd")
BY_CHILD = design.build(OHIO, outcome="resp", numeric=["age", "smoke"], cluster="id")


@pytest.mark.parametrize(
    ("case", "made", "link"),
    [("gee_herds", BY_HERD, "logit"), ("gee_herds_log", BY_HERD, "log"), ("gee_ohio", BY_CHILD, "logit")],
)
def test_estimates_equal_geeglm(case, made, link):
    found = gee_exchangeable(made, link=link)
    same(found.fit.coefficients, R.answer(case, "coef"), tolerance=1e-8)
    same(np.sqrt(np.diag(found.robust)), R.answer(case, "se"), tolerance=1e-8)
    same(
        [found.correlation, found.dispersion],
        [R.answer(case, p) for p in ("correlation", "dispersion")],
        tolerance=1e-8,
    )


def test_mancl_and_derouen_equal_their_definition_written_out_in_r():
    same(gee_exchangeable(BY_HERD, link="logit").mancl_derouen, R.answer("gee_herds_mancl"), tolerance=1e-8)


def test_mancl_and_derouen_are_what_statsmodels_calls_bias_reduced():
    x = pd.get_dummies(HERDS["period"], drop_first=True, dtype=float).assign(one=1.0)
    family, working = sm.families.Binomial(), sm.cov_struct.Exchangeable()
    theirs = sm.GEE(HERDS["case"], x, HERDS["herd"], family=family, cov_struct=working)
    wide = theirs.fit(cov_type="bias_reduced", ctol=1e-10, maxiter=200).bse
    ours = np.sqrt(np.diag(gee_exchangeable(BY_HERD, link="logit").mancl_derouen))
    # statsmodels counts the coefficients off when it estimates the correlation; geepack does not.
    np.testing.assert_allclose(ours, wide[["one", "2", "3", "4"]], rtol=2e-2)


def test_correction_widens():
    found = gee_exchangeable(BY_HERD, link="logit")
    assert (np.diag(found.mancl_derouen) > np.diag(found.robust)).all()


def test_counts_and_single_rows_give_one_answer():
    counted = HERDS.groupby(["herd", "period"], as_index=False).agg(case=("case", "mean"), n=("case", "size"))
    made = design.build(counted, outcome="case", categorical={"period": "1"}, cluster="herd", weights="n")
    one, other = gee_exchangeable(made, link="logit"), gee_exchangeable(BY_HERD, link="logit")
    same(one.robust, other.robust)


def test_one_cluster_or_clusters_of_one_patient_are_refused():
    with pytest.raises(StatsError, match="one cluster only"):
        gee_exchangeable(design.build(HERDS.assign(herd="a"), outcome="case", cluster="herd"), link="logit")
    alone = design.build(HERDS.assign(herd=range(len(HERDS))), outcome="case", cluster="herd")
    with pytest.raises(StatsError, match="every cluster holds one patient"):
        gee_exchangeable(alone, link="logit")
    with pytest.raises(StatsError, match="link must be"):
        gee_exchangeable(BY_HERD, link="probit")
