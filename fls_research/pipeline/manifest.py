"""The proof of an edition, from what it was made and what came out; the only reader of the clock.

The manifest holds no time, so that the same inputs give the same bytes; times stand in the log.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from platform import python_version
from typing import Any

import fls_research
from fls_research import params
from fls_research.pipeline.paths import shown

FILE = "manifest.json"

PACKAGES = (
    "ipykernel",
    "lifelines",
    "matplotlib",
    "numpy",
    "openpyxl",
    "pandas",
    "pandera",
    "papermill",
    "pyarrow",
    "pypandoc-binary",
    "scipy",
    "seaborn",
    "statsmodels",
    "typst",
)
"""Packages whose version can change a number or a page."""


def now() -> dt.datetime:
    """The moment, in UTC; the one set by ``SOURCE_DATE_EPOCH`` where it is set."""
    epoch = params.source_date_epoch()
    return dt.datetime.fromtimestamp(epoch, dt.UTC) if epoch is not None else dt.datetime.now(dt.UTC)


def stopwatch() -> float:
    """Seconds on a clock that never goes back; only differences of it mean anything."""
    return time.perf_counter()


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal.

    >>> import tempfile
    >>> empty = Path(tempfile.mkdtemp()) / "empty"
    >>> empty.touch()
    >>> sha256_of(empty)[:8]
    'e3b0c442'
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hashes(paths: Iterable[Path], *, relative_to: Path) -> dict[str, str]:
    """Relative path to hash, sorted by path; a file from elsewhere goes by its name."""
    return {shown(path, relative_to): sha256_of(path) for path in sorted(paths)}


def code_hash(folder: Path | None = None) -> str:
    """One hash over the package's source files, names included; line ends do not count."""
    home = folder or Path(fls_research.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*.py"), key=lambda p: p.relative_to(home).as_posix()):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(path.relative_to(home).as_posix().encode() + b"\0" + text + b"\0")
    return digest.hexdigest()


def git_state(root: Path) -> dict[str, Any]:
    """``commit`` and ``dirty`` of the project; both None where it is no repository or Git is absent."""
    commit = _git(root, "rev-parse", "HEAD")
    status = _git(root, "status", "--porcelain") if commit else None
    return {"commit": commit, "dirty": bool(status) if status is not None else None}


def _git(root: Path, *words: str) -> str | None:
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run([program, "-C", str(root), *words], capture_output=True, text=True, encoding="utf-8")
    return done.stdout.strip() if done.returncode == 0 else None


def versions() -> dict[str, str]:
    """Python and every package of :data:`PACKAGES` that is installed."""
    found = {"python": python_version(), "fls-research": fls_research.__version__}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def inputs(
    root: Path,
    *,
    settings: params.YearParams,
    extract: Mapping[str, Any],
    notebooks: Iterable[Path],
    documents: Mapping[str, str],
) -> dict[str, Any]:
    """What an edition is made from.

    Parameters
    ----------
    settings : the year's settings.
    extract : ``name`` (no path), ``sha256``, ``rows`` and ``synthetic`` of the extract.
    notebooks : the notebooks to be run.
    documents : path to hash of what the documents are written in.
    """
    register = {*(root / "params").glob("*.csv"), (root / settings.register_file).resolve()}
    return {
        "edition": settings.year,
        "synthetic": extract["synthetic"],
        "policy": settings.policy.value,
        "extract": dict(extract),
        "settings": hashes([root / "params" / f"{settings.year}.yml"], relative_to=root),
        "register": hashes(register, relative_to=root),
        "notebooks": hashes(notebooks, relative_to=root),
        "documents": dict(documents),
        "code": {"sha256": code_hash(), **git_state(root)},
        "versions": versions(),
    }


OUTCOMES = ("engine", "results", "executed", "facts", "reports")


def inputs_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a manifest that says what the edition was made from."""
    return {key: value for key, value in content.items() if key not in OUTCOMES}


def completed(begun: Mapping[str, Any], run_dir: Path, *, engine: str, reports: Iterable[Path]) -> dict[str, Any]:
    """The manifest of a finished edition: its inputs, and the hash of everything that came out."""
    return {
        **begun,
        "engine": engine,
        "results": hashes((run_dir / "results").glob("*.*"), relative_to=run_dir),
        "executed": hashes((run_dir / "notebooks").glob("*.ipynb"), relative_to=run_dir),
        "facts": hashes(run_dir.glob("facts.json"), relative_to=run_dir),
        "reports": hashes(reports, relative_to=run_dir),
    }


def holds(content: Mapping[str, Any], run_dir: Path) -> bool:
    """Whether every output that a manifest names is there as it was."""
    named = {path: sha for kind in ("results", "executed", "facts", "reports") for path, sha in content[kind].items()}
    return all((run_dir / path).is_file() and sha256_of(run_dir / path) == sha for path, sha in named.items())


def write(content: Mapping[str, Any], run_dir: Path) -> Path:
    """Write ``manifest.json``, keys in a fixed order."""
    path = run_dir / FILE
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path


def read(run_dir: Path) -> dict[str, Any]:
    """The manifest of an edition."""
    return json.loads((run_dir / FILE).read_text(encoding="utf-8"))
