"""Results on disk: each released table by its id, as CSV for machines and JSON for the walk back."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fls_research.disclosure import Publishable, verify
from fls_research.errors import NotebookError
from fls_research.outputs import text
from fls_research.outputs.facts import FactSpec, facts_of

SYNTHETIC = "SYNTHETIC"
FOLDER = "results"
_RESULT_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_FORMULA = ("=", "+", "-", "@")


def open_results(
    run_dir: str | Path,
    *,
    notebook: str,
    year: int,
    synthetic: bool,
    definitions: Mapping[str, str] | None = None,
) -> Results:
    """The place where one notebook of one run keeps its results: ``<run_dir>/results/``, made where it is missing.

    Parameters
    ----------
    run_dir : the folder of the run.
    notebook : name of the notebook, such as ``20_kpis_national``.
    year : the edition's data year.
    synthetic : whether the run reads a synthetic extract; every row then says so.
    definitions : what the numbers are defined by, such as KPI to version.
    """
    folder = Path(run_dir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return Results(folder, notebook=notebook, year=year, synthetic=synthetic, definitions=dict(definitions or {}))


class Results:
    """The results of one notebook; :func:`open_results` makes it."""

    def __init__(
        self, folder: Path, *, notebook: str, year: int, synthetic: bool, definitions: Mapping[str, str]
    ) -> None:
        self._folder = folder
        self._about = {"notebook": notebook, "year": year, "synthetic": synthetic, "definitions": dict(definitions)}
        self._saved: set[str] = set()
        self._facts: set[str] = set()

    def save(
        self, result_id: str, publishable: Publishable, *, title: str, facts: Sequence[FactSpec] = ()
    ) -> Publishable:
        """Write ``<id>.csv`` and ``<id>.json`` and give the released table back, to be shown.

        The CSV is tidy UTF-8: a suppressed number is blank with ``status`` beside it, proportions are between 0 and 1,
        text that a spreadsheet would run as a formula begins with an apostrophe, and ``data_status`` is the first
        column of synthetic results. The same table gives the same bytes. Both files appear whole or not at all.

        Raises
        ------
        DisclosureError : the table was not released.
        NotebookError : the id is malformed or taken in this run, or a fact is (see :func:`~.facts.facts_of`).
        """
        released = verify(publishable)
        self._claim(result_id)
        told: dict[str, dict[str, Any]] = {}
        for spec in facts:
            for name, record in facts_of(released, spec, result=result_id).items():
                if name in told or name in self._facts:
                    raise NotebookError(f"Result '{result_id}': the fact '{name}' exists already in this run.")
                told[name] = record
        synthetic = bool(self._about["synthetic"]) or released.release.synthetic
        about = {"id": result_id, "title": title, "cell": result_id, **self._about, "synthetic": synthetic}
        record = {**about, **_how_released(released), "columns": list(released.columns), "facts": told}
        _write(self._folder / f"{result_id}.csv", csv_text(released.frame, synthetic=synthetic))
        _write(
            self._folder / f"{result_id}.json", json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        )
        self._saved.add(result_id)
        self._facts.update(told)
        return released

    def _claim(self, result_id: str) -> None:
        if not _RESULT_ID.fullmatch(result_id):
            raise NotebookError(f"'{result_id}' is no id of a result: use small letters, digits and hyphens.")
        if result_id in self._saved:
            raise NotebookError(f"The result '{result_id}' was saved already by this notebook; give each its own id.")
        holder = self._folder / f"{result_id}.json"
        if holder.is_file():
            other = json.loads(holder.read_text(encoding="utf-8"))["notebook"]
            if other != self._about["notebook"]:
                raise NotebookError(f"The result '{result_id}' was saved already by notebook {other}; rename one.")


def csv_text(frame: pd.DataFrame, *, synthetic: bool) -> str:
    """A released frame as CSV for machines.

    >>> print(csv_text(pd.DataFrame({"group": ["=1+1"], "numerator": [12.0], "share": [-0.25]}), synthetic=True))
    data_status,group,numerator,share
    SYNTHETIC,'=1+1,12,-0.25
    """
    marked = frame.copy()
    if synthetic:
        marked.insert(0, "data_status", SYNTHETIC)
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\n")
    lines.writerow(marked.columns)
    lines.writerows([_csv_cell(value) for value in row] for row in marked.itertuples(index=False, name=None))
    return written.getvalue()


def _csv_cell(value: Any) -> str:
    if isinstance(value, str):
        line = " ".join(value.split())  # a cell is one line, so that a row is
        return f"'{line}" if line.startswith(_FORMULA) else line
    if text.is_missing(value):
        return ""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return str(bool(value)).lower()
    number = round(float(value), 6)
    return str(int(number)) if number.is_integer() else repr(number)


def _how_released(released: Publishable) -> dict[str, Any]:
    how = released.release
    return {
        "kind": how.kind,
        "policy": how.policy.value if how.policy else None,
        "lane": how.lane.value if how.lane else None,
        "level": how.level.value if how.level else None,
        "rows": how.rows,
        "suppressed": how.suppressed,
        "withheld": list(how.withheld),
        "organisations": list(how.organisations),
        "checks": list(how.checks),
    }


def _write(path: Path, content: str) -> None:
    """Write beside the place and move there: a reader never sees half a file."""
    beside = path.with_name(f".{path.name}.partial")
    beside.write_bytes(content.encode("utf-8"))
    os.replace(beside, path)
