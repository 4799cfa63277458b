"""Do groups differ over time? The log-rank test and Gray's test, each plain or stratified, for any number of groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2

from fls_research.stats.results import StatsError
from fls_research.stats.survival._counts import Grid, Patients, grid, patients, states, survivors, whole

_A = np.ndarray
_USED_UP = 1e-9
"""What is left of the pooled incidence below which a division by it means nothing."""


@dataclass(frozen=True, slots=True)
class GroupTest:
    """A chi-square test of equality; ``table`` has one row per group (``group``, ``n``, ``observed``, ``expected``)."""

    statistic: float
    df: int
    p_value: float
    table: pd.DataFrame
    method: str


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    groups: Any,
    *,
    strata: Any = None,
    entry: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> GroupTest:
    """The log-rank test that all groups have one hazard of the event, within each stratum.

    Arguments as in `kaplan_meier`; ``strata`` one label per row. A group in which nobody is ever at risk while events
    happen takes no degree of freedom. Raises `StatsError` when there is one group only, or no event.

    Mantel N (1966), Cancer Chemother Rep 50:163–170. R: ``survival::survdiff``.

    >>> found = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0], list("aaabbb"))
    >>> round(found.statistic, 4), found.df, round(found.p_value, 4)
    (5.0517, 1, 0.0246)
    """
    rows = patients(time, event, causes=None, groups=_groups(groups), strata=strata, entry=entry, weights=weights)
    _need_two(rows)
    observed, expected, variance = 0.0, 0.0, 0.0
    for table in _by_stratum(rows):
        o, e, v = _hypergeometric(table)
        observed, expected, variance = observed + o, expected + e, variance + v
    _need_events(observed, cause="event")
    return _quadratic(rows, observed, expected, observed - expected, variance, method="log-rank")


def gray_test(
    time: ArrayLike,
    state: Any,
    groups: Any,
    *,
    cause: Any,
    censored: Any,
    strata: Any = None,
    weights: ArrayLike | None = None,
) -> GroupTest:
    """Gray's test that all groups have one cumulative incidence of ``cause``, the other causes competing.

    ``state`` and ``censored`` as in `aalen_johansen`; ``strata`` one label per row. The weight function is 1 (rho = 0).
    Raises `StatsError` when there is one group only; when nobody has the cause; when one group is used up so early that
    the pooled incidence F reaches 1 while others are still compared (``cmprsk`` divides by 1 − F all the same); and
    when so many have the cause on one day, among so few, that the correction for ties takes the variance below nought.

    Gray RJ (1988), Ann Stat 16:1141–1154. R: ``cmprsk::cuminc``.

    >>> found = gray_test([1, 2, 3, 4, 5, 6], list("xyxxy-"), list("aaabbb"), cause="x", censored="-")
    >>> found.df, round(found.p_value, 3)
    (1, 0.141)
    """
    codes, causes = states(state, censored=censored, size=whole(time, name="time").size)
    if cause not in causes:
        raise StatsError(f"cause {cause!r} does not stand in state; nobody has it")
    mine = causes.index(cause) + 1
    merged = np.where(codes == mine, 1, np.where(codes > 0, 2, 0))
    rows = patients(time, merged, causes=(cause, "other"), groups=_groups(groups), strata=strata, weights=weights)
    _need_two(rows)
    observed, expected, variance = 0.0, 0.0, 0.0
    for table in _by_stratum(rows):
        o, e, v = _gray_scores(table)
        observed, expected, variance = observed + o, expected + e, variance + v
    _need_events(observed, cause=cause)
    spread = np.linalg.eigvalsh(variance)
    if spread[0] < -1e-9 * np.abs(spread).max():
        raise StatsError(
            f"time: so many have {cause!r} on one day, among so few still at risk, that the variance of Gray's test is "
            "below nought; compare fewer groups"
        )
    return _quadratic(rows, observed, expected, observed - expected, variance, method="Gray's test, rho = 0")


def _groups(groups: Any) -> Any:
    if groups is None:
        raise StatsError("groups must be given; a test compares at least two of them")
    return groups


def _need_two(rows: Patients) -> None:
    if np.unique(rows.group).size < 2:
        raise StatsError("groups holds one group only; a test compares at least two of them")


def _need_events(observed: Any, *, cause: Any) -> None:
    if not np.sum(observed) > 0:
        raise StatsError(f"event: nobody has {cause!r}, so there is nothing to compare")


def _by_stratum(rows: Patients) -> Iterator[Grid]:
    for code in np.unique(rows.stratum):
        yield grid(rows.where(rows.stratum == code))


def _hypergeometric(table: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    at_risk, events = table.at_risk, table.events[0]
    n, d = at_risk.sum(axis=1), events.sum(axis=1)
    expected = at_risk * (d / n)[:, None]
    factor = np.divide(d * (n - d), n**2 * (n - 1), out=np.zeros_like(n), where=n > 1)
    variance = np.diag((at_risk * (factor * n)[:, None]).sum(axis=0)) - at_risk.T @ (at_risk * factor[:, None])
    return events.sum(axis=0), expected.sum(axis=0), variance


def _gray_scores(table: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Observed, expected and the covariance of their difference (Gray 1988, section 2 and its estimate in section 3).

    Under the hypothesis every group has one incidence F; a group's martingale enters the score of every group, at its
    own time and through what it does to that group's later risk set.
    """
    at_risk, mine, other = table.at_risk, table.events[0], table.events[1]
    here = at_risk > 0
    n = np.where(here, at_risk, 1.0)
    after = np.cumprod(np.where(here, survivors(n, np.where(here, mine + other, 0.0)) / n, 1.0), axis=0)
    before = np.vstack([np.ones(n.shape[1]), after[:-1]])
    incidence = np.cumsum(np.where(here, before * mine / n, 0.0), axis=0)
    incidence_before = np.vstack([np.zeros(n.shape[1]), incidence[:-1]])
    risk = np.where(here & (before > 0), at_risk / np.where(before > 0, before, 1.0), 0.0)
    d = mine.sum(axis=1)
    subdistribution = risk * (1 - incidence_before)
    expected = subdistribution * np.divide(d, subdistribution.sum(axis=1), out=np.zeros_like(d), where=d > 0)[:, None]

    total = risk.sum(axis=1)
    step = np.divide(d, total, out=np.zeros_like(d), where=total > 0)
    pooled = np.cumsum(step)
    pooled_before = np.concatenate([[0.0], pooled[:-1]])
    share = np.divide(risk, total[:, None], out=np.zeros_like(risk), where=total[:, None] > 0)
    n_groups = n.shape[1]
    direct = risk[:, :, None] * (np.eye(n_groups) - share[:, None, :])
    # Where one group is left alone its share is 1 and nothing is compared, so what happens later weighs nought.
    compared = (d > 0) & (here.sum(axis=1) > 1)
    free = 1 - pooled_before
    if (compared & (free <= _USED_UP)).any():
        raise StatsError(
            "groups: one is used up so early that the pooled incidence reaches 1 while others are still compared, so "
            "the variance of Gray's test does not exist; leave that group out"
        )
    hazard = np.divide(step, free, out=np.zeros_like(d), where=compared)
    through = np.cumsum(direct * hazard[:, None, None], axis=0)
    to_come = through[-1] - through
    variance = np.zeros((n_groups, n_groups))
    for k in range(n_groups):
        gone = after[:, k] <= 0
        ratio = np.divide(1 - pooled, after[:, k], out=np.zeros_like(d), where=~gone)
        seen = here[:, k] & (before[:, k] > 0)
        variance += _own_cause(direct[:, :, k], to_come[:, :, k], 1 - ratio, d, total, n[:, k], before[:, k], seen)
        variance += _other_causes(to_come[:, :, k], ratio, other[:, k], n[:, k], before[:, k], seen & ~gone)
    return mine.sum(axis=0), expected.sum(axis=0), variance


