"""How long the statistics take on simulated whole-day data, beside lifelines, statsmodels and R, in one run.

    python benchmarks/bench_stats.py                 100,000 patients, a minute or two
    python benchmarks/bench_stats.py --n 500000      what an audit year may hold; ours only where others take minutes

What counts is the ratio of two lines of one run, not seconds between machines. R is used where ``Rscript`` is on the
path with the package survival (and lme4). Slow rivals run on ``--rival-n`` patients, with our own time on as many.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.stats import design
from fls_research.stats.regression import (
    cluster_robust_covariance,
    gee_exchangeable,
    logistic,
    mixed_logistic,
    modified_poisson,
)
from fls_research.stats.survival import (
    aalen_johansen,
    cox,
    cox_robust_covariance,
    fine_gray,
    gray_test,
    kaplan_meier,
    log_log_interval,
    log_rank,
    proportional_hazards_test,
    restricted_mean,
)

SERVICES = 100
COVARIATES = [f"x{place}" for place in range(1, 9)]
SAID = {"confidence": 0.95, "interval": log_log_interval}


def simulated(n: int, seed: int) -> pd.DataFrame:
    """Whole days from 0 to 730, two competing causes, 100 services of unlike hazards, eight covariates."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 8))
    x[:, 3:] = x[:, 3:] > 0
    service = rng.integers(0, SERVICES, n)
    effect = x @ np.array([0.2, -0.1, 0.05, 0.3, -0.2, 0.1, 0, 0.15])
    hazard = np.exp(effect + rng.normal(0, 0.3, SERVICES)[service]) / 250
    time_to_event, lost = rng.exponential(1 / hazard), rng.uniform(200, 730, n)
    cause = np.where(time_to_event > lost, 0, np.where(rng.random(n) < 0.2, 2, 1))
    days = np.floor(np.minimum(time_to_event, lost)).astype(int)
    chance = 1 / (1 + np.exp(-(effect + rng.normal(0, 0.6, SERVICES)[service])))
    columns = {"time": days, "cause": cause, "event": (cause == 1).astype(int), "service": service}
    return pd.DataFrame({**columns, "met": rng.random(n) < chance, **dict(zip(COVARIATES, x.T, strict=True))})


class Timings:
    """Collects lines and prints each as it comes, with the ratio to the line it is compared with."""

    def __init__(self) -> None:
        self._ours: dict[tuple[str, int], float] = {}

    def ours(self, task: str, n: int, call: Callable[[], object]) -> object:
        seconds, result = _timed(call)
        self._ours[task, n] = seconds
        print(f"{task:44s} {n:>8,d}  ours         {seconds:9.3f} s", flush=True)
        return result

    def rival(self, task: str, n: int, name: str, call: Callable[[], object]) -> None:
        try:
            seconds, _ = _timed(call)
        except Exception as error:  # a rival that fails is a result too
            print(f"{task:44s} {n:>8,d}  {name:12s} failed: {type(error).__name__}", flush=True)
            return
        self.seconds(task, n, name, seconds)

    def seconds(self, task: str, n: int, name: str, seconds: float) -> None:
        ratio = seconds / self._ours[task, n]
        print(f"{task:44s} {n:>8,d}  {name:12s} {seconds:9.3f} s   {ratio:8.1f} × ours", flush=True)


