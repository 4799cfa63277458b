"""The dimensions by which KPIs are counted, and the numbering of their groups that lets one pass count them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    ``numbers`` holds each record's group; ``labels[p][g]`` is part p of the label of group g. ``values[p]`` are the
    known values of part p in their order, which is what groups of other records are brought together by; it may be
    left out where they never are.
    """

    dimension: Dimension
    numbers: NDArray[np.int64]
    labels: tuple[NDArray[np.object_], ...]
    values: tuple[pd.Index, ...] = ()

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
        return replace(self, numbers=self.numbers[chosen])


def group(fractures: pd.DataFrame, dimension: Dimension) -> Grouping:
    """Every record's group along a dimension.

    Groups are in the order of the column's categories where it has them, else sorted. A record without a value is in
    the group ``not known``, which comes last. Raises FieldError when a column is not in the frame.

    >>> frame = pd.DataFrame({"imd_quintile": pd.array([2, None, 1], dtype="Int16")})
    >>> found = group(frame, Dimension(("imd_quintile",)))
    >>> found.numbers.tolist(), found.names().tolist()
    ([1, 2, 0], ['1', '2', 'not known'])
    """
    numbers, labels, values = zip(*(_numbered(fractures, part) for part in dimension.parts), strict=True)
    if not dimension.is_crossed:
        return Grouping(dimension, numbers[0], labels, values)
    sizes = tuple(len(each) for each in labels)
    cells, crossed = np.unique(np.ravel_multi_index(numbers, sizes), return_inverse=True)
    of_cells = np.unravel_index(cells, sizes)
    crossings = tuple(part[index] for part, index in zip(labels, of_cells, strict=True))
    return Grouping(dimension, crossed, crossings, values)


def join_groups(one: Grouping, other: Grouping) -> tuple[Grouping, NDArray[np.int64], NDArray[np.int64]]:
    """The groups of two sets of records along one dimension, and the new number of each group of either.

    The values of a part keep their order where both sets have the same, as two parts of one cohort do; else they are
    sorted, as pandas does when it brings them into one column. Neither way depends on which set comes first.

    >>> one, other = (group(pd.DataFrame({"sex": sex}), Dimension(("sex",))) for sex in (["male"], ["female", None]))
    >>> joined, of_one, of_other = join_groups(one, other)
    >>> joined.names().tolist(), of_one.tolist(), of_other.tolist()
    (['female', 'male', 'not known'], [1, 2], [0, 2])
    """
    values = tuple(_ordered(mine, others) for mine, others in zip(one.values, other.values, strict=True))
    labels = [np.array([*map(str, part), NOT_KNOWN], dtype=object) for part in values]
    sizes = tuple(len(part) for part in labels)
    cells = [
        np.ravel_multi_index(
            tuple(pd.Index(part).get_indexer(found) for part, found in zip(labels, side.labels, strict=True)), sizes
        )
        for side in (one, other)
    ]
    joined = np.union1d(*cells)
    of_parts = np.unravel_index(joined, sizes)
    groups = Grouping(
        one.dimension,
        np.empty(0, dtype=np.int64),
        tuple(part[index] for part, index in zip(labels, of_parts, strict=True)),
        values,
    )
    return groups, *(np.searchsorted(joined, side) for side in cells)


def _ordered(one: pd.Index, other: pd.Index) -> pd.Index:
    return one if one.equals(other) else pd.Categorical([*one, *other]).categories


def _numbered(fractures: pd.DataFrame, part: str) -> tuple[NDArray[np.int64], NDArray[np.object_], pd.Index]:
    """Each record's group along one part, the groups' labels, and the values behind those that are known."""
    if part == "national":
        everybody = np.array([EVERYBODY], dtype=object)
        return np.zeros(len(fractures), dtype=np.int64), everybody, pd.Index(everybody)
    values = column_of(fractures, DIMENSIONS[part])
    if part == "month":
        return _months(values)
    categorical = values.astype("category").cat
    values = categorical.categories
    labels = [str(category) for category in values]
    ordered = [label for label in labels if label != NOT_KNOWN] + [NOT_KNOWN]
    # A missing value has category number -1, which is the last place of the look-up.
    look_up = np.array([ordered.index(label) for label in [*labels, NOT_KNOWN]], dtype=np.int64)
    return look_up[categorical.codes.to_numpy()], np.array(ordered, dtype=object), values[values != NOT_KNOWN]


def _months(dates: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.object_], pd.Index]:
    months, numbers = np.unique(dates.to_numpy().astype("datetime64[M]"), return_inverse=True)
    labels = np.where(np.isnat(months), NOT_KNOWN, months.astype(str)).astype(object)
    return numbers, labels, pd.Index(labels[~np.isnat(months)])
