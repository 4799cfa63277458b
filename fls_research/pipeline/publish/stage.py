"""Where Quarto works: a copy of the project, so that two builds never meet and nothing half-made is seen."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from fls_research.errors import PublishError
from fls_research.pipeline.publish.cells import OPTION, option_lines, read_options, with_curly_apostrophes
from fls_research.pipeline.publish.project import CONFIG_FILE, Project
from fls_research.pipeline.publish.variables import VARIABLES_FILE

REPORTS = "reports"
EXECUTED = "_executed"
NOTEBOOKS = "notebooks"

_LEFT_BEHIND = shutil.ignore_patterns("_output", EXECUTED, ".*", "__pycache__", "*_files")


def copy_project(project: Project, run_dir: Path, to: Path, *, document: str, notebooks: Iterable[Path]) -> Project:
    """A copy of what Quarto needs to render one document: configuration, sources, assets, facts and executed notebooks.

    Parameters
    ----------
    project, run_dir : what is copied from.
    to : an empty folder.
    document : the one ``.qmd`` file that the copy renders, relative to the project.
    notebooks : the executed notebooks it takes cells from.
    """
    config = {**project.config, "project": {**project.config["project"], "render": [document]}}
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    (to / CONFIG_FILE).write_text(text, encoding="utf-8", newline="\n")
    shutil.copytree(project.root / REPORTS, to / REPORTS, ignore=_LEFT_BEHIND)
    _copy_run(run_dir, to, notebooks)
    return Project(to, config)


def stage_for_quarto(run_dir: Path, root: Path) -> None:
    """Put an edition's facts and executed notebooks where ``quarto render``, typed at the project's root, finds them.

    ``_variables.yml`` and ``reports/_executed/`` are replaced; both are ignored by version control.

    Parameters
    ----------
    run_dir : folder of the edition, with ``_variables.yml`` and ``notebooks/``.
    root : the project's folder.

    Raises
    ------
    PublishError : the run holds no facts or no executed notebooks.
    """
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=root / REPORTS) as folder:
        staged = Path(folder)
        (staged / REPORTS).mkdir()
        _copy_run(run_dir, staged, _notebooks(run_dir / NOTEBOOKS))
        os.replace(staged / VARIABLES_FILE, root / VARIABLES_FILE)
        move_in({EXECUTED: staged / REPORTS / EXECUTED}, root / REPORTS)


def move_in(made: Mapping[str, Path], folder: Path) -> None:
    """Put finished files and folders into ``folder`` under new names, replacing what stood there.

    Everything is first copied beside its place, so that each replacement is one renaming.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".arriving-", dir=folder) as name:
        arriving = Path(name)
        for target, source in made.items():
            if source.is_dir():
                shutil.copytree(source, arriving / target)
            else:
                shutil.copy2(source, arriving / target)
        for target in made:
            place = folder / target
            if place.is_dir():
                os.replace(place, arriving / f"{target}.old")
            os.replace(arriving / target, place)


def _copy_run(run_dir: Path, project: Path, notebooks: Iterable[Path]) -> None:
    variables = run_dir / VARIABLES_FILE
    if not variables.is_file():
        raise PublishError(
            f"{run_dir.name}: there is no {VARIABLES_FILE} in the run's folder; build the edition again."
        )
    shutil.copy2(variables, project / VARIABLES_FILE)
    executed = project / REPORTS / EXECUTED
    executed.mkdir()
    for notebook in notebooks:
        (executed / notebook.name).write_text(fit_for_quarto(notebook), encoding="utf-8", newline="\n")


def fit_for_quarto(notebook: Path) -> str:
    """An executed notebook as JSON, without two things that Quarto trips over.

    Sizes in pixels, which pictures carry for the screen: a picture has its size in its own resolution, and Quarto 1.9
    and 1.10 pass the pixels on to Typst, which refuses them. Straight apostrophes in alternative texts: Quarto puts
    the text between straight apostrophes, and not every version escapes them.
    """
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        for cell in (cell for cell in content["cells"] if cell["cell_type"] == "code"):
            cell["source"] = _with_curly_alt(cell["source"], notebook.name)
            for output in cell.get("outputs", []):
                if "metadata" in output:
                    output["metadata"] = {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PublishError(f"{notebook.name}: cannot be read as a notebook; run it again.") from None
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _with_curly_alt(source: str | list[str], name: str) -> str:
    text = source if isinstance(source, str) else "".join(source)
    lines = option_lines(text)
    options = read_options(text, name) if lines else {}
    if "'" not in str(options.get("fig-alt", "")):
        return text
    curly = {**options, "fig-alt": with_curly_apostrophes(str(options["fig-alt"]))}
    written = yaml.safe_dump(curly, allow_unicode=True, sort_keys=False, width=10_000)
    return "\n".join([*(f"{OPTION} {line}" for line in written.splitlines()), *text.splitlines()[len(lines) :]])


def _notebooks(folder: Path) -> Iterable[Path]:
    found = sorted(folder.glob("*.ipynb"))
    if not found:
        raise PublishError(f"{folder.parent.name}: holds no executed notebooks; build the edition again.")
    return found
