"""Restricted mean survival time: the area under the Kaplan–Meier curve up to a horizon, and its contrasts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats._checks import normal_quantile
from fls_research.stats.results import Estimate, StatsError
from fls_research.stats.survival._counts import GroupCounts, by_group, patients, survivors


def restricted_mean(
    time: ArrayLike,
    event: ArrayLike,
    *,
    horizon: float,
    confidence: float,
    groups: Any = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> pd.DataFrame:
    """The mean time without the event during the first ``horizon`` units, for each group.

    Arguments as in `kaplan_meier`. One row per group: ``group``, ``horizon``, ``estimate``, ``se``, ``lower``,
    ``upper`` (normal), ``n``, ``events``, ``method``. Raises `StatsError` naming the group when its follow-up ends
    before the horizon with patients still without the event, for the area is not known there.

    Klein JP, Moeschberger ML (2003), Survival Analysis, 2nd ed., 4.5. R: ``print(survfit(...), rmean = horizon)``.

    >>> restricted_mean([1, 2, 2, 4], [1, 1, 0, 0], horizon=3, confidence=0.95)[["estimate", "se"]].round(4)
       estimate      se
    0      2.25  0.4146
    """
    z = normal_quantile(confidence)
    rows = patients(time, event, causes=None, groups=groups, entry=entry, weights=weights)
    table = pd.DataFrame([_area(counts, horizon) for counts in by_group(rows)])
    half = z * table["se"]
    table = table.assign(lower=table["estimate"] - half, upper=table["estimate"] + half, horizon=float(horizon))
    columns = ["group", "horizon", "estimate", "se", "lower", "upper", "n", "events"]
    return table[columns].assign(method="restricted mean survival time, Greenwood")


def _area(counts: GroupCounts, horizon: float) -> dict[str, Any]:
    n, d = counts.at_risk, counts.events[:, 0]
    left = survivors(n, d)
    height = np.cumprod(left / n)
    if not horizon > 0:
        raise StatsError(f"horizon must be above zero; given {horizon}")
    if horizon > counts.time[-1] and height[-1] > 0:
        raise StatsError(
            f"horizon {horizon:g} lies beyond the last follow-up of group {counts.label!r} "
            f"({counts.time[-1]:g}); choose one that every group reaches"
        )
    inside = counts.time < horizon
    starts = counts.time[inside]
    widths = np.diff(np.append(starts, horizon))
    pieces = height[inside] * widths
    to_come = np.cumsum(pieces[::-1])[::-1]
    per_event = np.divide(d, n * left, out=np.zeros_like(n), where=left > 0)[inside]
    first = starts[0] if starts.size else horizon
    return {
        "group": counts.label,
        "estimate": float(first + pieces.sum()),
        "se": float(np.sqrt((to_come**2 * per_event).sum())),
        "n": float((d + counts.censored).sum()),
        "events": float(d[counts.time <= horizon].sum()),
    }


def _pair(means: pd.DataFrame, group: Any, reference: Any) -> tuple[pd.Series, pd.Series]:
    found = means.set_index("group")
    for asked, name in ((group, "group"), (reference, "reference")):
        if asked not in found.index:
            raise StatsError(f"{name} {asked!r} is not among the groups of the restricted means")
    return found.loc[group], found.loc[reference]


def restricted_mean_difference(means: pd.DataFrame, *, group: Any, reference: Any, confidence: float) -> Estimate:
    """The restricted mean of ``group`` less that of ``reference``; takes what `restricted_mean` gives.

    Raises
    ------
    StatsError : naming a group that is not in the table, or for a confidence outside 0 to 1.

    Royston P, Parmar MKB (2013), BMC Med Res Methodol 13:152. R: ``survRM2::rmst2``.

    >>> means = restricted_mean([1, 2, 3, 4], [1, 1, 1, 0], groups=list("aabb"), horizon=2, confidence=0.95)
    >>> found = restricted_mean_difference(means, group="b", reference="a", confidence=0.95)
    >>> round(found.estimate, 3), round(found.se, 3)
    (0.5, 0.354)
    """
    one, other = _pair(means, group, reference)
    difference, se = one["estimate"] - other["estimate"], np.hypot(one["se"], other["se"])
    z = normal_quantile(confidence)
    n, events = one["n"] + other["n"], one["events"] + other["events"]
    return Estimate(
        *(float(v) for v in (difference, difference - z * se, difference + z * se, se, n, events)),
        method="difference of restricted means",
    )


def restricted_mean_ratio(means: pd.DataFrame, *, group: Any, reference: Any, confidence: float) -> Estimate:
    """The restricted mean of ``group`` over that of ``reference``, with an interval on the log scale.

    Raises `StatsError` as in `restricted_mean_difference`, and when everybody of a group had the event at time 0.

    ``se`` is that of the logarithm of the ratio. Source as in `restricted_mean_difference`.

    >>> means = restricted_mean([1, 2, 3, 4], [1, 1, 1, 0], groups=list("aabb"), horizon=2, confidence=0.95)
    >>> round(restricted_mean_ratio(means, group="b", reference="a", confidence=0.95).estimate, 4)
    1.3333
    """
    one, other = _pair(means, group, reference)
    if other["estimate"] <= 0 or one["estimate"] <= 0:
        raise StatsError("a ratio of restricted means needs both above zero; here everybody had the event at time 0")
    log_ratio = np.log(one["estimate"] / other["estimate"])
    se = np.hypot(one["se"] / one["estimate"], other["se"] / other["estimate"])
    z = normal_quantile(confidence)
    n, events = one["n"] + other["n"], one["events"] + other["events"]
    values = (np.exp(log_ratio), np.exp(log_ratio - z * se), np.exp(log_ratio + z * se), se, n, events)
    return Estimate(*(float(v) for v in values), method="ratio of restricted means; se of the logarithm")
