"""Do 95 % intervals cover in 94 to 96 of 100 simulated studies, and do tests at 5 % reject in about 5 of 100?

    python benchmarks/bench_stats_coverage.py                    2,000 studies, seeded
    python benchmarks/bench_stats_coverage.py --studies 10000

Beside each share stands its own Monte Carlo error (one standard error): at 2,000 studies it is 0.5 points, so a share
between 94 and 96 is what a right interval gives.
"""

from __future__ import annotations

import argparse
import math
import sys

import numpy as np
import pandas as pd

from fls_research.stats import design
from fls_research.stats.regression import (
    cluster_robust_covariance,
    coefficient_table,
    gee_exchangeable,
    likelihood_ratio_test,
    logistic,
    mixed_logistic,
    mixed_table,
    modified_poisson,
    robust_covariance,
    standardised_differences,
)
from fls_research.stats.survival import (
    aalen_johansen,
    at_times,
    complementary_log_log_interval,
    cox,
    cox_robust_covariance,
    cox_table,
    gray_test,
    kaplan_meier,
    log_log_interval,
    log_rank,
    proportional_hazards_test,
    restricted_mean,
)

CONFIDENCE = 0.95
HORIZON = 112.0
RATE, OTHER_RATE = 1 / 150, 1 / 600


def survival_study(rng: np.random.Generator) -> dict[str, bool]:
    """300 patients, two causes of constant hazard, whole days, the same in both groups."""
    n = 300
    wait = rng.exponential(1 / (RATE + OTHER_RATE), n)
    cause = np.where(rng.random(n) < RATE / (RATE + OTHER_RATE), 1, 2)
    lost = rng.uniform(60, 400, n)
    # Days are completed days, so a curve read at the end of day d is the truth at d + 1.
    days, state = np.floor(np.minimum(wait, lost)), np.where(wait <= lost, cause, 0)
    group = rng.integers(0, 2, n)
    any_event, day = state > 0, HORIZON - 1
    free = math.exp(-(RATE + OTHER_RATE) * HORIZON)
    said = {"confidence": CONFIDENCE}
    curve = at_times(kaplan_meier(days, any_event, interval=log_log_interval, **said), [day]).iloc[0]
    incidence = aalen_johansen(days, state, censored=0, interval=complementary_log_log_interval, **said)
    first = at_times(incidence[incidence["cause"] == 1], [day]).iloc[0]
    mean = restricted_mean(days, any_event, horizon=HORIZON, **said).iloc[0]
    # The mean of completed days: the sum of the curve over the days before the horizon.
    whole_days = sum(math.exp(-(RATE + OTHER_RATE) * (d + 1)) for d in range(int(HORIZON)))
    fit = cox(days, any_event, pd.DataFrame({"x": group}), ties="efron")
    hazard = proportional_hazards_test(fit, transform="km")
    return {
        "Kaplan–Meier, log-log": curve["lower"] <= free <= curve["upper"],
        "Aalen–Johansen, cloglog": first["lower"] <= RATE / (RATE + OTHER_RATE) * (1 - free) <= first["upper"],
        "restricted mean": mean["lower"] <= whole_days <= mean["upper"],
        "log-rank rejects": log_rank(days, any_event, group).p_value < 0.05,
        "Gray rejects": gray_test(days, state, group, cause=1, censored=0).p_value < 0.05,
        "proportional hazards rejects": hazard["p_value"].iloc[-1] < 0.05,
    }


