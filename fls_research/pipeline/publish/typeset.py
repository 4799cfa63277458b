"""The only door to Typst: a Typst source becomes a tagged PDF that meets PDF/UA-1."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

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
            font_paths=[str(folder) for folder in fonts],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=int(moment.timestamp()),
        )
    except typst.TypstError as error:
        raise PublishError(f"{pdf.name}: Typst stopped: {_first_complaint(error)}") from None
    return pdf


def _first_complaint(error: Exception) -> str:
    message = getattr(error, "message", "") or str(error)
    hints = getattr(error, "hints", None) or []
    first = message.strip().splitlines()[0] if message.strip() else "no reason given"
    return f"{first.rstrip('.')} ({hints[0]})." if hints else f"{first.rstrip('.')}."
