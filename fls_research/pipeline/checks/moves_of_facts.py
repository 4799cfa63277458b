"""The rule that a word of direction agrees with the facts of its sentence, on their unrounded values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from fls_research.errors import PublishError
from fls_research.pipeline.checks.direction import agrees, wrong_directions_of
from fls_research.pipeline.checks.document import Document, Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.movement import Way, Word, denied_words, the_one_way, words_of_direction
from fls_research.pipeline.checks.multiples import WORDS as MULTIPLES
from fls_research.pipeline.checks.multiples import is_multiple
from fls_research.pipeline.checks.prose import VAR, Run

RULE = "direction"

SMALLEST_MOVE = Decimal("0.5")
"""Points between two percentages, before rounding, from which prose may say that one rose or fell."""

_SAYS_SO = re.compile(
    r"\bdefin\w+\b[^.;]{0,80}\b(?:chang\w*|differ\w*|new|other|revis\w*|widen\w*|narrow\w*)\b"
    r"|\b(?:chang\w*|differ\w*|new|other|revis\w*)\b[^.;]{0,40}\bdefin\w+|\bredefined\b|\bnot comparable\b"
    r"|\bcannot be compared\b",
    re.IGNORECASE,
)
_YEAR_PART = re.compile(r"(?:19|20)\d\d")
_VINTAGE_PART = re.compile(r"report-20\d\d")
_LEADS_TO = re.compile(r"[^.;:()⟪⟫]{0,50}?\b(?:to|now|reaching|standing at|stands at)\s+\W{0,3}")
_INTRODUCES = re.compile(r"[^.;()⟪⟫]{0,60}?(?:[:(,]|\bwith|\bat)\s*\W{0,3}")
_AT_ONCE = re.compile(r"\s*[:(]\s*\W{0,3}")
# "Room for improvement (69%)" tells of no movement.
_NOUN = re.compile(r"improvement|reduction|deterioration|rise$|increase$", re.IGNORECASE)
_OF_THIS_YEAR = re.compile(
    r"\bthis year\b"
    r"|\b(?:than|on|since) (?:in )?(?:the year before|the previous year|last year|a year (?:before|earlier)|20\d\d)\b",
    re.IGNORECASE,
)
_SINCE = re.compile(r"\b(?:since|than in|from)\s+(?P<year>20\d\d)\b")


@dataclass(frozen=True)
class _Placed:
    """A fact where it stands in a sentence, with the year and the series (its id without year) it belongs to."""

    key: str
    start: int
    end: int
    value: Decimal
    text: str
    unit: str
    definition: str
    year: int | None
    series: str


def wrong_directions_of_prose(document: Document, run: Run) -> Iterator[Finding]:
    """Each word of direction that the facts of its sentence contradict, else that the sentence as printed does.

    ``document`` is the prose as written. A rise or fall of a percentage takes :data:`SMALLEST_MOVE` points, "no change"
    allows one. A sentence is judged where all its words point one way and it names one change
    (``….now.change``) or one pair of the same fact in two years; a single fact that something "rose to" or "fell to" is
    held against the same fact of the year before. Facts of two definitions are not comparable unless the sentence says
    that the definition changed.
    """
    for sentence in document.sentences():
        found = list(_of_facts(sentence, run, document.name))
        yield from found or wrong_directions_of(_as_printed(sentence, run), document.name)


def _as_printed(sentence: Sentence, run: Run) -> Sentence:
    def text(found: re.Match[str]) -> str:
        try:
            return run.text(found["key"], "")
        except PublishError:
            return "…"

    # The places of single characters move; the sentence keeps the one it begins at.
    printed = VAR.sub(text, sentence.text)
    return Sentence(printed, 0, replace(sentence.passage, text=printed, places=((0, sentence.place()),)))


def _of_facts(sentence: Sentence, run: Run, file: str) -> Iterator[Finding]:
    blank = VAR.sub(lambda found: _stand_in(found, run), sentence.text)
    words = words_of_direction(blank) or denied_words(blank)
    multiple = MULTIPLES.search(blank)
    if not words and not multiple:
        return
    facts = [fact for found in VAR.finditer(sentence.text) if (fact := _placed(found, run))]
    said = ", ".join(word.text for word in words) or multiple[0]
    other = _of_two_definitions(facts)
    if other and not _SAYS_SO.search(blank):
        yield _not_comparable(said, *other, sentence, file)
        return
    changes = {fact.key: fact for fact in facts if fact.unit == "points"}
    pairs = _pairs([fact for fact in facts if fact.unit != "points"])
    way = the_one_way(words)
    if way is not None and len(changes) == 1 and not pairs:
        (change,) = changes.values()
        yield from _judged(way, Decimal(0), change.value, "percent", said, (change,), sentence, file)
    elif len(pairs) == 1 and not changes:
        earlier, later = pairs[0]
        if multiple:
            yield from _judged_multiple(multiple, earlier, later, sentence, file)
        elif way is not None:
            first = _subject_first(words, earlier, later, blank)
            a, b = (later, earlier) if first else (earlier, later)
            yield from _judged(way, a.value, b.value, later.unit, said, (later, earlier), sentence, file)
    elif not changes and not pairs:
        yield from _single(facts, words, multiple, blank, run, sentence, file)


def _stand_in(found: re.Match[str], run: Run) -> str:
    """Years in words, so that "since {{…}}" is read; any other fact as signs that no rule reads; the length is kept."""
    if found["key"].startswith("year."):
        try:
            return run.text(found["key"], "").ljust(len(found[0]))
        except PublishError:
            pass
    return "⟪" + "…" * (len(found[0]) - 2) + "⟫"


def _placed(found: re.Match[str], run: Run) -> _Placed | None:
    return _fact(found["key"], run, found.start(), found.end())


def _fact(key: str, run: Run, start: int = 0, end: int = 0) -> _Placed | None:
    """A fact with a number; None for other texts, and for a fact without a value."""
    fact = run.fact(key) or {}
    value = fact.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    told = {"now": str(run.year), "before": str(run.year - 1)}
    parts = [told.get(part, part) for part in key.split(".")]
    years = [part for part in parts if _YEAR_PART.fullmatch(part)]
    kept = [part for part in parts if not _VINTAGE_PART.fullmatch(part) and part not in ("published", "backtest")]
    series = ".".join("year" if _YEAR_PART.fullmatch(part) else part for part in kept)
    return _Placed(
        key,
        start,
        end,
        Decimal(str(value)),
        str(fact.get("text", "")),
        str(fact.get("unit", "")),
        str(fact.get("definition") or ""),
        int(years[0]) if len(years) == 1 else None,
        series,
    )


def _of_two_definitions(facts: list[_Placed]) -> tuple[_Placed, _Placed] | None:
    """Two percentages of the same KPI under two definitions, where a sentence names such."""
    for one, other in combinations((fact for fact in facts if fact.unit != "points"), 2):
        (kpi, _, version), (kpi2, _, version2) = one.definition.rpartition("."), other.definition.rpartition(".")
        if kpi and kpi == kpi2 and version != version2 and one.unit == other.unit:
            return one, other
    return None


def _not_comparable(said: str, one: _Placed, other: _Placed, sentence: Sentence, file: str) -> Finding:
    expected = f"no comparison: {one.key} is by {one.definition}, {other.key} by {other.definition}"
    stands = f"'{said}' over {one.text} and {other.text}, not comparable: the definition changed"
    mend = "Say in the sentence that the definition changed, or drop the comparison."
    return Finding(file, sentence.place(), RULE, expected, stands, mend)


def _pairs(facts: list[_Placed]) -> list[tuple[_Placed, _Placed]]:
    """Earlier and later of the same series; percentages alone where there are any, and none of three years or more."""
    by_series: dict[str, dict[int, _Placed]] = {}
    for fact in facts:
        if fact.year is not None:
            by_series.setdefault(fact.series, {}).setdefault(fact.year, fact)
    pairs = [(of[min(of)], of[max(of)]) for of in by_series.values() if len(of) == 2]
    return [pair for pair in pairs if pair[1].unit == "percent"] or pairs


def _subject_first(words: list[Word], earlier: _Placed, later: _Placed, blank: str) -> bool:
    """Whether a comparative speaks of the earlier year: "more in 2023 (…) than in 2024 (…)"."""
    between = blank[earlier.end : later.start]
    return all(word.compares for word in words) and re.search(r"\bthan\b", between) is not None


def _single(
    facts: list[_Placed],
    words: list[Word],
    multiple: re.Match[str] | None,
    blank: str,
    run: Run,
    sentence: Sentence,
    file: str,
) -> Iterator[Finding]:
    for fact in facts:
        word = next((word for word in reversed(words) if word.end <= fact.start), None)
        if word is None and len(words) == 1 and _stands_behind(words[0], blank[fact.end : words[0].start]):
            word = replace(words[0], end=fact.start)
        begins = word.end if word else multiple.end() if multiple and multiple.end() <= fact.start else None
        earlier = _year_before(fact, blank, run)
        if begins is None or earlier is None or re.match(r"\W{0,3}\s*from\b", blank[fact.end :]):
            continue
        gap = blank[begins : fact.start]
        moved_to = _LEADS_TO.fullmatch(gap) and not (word and word.compares) and not re.search(r"\bfrom\b", gap)
        told_of_year = (not gap or _INTRODUCES.fullmatch(gap)) and _OF_THIS_YEAR.search(blank)
        told_at_once = word and not word.compares and _AT_ONCE.fullmatch(gap) and not _NOUN.search(word.text)
        if not moved_to and not told_of_year and not told_at_once:
            continue
        said = word.text if word else multiple[0]
        if _of_two_definitions([fact, earlier]):
            if not _SAYS_SO.search(blank):
                yield _not_comparable(said, fact, earlier, sentence, file)
        elif word:
            both = (fact, earlier)
            yield from _judged(word.way, earlier.value, fact.value, fact.unit, said, both, sentence, file)
        else:
            yield from _judged_multiple(multiple, earlier, fact, sentence, file)


def _stands_behind(word: Word, between: str) -> bool:
    """Whether a word belongs to the value before it: "…, a fall on the year before", "… were found, up on 2023"."""
    return (
        re.match(r"(?:up|down|an?)\b", word.text) is not None
        and re.fullmatch(r"[^.;:()⟪⟫\d]{0,40}", between) is not None
    )


def _year_before(fact: _Placed, blank: str, run: Run) -> _Placed | None:
    """The same fact of the year that the sentence names with "since" or "than in", else of the year before."""
    if fact.year is None:
        return None
    named = _SINCE.search(blank)
    year = int(named["year"]) if named and int(named["year"]) < fact.year else fact.year - 1
    absolute = {"now": str(run.year), "before": str(run.year - 1)}
    parts = [absolute.get(part, part) for part in fact.key.split(".")]
    key = ".".join(str(year) if part == str(fact.year) else part for part in parts)
    return _fact(key, run)


def _judged(
    way: Way,
    earlier: Decimal,
    later: Decimal,
    unit: str,
    said: str,
    facts: tuple[_Placed, ...],
    sentence: Sentence,
    file: str,
) -> Iterator[Finding]:
    is_percent = unit == "percent"
    enough = abs(later - earlier) >= SMALLEST_MOVE or not is_percent
    if agrees(way, earlier, later) and (way not in (Way.UP, Way.DOWN) or enough):
        return
    moved = f"{later - earlier:+.1f} {'points' if is_percent else ''}".strip()
    keys = " and ".join(fact.key for fact in facts)
    asked = f"; a rise or fall takes {SMALLEST_MOVE} points" if is_percent else ""
    expected = f"words for a change of {moved} ({keys}){asked}"
    stands = f"'{said}' beside {' and '.join(fact.text for fact in facts)}"
    yield Finding(file, sentence.place(), RULE, expected, stands, "Correct the word, or drop the comparison.")


def _judged_multiple(
    multiple: re.Match[str], earlier: _Placed, later: _Placed, sentence: Sentence, file: str
) -> Iterator[Finding]:
    hedge = multiple["hedge"] or ""
    if is_multiple(multiple["word"], earlier.value, later.value, hedge=hedge, half_unit=Decimal(0)):
        return
    times = f"{later.value / earlier.value:.2f} times" if earlier.value else "from nothing"
    expected = f"a word for {times} ({later.key} and {earlier.key})"
    stands = f"'{multiple[0]}' beside {later.text} and {earlier.text}"
    yield Finding(file, sentence.place(), RULE, expected, stands, "Correct the word, or drop the comparison.")
