"""A notebook's parameters as a schema, read from its tagged cell without running it, and the rules of a call."""

from __future__ import annotations

import ast
import io
import json
import math
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fls_research.errors import NotebookError, did_you_mean
from fls_research.pipeline.paths import path_under

TAG = "parameters"
PATHS = frozenset({"prepared", "materials", "run_dir"})
"""Parameters that hold a path relative to the project; they are checked as paths too."""

_SCALARS: dict[str, type] = {"int": int, "float": float, "str": str, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook: ``kind`` is ``int``, ``float``, ``str`` or ``bool``; ``many`` says a list of it.

    ``choices`` are the permitted values of a ``Literal``; ``default`` is None where ``required``.
    """

    name: str
    kind: str
    many: bool = False
    choices: tuple[Any, ...] = ()
    default: Any = None
    required: bool = False
    help: str = ""

    @property
    def shape(self) -> str:
        """The type in words, as messages and ``--help`` print it."""
        if self.choices:
            return "one of " + ", ".join(repr(c) for c in self.choices)
        return f"list of {self.kind}" if self.many else self.kind


@dataclass(frozen=True)
class Schema:
    """The parameters of one notebook, in the order of its cell."""

    notebook: str
    parameters: tuple[Parameter, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p.name for p in self.parameters)

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise NotebookError(f"{self.notebook}: unknown parameter '{name}'; {self._hint(name)}")

    def _hint(self, name: str) -> str:
        return did_you_mean(name, self.names) if self.names else "it takes none"

    def checked(self, values: Mapping[str, Any], *, root: Path | None = None) -> dict[str, Any]:
        """The parameters of a run, defaults filled in, in the schema's order.

        Values keep the type they were given: a text such as ``5E1`` stays text, and ``True`` is no whole number.
        A whole number is accepted where a decimal is asked for.

        Raises
        ------
        NotebookError : a name the notebook does not know, a missing one, or a value of another type.
        """
        for name in values:
            self[name]
        run: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in values:
                run[parameter.name] = _checked_value(self.notebook, parameter, values[parameter.name])
            elif parameter.required:
                raise NotebookError(f"{self.notebook}: parameter '{parameter.name}' ({parameter.shape}) is missing.")
            else:
                run[parameter.name] = parameter.default
            if root is not None and parameter.name in PATHS and run[parameter.name]:
                path_under(root, run[parameter.name], what=f"{self.notebook}: parameter '{parameter.name}'")
        return run

    def from_text(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """Parameters typed at the command line, read by the schema and never by the look of the text.

        >>> schema = Schema("a.ipynb", (Parameter("code", "str"), Parameter("years", "int", many=True)))
        >>> schema.from_text({"code": "5E1", "years": "2023,2024"})
        {'code': '5E1', 'years': [2023, 2024]}
        """
        return {name: _read_text(self.notebook, self[name], text) for name, text in texts.items()}


def parameters_of(notebook: Path) -> Schema:
    """The schema of a notebook, from the one cell tagged ``parameters``; nothing is executed.

    The cell holds annotated assignments (``year: int = 2024``); types are int, float, str, bool, lists of those, and
    ``Literal``. The comment above or beside an assignment is its help. A notebook without such a cell takes none.

    Raises
    ------
    NotebookError : no such notebook, no notebook at all, or a parameters cell that is anything but such assignments.
    """
    content = read_notebook(notebook)
    code = (c for c in content["cells"] if c.get("cell_type") == "code")
    cells = [c for c in code if TAG in c.get("metadata", {}).get("tags", [])]
    if len(cells) > 1:
        raise NotebookError(f"{notebook.name}: {len(cells)} cells are tagged '{TAG}'; keep one.")
    source = "".join(cells[0]["source"]) if cells else ""
    return Schema(notebook.name, tuple(_parameters(notebook.name, source)))


def read_notebook(notebook: Path) -> dict[str, Any]:
    """The content of an ``.ipynb`` file (format 4, for Python). Raises :class:`NotebookError` where it is none."""
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
    except FileNotFoundError:
        near = did_you_mean(notebook.stem, (p.stem for p in notebook.parent.glob("*.ipynb")))
        raise NotebookError(f"{notebook.name}: there is no such notebook; {near}") from None
    except (OSError, ValueError):
        raise NotebookError(f"{notebook.name}: cannot be read as a notebook.") from None
    if not isinstance(content, dict) or content.get("nbformat") != 4 or "cells" not in content:
        raise NotebookError(f"{notebook.name}: is no notebook of format 4; save it with a current Jupyter.")
    language = content.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise NotebookError(f"{notebook.name}: is written in {language}; only Python notebooks run here.")
    return content


def _parameters(notebook: str, source: str) -> list[Parameter]:
    where = f"{notebook}: parameters cell"
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise NotebookError(f"{where}, line {error.lineno}: is no valid Python.") from None
    comments = _comments(source)
    found: list[Parameter] = []
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "typing":
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            raise NotebookError(
                f"{where}, line {statement.lineno}: only lines such as 'year: int = 2024' may stand here."
            )
        parameter = _parameter(where, statement, _help(comments, statement))
        if parameter.name in {p.name for p in found}:
            raise NotebookError(f"{where}: parameter '{parameter.name}' stands there twice.")
        found.append(parameter)
    return found


def _parameter(where: str, statement: ast.AnnAssign, help_text: str) -> Parameter:
    name = statement.target.id  # type: ignore[union-attr]
    kind, many, choices = _type(f"{where}: '{name}'", statement.annotation)
    bare = Parameter(name, kind, many, choices, required=statement.value is None, help=help_text)
    if statement.value is None:
        return bare
    try:
        default = ast.literal_eval(statement.value)
    except ValueError:
        raise NotebookError(f"{where}: the default of '{name}' must be a plain value, not a computed one.") from None
    return Parameter(name, kind, many, choices, _checked_value(where, bare, default), False, help_text)


def _type(where: str, annotation: ast.expr) -> tuple[str, bool, tuple[Any, ...]]:
    match annotation:
        case ast.Name(id=kind) if kind in _SCALARS:
            return kind, False, ()
        case ast.Subscript(value=ast.Name(id="list"), slice=ast.Name(id=kind)) if kind in _SCALARS:
            return kind, True, ()
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            values = tuple(item.value for item in items if isinstance(item, ast.Constant))
            kinds = {type(value).__name__ for value in values}
            if len(values) == len(items) and len(kinds) == 1 and kinds <= _SCALARS.keys():
                return kinds.pop(), False, values
    raise NotebookError(f"{where}: type must be int, float, str, bool, a list of one of them, or Literal[...].")


def _checked_value(where: str, parameter: Parameter, value: Any) -> Any:
    wrong = NotebookError(f"{where}: '{parameter.name}' must be {parameter.shape}, not {type(value).__name__}.")
    if parameter.many:
        if not isinstance(value, list):
            raise wrong
        return [_checked_scalar(parameter.kind, item, wrong) for item in value]
    checked = _checked_scalar(parameter.kind, value, wrong)
    if parameter.choices and checked not in parameter.choices:
        raise NotebookError(f"{where}: '{parameter.name}' must be {parameter.shape}.")
    return checked


def _checked_scalar(kind: str, value: Any, wrong: NotebookError) -> Any:
    if kind == "float" and type(value) is int:
        value = float(value)
    if type(value) is not _SCALARS[kind] or (kind == "float" and not math.isfinite(value)):
        raise wrong
    return value


def _read_text(notebook: str, parameter: Parameter, text: str) -> Any:
    if parameter.many:
        return [_read_scalar(notebook, parameter, part.strip()) for part in text.split(",")] if text.strip() else []
    return _read_scalar(notebook, parameter, text)


def _read_scalar(notebook: str, parameter: Parameter, text: str) -> Any:
    if parameter.kind == "str":
        return text
    if parameter.kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if parameter.kind in ("int", "float"):
        try:
            return _SCALARS[parameter.kind](text)
        except ValueError:
            pass
    raise NotebookError(f"{notebook}: '{parameter.name}' must be {parameter.shape}; '{text}' is not.")


def _comments(source: str) -> dict[int, tuple[int, str]]:
    """Line to the comment on it: its column and its words."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: (token.start[1], token.string.lstrip("# ").rstrip())
        for token in tokens
        if token.type == tokenize.COMMENT and not token.string.startswith("#|")
    }


def _help(comments: dict[int, tuple[int, str]], statement: ast.AnnAssign) -> str:
    beside = comments.get(statement.end_lineno or statement.lineno)
    if beside:
        return beside[1]
    above: list[str] = []
    line = statement.lineno - 1
    while line in comments and comments[line][0] == 0:
        above.insert(0, comments[line][1])
        line -= 1
    return " ".join(above)
