"""The only door to Typst: a Typst source becomes a tagged PDF that meets PDF/UA-1."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from fls_research.errors import PublishError

STANDARD = "ua-1"


def typeset(source: Path, pdf: Path, *, root: Path, fonts: Sequence[Path], moment: dt.datetime) -> Path:
    """Compile a Typst source.

    Parameters
    ----------
    source : the ``.typ`` file.
    pdf : where the document goes.
    root : folder outside which nothing is read.
    fonts : folders of fonts; those of the system are not looked at, so that every machine sets the same pages.
    moment : the date the document carries.

    Raises
    ------
    PublishError : Typst is not installed, or refuses the source; its first complaint is quoted.
    """
    try:
        import typst
    except ImportError:
        raise PublishError("The PDF needs Typst, which is not installed; install the extra 'publish'.") from None
    try:
        typst.compile(
            str(source),
            output=str(pdf),
            root=str(root),
            font_paths=_opened(tuple(_seen(folder) for folder in fonts)),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=int(moment.timestamp()),
        )
    except typst.TypstError as error:
        raise PublishError(f"{pdf.name}: Typst stopped: {_first_complaint(error)}") from None
    return pdf


@lru_cache(maxsize=4)
def _opened(folders: tuple[tuple[str, tuple[tuple[str, int, int], ...]], ...]) -> Any:
    """The fonts of the folders, as seen. They stay open: what Typst knows of a font serves the next document."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[folder for folder, _ in folders])


def _seen(folder: Path) -> tuple[str, tuple[tuple[str, int, int], ...]]:
    """A folder's path, and its files with size and time, so that a changed font is read again."""
    files = ((path.name, path.stat()) for path in sorted(folder.iterdir()))
    return str(folder), tuple((name, state.st_size, state.st_mtime_ns) for name, state in files)


def _first_complaint(error: Exception) -> str:
    message = getattr(error, "message", "") or str(error)
    hints = getattr(error, "hints", None) or []
    first = message.strip().splitlines()[0] if message.strip() else "no reason given"
    return f"{first.rstrip('.')} ({hints[0]})." if hints else f"{first.rstrip('.')}."
