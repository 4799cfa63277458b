"""Fine and Gray's model against R's finegray with coxph, and cmprsk's crr where no times are tied."""

import numpy as np
import pytest
from r_reference import Reference, same

from fls_research.stats.results import StatsError
from fls_research.stats.survival import cause_specific_cox, cox_robust_covariance, fine_gray

R = Reference("survival")
MGUS = R.frame("mgus")
X = ["age", "male", "mspike"]


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_model_equals_finegray_with_coxph(ties):
    fit = fine_gray(MGUS["etime"], MGUS["state"], MGUS[X], cause=1, censored=0, ties=ties)
    same(fit.coefficients, R.answer(f"fine_gray_{ties}", "coef"))
    same(np.sqrt(np.diag(cox_robust_covariance(fit, cluster=None))), R.answer(f"fine_gray_{ties}", "se"))
    same([fit.log_likelihood_null, fit.log_likelihood], R.answer(f"fine_gray_{ties}", "loglik"))


def test_coefficients_equal_crr_where_times_are_distinct():
    fit = fine_gray(R.frame("untied")["time"], MGUS["state"], MGUS[X], cause=1, censored=0, ties="breslow")
    same(fit.coefficients, R.answer("crr_untied", "coef"), tolerance=1e-7)


def test_without_competing_events_it_is_the_cause_specific_model():
    rows = MGUS[MGUS["state"] < 2]
    fit = fine_gray(rows["etime"], rows["state"], rows[X], cause=1, censored=0, ties="efron")
    plain = cause_specific_cox(rows["etime"], rows["state"], rows[X], cause=1, ties="efron")
    same(fit.coefficients, plain.coefficients)


def test_strata_have_their_own_risk_sets_and_censoring():
    # Two copies of the data that only differ in their clocks: as strata they are the data twice.
    late = np.concatenate([MGUS["etime"], MGUS["etime"] + 5000])
    stratum = np.repeat(["a", "b"], len(MGUS))
    twice = MGUS.loc[np.tile(MGUS.index, 2)]
    fit = fine_gray(late, twice["state"], twice[X], cause=1, censored=0, ties="breslow", strata=stratum)
    same(fit.coefficients, R.answer("fine_gray_breslow", "coef"))
    one = fine_gray(MGUS["etime"], MGUS["state"], MGUS[X], cause=1, censored=0, ties="breslow")
    same(fit.covariance, one.covariance / 2)


def test_weights_count_patients():
    counts = 1 + np.arange(len(MGUS)) % 3
    again = MGUS.loc[MGUS.index.repeat(counts)]
    merged = fine_gray(MGUS["etime"], MGUS["state"], MGUS[X], cause=1, censored=0, ties="efron", weights=counts)
    spread = fine_gray(again["etime"], again["state"], again[X], cause=1, censored=0, ties="efron")
    same(merged.coefficients, spread.coefficients, tolerance=1e-8)
    same(cox_robust_covariance(merged, cluster=None), cox_robust_covariance(spread, cluster=None), tolerance=1e-7)


def test_cause_that_nobody_has_is_refused():
    with pytest.raises(StatsError, match="cause 9 does not stand in state"):
        fine_gray(MGUS["etime"], MGUS["state"], MGUS[X], cause=9, censored=0, ties="efron")
