"""The rule that one text counts one number of services in a year."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fls_research.pipeline.checks.document import Document, Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.numerals import COUNT, YEAR, count_of, is_year

RULE = "two-denominators"

_SHARE = re.compile(rf"(?P<n>{COUNT})(?:\s*/\s*|\s+(?:out\s+)?of\s+(?:the\s+|all\s+)?)(?P<d>{COUNT.replace('/', '')})")
_SERVICES = r"(?:FLSs?|services)\b"
_AFTER = re.compile(
    rf"^\s*(?:\([^()]*\)\s*)?(?:of\s+(?:the\s+|all\s+)?)?{_SERVICES}|^\)\s+of\s+(?:the\s+|all\s+)?{_SERVICES}"
)
_OTHER_SET = re.compile(
    r"\b(?:facilities|survey\w*|questionnaire|respon\w+|completed|of (?:them|these|those)|regions?|ICBs?"
    r"|health boards? (?:had|have|has|with)|with a value|with enough|submitt\w+ enough)\b"
    r"|\b(?:England|Wales)\b(?! and (?:England|Wales))(?<!England and Wales)(?<!Wales and England)"
)
_YEAR = re.compile(YEAR)


@dataclass(frozen=True)
class _Share:
    words: str
    of: int
    year: int
    place: str


def two_denominators(document: Document, year: int | None) -> Iterator[Finding]:
    """Each share of services whose denominator is not the one the text uses most for that year.

    A share's year is the one named after it and before the next share, else that of the share before it in its
    sentence, else one named earlier in it, else ``year``. Surveys, single nations and regions, and parts of the
    services are left out.
    """
    shares = [share for sentence in document.sentences() for share in _shares(sentence, year)]
    for when in sorted({share.year for share in shares}):
        of_year = [share for share in shares if share.year == when]
        usual = Counter(share.of for share in of_year).most_common(1)[0][0]
        first = next(share for share in of_year if share.of == usual)
        for share in of_year:
            if share.of != usual:
                yield Finding(
                    document.name,
                    share.place,
                    RULE,
                    f"{usual} services in {when}, as in '{first.words}' at {first.place}",
                    f"'{share.words}'",
                    "Count the same services, or say which were left out here.",
                )


def _shares(sentence: Sentence, year: int | None) -> Iterator[_Share]:
    text = sentence.text
    if _OTHER_SET.search(text):
        return
    found = [match for match in _SHARE.finditer(text) if not is_year(match["n"]) and not is_year(match["d"])]
    if not any(_AFTER.match(text[match.end() :]) for match in found):
        return
    named = _YEAR.search(text[: found[0].start()])
    when = int(named[0]) if named else None
    for match, following in zip(found, [*found[1:], None], strict=True):
        stretch = text[match.end() : following.start() if following else len(text)]
        after = _YEAR.search(stretch)
        when = int(after[0]) if after else when
        about_services = _AFTER.match(text[match.end() :]) or _in_a_row_with(match, found, text)
        if (when or year) and about_services and count_of(match["n"]) <= count_of(match["d"]):
            yield _Share(" ".join(match[0].split()), count_of(match["d"]), when or year, sentence.place(match.start()))


def _in_a_row_with(match: re.Match[str], found: list[re.Match[str]], text: str) -> bool:
    """Whether a share without its noun goes on from one of services: joined by a comparison or "and", no new noun."""
    place = found.index(match)
    if place == 0:
        return False
    joining = text[found[place - 1].end() : match.start()]
    follows = re.match(r"\s*(?:\([^()]*\)\s*)?(?:in\s+\d{4}|\([^()]*\)|for\b|[.,;)]|and\b|$)", text[match.end() :])
    return bool(follows and re.search(r"\b(?:and|versus|vs|compared (?:with|to)|from|to|after)\s*$", joining))
