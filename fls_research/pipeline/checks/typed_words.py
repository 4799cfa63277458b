"""Numbers that a typed one can hide as: words, and four digits that look like a year before a noun that is counted."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator

_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORD = rf"(?:(?:{_TENS})(?:[- ](?:{_UNITS}))?|{_TEENS}|{_UNITS}|(?:a|one|two|three) hundred)"
_LARGE = rf"(?:(?:{_TENS})(?:[- ](?:{_UNITS}))?|(?!ten\b|eleven\b|twelve\b)(?:{_TEENS}))"
_PARTS = "third|quarter|fifth|sixth|seventh|eighth|ninth|tenth"

LEVELS = {word: 10 * number for number, word in enumerate(_TENS.split("|"), start=2)}
"""The round numbers in words, which may be the level of a KPI record."""
NOUNS = (
    r"(?:patients?|people|persons?|records?|services?|FLSs?|fractures?|women|men|residents?|adults|cases|scans"
    r"|assessments?|hospitals?|trusts|boards|units|regions)"
)
"""What a report of this audit counts."""
_OF = rf"of (?:the |all |all the |our |their |these |those )?(?:[a-z-]+ )?{NOUNS}"

_IN_WORDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_WORD}(?: point {_WORD})?(?= per ?cent\b| ?%| percentage points?\b)",
        rf"\b(?:an?|one|two|three|four|five|six|seven|eight|nine)[- ](?:{_PARTS})s?(?= {_OF}\b)",
        rf"\b(?!one\b){_WORD}(?= {_OF}\b)",
        rf"\b{_LARGE}(?= (?:[a-z-]+ )?{NOUNS}\b)",
    )
)
_COUNTED_YEAR = re.compile(rf"(?<![\w.,/-])(?P<n>(?:19|20)\d\d)(?= (?:[a-z-]+ )?{NOUNS}\b)", re.IGNORECASE)
_MONTHS = "|".join(name for name in calendar.month_name if name)
_SAYS_WHEN = re.compile(
    r"\b(?:in|since|during|by|from|to|until|till|before|after|for|between|and|or|the|of|through|throughout|early|late"
    rf"|our|its|this|year|{_MONTHS})\s+$|[-–/]\s*$|,\s*$",
    re.IGNORECASE,
)
_RECENT = range(2015, 2036)
"""Years that data of the audit can be of; any other four digits before a noun need "in" to be one."""
_SURELY_WHEN = re.compile(rf"\b(?:in|since|until|before|after|during|by|{_MONTHS})\s+$", re.IGNORECASE)


def numbers_in_words(text: str) -> Iterator[re.Match[str]]:
    """The numbers in words that state a result: before "per cent", parts and numbers "of patients", and large ones.

    Small numbers before a noun ("two services that share a site") are how one counts in words, and "half", "one in
    ten" and "the most deprived fifth" are names of levels and groups: none of them is given.

    >>> [found[0] for found in numbers_in_words("Sixty-nine per cent, two thirds of patients, and two services.")]
    ['Sixty-nine', 'two thirds']
    """
    taken: list[tuple[int, int]] = []
    for pattern in _IN_WORDS:
        for found in pattern.finditer(text):
            if not any(start < found.end() and found.start() < end for start, end in taken):
                taken.append(found.span())
                yield found


def counts_like_years(text: str) -> Iterator[re.Match[str]]:
    """The four digits that look like a year and count what follows: "2024 patients", but not "in 2024 patients".

    >>> [found["n"] for found in counts_like_years("We saw 2024 patients. In 2024 patients waited.")]
    ['2024']
    """
    for found in _COUNTED_YEAR.finditer(text):
        says_when = _SAYS_WHEN if int(found["n"]) in _RECENT else _SURELY_WHEN
        if not says_when.search(text[: found.start()]):
            yield found
