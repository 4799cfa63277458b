"""Where a build works: a scratch copy of the project, so that two builds never meet and nothing half-made is seen."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

from fls_research.errors import PublishError
from fls_research.pipeline.publish.cells import OPTION, option_lines, read_options
from fls_research.pipeline.publish.project import CONFIG_FILE
from fls_research.pipeline.publish.variables import VARIABLES_FILE

REPORTS = "reports"
EXECUTED = "_executed"
NOTEBOOKS = "notebooks"

_LEFT_BEHIND = shutil.ignore_patterns("_output", EXECUTED, ".*", "__pycache__", "*_files")


@contextmanager
def scratch_project(run_dir: Path, root: Path) -> Iterator[Path]:
    """A temporary copy of what rendering needs: configuration, sources, assets, facts and executed notebooks.

    Raises
    ------
    PublishError : ``root`` is no project, or the run holds no facts or no executed notebooks.
    """
    if not (root / CONFIG_FILE).is_file() or not (root / REPORTS).is_dir():
        raise PublishError(f"{root.name}: is no project; it needs {CONFIG_FILE} and {REPORTS}/.")
    with tempfile.TemporaryDirectory(prefix="fls-publish-", ignore_cleanup_errors=True) as folder:
        # Quarto tells its project folder from others by the resolved path.
        scratch = Path(folder).resolve()
        shutil.copy2(root / CONFIG_FILE, scratch / CONFIG_FILE)
        shutil.copytree(root / REPORTS, scratch / REPORTS, ignore=_LEFT_BEHIND)
        _copy_run(run_dir, scratch)
        yield scratch


def stage_for_quarto(run_dir: Path, root: Path) -> None:
    """Put a run's facts and executed notebooks where ``quarto render``, typed at the project's root, finds them.

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
        _copy_run(run_dir, staged)
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


def _copy_run(run_dir: Path, project: Path) -> None:
    variables = run_dir / VARIABLES_FILE
    if not variables.is_file():
        raise PublishError(
            f"{run_dir.name}: there is no {VARIABLES_FILE} in the run's folder; build the edition again."
        )
    shutil.copy2(variables, project / VARIABLES_FILE)
    notebooks = _notebooks(run_dir / NOTEBOOKS)
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
            cell["source"] = _with_curly_apostrophes(cell["source"], notebook.name)
            for output in cell.get("outputs", []):
                if "metadata" in output:
                    output["metadata"] = {}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise PublishError(f"{notebook.name}: cannot be read as a notebook; run it again.") from None
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _with_curly_apostrophes(source: str | list[str], name: str) -> str:
    text = source if isinstance(source, str) else "".join(source)
    lines = option_lines(text)
    options = read_options(text, name) if lines else {}
    if "'" not in str(options.get("fig-alt", "")):
        return text
    curly = {**options, "fig-alt": str(options["fig-alt"]).replace("'", "\u2019")}
    written = yaml.safe_dump(curly, allow_unicode=True, sort_keys=False, width=10_000)
    return "\n".join([*(f"{OPTION} {line}" for line in written.splitlines()), *text.splitlines()[len(lines) :]])


def _notebooks(folder: Path) -> Iterable[Path]:
    found = sorted(folder.glob("*.ipynb"))
    if not found:
        raise PublishError(f"{folder.parent.name}: holds no executed notebooks; build the edition again.")
    return found
