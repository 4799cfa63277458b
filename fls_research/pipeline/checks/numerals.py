"""How numbers are written in prose, read exactly, and rounded: half up, to the decimals that are shown."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

_SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORDS = {word: value for value, word in enumerate(_SPELLED)}

COUNT = rf"(?:(?<![\w.,/£$€–-])(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?!\d|[.,]\d)|\b(?:{'|'.join(_WORDS)})\b)"
"""A whole number, in figures or as a word up to twelve; no part of a decimal, a range or a code."""

SPACED = (
    r"(?<!\bKPI )(?<!\bKPIs )(?<!\b[Tt]able )(?<!\b[Ff]igure )(?<!\bpage )(?<![\w.,/£€$–-])"
    r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\w]|[.,]\d)"
)
"""A whole number whose thousands are set apart by spaces, "83 500"."""

PERCENT = r"(?<![\w.,–-])\d+(?:\.\d+)?\s?(?:%|per\s?cent\b)"
"""A percentage with its sign."""

YEAR = r"(?<![\w.,/-])(?:19|20)\d\d(?![\w/]|[-–]\d|[.,]\d|\s?%)"
"""A year that stands by itself: not 2024/25, not 2024–25."""

UP_ARROWS, DOWN_ARROWS = "▲△↑⬆🔺⇧", "▼▽↓⬇🔻⇩"


def count_of(text: str) -> int:
    """The value of a :data:`COUNT`, or of one with :data:`SPACED` thousands.

    >>> count_of("65,843"), count_of("Five"), count_of("83 500")
    (65843, 5, 83500)
    """
    return _WORDS[text.lower()] if text.lower() in _WORDS else int(re.sub(r"[,\s]", "", text))


def number_of(text: str) -> Decimal:
    """The value of a number with or without a sign of per cent, exactly as written.

    >>> number_of("1.50 %"), number_of("12,941")
    (Decimal('1.50'), Decimal('12941'))
    """
    return Decimal(re.match(r"[\d,]+(?:\.\d+)?", text)[0].replace(",", ""))


def decimals_of(number: Decimal) -> int:
    """How many decimals a number shows.

    >>> decimals_of(Decimal("1.50"))
    2
    """
    return max(-number.as_tuple().exponent, 0)


def rounded(number: Decimal, decimals: int) -> Decimal:
    """The number with so many decimals, a half rounded up.

    >>> rounded(Decimal("12.5"), 0), rounded(Decimal("1.5151"), 1)
    (Decimal('13'), Decimal('1.5'))
    """
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def percent_of(numerator: int, denominator: int) -> Decimal:
    """Numerator over denominator as a percentage, unrounded for all that is ever printed."""
    return Decimal(numerator) * 100 / Decimal(denominator)


def is_year(text: str) -> bool:
    """Whether a number in figures looks like a year.

    >>> is_year("2023"), is_year("2,023")
    (True, False)
    """
    return re.fullmatch(r"(?:19|20)\d\d", text) is not None
