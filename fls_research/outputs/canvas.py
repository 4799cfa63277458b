"""The sheet a chart is drawn on, measured in millimetres, and the picture that it becomes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, lru_cache, wraps
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.patheffects import withStroke

from fls_research.disclosure import Publishable
from fls_research.outputs import style
from fls_research.outputs.picture import png

SYNTHETIC = "Synthetic data"
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
        self._canvas = FigureCanvasAgg(self.drawing)

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
        return width_of(words, bold=bold)

    def wrapped(self, words: str, width: float, *, bold: bool = False) -> list[str]:
        """The words in lines that are no wider than ``width`` millimetres."""
        return wrapped(words, width, bold=bold)

    def finished(self, summary: str, used: Sequence[Publishable]) -> Figure:
        """The picture, marked where the numbers come from a synthetic extract."""
        if any(table.release.synthetic for table in used):
            self.write(self.width - 1, 1.2, SYNTHETIC, ha="right", va="bottom", color=style.MID_GREY)
        self._canvas.draw()
        return Figure(png(np.asarray(self._canvas.buffer_rgba()), dpi=style.DPI), self.width, self.height, summary)


def width_of(words: str, *, bold: bool = False) -> float:
    """How wide the words are in the type of every sheet, in millimetres; of several lines, the widest.

    >>> width_of("Assessed", bold=True) > width_of("Assessed") > width_of("Ass")
    True
    """
    return max(_dots_wide(line, bold) for line in words.split("\n")) / style.DPI * style.MM_PER_INCH


def wrapped(words: str, width: float, *, bold: bool = False) -> list[str]:
    """The words in lines that are no wider than ``width`` millimetres; a word that is wider stands alone.

    >>> wrapped("Assessed within 90 days", 30)
    ['Assessed within 90', 'days']
    """
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


@cache
def letters(*, bold: bool) -> FontProperties:
    """The type of every sheet, as Matplotlib asks for it."""
    settings = style.settings()
    weight = "bold" if bold else "normal"
    return FontProperties(family=settings["font.family"], size=settings["font.size"], weight=weight)


@contextmanager
def in_type() -> Iterator[None]:
    """The settings that words are measured and drawn by, for what is kept from one chart to the next."""
    wanted = {"text.hinting": style.settings()["text.hinting"], "text.antialiased": True}
    # These two and no others: Matplotlib's own context copies all three hundred, hundreds of times a chart.
    before = {name: mpl.rcParams[name] for name in wanted}
    mpl.rcParams.update(wanted)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


@lru_cache(maxsize=8192)
def _dots_wide(words: str, bold: bool) -> float:
    """The width in dots. Titles and names come again in chart after chart, so it is kept."""
    with in_type():
        return float(_measure().get_text_width_height_descent(words, letters(bold=bold), ismath=False)[0])


@cache
def _measure() -> RendererAgg:
    return RendererAgg(1, 1, style.DPI)


HALO = (withStroke(linewidth=2.5, foreground="white"),)
"""A white edge around letters that may cross a line."""
