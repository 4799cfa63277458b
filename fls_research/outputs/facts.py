"""Facts: single released numbers with an id, so that prose never types one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Any

import pandas as pd

from fls_research.disclosure import Publishable, verify
from fls_research.errors import NotebookError, did_you_mean
from fls_research.outputs import text

_FACT_ID = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_PLACEHOLDER = re.compile(r"{(\w+)}")


class Unit(StrEnum):
    """What a fact's value is measured in."""

    PERCENT = "percent"
    COUNT = "count"
    SERVICES = "services"
    POINTS = "points"
    NUMBER = "number"
    WORDS = "words"


@dataclass(frozen=True, kw_only=True)
class FactSpec:
    """Which numbers of a released table are facts, and under which ids.

    ``id`` is a template over the columns, such as ``{kpi}.{dimension}.{data_year}.percent``; ``value`` the column;
    ``where`` keeps the rows with these labels. A proportion in ``percent`` is held as a percentage. The unit ``points``
    is the change of ``value`` since ``years_before`` earlier; a row without a partner of the same ``version`` has none.

    ``always`` names facts that stand even where the table has no row for them, so that prose may count on their ids
    with any extract: mappings of column to value, where a list means each of them. They have no value, read ``[x]``,
    and say why: ``reason``.
    """

    id: str
    value: str = "proportion"
    unit: Unit | str = Unit.PERCENT
    where: Mapping[str, Any] = field(default_factory=dict)
    decimals: int = 0
    years_before: int = 1
    always: Sequence[Mapping[str, Any]] = ()
    reason: str = "the extract holds nothing to work it out from"


def facts_of(publishable: Publishable, spec: FactSpec, *, result: str) -> dict[str, dict[str, Any]]:
    """The facts of a released table: id to a record of plain values.

    Each record has ``value`` (``None`` where suppressed or missing), ``text`` (as prose prints it), ``unit``,
    ``numerator``, ``denominator``, ``lower``, ``upper``, ``definition`` (the version), ``result`` and ``suppressed``.
    One that stands because of the spec's ``always`` alone has a ``reason`` too.
    A printed value whose row has a later vintage under ``restated_in`` gets ``superseded_by``, the id of the later one.

    Raises :class:`NotebookError` for an unknown column, a malformed id, or two rows with the same id.

    >>> from fls_research.disclosure import release_reference
    >>> table = release_reference(pd.DataFrame({"kpi": ["kpi4"], "Green": [31]}), numbers=["Green"])
    >>> facts_of(table, FactSpec(id="{kpi}.services.green", value="Green", unit="services"), result="tbl-a")
    {'kpi4.services.green': {'value': 31, 'text': '31', 'unit': 'services', ...}}
    """
    unit = _unit(spec.unit)
    rows = _rows(publishable, spec)
    _refuse_unknown([spec.value, *_PLACEHOLDER.findall(spec.id)], rows, result)
    earlier = _earlier(publishable, spec) if unit is Unit.POINTS else None
    withheld = spec.value in publishable.release.withheld
    facts: dict[str, dict[str, Any]] = {}
    for place, row in enumerate(rows.to_dict(orient="records")):
        name = _PLACEHOLDER.sub(lambda found, row=row: _slug(row[found[1]]), spec.id)
        if not _FACT_ID.fullmatch(name):
            raise NotebookError(f"Result '{result}': '{name}' is no id of a fact; use words joined by full stops.")
        if name in facts:
            raise NotebookError(f"Result '{result}': two rows make the fact '{name}'; put more labels into its id.")
        before = earlier[place] if earlier is not None else None
        facts[name] = _record(row, spec, unit, before, withheld=withheld, result=result)
        if row.get("restated_in") and "{vintage}" in spec.id:
            later = row | {"vintage": row["restated_in"]}
            facts[name]["superseded_by"] = _PLACEHOLDER.sub(lambda found, row=later: _slug(row[found[1]]), spec.id)
    return {**_without_value(spec, unit, result), **facts}


def _rows(publishable: Publishable, spec: FactSpec) -> pd.DataFrame:
    """The rows that are facts; none is an answer only where the spec says what is always there."""
    verify(publishable)
    if spec.always and not publishable.holds(**spec.where):
        return publishable.frame.iloc[:0]
    return publishable.where(**spec.where).frame if spec.where else publishable.frame


