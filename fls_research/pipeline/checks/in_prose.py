"""The rules for facts in prose: each is known, released and current, and its words of direction agree with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from fls_research.errors import ParamsError, PublishError
from fls_research.kpi.definitions import RECORDS, record_for
from fls_research.pipeline.checks.direction import agrees
from fls_research.pipeline.checks.document import Document, Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.movement import Way, the_one_way, words_of_direction
from fls_research.pipeline.checks.prose import VAR, Run

UNKNOWN, SUPPRESSED, SUPERSEDED = "fact-unknown", "fact-suppressed", "fact-superseded"
DIRECTION = "direction"

SMALLEST_MOVE = Decimal("0.5")
"""Points between two percentages, before rounding, from which prose may say that one rose or fell."""
_VERSIONS = frozenset(record.version for record in RECORDS)


def wrong_facts(document: Document, run: Run) -> Iterator[Finding]:
    """Each fact of the prose that the run does not hold, holds back, or holds in an older form.

    ``document`` is the prose as written. A fact is superseded where it says so itself (``superseded_by``), or where
    its definition is not the one its KPI has for that year.
    """
    for passage in document.passages:
        for found in VAR.finditer(passage.text):
            yield from _judged(found["key"], run, document.name, passage.place(found.start()))


def _judged(key: str, run: Run, file: str, place: str) -> Iterator[Finding]:
    fact = run.fact(key)
    if fact is None:
        try:
            run.text(key, "")
        except PublishError as error:
            hint = str(error).partition("; ")[2] or "see facts.json"
            yield Finding(file, place, UNKNOWN, f"a fact of this run; {hint}", key, "Correct the fact's id.")
        return
    if fact.get("suppressed"):
        mend = "Leave the sentence out, or use a fact of a larger group."
        yield Finding(file, place, SUPPRESSED, "a released number", f"{key}, which is held back", mend)
    newer = _superseded_by(key, fact, run)
    if newer:
        yield Finding(file, place, SUPERSEDED, newer, key, "Use the current fact, or say that the value was restated.")


def empty_facts(document: Document, run: Run) -> Iterator[str]:
    """A sentence for each fact of the prose that has no value, as where an extract lacks the year before."""
    for passage in document.passages:
        for found in VAR.finditer(passage.text):
            fact = run.fact(found["key"])
            if fact and fact.get("value") is None and not fact.get("suppressed") and fact.get("unit") != "points":
                place = passage.place(found.start())
                yield f"{place}: {found['key']} has no value and is printed as '{fact.get('text')}'."


def _superseded_by(key: str, fact: Mapping[str, Any], run: Run) -> str:
    """What has taken the place of a fact; empty where it is current."""
    if fact.get("superseded_by"):
        return str(fact["superseded_by"])
    version = str(fact.get("definition") or "")
    years = [int(part) for part in key.replace("now", str(run.year)).replace("before", str(run.year - 1)).split(".")
             if re.fullmatch(r"(?:19|20)\d\d", part)]  # fmt: skip
    if version not in _VERSIONS or not years:
        return ""
    try:
        current = record_for(version.rpartition(".")[0], years[0]).version
    except ParamsError:
        return ""
    return "" if current == version else f"the definition of {years[0]}, {current}, not {version}"


def wrong_directions_of_facts(document: Document, run: Run) -> Iterator[Finding]:
    """Each sentence whose word of direction the facts it names contradict, on their unrounded values.

    A sentence is judged where all its words point one way and it names one change (``….now.change``), or one pair
    ``….now.…`` and ``….before.…`` of the same fact. A rise or fall of a percentage takes :data:`SMALLEST_MOVE`
    points, "no change" allows one.
    """
    for passage_sentence in document.sentences():
        way = the_one_way(words_of_direction(VAR.sub("…", passage_sentence.text)))
        if way is None:
            continue
        keys = [found["key"] for found in VAR.finditer(passage_sentence.text)]
        changes = [key for key in dict.fromkeys(keys) if _unit(run, key) == "points"]
        pairs = _pairs(list(dict.fromkeys(keys)), run)
        if len(changes) == 1 and not pairs:
            yield from _against_change(way, changes[0], run, passage_sentence, document.name)
        elif len(pairs) == 1 and not changes:
            yield from _against_pair(way, *pairs[0], run, passage_sentence, document.name)


def _unit(run: Run, key: str) -> str:
    return str((run.fact(key) or {}).get("unit", ""))


def _pairs(keys: list[str], run: Run) -> list[tuple[str, str]]:
    """Now and before of the same fact; percentages alone where there are any."""
    pairs = [(key, before) for key in keys if (before := _before(key, run)) in keys and before != key]
    return [pair for pair in pairs if _unit(run, pair[0]) == "percent"] or pairs


def _before(key: str, run: Run) -> str:
    earlier = {"now": "before", str(run.year): str(run.year - 1)}
    return ".".join(earlier.get(part, part) for part in key.split("."))


def _against_change(way: Way, key: str, run: Run, sentence: Sentence, file: str) -> Iterator[Finding]:
    value = (run.fact(key) or {}).get("value")
    if value is not None:
        yield from _judged_move(way, Decimal(0), Decimal(str(value)), "percent", (key,), sentence, file)


def _against_pair(way: Way, now: str, before: str, run: Run, sentence: Sentence, file: str) -> Iterator[Finding]:
    values = [(run.fact(key) or {}).get("value") for key in (before, now)]
    if None not in values:
        earlier, later = (Decimal(str(value)) for value in values)
        yield from _judged_move(way, earlier, later, _unit(run, now), (now, before), sentence, file)


def _judged_move(
    way: Way, earlier: Decimal, later: Decimal, unit: str, keys: tuple[str, ...], sentence: Sentence, file: str
) -> Iterator[Finding]:
    is_percent = unit == "percent"
    enough = abs(later - earlier) >= SMALLEST_MOVE or not is_percent
    if agrees(way, earlier, later) and (way is Way.SAME or enough):
        return
    words = ", ".join(word.text for word in words_of_direction(VAR.sub("…", sentence.text)))
    moved = f"{later - earlier:+.1f} {'points' if is_percent else ''}".strip()
    expected = f"words for a change of {moved} ({' and '.join(keys)}); a rise or fall takes {SMALLEST_MOVE} points"
    yield Finding(
        file, sentence.place(), DIRECTION, expected, f"'{words}'", "Correct the word, or drop the comparison."
    )