def clustered_study(rng: np.random.Generator) -> dict[str, bool]:
    """60 services of 40 patients with shared frailty; the covariate belongs to the patient."""
    services, each, effect, spread = 60, 40, 0.5, 0.5
    service = np.repeat(np.arange(services), each)
    x = (rng.random(service.size) < 0.4).astype(int)
    shift = rng.normal(0, spread, services)[service]
    met = rng.random(service.size) < 1 / (1 + np.exp(-(-0.3 + effect * x + shift)))
    rows = pd.DataFrame({"met": met, "x": x, "service": service})
    made = design.build(rows, outcome="met", numeric=["x"], cluster="service")
    table = mixed_table(mixed_logistic(made, nodes=7), confidence=CONFIDENCE).iloc[1]
    marginal = _marginal(-0.3 + effect, spread) - _marginal(-0.3, spread)
    ratio = math.log(_marginal(-0.3 + effect, spread) / _marginal(-0.3, spread))
    fit = logistic(made)
    risk = standardised_differences(
        fit,
        column="x",
        reference=0,
        levels=[0, 1],
        covariance=cluster_robust_covariance(fit, correction="CR1S"),
        confidence=CONFIDENCE,
    ).iloc[0]
    log_fit = modified_poisson(made)
    risks = coefficient_table(
        log_fit, covariance=cluster_robust_covariance(log_fit, correction="CR1S"), confidence=CONFIDENCE
    ).iloc[1]
    wait = np.floor(rng.exponential(100 * np.exp(-0.3 * x - rng.normal(0, 0.3, services)[service])))
    hazard = cox(wait, np.ones(wait.size), pd.DataFrame({"x": x}), ties="efron")
    _ = cox_table(hazard, covariance=cox_robust_covariance(hazard, cluster=service), confidence=CONFIDENCE)
    return {
        "mixed logistic, odds ratio": table["lower"] <= math.exp(effect) <= table["upper"],
        "standardised difference, CR1S": risk["lower"] <= marginal <= risk["upper"],
        "modified Poisson, CR1S": math.log(risks["lower"]) <= ratio <= math.log(risks["upper"]),
    }


def few_clusters_study(rng: np.random.Generator) -> dict[str, bool]:
    """12 regions of 50 patients and a covariate of the region without effect: where plain clustered errors fail."""
    regions, each = 12, 50
    region = np.repeat(np.arange(regions), each)
    shift = rng.normal(0, 0.4, regions)[region]
    rows = pd.DataFrame({"met": rng.random(region.size) < 1 / (1 + np.exp(-shift)), "x": region % 2, "region": region})
    found = gee_exchangeable(design.build(rows, outcome="met", numeric=["x"], cluster="region"), link="logit")
    z = abs(found.fit.coefficients[1])
    return {
        "GEE, 12 clusters, no correction, rejects": z > 1.96 * math.sqrt(found.robust[1, 1]),
        "GEE, 12 clusters, Mancl–DeRouen, rejects": z > 1.96 * math.sqrt(found.mancl_derouen[1, 1]),
    }


def independent_study(rng: np.random.Generator) -> dict[str, bool]:
    """400 independent patients, two covariates without interaction."""
    n = 400
    a, b = rng.integers(0, 2, n), rng.integers(0, 2, n)
    p = np.exp(-1.2 + 0.4 * a + 0.2 * b)
    rows = pd.DataFrame({"met": rng.random(n) < p, "a": a, "b": b})
    fit = modified_poisson(design.build(rows, outcome="met", numeric=["a", "b"]))
    table = coefficient_table(fit, covariance=robust_covariance(fit, correction="HC0"), confidence=CONFIDENCE).iloc[1]
    odds = rng.random(n) < 1 / (1 + np.exp(-(-0.4 + 0.5 * a + 0.3 * b)))
    rows = rows.assign(met=odds)
    plain = design.build(rows, outcome="met", numeric=["a", "b"])
    crossed = design.build(rows, outcome="met", numeric=["a", "b"], interactions=[("a", "b")])
    interaction = likelihood_ratio_test(logistic(crossed), logistic(plain))
    return {
        "modified Poisson, HC0": table["lower"] <= math.exp(0.4) <= table["upper"],
        "interaction, likelihood ratio, rejects": interaction.p_value < 0.05,
    }


def _marginal(centre: float, spread: float) -> float:
    node, weight = np.polynomial.hermite_e.hermegauss(40)
    return float((weight / weight.sum() / (1 + np.exp(-(centre + spread * node)))).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=20_240_101)
    said = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    for study in (survival_study, clustered_study, few_clusters_study, independent_study):
        rng = np.random.default_rng(said.seed)
        shares = pd.DataFrame([study(rng) for _ in range(said.studies)]).mean()
        for name, share in shares.items():
            error = math.sqrt(share * (1 - share) / said.studies)
            print(f"{name:44s} {100 * share:6.1f} %  (± {100 * error:.1f})", flush=True)


if __name__ == "__main__":
    main()
