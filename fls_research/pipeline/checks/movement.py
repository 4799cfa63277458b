"""Words of direction: which way a sentence says that something went, and where it says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """Which way a word points."""

    UP = "up"
    DOWN = "down"
    SAME = "no change"
    NO_RISE = "no rise"
    NO_FALL = "no fall"


# "falls" is a noun here, and so is a "fall"; "declined" is also an answer of the form.
_VERBS: tuple[tuple[str, Way], ...] = (
    (r"rose|risen|rises|rising|increas(?:ed|es|ing|e)|grew|grown|climbed|went up|gone up|(?:a|the) rise|improve[ds]?"
     r"|improving|improvement|jumped|soared|picked up|got better|(?<=, )up (?:on|since)", Way.UP),
    (r"fell|fallen|falling|dropped|drops|decreas(?:ed|es|ing|e)|declined|declines|went down|gone down"
     r"|(?:a|the) (?:fall|drop)|reduced|reduction|worsened|worsening|deteriorated|deterioration|shrank|shrunk|slipped"
     r"|plunged|got worse|(?<=, )down (?:on|since)", Way.DOWN),
    (r"no change|unchanged|stable|remained|stayed|the same|held steady|(?:hardly|barely|little|scarcely) changed"
     r"|(?:did|do|does|has|have|had)(?: not|n[’']t) changed?", Way.SAME),
)  # fmt: skip
_THAN_A_YEAR = r" (?:in (?:19|20)\d\d|last year|(?:in )?the (?:year before|previous year)|a year)\b"
_COMPARATIVES: tuple[tuple[str, Way], ...] = (
    (rf"more likely|more often|more(?! than(?!{_THAN_A_YEAR})\b)"
     r"(?! (?:deprived|affluent|detail|information|about|recent\w*)\b)|higher|greater", Way.UP),
    (rf"less likely|less often|fewer(?! than(?!{_THAN_A_YEAR})\b)|lower", Way.DOWN),
)  # fmt: skip
_NEGATION = re.compile(
    r"\b(?:no|not|never|neither|nor|without|little|hardly|any|n[’']t|cannot)\b(?:\W+\w+){0,2}\W*$", re.I
)
_DENIED = re.compile(
    r"\b(?:no|not|never|without(?: any| an?)?|(?:did|do|does|has|have|had)(?: not|n[’']t))"
    r"(?: (?:any|further|real|clear))?"
    r" (?:(?P<up>rise|risen|increased?|grow|grown|growth|improved?|improvement)"
    r"|(?P<down>fall|fallen|drop(?:ped)?|decreased?|declined?|reduction|reduced|worsened?|deterioration))\b",
    re.IGNORECASE,
)
_INVERTED = re.compile(
    r"\b(?:missing|unknown|deaths?|mortality|waits?|waiting|delays?|refused|excluded|days|below|under|less than"
    r"|fewer than|median|incomplete|red)\b",
    re.IGNORECASE,
)
_GOOD_OR_BAD = re.compile(r"improv|better|worse|deteriorat", re.IGNORECASE)


def _pattern(words: tuple[tuple[str, Way], ...]) -> tuple[tuple[re.Pattern[str], Way], ...]:
    return tuple((re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), way) for pattern, way in words)


_ALL_VERBS, _ALL_COMPARATIVES = _pattern(_VERBS), _pattern(_COMPARATIVES)


@dataclass(frozen=True)
class Word:
    """A word of direction and where it stands in its sentence; ``compares``: it sets one group beside another."""

    text: str
    start: int
    end: int
    way: Way
    compares: bool


def words_of_direction(text: str) -> list[Word]:
    """The words of direction of a sentence in order; denied ones ("no improvement") are left out.

    "Improved" is up, except where the sentence tells of something better when small (waits, deaths, missing data):
    there it says nothing.

    >>> [(word.text, word.way.value) for word in words_of_direction("It rose, but fewer were seen; no reduction.")]
    [('rose', 'up'), ('fewer', 'down')]
    """
    found = [
        Word(match[0], match.start(), match.end(), way, compares)
        for patterns, compares in ((_ALL_VERBS, False), (_ALL_COMPARATIVES, True))
        for pattern, way in patterns
        for match in pattern.finditer(text)
    ]
    inverted = _INVERTED.search(text) is not None
    kept = [
        word
        for word in found
        if not (word.way is not Way.SAME and _NEGATION.search(text[: word.start]))
        and not (inverted and _GOOD_OR_BAD.search(word.text))
    ]
    return sorted(kept, key=lambda word: word.start)


def the_one_way(words: list[Word]) -> Way | None:
    """The way that all the words point, or None where they do not agree or there is none."""
    ways = {word.way for word in words}
    return ways.pop() if len(ways) == 1 else None


def denied_words(text: str) -> list[Word]:
    """The denied words of direction of a sentence: "no improvement" says that there was no rise, and may be wrong.

    "No significant rise" speaks of a test, and "no more likely" often does; neither is read.

    >>> [(word.text, word.way.value) for word in denied_words("There was no improvement, and it has not fallen.")]
    [('no improvement', 'no rise'), ('has not fallen', 'no fall')]
    """
    inverted = _INVERTED.search(text) is not None
    return [
        Word(match[0], match.start(), match.end(), Way.NO_RISE if match["up"] else Way.NO_FALL, False)
        for match in _DENIED.finditer(text)
        if not (inverted and _GOOD_OR_BAD.search(match[0]))
    ]