def _timed(call: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


def ours(timings: Timings, rows: pd.DataFrame) -> None:
    """Every method once, each by itself."""
    n = len(rows)
    days, event, cause, service, x = rows["time"], rows["event"], rows["cause"], rows["service"], rows[COVARIATES]
    timings.ours("Kaplan–Meier, one curve", n, lambda: kaplan_meier(days, event, **SAID))
    timings.ours("Kaplan–Meier, 100 services", n, lambda: kaplan_meier(days, event, groups=service, **SAID))
    timings.ours("Aalen–Johansen, one curve", n, lambda: aalen_johansen(days, cause, censored=0, **SAID))
    timings.ours(
        "Aalen–Johansen, 100 services", n, lambda: aalen_johansen(days, cause, censored=0, groups=service, **SAID)
    )
    timings.ours("log-rank, 5 groups", n, lambda: log_rank(days, event, service % 5))
    timings.ours("Gray, 5 groups", n, lambda: gray_test(days, cause, service % 5, cause=1, censored=0))
    mean = {"horizon": 180, "confidence": 0.95}
    timings.ours("restricted mean, 100 services", n, lambda: restricted_mean(days, event, groups=service, **mean))
    fit = timings.ours("Cox, 8 covariates, Efron", n, lambda: cox(days, event, x, ties="efron"))
    timings.ours(
        "Cox and cluster-robust Efron",
        n,
        lambda: cox_robust_covariance(cox(days, event, x, ties="efron"), cluster=service),
    )
    timings.ours("proportional-hazards test", n, lambda: proportional_hazards_test(fit, transform="km"))
    timings.ours("Fine–Gray", n, lambda: fine_gray(days, cause, x, cause=1, censored=0, ties="efron"))
    said = {"outcome": "met", "cluster": "service"}
    single = timings.ours(
        "design, 8 covariates, no two alike", n, lambda: design.build(rows, numeric=COVARIATES, **said)
    )
    alike = timings.ours("design, 5 yes/no covariates", n, lambda: design.build(rows, numeric=COVARIATES[3:], **said))
    for label, made in (("no two alike", single), ("patterns", alike)):
        timings.ours(f"logistic, {label}", n, lambda made=made: logistic(made))
        timings.ours(f"modified Poisson and clusters, {label}", n, lambda made=made: _risk_ratios(made))
        timings.ours(f"GEE, {label}", n, lambda made=made: gee_exchangeable(made, link="logit"))
        timings.ours(f"mixed logistic, {label}", n, lambda made=made: mixed_logistic(made, nodes=7))


def _risk_ratios(made: design.Design) -> np.ndarray:
    return cluster_robust_covariance(modified_poisson(made), correction="CR1S")


def python_rivals(timings: Timings, rows: pd.DataFrame, *, slow: bool) -> None:
    """lifelines and statsmodels, where they can answer the same question."""
    import lifelines
    import statsmodels.api as sm
    from lifelines import statistics

    n = len(rows)
    rng_state = np.random.get_state()  # noqa: NPY002 - a rival reseeds the global generator
    frame = rows[["time", "event", *COVARIATES]]
    timings.rival(
        "Kaplan–Meier, one curve",
        n,
        "lifelines",
        lambda: lifelines.KaplanMeierFitter().fit(rows["time"], rows["event"]),
    )
    timings.rival(
        "Kaplan–Meier, one curve", n, "statsmodels", lambda: sm.SurvfuncRight(rows["time"], rows["event"]).surv_prob
    )
    timings.rival(
        "Aalen–Johansen, one curve",
        n,
        "lifelines",
        lambda: lifelines.AalenJohansenFitter(seed=1).fit(rows["time"], rows["cause"], event_of_interest=1),
    )
    timings.rival(
        "log-rank, 5 groups",
        n,
        "lifelines",
        lambda: statistics.multivariate_logrank_test(rows["time"], rows["service"] % 5, rows["event"]),
    )
    timings.rival(
        "Cox, 8 covariates, Efron", n, "lifelines", lambda: lifelines.CoxPHFitter().fit(frame, "time", "event")
    )
    if slow:
        timings.rival(
            "Cox and cluster-robust Efron",
            n,
            "lifelines",
            lambda: lifelines.CoxPHFitter().fit(
                rows.drop(columns=["cause", "met"]), "time", "event", cluster_col="service"
            ),
        )
    x = sm.add_constant(rows[COVARIATES])
    y, service = rows["met"].astype(float), rows["service"]
    family = sm.families
    timings.rival("logistic, no two alike", n, "statsmodels", lambda: sm.GLM(y, x, family.Binomial()).fit())
    timings.rival(
        "modified Poisson and clusters, no two alike",
        n,
        "statsmodels",
        lambda: sm.GLM(y, x, family.Poisson()).fit(cov_type="cluster", cov_kwds={"groups": service}),
    )
    timings.rival(
        "GEE, no two alike",
        n,
        "statsmodels",
        lambda: sm.GEE(y, x, service, family=family.Binomial(), cov_struct=sm.cov_struct.Exchangeable()).fit(),
    )
    np.random.set_state(rng_state)  # noqa: NPY002


R_TASKS = {
    "Kaplan–Meier, one curve": "survfit(Surv(time, event) ~ 1, d, conf.type = 'log-log')",
    "Aalen–Johansen, one curve": "survfit(Surv(time, factor(cause)) ~ 1, d)",
    "log-rank, 5 groups": "survdiff(Surv(time, event) ~ I(service %% 5), d)",
    "Cox, 8 covariates, Efron": "coxph(model, d)",
    "proportional-hazards test": "cox.zph(fit)",
    "logistic, no two alike": "glm(outcome, binomial, d)",
}
R_SLOW = {
    "Cox and cluster-robust Efron": "coxph(model, d, cluster = service)",
    "mixed logistic, no two alike": "lme4::glmer(update(outcome, . ~ . + (1 | service)), d, binomial)",
}


def r_rival(timings: Timings, rows: pd.DataFrame, tasks: dict[str, str]) -> None:
    """R, timed by R itself, so that reading the data does not count."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        print("Rscript is not on the path; R is left out.")
        return
    with tempfile.TemporaryDirectory() as folder:
        data, script = Path(folder) / "rows.csv", Path(folder) / "time.R"
        rows.assign(met=rows["met"].astype(int)).to_csv(data, index=False)
        sums = " + ".join(COVARIATES)
        lines = [
            "suppressMessages(library(survival))",
            f"d <- read.csv({data.as_posix()!r}); model <- Surv(time, event) ~ {sums}; outcome <- met ~ {sums}",
            "fit <- coxph(model, d)",
            "one <- function(e) { s <- try(system.time(suppressWarnings(eval(e)))[['elapsed']], TRUE);"
            " cat(if (is.numeric(s)) s else 'NA', '\\n'); flush(stdout()) }",
            *(f"one(quote({call}))" for call in tasks.values()),
        ]
        script.write_text("\n".join(lines), encoding="utf-8")
        done = subprocess.run([rscript, str(script)], capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        print(f"R is left out: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'it failed'}")
    for task, seconds in zip(tasks, done.stdout.split(), strict=False):
        if seconds != "NA":
            timings.seconds(task, len(rows), "R", float(seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=100_000, help="patients (default 100,000)")
    parser.add_argument("--rival-n", type=int, default=20_000, help="patients where a rival takes minutes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only-ours", action="store_true", help="leave the rivals out")
    said = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    warnings.simplefilter("ignore")
    timings, rows = Timings(), simulated(said.n, said.seed)
    ours(timings, rows)
    if said.only_ours:
        return
    python_rivals(timings, rows, slow=False)
    r_rival(timings, rows, R_TASKS)
    print(f"\nWhere rivals take minutes, on {said.rival_n:,d} patients:")
    few = simulated(said.rival_n, said.seed)
    ours(timings, few)
    python_rivals(timings, few, slow=True)
    r_rival(timings, few, R_SLOW)


if __name__ == "__main__":
    main()
