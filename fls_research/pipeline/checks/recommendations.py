"""The rules for recommendations: each has an audience, evidence that stands on a result, and guidance that holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fls_research.errors import did_you_mean
from fls_research.kpi.definitions import KPI_IDS
from fls_research.params import read_yaml
from fls_research.pipeline.checks.citations import UNKNOWN as GUIDELINE_UNKNOWN
from fls_research.pipeline.checks.citations import judged_on
from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.findings import Finding
from fls_research.pipeline.checks.guidelines import Guideline, nearest
from fls_research.pipeline.checks.prose import VAR, Run

NO_AUDIENCE, NO_EVIDENCE, NO_RESULT, NO_REASON = (
    "recommendation-audience",
    "recommendation-evidence",
    "recommendation-result",
    "recommendation-reason",
)
UNKNOWN_KPI, UNKNOWN_FACT = "recommendation-kpi", "fact-unknown"
_MAY_SAY_NONE = ("kpis", "levers", "guidance", "previous")


def read_recommendations(root: Path, year: int) -> tuple[str, list[Mapping[str, Any]]]:
    """The file's name and its recommendations, as they stand in ``params/recommendations/<year>.yml``.

    No file, no recommendations: not every edition makes any.

    Raises
    ------
    ParamsError : the file is no YAML.
    """
    path = root / "params" / "recommendations" / f"{year}.yml"
    if not path.is_file():
        return path.name, []
    content = read_yaml(path)
    listed = content.get("recommendations") if isinstance(content, Mapping) else content
    return f"recommendations/{path.name}", [one for one in listed or [] if isinstance(one, Mapping)]


def wrong_recommendations(
    recommendations: list[Mapping[str, Any]],
    file: str,
    *,
    run: Run,
    embedded: frozenset[str],
    registry: Mapping[str, Guideline],
    on: dt.date | None,
) -> Iterator[Finding]:
    """Each recommendation without audience, evidence or result, or with an unknown KPI, fact or guideline.

    Parameters
    ----------
    embedded : the labels the report embeds; evidence must stand on one of them, or it has no page.
    on : the day of the edition.
    """
    for number, one in enumerate(recommendations, start=1):
        place = f"recommendation {one.get('id') or number}"
        if not _filled(one.get("audience")):
            mend = "Name who is to act on it, under 'audience'."
            yield Finding(file, place, NO_AUDIENCE, "an audience", "none", mend)
        yield from _evidence(one, file, place, run, embedded)
        yield from _reasons(one, file, place)
        yield from _kpis_and_facts(one, file, place, run)
        yield from _guidance(one, file, place, registry, on)


def _filled(value: Any) -> bool:
    if isinstance(value, Mapping):
        return False
    return any(str(item).strip() for item in value) if isinstance(value, list) else bool(str(value or "").strip())


def evidence_of(one: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The pieces of evidence of a recommendation, each a mapping with ``sentence`` (or ``text``) and ``result``."""
    listed = one.get("evidence")
    return [piece for piece in listed if isinstance(piece, Mapping)] if isinstance(listed, list) else []


def sentence_of(piece: Mapping[str, Any]) -> str:
    """The sentence of a piece of evidence; empty where it has none."""
    return str(piece.get("sentence") or piece.get("text") or "").strip()


