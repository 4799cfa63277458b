"""The dimensions by which KPIs are counted, and the numbering of their groups that lets one pass count them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.errors import UsageError, did_you_mean
from fls_research.kpi.rules import NOT_KNOWN, column_of

DIMENSIONS: dict[str, str] = {
    "national": "",
    "nation": "nation",
    "region": "region_code",
    "area": "area_code",
    "service": "service_code",
    "age_band": "age_band",
    "age_75": "age_75",
    "sex": "sex",
    "care_home": "care_home",
    "imd_quintile": "imd_quintile",
    "ethnicity": "ethnicity",
    "site_group": "site_group",
    "month": "index_date",
}
"""Dimension to the column of the fractures frame that holds its group; ``month`` is the month of the index date."""

PLACES: tuple[str, ...] = ("national", "nation", "region", "area", "service")
"""The dimensions for which an expected caseload exists: it knows of services and not of patients."""

EVERYBODY = "all"
JOINT = " × "


@dataclass(frozen=True)
class Dimension:
    """One dimension, or several crossed."""

    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        return JOINT.join(self.parts)

    @property
    def is_crossed(self) -> bool:
        return len(self.parts) > 1

    @property
    def is_place(self) -> bool:
        return all(part in PLACES for part in self.parts)


def dimensions(by: Sequence[str | tuple[str, ...]]) -> tuple[Dimension, ...]:
    """The dimensions asked for: a name is one dimension, a tuple of names is these crossed.

    Raises UsageError for an unknown name or for nothing at all; a repeated dimension is kept once.

    >>> [dimension.name for dimension in dimensions(["national", ("service", "sex")])]
    ['national', 'service × sex']
    """
    asked = dict.fromkeys(Dimension((each,) if isinstance(each, str) else tuple(each)) for each in by)
    if not asked or any(not dimension.parts for dimension in asked):
        raise UsageError("Name at least one dimension to count by, such as 'national'.")
    for part in (part for dimension in asked for part in dimension.parts):
        if part not in DIMENSIONS:
            raise UsageError(f"There is no dimension '{part}' to count by; {did_you_mean(part, DIMENSIONS)}")
    return tuple(asked)


@dataclass(frozen=True)
class Grouping:
    """The groups of one dimension, numbered from 0 in the order in which a table shows them.

    ``numbers`` holds each record's group; ``labels[p][g]`` is part p of the label of group g.
    """

    dimension: Dimension
    numbers: NDArray[np.int64]
    labels: tuple[NDArray[np.object_], ...]

    @property
    def size(self) -> int:
        return len(self.labels[0])

    def names(self) -> NDArray[np.object_]:
        """The label of each group: the parts joined where the dimension is crossed."""
        names = self.labels[0]
        for part in self.labels[1:]:
            names = names + JOINT + part
        return names

    def rows(self, chosen: NDArray[np.bool_]) -> Grouping:
        """The same groups for some of the records."""
        return Grouping(self.dimension, self.numbers[chosen], self.labels)


def group(fractures: pd.DataFrame, dimension: Dimension) -> Grouping:
    """Every record's group along a dimension.

    Groups are in the order of the column's categories where it has them, else sorted. A record without a value is in
    the group ``not known``, which comes last. Raises FieldError when a column is not in the frame.

    >>> frame = pd.DataFrame({"imd_quintile": pd.array([2, None, 1], dtype="Int16")})
    >>> found = group(frame, Dimension(("imd_quintile",)))
    >>> found.numbers.tolist(), found.names().tolist()
    ([1, 2, 0], ['1', '2', 'not known'])
    """
    numbers, labels = zip(*(_numbered(fractures, part) for part in dimension.parts), strict=True)
    if not dimension.is_crossed:
        return Grouping(dimension, numbers[0], labels)
    sizes = tuple(len(each) for each in labels)
    cells, crossed = np.unique(np.ravel_multi_index(numbers, sizes), return_inverse=True)
    of_cells = np.unravel_index(cells, sizes)
    return Grouping(dimension, crossed, tuple(part[index] for part, index in zip(labels, of_cells, strict=True)))


def _numbered(fractures: pd.DataFrame, part: str) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    if part == "national":
        return np.zeros(len(fractures), dtype=np.int64), np.array([EVERYBODY], dtype=object)
    values = column_of(fractures, DIMENSIONS[part])
    if part == "month":
        return _months(values)
    categorical = values.astype("category").cat
    labels = [str(category) for category in categorical.categories]
    ordered = [label for label in labels if label != NOT_KNOWN] + [NOT_KNOWN]
    # A missing value has category number -1, which is the last place of the look-up.
    look_up = np.array([ordered.index(label) for label in [*labels, NOT_KNOWN]], dtype=np.int64)
    return look_up[categorical.codes.to_numpy()], np.array(ordered, dtype=object)


def _months(dates: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    months, numbers = np.unique(dates.to_numpy().astype("datetime64[M]"), return_inverse=True)
    return numbers, np.where(np.isnat(months), NOT_KNOWN, months.astype(str)).astype(object)
