"""A sheet that is drawn on at once: lines, dots, boxes and words in millimetres, without Matplotlib's axes and artists.

A chart of a pack is drawn for every service and region. What costs in Matplotlib is not ink but bookkeeping: axes,
ticks, artists, and layout that is worked out twice. The renderer underneath takes a path or words and draws them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgba
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import ArrayLike

from fls_research.disclosure import Publishable
from fls_research.outputs import style
from fls_research.outputs.canvas import SYNTHETIC, Figure, in_type, letters, width_of
from fls_research.outputs.picture import png

_DOTS_A_MM = style.DPI / style.MM_PER_INCH
_DOTS_A_POINT = style.DPI / 72
_PAD = 10
"""Dots around the words of a stamp, for what hangs below the line and leans out at the ends."""

_WHERE = {"left": 0.0, "center": 0.5, "right": 1.0}
_ABOVE_LINE = 0.36
"""How far the middle of capitals and digits stands above the line they are written on, in sizes of the type."""

LINE_MM = 4.0
"""From one line of words to the next."""

DASHES = (4.0, 2.0)


@dataclass(frozen=True)
class Written:
    """Words on a board, and the box in millimetres that they take: what a test looks at."""

    words: str
    left: float
    bottom: float
    right: float
    top: float


class Board:
    """A white sheet whose lower left corner is (0, 0); every place and length is in millimetres, line widths in points.

    >>> board = Board(20)
    >>> board.line([10, 150], [10, 10], colour=style.BLUE)
    >>> board.words(10, 14, "Assessed", bold=True)
    >>> board.finished("a line with its name", [])
    Figure(width_mm=160.0, height_mm=20, summary='a line with its name')
    """

    def __init__(self, height_mm: float, *, width_mm: float = style.WIDTH_MM) -> None:
        self.width, self.height = width_mm, height_mm
        self.written: list[Written] = []
        across, up = (int(length * _DOTS_A_MM) for length in (width_mm, height_mm))
        self._renderer = RendererAgg(across, up, style.DPI)
        self._up = up
        self._scale = Affine2D().scale(_DOTS_A_MM)
        self._fill(Path.unit_rectangle(), Affine2D().scale(across, up), "white")

    def line(
        self, xs: ArrayLike, ys: ArrayLike, *, colour: str, points: float = 2.0, dashed: bool = False, cap: str = "butt"
    ) -> None:
        """A line through the places; where one is missing (NaN) it is broken."""
        pen = self._pen(colour, points, cap=cap)
        if dashed:
            pen.set_dashes(0, [length * points for length in DASHES])
        self._renderer.draw_path(pen, Path(_places(xs, ys)), self._scale)

    def steps(self, xs: ArrayLike, ys: ArrayLike, *, colour: str, points: float = 2.0) -> None:
        """A line that stays at each height until the next place."""
        self.line(*_stepped(xs, ys), colour=colour, points=points)

    def band(self, xs: ArrayLike, low: ArrayLike, high: ArrayLike, *, colour: str, alpha: float) -> None:
        """The area between two lines of steps."""
        across, bottom = _stepped(xs, low)
        top = _stepped(xs, high)[1]
        outline = _places(np.append(across, across[::-1]), np.append(bottom, top[::-1]))
        self._fill(Path(outline), self._scale, colour, alpha=alpha)

    def box(self, left: float, bottom: float, width: float, height: float, *, fill: str, edge: str = "") -> None:
        """A filled rectangle, with an edge where one is named."""
        where = Affine2D().scale(width, height).translate(left, bottom) + self._scale
        pen = self._pen(edge or fill, 0.8 if edge else 0.0)
        pen.set_snap(True)
        self._renderer.draw_path(pen, Path.unit_rectangle(), where, to_rgba(fill))

    def marks(
        self, xs: ArrayLike, ys: ArrayLike, *, shape: str, size: float, fill: str, edge: str = "", points: float = 1.2
    ) -> None:
        """The same mark at each place: a Matplotlib ``shape``, ``size`` points across, hollow where filled white."""
        style_of = MarkerStyle(shape)
        grown = style_of.get_transform().frozen().scale(size * _DOTS_A_POINT)
        pen = self._pen(edge or fill, points if edge or not style_of.is_filled() else 0.0, cap=style_of.get_capstyle())
        pen.set_snap(False)
        pen.set_joinstyle(style_of.get_joinstyle())
        inside = to_rgba(fill) if style_of.is_filled() else None
        self._renderer.draw_markers(pen, style_of.get_path(), grown, Path(_places(xs, ys)), self._scale, inside)

    def words(
        self,
        x: float,
        y: float,
        words: str,
        *,
        ha: str = "left",
        colour: str = style.DARK_GREY,
        bold: bool = False,
        cleared: bool = False,
    ) -> None:
        """One line of words; ``y`` is the middle of its digits and capitals. ``cleared`` whitens what is behind it."""
        if not words:
            return
        wide = width_of(words, bold=bold)
        left = x - _WHERE[ha] * wide
        base = y - _ABOVE_LINE * style.SMALLEST_PT / 72 * style.MM_PER_INCH
        tall = style.SMALLEST_PT / 72 * style.MM_PER_INCH
        held = Written(words, left, base - 0.2 * tall, left + wide, base + 0.75 * tall)
        self.written.append(held)
        if cleared:
            self.box(left - 0.5, held.bottom, wide + 1, held.top - held.bottom, fill="white")
        across, up = round(left * _DOTS_A_MM) - _PAD, round(base * _DOTS_A_MM) - _PAD
        self._renderer.draw_image(self._pen(colour, 1.0), across, up, _stamp(words, bold, colour))

    def block(self, x: float, y: float, lines: Sequence[str], **how: object) -> None:
        """Several lines of words, the middle of the block at ``y``."""
        top = y + (len(lines) - 1) * LINE_MM / 2
        for place, line in enumerate(lines):
            self.words(x, top - place * LINE_MM, line, **how)  # type: ignore[arg-type]

    def finished(self, summary: str, used: Sequence[Publishable]) -> Figure:
        """The picture, marked where the numbers come from a synthetic extract."""
        if any(table.release.synthetic for table in used):
            self.words(self.width - 1, 2.4, SYNTHETIC, ha="right", colour=style.MID_GREY)
        return Figure(png(np.asarray(self._renderer.buffer_rgba()), dpi=style.DPI), self.width, self.height, summary)

    def _pen(self, colour: str, points: float, *, cap: str = "butt") -> GraphicsContextBase:
        pen = self._renderer.new_gc()
        pen.set_foreground(to_rgba(colour), isRGBA=True)
        pen.set_linewidth(points)
        pen.set_capstyle(cap)
        pen.set_joinstyle("round")
        return pen

    def _fill(self, outline: Path, where: Affine2D, colour: str, *, alpha: float = 1.0) -> None:
        pen = self._pen(colour, 0.0)
        self._renderer.draw_path(pen, outline, where, to_rgba(colour, alpha))


def warm() -> None:
    """Load the type and draw one board, for a process that others are forked from: they then start where it stands.

    The first chart of a process costs a tenth of a second more than the next, nearly all of it for fonts.

    >>> warm()
    """
    board = Board(10)
    for bold in (False, True):
        for words in ("0123456789% [c] [x]", "▲ Green ● Amber ▼ Red"):
            board.words(1, 5, words, bold=bold)
    board.finished("type", [])


@lru_cache(maxsize=2048)
def _stamp(words: str, bold: bool, colour: str) -> np.ndarray:
    """The words as a small picture, from the bottom: numbers and titles come again in chart after chart."""
    across = math.ceil(width_of(words, bold=bold) * _DOTS_A_MM) + 2 * _PAD
    up = math.ceil(style.SMALLEST_PT * _DOTS_A_POINT) + 2 * _PAD
    renderer = RendererAgg(across, up, style.DPI)
    pen = renderer.new_gc()
    pen.set_foreground(to_rgba(colour), isRGBA=True)
    with in_type():
        renderer.draw_text(pen, _PAD, up - _PAD, words, letters(bold=bold), 0.0, ismath=False)
    return np.array(renderer.buffer_rgba())[::-1]


def _places(xs: ArrayLike, ys: ArrayLike) -> np.ndarray:
    return np.column_stack([np.atleast_1d(np.asarray(xs, float)), np.atleast_1d(np.asarray(ys, float))])


def _stepped(xs: ArrayLike, ys: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    across, up = np.asarray(xs, float), np.asarray(ys, float)
    return np.repeat(across, 2)[1:], np.repeat(up, 2)[:-1]
