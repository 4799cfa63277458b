"""For whom a notebook runs: every service, board, region or year, or those of them that were asked for."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pandas as pd

from fls_research.errors import UsageError, did_you_mean
from fls_research.pipeline.notebook import Schema

if TYPE_CHECKING:
    from fls_research.pipeline.materials import Materials


class Each(StrEnum):
    """What a notebook can run for each of. ``icb`` stands for integrated care boards and Welsh health boards."""

    SERVICE = "service"
    ICB = "icb"
    REGION = "region"
    YEAR = "year"


PARAMETERS: Mapping[Each, tuple[str, ...]] = {
    Each.SERVICE: ("service",),
    Each.ICB: ("place", "area", "icb"),
    Each.REGION: ("place", "region"),
    Each.YEAR: ("year",),
}
"""Names of the parameter that takes one of them; the first that the notebook has is used."""

KINDS: Mapping[Each, str] = {Each.SERVICE: "service", Each.ICB: "area", Each.REGION: "region"}
"""What each is called among the places of an edition."""


@dataclass(frozen=True)
class Choice:
    """One of those a notebook runs for: the parameters that say so, its code (or year) and the name people use."""

    each: Each
    code: str
    title: str
    parameters: Mapping[str, Any]


def each_of(per: str) -> tuple[Each, ...]:
    """What a notebook whose metadata say ``fls.per`` runs for where nothing else is asked.

    >>> each_of("region")
    (<Each.ICB: 'icb'>, <Each.REGION: 'region'>)
    """
    return {"service": (Each.SERVICE,), "region": (Each.ICB, Each.REGION)}.get(per, ())


def choices_of_years(schema: Schema, years: Sequence[int], only: Sequence[str]) -> list[Choice]:
    """One choice for each year. Raises :class:`UsageError` for a year that is not among them."""
    name = _parameter(schema, Each.YEAR)
    known = {str(year): year for year in years}
    for text in only:
        if text not in known:
            raise UsageError(f"--only: there are no settings for '{text}'; {did_you_mean(text, known)}")
    return [Choice(Each.YEAR, text, text, {name: year}) for text, year in known.items() if not only or text in only]


def choices_of_places(
    schema: Schema, materials: Materials, each: Sequence[Each], *, only: Sequence[str] = (), where: str = ""
) -> list[Choice]:
    """One choice for each place of these kinds, in the order of their codes.

    Parameters
    ----------
    only : codes or names, in any letter case; all places when empty.
    where : a condition on the columns of the list of places, such as ``nation == 'Wales' and records > 500``.

    Raises
    ------
    UsageError : a code or name that no place has, a condition that cannot be read, or nothing that is left.
    """
    tables = [materials.places(KINDS[kind]).assign(each=kind.value) for kind in each]
    places = pd.concat(tables, ignore_index=True)
    kept = places[_named(places, only) & _fulfils(places, where)]
    if kept.empty:
        raise UsageError(f"--where {where!r}: no place fulfils it." if where else "There is no place of that kind.")
    parameters = {kind: _parameter(schema, kind) for kind in each}
    return [
        Choice(Each(row.each), row.code, row.name, {parameters[Each(row.each)]: row.code})
        for row in kept.itertuples(index=False)
    ]


def place_named(materials: Materials, text: str) -> tuple[str, str]:
    """Code and name of the board or region that is called so, by code or by name.

    Raises :class:`UsageError` where there is none, with the nearest one.
    """
    places = pd.concat([materials.places("area"), materials.places("region")], ignore_index=True)
    found = places[_named(places, [text])].iloc[0]
    return str(found["code"]), str(found["name"])


def _parameter(schema: Schema, each: Each) -> str:
    for name in PARAMETERS[each]:
        if name in schema.names:
            return name
    raise UsageError(
        f"{schema.notebook}: cannot run for each {each.value}; it has no parameter '{PARAMETERS[each][0]}' "
        f"(it has: {', '.join(schema.names) or 'none'})."
    )


def _named(places: pd.DataFrame, only: Sequence[str]) -> pd.Series:
    kept = pd.Series(not only, index=places.index)
    for text in only:
        kept |= _called(places, text)
    return kept


def _called(places: pd.DataFrame, text: str) -> pd.Series:
    """The place of that code or name, in any letter case; a part of a name will do where only one has it."""
    wanted, names = text.strip().casefold(), places["name"].str.casefold()
    exact = (places["code"].str.casefold() == wanted) | (names == wanted)
    if exact.any():
        return exact
    part = names.str.contains(wanted, regex=False) if wanted else exact
    found = sorted(set(places.loc[part, "name"]))
    if len(found) == 1:
        return part
    if found:
        raise UsageError(f"'{text}' is part of several names: {', '.join(found)}; give a code or a whole name.")
    raise UsageError(f"There is no place '{text}' in this edition; {did_you_mean(text, places['code'])}")


_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Eq, ast.NotEq, ast.Lt,
    ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Name, ast.Load, ast.Constant, ast.List, ast.Tuple,
)  # fmt: skip
"""What a condition may be made of: comparisons of columns with values, joined by and, or, not. No calls."""


def _fulfils(places: pd.DataFrame, where: str) -> pd.Series:
    if not where.strip():
        return pd.Series(True, index=places.index)
    columns = [name for name in places.columns if name != "each"]
    example = "such as \"nation == 'Wales'\""
    try:
        tree = ast.parse(where.strip(), mode="eval")
    except SyntaxError:
        raise UsageError(f"--where {where!r}: cannot be read; write a condition, {example}.") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in columns:
            raise UsageError(f"--where: there is no column '{node.id}'; {did_you_mean(node.id, columns)}")
        if not isinstance(node, _ALLOWED):
            raise UsageError(f"--where {where!r}: only comparisons joined by and, or, not are read, {example}.")
    try:
        answer = places.eval(where, engine="python")
    except (TypeError, ValueError, NotImplementedError):
        answer = None
    if not isinstance(answer, pd.Series) or answer.dtype != bool:
        raise UsageError(f"--where {where!r}: is no condition on the places, {example}.")
    return answer
