"""The one gate between counts of patients and anything that is read: every number passes a policy here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.disclosure import shape
from fls_research.disclosure.additive import KEYS, NATIONAL, Relation, counts_relations, parts_of, refuse_unknown
from fls_research.disclosure.bounds import exposed
from fls_research.disclosure.margins import with_margins
from fls_research.disclosure.policies import Lane, Level, Policy, lane_of, level_of
from fls_research.disclosure.policies import policy as policy_of
from fls_research.disclosure.publishable import SHOWN, STATUS, SUPPRESSED, Publishable, Release, issue
from fls_research.disclosure.suppress import primary, protect
from fls_research.errors import DisclosureError
from fls_research.params import PolicyName
from fls_research.stats.proportions import wilson_interval

CONFIDENCE = 0.95

SERVICE_DENOMINATOR = 10
"""A service's percentage is shown when it rests on at least this many patients (a choice of this project)."""

SERVICE_DECIMALS = 3
"""Decimals of a service's proportion: finer ones would give away the counts behind it."""

_PARTS = ("numerator", "denominator")
_EXTRAS = ("unknown", "not_eligible")
_DERIVED = ("proportion", "lower", "upper")


def release(
    counts: pd.DataFrame,
    *,
    policy: PolicyName | str,
    lane: Lane | str,
    level: Level | str,
    complements: Sequence[str] = (),
    labels: Sequence[str] = (),
    organisations: Mapping[str, Collection[str]] | None = None,
    synthetic: bool = False,
) -> Publishable:
    """A table of numerators and denominators as it may leave.

    Parameters
    ----------
    counts : a ``counts`` frame: ``numerator``, ``denominator``, ``dimension``, ``group``, usually ``data_year``,
        ``kpi``, ``version``, ``unknown`` and ``not_eligible``. A missing number stays missing and suppresses nothing.
    policy : a name of :data:`~fls_research.disclosure.policies.POLICIES`; there is no default.
    lane : ``patient_group``, or ``service`` for whole services, whose percentages this audit publishes: there the
        percentage is shown from a denominator of 10, to a tenth of a percentage point, without the counts behind it.
        (The counts of services go through ``patient_group``.)
    level : ``national``, or ``below national``. Rows of services, areas or regions are refused at ``national``.
    complements : further columns within whose values rows add up to a published total, such as ``region_code``.
    labels : further columns that say what a row is and count nobody, such as a title or a target. Everything else in a
        suppressed row is blanked.
    organisations : column to the values that mark rows counting organisations, such as ``{"kpi": ["kpi1"]}``. They are
        not controlled; the exemption is recorded in the result.
    synthetic : whether the numbers come from a synthetic extract; every output made from them then says so.

    Returns
    -------
    Publishable : the columns given, then ``proportion``, ``lower``, ``upper`` (between 0 and 1; Wilson, 95%; from the
        parts as released) and ``status``. Where ``unknown`` or ``not_eligible`` is small in a row that is shown, that
        column is withheld for the whole dimension.

    Raises
    ------
    DisclosureError : unknown policy, lane or level; a column of numbers that is neither count nor label; dates,
        nested values or row-level columns; two rows with the same labels; a negative count; a level that does not fit.

    >>> counts = pd.DataFrame({
    ...     "data_year": 2024, "kpi": "kpi4", "version": "kpi4.2016", "dimension": "region",
    ...     "group": ["north", "south", "east"], "numerator": [4.0, 61.0, 122.0], "denominator": [40.0, 80.0, 181.0]})
    >>> released = release(counts, policy="hes", lane="patient_group", level="below national")
    >>> released.frame[["group", "numerator", "denominator", "proportion", "status"]]
       group  numerator  denominator  proportion      status
    0  north        NaN          NaN         NaN  suppressed
    1  south        NaN          NaN         NaN  suppressed
    2   east      120.0        180.0    0.666667       shown
    """
    rule, where, who = policy_of(policy), level_of(level), lane_of(lane)
    rows, names = _checked(counts, labels=labels, level=where)
    controlled = ~shape.marked(rows, organisations) & rule.controls(where)
    if who is Lane.SERVICE and where is Level.BELOW_NATIONAL:
        released, withheld = _services(rows, controlled, names)
    else:
        released, withheld = _patient_groups(rows, rule, controlled, names, complements)
    how = Release(
        kind="counts",
        policy=rule.name,
        lane=who,
        level=where,
        labels=names,
        withheld=withheld,
        organisations=tuple(f"{name}={value}" for name, values in (organisations or {}).items() for value in values),
        checks=_whole_groups(released, controlled) if who is Lane.PATIENT_GROUP else (),
        synthetic=synthetic,
    )
    return issue(released, how)


def _checked(counts: pd.DataFrame, *, labels: Sequence[str], level: Level) -> tuple[pd.DataFrame, tuple[str, ...]]:
    rows = shape.tidy(counts).drop(columns=[*_DERIVED, STATUS], errors="ignore")
    refuse_unknown([*_PARTS, "dimension", "group"], rows)
    names = shape.label_columns(rows, labels)
    given = [*_PARTS, *(name for name in _EXTRAS if name in rows)]
    shape.refuse_undeclared(rows, counts=given, labels=names)
    shape.refuse_repeated(rows, [name for name in names if name not in labels])
    shape.refuse_wrong_level(rows, level=level)
    return shape.counts_as_floats(rows, given), names


