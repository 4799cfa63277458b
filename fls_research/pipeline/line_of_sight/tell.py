"""What ``fls fact`` prints: one fact and its whole walk back, each line a question and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fls_research.data.published import FILE as PUBLISHED_FILE
from fls_research.data.published import load_published
from fls_research.errors import FlsError, PublishError, did_you_mean
from fls_research.kpi.appendix import meets_it, who_counts
from fls_research.kpi.records import Kpi
from fls_research.outputs.text import percent, points
from fls_research.params import load_year
from fls_research.pipeline.line_of_sight.edition import Edition, edition_folder, open_edition
from fls_research.pipeline.line_of_sight.evidence import Walk, walk

NUMBER_PACKAGES = ("python", "fls-research", "numpy", "pandas", "scipy", "statsmodels", "lifelines")
"""Packages whose version can change a number, as against a page."""

ROUNDING = {
    "percent": "half up, on the unrounded value",
    "points": "half up, after the unrounded values are subtracted",
    "number": "half up",
}

Told = list[tuple[str, str]]


def edition_with(fact_id: str, *, root: Path, year: int | None = None) -> Edition:
    """The finished edition that states a fact: that of ``year``, or the latest that has it.

    Raises
    ------
    PublishError : there is no edition, or none states the fact; the nearest id is named.
    """
    if year is not None:
        return open_edition(year, edition_folder(year, root))
    years = built_years(root)
    if not years:
        raise PublishError("There is no edition yet; build one first, for instance: fls build 2024")
    editions = [open_edition(each, edition_folder(each, root)) for each in sorted(years, reverse=True)]
    for edition in editions:
        if edition.fact_id(fact_id) in edition.facts:
            return edition
    known = {name for edition in editions for name in edition.facts}
    hint = did_you_mean(fact_id, known)
    raise PublishError(
        f"No edition has a fact '{fact_id}'; "
        + ("its ids stand in facts.json of the edition." if hint.startswith("known:") else hint)
    )


def built_years(root: Path) -> list[int]:
    """The years of which a finished edition stands in the project."""
    folder = edition_folder(0, root).parent
    return sorted(int(path.parent.name) for path in folder.glob("[0-9][0-9][0-9][0-9]/facts.json"))


def told(edition: Edition, fact_id: str, *, root: Path) -> Told:
    """One fact with its whole walk back, as pairs of words: what, and the answer.

    Parameters
    ----------
    edition : the edition that states it.
    fact_id : its id; ``now`` and ``before`` are read as the edition's year and the one before it.
    root : the project folder, for the source of a published value and the month of publication.

    Raises
    ------
    PublishError : the edition has no such fact.
    """
    found = walk(edition, fact_id)
    fact = found.fact
    number: Told = [
        ("fact", found.id),
        ("value", "suppressed" if fact["suppressed"] else f"{fact['text']}{_unrounded(found)}"),
        ("numerator / denominator", _parts(found, edition)),
        ("unit", str(fact["unit"])),
        ("rounding", "as printed" if found.is_published else ROUNDING.get(str(fact["unit"]), "whole as counted")),
        ("suppressed", "yes" if fact["suppressed"] else f"no (policy: {fact.get('policy') or 'counts no person'})"),
    ]
    if found.is_published:
        return [*number, *_source(found, root), *_result(found), *_params(edition, only=PUBLISHED_FILE)]
    vintage = ("report vintage", _vintage(edition, root))
    return [*number, vintage, *_origin(found), *_printed(found.id, edition, fact), *_result(found), *_way(edition)]


def _unrounded(found: Walk) -> str:
    value = found.fact["value"]
    shows = isinstance(value, float) and found.fact["unit"] == "percent" and not found.is_published
    return f" (unrounded {value:g})" if shows else ""


def _parts(found: Walk, edition: Edition) -> str:
    """The counts behind a fact: its own, or for a number of services the services it is out of."""
    fact = found.fact
    if fact.get("numerator") is not None and fact.get("denominator") is not None:
        return f"{fact['numerator']:,} / {fact['denominator']:,}"
    beside = (f"{found.id.rsplit('.', 1)[0]}.with-value", f"{found.id}-of")
    whole = next((name for name in beside if name in edition.facts and name != found.id), None)
    if whole and fact["unit"] == "services" and not fact["suppressed"]:
        return f"{fact['text']} / {edition.facts[whole]['text']} ({whole})"
    return "none: it is a count, or a share whose parts are facts of their own"


def _vintage(edition: Edition, root: Path) -> str:
    try:
        published = f", published {load_year(edition.year, root).published}"
    except FlsError:
        published = ""
    mark = "; SYNTHETIC data" if edition.synthetic else ""
    return f"report on {edition.year} data{published}{mark}"


def _origin(found: Walk) -> Told:
    if found.record is None:
        return [("definition", "none: it describes the cohort or the edition"), ("data items", "every record")]
    return [
        ("definition", f"{found.record.version}: {_definition(found.record)}"),
        ("data items", ", ".join(map(str, found.items))),
    ]


def _definition(record: Kpi) -> str:
    return f"{record.title}. Counted: {who_counts(record)}. Met: {meets_it(record)}. Basis: {record.basis.value}."


def _source(found: Walk, root: Path) -> Told:
    """Where a published value was read: the rows of the register of published values that its id names."""
    rows = load_published(root)
    parts = set(found.id.split("."))
    said = rows["statistic"].map(lambda name: any(part == name or part.startswith(f"{name}-") for part in parts))
    of_kpi = rows["kpi"].isin(parts) | ((rows["kpi"] == "") & ~any(part.startswith("kpi") for part in parts))
    kept = rows.loc[(rows["data_year"] == found.year) & rows["vintage"].isin(parts) & of_kpi & said]
    vintage = next((part for part in parts if part.startswith("report-")), "")
    lines = [
        ("report vintage", f"printed in the {vintage.replace('-', ' on ')} data"),
        ("definition", "as printed; not computed by the kit"),
        ("source", " | ".join(dict.fromkeys(kept["source"])) or f"params/{PUBLISHED_FILE}"),
        ("note", " | ".join(filter(None, dict.fromkeys(kept["note"])))),
    ]
    return [(what, words) for what, words in lines if words]


def _printed(name: str, edition: Edition, fact: Mapping[str, Any]) -> Told:
    """What reports have printed for the same value, and whether the computed one restates it."""
    begins = f"published.{name}."
    return [
        (
            "printed before",
            f"{printed['text']} in the {key.rsplit('.', 1)[1].replace('-', ' on ')} data{_apart(printed, fact)}",
        )
        for key, printed in sorted(edition.facts.items())
        if key.startswith(begins)
    ]


def _apart(printed: Mapping[str, Any], fact: Mapping[str, Any]) -> str:
    if fact["suppressed"] or printed["value"] is None or fact["value"] is None:
        return ""
    if fact["unit"] == "percent":
        same = percent(printed["value"] / 100) == fact["text"]
        return "" if same else f" (restated, {points(fact['value'] / 100, printed['value'] / 100, 1)} points)"
    return "" if printed["text"] == fact["text"] else " (restated)"


def _result(found: Walk) -> Told:
    return [
        ("result", f"{found.result['id']}: {found.result['title']}"),
        ("notebook and cell", f"{found.fact['notebook']}, cell {found.fact['cell']}"),
    ]


def _params(edition: Edition, *, only: str = "") -> Told:
    files = {**edition.manifest["settings"], **edition.manifest["register"]}
    return [("params", f"{name}, sha256 {digest}") for name, digest in files.items() if name.endswith(only)]


def _way(edition: Edition) -> Told:
    manifest = edition.manifest
    extract, code = manifest["extract"], manifest["code"]
    changed = " with changes that were not committed" if code.get("dirty") else ""
    commit = f"{code['commit']}{changed}" if code.get("commit") else "none: the code is not under version control"
    versions = [f"{name} {number}" for name, number in manifest["versions"].items() if name in NUMBER_PACKAGES]
    return [
        ("extract", f"{extract['name']}, {extract['rows']:,} rows, sha256 {extract['sha256']}"),
        *_params(edition),
        ("commit", commit),
        ("code", f"sha256 {code['sha256']}"),
        ("packages", ", ".join(versions)),
    ]
