"""The sheet: pixel for pixel what Matplotlib saves, words as wide as Matplotlib lays them out, settings left alone."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from fls_research.outputs import canvas, style
from fls_research.outputs.canvas import Figure, Sheet, drawn, width_of


@drawn
def sheet_with_everything() -> tuple[Sheet, Figure]:
    sheet = Sheet(40)
    axes = sheet.axes(20, 10, 100, 20)
    axes.plot([0, 1, 2], [3, 1, 2], "-o", color=style.BLUE)
    axes.text(1, 2, "Assessed 69% ▲")
    return sheet, sheet.finished("everything", [])


def test_a_sheet_is_pixel_for_pixel_what_matplotlib_saves() -> None:
    sheet, figure = sheet_with_everything()
    held = io.BytesIO()
    with mpl.rc_context({**style.settings()}):
        sheet.drawing.savefig(held, format="png", dpi=style.DPI)
    with Image.open(held) as saved, Image.open(io.BytesIO(figure.png)) as made:
        assert (np.asarray(saved.convert("RGB")) == np.asarray(made)).all()
    assert len(figure.png) < len(held.getvalue())


@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("words", ["KPI 10 Treatment started", "[c] ▲ Green", "98 to 100", ""])
def test_words_are_as_wide_as_matplotlib_lays_them_out(words, bold) -> None:
    @drawn
    def laid_out() -> float:
        sheet = Sheet(40)
        sheet.write(10, 10, words, fontweight="bold" if bold else "normal")
        renderer = sheet.drawing.canvas.get_renderer()
        return sheet.drawing.texts[0].get_window_extent(renderer).width / style.DPI * 25.4

    assert width_of(words, bold=bold) == pytest.approx(laid_out())


def test_the_width_of_several_lines_is_that_of_the_widest() -> None:
    assert width_of("a\nlonger") == width_of("longer")


def test_widths_do_not_hang_on_the_callers_settings_or_change_them() -> None:
    with mpl.rc_context({"font.size": 30, "text.hinting": "force_autohint", "font.family": "monospace"}):
        elsewhere = width_of("Measured first under other settings")
        assert mpl.rcParams["font.size"] == 30
    canvas._dots_wide.cache_clear()
    assert width_of("Measured first under other settings") == elsewhere
