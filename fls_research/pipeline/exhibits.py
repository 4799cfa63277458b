"""What leaves with an edition beside its report: of notebooks only what was released, of files only what is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fls_research.disclosure import scan_files
from fls_research.errors import DisclosureError

NOT_KEPT = "[Not kept in this copy: only tables and figures that the kit made from released numbers are.]"
"""What stands in an executed copy in the place of anything else that a cell showed."""

_KNOWN = ("log.jsonl", "manifest.json", "notebooks/*.ipynb", "results/*.csv", "results/*.json")


def keep_released(notebook: Path) -> None:
    """Take out of an executed copy whatever its cells printed, and whatever they showed that was not released.

    A table or figure of ``outputs`` is known by what it says of itself; a frame, a plot of another library, a number or
    a printed line might hold a patient's value. What a cell showed is replaced by a remark; what it printed or warned
    of is dropped.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if "outputs" in cell:
            cell["outputs"] = [_kept(output) for output in cell["outputs"] if output["output_type"] != "stream"]
    notebook.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _kept(output: Mapping[str, Any]) -> Mapping[str, Any]:
    return output if is_released(output) else {**output, "data": {"text/plain": NOT_KEPT}, "metadata": {}}


def is_released(output: Mapping[str, Any]) -> bool:
    """Whether an output of a cell is a table or a figure of ``outputs``, which cannot see what was not released.

    >>> is_released({"data": {"text/markdown": "| KPI |", "text/plain": "KPI"}})
    True
    >>> is_released({"data": {"text/html": "<table>", "text/plain": "   age"}})
    False
    """
    data = output.get("data", {})
    plain = "".join(data.get("text/plain", ""))
    if set(data) == {"image/png", "text/plain"}:
        return plain.startswith("<Figure: ") and plain.endswith(" mm>")
    if set(data) == {"text/plain"}:
        return plain.startswith("<Publishable: ")
    return set(data) == {"text/markdown", "text/plain"} and not plain.startswith("<IPython.")


def refuse_strays(run_dir: Path, *, known: tuple[str, ...] = ()) -> None:
    """Stop when notebooks left anything in the folder of a run but executed copies and results.

    Parameters
    ----------
    run_dir : the folder, before reports are made in it.
    known : further patterns of files that belong there.

    Raises
    ------
    DisclosureError : names the file. A result is a CSV and a JSON of the same name, as ``results.save`` writes them.
    """
    belong = {path for pattern in (*_KNOWN, *known) for path in run_dir.glob(pattern)}
    for path in sorted(path for path in run_dir.rglob("*") if path.is_file()):
        name = path.relative_to(run_dir).as_posix()
        partner = path.with_suffix({".csv": ".json", ".json": ".csv"}.get(path.suffix, path.suffix))
        if path not in belong or (path.parent.name == "results" and not partner.is_file()):
            raise DisclosureError(
                f"{name}: a notebook wrote this file past the gate; release its numbers and use results.save instead."
            )


def refuse_findings(run_dir: Path) -> None:
    """Raise :class:`DisclosureError` when a file about to leave holds personal data; values are never repeated."""
    findings = scan_files([run_dir])
    if findings:
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        raise DisclosureError(f"{first.file}: {first.rule}, found {first.times} times{more}; nothing was written.")
