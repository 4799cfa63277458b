"""One notebook by hand: the parameters typed by the user, a folder of its own for each choice of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fls_research.data.cohort import prepare_once
from fls_research.errors import NotebookError
from fls_research.params import load_year
from fls_research.pipeline import manifest
from fls_research.pipeline.build import OUTPUT, PREPARED, refuse_findings
from fls_research.pipeline.check import extract_path
from fls_research.pipeline.exhibits import keep_released, refuse_strays
from fls_research.pipeline.log import Log
from fls_research.pipeline.notebook import Schema, parameters_of
from fls_research.pipeline.paths import path_under, shown
from fls_research.pipeline.progress import Progress, silent
from fls_research.pipeline.run import run_notebook
from fls_research.pipeline.staging import LOG, failed_log, staged

RUNS = "runs"
FOLDER = "notebooks"


def run_single(
    notebook: str,
    given: Mapping[str, str],
    *,
    root: Path,
    extract: Path | None = None,
    sheet: str | None = None,
    progress: Progress = silent,
) -> str:
    """Run one notebook of ``notebooks/`` and keep its executed copy and results under ``reports/_output/runs/``.

    Parameters
    ----------
    notebook : its name, with or without ``.ipynb``.
    given : parameters as typed; ``prepared`` and ``run_dir`` are filled in where the notebook asks for them.

    Returns
    -------
    The folder, relative to the project; it is named for the choice of parameters, so that a second run with the same
    choice takes its place.

    Raises
    ------
    NotebookError : no such notebook, parameters it does not accept, or a failure in it.
    """
    root = root.resolve()
    source = find_notebook(notebook, root)
    schema = parameters_of(source)
    values = schema.from_text(given)
    if "prepared" in schema.names and "prepared" not in values:
        values["prepared"] = _prepare(schema, values, root, extract, sheet, progress)
    place = root / OUTPUT / RUNS / source.stem / _key(source, values)
    if "run_dir" in schema.names:
        values["run_dir"] = shown(place, root)
    schema.checked(values, root=root)
    with staged(place) as run_dir:
        Log(run_dir / LOG).info("run begins", notebook=source.name)
        if "run_dir" in schema.names:
            values["run_dir"] = shown(run_dir, root)
        renamed = {shown(run_dir, root): shown(place, root)}
        try:
            output = run_dir / source.name
            run_notebook(source, values, root=root, output=output, renamed=renamed, progress=progress)
        except NotebookError as error:
            Log(run_dir / LOG).error("notebook failed", notebook=source.name, message=str(error))
            error.add_note(f"{'log':>12}  {shown(failed_log(place), root)}")
            raise
        keep_released(output)
        refuse_strays(run_dir, known=(source.name,))
        refuse_findings(run_dir)
        Log(run_dir / LOG).info("run ends")
    return shown(place, root)


def find_notebook(name: str, root: Path) -> Path:
    """The notebook of that name under ``notebooks/``, given as ``20_kpis``, ``20_kpis.ipynb`` or with the folder."""
    inside = name if name.endswith(".ipynb") else f"{name}.ipynb"
    if not Path(inside).is_absolute() and Path(inside).parts[:1] != (FOLDER,):
        inside = f"{FOLDER}/{inside}"
    path = path_under(root, inside, what="notebook")
    if not path.is_relative_to((root / FOLDER).resolve()):
        raise NotebookError(f"{path.name}: only notebooks of the folder {FOLDER}/ are run.")
    return path


def _prepare(
    schema: Schema, values: Mapping[str, Any], root: Path, extract: Path | None, sheet: str | None, progress: Progress
) -> str:
    year = values.get("year", schema["year"].default if "year" in schema.names else None)
    if year is None:
        raise NotebookError(f"{schema.notebook}: say which year's data it is to read, such as --year 2024.")
    settings = load_year(year, root)
    source = extract_path(settings, root, extract)
    return shown(prepare_once(settings, root, source, root / PREPARED, sheet=sheet, progress=progress), root)


def _key(notebook: Path, values: Mapping[str, Any]) -> str:
    """A short name for this notebook with these parameters."""
    told = json.dumps([manifest.sha256_of(notebook), dict(sorted(values.items()))], ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8")).hexdigest()[:10]
