"""The frame that most charts share: one labelled row each on the left, a percentage axis on the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from fls_research.outputs import style, text
from fls_research.outputs.canvas import Sheet

BOTTOM_MM = 11.0
LINE_MM = 4.0
RIGHT_MM = 12.0
"""Room to the right of 100%, for a label there."""


class PercentRows:
    """A sheet with rows from top to bottom: ``axes`` has percent along x and the row's number along y.

    A row is ``row_mm`` high, or higher where a label needs more lines. ``top_mm`` is kept free for :meth:`headings`.
    """

    def __init__(
        self,
        labels: Sequence[str],
        *,
        row_mm: float,
        top_mm: float = 2.0,
        widest_mm: float = 54.0,
        right_mm: float = RIGHT_MM,
    ) -> None:
        probe = Sheet(BOTTOM_MM)
        lines = [probe.wrapped(label, widest_mm) for label in labels]
        self.row_mm = max(row_mm, max(map(len, lines)) * LINE_MM + 1.5)
        self.sheet = Sheet(len(labels) * self.row_mm + top_mm + BOTTOM_MM)
        self.left = max(probe.width_of(line) for wrapped in lines for line in wrapped) + 6
        self.right = right_mm
        self.width = self.sheet.width - self.left - right_mm
        self.top = self.sheet.height - top_mm
        self.axes = self.sheet.axes(self.left, BOTTOM_MM, self.width, self.top - BOTTOM_MM)
        self._percent_axis(self.axes, len(labels))
        for place, wrapped in enumerate(lines):
            align = "center_baseline" if len(wrapped) == 1 else "center"
            y = self.top - (place + 0.5) * self.row_mm
            self.sheet.write(1, y, "\n".join(wrapped), va=align, linespacing=1.1)

    @staticmethod
    def _percent_axis(axes: Axes, rows: int) -> None:
        axes.set_xlim(0, 100)
        axes.set_ylim(rows - 0.5, -0.5)
        axes.set_xticks([0, 20, 40, 60, 80, 100], ["0", "20", "40", "60", "80", "100%"])
        axes.set_yticks([])
        axes.grid(axis="x")

    def percent_of(self, millimetres: float) -> float:
        """How many percentage points along the axis a length is."""
        return millimetres / self.width * 100

    def write_at_end(self, place: int, words: str, **how: str) -> None:
        """Words at the right edge of a row."""
        x = 100 + self.percent_of(self.right - 1)
        self.axes.text(x, place, words, ha="right", va="center_baseline", **how)

    def headings(self) -> Axes:
        """Axes above the rows, in millimetres, for the words that explain the marks."""
        height = self.sheet.height - self.top
        axes = self.sheet.axes(self.left, self.top, self.width + self.right, height)
        axes.set_xlim(0, self.width + self.right)
        axes.set_ylim(0, height)
        axes.set_axis_off()
        return axes


def absent(row: Mapping) -> str:
    """What is written in the place of a value that is not there."""
    return text.SUPPRESSED if row.get("status") == "suppressed" else text.NOT_AVAILABLE


def aim_mark(axes: Axes, x: float, y: float) -> None:
    """The mark of an aim: a small triangle that points down at its place."""
    axes.plot(x, y, "v", ms=5.5, color=style.MID_GREY, zorder=3, clip_on=False)
