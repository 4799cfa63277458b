"""The board: what is drawn where it should be, the same bytes whatever came before, and words that know their place."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import image

from fls_research.disclosure import Publishable
from fls_research.outputs import board as board_module
from fls_research.outputs import style
from fls_research.outputs.board import Board
from fls_research.outputs.canvas import Figure, drawn, width_of, wrapped

_DOTS_A_MM = style.DPI / 25.4


def pixels(figure: Figure) -> np.ndarray:
    return image.imread(io.BytesIO(figure.png))[..., :3]


def colour_at(figure: Figure, x: float, y: float) -> np.ndarray:
    held = pixels(figure)
    return (held[held.shape[0] - 1 - int(y * _DOTS_A_MM), int(x * _DOTS_A_MM)] * 255).round().astype(int)


def rgb(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def some_board() -> Figure:
    board = Board(30)
    board.box(10, 5, 20, 10, fill=style.BLUE)
    board.line([50, 90], [10, 10], colour=style.ORANGE, points=4)
    board.marks([110, 120], [10, 10], shape="o", size=9, fill=style.TURQUOISE)
    board.words(10, 25, "Assessed 69% ▲ Green", bold=True)
    return board.finished("everything", [])


def test_a_board_is_a_picture_of_its_size_on_paper() -> None:
    figure = Board(40, width_mm=100).finished("nothing", [])
    assert pixels(figure).shape == (int(40 * _DOTS_A_MM), int(100 * _DOTS_A_MM), 3)
    assert (pixels(figure) == 1).all()
    assert str(figure) == "<Figure: nothing, 100 by 40 mm>"


def test_boxes_lines_and_marks_are_where_they_were_put() -> None:
    figure = some_board()
    for x, y, colour in ((20, 10, style.BLUE), (70, 10, style.ORANGE), (120, 10, style.TURQUOISE)):
        assert colour_at(figure, x, y).tolist() == rgb(colour)
    for x, y in ((20, 16), (70, 12), (115, 10)):
        assert colour_at(figure, x, y).tolist() == [255, 255, 255]


def test_a_line_is_broken_where_a_place_is_missing() -> None:
    board = Board(20)
    board.line([10, 30, 50, 70], [10, 10, np.nan, 10], colour=style.BLUE, points=4)
    figure = board.finished("gap", [])
    assert colour_at(figure, 20, 10).tolist() == rgb(style.BLUE)
    assert colour_at(figure, 50, 10).tolist() == [255, 255, 255]


def test_a_band_and_a_line_of_steps_stay_at_a_height_until_the_next_place() -> None:
    board = Board(40)
    board.band([10, 50, 90], [5, 15, 25], [12, 22, 32], colour=style.BLUE, alpha=1.0)
    figure = board.finished("steps", [])
    assert colour_at(figure, 45, 8).tolist() == rgb(style.BLUE)
    assert colour_at(figure, 45, 14).tolist() == [255, 255, 255]
    assert colour_at(figure, 55, 18).tolist() == rgb(style.BLUE)


def test_words_stand_in_the_box_that_the_board_notes() -> None:
    board = Board(20)
    board.words(80, 10, "Queries", ha="center", bold=True, colour=style.BLUE)
    (held,) = board.written
    inked = np.argwhere((pixels(board.finished("words", [])) < 0.5).any(axis=2))
    top, left = inked.min(axis=0)
    bottom, right = inked.max(axis=0)
    height = int(20 * _DOTS_A_MM)
    assert held.left - 0.2 <= left / _DOTS_A_MM and right / _DOTS_A_MM <= held.right + 0.2
    assert held.bottom - 0.2 <= (height - bottom) / _DOTS_A_MM and (height - top) / _DOTS_A_MM <= held.top + 0.3
    assert held.right - held.left == pytest.approx(width_of("Queries", bold=True))
    assert (held.left + held.right) / 2 == pytest.approx(80)


def test_the_middle_of_figures_is_where_the_words_were_put() -> None:
    board = Board(20)
    board.words(10, 10, "0")
    rows = np.flatnonzero((pixels(board.finished("words", [])) < 0.5).any(axis=(1, 2)))
    middle = (int(20 * _DOTS_A_MM) - (rows[0] + rows[-1]) / 2) / _DOTS_A_MM
    assert middle == pytest.approx(10, abs=0.15)


def test_the_same_board_gives_the_same_bytes_whatever_was_drawn_or_set_before() -> None:
    draw = drawn(some_board)
    first = draw()
    board_module._stamp.cache_clear()
    with mpl.rc_context({"text.hinting": "force_autohint", "text.antialiased": False, "font.size": 30}):
        Board(30).words(10, 25, "Assessed 69% ▲ Green", bold=True)
        second = draw()
    assert first.png == second.png


def test_cleared_words_whiten_what_is_behind_them() -> None:
    board = Board(20)
    board.line([0, 160], [10, 10], colour=style.ORANGE, points=3)
    board.words(50, 10, ". .", cleared=True)
    figure = board.finished("cleared", [])
    assert colour_at(figure, 50 + width_of(". .") / 2, 10).tolist() == [255, 255, 255]
    assert colour_at(figure, 80, 10).tolist() == rgb(style.ORANGE)


def test_a_synthetic_table_marks_the_board(flow_of_rows: Publishable, national: Publishable) -> None:
    assert [words.words for words in _finished(flow_of_rows).written] == ["Synthetic data"]
    assert _finished(national).written == []


def test_wrapped_words_keep_within_their_width() -> None:
    lines = wrapped("Strength and balance training by 16 weeks", 30, bold=True)
    assert len(lines) > 1
    assert all(width_of(line, bold=True) <= 30 for line in lines)


def _finished(table: Publishable) -> Board:
    board = Board(20)
    board.finished("one table", [table])
    return board
