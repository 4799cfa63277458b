"""How prose names the KPIs: by number, and by what they measure."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBERED = re.compile(
    r"\bKPIs?\s*(?P<first>\d{1,2})(?P<more>(?:\s*(?:,|and|or|to|&|[-–])\s*(?:KPI\s*)?\d{1,2}(?![\d%]|\.\d|\s*%))*)"
)
"""KPIs named by number, alone, in a list or in a range."""
_RANGE = re.compile(r"(\d{1,2})\s*(?:to|[-–])\s*(?:KPI\s*)?(\d{1,2})")

_PHRASES: tuple[tuple[str, tuple[int, ...]], ...] = (
    (r"data complet\w+", (1,)),
    (r"(?:both )?(?:spine|spinal) and non[- ]spin\w+|non[- ]spin\w+ and spin\w+", (2, 3)),
    (r"non[- ]spin(?:e|al)\b", (2,)),
    (r"\bspin(?:e|al) (?:fractures?|caseload|identification)", (3,)),
    (r"\bfalls(?: risk)? assessments?", (6,)),
    (r"\bDXA\b|bone densit\w+ scans?", (5,)),
    (
        r"\b(?:bone health assessments?|time to (?:FLS )?assessment"
        r"|assess(?:ed|ment)?\b(?:(?!DXA|densit)[^.;()]){0,40}\bwithin 90 days)",
        (4,),
    ),
    (r"\brecommend\w*(?: for)? (?:a )?(?:bone|anti|osteoporosis)|\b(?:bone )?(?:therapy|treatment) recommended", (7,)),
    (r"strength and balance", (8,)),
    (
        r"\b(?:monitor(?:ed|ing)|follow(?:ed)?[- ]?up)\b[^.;()]{0,20}\b(?:16 weeks|12[-–]16 weeks)",
        (9,),
    ),
    (r"\b(?:started|commenced|initiat\w+|starting) (?:on )?(?:bone |anti\S* |osteoporosis )*"
     r"(?:treatment|therapy|medication)", (10,)),
    (r"\badheren(?:t|ce)\b", (11,)),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), kpis) for pattern, kpis in _PHRASES)


@dataclass(frozen=True)
class Mention:
    """A place in a text that names one or more KPIs."""

    start: int
    end: int
    kpis: tuple[int, ...]


def numbered(text: str) -> list[Mention]:
    """Where a text names KPIs by number, in order; ranges and lists are spelled out.

    >>> [mention.kpis for mention in numbered("KPI 2 and 3, but not KPIs 9–11 (KPI 4 was 80%)")]
    [(2, 3), (9, 10, 11), (4,)]
    """
    return [Mention(found.start(), found.end(), _spelled_out(found[0])) for found in NUMBERED.finditer(text)]


def _spelled_out(words: str) -> tuple[int, ...]:
    kpis = {int(number) for number in re.findall(r"\d{1,2}", words)}
    for first, last in _RANGE.findall(words):
        kpis |= set(range(int(first), int(last) + 1))
    return tuple(sorted(kpi for kpi in kpis if 1 <= kpi <= 11))


def mentions(text: str) -> list[Mention]:
    """Where a text names KPIs, by number or by what they measure, in order; of overlapping places the first.

    >>> [mention.kpis for mention in mentions("Fewer were monitored at 16 weeks or had a DXA within 90 days.")]
    [(9,), (5,)]
    """
    found = numbered(text)
    for pattern, kpis in _COMPILED:
        found += [Mention(match.start(), match.end(), kpis) for match in pattern.finditer(text)]
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def the_one_numbered(text: str) -> int | None:
    """The KPI a text names by number, where it names exactly one.

    >>> the_one_numbered("KPI 7 – bone treatment"), the_one_numbered("KPI 2 and 3")
    (7, None)
    """
    named = {kpi for mention in numbered(text) for kpi in mention.kpis}
    return named.pop() if len(named) == 1 else None


def the_one_named(text: str) -> int | None:
    """The KPI a text names, by number or by what it measures, where it names exactly one.

    >>> the_one_named("The share recommended bone therapy fell.")
    7
    """
    named = {kpi for mention in mentions(text) for kpi in mention.kpis}
    return named.pop() if len(named) == 1 else None
