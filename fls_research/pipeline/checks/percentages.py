"""The rule that a percentage printed beside its numerator and denominator is their quotient."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fls_research.pipeline.checks.document import Document, Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.numerals import (
    COUNT,
    PERCENT,
    SPACED,
    count_of,
    decimals_of,
    is_year,
    number_of,
    percent_of,
    rounded,
)

RULE = "percentage"

_N = rf"(?P<n>{SPACED}|{COUNT})"
_D = rf"(?P<d>{SPACED.replace('/', '')}|{COUNT.replace('/', '')})"
_P = rf"(?P<p>{PERCENT})"
_OF = r"(?:\s*/\s*|\s+(?:out\s+)?of\s+(?:the\s+|all\s+|a\s+total\s+of\s+)*)"
_OPEN, _CLOSE = r"[(\[]\s*", r"\s*[)\];,]"
# Words between the fraction and its percentage: no figure but a year, no punctuation, not many.
_GAP = r"(?:\s+(?:in\s+(?:19|20)\d\d|[^\W\d_][\w’'-]*)){0,9}?\s*"
# What may follow inside the brackets; anything else ("in 2023", "or more", "CI") makes it another percentage.
_ALONE = r"(?=\s*(?:[)\];,]|of\s+(?:the|all|them|those|these)\b))"

_LISTED = re.compile(rf"{_N}\s*/\s*{_D}\s*,\s*{_P}(?=\s*(?:[.;,)]|$))", re.IGNORECASE)
"""35/77, 45%; the first is no more than the second, or it may be a day."""
FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_N}{_OF}{_D}{_GAP}{_OPEN}{_P}{_ALONE}",  # 35 of 77 services (45%); 35/77 (45%); 25 of 69 in 2023 (36%)
        rf"{_N}{_OF}{_D}\s*(?:=|,?\s+or)\s*{_P}",  # 35/77 = 45%; 35 of 77, or 45%
        rf"{_P}\s*{_OPEN}(?:n\s*=\s*)?{_N}{_OF}{_D}(?:\s+[^\W\d_][\w’'-]*){{0,3}}{_CLOSE}",  # 45% (35/77)
        rf"{_N}(?:\s+[^\W\d_][\w’'-]*){{0,2}}?\s*{_OPEN}{_P}{_CLOSE}\s+(?:out\s+)?of\s+(?:the\s+|all\s+)*{_D}",
        rf"\bof\s+(?:the\s+|all\s+)*{_D}(?:\s+[^\W\d_][\w’'-]*){{1,4}},\s+{_N}\s*{_OPEN}{_P}{_CLOSE}(?!\s+of\b)",
        rf"{_P}\s+of\s+(?:the\s+|all\s+)*{_D}(?:\s+[^\W\d_][\w’'-]*){{0,4}}\s*{_OPEN}(?:n\s*=\s*)?{_N}{_CLOSE}",
    )
)
_ONE_IN = re.compile(
    rf"(?<!\bKPI )(?<!\bTable )(?P<n>{COUNT})\s+in\s+(?:every\s+)?{_D}"
    rf"(?:\s+[^\W\d_][\w’'-]*){{0,4}}?\s*{_OPEN}{_P}\s*[)\]]",
    re.IGNORECASE,
)
"""Three in five (60%): a way to speak in round numbers, so it is held to the nearest such fraction only."""
_ROUGHLY = Decimal(5)
"""Points that "n in N" may be off, and less than half a step of its fraction."""
# A level, or the end of a range, is followed by how many reach it: "at least 80% (11 of 69)".
_LEVEL = re.compile(
    r"(?:\b(?:at\s+least|at\s+most|over|above|below|under|than|reach\w*|exceed\w*|achiev\w*|up\s+to|aims?\s+(?:of|for))|[<>≥≤]|\d\s?%?\s+(?:and|to|or)\b)"
    r"\s*$",
    re.IGNORECASE,
)


def wrong_percentages(document: Document) -> Iterator[Finding]:
    """Each percentage that is not its numerator over its denominator, rounded half up to the decimals shown.

    Read are "n of N (p%)", "n/N (p%)", "p% (n/N)", "n (p%) of N", "of N services, n (p%)", "p% of N services (n)"
    "n/N = p%" and "n/N, p%", with words and a year in between. There is no tolerance: 16.9% printed as 16% is a
    finding. "Three in five (60%)" is held to the nearest such fraction.

    >>> from fls_research.pipeline.checks.document import Passage
    >>> text = "Of these, 12/69 (17 %) did and 35 out of 77 (44%) did not."
    >>> [found.expected for found in wrong_percentages(Document("a.txt", (Passage(text, ((0, "line 1"),)),)))]
    ['45% (35/77 = 45.45...%, rounded half up)']
    """
    for sentence in document.sentences():
        taken: set[int] = set()
        for form in (*FORMS, _LISTED):
            for match in form.finditer(sentence.text):
                if match.start("p") not in taken and _is_a_quotient(match) and not _is_a_level(match):
                    taken.add(match.start("p"))
                    yield from _judged(match, sentence, document.name)
        for match in _ONE_IN.finditer(sentence.text):
            if match.start("p") not in taken and _is_a_quotient(match) and not _is_nearly(match):
                yield from _judged(match, sentence, document.name)


def _is_a_quotient(match: re.Match[str]) -> bool:
    """Whether the two counts can be a numerator and a denominator: no 24/7, no 2023/24, nothing over 0."""
    n, d = match["n"], match["d"]
    if match.re is _LISTED and count_of(n) > count_of(d):
        return False
    return not (is_year(n) or is_year(d) or (n, d) == ("24", "7") or count_of(d) == 0)


def _is_nearly(match: re.Match[str]) -> bool:
    """Whether no fraction of the same kind is nearer, and the percentage is not far."""
    n, d = count_of(match["n"]), count_of(match["d"])
    off = abs(percent_of(n, d) - number_of(match["p"]))
    return n > d or off < min(_ROUGHLY, Decimal(50) / d)


def _is_a_level(match: re.Match[str]) -> bool:
    """Whether the percentage leads the match and is a threshold by the words before it."""
    return match.start("p") < match.start("n") and _LEVEL.search(match.string[: match.start("p")]) is not None


def _judged(match: re.Match[str], sentence: Sentence, file: str) -> Iterator[Finding]:
    n, d, shown = count_of(match["n"]), count_of(match["d"]), number_of(match["p"])
    exact = percent_of(n, d)
    expected = rounded(exact, decimals_of(shown))
    if expected == shown:
        return
    more = decimals_of(shown) + 2
    quotient = f"{n:,}/{d:,} = {exact:.{more}f}{'' if exact == rounded(exact, more) else '...'}%"
    yield Finding(
        file,
        sentence.place(match.start()),
        RULE,
        f"{expected}% ({quotient}, rounded half up)",
        _closed(" ".join(match[0].split())),
        "Correct the percentage, or the count it does not follow from.",
    )


def _closed(words: str) -> str:
    """The words with a bracket closed that the match did not reach."""
    return words + ")" if words.count("(") > words.count(")") else words
