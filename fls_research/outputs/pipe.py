"""Pandoc's pipe table: cells escaped, columns aligned, dashes as wide as the words need."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$~^@])")
NARROWEST, WIDEST = 4, 60


def escaped(text: str) -> str:
    """Text that Markdown prints as it is, on one line.

    >>> escaped("50 | 80 [c] @x")
    '50 \\\\| 80 \\\\[c\\\\] \\\\@x'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def pipe_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[bool]) -> str:
    """A pipe table of plain texts; ``right`` says which columns are aligned right.

    Pandoc takes the relative widths of the columns from the dashes as soon as a line is long, so these follow the
    longest cell of each column (no wider than 60).

    >>> print(pipe_table(["KPI", "2024"], [["KPI 4", "69%"]], right=[False, True]))
    | KPI | 2024 |
    |:------|-----:|
    | KPI 4 | 69% |
    """
    columns = list(zip(headings, *rows, strict=True))
    dashes = []
    for cells, aligned_right in zip(columns, right, strict=True):
        width = min(max(NARROWEST, *(len(cell) for cell in cells)), WIDEST)
        dashes.append("-" * (width + 1) + ":" if aligned_right else ":" + "-" * (width + 1))
    lines = [headings, *rows]
    written = ["| " + " | ".join(escaped(cell) for cell in line) + " |" for line in lines]
    return "\n".join([written[0], "|" + "|".join(dashes) + "|", *written[1:]])


def plain_table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[bool]) -> str:
    """The same table in columns of plain text, for a console.

    >>> print(plain_table(["KPI", "2024"], [["KPI 4", "69%"]], right=[False, True]))
    KPI    2024
    KPI 4   69%
    """
    columns = list(zip(headings, *rows, strict=True))
    widths = [max(len(cell) for cell in cells) for cells in columns]
    lines = []
    for line in [headings, *rows]:
        cells = (
            cell.rjust(width) if aligned_right else cell.ljust(width)
            for cell, width, aligned_right in zip(line, widths, right, strict=True)
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
