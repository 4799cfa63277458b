"""The rule that "halved", "doubled" and "rose by 8%" agree with the two values they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fls_research.pipeline.checks.document import Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.movement import words_of_direction
from fls_research.pipeline.checks.numerals import COUNT, PERCENT, decimals_of, number_of, rounded

RULE = "direction"
TOLERANCE = Decimal("0.1")
"""A multiple may be a tenth off what it says: "doubled" stands for 1.8 to 2.2 times."""
TOLERANCE_IN_PERCENT = Decimal(1)
"""Percentage points between a change in per cent as told and as recomputed."""

_TIMES = {"halved": Decimal("0.5"), "doubled": Decimal(2), "trebled": Decimal(3), "tripled": Decimal(3),
          "quadrupled": Decimal(4)}  # fmt: skip
WORDS = re.compile(
    rf"(?P<hedge>\b(?:more\s+than|almost|nearly|about|over|all\s+but)\s+)?\b(?P<word>{'|'.join(_TIMES)})\b",
    re.IGNORECASE,
)
"""A word for a multiple with what hedges it."""
_VALUE = rf"(?:{PERCENT}|{COUNT})"
_MULTIPLE = re.compile(
    rf"{WORDS.pattern}[^.;:()%\d]{{0,50}}?(?:\bfrom\s+(?P<a>{_VALUE})(?:\s+in\s+\d{{4}})?,?\s+to\s+(?P<b>{_VALUE})"
    rf"|\bto\s+(?P<b2>{_VALUE})(?:\s+in\s+\d{{4}})?,?\s+from\s+(?P<a2>{_VALUE}))",
    re.IGNORECASE,
)
_BY_PERCENT = re.compile(
    rf"\b(?:rose|risen|grew|grown|increas\w+|climbed|went\s+up|fell|fallen|dropped|decreas\w+|declined|went\s+down"
    rf"|reduced|(?:a|an)\s+(?:rise|increase|fall|drop|decrease|reduction))\b[^.;:()%\d]{{0,30}}?\b(?:by|of)\s+"
    rf"(?P<p>{PERCENT})[^.;:()%\d]{{0,30}}?\bfrom\s+(?P<a>{COUNT})(?:\s+in\s+\d{{4}})?,?\s+to\s+(?P<b>{COUNT})(?!\s?%|\s+per\s?cent)",
    re.IGNORECASE,
)


def wrong_multiples(sentence: Sentence, file: str) -> Iterator[Finding]:
    """Each multiple, and each change of a count in per cent, that the two values beside it do not give.

    Values that are rounded may each be half a unit off; "more than doubled" asks for more than two times, and
    "almost" or "about" allow twice the tolerance.

    >>> from fls_research.pipeline.checks.document import Passage
    >>> said = Sentence("Records rose by 12% from 77,268 to 83,500.", 0, Passage("", ((0, "line 1"),)))
    >>> [found.expected for found in wrong_multiples(said, "a.txt")]
    ['8% (77,268 to 83,500), give or take 1']
    """
    for match in _MULTIPLE.finditer(sentence.text):
        # "Doubled entries fell from 12% to 6%" says that they fell.
        if not words_of_direction(match[0]):
            yield from _judged(match, sentence, file)
    for match in _BY_PERCENT.finditer(sentence.text):
        a, b, said = number_of(match["a"]), number_of(match["b"]), number_of(match["p"])
        if not a:
            continue
        change = rounded(abs(b - a) * 100 / a, decimals_of(said))
        if abs(change - said) > TOLERANCE_IN_PERCENT:
            mend = "Correct the percentage, or the counts it does not follow from."
            expected = f"{change}% ({match['a']} to {match['b']}), give or take {TOLERANCE_IN_PERCENT}"
            yield Finding(file, sentence.place(match.start()), RULE, expected, f"'{_words(match)}'", mend)


def _judged(match: re.Match[str], sentence: Sentence, file: str) -> Iterator[Finding]:
    earlier, later = match["a"] or match["a2"], match["b"] or match["b2"]
    if ("%" in earlier) != ("%" in later) or is_multiple(
        match["word"], number_of(earlier), number_of(later), hedge=match["hedge"] or ""
    ):
        return
    a, b = number_of(earlier), number_of(later)
    times = f"{rounded(b / a, 2)} times" if a else "from nothing"
    mend = "Correct the word, or the value it speaks of."
    expected = f"a word for {times}: {earlier} to {later}"
    yield Finding(file, sentence.place(match.start()), RULE, expected, f"'{_words(match)}'", mend)


def is_multiple(
    word: str, earlier: Decimal, later: Decimal, *, hedge: str = "", half_unit: Decimal | None = None
) -> bool:
    """Whether a value is as many times another as a word says, each give or take half a unit shown (``half_unit``).

    >>> is_multiple("doubled", Decimal(5), Decimal(11)), is_multiple("halved", Decimal(65), Decimal(69))
    (True, False)
    """
    times = _TIMES[word.lower()]
    slack = (
        half_unit if half_unit is not None else Decimal(1).scaleb(-max(decimals_of(earlier), decimals_of(later))) / 2
    )
    if earlier + slack == 0:
        return False
    lowest = (later - slack) / (earlier + slack)
    highest = (later + slack) / max(earlier - slack, Decimal("0.001"))
    hedge = hedge.lower()
    if hedge.startswith(("more", "over")):
        return highest > times if times > 1 else lowest < times
    tolerance = TOLERANCE * (2 if hedge.strip() else 1)
    return lowest <= times * (1 + tolerance) and highest >= times * (1 - tolerance)


def _words(match: re.Match[str]) -> str:
    return " ".join(match[0].split())
