"""Fine and Gray's model: how covariates move the cumulative incidence of one cause, the others competing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats.design import Covariates
from fls_research.stats.results import StatsError
from fls_research.stats.survival._counts import frequencies, labelled, states, times_of
from fls_research.stats.survival._risk_sets import SubdistributionRiskSets
from fls_research.stats.survival.cox import CoxFit, Ties, as_covariates, fit_partial_likelihood


def fine_gray(
    time: ArrayLike,
    state: Any,
    covariates: Covariates | pd.DataFrame,
    *,
    cause: Any,
    censored: Any,
    ties: Ties,
    strata: Any = None,
    weights: ArrayLike | None = None,
) -> CoxFit:
    """Log subdistribution hazard ratios of ``cause``, a competing event being weighted by the chance of being followed.

    ``state`` and ``censored`` as in `aalen_johansen`, the rest as in `cox`. Who has a competing event at s stays
    at risk at t > s with the weight G(t−)/G(s−), G being the Kaplan–Meier curve of censoring within the stratum; a
    censoring on the day of an event comes after it. No row is copied: the weights enter the running sums.

    Errors come from `cox_robust_covariance` (``cluster=None`` or a label per row): the weights make the model-based
    covariance wrong. They take G as known, as ``survival::finegray`` does. Raises `StatsError` as in `cox`, and when
    ``cause`` does not stand in ``state``, nobody of any weight has it, or a state is missing.

    Fine JP, Gray RJ (1999), J Am Stat Assoc 94:496–509; Geskus RB (2011), Biometrics 67:39–49. R:
    ``coxph(Surv(fgstart, fgstop, fgstatus) ~ ..., finegray(...), weights = fgwt, cluster = id)``.

    >>> frame = pd.DataFrame({"x": [1, 0, 1, 0, 0, 1, 1, 0]})
    >>> fit = fine_gray([1, 2, 3, 4, 5, 6, 7, 8], list("a-baabb-"), frame, cause="a", censored="-", ties="efron")
    >>> fit.coefficients.round(4)
    array([-0.8341])
    """
    exits, _ = times_of(time, None)
    if ties not in ("efron", "breslow"):
        raise StatsError("ties must be 'efron' or 'breslow'; there is no default")
    codes, causes = states(state, censored=censored, size=exits.size)
    if cause not in causes:
        raise StatsError(f"cause {cause!r} does not stand in state; nobody has it")
    columns = as_covariates(covariates, size=exits.size)
    counts = frequencies(weights, size=exits.size)
    stratum, labels = (
        (np.zeros(exits.size, np.int64), ("all",))
        if strata is None
        else labelled(strata, name="strata", size=exits.size)
    )
    kept = counts > 0
    mine = codes == causes.index(cause) + 1
    if not (mine & kept).any():
        raise StatsError(f"state: nobody has {cause!r}, so a subdistribution hazard ratio has no estimate")
    stays = (codes > 0) & ~mine
    exits, stratum = exits[kept], stratum[kept]
    followed = _Followed(exits, codes[kept] == 0, counts[kept], stratum)
    sets = SubdistributionRiskSets(exits, mine[kept], stratum, stays=stays[kept], weight=followed)
    return fit_partial_likelihood(
        sets,
        columns,
        kept=kept,
        counts=counts[kept],
        sampled=np.ones(int(kept.sum())),
        ties=ties,
        strata=labels,
        method=f"Fine–Gray for {cause}",
    )


class _Followed:
    """The chance of not being censored before a time, by stratum: a left-continuous step."""

    def __init__(self, time: np.ndarray, left: np.ndarray, counts: np.ndarray, stratum: np.ndarray) -> None:
        self._steps = {}
        for code in np.unique(stratum):
            here = stratum == code
            distinct, place = np.unique(time[here], return_inverse=True)
            leaving = np.bincount(place, counts[here])
            censored = np.bincount(place, counts[here] * left[here])
            # Events of the day come first, so only who is censored later that day or stays on is at risk.
            at_risk = np.cumsum(leaving[::-1])[::-1] - (leaving - censored)
            fall = np.divide(censored, at_risk, out=np.zeros_like(at_risk), where=at_risk > 0)
            self._steps[int(code)] = (distinct, np.concatenate([[1.0], np.cumprod(1 - fall)]))

    def before(self, time: np.ndarray, stratum: np.ndarray) -> np.ndarray:
        """G just before each time, in each stratum."""
        found = np.ones(time.size)
        for code, (distinct, height) in self._steps.items():
            here = stratum == code
            found[here] = height[np.searchsorted(distinct, time[here], side="left")]
        return found
