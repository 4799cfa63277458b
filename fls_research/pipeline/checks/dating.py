"""What a text says of its own time: the year its data are from, and the day it carries."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from fls_research.pipeline.checks.document import Document

_MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
_MONTH = "|".join(_MONTHS)
_DATA_YEAR = re.compile(
    r"1 January (?:(?P<first>(?:19|20)\d\d) )?(?:to|until|[-–—]) 31 December (?P<last>(?:19|20)\d\d)"
    r"|data (?:from|for|of|on) (?:the year )?(?P<named>(?:19|20)\d\d)\b"
)
_PUBLISHED = re.compile(rf"^(?:published\W+)?(?:(?P<day>\d{{1,2}}) )?(?P<month>{_MONTH}) (?P<year>20\d\d)\.?$", re.I)
_SAYS_OF_ITSELF = re.compile(
    r"(?:\bthis (?:report|edition|document|table)\b[^.;]{0,60}?\b(?:was|is)|^it (?:was|is)"
    r"|\bthe edition on (?:19|20)\d\d data,)"
    rf" published (?:(?:in|on) )?(?P<day>(?:\d{{1,2}} )?(?:{_MONTH}) 20\d\d)\b",
    re.IGNORECASE,
)
_INTRODUCES_ITSELF = re.compile(r"\bthis (?:is|was)\b.*\b(?:report|edition)\b", re.IGNORECASE)
_COPYRIGHT = re.compile(r"(?:©|copyright)\D{0,80}(?P<year>20\d\d)", re.IGNORECASE)
_COVER = 40
"""How many passages can belong to a cover."""


def data_year(document: Document) -> int | None:
    """The year of fracture a document reports on, where it says so ("1 January to 31 December 2024").

    >>> from fls_research.pipeline.checks.document import Passage
    >>> data_year(Document("a.txt", (Passage("Data from 1 January 2022 to 31 December 2022", ()),)))
    2022
    """
    for passage in document.passages:
        found = _DATA_YEAR.search(passage.text)
        if found and found["first"] in (None, found["last"]):
            return int(found["last"] or found["named"])
    return None


def document_date(document: Document) -> dt.date | None:
    """The day a document carries: a month and year that stand alone on its cover, else what it says of itself ("This
    report was published in January 2026"), else the year of its copyright.

    The first day of the month or year is taken, so that guidance is not called replaced too early.

    >>> from fls_research.pipeline.checks.document import Passage
    >>> document_date(Document("a.txt", (Passage("Annual report", ()), Passage("February 2024", ()))))
    datetime.date(2024, 2, 1)
    """
    for passage in document.passages[:_COVER]:
        for line in passage.text.split("\n"):
            day = day_in_words(line)
            if day:
                return day
    said = _said_of_itself(document)
    if said:
        return said
    for passage in document.passages:
        found = _COPYRIGHT.search(passage.text)
        if found:
            return dt.date(int(found["year"]), 1, 1)
    return None


def _said_of_itself(document: Document) -> dt.date | None:
    """The day a document says that it was published; "it" is the document only after "This is the report …"."""
    before = ""
    for sentence in document.sentences():
        found = _SAYS_OF_ITSELF.search(sentence.text.strip())
        if found and (not found[0].lower().startswith("it ") or _INTRODUCES_ITSELF.search(before)):
            return day_in_words(found["day"])
        before = sentence.text
    return None


def day_in_words(words: str) -> dt.date | None:
    """The day of "February 2024" or "3 February 2024", which stand alone; the first of the month where none is named.

    >>> day_in_words("January 2026"), day_in_words("In January 2026 it rose.")
    (datetime.date(2026, 1, 1), None)
    """
    found = _PUBLISHED.match(words.strip())
    if not found:
        return None
    try:
        return dt.date(int(found["year"]), _MONTHS[found["month"].capitalize()], int(found["day"] or 1))
    except ValueError:
        return None