def _patient_groups(
    rows: pd.DataFrame,
    rule: Policy,
    controlled: NDArray[np.bool_],
    names: tuple[str, ...],
    complements: Sequence[str],
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    relations = counts_relations(rows, complements=complements)
    hidden = _hidden(rows, rule, controlled, names, complements)
    given = [name for name in (*_PARTS, *_EXTRAS) if name in rows]
    shown = {name: np.where(controlled, rule.rounded(rows[name]), rows[name]) for name in given}
    withheld = []
    for name in (name for name in _EXTRAS if name in rows):
        kept_back = _kept_back(rows, name, rule, controlled, hidden, relations)
        shown[name] = np.where(kept_back, np.nan, shown[name])
        withheld += [name] if (kept_back & ~hidden).any() else []
    released = _with_proportions(rows.assign(**shown), decimals=None)
    return blank(released, hidden, labels=names), tuple(withheld)


def _hidden(
    rows: pd.DataFrame,
    rule: Policy,
    controlled: NDArray[np.bool_],
    names: tuple[str, ...],
    complements: Sequence[str],
) -> NDArray[np.bool_]:
    """The rows to hide. The totals of crossings are protected first, as where they are a table of their own."""
    whole = with_margins(rows, complements=complements)
    added = len(whole) - len(rows)
    measures = _measures(whole, np.append(controlled, np.full(added, controlled.any())))
    order = shape.order_of(whole, names)
    crossed = whole["dimension"].map(lambda name: len(parts_of(str(name)))).to_numpy()
    relations = counts_relations(whole, complements=complements)
    hidden = primary(measures, rule)
    for parts in np.unique(crossed):
        known = [relation for relation in relations if crossed[list(relation.members)].max() <= parts]
        hidden = protect(hidden, measures, known, rule, order=order)
    return hidden[: len(rows)]


def _services(
    rows: pd.DataFrame, controlled: NDArray[np.bool_], names: tuple[str, ...]
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    other = sorted(set(rows.loc[controlled, "dimension"]) - {"service", NATIONAL})
    if other:
        raise DisclosureError(f"Lane 'service' is for whole services; release rows by {other[0]} as 'patient_group'.")
    hidden = controlled & (rows["denominator"] < SERVICE_DENOMINATOR).to_numpy()
    released = _with_proportions(rows, decimals=SERVICE_DECIMALS)
    given = [name for name in (*_PARTS, *_EXTRAS) if name in rows]
    released = released.assign(**{name: released[name].mask(controlled) for name in given})
    return blank(released, hidden, labels=names), tuple(given) if controlled.any() else ()


def _measures(rows: pd.DataFrame, controlled: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """What must not be small: the parts and their difference, NaN where there is nothing to control.

    Where a KPI's denominator is smaller than its numerator in any row (records over an expected caseload), the
    difference counts nobody.
    """
    difference = rows["denominator"] - rows["numerator"]
    keys = [name for name in (*KEYS, "dimension") if name in rows]
    counts_people = difference.groupby([rows[name] for name in keys], dropna=False).transform("min").ge(0)
    measures = {name: rows[name] for name in _PARTS} | {"difference": difference.where(counts_people)}
    return {name: np.where(controlled, values, np.nan) for name, values in measures.items()}


def _kept_back(
    rows: pd.DataFrame,
    name: str,
    rule: Policy,
    controlled: NDArray[np.bool_],
    hidden: NDArray[np.bool_],
    relations: Sequence[Relation],
) -> NDArray[np.bool_]:
    """The rows of every dimension in which a further count is small and could be seen or worked out."""
    values = np.where(controlled, rows[name], np.nan)
    unsafe = rule.small(values) & ~hidden
    if name == "unknown":  # eligible, known and not met is the rest: it must not be small either
        unsafe |= (
            rule.small(np.where(controlled, rows["denominator"] - rows["numerator"] - rows[name], np.nan)) & ~hidden
        )
    worked_out = exposed(
        np.nan_to_num(values), hidden, rule.small(values) & hidden, relations, floor=rule.smallest_shown
    )
    unsafe[[exposure.row for exposure in worked_out]] = True
    keys = [rows[key] for key in (*KEYS, "dimension") if key in rows]
    return pd.Series(unsafe).groupby(keys, dropna=False).transform("any").to_numpy() & controlled


def _with_proportions(rows: pd.DataFrame, *, decimals: int | None) -> pd.DataFrame:
    """The rows with the proportion and its interval; no interval where the numerator exceeds the denominator."""
    numerator, denominator = rows["numerator"], rows["denominator"].where(rows["denominator"] > 0)
    lower, upper = wilson_interval(numerator.where(numerator <= denominator), denominator, confidence=CONFIDENCE)
    made = {"proportion": numerator / denominator, "lower": lower, "upper": upper}
    if decimals is not None:
        made = {name: np.round(np.asarray(values, dtype=float), decimals) for name, values in made.items()}
    return rows.assign(**made)


def blank(rows: pd.DataFrame, hidden: NDArray[np.bool_], *, labels: Sequence[str]) -> pd.DataFrame:
    """The rows with everything but the labels blanked where hidden, and ``status`` as the last column."""
    told = {}
    for name in rows:
        if name in labels or not hidden.any():
            told[name] = rows[name]
        elif shape.holds_numbers(rows[name]) or rows[name].isna().all():
            told[name] = pd.to_numeric(rows[name]).astype(float).mask(hidden)
        else:
            told[name] = rows[name].astype(object).mask(hidden, None)
    return pd.DataFrame(told, index=rows.index).assign(**{STATUS: np.where(hidden, SUPPRESSED, SHOWN)})


def _whole_groups(released: pd.DataFrame, controlled: NDArray[np.bool_]) -> tuple[str, ...]:
    whole = int((released["proportion"].isin([0.0, 1.0]) & controlled).sum())
    return (f"rows of 0% or 100%, to be looked at for what they say of a whole group: {whole}",) if whole else ()
