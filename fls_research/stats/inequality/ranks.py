"""Rank by disadvantage: quantile groups of areas, ridits of groups, and patients gathered by rank."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_complete, as_counts, as_floats, as_keys
from fls_research.stats.results import StatsError


def ridits(weights: ArrayLike) -> np.ndarray:
    """The rank of each group between 0 and 1: the share of people below it and half of its own.

    Takes group sizes in the order of rank along the last axis, any axes before. A size that is missing makes its whole
    row NaN, and so does a row without people.

    Raises
    ------
    StatsError : for a size that is negative or infinite.

    Bross IDJ (1958), Biometrics 14:18–38.

    >>> ridits([100, 200, 100])
    array([0.125, 0.5  , 0.875])
    """
    size = as_counts(weights, name="weights")
    total = size.sum(axis=-1, keepdims=True)
    share = size / np.where(total > 0, total, np.nan)
    return np.cumsum(share, axis=-1) - share / 2


def quantile_groups(values: ArrayLike, groups: Iterable, *, quantiles: int) -> np.ndarray:
    """The quantile of each value within its group: 1 for the lowest values, ``quantiles`` for the highest.

    Equal values have the same quantile. Missing values stay missing, and a group with fewer values than ``quantiles``
    has none. To count from the highest, give the values with their sign turned.

    Raises
    ------
    StatsError : for fewer than two ``quantiles``, a missing group, or groups that are not as many as the values.

    OHID, Fingertips technical guidance: assigning deprivation categories. R: ``PHEindicatormethods::phe_quantile``.

    >>> quantile_groups([5, 1, 3, None, 2, 8], ["E"] * 6, quantiles=2)
    array([ 2.,  1.,  1., nan,  1.,  2.])
    """
    if quantiles < 2:
        raise StatsError(f"quantiles must be at least 2; given {quantiles}")
    value = np.atleast_1d(as_floats(values, name="values"))
    grouped = pd.Series(value).groupby(as_keys(groups, name="groups", length=value.size))
    rank, n = grouped.rank(method="min").to_numpy(), grouped.transform("count").to_numpy(dtype=float)
    # Ranks are turned over so that the larger groups fall where the official guidance puts them.
    assigned = np.floor(quantiles + 1 - np.ceil((n + 1 - rank) / (np.maximum(n, 1) / quantiles)))
    return np.where(n < quantiles, np.nan, np.maximum(assigned, 1))


def counts_by_rank(outcomes: ArrayLike, ranks: ArrayLike, weights: ArrayLike) -> pd.DataFrame:
    """Patients gathered by rank, lowest first: ``rank``, weighted ``successes`` and ``trials``.

    This makes individual data fit the functions that take groups, with identical answers: ``outcomes`` are 0 or 1,
    ``ranks`` any numbers that order patients by disadvantage, equal ranks being one group. Missing values raise
    `StatsError`, and so do outcomes other than 0 and 1.

    R: ``aggregate(cbind(successes, trials) ~ rank, FUN = sum)``.

    >>> counts_by_rank([1, 0, 1, 1], [2, 1, 2, 1], [1, 1, 1, 1])
       rank  successes  trials
    0   1.0        1.0     2.0
    1   2.0        2.0     2.0
    """
    y = as_complete(outcomes, name="outcomes")
    rank, weight = as_complete(ranks, name="ranks"), as_complete(as_counts(weights, name="weights"), name="weights")
    if not np.isin(y, (0, 1)).all():
        raise StatsError("outcomes must be 0 or 1; recode the outcome, with the unknown left out and counted")
    if not y.size == rank.size == weight.size:
        raise StatsError("outcomes, ranks and weights must have one length; each needs one entry per patient")
    patients = pd.DataFrame({"rank": rank, "successes": y * weight, "trials": weight})
    return patients.groupby("rank", as_index=False).sum()
