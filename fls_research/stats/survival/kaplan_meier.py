"""The Kaplan–Meier curve, its quantiles, and the reading of any curve at given times."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats.results import StatsError
from fls_research.stats.survival._counts import by_group, patients, survivors, whole
from fls_research.stats.survival.intervals import IntervalOf

_ROUNDING = 1e-12


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    confidence: float,
    interval: IntervalOf,
    groups: Any = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> pd.DataFrame:
    """The proportion still without the event after each time, for all groups at once.

    Parameters
    ----------
    time : follow-up, one unit throughout, 0 allowed: an event on day 0 lowers the curve on day 0.
    event : true where the event happened at ``time``, false where the patient was censored then. Someone censored on
        the day of an event is at risk of it.
    confidence : such as 0.95.
    interval : `log_log_interval`, `plain_interval`, or a function like them.
    groups : one label per row; a curve for each. Not given: one group called ``all``.
    entry : left truncation; a row is at risk from just after ``entry`` until ``time``.
    weights : how many identical patients a row stands for.

    Returns
    -------
    One row per group and time at which somebody left: ``group``, ``time``, ``n`` (at risk), ``events``, ``censored``,
    ``estimate``, ``se`` (Greenwood), ``lower``, ``upper``, ``method``. The interval is missing once the curve is 0, and
    a log-log interval while it is 1. Missing values are refused by name (`StatsError`).

    Kaplan EL, Meier P (1958), J Am Stat Assoc 53:457–481; Greenwood M (1926). R: ``survival::survfit``.

    >>> from fls_research.stats.survival import plain_interval
    >>> curve = kaplan_meier([1, 2, 2, 3], [1, 1, 0, 0], confidence=0.95, interval=plain_interval)
    >>> curve[["time", "n", "events", "censored", "estimate", "se"]].round(4)
       time    n  events  censored  estimate      se
    0   1.0  4.0     1.0       0.0      0.75  0.2165
    1   2.0  3.0     1.0       1.0      0.50  0.2500
    2   3.0  1.0     0.0       1.0      0.50  0.2500
    """
    rows = patients(time, event, causes=None, groups=groups, entry=entry, weights=weights)
    parts = []
    for counts in by_group(rows):
        estimate, se = _product_limit(counts.at_risk, counts.events[:, 0])
        parts.append((counts, estimate, se))
    estimate, se = (np.concatenate([part[place] for part in parts]) for place in (1, 2))
    lower, upper = interval(estimate, se, confidence=confidence)
    tables = [part[0] for part in parts]
    return pd.DataFrame(
        {
            "group": np.repeat(_objects([t.label for t in tables]), [t.time.size for t in tables]),
            "time": np.concatenate([t.time for t in tables]),
            "n": np.concatenate([t.at_risk for t in tables]),
            "events": np.concatenate([t.events[:, 0] for t in tables]),
            "censored": np.concatenate([t.censored for t in tables]),
            "estimate": estimate,
            "se": se,
            "lower": lower,
            "upper": upper,
            "method": f"Kaplan–Meier, {interval.__name__}",
        }
    )


def _objects(labels: list[Any]) -> np.ndarray:
    series = pd.Series(labels)
    return series.to_numpy()


def _product_limit(at_risk: np.ndarray, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left = survivors(at_risk, events)
    estimate = np.cumprod(left / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        se = estimate * np.sqrt(np.cumsum(events / (at_risk * left)))
    return estimate, se


def survival_quantiles(curves: pd.DataFrame, *, probability: float) -> pd.DataFrame:
    """The time by which a proportion ``probability`` has had the event, with its interval, for each curve.

    Takes what `kaplan_meier` gives. The quantile is inf{t : S(t) ≤ 1 − probability}; its ends are the same of the
    lower and upper bounds of the curve (Brookmeyer and Crowley). Where a curve does not fall so far the time is
    missing. R takes the midpoint where the curve is flat at exactly that height; this does not.

    Raises
    ------
    StatsError : for a probability outside 0 to 1.

    Brookmeyer R, Crowley J (1982), Biometrics 38:29–41. R: ``quantile(survfit(...))``.

    >>> from fls_research.stats.survival import log_log_interval
    >>> curves = kaplan_meier(range(1, 11), [1] * 10, confidence=0.95, interval=log_log_interval)
    >>> survival_quantiles(curves, probability=0.5).drop(columns="method")
      group  probability  estimate  lower  upper     n  events
    0   all          0.5       5.0    1.0    8.0  10.0    10.0
    """
    if not 0 < probability < 1:
        raise StatsError(f"probability must lie between 0 and 1, such as 0.5 for the median; given {probability}")
    records = []
    for group, curve in curves.groupby("group", sort=False):
        times = {
            name: _first_at_or_below(curve["time"].to_numpy(), curve[column].to_numpy(), 1 - probability)
            for name, column in (("estimate", "estimate"), ("lower", "lower"), ("upper", "upper"))
        }
        events = curve["events"].sum()
        n = events + curve["censored"].sum()
        records.append({"group": group, "probability": probability, **times, "n": n, "events": events})
    return pd.DataFrame(records).assign(method="first time at which the curve is at or below the height")


def _first_at_or_below(time: np.ndarray, height: np.ndarray, target: float) -> float:
    with np.errstate(invalid="ignore"):
        reached = np.flatnonzero(height <= target + _ROUNDING)
    return float(time[reached[0]]) if reached.size else np.nan


def at_times(curves: pd.DataFrame, times: ArrayLike) -> pd.DataFrame:
    """Each curve read at the given times: the value of the last step at or before them.

    Takes what `kaplan_meier` or `aalen_johansen` gives. Before the first step nothing has happened: the estimate is 1
    (or 0 for cumulative incidence) with no standard error. Beyond a curve's last time nothing is known: the row is
    missing, unless a survival curve ended at 0. ``n`` is who is at risk at the time (with late entry: at the next time
    at which somebody leaves).

    Raises
    ------
    StatsError : for a time that is missing, infinite or no number.

    R: ``summary(survfit(...), times = )``.

    >>> from fls_research.stats.survival import plain_interval
    >>> curves = kaplan_meier([1, 2, 2, 4], [1, 1, 0, 0], confidence=0.95, interval=plain_interval)
    >>> at_times(curves, [0, 2, 3, 5])[["time", "n", "estimate"]]
       time    n  estimate
    0   0.0  4.0       1.0
    1   2.0  3.0       0.5
    2   3.0  1.0       0.5
    3   5.0  0.0       NaN
    """
    asked = whole(times, name="times")
    keys = ["group", "cause"] if "cause" in curves else ["group"]
    parts = []
    for key, curve in curves.groupby(keys, sort=False, observed=True):
        steps = _read_steps(curve, asked, start=0.0 if "cause" in curves else 1.0)
        parts.append(steps.assign(**dict(zip(keys, key, strict=True))))
    found = pd.concat(parts, ignore_index=True)
    return found[[column for column in curves.columns if column in found]]


def _read_steps(curve: pd.DataFrame, asked: np.ndarray, *, start: float) -> pd.DataFrame:
    time, at_risk = curve["time"].to_numpy(), curve["n"].to_numpy()
    before = np.searchsorted(time, asked, side="right") - 1
    following = np.searchsorted(time, asked, side="left")
    read = curve[["estimate", "se", "lower", "upper"]].to_numpy()[np.maximum(before, 0)]
    read[before < 0] = [start, np.nan, np.nan, np.nan]
    finished = "cause" not in curve and curve["estimate"].iloc[-1] == 0
    if not finished:
        read[asked > time[-1]] = np.nan
    steps = pd.DataFrame(read, columns=["estimate", "se", "lower", "upper"])
    at = np.append(at_risk, 0.0)[following]
    return steps.assign(time=asked, n=at, method=curve["method"].iloc[0])