def _evidence(one: Mapping[str, Any], file: str, place: str, run: Run, embedded: frozenset[str]) -> Iterator[Finding]:
    pieces = [piece for piece in evidence_of(one) if sentence_of(piece)]
    if not pieces:
        mend = "Write a sentence with facts under 'evidence', and name the result it stands on."
        yield Finding(file, place, NO_EVIDENCE, "evidence from the report", "none", mend)
    for number, piece in enumerate(pieces, start=1):
        where, result = f"{place}, evidence {number}", str(piece.get("result") or "")
        keys = [found["key"] for found in VAR.finditer(sentence_of(piece))]
        standing = {fact["result"] for key in keys if (fact := run.fact(key)) and "result" in fact}
        if not keys:
            mend = "Put the numbers in as {{< var … >}}."
            yield Finding(file, where, NO_EVIDENCE, "a sentence with a fact", "a sentence without one", mend)
        if result not in run.results:
            hint = did_you_mean(result, run.results) if result else "name its label"
            mend = "Name the label of the table or figure that holds the numbers."
            yield Finding(file, where, NO_RESULT, f"a result of this run; {hint}", result or "none", mend)
        elif result not in embedded:
            mend = "Embed the result in the report, or name one that is."
            yield Finding(file, where, NO_RESULT, "a result that stands in the report", result, mend)
        elif standing and result not in standing:
            expected = f"the result its facts come from ({', '.join(sorted(standing))})"
            yield Finding(file, where, NO_RESULT, expected, result, "Name the result that holds the numbers.")


def _reasons(one: Mapping[str, Any], file: str, place: str) -> Iterator[Finding]:
    for name in _MAY_SAY_NONE:
        value = one.get(name)
        says_none = isinstance(value, Mapping) and str(value.get("none") or "").strip()
        if not says_none and not _filled(value):
            mend = f"Fill in '{name}', or write {{none: the reason}}."
            yield Finding(file, place, NO_REASON, f"'{name}', or the reason why there is none", "nothing", mend)


def _kpis_and_facts(one: Mapping[str, Any], file: str, place: str, run: Run) -> Iterator[Finding]:
    kpis, previous = one.get("kpis"), one.get("previous")
    for kpi in kpis if isinstance(kpis, list) else []:
        if str(kpi) not in KPI_IDS:
            hint = did_you_mean(str(kpi), KPI_IDS)
            yield Finding(file, place, UNKNOWN_KPI, f"a KPI of the records; {hint}", str(kpi), "Correct the KPI's id.")
    for entry in previous if isinstance(previous, list) else []:
        for key in entry.get("facts", ()) if isinstance(entry, Mapping) else ():
            if run.fact(str(key)) is None:
                hint = did_you_mean(str(key), run.facts)
                yield Finding(file, place, UNKNOWN_FACT, f"a fact of this run; {hint}", str(key), "Correct the id.")


def _guidance(
    one: Mapping[str, Any], file: str, place: str, registry: Mapping[str, Guideline], on: dt.date | None
) -> Iterator[Finding]:
    named = one.get("guidance")
    for name in named if isinstance(named, list) else []:
        guideline = registry.get(str(name))
        if guideline is None:
            expected = f"a guideline of the registry; {nearest(str(name), registry)}"
            mend = "Correct the id, or enter the guideline in params/guidelines.csv."
            yield Finding(file, place, GUIDELINE_UNKNOWN, expected, str(name), mend)
        elif on is not None:
            yield from judged_on(guideline, on, file, place)


def evidence_document(recommendations: list[Mapping[str, Any]], file: str) -> Document:
    """The sentences of evidence as a text, each a passage named by its recommendation."""
    return _document(recommendations, file, lambda one: [sentence_of(piece) for piece in evidence_of(one)])


def demands_document(recommendations: list[Mapping[str, Any]], file: str) -> Document:
    """What is recommended, in short and in full, and how it can be done, as a text."""

    def demands(one: Mapping[str, Any]) -> list[Any]:
        return [one.get("message"), one.get("text"), *_listed(one.get("ways") or one.get("how"))]

    return _document(recommendations, file, demands)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _document(recommendations: list[Mapping[str, Any]], file: str, texts: Any) -> Document:
    passages = [
        Passage(" ".join(str(text).split()), ((0, f"recommendation {one.get('id') or number}"),))
        for number, one in enumerate(recommendations, start=1)
        for text in texts(one)
        if str(text or "").strip()
    ]
    return Document(file, tuple(passages))
