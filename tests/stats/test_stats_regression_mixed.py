"""Mixed logistic regression against lme4's glmer."""

import numpy as np
import pandas as pd
import pytest
from r_reference import Reference, same
from scipy.integrate import quad
from scipy.special import expit

from fls_research.stats import design
from fls_research.stats.regression import (
    intraclass_correlation,
    logistic,
    median_odds_ratio,
    mixed_logistic,
    mixed_table,
)
from fls_research.stats.regression._random_intercept import RandomIntercept
from fls_research.stats.results import StatsError

R = Reference("regression")
HERDS = R.frame("herds")
BY_HERD = design.build(HERDS, outcome="case", categorical={"period": "1"}, cluster="herd")


@pytest.fixture(scope="module")
def fit():
    return mixed_logistic(BY_HERD, nodes=9)


def test_estimates_equal_glmer_as_far_as_its_optimiser_goes(fit):
    same(fit.coefficients, R.answer("glmer_9", "coef"), tolerance=1e-4)
    same(fit.sd, R.answer("glmer_9", "sd"), tolerance=1e-4)
    same(np.sqrt(np.diag(fit.covariance)), R.answer("glmer_9", "se"), tolerance=1e-4)


def test_likelihood_is_not_below_that_of_glmer(fit):
    assert -2 * fit.log_likelihood <= R.answer("glmer_9", "deviance") + 1e-9
    same(-2 * fit.log_likelihood, R.answer("glmer_9", "deviance"), tolerance=1e-9)


def test_effects_of_clusters_equal_ranef(fit):
    effects = fit.effects.assign(herd=fit.effects["cluster"].astype(int)).sort_values("herd")
    np.testing.assert_allclose(effects["estimate"], R.answer("glmer_9", "effects"), atol=2e-5)
    same(effects["se"], R.answer("glmer_9", "effects_se"), tolerance=1e-4)
    assert effects["n"].sum() == len(HERDS)


def test_one_node_is_laplace():
    found = mixed_logistic(BY_HERD, nodes=1)
    assert -2 * found.log_likelihood <= R.answer("glmer_laplace", "deviance")
    same(-2 * found.log_likelihood, R.answer("glmer_laplace", "deviance"), tolerance=2e-6)
    same(found.coefficients, R.answer("glmer_laplace", "coef"), tolerance=1e-3)


def test_quadrature_equals_the_integral_and_its_gradient_the_differences():
    x, events, n = np.array([[1.0, 0.5], [1.0, -1.0], [1.0, 2.0]]), np.array([3.0, 1.0, 4.0]), np.array([5.0, 6.0, 4.0])
    likelihood = RandomIntercept(x, events, n, np.array([0, 0, 1]), nodes=25)
    theta = np.array([0.2, -0.3, 0.8])

    def integrand(u, rows):
        p = expit(x[rows] @ theta[:2] + theta[2] * u)
        return np.prod(p ** events[rows] * (1 - p) ** (n - events)[rows]) * np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)

    value, gradient = likelihood.value_and_gradient(theta)
    exact = sum(np.log(quad(integrand, -12, 12, args=(rows,), epsabs=1e-14)[0]) for rows in ([0, 1], [2]))
    same(value, exact, tolerance=1e-9)
    few = RandomIntercept(x, events, n, np.array([0, 0, 1]), nodes=3)
    for place, unit in enumerate(np.eye(3) * 1e-6):
        up, down = few.value_and_gradient(theta + unit)[0], few.value_and_gradient(theta - unit)[0]
        same(few.value_and_gradient(theta)[1][place], (up - down) / 2e-6, tolerance=1e-6)
    assert gradient.shape == (3,)


def test_median_odds_ratio_and_correlation_follow_from_the_spread(fit):
    ratio, share = median_odds_ratio(fit, confidence=0.95), intraclass_correlation(fit, confidence=0.95)
    assert ratio.estimate == pytest.approx(np.exp(0.6744897501960817 * np.sqrt(2) * fit.sd))
    assert share.estimate == pytest.approx(fit.sd**2 / (fit.sd**2 + np.pi**2 / 3))
    assert 1 < ratio.lower < ratio.estimate < ratio.upper and 0 < share.lower < share.estimate < share.upper < 1


@pytest.mark.parametrize("met", [[0.4] * 6, [0.4, 0.5, 0.3, 0.45, 0.4, 0.35]])
def test_clusters_as_alike_as_chance_have_no_spread_and_the_model_is_the_plain_one(met):
    rows = pd.DataFrame({"met": met, "site": list("abcdef"), "n": [50] * 6})
    made = design.build(rows, outcome="met", cluster="site", weights="n")
    found, plain = mixed_logistic(made, nodes=7), logistic(made)
    assert found.sd == 0 and np.isnan(found.sd_se)
    same(found.coefficients, plain.coefficients, tolerance=1e-5)
    same(found.covariance, plain.covariance, tolerance=1e-4)
    assert median_odds_ratio(found, confidence=0.95).estimate == 1


def test_cluster_in_which_everybody_has_the_event_is_shrunken_not_infinite():
    rows = pd.DataFrame({"met": [1.0, 0.5, 0.4, 0.6], "site": list("abcd"), "n": [20] * 4})
    effects = mixed_logistic(design.build(rows, outcome="met", cluster="site", weights="n"), nodes=15).effects
    assert 0 < effects["estimate"].iloc[0] < 5


def test_order_of_rows_does_not_matter(fit):
    other = mixed_logistic(
        design.build(HERDS.sample(frac=1, random_state=1), outcome="case", categorical={"period": "1"}, cluster="herd"),
        nodes=9,
    )
    same(other.coefficients, fit.coefficients, tolerance=1e-7)
    same(mixed_table(other, confidence=0.9)["upper"], mixed_table(fit, confidence=0.9)["upper"], tolerance=1e-6)


def test_one_cluster_is_refused():
    with pytest.raises(StatsError, match="one cluster only"):
        mixed_logistic(design.build(HERDS.assign(herd="a"), outcome="case", cluster="herd"), nodes=7)
    with pytest.raises(StatsError, match="nodes"):
        mixed_logistic(BY_HERD, nodes=0)


@pytest.mark.parametrize("covariate", [(), ("age",)])
def test_clusters_that_all_have_nobody_or_everybody_are_refused(covariate):
    frame = pd.DataFrame({"met": [0, 0, 1, 1, 0, 0], "site": list("aabbcc"), "age": [60, 71, 63, 74, 80, 66]})
    with pytest.raises(StatsError, match=r"^met: in every cluster .* no finite spread between clusters"):
        mixed_logistic(design.build(frame, outcome="met", numeric=covariate, cluster="site"), nodes=7)


def test_one_mixed_cluster_is_enough_for_an_answer():
    frame = pd.DataFrame({"met": [0, 0.5, 0.9, 1], "site": list("abcd"), "n": [4, 20, 20, 4]})
    assert np.isfinite(mixed_logistic(design.build(frame, outcome="met", cluster="site", weights="n"), nodes=9).sd)
