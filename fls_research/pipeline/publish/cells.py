"""A labelled cell of an executed notebook as a figure or table of the report."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from fls_research.errors import PublishError, did_you_mean

OPTION = "#|"
"""What a line begins with that tells Quarto about its cell."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NO_RESULT = ("[<matplotlib", "<Figure size", "[<seaborn")


@dataclass(frozen=True)
class Cell:
    """One labelled cell: what it is called, and what it shows.

    ``markdown`` is a table (or other text) and ``picture`` a PNG; one of them is None.
    """

    label: str
    caption: str
    alt: str
    markdown: str | None
    picture: bytes | None

    @property
    def kind(self) -> str:
        """``fig``, ``tbl``, or empty for a cell that is not numbered."""
        kind, dash, _ = self.label.partition("-")
        return kind if dash and kind in ("fig", "tbl") else ""


@dataclass(frozen=True)
class Notebook:
    """An executed notebook: its labelled cells, each as its options and its outputs."""

    name: str
    labelled: Mapping[str, tuple[dict[str, Any], list[dict[str, Any]]]]

    def cell(self, label: str, *, where: str) -> Cell:
        """The cell that carries ``#| label: <label>``. ``where`` is the file and line that asks for it.

        Raises
        ------
        PublishError : no such label (the nearest is named), a cell that failed or shows nothing, a figure without
            caption, alternative text or picture, a table without caption or Markdown.
        """
        if label not in self.labelled:
            hint = did_you_mean(label, self.labelled) if self.labelled else "it has no labelled cell."
            raise PublishError(f"{where}: {self.name} has no cell labelled '{label}'; {hint}")
        return _shown(self.labelled[label], label, f"{self.name}, cell '{label}'")


def read_notebook(path: Path, *, where: str) -> Notebook:
    """The labelled cells of an executed notebook. ``where`` is the file and line that asks for it.

    Raises
    ------
    PublishError : no such notebook, no notebook at all, or two cells of one label.
    """
    if not path.is_file():
        raise PublishError(f"{where}: there is no executed notebook {path.name}; run it, or build the edition again.")
    try:
        cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError):
        raise PublishError(f"{path.name}: cannot be read as a notebook; run it again.") from None
    labelled: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for cell in cells:
        options = cell.get("metadata", {}) | read_options(_joined(cell["source"]), path.name)
        label = str(options.get("label", ""))
        if label in labelled:
            raise PublishError(f"{path.name}: two cells are labelled '{label}'; rename one.")
        if label:
            labelled[label] = (options, cell.get("outputs", []))
    return Notebook(path.name, labelled)


def read_options(source: str, name: str) -> dict[str, Any]:
    """The YAML of the leading ``#| `` lines of a cell. ``name`` is the notebook, for the message.

    Raises
    ------
    PublishError : the lines are not valid YAML.

    >>> read_options("#| label: fig-a\\nplot()", "10_first.ipynb")
    {'label': 'fig-a'}
    """
    lines = [line.removeprefix(OPTION).removeprefix(" ") for line in option_lines(source)]
    try:
        options = yaml.load("\n".join(lines), Loader=_Loader) or {}
    except yaml.YAMLError:
        options = None
    if not isinstance(options, dict):
        raise PublishError(f"{name}: the '#|' lines of a cell are not valid YAML: '{lines[0]}'.")
    return options


def option_lines(source: str) -> list[str]:
    """The leading ``#| `` lines of a cell.

    >>> option_lines("#| label: fig-a\\nplot()")
    ['#| label: fig-a']
    """
    return list(takewhile(lambda line: line.startswith(OPTION), source.splitlines()))


def with_curly_apostrophes(text: str) -> str:
    """An alternative text as both paths give it: Quarto puts it between straight apostrophes, and may not escape them.

    >>> with_curly_apostrophes("A service's value.")
    'A service’s value.'
    """
    return text.replace("'", "\u2019")


def _shown(found: tuple[Mapping[str, Any], list[dict[str, Any]]], label: str, where: str) -> Cell:
    options, outputs = found
    data = [_data(output, where) for output in outputs if _counts(output)]
    if len(data) != 1:
        many = "nothing" if not data else f"{len(data)} things"
        raise PublishError(f"{where}: shows {many}; a labelled cell must show exactly one figure or table.")
    cell = Cell(
        label=label,
        caption=_one_line(options.get(f"{label[:3]}-cap", "")),
        alt=with_curly_apostrophes(_one_line(options.get("fig-alt", ""))),
        markdown=None if "image/png" in data[0] else _joined(data[0].get("text/markdown", "")) or None,
        picture=_picture(data[0]["image/png"], where) if "image/png" in data[0] else None,
    )
    _check(cell, where)
    return cell


def _check(cell: Cell, where: str) -> None:
    if cell.kind == "fig" and cell.picture is None:
        raise PublishError(f"{where}: a 'fig-' cell must show a picture (image/png).")
    if cell.kind != "fig" and cell.markdown is None:
        raise PublishError(f"{where}: must show a table as Markdown (text/markdown).")
    if cell.kind and not cell.caption:
        raise PublishError(f"{where}: has no caption; add '#| {cell.kind}-cap: …'.")
    if cell.kind == "fig" and not cell.alt:
        raise PublishError(f"{where}: has no alternative text; add '#| fig-alt: …'.")
    if cell.kind == "fig" and cell.alt == cell.caption:
        raise PublishError(f"{where}: the alternative text repeats the caption; say what the picture shows.")


def _counts(output: Mapping[str, Any]) -> bool:
    """Whether an output is part of the report: warnings and the repr of a drawing are not."""
    if output["output_type"] == "stream":
        return output.get("name") != "stderr"
    plain = _joined(output.get("data", {}).get("text/plain", ""))
    return not (set(output.get("data", {})) == {"text/plain"} and plain.startswith(_NO_RESULT))


def _data(output: Mapping[str, Any], where: str) -> dict[str, Any]:
    if output["output_type"] == "error":
        raise PublishError(f"{where}: failed with {output.get('ename', 'an error')}; run the notebook again.")
    return output.get("data", {"text/plain": output.get("text", "")})


def _picture(text: str | list[str], where: str) -> bytes:
    try:
        return base64.b64decode(_joined(text), validate=False)
    except binascii.Error:
        raise PublishError(f"{where}: its picture cannot be read; run the notebook again.") from None


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def _one_line(text: Any) -> str:
    return " ".join(str(text).split())
