"""What differs between two runs, fact by fact, and why: data, definition, params or code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fls_research.pipeline.line_of_sight.edition import Edition


class Cause(StrEnum):
    """Why a fact can differ between two runs."""

    DATA = "data"
    DEFINITION = "definition"
    PARAMS = "params"
    CODE = "code"


@dataclass(frozen=True)
class Change:
    """One fact that differs: its text ``before`` and ``after`` (empty where it was not there) and the ``causes``.

    Where a definition changed, that is the cause. Else the causes are all that changed between the runs: the files
    do not tell which of them moved this number.
    """

    id: str
    before: str
    after: str
    causes: tuple[Cause, ...]

    @property
    def why(self) -> str:
        """The causes in words.

        >>> Change("a.b", "1", "2", (Cause.DATA, Cause.CODE)).why
        'data or code'
        """
        return " or ".join(self.causes) or "not known: no input of the run changed"


def changes(before: Edition, after: Edition) -> list[Change]:
    """The facts that differ between two runs, sorted by id.

    Parameters
    ----------
    before, after : the two runs, of the same edition or of two.

    Returns
    -------
    A fact differs when its value, text, definition or suppression does, or when only one run has it. A move in the
    last decimals that no reader sees counts too.
    """
    inputs = changed_inputs(before, after)
    found = []
    for name in sorted({*before.facts, *after.facts}):
        old, new = before.facts.get(name), after.facts.get(name)
        if old is None or new is None or _reading(old) != _reading(new):
            found.append(Change(name, _text(old), _text(new), _causes(old, new, inputs)))
    return found


def changed_inputs(before: Edition, after: Edition) -> Mapping[Cause, Sequence[str]]:
    """What the manifests of two runs say differently, by cause, each in words.

    ``data``: the extract. ``params``: settings, register and tables of ``params/``. ``code``: the package, its commit,
    the notebooks and the versions of packages. The definition of a fact is told by the fact itself.
    """
    old, new = before.manifest, after.manifest
    data = ["extract"] if old["extract"]["sha256"] != new["extract"]["sha256"] else []
    params = [*_differing(old["settings"], new["settings"]), *_differing(old["register"], new["register"])]
    package = ["fls_research"] if old["code"]["sha256"] != new["code"]["sha256"] else []
    versions = [f"{name} (version)" for name in _differing(old["versions"], new["versions"])]
    code = [*package, *_differing(old["notebooks"], new["notebooks"]), *versions]
    return {Cause.DATA: data, Cause.PARAMS: params, Cause.CODE: code}


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def _causes(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, inputs: Mapping[Cause, Sequence[str]]
) -> tuple[Cause, ...]:
    if old and new and old.get("definition") != new.get("definition"):
        return (Cause.DEFINITION,)
    return tuple(cause for cause, named in inputs.items() if named)


def _reading(fact: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(fact.get(name) for name in ("value", "text", "numerator", "denominator", "definition", "suppressed"))


def _text(fact: Mapping[str, Any] | None) -> str:
    if fact is None:
        return ""
    return "suppressed" if fact.get("suppressed") else str(fact["text"])
