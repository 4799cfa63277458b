"""What an executed copy must not carry: where it ran, who ran it, and when."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_CELL_FILE = re.compile(r"[^\s\"'<>(]*ipykernel_\d+[\\/]+\d+\.py")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_PICTURES = frozenset({"image/png", "image/jpeg", "application/pdf"})


def scrubbed(notebook: Mapping[str, Any], *, root: Path, renamed: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A copy of an executed notebook that reads the same on every machine and after every run.

    Parameters
    ----------
    notebook : an executed notebook of format 4.
    root : the project's folder; it becomes ``.`` wherever it stands.
    renamed : further texts to replace, such as the staging folder by the edition's.
    """
    words = _Words(_machine_words(root) | dict(renamed or {}))
    copy = {key: value for key, value in notebook.items() if key not in ("metadata", "cells")}
    copy["metadata"] = _notebook_metadata(notebook.get("metadata", {}), words)
    copy["cells"] = [_cell(cell, words) for cell in notebook["cells"]]
    return copy


def _notebook_metadata(metadata: Mapping[str, Any], words: _Words) -> dict[str, Any]:
    kept = {k: v for k, v in metadata.items() if k not in ("papermill", "kernelspec", "widgets")}
    parameters = metadata.get("papermill", {}).get("parameters", {})
    return {
        **words(kept),
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "papermill": {"parameters": words(dict(parameters))},
    }


def _cell(cell: Mapping[str, Any], words: _Words) -> dict[str, Any]:
    copy = dict(cell)
    copy["metadata"] = {k: v for k, v in cell.get("metadata", {}).items() if k not in ("papermill", "execution")}
    if "injected-parameters" in copy["metadata"].get("tags", []):
        copy["id"] = "injected-parameters"
    copy["source"] = words(cell["source"])
    if "outputs" in cell:
        copy["outputs"] = [words(dict(output)) for output in cell["outputs"]]
    return copy


def _machine_words(root: Path) -> dict[str, str]:
    """Folders of this machine, each with what stands in its place."""
    places = {
        str(root): ".",
        str(root.resolve()): ".",
        str(Path(sys.prefix).resolve()): "<python>",
        sys.prefix: "<python>",
        sys.base_prefix: "<python>",
        str(Path.home()): "~",
    }
    return {place: word for place, word in places.items() if len(place) > len(Path(place).anchor)}


class _Words:
    """Replaces texts through a whole JSON value, pictures excepted."""

    def __init__(self, words: Mapping[str, str]) -> None:
        forms = {form: word for text, word in words.items() for form in _spellings(text)}
        self._forms = dict(sorted(forms.items(), key=lambda pair: -len(pair[0])))

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self(item) for item in value]
        if isinstance(value, Mapping):
            return {key: item if key in _PICTURES else self(item) for key, item in value.items()}
        return value

    def _text(self, text: str) -> str:
        for form, word in self._forms.items():
            text = text.replace(form, word)
        return _ADDRESS.sub("at 0x…", _CELL_FILE.sub("<cell>", text))


def _spellings(text: str) -> set[str]:
    """A path as it may stand in a text: as it is, with doubled backslashes, with forward slashes."""
    return {text, text.replace("\\", "\\\\"), text.replace("\\", "/")}
