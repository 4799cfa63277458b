"""The forms in which a sentence sets two values side by side under a word of direction."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fls_research.pipeline.checks.movement import Way, Word, denied_words, words_of_direction
from fls_research.pipeline.checks.numerals import COUNT, PERCENT, YEAR, is_year

_WHEN = rf"(?:\s+in\s+{YEAR}|\s*\({YEAR}\))"
_VALUE = rf"(?:{PERCENT}|{COUNT})"
_CLAUSE = r"(?:[^.;:%()\d]|\([^()\d%]*\))"

_FROM_VERB_TO = re.compile(
    rf"\b[Ff]rom\s+(?P<a>{PERCENT}){_WHEN}?,\s+(?P<clause>{_CLAUSE}{{3,80}}?)\s+to\s+(?P<b>{PERCENT})"
)
_BRACKETED = re.compile(rf"\(\s*(?P<a>{PERCENT}){_WHEN}?\s+(?:to|→|and)\s+(?P<b>{PERCENT}){_WHEN}?\s*\)")
_DATED = re.compile(
    rf"(?P<a>{PERCENT})(?:\s+in\s+|\s*\()(?P<ay>{YEAR})\)?\s*,?\s*(?:to|and|then|→|[-–])\s*"
    rf"(?P<b>{PERCENT})(?:\s+in\s+|\s*\()(?P<by>{YEAR})\)?"
)
_YEAR_BEFORE = re.compile(
    rf"(?P<b>{PERCENT})\s*,?\s*(?:and|after|against|compared\s+(?:with|to))\s+(?P<a>{PERCENT})"
    r"(?:\s+in)?\s+(?:the\s+(?:year\s+before|previous\s+year)|a\s+year\s+(?:before|earlier)|last\s+year)\b"
)
_AFTER = re.compile(
    rf"[:(]\s*(?P<b>{_VALUE})(?:\s+(?:services|patients|records))?,?\s+(?P<link>after|against|compared\s+(?:with|to)|vs\.?|versus)\s+"
    rf"(?P<a>{_VALUE})"
)
_THAN = re.compile(
    rf"(?P<open>[(,:]\s*)?(?P<b>{PERCENT})(?P<mid>\)?,?(?:[^.;:%()\d]|\(?{YEAR}\)?){{0,70}}?)"
    r"\b(?<!rather )(?<!other )(?<!more )(?<!less )(?<!fewer )than\s+"
    r"(?!ever|expected|usual|planned|half|that\b|twice|a\b|an\b)"
    rf"(?:[^.;:%()\d]|{YEAR}){{0,60}}?(?P<to>[(,]\s*)(?P<a>{PERCENT})"
)
_STEADY = re.compile(r"no change|unchanged|stable|the same|steady|chang|flat", re.IGNORECASE)
_SPREAD = re.compile(
    r"\b(?:rang\w+|interval|CI|across|between|limits?|below|above|under|over|aim|target)\b|%", re.IGNORECASE
)
_REACH = 60
"""Characters from a word to the values it speaks of."""


@dataclass(frozen=True)
class Comparison:
    """A word of direction and its two values; where it compares groups, ``later`` is the subject's value."""

    word: Word
    earlier: str
    later: str
    start: int
    end: int

    def span(self) -> tuple[int, int]:
        return self.start, self.end


def comparisons(text: str) -> Iterator[Comparison]:
    """The comparisons of a sentence, form by form.

    Read are "From 64% in 2022, assessment fell to 69%"; "no change (65% to 69%)"; "improved: 62% in 2023 to 60% in
    2024" and "stable at 65% in 2023 and 69% in 2024"; "did not change: 69% and 65% the year before"; "fewer reached it:
    31 against 25"; and "more of these (59%) than of those (57%)". Denied verbs are read in all but the last form.

    >>> [(one.word.text, one.earlier, one.later) for one in comparisons("Men (30%) were more likely than women (35%).")]
    [('more likely', '35%', '30%')]
    """
    words = words_of_direction(text)
    moves = sorted([*words, *denied_words(text)], key=lambda word: word.start)
    verbs = [word for word in moves if not word.compares]
    yield from _from_verb_to(text, verbs)
    yield from _bracketed(text, verbs)
    yield from _dated(text, verbs)
    yield from _side_by_side(text, moves)
    yield from _than(text, [word for word in words if word.compares])


