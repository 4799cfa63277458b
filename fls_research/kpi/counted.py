"""What one pass over patient records counts: tables by group, before any threshold, that add up part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fls_research.kpi.groups import Dimension, Grouping, join_groups
from fls_research.kpi.records import Item, Kpi
from fls_research.kpi.years import SERVICE

Table = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """A KPI as KPI 1 looks at it: how many records concern it, and how many of these can be decided."""

    record: Kpi


Measured = Kpi | Judged | Item | None
"""What a table counts: records by status under a KPI, KPIs judged by KPI 1, missing answers, or (``None``) records."""


@dataclass(frozen=True)
class Counted:
    """The counts of some records; those of two sets of records add up to those of both together.

    Attributes
    ----------
    groups : the groups of each dimension, without the records.
    tables : year and what is counted, to a table for each dimension: shape (groups, what is told apart). A year of
        which there are no records has no table.
    """

    groups: Mapping[Dimension, Grouping] = field(default_factory=dict)
    tables: Mapping[tuple[int, Measured], Mapping[Dimension, Table]] = field(default_factory=dict)

    def by_service(self, year: int, measured: Measured) -> Table | None:
        """The table by service; ``None`` where there is none."""
        return self.tables.get((year, measured), {}).get(SERVICE)

    def services_present(self, year: int) -> NDArray[np.bool_]:
        """Which services have a record in the year, in the order of their numbers."""
        return self.by_service(year, None).sum(axis=1) > 0

    def __add__(self, other: Counted) -> Counted:
        """The counts of both sets of records."""
        if not (self.tables and other.tables):
            return self if self.tables else other
        joined = {key: join_groups(mine, other.groups[key]) for key, mine in self.groups.items()}
        tables: dict[tuple[int, Measured], dict[Dimension, Table]] = {}
        for side, counted in ((1, self), (2, other)):
            for key, by_dimension in counted.tables.items():
                sums = tables.setdefault(key, {})
                for dimension, table in by_dimension.items():
                    groups, moved = joined[dimension][0], joined[dimension][side]
                    empty = np.zeros((groups.size, table.shape[1]), dtype=np.int64)
                    # Numbers are distinct, so that each row of the table has a place of its own.
                    sums.setdefault(dimension, empty)[moved] += table
        return Counted({key: groups for key, (groups, *_) in joined.items()}, tables)
