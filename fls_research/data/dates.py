"""How a date is read from text: ISO and United Kingdom day-first forms, and never the month first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

import numpy as np

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199
"""Outside these years a date is a slip of the keyboard. (They also keep every date inside ``datetime64[ns]``.)"""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}

_TIME = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp][Mm])?"
    r"(?:\s*(?:Z|[+-]00:?00))?)?"
)
_ISO = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + _TIME, re.ASCII)
_ISO_BASIC = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})" + _TIME, re.ASCII)
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})" + _TIME, re.ASCII
)
_DAY_NAMED = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[-/. ]?\s*(?P<name>[A-Za-z]{3,9})\.?[-/., ]?\s*(?P<year>\d{4}|\d{2})" + _TIME,
    re.ASCII,
)
_FORMS = (_DAY_FIRST, _ISO, _DAY_NAMED, _ISO_BASIC)


def parse_date(text: str) -> dt.date | None:
    """The date that a text names, or None when it names none.

    Read are ``2024-12-25``, ``2024/12/25``, ``20241225``, ``25/12/2024``, ``25-12-2024``, ``25.12.2024``, ``25/12/24``,
    ``25-Dec-2024`` and ``25 December 2024``, each with or without a time of day, which is dropped. The day always
    comes first in the forms that begin with it: ``12/25/2024`` names no date. Two figures for the year are
    2000 to 2099. Numbers that a spreadsheet uses for dates (45651) are not read, because their origin is a guess.

    >>> parse_date("25/12/2024"), parse_date("12/25/2024")
    (datetime.date(2024, 12, 25), None)
    >>> parse_date("01/02/2024 00:00:00")
    datetime.date(2024, 2, 1)
    """
    text = text.strip()
    for form in _FORMS:
        found = form.fullmatch(text)
        if found:
            return _date_of(found.groupdict())
    return None


def _date_of(parts: dict[str, str | None]) -> dt.date | None:
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000
    month = _MONTHS.get(parts["name"].lower(), 0) if parts.get("name") else int(parts["month"])
    if not EARLIEST_YEAR <= year <= LATEST_YEAR or not _is_time(parts):
        return None
    try:
        return dt.date(year, month, int(parts["day"]))
    except ValueError:
        return None


def _is_time(parts: dict[str, str | None]) -> bool:
    if parts["hour"] is None:
        return True
    hours = 12 if parts["half"] else 23
    return int(parts["hour"]) <= hours and int(parts["minute"]) <= 59 and int(parts["second"] or 0) <= 59


def parse_dates(texts: Iterable[str]) -> np.ndarray:
    """The dates that texts name, as ``datetime64[ns]`` of the same length; NaT where a text names none.

    Give it the distinct texts of a column: it reads one after the other.

    >>> parse_dates(["31/12/2024", "31/11/2024"])
    array(['2024-12-31T00:00:00.000000000', 'NaT'], dtype='datetime64[ns]')
    """
    days = [parse_date(text) for text in texts]
    return np.array(days, dtype="datetime64[D]").astype("datetime64[ns]")
