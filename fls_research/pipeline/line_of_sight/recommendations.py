"""The recommendations of an edition as frozen typed objects: the only reader of ``params/recommendations/``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fls_research.errors import ParamsError, did_you_mean
from fls_research.kpi.definitions import KPI_IDS
from fls_research.params import read_yaml

FOLDER = "params/recommendations"

MOST = 5
"""Recommendations of one edition: the practice of the audit's reports."""

Words = Annotated[str, Field(min_length=1)]
Listed = Annotated[tuple[Words, ...], Field(strict=False, min_length=1)]

_LABEL = re.compile(r"(?:tbl|fig)-[a-z0-9-]+")
_FACT_ID = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class NotApplicable(_Strict):
    """Where nothing applies: ``N/A`` is printed with this reason, and never without one."""

    none: Words = Field(description="why nothing applies, as a clause that can follow a dash")


class Evidence(_Strict):
    """A sentence whose every number is a fact, and the result it stands on."""

    sentence: Words
    result: str = Field(description="label of the table or figure, whose page in the PDF is looked up")

    @model_validator(mode="after")
    def _is_a_label(self) -> Evidence:
        if not _LABEL.fullmatch(self.result):
            raise ValueError(f"'{self.result}' is no label of a table or figure, such as 'tbl-kpi-national'")
        return self


class Previous(_Strict):
    """The results of one KPI in earlier years and this one: the ids of facts, in full, oldest first."""

    kpi: str
    facts: Listed

    @model_validator(mode="after")
    def _are_ids(self) -> Previous:
        for name in self.facts:
            if not _FACT_ID.fullmatch(name):
                raise ValueError(f"'{name}' is no id of a fact, such as 'kpi4.national.2024.percent'")
        return self


class Recommendation(_Strict):
    """One recommendation: what should be done, by whom, and what it stands on."""

    id: Words
    message: Words = Field(description="the recommendation in a few words, for the table of key messages")
    text: Words
    ways: Annotated[tuple[Words, ...], Field(strict=False)] = ()
    audience: Listed
    evidence: Annotated[tuple[Evidence, ...], Field(strict=False, min_length=1)]
    kpis: Listed | NotApplicable
    levers: Listed | NotApplicable
    guidance: Listed | NotApplicable
    previous: Annotated[tuple[Previous, ...], Field(strict=False, min_length=1)] | NotApplicable

    @model_validator(mode="after")
    def _name_known_kpis(self) -> Recommendation:
        named = () if isinstance(self.kpis, NotApplicable) else self.kpis
        before = () if isinstance(self.previous, NotApplicable) else [result.kpi for result in self.previous]
        for kpi in (*named, *before):
            if kpi not in KPI_IDS:
                raise ValueError(f"there is no KPI '{kpi}'; {did_you_mean(kpi, KPI_IDS)}")
        return self


class Project(_Strict):
    """What the head of the funder's table asks of the whole report."""

    reference: Words | NotApplicable
    title: Words
    measures: Words
    countries: Words
    series: Words
    period: Words
    objectives: Words | NotApplicable


class Recommendations(_Strict):
    """The recommendations of one edition, in their order, with what the funder asks of the report as a whole."""

    year: int
    project: Project
    recommendations: Annotated[tuple[Recommendation, ...], Field(strict=False, min_length=1, max_length=MOST)]

    @model_validator(mode="after")
    def _are_told_apart(self) -> Recommendations:
        ids = [one.id for one in self.recommendations]
        for one in ids:
            if ids.count(one) > 1:
                raise ValueError(f"two recommendations have the id '{one}'")
        return self


def recommendations_file(year: int, root: Path) -> Path:
    """Where the recommendations of an edition stand, whether or not there are any."""
    return root / FOLDER / f"{year}.yml"


def load_recommendations(year: int, root: Path) -> Recommendations:
    """The recommendations of one edition.

    Parameters
    ----------
    year : data year; ``params/recommendations/<year>.yml`` must exist.
    root : the project folder.

    Raises
    ------
    ParamsError : no such file, an unknown or missing key, a recommendation without audience, evidence or result, a
        KPI that does not exist, or ``none`` without a reason; each names the recommendation and the key.
    """
    path = recommendations_file(year, root)
    if not path.is_file():
        raise ParamsError(f"No recommendations for {year}: write {FOLDER}/{year}.yml first.")
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ParamsError(f"{FOLDER}/{path.name}: expected 'key: value' lines.")
    try:
        read = Recommendations.model_validate(content)
    except ValidationError as error:
        raise ParamsError(_first_problem(path, content, error)) from None
    if read.year != year:
        raise ParamsError(f"{FOLDER}/{path.name}: 'year' says {read.year}; the file's name says {year}.")
    return read


def _first_problem(path: Path, content: dict[str, Any], error: ValidationError) -> str:
    problems = error.errors(include_url=False)
    first = next((p for p in problems if p["type"] == "extra_forbidden" and not _of_choice(p)), problems[0])
    where = _where(first["loc"], content)
    file = f"{FOLDER}/{path.name}"
    if first["type"] == "extra_forbidden":
        return f"{file}: {where}: unknown key; see the file of another year for the keys there are."
    if first["type"] == "missing":
        return f"{file}: {where} is missing."
    if first["type"] == "value_error":
        return f"{file}: {where}: {str(first['ctx']['error']).rstrip('?.')}."
    if first["type"] == "too_short" and not _of_choice(first):
        return f"{file}: {where} is empty; name at least one."
    if _of_choice(first):
        return f"{file}: {where}: expected a list, or 'none' with the reason."
    return f"{file}: {where}: {first['msg'][0].lower()}{first['msg'][1:]}."


def _of_choice(problem: dict[str, Any]) -> bool:
    """Whether a problem lies in a key that may be given or be ``none``: pydantic then names both readings."""
    return any("[" in str(part) or part == "NotApplicable" for part in problem["loc"])


def _where(location: tuple[int | str, ...], content: dict[str, Any]) -> str:
    """The place as the file's author knows it: a recommendation by its id, a key by its name."""
    words: list[str] = []
    here: Any = content
    for part in location:
        if "[" in str(part) or part in ("NotApplicable", "str", "constrained-str"):
            break
        here = here[part] if _holds(here, part) else None
        if isinstance(part, int):
            name = here.get("id") if isinstance(here, dict) else None
            words[-1:] = [f"'{name}'" if name else f"{words[-1]} {part + 1}"]
        else:
            words.append(str(part))
    return ", ".join(words) or "the file"


def _holds(here: Any, part: int | str) -> bool:
    return (isinstance(here, dict) and part in here) or (
        isinstance(here, list) and isinstance(part, int) and part < len(here)
    )