def _without_value(spec: FactSpec, unit: Unit, result: str) -> dict[str, dict[str, Any]]:
    """The facts of ``always``, each as if nothing were known of it."""
    facts: dict[str, dict[str, Any]] = {}
    for labels in _each(spec.always):
        missing = [name for name in _PLACEHOLDER.findall(spec.id) if name not in labels]
        if missing:
            raise NotebookError(f"Result '{result}': 'always' has no value for '{missing[0]}' of '{spec.id}'.")
        name = _PLACEHOLDER.sub(lambda found, labels=labels: _slug(labels[found[1]]), spec.id)
        told = _record({spec.value: None}, spec, unit, None, withheld=False, result=result)
        facts[name] = {**told, "reason": spec.reason}
    return facts


def _each(always: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for labels in always:
        values = [value if isinstance(value, list | tuple) else [value] for value in labels.values()]
        yield from (dict(zip(labels, chosen, strict=True)) for chosen in product(*values))


def _record(
    row: Mapping[str, Any], spec: FactSpec, unit: Unit, before: float | None, *, withheld: bool, result: str
) -> dict[str, Any]:
    value = row[spec.value]
    missing = text.is_missing(value)
    suppressed = row.get("status") == "suppressed" or (missing and withheld)
    scale = 100 if unit is Unit.PERCENT else 1
    if unit is Unit.WORDS:
        number = value
    elif unit is Unit.POINTS:
        number = None if missing or text.is_missing(before) else _plain((value - before) * 100)
    else:
        number = None if missing else _plain(value * scale)
    return {
        "value": None if suppressed else number,
        "text": text.SUPPRESSED if suppressed else _words(value, before, unit, spec.decimals),
        "unit": unit.value,
        "numerator": _plain(row.get("numerator")),
        "denominator": _plain(row.get("denominator")),
        "lower": _plain(row.get("lower"), 100) if unit is Unit.PERCENT else None,
        "upper": _plain(row.get("upper"), 100) if unit is Unit.PERCENT else None,
        "definition": str(row.get("version") or ""),
        "result": result,
        "suppressed": suppressed,
    }


def _words(value: float, before: float | None, unit: Unit, decimals: int) -> str:
    match unit:
        case Unit.PERCENT:
            return text.percent(value, decimals)
        case Unit.POINTS:
            return text.change(value, before, decimals)
        case Unit.NUMBER:
            return text.decimal(value, decimals)
        case Unit.WORDS:
            return text.NOT_AVAILABLE if text.is_missing(value) else str(value)
        case _:
            return text.count(value)


def _earlier(publishable: Publishable, spec: FactSpec) -> list[float]:
    """The value of each kept row in the earlier year, NaN where there is none of the same definition."""
    rows = publishable.frame
    crossed = {part for name in rows.get("dimension", ()) for part in str(name).split(" × ")}
    same = {"data_year", "kpi", "version", "dimension", "group", *crossed}
    keys = [name for name in publishable.release.labels if name in same]
    partners = rows[[*keys, spec.value]].assign(data_year=rows["data_year"] + spec.years_before)
    joined = _rows(publishable, spec)[keys].merge(partners, on=keys, how="left", validate="m:1")
    return joined[spec.value].tolist()


def _refuse_unknown(names: list[str], rows: pd.DataFrame, result: str) -> None:
    for name in names:
        if name not in rows:
            raise NotebookError(f"Result '{result}': no column '{name}' for its facts; {did_you_mean(name, rows)}.")


def _unit(name: Unit | str) -> Unit:
    try:
        return Unit(name)
    except ValueError:
        raise NotebookError(
            f"A fact has no unit '{name}'; {did_you_mean(str(name), [u.value for u in Unit])}."
        ) from None


def _slug(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return re.sub(r"[^a-z0-9]+", "-", str(value).lower()).strip("-")


def _plain(value: Any, scale: int = 1) -> int | float | None:
    """A number as JSON holds it: whole where it is whole, else to six decimals."""
    if text.is_missing(value):
        return None
    number = round(float(value) * scale, 6)
    return int(number) if number.is_integer() else number
