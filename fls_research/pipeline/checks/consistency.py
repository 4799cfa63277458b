"""The rules that one text gives a KPI one value a year, and that its parts and its words fit that value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fls_research.pipeline.checks.document import Document, Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.numerals import PERCENT, decimals_of, number_of, rounded
from fls_research.pipeline.checks.statements import Stated
from fls_research.pipeline.checks.topics import Mention, mentions

TWO_VALUES, OUTSIDE_GROUPS, NO_IMPROVEMENT = "two-values", "outside-groups", "direction"

SLACK = Decimal(5)
"""Points by which a national value may lie outside two of its groups, which need not be all of them."""

_PAIR = re.compile(
    rf"(?P<a>{PERCENT})(?:\s+(?!vs?\b|versus|compared)[^\W\d_][\w’'-]*){{0,4}}\s*"
    rf"(?:vs?\.?|versus|compared\s+(?:with|to))\s+(?P<b>{PERCENT})"
)
_OF_SERVICES = re.compile(r"\bof (?:the |all )?(?:FLSs?|services|trusts|units|hospitals)\b", re.IGNORECASE)
_IMPROVED = re.compile(
    r"(?P<before>(?:\b[\w’'-]+\s+){0,2})\bimprovements?\s+(?:in|across)\s+(?P<what>[^.;:()]*?)(?=\s+(?:with|but|while|than)\b|[.;:()]|,\s+but|$)",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:no|little|not|without|any|further|need\w*|support\w*|quality|service|some|for|an?)\s*$", re.I
)
_LIST_WORDS = (
    (re.compile(r"\bfalls(?: risk)? assessments?\b", re.IGNORECASE), (6,)),
    (re.compile(r"\bidentif\w+\b", re.IGNORECASE), (2, 3)),
    (re.compile(r"\b(?:time to |timely )?DXA\b", re.IGNORECASE), (5,)),
    (re.compile(r"\bmonitoring\b", re.IGNORECASE), (9,)),
    (re.compile(r"\badherence\b", re.IGNORECASE), (11,)),
)


def two_values(stated: tuple[Stated, ...], file: str) -> Iterator[Finding]:
    """Each value of a KPI and year that differs from the first one the text gives, at the decimals both show."""
    first: dict[tuple[int, int], Stated] = {}
    told: set[tuple[int, int, Decimal]] = set()
    for one in stated:
        before = first.setdefault((one.kpi, one.year), one)
        key = (one.kpi, one.year, one.percent)
        if _same(one.percent, before.percent) or key in told:
            continue
        told.add(key)
        yield Finding(
            file,
            one.place,
            TWO_VALUES,
            f"{before.words} for KPI {one.kpi} in {one.year}, as at {before.place}",
            one.words,
            "Keep one value, or say at both places how their definitions differ.",
        )


def _same(one: Decimal, other: Decimal) -> bool:
    decimals = min(decimals_of(one), decimals_of(other))
    return rounded(one, decimals) == rounded(other, decimals)


def outside_groups(document: Document, stated: tuple[Stated, ...]) -> Iterator[Finding]:
    """Each pair of groups ("46% vs 43%") that a KPI's national value of the latest year does not lie between.

    A whole lies between its parts; as the two groups need not be all of it, :data:`SLACK` points are allowed. Shares of
    services are left out.
    """
    national = {one.kpi: one for one in sorted(stated, key=lambda one: one.year)}
    for sentence in document.sentences():
        named, pairs = mentions(sentence.text), list(_PAIR.finditer(sentence.text))
        if _OF_SERVICES.search(sentence.text):
            continue
        for number, pair in enumerate(pairs):
            since = pairs[number - 1].end() if number else 0
            kpi = _kpi_of(pair, since, named)
            if kpi in national:
                yield from _outside(pair, sentence, national[kpi], document.name)


def _kpi_of(pair: re.Match[str], since: int, named: list[Mention]) -> int | None:
    """The KPI a pair of percentages speaks of: named since the pair before, else the last before, else the first."""
    between = [mention for mention in named if since <= mention.start < pair.start()]
    before = [mention for mention in named if mention.start < pair.start()]
    chosen = between[-1] if between else before[-1] if before else named[0] if named else None
    return chosen.kpis[0] if chosen and len(chosen.kpis) == 1 else None


def _outside(pair: re.Match[str], sentence: Sentence, national: Stated, file: str) -> Iterator[Finding]:
    low, high = sorted((number_of(pair["a"]), number_of(pair["b"])))
    if low - SLACK <= national.percent <= high + SLACK:
        return
    yield Finding(
        file,
        sentence.place(pair.start()),
        OUTSIDE_GROUPS,
        f"groups on both sides of {national.words}, KPI {national.kpi} in {national.year} at {national.place} "
        f"(give or take {SLACK} points)",
        f"{' '.join(pair[0].split())} for KPI {national.kpi}",
        "Two denominators are in use: say which stands where, or use one.",
    )


def no_improvement(document: Document, stated: tuple[Stated, ...]) -> Iterator[Finding]:
    """Each "improvement in …" of something whose KPI, by the text's own values, did not rise.

    Sentences that point at a figure speak of what it draws and are left out.
    """
    for sentence in document.sentences():
        for match in _IMPROVED.finditer(sentence.text):
            if _HEDGED.search(match["before"]) or re.search(r"\bFig", sentence.text):
                continue
            for pattern, kpis in _LIST_WORDS:
                moves = [move for kpi in kpis if (move := _latest_move(kpi, stated))]
                if pattern.search(match["what"]) and moves and all(b.percent <= a.percent for a, b in moves):
                    yield _not_improved(match, sentence, moves, document.name)


def _latest_move(kpi: int, stated: tuple[Stated, ...]) -> tuple[Stated, Stated] | None:
    values = {one.year: one for one in stated if one.kpi == kpi}
    if len(values) < 2:
        return None
    before, last = sorted(values)[-2:]
    return values[before], values[last]


def _not_improved(match: re.Match[str], sentence: Sentence, moves: list[tuple[Stated, Stated]], file: str) -> Finding:
    a, b = moves[0]
    said = f"KPI {a.kpi} {a.words} in {a.year} and {b.words} in {b.year} ({b.place})"
    stands = f"'{' '.join(match[0].split())}'"
    return Finding(
        file,
        sentence.place(match.start()),
        NO_IMPROVEMENT,
        f"no word for a rise: {said}",
        stands,
        "Leave it out of the list of improvements, or give the values that rose.",
    )
