"""Survival that a Cox model predicts for given patients, as a right-continuous step without interpolation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from fls_research.stats.design import Covariates
from fls_research.stats.results import StatsError
from fls_research.stats.survival.cox import CoxFit, as_covariates
from fls_research.stats.survival.intervals import IntervalOf


def predicted_survival(
    fit: CoxFit,
    covariates: Covariates | pd.DataFrame,
    *,
    confidence: float,
    interval: IntervalOf,
    stratum: Any = None,
) -> pd.DataFrame:
    """The survival curve of each row of ``covariates``, after each event time of the (named) stratum.

    The cumulative hazard goes with the ties of the fit: Efron's for Efron, Breslow's for Breslow. Columns ``group``
    (the number of the row), ``time``, ``n`` (at risk), ``events``, ``estimate``, ``se``, ``lower``, ``upper``,
    ``method``; read it at landmarks with `at_times`. ``stratum`` must be named when the model has strata, else
    `StatsError`.

    Tsiatis AA (1981), Ann Stat 9:93–108; Therneau TM, Grambsch PM (2000), Modeling Survival Data, 10.2. R:
    ``survfit(coxph(...), newdata)``.

    >>> from fls_research.stats.survival import cox, plain_interval
    >>> frame = pd.DataFrame({"x": [1, 0, 1, 1, 0, 0]})
    >>> fit = cox([1, 2, 2, 3, 4, 5], [1, 1, 1, 0, 1, 1], frame, ties="efron")
    >>> curve = predicted_survival(fit, pd.DataFrame({"x": [0]}), confidence=0.95, interval=plain_interval)
    >>> curve[["time", "n", "estimate", "se"]].round(4)
       time    n  estimate      se
    0   1.0  6.0    0.9147  0.1098
    1   2.0  5.0    0.6987  0.2509
    2   4.0  2.0    0.4238  0.2609
    3   5.0  1.0    0.1559  0.1831
    """
    asked = as_covariates(covariates, size=_rows(covariates))
    if asked.names != fit.names:
        raise StatsError(f"covariates must have the columns of the model, in order: {', '.join(fit.names)}")
    here = _cells(fit, stratum)
    sets, likelihood = fit.likelihood.sets, fit.likelihood
    hazard, variance, slope = (part[here] for part in likelihood.baseline(fit.scaled))
    hazard, variance, slope = np.cumsum(hazard), np.cumsum(variance), np.cumsum(slope, axis=0)
    scaled_covariance = fit.covariance * np.outer(fit.scale, fit.scale)
    n, events = sets.total(likelihood.counts)[here], sets.deaths(likelihood.counts)[here]
    parts = []
    for row, x in enumerate((asked.matrix - fit.centre) / fit.scale):
        relative = np.exp(x @ fit.scaled)
        drift = slope - hazard[:, None] * x
        se = relative * np.sqrt(variance + ((drift @ scaled_covariance) * drift).sum(axis=1))
        height = np.exp(-hazard * relative)
        lower, upper = interval(height, height * se, confidence=confidence)
        steps = {"time": sets.time[here], "n": n, "events": events, "estimate": height, "se": height * se}
        parts.append(pd.DataFrame({"group": row, **steps, "lower": lower, "upper": upper}))
    return pd.concat(parts, ignore_index=True).assign(method=f"{fit.method}, {interval.__name__}")


def _rows(covariates: Covariates | pd.DataFrame) -> int:
    return len(covariates) if isinstance(covariates, pd.DataFrame) else covariates.matrix.shape[0]


def _cells(fit: CoxFit, stratum: Any) -> np.ndarray:
    if len(fit.strata) == 1 and stratum is None:
        stratum = fit.strata[0]
    if stratum not in fit.strata:
        raise StatsError(f"stratum must be one of the model's: {', '.join(map(str, fit.strata))}")
    return fit.likelihood.sets.stratum == fit.strata.index(stratum)
