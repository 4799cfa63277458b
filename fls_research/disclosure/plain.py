"""Release of tables without numerators: plain counts of records, and reference tables that count nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.disclosure import shape
from fls_research.disclosure.additive import Relation, plain_relations, refuse_unknown
from fls_research.disclosure.policies import Level, Policy, level_of
from fls_research.disclosure.policies import policy as policy_of
from fls_research.disclosure.publishable import STATUS, Publishable, Release, issue
from fls_research.disclosure.release import blank
from fls_research.disclosure.suppress import primary, protect
from fls_research.errors import DisclosureError
from fls_research.params import PolicyName

_NUMBER_AS_TEXT = re.compile(r"\s*[-+−]?\d[\d,.\s]*%?\s*")


def release_counts(
    frame: pd.DataFrame,
    *,
    count_columns: Sequence[str],
    labels: Sequence[str],
    policy: PolicyName | str,
    level: Level | str,
    complements: Sequence[str] = (),
    total: Mapping[str, str] | None = None,
    synthetic: bool = False,
) -> Publishable:
    """A table of plain counts of patients or records as it may leave: a flow of exclusions, records by service.

    Parameters
    ----------
    frame : one row a group; ``count_columns`` hold counts, ``labels`` say what a row is.
    policy, level, synthetic : as in :func:`~fls_research.disclosure.release`.
    complements : the columns within whose values rows add up to a published total; all rows do when none is named.
    total : column to the value that marks the row holding the total of the other rows of its set. Under a policy that
        says so it is worked out again from the parts as shown.

    Returns
    -------
    Publishable : the columns given and ``status``; a row with a small count is blank but for its labels.

    Raises
    ------
    DisclosureError : as in :func:`~fls_research.disclosure.release`.

    >>> flow = pd.DataFrame({"step": ["read", "under 50", "no service", "kept"], "records": [96, 4, 12, 80]})
    >>> shown = release_counts(flow, count_columns=["records"], labels=["step"], policy="opensafely", level="national",
    ...                        total={"step": "read"})
    >>> shown.frame
             step  records      status
    0        read     80.0       shown
    1    under 50      NaN  suppressed
    2  no service      NaN  suppressed
    3        kept     80.0       shown
    """
    rule, where = policy_of(policy), level_of(level)
    rows = shape.tidy(frame).drop(columns=[STATUS], errors="ignore")
    refuse_unknown([*count_columns, *labels], rows)
    shape.refuse_undeclared(rows, counts=count_columns, labels=labels)
    shape.refuse_wrong_level(rows, level=where)
    rows = shape.counts_as_floats(rows, count_columns)
    hidden = np.zeros(len(rows), dtype=bool)
    if rule.controls(where):
        is_total = shape.marked(rows, total)
        relations = plain_relations(rows, complements=complements, is_total=is_total)
        measures = {name: rows[name].to_numpy() for name in count_columns}
        hidden = protect(primary(measures, rule), measures, relations, rule, order=shape.order_of(rows, labels))
        rows = rows.assign(**{name: rule.rounded(rows[name]) for name in count_columns})
        rows = _totals_from_parts(rows, hidden, relations, count_columns, rule)
    how = Release(
        kind="plain counts", policy=rule.name, lane=None, level=where, labels=tuple(labels), synthetic=synthetic
    )
    return issue(blank(rows, hidden, labels=labels), how)


def release_reference(frame: pd.DataFrame, *, numbers: Sequence[str] = (), synthetic: bool = False) -> Publishable:
    """A table that counts no person as it may leave: definitions, provenance, numbers of services.

    Parameters
    ----------
    frame : any table of text.
    numbers : the columns whose numbers count nobody, such as a target or a number of services. Every other number is
        refused, also one written as text, so that this is no way round :func:`~fls_research.disclosure.release`.
    synthetic : as in :func:`~fls_research.disclosure.release`.

    Raises
    ------
    DisclosureError : a column of numbers that was not named, or one with the name of a count of patients.

    >>> release_reference(pd.DataFrame({"colour": ["green"], "services": [31]}), numbers=["services"])
    <Publishable: 1 rows, 0 suppressed, no person counts>
    >>> release_reference(pd.DataFrame({"sex": ["female"], "fractures": [31]}))
    Traceback (most recent call last):
    fls_research.errors.DisclosureError: Column 'fractures' holds numbers: name it in numbers= if it counts nobody...
    """
    rows = shape.tidy(frame)
    refuse_unknown(numbers, rows)
    for name in rows:
        if name in shape.COUNT_NAMES:
            raise DisclosureError(f"Column '{name}' counts patients: release it with release or release_counts.")
        if name not in numbers and (shape.holds_numbers(rows[name]) or _numbers_as_text(rows[name])):
            raise DisclosureError(
                f"Column '{name}' holds numbers: name it in numbers= if it counts nobody, else release it as a count."
            )
    how = Release(
        kind="reference", policy=None, lane=None, level=None, labels=tuple(map(str, rows.columns)), synthetic=synthetic
    )
    return issue(rows, how)


def _totals_from_parts(
    rows: pd.DataFrame,
    hidden: NDArray[np.bool_],
    relations: Sequence[Relation],
    count_columns: Sequence[str],
    rule: Policy,
) -> pd.DataFrame:
    """The rows with every total added up again from its parts as shown, where the policy asks for that."""
    if not rule.totals_from_parts:
        return rows
    columns = {name: rows[name].to_numpy().copy() for name in count_columns}
    for relation in relations:
        parts = [row for row in relation.members if not hidden[row]]
        if relation.total is not None and parts:
            for values in columns.values():
                values[relation.total] = np.nansum(values[parts])
    return rows.assign(**columns)


def _numbers_as_text(column: pd.Series) -> bool:
    return any(isinstance(cell, str) and _NUMBER_AS_TEXT.fullmatch(cell) for cell in column)
