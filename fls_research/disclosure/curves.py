"""The gate for curves over time: counts of patients by day go in, and what may be read of their curves comes out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.disclosure import shape
from fls_research.disclosure.additive import Relation, refuse_unknown
from fls_research.disclosure.policies import Level, Policy, level_of
from fls_research.disclosure.policies import policy as policy_of
from fls_research.disclosure.publishable import STATUS, Publishable, Release, issue
from fls_research.disclosure.release import CONFIDENCE, blank
from fls_research.disclosure.suppress import primary, protect
from fls_research.errors import DisclosureError
from fls_research.params import PolicyName
from fls_research.stats.survival import aalen_johansen, at_times, kaplan_meier, log_log_interval

GRID_DAYS = 7
"""Under a policy that controls the table a curve may step on every seventh day only, and on the landmarks."""

_GROUP, _DAY, _STATE, _COUNT = "group", "day", "state", "patients"
_NUMBERS = ["at_risk", "events", "proportion", "lower", "upper"]
_Counts = NDArray[np.float64]


def release_curve(
    exits: pd.DataFrame,
    *,
    censored: str,
    landmarks: Sequence[int],
    policy: PolicyName | str,
    level: Level | str,
    labels: Sequence[str],
    synthetic: bool = False,
) -> Publishable:
    """The cumulative incidence of every end of waiting, and the share still waiting, by whole days.

    Parameters
    ----------
    exits : one row per curve, day and state: ``labels``, ``day`` (whole, from 0), ``state`` and ``patients`` (how many
        left in that state on that day). A curve is the rows with the same labels; whoever left as ``censored`` was
        waiting still. States compete with one another.
    landmarks : days that are shown whatever the grid; ``where(day=...)`` finds them.
    labels : the columns that say whose curve it is, ``group`` among them: curves alike in all but their group add up
        to a published total.
    policy, level, synthetic : as in :func:`~fls_research.disclosure.release`.

    Returns
    -------
    Publishable : one row per curve, state (each end in its order of first appearance, then ``censored``) and day, with
        ``at_risk`` (at the beginning of the day), ``events`` (so far; of ``censored``: who left so), ``proportion``,
        ``lower``, ``upper`` (95%, log-log) and ``status``. The proportion of an end is its Aalen–Johansen cumulative
        incidence; that of ``censored`` is the Kaplan–Meier share for whom no end has come.

    Where the policy does not control the table, every day is shown as it is. Where it does, a curve of fewer patients
    than may be shown is suppressed, with the next smallest where it could be worked out from the others; counts so
    far are held back until at least as many more patients as may be shown have left in the same way, and rounded; every
    proportion is worked out from those released counts; and the curve ends where fewer than that are at risk. So no
    step of a curve is one patient, and a curve lags by fewer patients than the policy hides.

    Raises
    ------
    DisclosureError : unknown policy or level, a column that is absent, dates or row-level columns, a day that is no
        whole number from 0, two rows with the same labels, a negative count, a level that does not fit.

    >>> exits = pd.DataFrame({"group": "all", "day": [10, 40, 40, 60], "state": ["seen", "seen", "died", "waiting"],
    ...                       "patients": [40, 30, 10, 20]})
    >>> curve = release_curve(exits, censored="waiting", landmarks=[30, 60], policy="hes", level="national",
    ...                       labels=["group"])
    >>> curve.where(day=60).frame[["state", "at_risk", "events", "proportion"]]
         state  at_risk  events  proportion
    0     seen     20.0    70.0         0.7
    1     died     20.0    10.0         0.1
    2  waiting     20.0    20.0         0.2
    """
    rule, where = policy_of(policy), level_of(level)
    rows = _checked(exits, labels=labels, landmarks=landmarks, level=where)
    others = [name for name in labels if name != _GROUP]
    control = rule if rule.controls(where) else None
    parts = [_Block(block, censored, landmarks, control).curves() for block in _sets(rows, others)]
    curves = pd.concat(parts, ignore_index=True)
    names = (*labels, _STATE, _DAY)
    hidden = curves.pop("hidden").to_numpy(dtype=bool)
    how = Release(kind="curves", policy=rule.name, lane=None, level=where, labels=names, synthetic=synthetic)
    return issue(blank(curves[[*names, *_NUMBERS]], hidden, labels=names), how)


def days_reached(curve: Publishable, *, shares: Sequence[float], state: str | Sequence[str]) -> Publishable:
    """The first shown day on which each curve of a state stands at a share or above it; missing where none does.

    Takes what :func:`release_curve` gave, so that it knows nothing which that does not show. One row per curve and
    share: the labels of the curve, ``state``, ``share``, ``day`` and ``status`` (suppressed where the curve was cut
    before the share was reached).

    >>> exits = pd.DataFrame({"group": "all", "day": [10, 40, 60], "state": ["seen", "seen", "waiting"],
    ...                       "patients": [40, 30, 30]})
    >>> curve = release_curve(exits, censored="waiting", landmarks=[], policy="hes", level="national", labels=["group"])
    >>> days_reached(curve, shares=[0.5, 0.9], state="seen").frame[["share", "day"]]
       share   day
    0    0.5  40.0
    1    0.9   NaN
    """
    chosen = curve.where(state=state)
    rows = chosen.frame
    names = [name for name in chosen.release.labels if name != _DAY]
    found = []
    for held, block in rows.groupby(names, sort=False, observed=True, dropna=False):
        cut = (block[STATUS] != "shown").any()
        for share in shares:
            reached = block.loc[block["proportion"] >= share - 1e-12, _DAY]
            day = float(reached.min()) if len(reached) else np.nan
            status = "suppressed" if cut and not len(reached) else "shown"
            found.append({**dict(zip(names, held, strict=True)), "share": share, _DAY: day, STATUS: status})
    told = pd.DataFrame(found)
    how = chosen.release
    kept = Release(
        kind="curves",
        policy=how.policy,
        lane=how.lane,
        level=how.level,
        labels=(*names, "share"),
        synthetic=how.synthetic,
    )
    return issue(told, kept)


def _checked(exits: pd.DataFrame, *, labels: Sequence[str], landmarks: Sequence[int], level: Level) -> pd.DataFrame:
    rows = shape.tidy(exits)
    refuse_unknown([*labels, _GROUP, _DAY, _STATE, _COUNT], rows)
    shape.refuse_undeclared(rows, counts=[_COUNT], labels=[*labels, _DAY])
    shape.refuse_wrong_level(rows, level=level)
    if _GROUP not in labels:
        raise DisclosureError("A curve is told apart by its group: name 'group' among the labels.")
    days = np.array([*rows[_DAY], *landmarks], dtype=float)
    if not len(rows) or not (days >= 0).all() or (days != np.floor(days)).any():
        raise DisclosureError("Column 'day' and the landmarks must hold whole days from 0, and some must be there.")
    shape.refuse_repeated(rows, [*labels, _DAY, _STATE])
    return shape.counts_as_floats(rows, [_COUNT])


def _sets(rows: pd.DataFrame, others: Sequence[str]) -> Iterator[pd.DataFrame]:
    """The rows of curves that are alike in all but their group."""
    if others:
        yield from (part for _, part in rows.groupby(list(others), sort=False, observed=True, dropna=False))
    else:
        yield rows


def _shown_days(last: int, landmarks: Sequence[int], *, step: int) -> tuple[NDArray[np.int64], int]:
    """The days of the grid and the landmarks, and the first of them by which everybody has left.

    The very last day of anybody is no day of a coarser grid, so that it cannot be read off.
    """
    days = np.unique([*range(0, last + step, step), *map(int, landmarks)])
    end = int(days[days >= last].min())
    return days[(days <= end) | np.isin(days, list(landmarks))], end


class _Block:
    """Curves of several groups of one table: ``left[g, k, d]`` have left group g in state k by the end of day d."""

    def __init__(self, rows: pd.DataFrame, censored: str, landmarks: Sequence[int], rule: Policy | None) -> None:
        self.rule, self.censored = rule, censored
        self.others = {name: rows[name].iloc[0] for name in rows if name not in (_GROUP, _DAY, _STATE, _COUNT)}
        group, self.groups = pd.factorize(rows[_GROUP])
        ends = [state for state in pd.unique(rows[_STATE]) if state != censored]
        self.states = (*ends, censored)
        day = rows[_DAY].to_numpy(dtype=np.int64)
        self.days, self.last = _shown_days(int(day.max()), landmarks, step=1 if rule is None else GRID_DAYS)
        place = pd.Index(self.states).get_indexer(rows[_STATE])
        counts = np.zeros((len(self.groups), len(self.states), self.last + 1))
        np.add.at(counts, (group, place, day), rows[_COUNT].to_numpy())
        left = counts.cumsum(axis=2)
        self.size = left[:, :, -1].sum(axis=1)
        known = self.days[self.days <= self.last]
        # A day before 0 has nobody gone; so the last column answers for it.
        gone_before = np.concatenate([left.sum(axis=1), np.zeros((len(self.groups), 1))], axis=1)[:, known - 1]
        self.at_risk = self.size[:, None] - gone_before
        self.left = left[:, :, known]

    def curves(self) -> pd.DataFrame:
        """Every curve on every shown day, with ``hidden`` where the policy keeps it back."""
        whole = self._hidden_groups()
        size, left = (self.size, self.left) if self.rule is None else self._held_back(self.rule)
        shown = [self._estimates(size[g], left[g]) for g in np.flatnonzero(~whole)]
        blank_curve = self._labels().assign(**dict.fromkeys(_NUMBERS, np.nan))
        estimates = iter(shown)
        parts = []
        for g, name in enumerate(self.groups):
            curve = blank_curve if whole[g] else next(estimates)
            parts.append(curve.assign(**{_GROUP: name, "hidden": whole[g] | self._cut(g)}))
        return pd.concat(parts, ignore_index=True).assign(**self.others)

    def _hidden_groups(self) -> NDArray[np.bool_]:
        if self.rule is None:
            return np.zeros(len(self.groups), dtype=bool)
        measures = {"patients": self.size}
        together = [Relation(tuple(range(len(self.groups))))] if len(self.groups) > 1 else []
        order = np.argsort(np.argsort(self.groups.astype(str), kind="stable"), kind="stable")
        return protect(primary(measures, self.rule), measures, together, self.rule, order=order)

    def _cut(self, group: int) -> NDArray[np.bool_]:
        """The rows of a curve from the day on which too few are at risk."""
        if self.rule is None:
            return np.zeros(len(self.states) * len(self.days), dtype=bool)
        few = self.at_risk[group] < self.rule.smallest_shown
        beyond = np.full(len(self.days) - len(few), few.any())
        return np.tile(np.concatenate([few, beyond]), len(self.states))

    def _held_back(self, rule: Policy) -> tuple[_Counts, _Counts]:
        """Sizes and counts so far as they may be shown: each count moves only when enough patients moved it."""
        least = max(rule.smallest_shown, 1)
        held = np.zeros_like(self.left)
        standing = np.zeros(self.left.shape[:2])
        for place in range(self.left.shape[2]):
            moved = self.left[:, :, place] - standing >= least
            standing = np.where(moved, self.left[:, :, place], standing)
            held[:, :, place] = standing
        left = rule.rounded(held)
        return np.maximum(rule.rounded(self.size), left[:, :, -1].sum(axis=1)), left

    def _labels(self) -> pd.DataFrame:
        return pd.DataFrame(
            {_STATE: np.repeat(self.states, len(self.days)), _DAY: np.tile(self.days, len(self.states))}
        )

    def _estimates(self, size: float, left: _Counts) -> pd.DataFrame:
        """One curve from counts so far by state and day; whoever is left over waits until the last day."""
        known = self.days[self.days <= self.last]
        steps = np.diff(left, axis=1, prepend=0.0)
        steps[-1, -1] += size - left[:, -1].sum()
        ends = len(self.states) - 1
        how = {"confidence": CONFIDENCE, "interval": log_log_interval, "weights": steps.ravel()}
        time = np.tile(known, len(self.states))
        state = pd.Categorical(np.repeat(self.states, len(known)), categories=self.states)
        waiting = at_times(kaplan_meier(time, state != self.censored, **how), self.days).assign(cause=self.censored)
        read = [waiting]
        if ends:
            read.insert(0, at_times(aalen_johansen(time, state, censored=self.censored, **how), self.days))
        found = pd.concat(read, ignore_index=True).rename(columns={"cause": _STATE, "estimate": "proportion"})
        gone = np.concatenate([[0.0], left.sum(axis=0)[:-1]])
        told = {_DAY: known, "at_risk": np.maximum(size - gone, 0.0)}
        counts = pd.concat([pd.DataFrame({**told, _STATE: s, "events": left[k]}) for k, s in enumerate(self.states)])
        keys = [_STATE, _DAY]
        estimates = found.assign(day=found["time"].astype(np.int64))[[*keys, "proportion", "lower", "upper"]]
        joined = self._labels().merge(estimates, on=keys, how="left", validate="1:1")
        return joined.merge(counts, on=keys, how="left", validate="1:1")
