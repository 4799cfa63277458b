"""The rule that a word or arrow of direction agrees with the two values it speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fls_research.pipeline.checks.comparisons import Comparison, comparisons
from fls_research.pipeline.checks.document import Document, Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.movement import Way, Word, words_of_direction
from fls_research.pipeline.checks.multiples import wrong_multiples
from fls_research.pipeline.checks.numerals import PERCENT, YEAR, is_year, number_of
from fls_research.pipeline.checks.statements import Stated

RULE = "direction"
TOLERANCE = Decimal(1)
""""No change" may stand for a difference of up to one unit as shown; "rose" and "fell" need a difference that shows."""

_NUMBER = r"(?<![\w.,/£€$–-])\d[\d,]*(?:\.\d+)?(?:\s?%|\s?per\s?cent\b)?"
_WHEN = rf"(?:\s+in\s+{YEAR}|\s*\({YEAR}\))"
_FROM_TO = re.compile(rf"\bfrom\s+(?P<a>{_NUMBER})(?P<ay>{_WHEN})?\s+to\s+(?P<b>{_NUMBER})(?P<by>{_WHEN})?")
_TO_FROM = re.compile(rf"\bto\s+(?P<b>{PERCENT}){_WHEN}?,?\s+from\s+(?P<a>{PERCENT}){_WHEN}?")
_UP_FROM = re.compile(
    rf"(?P<b>{PERCENT}){_WHEN}?,?\s*\(?(?P<word>up|down|(?:a|an)\s+(?:increase|rise|fall|drop|decrease|reduction))"
    rf"\s+(?:from|on)\s+(?P<a>{PERCENT})"
)
_COMPARED = re.compile(
    rf"(?P<first>{_NUMBER})\s+(?:in|for)\s+(?P<fy>{YEAR}),?\s+(?:and\s+)?"
    rf"(?:compared\s+(?:with|to)|versus|vs?\.?|against|after)\s+(?P<second>{_NUMBER})\s+(?:in|for)\s+(?P<sy>{YEAR})"
)
_GROUPS = re.compile(
    rf"(?P<a>{PERCENT})(?:\s+(?!vs?\b|versus|compared|against)[^\W\d_][\w’'-]*){{0,4}}\s*,?\s*"
    rf"(?:vs?\.?|versus|compared\s+(?:with|to)|against)\s+(?P<b>{PERCENT})"
)
_POINTS = re.compile(r"\bby\s+(?P<n>\d+(?:\.\d+)?)\s+(?:percentage\s+)?points?\b", re.IGNORECASE)
_REACH = 60
"""Characters from a verb to the values it speaks of."""


def wrong_directions(document: Document) -> Iterator[Finding]:
    """Each word of direction in a sentence that its two values contradict.

    Read are "rose from 55% to 50%", "rose to 50% from 55%", "50%, up from 55%", "more … 50% in 2024 compared with 55%
    in 2023", groups, "less likely (58% vs 52%)", where the first value is the subject's, the forms of
    :func:`comparisons`, and multiples and changes in per cent (:func:`wrong_multiples`).

    >>> from fls_research.pipeline.checks.document import Passage
    >>> text = "The share rose from 59% in 2023 to 57% in 2024."
    >>> [found.expected for found in wrong_directions(Document("a.txt", (Passage(text, ((0, "line 1"),)),)))]
    ['a word for down: 59% to 57%']
    """
    for sentence in document.sentences():
        yield from wrong_directions_of(sentence, document.name)


def wrong_directions_of(sentence: Sentence, file: str) -> Iterator[Finding]:
    """The same for one sentence; no two values are judged twice."""
    words = words_of_direction(sentence.text)
    found = [
        *_from_to(sentence, words, file),
        *_up_from(sentence, file),
        *_compared(sentence, words, file),
        *_groups(sentence, words, file),
    ]
    yield from found
    judged = {finding.expected for finding in found}
    for one in comparisons(sentence.text):
        for finding in _judged_values(one.word, one.earlier, one.later, one, sentence, file):
            if finding.expected not in judged:
                judged.add(finding.expected)
                yield finding
    yield from wrong_multiples(sentence, file)


def _from_to(sentence: Sentence, words: list[Word], file: str) -> Iterator[Finding]:
    for form in (_FROM_TO, _TO_FROM):
        for match in form.finditer(sentence.text):
            word = _verb_before(words, match.start(), sentence.text)
            if word and _speaks_of_values(match, sentence.text[word.end : match.start()]):
                yield from _judged(word, match, sentence, file)
                yield from _points(word, match, sentence, file)


def _verb_before(words: list[Word], start: int, text: str) -> Word | None:
    near = [word for word in words if not word.compares and word.end <= start and start - word.end <= _REACH]
    return near[-1] if near and not re.search(r"[;:()]|\.\s", text[near[-1].end : start]) else None


def _speaks_of_values(match: re.Match[str], between: str) -> bool:
    """Percentages, or counts with the verb beside them; not years, ages or dates."""
    a, b = match["a"], match["b"]
    if is_year(a.strip()) or is_year(b.strip()):
        return False
    if "%" in a or "%" in b or "cent" in a or "cent" in b:
        return True
    groups = match.groupdict()
    return bool(groups.get("ay") and groups.get("by")) or re.fullmatch(r"\W*(?:\w+ly\W*)?", between) is not None


def _up_from(sentence: Sentence, file: str) -> Iterator[Finding]:
    for match in _UP_FROM.finditer(sentence.text):
        way = Way.UP if re.search(r"up|increase|rise", match["word"]) else Way.DOWN
        word = Word(match["word"], match.start("word"), match.end("word"), way, False)
        yield from _judged(word, match, sentence, file)


def _compared(sentence: Sentence, words: list[Word], file: str) -> Iterator[Finding]:
    """Values of two years: a verb speaks from the earlier to the later, a comparative of the first named."""
    for match in _COMPARED.finditer(sentence.text):
        before = [word for word in words if word.end <= match.start()]
        if not before or ";" in sentence.text[before[-1].end : match.start()]:
            continue
        word, later_first = before[-1], match["fy"] > match["sy"]
        if match["fy"] == match["sy"] or (word.compares and not later_first):
            continue
        values = (match["second"], match["first"]) if later_first else (match["first"], match["second"])
        yield from _judged_values(word, *values, match, sentence, file)


def _groups(sentence: Sentence, words: list[Word], file: str) -> Iterator[Finding]:
    comparatives = [word for word in words if word.compares]
    for match in _GROUPS.finditer(sentence.text):
        if re.match(rf"\s+in\s+{YEAR}", sentence.text[match.end("a") :]):
            continue
        before = [word for word in comparatives if word.end <= match.start()]
        after = [word for word in comparatives if word.start >= match.end()]
        word = before[-1] if before else after[0] if after else None
        if word:
            yield from _judged_values(word, match["b"], match["a"], match, sentence, file)


def _judged(word: Word, match: re.Match[str], sentence: Sentence, file: str) -> Iterator[Finding]:
    yield from _judged_values(word, match["a"], match["b"], match, sentence, file)


def _judged_values(
    word: Word, earlier: str, later: str, match: re.Match[str] | Comparison, sentence: Sentence, file: str
) -> Iterator[Finding]:
    a, b = number_of(earlier), number_of(later)
    if agrees(word.way, a, b):
        return
    begins, ends = match.span()
    whole = sentence.text[min(word.start, begins) : max(word.end, ends)]
    expected = f"a word for {way_of(a, b)}: {earlier.strip()} to {later.strip()}"
    yield Finding(
        file,
        sentence.place(begins),
        RULE,
        expected if not word.compares else expected.replace(" to ", " against "),
        f"'{word.text}' in '{' '.join(whole.split())}'",
        "Correct the word, or the value it speaks of.",
    )


def _points(word: Word, match: re.Match[str], sentence: Sentence, file: str) -> Iterator[Finding]:
    said = _POINTS.search(sentence.text, word.end)
    if not said or said.start() > match.start() or "%" not in match["b"]:
        return
    difference = abs(number_of(match["b"]) - number_of(match["a"]))
    # Two rounded values and their rounded difference can be one apart.
    if abs(difference - number_of(said["n"])) > TOLERANCE:
        stands = f"'{said[0]}' beside '{' '.join(match[0].split())}'"
        mend = "Correct the number of points, or the value it does not follow from."
        yield Finding(file, sentence.place(said.start()), RULE, f"{difference} points, give or take 1", stands, mend)


def agrees(way: Way, earlier: Decimal, later: Decimal, *, tolerance: Decimal = TOLERANCE) -> bool:
    """Whether a move from one value to another is what a word says.

    >>> agrees(Way.UP, Decimal(58), Decimal(58)), agrees(Way.SAME, Decimal(58), Decimal(59))
    (False, True)
    """
    match way:
        case Way.SAME:
            return abs(later - earlier) <= tolerance
        case Way.NO_RISE:
            return later - earlier <= tolerance
        case Way.NO_FALL:
            return earlier - later <= tolerance
    return later > earlier if way is Way.UP else later < earlier


def way_of(earlier: Decimal, later: Decimal) -> Way:
    """Which way it went from one value to another, as shown."""
    return Way.SAME if earlier == later else Way.UP if later > earlier else Way.DOWN


def wrong_arrows(stated: tuple[Stated, ...], file: str) -> Iterator[Finding]:
    """Each arrow beside a KPI's value that its value of the year before, in the same table or line, contradicts."""
    for one in stated:
        earlier = [
            other
            for other in stated
            if (other.kpi, other.group) == (one.kpi, one.group) and one.group and other.year < one.year
        ]
        if not one.arrow or not earlier:
            continue
        before = max(earlier, key=lambda other: other.year)
        if not agrees(Way(one.arrow), before.percent, one.percent):
            move = f"{before.percent}% in {before.year} to {one.percent}% in {one.year}"
            expected = f"an arrow for {way_of(before.percent, one.percent)}: {move}"
            stands = f"an arrow {one.arrow} beside {one.words} for KPI {one.kpi}"
            yield Finding(file, one.place, RULE, expected, stands, "Turn the arrow, or correct the value.")
