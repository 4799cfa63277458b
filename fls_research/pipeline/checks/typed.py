"""The rule that no number in prose is typed, in figures or in words, and the list of those that may be."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator

from fls_research.kpi.definitions import records_for
from fls_research.kpi.records import Caseload, FieldsMissing, Kpi, KpisComplete
from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.prose import VAR
from fls_research.pipeline.checks.topics import NUMBERED
from fls_research.pipeline.checks.typed_words import LEVELS, counts_like_years, numbers_in_words

RULE = "number-typed"

ALLOWED_HERE = re.compile(r"<!--\s*typed\s+(?P<number>[\d.,]*\d%?|[A-Za-z][A-Za-z -]*)\s*:\s*(?P<why>[^-]\S.*?)\s*-->")
"""The mark that lets one number stand in its paragraph: ``<!-- typed 1,000: samples of the bootstrap -->``."""
_MARK = re.compile(r"⟦(?P<number>[^⟧]*)⟧")

_MONTH = "|".join(name for name in calendar.month_name if name)
_YEAR = r"(?:19|20)\d\d"
_ALLOWED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTH})\b",
        rf"(?<![\w.,]){_YEAR}(?:\s*(?:[-–/]|to)\s*(?:{_YEAR}|\d\d))?(?![\w%]|[.,]\d|\s%)",
        r"\b(?:figures?|fig\.|tables?|sections?|chapters?|appendix|pages?|standards?|statements?|steps?|questions?|fields?"
        r"|stages?|grades?|versions?)\s+\d+(?:\.\d+)*(?:\s*(?:,|and|to|[-–])\s*\d+(?:\.\d+)*)*",
        r"\baged?\s+(?:over\s+|under\s+)?\d{2,3}(?:\s*(?:to|and|[-–])\s*\d{2,3})?\b",
        r"\b\d{2,3}(?:\s+years)?(?:\s+of\s+age)?\s+(?:and|or)\s+(?:over|older|above|under|younger)\b",
        r"\b\d{2,3}(?:\s*[-–]\s*\d{2,3})?[- ]years?[- ]olds?\b",
        r"\b\d+(?:st|nd|rd|th)\b",
        # Where a ratio or a difference shows nothing; not a result.
        r"\b(?:far from|close[rst]* to|holds?|includes?|crosses|contains?|above|below)\s+[01](?:\.0+)?\b(?!\s?%)",
        # A name, not a number: Core20PLUS5, NG249, ICD-10, L4.
        r"\b[a-z]+-?\d[\w-]*",
        r"https?://\S+|\bwww\.\S+|\b\S+@\S+|@[\w-]+|\bdoi\S*\s*\S+",
        r"\$[^$]*\$",
        r"\b(?:confidence|intervals?|limits?|credible|prediction)\b[^.;%]{0,60}?\b\d\d(?:\.\d+)?\s?%",
        r"\b\d\d(?:\.\d+)?\s?%(?=\s*\)?\s*(?:confidence|intervals?|limits?|control|credible|prediction|CI\b))",
    )
)
_THRESHOLD_BEFORE = re.compile(
    r"\b(?:at least|at most|below|under|over|above|aims?|aim(?:ed)? (?:at|for)|targets?|reach\w*|cut points?|less than"
    r"|more than|fewer than|from|up to|threshold\w*|levels?|lowered|cut|reduced|increased)\b[^.;:]{0,30}$",
    re.IGNORECASE,
)
_THRESHOLD_AFTER = re.compile(
    r"^\s*(?:or|and)\s+(?:more|above|over|less|below|under)\b|^\s+(?:aim|target|threshold|cut)\b"
)
_PERCENT = re.compile(r"(?<![\w.,])(?P<n>\d+(?:\.\d+)?)\s?%")
_WINDOW = re.compile(
    r"(?<![\w.,])(?:\d+\s*(?:to|or|and|[-–])\s*)?(?P<n>\d+)[- ](?P<unit>day|week|month|year)s?\b", re.IGNORECASE
)
_NAMED_DAY = re.compile(r"\b(?P<unit>day|week|month|year)\s+(?P<n>\d+)\b", re.IGNORECASE)
_SHORT_WINDOW = re.compile(r"\b(?:at|by)\s+(?P<n>\d+)\b(?!\s?%|[.,]\d)")
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?\s?%?")


def marked(text: str) -> str:
    """A line in which each mark that allows a number is kept where tags and comments are not.

    >>> marked("Drawn 1,000 times. <!-- typed 1,000: bootstrap samples -->")
    'Drawn 1,000 times. ⟦1,000⟧'
    """
    return ALLOWED_HERE.sub(lambda found: f"⟦{found['number']}⟧", text)


def typed_numbers(document: Document, year: int) -> Iterator[Finding]:
    """Each number that stands in prose as figures, or states a result in words, and is no fact.

    Allowed are dates and years, KPI numbers, ages, references to figures, standards and the like, names that hold
    figures, levels of confidence, and what stands in the KPI records of the data year: their windows ("90 days",
    "16 weeks") anywhere, their percentages where the words around make them a threshold. Anything else must be a
    fact, or be allowed in its paragraph by a comment with its reason (:data:`ALLOWED_HERE`). Of numbers in words those
    are judged that :func:`numbers_in_words` gives, and a year is none where it counts what follows ("2024 patients").

    >>> passage = Passage("By 90 days, at least 80% in 2024 and KPI 4, but 57 services.", ((0, "a.qmd, line 1"),))
    >>> [found.stands for found in typed_numbers(Document("a.qmd", (passage,)), 2024)]
    ["'57' in 'nd KPI 4, but 57 services.'"]
    """
    windows, percentages = windows_of(records_for(year)), percentages_of(records_for(year))
    for passage in document.passages:
        rest = _without_allowed(passage, windows, percentages)
        own = {found["number"].strip().lower() for found in _MARK.finditer(passage.text)}
        for found in _NUMBER.finditer(_MARK.sub(_blank, rest)):
            number = found[0].strip().rstrip(",")
            if number not in own:
                yield _finding(passage, found, number, document.name)
        plain = _MARK.sub(_blank, VAR.sub(_blank, passage.text))
        for found in (*counts_like_years(plain), *_results_in_words(plain, percentages)):
            if found[0].lower() not in own:
                yield _finding(passage, found, found[0], document.name)


def _results_in_words(text: str, percentages: frozenset[float]) -> Iterator[re.Match[str]]:
    """Numbers in words without the levels of KPI records: "at least eighty per cent" may stand."""
    for found in numbers_in_words(text):
        level = LEVELS.get(found[0].lower())
        is_level = level is not None and float(level) in percentages
        near = _THRESHOLD_BEFORE.search(text[: found.start()]) or re.match(
            r"\s+per ?cent (?:or|and) (?:more|above|over)\b", text[found.end() :]
        )
        if not (is_level and near):
            yield found


def _finding(passage: Passage, found: re.Match[str], number: str, file: str) -> Finding:
    around = " ".join(passage.text[max(found.start() - 14, 0) : found.end() + 14].split())
    return Finding(
        file,
        passage.place(found.start()),
        RULE,
        "a fact, {{< var … >}}",
        f"'{number}' in '{around}'",
        f"Look the number up in facts.json; one that is no result may be allowed: <!-- typed {number}: reason -->.",
    )


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _without_allowed(passage: Passage, windows: frozenset[tuple[int, str]], percentages: frozenset[float]) -> str:
    """The text with all that may stand blanked out, every character in its place."""
    text = VAR.sub(_blank, passage.text)
    for pattern in (NUMBERED, *_ALLOWED):
        text = pattern.sub(_blank, text)
    text = _without_windows(text, windows)
    for found in list(_PERCENT.finditer(text)):
        near = _THRESHOLD_BEFORE.search(text[: found.start()]) or _THRESHOLD_AFTER.search(text[found.end() :])
        if near and float(found["n"]) in percentages:
            text = text[: found.start()] + _blank(found) + text[found.end() :]
    return text


def _without_windows(text: str, windows: frozenset[tuple[int, str]]) -> str:
    """The text with the windows of KPI records blanked: "90 days", "day 90", "16 and 52 weeks", then short "at 16"."""

    def unless_strange(found: re.Match[str]) -> str:
        unit = found["unit"].lower()
        return _blank(found) if (int(found["n"]), unit) in windows | {(0, "day")} else found[0]

    in_weeks = re.search(r"\bweeks?\b", text) is not None
    text = _NAMED_DAY.sub(unless_strange, _WINDOW.sub(unless_strange, text))
    if in_weeks:
        text = _SHORT_WINDOW.sub(
            lambda found: _blank(found) if (int(found["n"]), "week") in windows else found[0], text
        )
    return text


def windows_of(records: Iterable[Kpi]) -> frozenset[tuple[int, str]]:
    """The windows of KPI records as number and unit: 90 days, 112 days or 16 weeks, 365 days, 52 weeks, 12 months.

    >>> (16, "week") in windows_of(records_for(2024)), (17, "week") in windows_of(records_for(2024))
    (True, False)
    """
    found: set[tuple[int, str]] = {(1, "year")}
    for record in records:
        if record.clock is None:
            continue
        days = record.clock.last_day
        found.add((days, "day"))
        if days % 7 == 0:
            found.add((days // 7, "week"))
        if days == 365:
            found |= {(52, "week"), (12, "month")}
    return frozenset(found)


def percentages_of(records: Iterable[Kpi]) -> frozenset[float]:
    """The percentages that KPI records hold: targets, cut points of colours, shares of caseload and completeness.

    >>> 80.0 in percentages_of(records_for(2024)), 42.0 in percentages_of(records_for(2024))
    (True, False)
    """
    found: set[float] = set()
    for record in records:
        found |= {record.target or 0.0, *(colour.from_ for colour in record.colours.colours)}
        match record.measure:
            case Caseload(share=share, opt_out=opt_out):
                found |= {share, 1 - share, opt_out}
            case KpisComplete(each=each, share=share):
                found |= {each.value, share.value if share else 0.0}
            case FieldsMissing(over=over):
                found.add(over)
    return frozenset(round(value * 100, 6) for value in found if value)
