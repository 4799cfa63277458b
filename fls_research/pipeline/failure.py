"""What is said of a notebook that failed: where, what, and the likely cause, without a patient's value."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fls_research import errors

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ARROW = re.compile(r"^-+>\s*\d+\s?(.*)$")
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*(?:\{[^}]*\})?\s*$", re.MULTILINE)
_LABEL = re.compile(r"^#\|\s*label:\s*[\"']?([\w-]+)", re.MULTILINE)

OURS = frozenset(name for name, item in vars(errors).items() if inspect.isclass(item) and issubclass(item, Exception))
"""Names of the kit's own errors: their messages are written to hold no patient's value, so they may be shown."""

_CAUSES = {
    "DeadKernelError": "the notebook's process died, most often for want of memory; close other programs or use "
    "fewer --jobs",
    "KernelStart": "Python's kernel did not start; run 'fls doctor'",
    "MemoryError": "there was not enough memory; close other programs or use fewer --jobs",
    "ModuleNotFoundError": "a package is missing; run 'fls doctor'",
    "ImportError": "a package is missing or too old; run 'fls doctor'",
    "FileNotFoundError": "a file the notebook reads is not there; run 'fls build' rather than the notebook alone",
    "PermissionError": "a file is open in another program or may not be written; close it and run again",
    "SystemExit": "the notebook stopped itself; that counts as a failure",
    "KeyError": "a column or name the notebook asks for is not there",
    "NameError": "a cell uses a name that no earlier cell defines; run the notebook from the top",
    "SyntaxError": "the cell is no valid Python",
    "AssertionError": "a check written in the notebook did not hold",
}


@dataclass(frozen=True)
class FailureCard:
    """One failed notebook. ``line`` is the line of code that failed, ``message`` that of one of the kit's errors."""

    notebook: str
    heading: str
    cell: str
    error: str
    message: str
    line: str
    cause: str

    def sentence(self) -> str:
        """The failure in one line."""
        said = f"({self.message.rstrip('.')})" if self.message else (f"at `{self.line}`" if self.line else "")
        under = f", under '{self.heading}'" if self.heading else ""
        where = f" in {self.cell}{under}" if self.cell else ""
        return f"{self.notebook} failed{where}: {self.error}{' ' + said if said else ''}."

    def text(self) -> str:
        """The card in full, one line for each thing known."""
        known = {
            "notebook": self.notebook,
            "heading": self.heading,
            "cell": self.cell,
            "error": f"{self.error}: {self.message}" if self.message else self.error,
            "line": self.line,
            "likely cause": self.cause,
        }
        return "\n".join(f"{name:>12}  {value}" for name, value in known.items() if value)


def card_of(
    notebook: str, cells: Sequence[Mapping[str, Any]], index: int | None, output: Mapping[str, Any]
) -> FailureCard:
    """The card of a failure.

    Parameters
    ----------
    notebook : file name.
    cells : the notebook's cells.
    index : position of the failing cell; None when no cell had begun.
    output : the cell's error output: ``ename``, ``evalue``, ``traceback``. Of ``evalue`` nothing is kept unless the
        error is one of the kit's own.
    """
    name = str(output.get("ename", "")) or "Error"
    return FailureCard(
        notebook=notebook,
        heading=_heading_above(cells, index),
        cell=_cell_name(cells, index),
        error=name,
        message=str(output.get("evalue", "")) if name in OURS else "",
        line=_failing_line(output.get("traceback", ())),
        cause=_CAUSES.get(name, "" if name in OURS else "see the cell; run the notebook in Jupyter to look closer"),
    )


def _heading_above(cells: Sequence[Mapping[str, Any]], index: int | None) -> str:
    for cell in reversed(cells[: index or 0]):
        if cell["cell_type"] == "markdown":
            headings = _HEADING.findall("".join(cell["source"]))
            if headings:
                return headings[-1]
    return ""


def _cell_name(cells: Sequence[Mapping[str, Any]], index: int | None) -> str:
    if index is None:
        return ""
    number = sum(cell["cell_type"] == "code" and not _injected(cell) for cell in cells[: index + 1])
    label = _LABEL.search("".join(cells[index]["source"]))
    return f"cell {number}" + (f" ({label[1]})" if label else "")


def _injected(cell: Mapping[str, Any]) -> bool:
    return "injected-parameters" in cell.get("metadata", {}).get("tags", [])


def _failing_line(traceback: Sequence[str]) -> str:
    """The line of the notebook, not of a library, at which the error came: the first one marked with an arrow."""
    for line in "\n".join(traceback).splitlines():
        marked = _ARROW.match(_COLOUR.sub("", line))
        if marked:
            return marked[1].strip()
    return ""
