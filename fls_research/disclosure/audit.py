"""A second look at released tables together: which hidden numbers could a reader still work out?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from fls_research.disclosure.additive import KEYS, Relation, counts_relations, parts_of
from fls_research.disclosure.policies import POLICIES, Lane, Policy
from fls_research.disclosure.publishable import Publishable, verify
from fls_research.errors import DisclosureError

_TOLERANCE = 1e-6
_MEASURES = ("numerator", "denominator", "difference")


@dataclass(frozen=True)
class Leak:
    """A hidden count that lies, for all that is published, between ``lower`` and ``upper``, all of it small."""

    row: str
    measure: str
    lower: float
    upper: float


def audit(*tables: Publishable, complements: Sequence[str] = ()) -> tuple[Leak, ...]:
    """The hidden counts that a reader of all these tables could pin down within the small numbers of their policy.

    Every shown number is taken as the range it may stand for after rounding, every hidden one as anything from zero;
    groups add up to the totals that are among the tables (pass those too: without a total nothing can be subtracted).
    The bounds of each hidden count are then found by linear programmes, without knowledge of the true counts and apart
    from the code that chose what to hide. Percentages of services, released without counts, and tables that count
    nobody are left out. A number shown in one table and hidden in another counts as shown.

    Raises :class:`DisclosureError` when the tables were released under different policies, or hold no counts.

    >>> import pandas as pd
    >>> from fls_research.disclosure import release
    >>> rows = pd.DataFrame({"data_year": 2024, "kpi": "kpi4", "version": "kpi4.2016", "dimension": "sex",
    ...                      "group": ["female", "male"], "numerator": [90.0, 3.0], "denominator": [120.0, 20.0]})
    >>> whole = rows.assign(dimension="national", group="all")[:1].assign(numerator=93.0, denominator=140.0)
    >>> how = {"policy": "hes", "lane": "patient_group"}
    >>> audit(release(rows, level="below national", **how), release(whole, level="national", **how))
    ()
    """
    used = [table for table in map(verify, tables) if table.release.kind == "counts" and _with_counts(table)]
    policies = {table.release.policy for table in used}
    if len(policies) != 1:
        raise DisclosureError("An audit needs tables of counts that were released under one and the same policy.")
    rule = POLICIES[policies.pop()]
    cells = _cells(used, rule)
    relations = [r for r in counts_relations(cells, complements=_present(complements, cells)) if r.total is not None]
    leaks: list[Leak] = []
    for measure in _MEASURES:
        low, high = cells[f"{measure}_low"].to_numpy(), cells[f"{measure}_high"].to_numpy()
        for row, lower, upper in _pinned(np.isinf(high), low, high, relations, rule):
            leaks.append(Leak(_name(cells.iloc[row]), measure, round(lower, 6), round(upper, 6)))
    return tuple(leaks)


def _with_counts(table: Publishable) -> bool:
    return table.release.lane is not Lane.SERVICE or "numerator" not in table.release.withheld


def _present(names: Sequence[str], cells: pd.DataFrame) -> list[str]:
    return [name for name in names if name in cells]


def _cells(tables: Sequence[Publishable], rule: Policy) -> pd.DataFrame:
    """One row a cell of any table: its labels, and the range of each measure (without end where hidden)."""
    ranged = []
    for table in tables:
        frame = table.frame
        for name in ("numerator", "denominator"):
            shown = frame[name].to_numpy(dtype=float)
            low, high = rule.possible(shown) if rule.controls(table.release.level) else (shown, shown)
            frame[f"{name}_low"] = np.where(np.isnan(shown), 0.0, low)
            frame[f"{name}_high"] = np.where(np.isnan(shown), np.inf, high)
        frame["difference_low"] = (frame["denominator_low"] - frame["numerator_high"]).clip(lower=0)
        frame["difference_high"] = (frame["denominator_high"] - frame["numerator_low"]).clip(lower=0)
        ranged.append(frame)
    together = pd.concat(ranged, ignore_index=True)
    crossed = {part for name in together["dimension"].unique() for part in parts_of(str(name))} & set(together)
    keys = [name for name in (*KEYS, "dimension", "group", *sorted(crossed)) if name in together]
    ends = {f"{measure}_{end}": best for measure in _MEASURES for end, best in (("low", "max"), ("high", "min"))}
    others = {name: "first" for name in together if name not in keys and name not in ends}
    return together.groupby(keys, sort=False, dropna=False, as_index=False, observed=True).agg({**others, **ends})


def _pinned(
    hidden: NDArray[np.bool_],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    relations: Sequence[Relation],
    rule: Policy,
) -> list[tuple[int, float, float]]:
    """The hidden cells that must be small, each with its least and its greatest value."""
    touched = sorted({row for r in relations for row in (*r.members, r.total) if row is not None})
    place = {row: position for position, row in enumerate(touched)}
    matrix = np.zeros((len(relations), len(touched)))
    for line, relation in enumerate(relations):
        matrix[line, [place[row] for row in relation.members]] = 1
        matrix[line, place[relation.total]] = -1
    sparse = csr_matrix(matrix)
    limits = [(low[row], None if np.isinf(high[row]) else high[row]) for row in touched]
    found = []
    for row in touched:
        if hidden[row]:
            upper = _extreme(place[row], sparse, limits, sign=-1)
            if _is_small(upper, rule):
                found.append((row, _extreme(place[row], sparse, limits, sign=1), upper))
    return found


def _extreme(column: int, matrix: csr_matrix, limits: list, *, sign: int) -> float:
    objective = np.zeros(matrix.shape[1])
    objective[column] = sign
    zeros = np.zeros(matrix.shape[0])
    solved = linprog(objective, A_eq=matrix, b_eq=zeros, bounds=limits, method="highs")
    if solved.status == 2:  # not every group is among the rows: they add up to at most the total
        solved = linprog(objective, A_ub=matrix, b_ub=zeros, bounds=limits, method="highs")
    return float(solved.x[column]) if solved.status == 0 else (np.inf if sign < 0 else 0.0)


def _is_small(upper: float, rule: Policy) -> bool:
    least = 0 if rule.zero_is_small else 1
    return least - _TOLERANCE <= upper < rule.smallest_shown - _TOLERANCE


def _name(cell: pd.Series) -> str:
    labels = [str(cell[name]) for name in ("data_year", "kpi", "dimension", "group") if name in cell]
    return " ".join(labels)
