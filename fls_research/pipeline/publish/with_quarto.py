"""The Quarto path, and the only door to the Quarto command: one call renders every format of the scratch project."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fls_research.errors import PublishError
from fls_research.params import child_environment
from fls_research.pipeline.publish.project import Project

OLDEST = (1, 9)
"""From this version on Quarto passes alternative text on to Typst."""

_LIBRARIES = "site_libs"
_ABOVE = re.compile(r"(?<=[\"'(])(?:\./)?\.\./(site_libs/)")


@dataclass(frozen=True)
class Quarto:
    """The Quarto command found on this machine."""

    path: str
    version: tuple[int, ...]


def find_quarto() -> Quarto | None:
    """The Quarto command, or None where there is none, or only one older than 1.9."""
    try:
        import quarto
    except ImportError:
        return None
    path = quarto.path()
    if not path:
        return None
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=120, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = tuple(int(part) for part in re.findall(r"\d+", done.stdout)[:3])
    return Quarto(path, version) if done.returncode == 0 and version >= OLDEST else None


def render_with_quarto(quarto: Quarto, project: Project, document: Path, *, moment: dt.datetime) -> dict[str, Path]:
    """Render the scratch project, and collect what came out.

    Parameters
    ----------
    quarto : the command.
    project : the scratch project.
    document : the ``.qmd`` file inside it.
    moment : the date the files carry.

    Returns
    -------
    dict : name in the edition's folder to path. ``html``, ``docx`` and ``pdf`` are the documents; every other key is
        the name of a file or folder that the page needs beside it.

    Raises
    ------
    PublishError : Quarto stopped (its first complaint is quoted), or left a document out.
    """
    done = subprocess.run(
        [quarto.path, "render", str(project.root)],
        cwd=project.root,
        env=child_environment(SOURCE_DATE_EPOCH=str(int(moment.timestamp()))),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise PublishError(f"{document.name}: Quarto stopped: {first_complaint(done.stderr)}")
    return _collected(project, document)


def first_complaint(stderr: str) -> str:
    """The first error of Quarto's output, without colours, as a sentence.

    >>> first_complaint("[1/3] a.qmd\\n\\x1b[31mERROR: no such file\\x1b[39m\\n")
    'no such file.'
    """
    plain = re.sub(r"\x1b\[[0-9;]*m", "", stderr)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    chosen = (errors or lines[-1:] or ["no reason given"])[0]
    return re.sub(r"^error:?\s*", "", chosen, flags=re.IGNORECASE).rstrip(".") + "."


def offline_page(html: str, *, stem: str, new_stem: str) -> str:
    """A page of the site rewritten to stand in one folder with its libraries, under a new name.

    >>> offline_page('<link href="../site_libs/a.css"> <a href="annual_report.docx">', stem="annual_report",
    ...              new_stem="annual-report")
    '<link href="site_libs/a.css"> <a href="annual-report.docx">'
    """
    moved = _ABOVE.sub(r"\1", html)
    named = re.compile(rf"(?<=[\"'])(?:\./)?{re.escape(stem)}\.(html|docx|pdf)(?=[\"'#])")
    return named.sub(rf"{new_stem}.\1", moved)


def _collected(project: Project, document: Path) -> dict[str, Path]:
    site = project.output_folder
    folder = site / document.parent.relative_to(project.root)
    made = {suffix: folder / f"{document.stem}.{suffix}" for suffix in ("html", "docx", "pdf")}
    for suffix, path in made.items():
        if not path.is_file():
            raise PublishError(f"{document.name}: Quarto made no {suffix.upper()} file.")
    page = made["html"].read_text(encoding="utf-8")
    beside = [site / _LIBRARIES, *sorted(folder.iterdir())]
    needed = [
        path
        for path in beside
        if path not in made.values() and re.search(rf"[\"'/]{re.escape(path.name)}[\"'/?]", page)
    ]
    return made | {path.name: path for path in needed}
