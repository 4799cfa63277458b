"""The totals of a crossing that another table would show, so that no table gives away what another hides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import pandas as pd

from fls_research.disclosure.additive import CROSS, KEYS, parts_of

_COUNTS = ("numerator", "denominator")


def with_margins(counts: pd.DataFrame, *, complements: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of a ``counts`` frame, then the totals of its crossings that are not among them.

    A table of services by sex is read beside a table of services. Where that one hides a service, this one must not
    give it away, so the totals are protected first, as they would be there.

    Parameters
    ----------
    counts : as :func:`~fls_research.disclosure.release` takes it, with a plain index; it is left as it is.
    complements : columns that a total keeps where it has one value of them.

    Returns
    -------
    A new frame with a plain index; the rows added have ``dimension``, ``group``, the columns of their parts and the
    two counts, and nothing else.

    >>> rows = pd.DataFrame({"dimension": "service × sex", "group": ["A × f", "A × m"], "service": "A",
    ...                      "sex": ["f", "m"], "numerator": [3.0, 20.0], "denominator": [30.0, 40.0]})
    >>> with_margins(rows)[["dimension", "group", "numerator"]]
           dimension  group  numerator
    0  service × sex  A × f        3.0
    1  service × sex  A × m       20.0
    2        service      A       23.0
    3            sex      f        3.0
    4            sex      m       20.0
    """
    keys = [name for name in KEYS if name in counts]
    labels = [*keys, "dimension", "group"]
    missing = list(_margins(counts, keys, complements))
    if not missing:
        return counts
    together = pd.concat([counts, *missing], ignore_index=True)
    return together[~together.duplicated(labels) | (together.index < len(counts))].reset_index(drop=True)


def _margins(counts: pd.DataFrame, keys: list[str], complements: Sequence[str]) -> Iterator[pd.DataFrame]:
    for dimension, block in counts.groupby("dimension", sort=False, observed=True):
        parts = parts_of(str(dimension))
        for size in range(len(parts) - 1, 0, -1):
            for kept in combinations(parts, size):
                yield _summed(block, keys, list(kept), complements)


def _summed(block: pd.DataFrame, keys: list[str], parts: list[str], complements: Sequence[str]) -> pd.DataFrame:
    groups = block.groupby([*keys, *parts], sort=False, observed=True, dropna=False)
    totals = groups[list(_COUNTS)].sum(min_count=1).reset_index()
    names = totals[parts].astype(str)
    carried = {
        name: groups[name].first().to_numpy()
        for name in complements
        if name not in parts and groups[name].nunique().le(1).all()
    }
    return totals.assign(dimension=CROSS.join(parts), group=names.agg(CROSS.join, axis=1), **carried)
