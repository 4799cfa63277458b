"""The rule that an aim stated for a KPI is the one in the KPI's record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from fls_research.kpi.definitions import headline_for
from fls_research.kpi.records import Kpi
from fls_research.params import FIRST_YEAR
from fls_research.pipeline.checks.document import Document, Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.numerals import PERCENT, number_of
from fls_research.pipeline.checks.topics import Mention, mentions, numbered

RULE = "target"

_AIM = re.compile(r"\b(?:aims?|targets?|goals?|benchmark(?:ing)? standard)\b", re.IGNORECASE)
_DEMAND = re.compile(r"\b(?:ensur\w+|should|must|expected to|aim\w*|target\w*)\b", re.IGNORECASE)
_AT_LEAST = re.compile(
    rf"(?:at least|a minimum of|no less than|≥)\s*(?P<p>{PERCENT})"
    rf"|(?P<q>{PERCENT})\s*(?:or|and)\s+(?:above|more|over|higher)\b"
    rf"|(?P<r>{PERCENT})(?=\s+of\s+[^.;,%]{{0,60}}?\b(?:should|must)\s+be\b)"
)
_TOLD_OF_OTHERS = re.compile(
    r"\b(?:(?:those|services|teams|others) that|who|which|already)\b[^,.;:]{0,25}$", re.IGNORECASE
)
_EXCEPT = re.compile(r"\b(?:excepts?|excepting|except for|other than|apart from|but not)\b[^.;)]*", re.IGNORECASE)
_NEAR = re.compile(
    rf"{_AIM.pattern}[^.;]{{0,60}}?(?P<p>{PERCENT})|(?P<q>{PERCENT})\s+(?:aim|target|goal)\b", re.IGNORECASE
)
_NO_AIM = re.compile(r"\b(?:no|without(?: an?)?) (?:aim|target|goal)\b", re.IGNORECASE)
_COLOURS = re.compile(r"\b(?:red|amber|green)\b", re.IGNORECASE)
_OF_SERVICES = re.compile(r"%\s+of\s+(?:FLSs?|services|ICBs|trusts)\b", re.IGNORECASE)


def wrong_targets(document: Document, year: int | None, *, demanded: bool = False) -> Iterator[Finding]:
    """Each aim that differs from the KPI's record of the data year (the latest where ``year`` is None).

    Read are sentences with "aim", "target" or "goal", a KPI and one percentage; sentences that demand "at least 80%" or
    "80% or above" of something a KPI measures, for each such level; and the exceptions a general aim names ("except
    KPI 3 and 7"). ``demanded``: every sentence demands, as those of a recommendation do.
    """
    records = {record.number: record for record in headline_for(max(year or 9998, FIRST_YEAR + 1))}
    for sentence in document.sentences():
        excepted = _EXCEPT.search(sentence.text)
        if excepted and _NEAR.search(sentence.text[: excepted.start()]) and numbered(excepted[0]):
            yield from _exceptions(excepted[0], records, sentence, document.name)
        text = sentence.text[: excepted.start()] if excepted else sentence.text
        for stated, kpis in _aims(text, demanded=demanded):
            for kpi in kpis:
                if kpi in records:
                    yield from _judged(records[kpi], stated, sentence, document.name)


def _aims(text: str, *, demanded: bool) -> Iterator[tuple[Decimal, tuple[int, ...]]]:
    """The aims a sentence states and the KPIs it states each for; nothing where it states none for sure."""
    if _NO_AIM.search(text) or len(_COLOURS.findall(text)) > 1:
        # Cut points of colours are levels, not aims.
        return
    named = mentions(text)
    at_least = list(_AT_LEAST.finditer(text))
    if at_least and (demanded or _DEMAND.search(text)) and not _OF_SERVICES.search(text):
        for found in at_least:
            if not (demanded and _TOLD_OF_OTHERS.search(text[: found.start()])):
                yield number_of(found["p"] or found["q"] or found["r"]), _spoken_of(found, named, text)
        return
    values = re.findall(PERCENT, text)
    near = _NEAR.search(text)
    if near and len(values) == 1:
        yield number_of(near["p"] or near["q"]), tuple(sorted({kpi for mention in named for kpi in mention.kpis}))


def _spoken_of(found: re.Match[str], named: list[Mention], text: str) -> tuple[int, ...]:
    """ "At least 80% of" speaks of what follows in its clause, "80% or above" of what went before."""
    clause = re.split(r"[,;:]|\band\b", text[found.end() :])[0]
    around = [mention for mention in named if mention.start < found.start() and mention.end > found.end()]
    after = [mention for mention in named if found.end() <= mention.start < found.end() + len(clause)]
    before = [mention for mention in named if mention.end <= found.start()]
    if around:
        return around[0].kpis
    if not found["q"] and after:
        return after[0].kpis
    return before[-1].kpis if before else ()


def _judged(record: Kpi, stated: Decimal, sentence: Sentence, file: str) -> Iterator[Finding]:
    target = None if record.target is None else Decimal(str(record.target)) * 100
    if target == stated:
        return
    of_record = "no target" if target is None else f"a target of {target.normalize():f}%"
    yield Finding(
        file,
        sentence.place(),
        RULE,
        f"{of_record} for KPI {record.number} (record {record.version})",
        f"{stated}% in '{_shortened(sentence.text)}'",
        "State the record's target, or change the record with its source.",
    )


def _exceptions(words: str, records: dict[int, Kpi], sentence: Sentence, file: str) -> Iterator[Finding]:
    named = {kpi for mention in numbered(words) for kpi in mention.kpis} | _bare(words)
    without = {number for number, record in records.items() if record.target is None}
    if named != without:
        yield Finding(
            file,
            sentence.place(),
            RULE,
            f"exceptions KPI {' and '.join(map(str, sorted(without)))}, which have no target in the records",
            f"'{' '.join(words.split())}'",
            "Name the KPIs without a target, or change the records with their source.",
        )


def _bare(words: str) -> set[int]:
    return {int(number) for number in re.findall(r"\band (\d{1,2})\b(?!\s?%)", words)}


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 160 else f"{words[:60]} … {words[-90:]}"