def _from_verb_to(text: str, verbs: list[Word]) -> Iterator[Comparison]:
    for match in _FROM_VERB_TO.finditer(text):
        within = [word for word in verbs if match.start("clause") <= word.start < match.end("clause")]
        if len(within) == 1:
            yield Comparison(within[0], match["a"], match["b"], *match.span())


def _bracketed(text: str, verbs: list[Word]) -> Iterator[Comparison]:
    """Two values in brackets after a verb; after a value they are its interval, after "range" or "across" a spread."""
    for match in _BRACKETED.finditer(text):
        word = _just_before(match.start(), verbs)
        steady = word and (word.way is not Way.SAME or _STEADY.search(word.text))
        if steady and not _SPREAD.search(text[word.end : match.start()]) and " and " not in match[0]:
            yield Comparison(word, match["a"], match["b"], *match.span())


def _dated(text: str, verbs: list[Word]) -> Iterator[Comparison]:
    for match in _DATED.finditer(text):
        word = _just_before(match.start(), verbs)
        if word is None or match["ay"] == match["by"] or _SPREAD.search(text[word.end : match.start()]):
            continue
        between = text[word.end : match.start()]
        introduced = re.fullmatch(r"[^.;:%()\d]{0,40}[:(,–-]\s*|\s+(?:at|with)\s+", between)
        steady = word.way is Way.SAME and re.fullmatch(r"(?:\s+[^\W\d]+){0,4}\s+at\s+", between)
        if introduced or steady:
            values = (match["a"], match["b"]) if match["ay"] < match["by"] else (match["b"], match["a"])
            yield Comparison(word, *values, *match.span())


def _side_by_side(text: str, moves: list[Word]) -> Iterator[Comparison]:
    """ "69%, and 65% the year before", and two values after a colon or in brackets, "31 against 25"."""
    for form in (_YEAR_BEFORE, _AFTER):
        for match in form.finditer(text):
            word = _just_before(match.start(), moves)
            alike = ("%" in match["a"]) == ("%" in match["b"]) and not is_year(match["a"]) and not is_year(match["b"])
            if not word or not alike or re.search(r"[\d%;]", text[word.end : match.start()]):
                continue
            of_groups = form is _AFTER and match["link"] != "after" and not word.compares
            if not of_groups and not (word.way is Way.SAME and not _STEADY.search(word.text)):
                yield Comparison(word, match["a"], match["b"], *match.span())


def _just_before(start: int, words: list[Word]) -> Word | None:
    near = [word for word in words if word.end <= start]
    return near[-1] if near and start - near[-1].end <= _REACH else None


def _than(text: str, comparatives: list[Word]) -> Iterator[Comparison]:
    """Two values of groups with "than" between them: the comparative stands before "than", the first value is its."""
    for match in _THAN.finditer(text):
        before = [word for word in comparatives if word.end <= match.end("mid") + 1]
        if not before or not (match["open"] or match["mid"][:1] == ","):
            continue
        word = before[-1]
        clause = text[min(word.end, match.start("b")) : max(word.start, match.start("b"))]
        others = re.findall(PERCENT, re.split(r"[;:]", text[: match.start("b")])[-1])
        if ";" in clause or (others and word.end <= match.start("b") and re.search(PERCENT, clause)):
            continue
        if others and word.start > match.start("b"):
            continue
        yield Comparison(word, match["a"], match["b"], match.start("b"), match.end())