def _own_cause(direct: _A, to_come: _A, lost: _A, d: _A, total: _A, n: _A, before: _A, seen: _A) -> _A:
    size = np.where(seen, total * before, 2.0)
    ties = np.where((d > 1) & (size > 1), 1 - (d - 1) / np.where(size > 1, size - 1, 1.0), 1.0)
    weight = np.where(seen & (d > 0), ties * before * d / np.where(total > 0, total * n, 1.0), 0.0)
    effect = direct + lost[:, None] * to_come
    return effect.T @ (effect * weight[:, None])


def _other_causes(to_come: _A, ratio: _A, other: _A, n: _A, before: _A, seen: _A) -> _A:
    ties = np.where((other > 1) & (n > 1), 1 - (other - 1) / np.where(n > 1, n - 1, 1.0), 1.0)
    weight = np.where(seen, ties * before**2 * other / n**2, 0.0)
    effect = ratio[:, None] * to_come
    return effect.T @ (effect * weight[:, None])


def _quadratic(
    rows: Patients, observed: np.ndarray, expected: np.ndarray, score: np.ndarray, variance: np.ndarray, *, method: str
) -> GroupTest:
    informative = np.flatnonzero(np.diag(variance) > 1e-12 * max(np.diag(variance).max(), 1e-300))
    # The scores of all groups add up to nought, so one of those that carry information is left out.
    kept = informative[:-1]
    df = int(np.linalg.matrix_rank(variance[np.ix_(kept, kept)])) if kept.size else 0
    if df == 0:
        raise StatsError("groups are never at risk together while only some have the event, so nothing is compared")
    block = np.linalg.pinv(variance[np.ix_(kept, kept)], hermitian=True)
    statistic = float(score[kept] @ block @ score[kept])
    p_value = float(chi2.sf(statistic, df))
    n = np.bincount(rows.group, rows.weights, len(rows.labels))
    table = pd.DataFrame({"group": list(rows.labels), "n": n, "observed": observed, "expected": expected})
    return GroupTest(statistic, df, p_value, table, method)
