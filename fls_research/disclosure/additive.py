"""Which rows of a table of counts add up to which total: what a reader could subtract."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.errors import DisclosureError, did_you_mean

KEYS = ("data_year", "kpi", "version")
"""The labels that never add up: a table speaks of each year and each KPI separately."""

NATIONAL = "national"

CROSS = " × "
"""What joins the parts of a crossed dimension, such as ``service × sex``."""


@dataclass(frozen=True)
class Relation:
    """The rows ``members`` (positions) add up to the row ``total``; ``None`` is a total published elsewhere."""

    members: tuple[int, ...]
    total: int | None = None


def parts_of(dimension: str) -> tuple[str, ...]:
    """The parts of a dimension.

    >>> parts_of("service × sex")
    ('service', 'sex')
    """
    return tuple(dimension.split(CROSS))


def counts_relations(counts: pd.DataFrame, *, complements: Sequence[str] = ()) -> tuple[Relation, ...]:
    """The relations of a ``counts`` frame.

    Within one year, KPI and version: the groups of a dimension add up to the national row; the groups of one part of a
    crossing add up to the row of the other parts; and rows with the same value of a column named in ``complements``
    (such as ``region_code`` on rows of areas) add up to that group's row. In a crossing the column stands for the part
    that it groups: the services of a region add up to the region within each sex. A total that is not a row of the
    frame is taken to be published elsewhere.

    >>> import pandas as pd
    >>> counts_relations(pd.DataFrame({
    ...     "data_year": 2024, "kpi": "kpi4", "version": "kpi4.2016",
    ...     "dimension": ["national", "sex", "sex"], "group": ["all", "female", "male"]}))
    (Relation(members=(1, 2), total=0),)
    """
    refuse_unknown(complements, counts)
    rows = counts.reset_index(drop=True)
    keys = [name for name in KEYS if name in rows]
    place = _places(rows, keys)
    found: list[Relation] = []
    for held, block in rows.groupby([*keys, "dimension"], sort=False, observed=True, dropna=False):
        *kept, dimension = held
        if dimension == NATIONAL:
            continue
        for members, parent in _partitions(block, str(dimension), complements):
            found.append(Relation(tuple(members.tolist()), place.get((*kept, *parent))))
    return tuple(dict.fromkeys(found))


def plain_relations(
    rows: pd.DataFrame, *, complements: Sequence[str] = (), is_total: NDArray[np.bool_] | None = None
) -> tuple[Relation, ...]:
    """The relations of a frame of plain counts.

    Rows with the same value of a column of ``complements`` add up; with none named, all rows do. ``is_total`` marks the
    rows that are themselves the total of the others of their set.

    >>> import pandas as pd
    >>> plain_relations(pd.DataFrame({"service": ["RAA", "RAA", "RBB"]}), complements=["service"])
    (Relation(members=(0, 1), total=None), Relation(members=(2,), total=None))
    """
    refuse_unknown(complements, rows)
    totals = np.zeros(len(rows), dtype=bool) if is_total is None else is_total
    numbered = rows.reset_index(drop=True)
    sets = (
        [numbered]
        if not complements
        else [
            part for name in complements for _, part in numbered.groupby(name, sort=False, observed=True, dropna=False)
        ]
    )
    found = []
    for part in sets:
        positions = part.index.to_numpy()
        total = positions[totals[positions]]
        if len(total) > 1:
            raise DisclosureError("More than one row is named as the total of a set; name one with total=.")
        members = tuple(positions[~totals[positions]].tolist())
        found.append(Relation(members, int(total[0]) if len(total) else None))
    return tuple(relation for relation in found if relation.members)


def refuse_unknown(names: Sequence[str], frame: pd.DataFrame) -> None:
    """Raise :class:`DisclosureError` when a named column is not there."""
    for name in names:
        if name not in frame:
            raise DisclosureError(f"There is no column '{name}' to release; {did_you_mean(name, map(str, frame))}.")


def _places(rows: pd.DataFrame, keys: Sequence[str]) -> dict[tuple, int | None]:
    """Where the row of given labels stands: year, KPI and version, then dimension, then the value of each part."""
    place: dict[tuple, int | None] = {}
    for dimension, block in rows.groupby("dimension", sort=False, observed=True):
        parts = parts_of(str(dimension))
        values = [] if dimension == NATIONAL else ["group"] if len(parts) == 1 else list(parts)
        refuse_unknown(values, block)
        for position, *labels in block[[*keys, *values]].itertuples(name=None):
            name = (*labels[: len(keys)], str(dimension), *labels[len(keys) :])
            place[name] = None if name in place else position
    return place


def _partitions(
    block: pd.DataFrame, dimension: str, complements: Sequence[str]
) -> Iterator[tuple[pd.Index, tuple[object, ...]]]:
    """Each set of rows of one block that adds up, with the dimension and the values of the row that holds its total."""
    parts = parts_of(dimension)
    if len(parts) == 1:
        yield block.index, (NATIONAL,)
    else:
        for part in parts:
            others = [name for name in parts if name != part]
            for values, rows in block.groupby(others, sort=False, observed=True, dropna=False):
                yield rows.index, (CROSS.join(others), *values)
    for name in complements:
        coarser = name.removesuffix("_code").removesuffix("_name")
        grouped = [] if len(parts) == 1 else [part for part in parts if _groups(block, name, part)]
        named = [coarser if part in grouped else part for part in parts] if grouped else [coarser]
        held = [name if part in grouped else part for part in parts] if grouped else [name]
        columns = list(dict.fromkeys(held))
        for values, rows in block.groupby(columns, sort=False, observed=True):
            yield rows.index, (CROSS.join(dict.fromkeys(named)), *values)


def _groups(block: pd.DataFrame, coarser: str, part: str) -> bool:
    """Whether a column groups the values of a part: each service, say, stands in one region."""
    return bool(block.groupby(part, observed=True)[coarser].nunique().le(1).all())
