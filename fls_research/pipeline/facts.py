"""Every number that prose may use, by id: gathered from the results, and written for whoever looks one up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from fls_research.errors import PublishError
from fls_research.params import YearParams, day_words

FACTS_FILE = "facts.json"
VARIABLES_FILE = "_variables.yml"
CONFIDENTIAL = "[c]"
"""What stands in prose for a suppressed number; the shorthand of official statistics for confidential."""

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The same text in a tenth of the time, where PyYAML was built with its C library."""

_FROM_RESULT = ("notebook", "cell", "policy", "synthetic")
"""What a fact takes over from the result it belongs to."""

BANNER = "SYNTHETIC DATA. Every number in this report was made up by a program; none describes a patient or a service."


def gather(results: Path) -> dict[str, dict[str, Any]]:
    """Fact id to fact, sorted by id, from every ``<result>.json`` of a folder.

    Parameters
    ----------
    results : the folder; each result's ``facts`` maps ids to objects with at least ``value`` and ``text``.

    Returns
    -------
    Each fact as its result holds it, with ``result``, ``notebook``, ``cell``, ``policy``, ``synthetic`` and
    ``provenance`` (where the manifest proves it) added.

    Raises
    ------
    PublishError : two results say different things under one id, or a file is no result.
    """
    facts: dict[str, dict[str, Any]] = {}
    for path in sorted(results.glob("*.json")):
        result = _read(path)
        place = {name: result[name] for name in _FROM_RESULT} | {"result": path.stem}
        for fact_id, told in result["facts"].items():
            fact = {**told, **place, "provenance": f"manifest.json#results/{path.name}"}
            before = facts.setdefault(fact_id, fact)
            if (before["value"], before["text"]) != (fact["value"], fact["text"]):
                raise PublishError(
                    f"fact '{fact_id}': '{before['result']}' and '{fact['result']}' give different values; "
                    "let one result alone state it."
                )
    return dict(sorted(facts.items()))


def _read(path: Path) -> dict[str, Any]:
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        result = None
    if not isinstance(result, dict) or not {"facts", *_FROM_RESULT} <= result.keys():
        raise PublishError(f"results/{path.name}: is no result with facts; build the edition again.")
    return result


def variables(facts: Mapping[str, Mapping[str, Any]], settings: YearParams, *, synthetic: bool) -> dict[str, Any]:
    """What prose looks up with ``{{< var … >}}``: nested by the points of an id, every value the text to be shown.

    A part of an id that is the edition's year stands there a second time as ``now``, the year before it as
    ``before``. A suppressed fact reads ``[c]``. ``year``, ``edition`` and ``synthetic`` tell of the edition itself.

    Raises
    ------
    PublishError : one id is the beginning of another.
    """
    nested: dict[str, Any] = {}
    for fact_id, fact in facts.items():
        text = CONFIDENTIAL if fact.get("suppressed") else str(fact["text"])
        for spelling in _spellings(fact_id, settings.year):
            _place(nested, spelling, text)
    for key, text in _edition(settings, synthetic=synthetic).items():
        _place(nested, key, text)
    return nested


def _spellings(fact_id: str, year: int) -> list[str]:
    words = {str(year): "now", str(year - 1): "before"}
    relative = ".".join(words.get(part, part) for part in fact_id.split("."))
    return [fact_id] if relative == fact_id else [fact_id, relative]


def _edition(settings: YearParams, *, synthetic: bool) -> dict[str, str]:
    return {
        "year.now": str(settings.year),
        "year.before": str(settings.year - 1),
        "edition.title": settings.title,
        "edition.subtitle": settings.subtitle,
        "edition.published": settings.published,
        "edition.policy": settings.policy.value,
        "edition.min-records": str(settings.min_records),
        "edition.data-lock": day_words(settings.data_lock),
        "edition.geography": settings.provenance.geography,
        "synthetic.banner": BANNER if synthetic else "",
    }


def _place(nested: dict[str, Any], key: str, text: str) -> None:
    *folders, last = key.split(".")
    here = nested
    for folder in folders:
        here = here.setdefault(folder, {})
        if not isinstance(here, dict):
            raise PublishError(f"fact '{key}': another fact's id is the beginning of this one; rename one of them.")
    if last in here and here[last] != text:
        raise PublishError(f"fact '{key}': another fact has this id, or one that begins with it; rename one of them.")
    here[last] = text


def write(facts: Mapping[str, Any], looked_up: Mapping[str, Any], run_dir: Path) -> None:
    """Write ``facts.json`` and ``_variables.yml``; every text of the latter in quotes, so that NO stays NO."""
    text = json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False)
    (run_dir / FACTS_FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
    style = {"default_style": '"', "allow_unicode": True, "width": 10_000, "sort_keys": True}
    lines = yaml.dump(dict(looked_up), Dumper=_DUMPER, **style)
    (run_dir / VARIABLES_FILE).write_text(lines, encoding="utf-8", newline="\n")


def read(run_dir: Path) -> dict[str, dict[str, Any]]:
    """The facts of a finished run, by id."""
    return json.loads((run_dir / FACTS_FILE).read_text(encoding="utf-8"))
