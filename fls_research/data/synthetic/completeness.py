"""How fully the services fill in their forms, and the two services held at exactly 80 %."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fls_research.data.synthetic.levels import ranks_within

_EMPTY = 0.16
"""Share of the services without good completeness that leave the follow-up forms empty altogether."""


def silent_services(plan: pd.DataFrame, good: np.ndarray, character: str) -> np.ndarray:
    """(n,) truth by row of the plan: reported services that leave the forms of one visit empty altogether.

    ``good`` : (n,) truth by row, none of which is silent; ``character`` : the latent column that ranks the others.
    """
    silent = np.zeros(len(plan), dtype=bool)
    for year in plan["data_year"].unique():
        others = np.flatnonzero(plan["reported"].to_numpy() & ~good & (plan["data_year"] == year).to_numpy())
        silent[others] = ranks_within(plan[character].to_numpy()[others]) < _EMPTY
    return silent


def recorded_shares(plan: pd.DataFrame, good: np.ndarray, character: str) -> np.ndarray:
    """Share of forms that each service year fills in even where there is nothing to report.

    Parameters
    ----------
    plan : rows of ``services.service_years``; good : (n,) truth by row; character : the latent column that ranks them.

    Returns (n,) shares: 0.95 to 1 at good services, 0 to 0.28 at others, exactly 0 at the silent ones.
    """
    share = np.full(len(plan), 0.5)
    reported = plan["reported"].to_numpy()
    for year in plan["data_year"].unique():
        inside = np.flatnonzero(reported & (plan["data_year"] == year).to_numpy())
        ranks = ranks_within(plan[character].to_numpy()[inside], good[inside])
        share[inside] = np.where(good[inside], 0.95 + 0.05 * ranks, 0.28 * ranks)
    return np.where(silent_services(plan, good, character), 0.0, share)


def good_next_year(plan: pd.DataFrame) -> np.ndarray:
    """Whether a service has good completeness in the year after, in which its 52-week forms are judged.

    A service that has left, and every service in the last planned year, keeps its own year's answer.
    """
    key = ["service", "data_year"]
    after = plan[[*key, "good"]].assign(data_year=plan["data_year"] - 1)
    joined = plan[[*key, "good"]].merge(after, on=key, how="left", suffixes=("", "_after"), validate="1:1")
    return np.where(joined["good_after"].isna(), joined["good"], joined["good_after"] == True)  # noqa: E712


def pin_at_four_fifths(
    missing: np.ndarray, *, group: np.ndarray, pinned: np.ndarray, may_change: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Choose who misses an answer, so that exactly a fifth of each pinned group does.

    Parameters
    ----------
    missing : (n,) truth as drawn; group : (n,) position of the service year; pinned : (k,) truth by group;
    may_change : (n,) truth, whose answer may be taken or given.

    Returns (n,) truth, ``missing`` outside the pinned groups. A group whose size five does not divide, or with too few
    patients that may change, is left as near as it comes.
    """
    missing = missing.copy()
    for each in np.flatnonzero(pinned):
        member = np.flatnonzero(group == each)
        surplus = int(missing[member].sum()) - len(member) // 5
        pool = member[(missing[member] == (surplus > 0)) & may_change[member]]
        chosen = rng.permutation(pool)[: abs(surplus)]
        missing[chosen] = surplus < 0
    return missing
