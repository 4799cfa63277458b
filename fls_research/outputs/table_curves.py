"""Tables of curves and of estimates with their intervals: one row a curve, one column a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import text
from fls_research.outputs.tables import SYNTHETIC_NOTE, Format, Table

REFERENCE = "reference"

_UNBROKEN = "\N{WORD JOINER}"
"""After the dash of an interval, so that a narrow column breaks the line before the interval and not in it."""


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else text.decimal(value, 3)


P_VALUE = Format(_p_value)
"""A p-value to three decimals."""


def with_interval(name: str, *, decimals: int, lower: str = "", upper: str = "") -> Format:
    """How an estimate is written with its interval behind it; the group that all others are compared with says so.

    ``lower`` and ``upper`` are the columns of the interval, ``<name>_lower`` and ``<name>_upper`` when not given.

    >>> with_interval("ratio", decimals=2).write(0.8, 0.67, 0.944)
    '0.80 (0.67 to 0.94)'
    >>> with_interval("ratio", decimals=2).write(1.0, 1.0, 1.0)
    'reference'
    """

    def write(value: float, low: float, high: float) -> str:
        if low == value == high:
            return REFERENCE
        return f"{text.decimal(value, decimals)} ({text.decimal(low, decimals)} to {text.decimal(high, decimals)})"

    return Format(write, sources=(name, lower or f"{name}_lower", upper or f"{name}_upper"))


def landmark_table(
    publishable: Publishable,
    *,
    rows: Mapping[str, str],
    names: Mapping[str, str],
    days: Sequence[int],
    by: str = "step",
    heading: str = "Step",
    decimals: int = 1,
    note: str = "",
) -> Table:
    """A released curve read at some days: the proportion reached, in percent, with its 95% interval.

    Parameters
    ----------
    publishable : what ``disclosure.release_curve`` gave.
    rows : value of the label ``by`` to the state that is read, in the order of the rows.
    names : value of that label to its printed name.
    days : the days of the columns.
    note : a sentence below the table.

    Raises
    ------
    DisclosureError : the table was not released, is no curve, or does not hold exactly one such curve and day.

    >>> import pandas as pd
    >>> from fls_research.disclosure import release_curve
    >>> exits = pd.DataFrame({"step": "dxa", "group": "all", "day": [20, 60], "state": ["done", "waiting"],
    ...                       "patients": [40, 60]})
    >>> curve = release_curve(exits, censored="waiting", landmarks=[30], policy="hes", level="national",
    ...                       labels=["step", "group"])
    >>> table = landmark_table(curve, rows={"dxa": "done"}, names={"dxa": "DXA"}, days=[30])
    >>> [cell.replace("\N{WORD JOINER}", "") for cell in table.rows[0]]
    ['DXA', '100', '40.0% (30.4–49.4)']
    """
    released = verify(publishable).frame
    for name in (by, "state", "day", "proportion", "lower", "upper", "at_risk", "status"):
        if name not in released:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, released)}.")
    cells = []
    for value, state in rows.items():
        curve = released.loc[(released[by] == value) & (released["state"] == state)].set_index("day")
        if curve.index.has_duplicates or not {0, *days} <= set(curve.index):
            raise DisclosureError(
                f"The table does not hold one curve of '{value}' with these days: choose with where()."
            )
        start = curve.loc[0]
        size = text.SUPPRESSED if start["status"] != "shown" else text.count(start["at_risk"])
        cells.append((dict(names).get(value, value), size, *(_cell(curve.loc[day], decimals) for day in days)))
    headings = (heading, "Patients", *(f"Day {day}" for day in days))
    notes = (note, _shorthand(cells), SYNTHETIC_NOTE if publishable.release.synthetic else "")
    return Table(headings, tuple(cells), (False, *[True] * (len(days) + 1)), tuple(filter(None, notes)))


def _cell(row: pd.Series, decimals: int) -> str:
    if row["status"] != "shown":
        return text.SUPPRESSED
    if text.is_missing(row["proportion"]):
        return text.NOT_AVAILABLE
    value = text.percent(row["proportion"], decimals)
    if text.is_missing(row["lower"]):
        return value
    low, high = (text.in_percent(row[name], decimals) for name in ("lower", "upper"))
    return f"{value} ({low}–{_UNBROKEN}{high})"


def _shorthand(cells: Sequence[Sequence[str]]) -> str:
    present = [sign for sign in text.MEANINGS if any(sign in row for row in cells)]
    return "; ".join(f"{sign} {text.MEANINGS[sign]}" for sign in present) + "." if present else ""
