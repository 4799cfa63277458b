"""Every chart: released tables only, the same bytes, nothing written over anything else, nothing off the sheet."""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import image
from matplotlib.text import Text

from fls_research.disclosure import release
from fls_research.errors import DisclosureError
from fls_research.outputs import canvas, figures, style

CHARTS: dict[str, tuple[str, Callable]] = {
    "kpi_change": ("national", lambda table: figures.kpi_change(table, year=2024, before=2023)),
    "trend": ("national", figures.trend),
    "bars_by_group": ("groups", lambda table: figures.bars_by_group(table, aim=0.8)),
    "services_by_colour": ("services", figures.services_by_colour),
    "services_spread": ("strips", figures.services_spread),
    "completeness": ("groups", lambda table: figures.completeness(table, label="group")),
    "flow": ("flow_of_rows", figures.flow),
}


@pytest.fixture(params=CHARTS, ids=list(CHARTS))
def chart(request: pytest.FixtureRequest) -> tuple[Callable, object]:
    fixture, draw = CHARTS[request.param]
    return draw, request.getfixturevalue(fixture)


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> list[canvas.Sheet]:
    """The sheets that were finished, so that what is on them can be measured."""
    kept: list[canvas.Sheet] = []
    finished = canvas.Sheet.finished

    def keep(self: canvas.Sheet, *given: object) -> canvas.Figure:
        kept.append(self)
        return finished(self, *given)

    monkeypatch.setattr(canvas.Sheet, "finished", keep)
    return kept


def test_a_chart_is_a_picture_160_mm_wide_at_200_dots_an_inch(chart) -> None:
    draw, table = chart
    figure = draw(table)
    pixels = image.imread(io.BytesIO(figure.png))
    assert pixels.shape[1] == round(160 / 25.4 * 200) or pixels.shape[1] == int(160 / 25.4 * 200)
    assert (pixels[..., :3] < 0.9).any()
    bundle, about = figure._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]) == figure.png
    assert set(bundle) == {"image/png", "text/plain"}
    assert about["image/png"]["width"] == 605


def test_the_same_numbers_give_the_same_bytes_whatever_the_callers_settings(chart) -> None:
    draw, table = chart
    first = draw(table)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9}):
        second = draw(table)
        assert mpl.rcParams["font.size"] == 30
    assert first.png == second.png
    assert b"Software" not in first.png


def test_a_bare_frame_is_refused(chart) -> None:
    draw, table = chart
    with pytest.raises(DisclosureError, match="is not released"):
        draw(table.frame)


def test_no_words_cover_other_words_or_leave_the_sheet(chart, sheets) -> None:
    draw, table = chart
    draw(table)
    (sheet,) = sheets
    boxes = _boxes(sheet)
    width, height = sheet.drawing.bbox.width, sheet.drawing.bbox.height
    for words, box in boxes:
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, words
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert not (wide > 1 and high > 3), f"{one!r} covers {other!r}"


def test_no_words_are_smaller_than_nine_points(chart, sheets) -> None:
    draw, table = chart
    draw(table)
    assert {words.get_fontsize() for words in sheets[0].drawing.findobj(Text) if words.get_text()} == {9.0}


def _boxes(sheet: canvas.Sheet) -> list[tuple[str, object]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(sheet.drawing).get_renderer()
    seen = [words for words in sheet.drawing.findobj(Text) if words.get_text().strip() and words.get_visible()]
    # An axis that is switched off keeps its invisible tick labels.
    hidden = {
        label
        for axes in sheet.drawing.axes
        if not axes.axison
        for label in (*axes.get_xticklabels(which="both"), *axes.get_yticklabels(which="both"))
    }
    return [(words.get_text(), words.get_window_extent(renderer)) for words in seen if words not in hidden]


def _words(sheet: canvas.Sheet) -> list[str]:
    return [words for words, _ in _boxes(sheet)]


def test_small_values_keep_both_labels_clear_of_the_titles(sheets) -> None:
    counts = pd.DataFrame(
        {"data_year": [2023, 2024] * 3, "kpi": ["kpi4"] * 2 + ["kpi8"] * 2 + ["kpi9"] * 2, "version": "v",
         "group": "all", "dimension": "national", "target": 0.8,
         "title": "A title that is long enough to fill the column of titles",
         "numerator": [990, 1000, 10, 20, 30, 0], "denominator": 1000}
    )  # fmt: skip
    table = release(counts, policy="hes", lane="patient_group", level="national", labels=["title", "target"])
    test_no_words_cover_other_words_or_leave_the_sheet((CHARTS["kpi_change"][1], table), sheets)
    assert {"99%", "100%", "1%", "2%", "3%", "0%"} <= set(_words(sheets[0]))


def test_a_suppressed_group_reads_c(groups, sheets) -> None:
    figures.bars_by_group(groups)
    assert _words(sheets[0]).count("[c]") == 2


def test_a_change_of_definition_breaks_the_comparison(national, sheets) -> None:
    figures.kpi_change(national, year=2022, before=2021)
    words = _words(sheets[0])
    assert "50%" in words and "38%" not in words


def test_numbers_of_services_stand_in_or_beside_their_part(services, sheets) -> None:
    figures.services_by_colour(services)
    words = _words(sheets[0])
    assert {"37", "39", "28", "20", "29", "Green 1"} <= set(words)


def test_the_flow_leaves_out_reasons_of_no_rows_and_adds_up_the_others(flow_of_rows, sheets) -> None:
    figures.flow(flow_of_rows, names={"quarantined": "set aside"})
    words = _words(sheets[0])
    assert {"84,712", "83,500", "Set aside", "88", "Excluded", "1,124"} <= set(words)
    assert "Age under 50" not in words


def test_only_synthetic_charts_are_marked(flow_of_rows, national, sheets) -> None:
    figures.flow(flow_of_rows)
    figures.trend(national)
    assert ["Synthetic data" in _words(sheet) for sheet in sheets] == [True, False]


def test_trend_panels_are_chosen_and_checked(national, sheets) -> None:
    figures.trend(national, kpis=["kpi7", "kpi4"])
    titles = [words for words in _words(sheets[0]) if words.startswith("KPI")]
    assert titles == ["KPI 7 Bone treatment recommended", "KPI 4 Assessed within 90 days"]
    with pytest.raises(DisclosureError, match="no KPI 'kpi44'"):
        figures.trend(national, kpis=["kpi44"])


def test_a_missing_column_or_year_is_named(national, groups) -> None:
    with pytest.raises(DisclosureError, match="no column 'title'"):
        figures.trend(groups)
    with pytest.raises(DisclosureError, match="no national row of 2030"):
        figures.kpi_change(national, year=2030, before=2029)


def test_bars_need_one_row_a_group(national) -> None:
    with pytest.raises(DisclosureError, match="same group"):
        figures.bars_by_group(national)


def _luminance(colour: str) -> float:
    channels = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _contrast(one: str, other: str) -> float:
    low, high = sorted([_luminance(one), _luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("level", style.LEVELS)
def test_levels_can_be_read_and_seen(level: str) -> None:
    fill, edge, ink = style.LEVELS[level]
    assert _contrast(ink, fill) >= 4.5
    assert _contrast(edge, "white") >= 2.9


@pytest.mark.parametrize("ink", [style.DARK_GREY, style.MID_GREY, style.BLUE])
def test_letters_stand_out_from_white(ink: str) -> None:
    assert _contrast(ink, "white") >= 4.5
