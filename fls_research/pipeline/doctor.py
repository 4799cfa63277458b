"""What this computer has and lacks for the kit, one plain sentence a check."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from fls_research.errors import FlsError
from fls_research.params import load_year, years_with_settings
from fls_research.pipeline.engine.choice import choose
from fls_research.pipeline.paths import LONGEST

NEEDED = {
    "reading and computing": ("pandas", "numpy", "scipy", "statsmodels", "lifelines", "pyarrow", "openpyxl", "pandera"),
    "figures": ("matplotlib", "seaborn"),
    "notebooks": ("ipykernel", "papermill", "nbformat"),
    "reports": ("pypandoc", "typst", "docx"),
}
"""Modules by what they are for."""

ROOM = 1_000_000_000
"""Bytes of free disk below which a build may not finish."""

_UNTRIED = (3, 14)
_WINDOWS_LIMIT = 259
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "msedge")
_IMPORT_ALL = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"


@dataclass(frozen=True)
class Finding:
    """One check. ``well`` is None where a thing is absent that the kit can do without."""

    what: str
    well: bool | None
    sentence: str


def examine(root: Path) -> Iterator[Finding]:
    """Look at everything in turn; a check that itself fails is a finding and not an error."""
    for what, check in CHECKS.items():
        try:
            well, sentence = check(root)
        except Exception as error:
            well, sentence = False, f"The check did not work ({type(error).__name__})."
        yield Finding(what, well, sentence)


Answer = tuple[bool | None, str]


def _python(_: Path) -> Answer:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= _UNTRIED:
        return None, f"Python {version} is newer than any the kit was tried with; should something fail, use 3.13."
    return True, f"Python {version}."


def _packages(_: Path) -> Answer:
    lacking = [
        f"{name} (for {use})" for use, names in NEEDED.items() for name in names if not importlib.util.find_spec(name)
    ]
    if lacking:
        return False, f"Not installed: {', '.join(lacking)}. Install the project again as the README says."
    if int(metadata.version("pandas").split(".")[0]) >= 3:
        return False, "pandas 3 is installed, and the survival methods need pandas 2.3; install the project again."
    return True, f"All {sum(map(len, NEEDED.values()))} packages are here."


def _imports(_: Path) -> Answer:
    names = [name for use in NEEDED.values() for name in use]
    done = subprocess.run([sys.executable, "-c", _IMPORT_ALL, *names], capture_output=True, timeout=300)
    if done.returncode:
        return False, "A package is here but does not load; make the environment again as the README says."
    return True, "They all load."


def _fonts(_: Path) -> Answer:
    spec = importlib.util.find_spec("matplotlib")
    folders = spec.submodule_search_locations if spec else None
    fonts = [f for place in folders or () for f in Path(place).glob("mpl-data/fonts/ttf/DejaVuSans.ttf")]
    if not fonts:
        return False, "The font of the figures (DejaVu Sans, part of matplotlib) is missing; install matplotlib again."
    return True, "The font of the figures is here."


def _pandoc(_: Path) -> Answer:
    import pypandoc

    return True, f"Pandoc {pypandoc.get_pandoc_version()} answers; it makes HTML and Word where Quarto is absent."


def _typst(_: Path) -> Answer:
    import typst

    pdf = typst.compile(b"#set document(date: none)\n= Test")
    if not pdf.startswith(b"%PDF"):
        return False, "Typst is here but makes no PDF; install the package typst again."
    return True, f"Typst {metadata.version('typst')} makes a PDF."


def _quarto(_: Path) -> Answer:
    program = shutil.which("quarto")
    if not program:
        return None, "Quarto is not here; reports are made with Pandoc and Typst instead, with the same content."
    done = subprocess.run([program, "--version"], capture_output=True, text=True, encoding="utf-8", timeout=120)
    if done.returncode:
        return None, "Quarto is here but does not answer; use --engine pandoc, or install it again."
    return True, f"Quarto {done.stdout.strip()} answers."


def _runs(_: Path) -> Answer:
    chosen = choose("auto")
    if chosen.name == "kernels":
        return None, chosen.reason
    return True, "Notebooks are forked from one ready process, which is fastest where there are many."


def _machines(_: Path) -> Answer:
    if not all(map(importlib.util.find_spec, ("dask", "distributed"))):
        return None, "Dask is not here; runs cannot be spread over several machines (--scheduler)."
    return True, f"Dask {metadata.version('distributed')} is here, for --scheduler and for data in parts."


def _browser(_: Path) -> Answer:
    if any(map(shutil.which, _BROWSERS)):
        return True, "A browser for the tests of the HTML report is here."
    return None, "No Chromium or Chrome on the path; only some tests of the HTML report need one."


def _settings(root: Path) -> Answer:
    years = years_with_settings(root)
    if not years:
        return False, "There are no settings: params/ holds no <year>.yml."
    try:
        for year in years:
            load_year(year, root)
    except FlsError as error:
        return False, str(error)
    return True, f"Settings for {', '.join(map(str, years))} can be read."


def _writeable(root: Path) -> Answer:
    for name in ("data", "reports"):
        try:
            (root / name).mkdir(exist_ok=True)
            with tempfile.TemporaryFile(dir=root / name):
                pass
        except OSError:
            return False, f"The folder {name}/ cannot be written; ask for the right to, or move the project."
    return True, "The folders data/ and reports/ can be written."


def _path_length(root: Path) -> Answer:
    if os.name == "nt" and len(str(root)) + 1 + LONGEST > _WINDOWS_LIMIT:
        return False, "The project lies too deep for Windows; move it to a shorter path such as C:\\fls."
    return True, "The project's path is short enough."


def _disk(root: Path) -> Answer:
    free = shutil.disk_usage(root).free
    if free < ROOM:
        return False, f"Only {free / 1e9:.1f} GB of disk are free; make room for at least {ROOM / 1e9:.0f} GB."
    return True, f"{free / 1e9:.0f} GB of disk are free."


CHECKS: dict[str, Callable[[Path], Answer]] = {
    "Python": _python,
    "packages": _packages,
    "loading": _imports,
    "fonts": _fonts,
    "Pandoc": _pandoc,
    "Typst": _typst,
    "Quarto": _quarto,
    "runs": _runs,
    "machines": _machines,
    "browser": _browser,
    "settings": _settings,
    "folders": _writeable,
    "path": _path_length,
    "disk": _disk,
}
