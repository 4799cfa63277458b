"""The sheet a chart is drawn on, measured in millimetres, and the picture that it becomes."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing
from matplotlib.patheffects import withStroke

from fls_research.disclosure import Publishable
from fls_research.outputs import style

_SYNTHETIC = "Synthetic data"
_Given = ParamSpec("_Given")


@dataclass(frozen=True)
class Figure:
    """A chart as a picture. In a notebook it shows as PNG; ``summary`` is what a console prints.

    The same released numbers give the same bytes: the picture holds no date and no name of a program.
    """

    png: bytes = field(repr=False)
    width_mm: float
    height_mm: float
    summary: str

    def __str__(self) -> str:
        return f"<Figure: {self.summary}, {self.width_mm:g} by {self.height_mm:g} mm>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        pixels = {"width": round(self.width_mm / 25.4 * 96), "height": round(self.height_mm / 25.4 * 96)}
        picture = base64.b64encode(self.png).decode("ascii")
        return {"image/png": picture, "text/plain": str(self)}, {"image/png": pixels}


def drawn(chart: Callable[_Given, Figure]) -> Callable[_Given, Figure]:
    """The chart in the house style, whatever Matplotlib settings the caller has; those are left as they were."""

    @wraps(chart)
    def in_style(*given: _Given.args, **named: _Given.kwargs) -> Figure:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(style.settings())
            return chart(*given, **named)

    return in_style


class Sheet:
    """A white sheet; everything on it is placed in millimetres from the lower left corner."""

    def __init__(self, height_mm: float, *, width_mm: float = style.WIDTH_MM) -> None:
        self.width, self.height = width_mm, height_mm
        inches = (width_mm / style.MM_PER_INCH, height_mm / style.MM_PER_INCH)
        self.drawing = Drawing(figsize=inches, dpi=style.DPI)
        self._renderer = FigureCanvasAgg(self.drawing).get_renderer()

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes with their lower left corner and size in millimetres."""
        return self.drawing.add_axes(
            (left / self.width, bottom / self.height, width / self.width, height / self.height)
        )

    def write(self, x: float, y: float, words: str, **how: Any) -> None:
        """Words at a place on the sheet."""
        self.drawing.text(x / self.width, y / self.height, words, **how)

    def width_of(self, words: str, *, bold: bool = False) -> float:
        """How wide the words are in the type of the sheet, in millimetres."""
        probe = self.drawing.text(0, 0, words, fontweight="bold" if bold else "normal")
        extent = probe.get_window_extent(self._renderer)
        probe.remove()
        return extent.width / style.DPI * style.MM_PER_INCH

    def wrapped(self, words: str, width: float, *, bold: bool = False) -> list[str]:
        """The words in lines that are no wider than ``width`` millimetres."""
        lines: list[str] = []
        for word in words.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.width_of(longer, bold=bold) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines or [""]

    def finished(self, summary: str, used: Sequence[Publishable]) -> Figure:
        """The picture, marked where the numbers come from a synthetic extract."""
        if any(table.release.synthetic for table in used):
            self.write(self.width - 1, 1.2, _SYNTHETIC, ha="right", va="bottom", color=style.MID_GREY)
        held = io.BytesIO()
        self.drawing.savefig(held, format="png", dpi=style.DPI, metadata={"Software": None})
        return Figure(held.getvalue(), self.width, self.height, summary)


HALO = (withStroke(linewidth=2.5, foreground="white"),)
"""A white edge around letters that may cross a line."""
