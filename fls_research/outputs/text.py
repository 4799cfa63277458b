"""How a released number is written in words: percentages, counts, changes and intervals, rounded half up.

A number that is not there is written ``[c]`` (held back because it is small), ``[x]`` (not available) or ``[z]`` (not
applicable), the shorthand of government statistics.
"""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_UP, Decimal

SUPPRESSED = "[c]"
NOT_AVAILABLE = "[x]"
NOT_APPLICABLE = "[z]"

MEANINGS = {
    SUPPRESSED: "held back because the number is small",
    NOT_AVAILABLE: "not available",
    NOT_APPLICABLE: "not applicable",
}

MINUS = "−"

COLOUR_MARKS = {"green": "▲ Green", "amber": "● Amber", "red": "▼ Red"}
"""Each colour as a shape and a word, so that it is never told by colour alone."""


def is_missing(value: object) -> bool:
    """Whether there is no number: ``None``, NaN or ``pd.NA``.

    >>> is_missing(float("nan")), is_missing(0)
    (True, False)
    """
    if value is None:
        return True
    try:
        return math.isnan(value)  # type: ignore[arg-type]
    except TypeError:
        return not isinstance(value, str)


def half_up(value: float, decimals: int = 0) -> Decimal:
    """A number rounded as readers do it: 0.5 goes up (away from zero), on the decimal value as printed.

    >>> half_up(2.5), half_up(-2.5), half_up(0.285, 2)
    (Decimal('3'), Decimal('-3'), Decimal('0.29'))
    """
    rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def in_percent(proportion: float, decimals: int = 0) -> Decimal:
    """A proportion in percent, rounded half up.

    >>> in_percent(0.685), in_percent(0.6912, 1)
    (Decimal('69'), Decimal('69.1'))
    """
    hundredfold = Decimal(repr(float(proportion))) * 100
    return hundredfold.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def percent(proportion: float | None, decimals: int = 0) -> str:
    """A proportion between 0 and 1 (or above) as a percentage.

    >>> percent(0.6912), percent(0.6912, 1), percent(None)
    ('69%', '69.1%', '[x]')
    """
    return NOT_AVAILABLE if is_missing(proportion) else f"{in_percent(proportion, decimals)}%"


def count(value: float | None) -> str:
    """A count with commas.

    >>> count(83500), count(float("nan"))
    ('83,500', '[x]')
    """
    return NOT_AVAILABLE if is_missing(value) else f"{half_up(value):,}".replace("-", MINUS)


def decimal(value: float | None, decimals: int = 1) -> str:
    """A number with a fixed count of decimals.

    >>> decimal(-0.25), decimal(1234.0, 2)
    ('−0.3', '1,234.00')
    """
    return NOT_AVAILABLE if is_missing(value) else f"{half_up(value, decimals):,}".replace("-", MINUS)


def interval(lower: float | None, upper: float | None, decimals: int = 0) -> str:
    """The two ends of an interval of a proportion, in percent.

    >>> interval(0.681, 0.697), interval(None, None)
    ('68 to 70', '[x]')
    """
    if is_missing(lower) or is_missing(upper):
        return NOT_AVAILABLE
    return f"{in_percent(lower, decimals)} to {in_percent(upper, decimals)}"


def points(now: float | None, before: float | None, decimals: int = 0) -> str:
    """The change between two proportions in percentage points, with its sign; worked out before rounding.

    >>> points(0.69, 0.65), points(0.57, 0.59), points(0.5, 0.5), points(0.5, None)
    ('+4', '−2', '0', '[x]')
    """
    if is_missing(now) or is_missing(before):
        return NOT_AVAILABLE
    moved = _moved(now, before, decimals)
    sign = "+" if moved > 0 else MINUS if moved < 0 else ""
    return f"{sign}{abs(moved)}"


def change(now: float | None, before: float | None, decimals: int = 0) -> str:
    """The same in words.

    >>> change(0.69, 0.65), change(0.58, 0.59), change(0.503, 0.5), change(None, 0.5)
    ('up 4 points', 'down 1 point', 'unchanged', 'not comparable')
    """
    if is_missing(now) or is_missing(before):
        return "not comparable"
    moved = _moved(now, before, decimals)
    if moved == 0:
        return "unchanged"
    unit = "point" if abs(moved) == 1 else "points"
    return f"{'up' if moved > 0 else 'down'} {abs(moved)} {unit}"


def direction(now: float | None, before: float | None, *, tolerance: float = 0.005) -> str:
    """The verb for a change between two proportions: it moves only beyond ``tolerance`` (half a percentage point).

    >>> direction(0.69, 0.65), direction(0.57, 0.59), direction(0.503, 0.5)
    ('rose', 'fell', 'hardly changed')
    """
    if is_missing(now) or is_missing(before):
        return "cannot be compared"
    moved = Decimal(repr(float(now))) - Decimal(repr(float(before)))
    if abs(moved) < Decimal(repr(tolerance)):
        return "hardly changed"
    return "rose" if moved > 0 else "fell"


def colour(name: str | None) -> str:
    """A red, amber or green as a shape and a word.

    >>> colour("Green"), colour("red"), colour(None)
    ('▲ Green', '▼ Red', '[x]')
    """
    if is_missing(name) or name == "":
        return NOT_AVAILABLE
    return COLOUR_MARKS.get(str(name).lower(), str(name))


def kpi_name(kpi: str) -> str:
    """A KPI's id as it is printed; a variant keeps its word.

    >>> kpi_name("kpi4"), kpi_name("kpi9-treated")
    ('KPI 4', 'KPI 9 (treated)')
    """
    number, _, variant = kpi.removeprefix("kpi").partition("-")
    name = f"KPI {number}" if number.isdigit() else kpi
    return f"{name} ({variant.replace('-', ' ')})" if variant and number.isdigit() else name


def kpi_number(kpi: str) -> tuple[int, str]:
    """What KPIs are sorted by: the number, then the variant.

    >>> sorted(["kpi10", "kpi9-treated", "kpi9"], key=kpi_number)
    ['kpi9', 'kpi9-treated', 'kpi10']
    """
    found = re.fullmatch(r"kpi(\d+)(.*)", kpi)
    return (int(found[1]), found[2]) if found else (999, kpi)


def _moved(now: float, before: float, decimals: int) -> Decimal:
    moved = (Decimal(repr(float(now))) - Decimal(repr(float(before)))) * 100
    rounded = moved.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded
