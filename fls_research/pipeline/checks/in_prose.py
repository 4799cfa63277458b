"""The rules for facts in prose: each is known, released and current."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fls_research.errors import ParamsError, PublishError
from fls_research.kpi.definitions import RECORDS, record_for
from fls_research.pipeline.checks.document import Document
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.prose import VAR, Run

UNKNOWN, SUPPRESSED, SUPERSEDED = "fact-unknown", "fact-suppressed", "fact-superseded"
_VERSIONS = frozenset(record.version for record in RECORDS)
_VINTAGE = re.compile(r"report-(?P<year>20\d\d)$")
_TOLD_AS_OLDER = re.compile(
    r"(?<!\bnot )(?<!\bnever )\b(?:restated|revised|recalculated|superseded|later corrected"
    r"|(?:first|originally|previously|initially) (?:published|printed|reported|given)"
    r"|(?:earlier|older|previous) report)\b",
    re.IGNORECASE,
)


def wrong_facts(document: Document, run: Run) -> Iterator[Finding]:
    """Each fact of the prose that the run does not hold, holds back, or holds in an older form.

    ``document`` is the prose as written. A fact is superseded where it says so itself (``superseded_by``), or where
    its definition is not the one its KPI has for that year. A published value that a later report restated may stand
    in a sentence that names the older report, or says that the value was restated.
    """
    for sentence in document.sentences():
        for found in VAR.finditer(sentence.text):
            key = found["key"]
            told = _told_as_older(sentence.text, key, run)
            yield from _judged(key, run, document.name, sentence.place(found.start()), told_as_older=told)


def _told_as_older(text: str, key: str, run: Run) -> bool:
    """Whether a sentence says of a published value that it is the older one: by its words, or by the report's name."""
    vintage = _VINTAGE.search(key)
    words = VAR.sub(lambda found: run.text(found["key"], "") if found["key"].startswith("year.") else "…", text)
    if not vintage or _TOLD_AS_OLDER.search(words):
        return vintage is not None
    named = (
        rf"\b(?:report|edition|vintage)s?\b(?: on| of| for| in| from)?(?: the)? {vintage['year']}\b"
        rf"|\b{vintage['year']} (?:annual )?(?:report|edition)"
    )
    return re.search(named, words, re.IGNORECASE) is not None


def _judged(key: str, run: Run, file: str, place: str, *, told_as_older: bool) -> Iterator[Finding]:
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
    if newer and not (fact.get("superseded_by") and told_as_older):
        mend = "Use the current fact, or say that the value was restated and which report printed it."
        yield Finding(file, place, SUPERSEDED, newer, f"{key} ({fact.get('text')})", mend)


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
        newer = str(fact["superseded_by"])
        text = (run.fact(newer) or {}).get("text")
        return f"{newer} ({text})" if text else newer
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
