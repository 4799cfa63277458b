"""The rule that a guideline cited exists, and held on the day of the text that cites it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

from fls_research.params import day_words
from fls_research.pipeline.checks.document import Document, Sentence
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.guidelines import Guideline, nearest

UNKNOWN, REPLACED, TOO_EARLY = "guideline-unknown", "guideline-replaced", "guideline-not-issued"

_SERIES = {"clinical guideline": "CG", "guideline": "NG", "quality standard": "QS", "technology appraisal": "TA"}
_LETTERS = "CG|NG|QS|TA|PH|DG|IPG|MTG|HST"
_NICE = re.compile(rf"\b(?P<series>{_LETTERS})[ -]?(?P<number>\d{{1,4}})\b")
# In small letters "ph 7" is no guideline: they are read behind the name of NICE, or in one word.
_NICE_IN_SMALL = re.compile(
    rf"\bNICE(?:[’']s)?[ -](?:(?:clinical |public health )?(?:guidelines?|guidance|standards?|quality standards?"
    rf"|technology appraisals?) )?(?P<series>{_LETTERS})[ -]?(?P<number>\d{{1,4}})\b",
    re.IGNORECASE,
)
_ONE_WORD = re.compile(r"(?<![\w/.-])(?P<series>cg|ng|qs|ta)(?P<number>\d{2,4})\b")
_NICE_ADDRESS = re.compile(
    rf"\bnice\.org\.uk/(?:guidance/)?(?P<series>{_LETTERS})(?P<number>\d{{1,4}})\b", re.IGNORECASE
)
_NICE_IN_WORDS = re.compile(
    r"\bNICE\s+(?P<series>clinical guideline|guideline|quality standard|technology appraisal)s?(?: guidance)?\s+"
    r"(?P<number>\d{1,4})\b",
    re.IGNORECASE,
)
_NOGG = re.compile(r"\bNOGG\s*\(?(?P<year>20\d\d)\b", re.IGNORECASE)
_ROS = re.compile(
    r"\b(?:(?i:ROS)|NOS|(?i:Royal Osteoporosis Society))\b[^.;\n]{0,30}?"
    r"\b(?i:standards?(?:\s+for\s+(?:FLSs?|fracture liaison services?))?"
    r",?\s*\(?(?:edition\s+(?:of\s+)?)?)(?P<year>20\d\d)\b"
)
_TOLD_AS_OLD = re.compile(
    r"\b(?:replac\w+|formerly|previous\w*|supersed\w+|withdrawn|until|older|earlier)\b", re.IGNORECASE
)


def cited(text: str) -> list[tuple[int, str]]:
    """The guidelines a text cites, as pairs of offset and id in the registry's spelling, in order.

    Small letters are read behind the name of NICE ("nice guideline cg 161"), in one word, and in addresses of its site.

    >>> cited("NICE CG146, NG 249 and NOGG 2024; see NICE quality standard 86.")
    [(5, 'NICE CG146'), (12, 'NICE NG249'), (23, 'NOGG 2024'), (38, 'NICE QS86')]
    """
    numbered = [
        (match.start("series"), f"NICE {match['series'].upper()}{int(match['number'])}")
        for form in (_NICE, _NICE_IN_SMALL, _ONE_WORD, _NICE_ADDRESS)
        for match in form.finditer(text)
    ]
    found = list(dict.fromkeys(numbered))
    for match in _NICE_IN_WORDS.finditer(text):
        found.append((match.start(), f"NICE {_SERIES[match['series'].lower()]}{int(match['number'])}"))
    found += [(match.start(), f"NOGG {match['year']}") for match in _NOGG.finditer(text)]
    found += [(match.start(), f"ROS FLS standards {match['year']}") for match in _ROS.finditer(text)]
    return sorted(found)


def wrong_citations(
    document: Document, registry: Mapping[str, Guideline], *, on: dt.date | None, sure_of_day: bool = True
) -> Iterator[Finding]:
    """Each citation of a guideline that the registry does not hold, or that did not hold on the document's day.

    The addresses behind a passage's words cite too; they are judged with the whole of it.

    Parameters
    ----------
    on : the day of the document; None leaves out the questions of time.
    sure_of_day : False where the day was read off the document; a guideline is then never called not yet issued.
    """
    for sentence in document.sentences():
        for offset, name in cited(sentence.text):
            place = sentence.place(offset)
            yield from _judged(name, sentence, place, document, registry, on, sure_of_day)
    for passage in document.passages:
        named = {name for _, name in cited(passage.text)} if passage.links else set()
        for address, place in passage.links:
            found = _NICE_ADDRESS.search(address)
            name = f"NICE {found['series'].upper()}{int(found['number'])}" if found else ""
            if name and name not in named:
                whole = Sentence(passage.text, 0, passage)
                yield from _judged(name, whole, place, document, registry, on, sure_of_day)


def _judged(
    name: str,
    sentence: Sentence,
    place: str,
    document: Document,
    registry: Mapping[str, Guideline],
    on: dt.date | None,
    sure_of_day: bool,
) -> Iterator[Finding]:
    guideline = registry.get(name)
    if guideline is None:
        if _is_surely_guidance(name, sentence, registry):
            hint = nearest(name, registry)
            mend = "Correct the citation, or enter the guideline in params/guidelines.csv."
            yield Finding(document.name, place, UNKNOWN, f"a guideline of the registry; {hint}", name, mend)
    elif on is not None:
        told_as_old = _TOLD_AS_OLD.search(sentence.text) is not None
        yield from judged_on(guideline, on, document.name, place, told_as_old=told_as_old, sure_of_day=sure_of_day)


def judged_on(
    guideline: Guideline, on: dt.date, file: str, place: str, *, told_as_old: bool = False, sure_of_day: bool = True
) -> Iterator[Finding]:
    """What is wrong with citing a guideline on a day: it was replaced before it, or issued after it."""
    if guideline.replaced_by_then(on) and not told_as_old:
        expected = f"{guideline.replaced_by}, which replaced it on {guideline.replaced_on}"
        stands = f"{guideline.id} in a text of {day_words(on)}"
        yield Finding(
            file, place, REPLACED, expected, stands, f"Cite {guideline.replaced_by}, or say it is the older one."
        )
    if sure_of_day and not guideline.issued_by(on):
        expected = f"guidance issued by {day_words(on)}"
        stands = f"{guideline.id}, issued {guideline.issued}"
        yield Finding(file, place, TOO_EARLY, expected, stands, "Cite what held then, or correct the date of the text.")


def _is_surely_guidance(name: str, sentence: Sentence, registry: Mapping[str, Guideline]) -> bool:
    """Letters and digits can be anything; they are guidance where NICE is named, or another series has the number."""
    if not name.startswith("NICE"):
        return True
    number = re.sub(r"\D", "", name)
    return re.search(r"\bNICE\b", sentence.passage.text, re.IGNORECASE) is not None or any(
        known.startswith("NICE") and re.sub(r"\D", "", known) == number for known in registry
    )
