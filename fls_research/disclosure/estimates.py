"""Release of tables of model estimates: gaps, ratios, curves and their intervals, with the patients behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.disclosure import shape
from fls_research.disclosure.additive import plain_relations, refuse_unknown
from fls_research.disclosure.policies import Level, Policy, level_of
from fls_research.disclosure.policies import policy as policy_of
from fls_research.disclosure.publishable import STATUS, Publishable, Release, issue
from fls_research.disclosure.release import blank
from fls_research.disclosure.suppress import primary, protect
from fls_research.errors import DisclosureError
from fls_research.params import PolicyName

SIGNIFICANT = 3
"""Significant figures of an estimate below national level: more would give away the counts behind it."""

_N, _EVENTS = "n", "events"


def release_estimates(
    frame: pd.DataFrame,
    *,
    estimate_columns: Sequence[str],
    count_columns: Sequence[str],
    labels: Sequence[str],
    policy: PolicyName | str,
    level: Level | str,
    complements: Sequence[str] = (),
    synthetic: bool = False,
) -> Publishable:
    """A table of estimates and intervals as it may leave, each row with the patients it rests on.

    An estimate is an average over patients, and a national one speaks of nobody; one of seven patients does. So the
    policy looks at the counts beside it: a row is hidden whole when any of its counts is small. Where the policy
    controls the level, counts are rounded as it says and estimates are cut to three significant figures.

    Parameters
    ----------
    frame : one row an estimate.
    estimate_columns : proportions, differences, ratios, limits, p-values: numbers that count nobody.
    count_columns : numbers of patients and events; at least one. A column ``events`` (or ``events_x``) is taken to be
        of the column ``n`` (``n_x``), and those without the event must not be few either.
    labels : columns that say what a row is.
    policy, level, synthetic : as in :func:`~fls_research.disclosure.release`.
    complements : the columns within whose values the counts of rows add up to a published total. Counts of gaps overlap
        with each other and with tables of groups; so where the policy controls the level and no such column is named,
        counts decide what is shown and are themselves withheld, lest a hidden group be worked out by subtraction.

    Returns
    -------
    Publishable : the columns given and ``status``; in a hidden row everything but the labels is blank.

    Raises
    ------
    DisclosureError : no count beside the estimates, or a missing one where the policy has to look at it; otherwise as
        in :func:`~fls_research.disclosure.release`.

    >>> gaps = pd.DataFrame({"region": ["north", "south"], "gap": [-0.061538, 0.25], "n": [212, 12], "events": [96, 4]})
    >>> asked = {"estimate_columns": ["gap"], "count_columns": ["n", "events"], "labels": ["region"], "policy": "hes"}
    >>> release_estimates(gaps, level="below national", complements=["region"], **asked).frame
      region     gap      n  events      status
    0  north -0.0615  210.0    95.0       shown
    1  south     NaN    NaN     NaN  suppressed
    """
    rule, where = policy_of(policy), level_of(level)
    rows = shape.tidy(frame).drop(columns=[STATUS], errors="ignore")
    _refuse_unfit(rows, estimates=estimate_columns, counts=count_columns, labels=labels, level=where)
    rows = shape.counts_as_floats(rows, count_columns)
    rows = rows.assign(**{name: _as_floats(rows[name]) for name in estimate_columns})
    hidden, withheld = np.zeros(len(rows), dtype=bool), ()
    if rule.controls(where):
        hidden = _hidden(rows, rule, estimates=estimate_columns, counts=count_columns, labels=labels, sets=complements)
        withheld = () if complements else tuple(count_columns)
        rows = rows.assign(
            **{name: np.nan if withheld else rule.rounded(rows[name]) for name in count_columns},
            **{name: significant(rows[name], SIGNIFICANT) for name in estimate_columns},
        )
    how = Release(
        kind="estimates",
        policy=rule.name,
        lane=None,
        level=where,
        labels=tuple(labels),
        withheld=withheld,
        synthetic=synthetic,
    )
    return issue(blank(rows, hidden, labels=labels), how)


def significant(values: pd.Series | NDArray[np.float64], figures: int) -> NDArray[np.float64]:
    """Numbers to so many significant figures; missing and infinite ones, and zero, stay as they are.

    >>> significant(np.array([0.0615384, -12.3456, 0.0, np.inf, np.nan]), 3).tolist()
    [0.0615, -12.3, 0.0, inf, nan]
    """
    numbers = np.asarray(values, dtype=float)
    plain = np.isfinite(numbers) & (numbers != 0)
    rounded = [float(f"{number:.{figures}g}") for number in numbers[plain]]
    result = numbers.copy()
    result[plain] = rounded
    return result


def _refuse_unfit(
    rows: pd.DataFrame, *, estimates: Sequence[str], counts: Sequence[str], labels: Sequence[str], level: Level
) -> None:
    refuse_unknown([*estimates, *counts, *labels], rows)
    if not counts:
        raise DisclosureError("Estimates are released with the patients behind them: name count_columns, such as 'n'.")
    for name in (*estimates, *labels):
        if name in counts or name in shape.COUNT_NAMES or name.split("_")[0] in (_N, _EVENTS):
            raise DisclosureError(f"Column '{name}' counts patients: name it in count_columns= and nowhere else.")
    shape.refuse_undeclared(rows, counts=[*counts, *estimates], labels=labels)
    shape.refuse_repeated(rows, labels)
    shape.refuse_wrong_level(rows, level=level)


def _as_floats(column: pd.Series) -> NDArray[np.float64]:
    try:
        return column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise DisclosureError(f"Column '{column.name}' should hold estimates and does not; give numbers.") from None


def _hidden(
    rows: pd.DataFrame,
    rule: Policy,
    *,
    estimates: Sequence[str],
    counts: Sequence[str],
    labels: Sequence[str],
    sets: Sequence[str],
) -> NDArray[np.bool_]:
    """The rows that rest on few patients, and those that keep them hidden."""
    told = rows[list(estimates)].notna().any(axis=1)
    for name in counts:
        if (rows[name].isna() & told).any():
            raise DisclosureError(f"Column '{name}' is missing beside an estimate: say how many patients it rests on.")
    measures = {name: rows[name].to_numpy() for name in counts} | _without_event(rows, counts)
    relations = plain_relations(rows, complements=sets) if sets else ()
    return protect(primary(measures, rule), measures, relations, rule, order=shape.order_of(rows, labels))


def _without_event(rows: pd.DataFrame, counts: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    found = {}
    for name in counts:
        people = _N + name.removeprefix(_EVENTS)
        if name.split("_")[0] == _EVENTS and people in counts:
            found[f"{people} without"] = (rows[people] - rows[name]).to_numpy()
    return found
