"""What stands in the place of a chart that an extract holds nothing for."""

from __future__ import annotations

from fls_research.disclosure import Publishable, verify
from fls_research.outputs import style
from fls_research.outputs.canvas import Figure, Sheet, drawn

_LINE_MM, _EDGE_MM = 5.0, 8.0


@drawn
def absent(publishable: Publishable, words: str) -> Figure:
    """A sheet with one sentence: why there is no chart. The number and the caption of the figure stay as they are.

    ``publishable`` is the released table that has no rows for it, and ``words`` a sentence of the author's own.

    >>> import pandas as pd
    >>> from fls_research.disclosure import release_reference
    >>> print(absent(release_reference(pd.DataFrame({"stage": ["start"]})), "No patient of 2023 is in this extract."))
    <Figure: nothing to draw: No patient of 2023 is in this extract., 160 by 21 mm>
    """
    verify(publishable)
    lines = Sheet(_EDGE_MM).wrapped(words, style.WIDTH_MM - 2 * _EDGE_MM)
    sheet = Sheet(2 * _EDGE_MM + len(lines) * _LINE_MM)
    sheet.write(sheet.width / 2, sheet.height / 2, "\n".join(lines), ha="center", va="center", color=style.DARK_GREY)
    return sheet.finished(f"nothing to draw: {words}", [publishable])
