"""Are hazards proportional? The score test for a coefficient that changes with time, by term and for all terms."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import chi2

from fls_research.stats.results import StatsError
from fls_research.stats.survival._counts import Patients, by_group, survivors
from fls_research.stats.survival.cox import CoxFit

Transform = Literal["km", "rank", "identity", "log"]


def proportional_hazards_test(fit: CoxFit, *, transform: Transform) -> pd.DataFrame:
    """Score tests of β(t) = β + γ g(t) against γ = 0, one row per term and one called ``GLOBAL``.

    ``transform`` says what g is: ``"km"`` one less the overall Kaplan–Meier curve just before t, ``"rank"`` the rank
    of the time, ``"identity"``, or ``"log"``. Columns ``term``, ``statistic``, ``df``, ``p_value``, ``method``. A
    categorical term is tested as a whole. Strata are kept apart in the risk sets, not in g.

    Raises
    ------
    StatsError : for another ``transform``, for ``"log"`` with events at time 0, for a fit with sampling weights, and
        when every event happens at one time.

    Grambsch PM, Therneau TM (1994), Biometrika 81:515–526, with the full information as in R's ``survival::cox.zph``
    from release 3.0 on (not the approximation before it). Of use for weights that count patients; refused for sampling
    weights, whose score has another variance.

    >>> from fls_research.stats.survival.cox import cox
    >>> frame = pd.DataFrame({"x": [1, 0, 1, 1, 0, 0, 1, 0]})
    >>> fit = cox([1, 2, 2, 3, 4, 5, 6, 7], [1, 1, 1, 0, 1, 1, 1, 0], frame, ties="efron")
    >>> proportional_hazards_test(fit, transform="identity")[["term", "statistic", "df"]].round(4)
         term  statistic  df
    0       x     0.1173   1
    1  GLOBAL     0.1173   1
    """
    likelihood = fit.likelihood
    if not np.array_equal(likelihood.weights, likelihood.counts):
        raise StatsError("sampling_weights: the score test holds for patients counted, not sampled; test without them")
    g = _clock(fit, transform)
    beta = fit.scaled
    _, plain = likelihood.weighted_moments(beta, np.ones_like(g))
    score, mixed = likelihood.weighted_moments(beta, g)
    _, squared = likelihood.weighted_moments(beta, g**2)
    # What is left of the trend's information once β has been estimated.
    places = {name: [fit.names.index(column) for column in columns] for name, columns in fit.terms.items()}
    places["GLOBAL"] = list(range(len(fit.names)))
    records = []
    for name, chosen in places.items():
        own = squared[np.ix_(chosen, chosen)] - mixed[chosen] @ np.linalg.solve(plain, mixed[:, chosen])
        statistic = float(score[chosen] @ np.linalg.solve(own, score[chosen]))
        records.append((name, statistic, len(chosen), float(chi2.sf(statistic, len(chosen)))))
    table = pd.DataFrame(records, columns=["term", "statistic", "df", "p_value"])
    return table.assign(method=f"score test of proportional hazards, time as {transform}")


def _clock(fit: CoxFit, transform: str) -> np.ndarray:
    """g at each event time, centred at its mean over the events; a shift of g does not change the test."""
    sets, counts = fit.likelihood.sets, fit.likelihood.counts
    if transform == "identity":
        g = sets.time
    elif transform == "log":
        if (sets.time <= 0).any():
            raise StatsError("transform 'log' has no value at time 0, where events happen; choose another")
        g = np.log(sets.time)
    elif transform in ("rank", "km"):
        g = _ranked(fit) if transform == "rank" else _fallen(fit)
    else:
        raise StatsError("transform must be 'km', 'rank', 'identity' or 'log'; there is no default")
    events = sets.deaths(counts)
    g = g - np.average(g, weights=events)
    spread = np.abs(g).max()
    if not spread > 0:
        raise StatsError("every event happens at one time, so no change over time can be tested")
    return g / spread


def _ranked(fit: CoxFit) -> np.ndarray:
    time, counts = fit.row_time, fit.likelihood.counts
    distinct, place = np.unique(time, return_inverse=True)
    held = np.bincount(place, counts)
    middle = np.cumsum(held) - held / 2
    return middle[np.searchsorted(distinct, fit.likelihood.sets.time)]


def _fallen(fit: CoxFit) -> np.ndarray:
    sets, counts = fit.likelihood.sets, fit.likelihood.counts
    size = fit.row_time.size
    alike = np.zeros(size, np.int64)
    rows = Patients(fit.row_time, sets.dies.astype(np.int64), ("event",), alike, ("all",), fit.row_entry, counts, alike)
    table = next(iter(by_group(rows)))
    height = np.cumprod(survivors(table.at_risk, table.events[:, 0]) / table.at_risk)
    before = np.concatenate([[1.0], height])[np.searchsorted(table.time, sets.time)]
    return 1 - before
