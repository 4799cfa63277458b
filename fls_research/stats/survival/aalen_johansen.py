"""The Aalen–Johansen cumulative incidence of competing causes, with its delta-method variance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats.survival._counts import GroupCounts, by_group, patients, states, survivors, whole
from fls_research.stats.survival.intervals import IntervalOf


def aalen_johansen(
    time: ArrayLike,
    state: Any,
    *,
    censored: Any,
    confidence: float,
    interval: IntervalOf,
    groups: Any = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> pd.DataFrame:
    """The proportion who have had each cause by each time, the other causes being able to come first.

    Parameters
    ----------
    time : follow-up; 0 is allowed and events on day 0 are kept. Ties are left as they are.
    state : what ended the follow-up: a cause, or ``censored``. A categorical may name a cause that nobody has.
    censored : the value of ``state`` that stands for censoring.
    confidence : such as 0.95.
    interval : `log_log_interval` (as R does it, on the incidence), `complementary_log_log_interval` (agrees with 1 − S
        when there is one cause), or `plain_interval`.
    groups, entry, weights : as in `kaplan_meier`.

    Returns
    -------
    One row per group, cause and time at which somebody left: ``group``, ``cause``, ``time``, ``n`` (at risk),
    ``events`` (of the cause), ``estimate``, ``se``, ``lower``, ``upper``, ``method``. Missing values are refused by
    name (`StatsError`).

    Aalen OO, Johansen S (1978), Scand J Stat 5:141–150; variance: Marubini E, Valsecchi MG (1995), Analysing Survival
    Data from Clinical Trials and Observational Studies, 10.3. R: ``survival::survfit`` with a factor status, whose
    errors are the same except with late entry, where its jackknife differs by less than one in a hundred.

    >>> from fls_research.stats.survival import plain_interval
    >>> incidence = aalen_johansen([0, 0, 1, 2, 3], ["a", "b", "a", "-", "a"], censored="-", confidence=0.95,
    ...                            interval=plain_interval)
    >>> incidence.loc[incidence["cause"] == "a", ["time", "n", "events", "estimate", "se"]].round(4)
       time    n  events  estimate      se
    0   0.0  5.0     1.0       0.2  0.1789
    1   1.0  3.0     1.0       0.4  0.2191
    2   2.0  2.0     0.0       0.4  0.2191
    3   3.0  1.0     1.0       0.8  0.1789
    """
    codes, causes = states(state, censored=censored, size=whole(time, name="time").size)
    rows = patients(time, codes, causes=causes, groups=groups, entry=entry, weights=weights)
    parts = [_incidence(counts, place, cause) for counts in by_group(rows) for place, cause in enumerate(causes)]
    stacked = ("time", "n", "events", "estimate", "se")
    columns = {name: np.concatenate([part[name] for part in parts]) for name in stacked}
    sizes = [part["time"].size for part in parts]
    lower, upper = interval(columns["estimate"], columns["se"], confidence=confidence)
    return pd.DataFrame(
        {
            "group": np.repeat(pd.Series([part["group"] for part in parts]).to_numpy(), sizes),
            "cause": np.repeat(pd.Series([part["cause"] for part in parts]).to_numpy(), sizes),
            **columns,
            "lower": lower,
            "upper": upper,
            "method": f"Aalen–Johansen, {interval.__name__}",
        }
    )


def _incidence(counts: GroupCounts, place: int, cause: Any) -> dict[str, Any]:
    n, mine, ended = counts.at_risk, counts.events[:, place], counts.events.sum(axis=1)
    left = survivors(n, ended)
    before = np.concatenate([[1.0], np.cumprod(left / n)[:-1]])
    estimate = np.cumsum(before * mine / n)
    return {
        "group": counts.label,
        "cause": cause,
        "time": counts.time,
        "n": n,
        "events": mine,
        "estimate": estimate,
        "se": np.sqrt(_variance(estimate, before, n, mine, ended, left)),
    }


def _variance(
    f: np.ndarray, before: np.ndarray, n: np.ndarray, mine: np.ndarray, ended: np.ndarray, left: np.ndarray
) -> np.ndarray:
    """Σ (F(t) − F(s))² d/(n(n−d)) + Σ S(s−)² (n−dₖ)dₖ/n³ − 2 Σ (F(t) − F(s)) S(s−) dₖ/n², each over s ≤ t.

    Squares are multiplied out, so that the sums are running sums. When everybody left has ended, F does not move any
    more and the first term is nought.
    """
    a = np.divide(ended, n * left, out=np.zeros_like(n), where=left > 0)
    b = before * mine / n**2
    own = np.cumsum(before**2 * (n - mine) * mine / n**3)
    first = f**2 * np.cumsum(a) - 2 * f * np.cumsum(a * f) + np.cumsum(a * f**2)
    cross = f * np.cumsum(b) - np.cumsum(b * f)
    return np.maximum(first + own - 2 * cross, 0.0)
