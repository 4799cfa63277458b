"""Which paths the pipeline accepts: local, under the project's folder, and valid on every system."""

from __future__ import annotations

import re
from pathlib import Path

from fls_research.errors import NotebookError

LONGEST = 180
"""Characters of a path below the project's folder; Windows allows 260 for the whole."""

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
_RESERVED = re.compile(r"^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$", re.IGNORECASE)


def path_under(root: Path, path: str | Path, *, what: str = "path") -> Path:
    """The absolute form of a local path that lies under the project's folder, links followed.

    Parameters
    ----------
    root : the project's folder.
    path : absolute, or relative to ``root``; it need not exist.
    what : how the message calls the path.

    Raises
    ------
    NotebookError : an address (``https:``, ``s3:``), a path outside ``root``, a name that Windows reserves or cannot
        hold, or a path too long for Windows.

    >>> path_under(Path("project").resolve(), "notebooks/10_cohort.ipynb").name
    '10_cohort.ipynb'
    >>> path_under(Path("project"), "https://example.org/a.ipynb", what="notebook")
    Traceback (most recent call last):
    fls_research.errors.NotebookError: notebook: only files of this project are accepted, not an address.
    """
    text = str(path)
    if _SCHEME.match(text):
        raise NotebookError(f"{what}: only files of this project are accepted, not an address.")
    home = root.resolve()
    whole = (home / text).resolve()
    if not whole.is_relative_to(home):
        raise NotebookError(f"{what}: '{Path(text).name}' lies outside the project's folder; move it inside.")
    inside = whole.relative_to(home)
    for part in inside.parts:
        if _RESERVED.match(part) or _FORBIDDEN.search(part) or part != part.rstrip(". "):
            raise NotebookError(f"{what}: '{part}' is no file name on every system; choose another.")
    if len(inside.as_posix()) > LONGEST:
        raise NotebookError(f"{what}: longer than {LONGEST} characters below the project's folder; shorten the names.")
    return whole


def shown(path: Path, root: Path) -> str:
    """A path as messages and records print it: relative to the project, with forward slashes; else the bare name.

    >>> shown(Path("/project/data/a.csv"), Path("/project"))
    'data/a.csv'
    >>> shown(Path("/elsewhere/a.csv"), Path("/project"))
    'a.csv'
    """
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
