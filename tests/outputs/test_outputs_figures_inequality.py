"""Charts and tables of inequality, and the explorer: released tables only, the right marks, nothing over anything."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from matplotlib import image
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from fls_research.disclosure import Publishable, release, release_estimates
from fls_research.errors import DisclosureError
from fls_research.outputs import canvas, explorer, figures, table_inequality

TITLES = {
    "kpi4": "Assessment within 90 days",
    "kpi8": "Strength and balance training by 16 weeks",
    "kpi10": "Bone therapy started by 16 weeks",
}
ENDS = {"first": "1", "last": "5", "first_words": "most deprived fifth", "last_words": "least deprived fifth"}
LABELS = ["title", "characteristic", "group_name"]
POLICY = {"policy": "hes", "level": "below national"}


@pytest.fixture(scope="module")
def quintiles() -> Publishable:
    met = {
        "kpi4": [610, 690, 710, 720, 709, 720],
        "kpi8": [0, 20, 30, 25, 990, 10],
        "kpi10": [350, 360, 360, 370, 352, 360],
    }
    rows = [
        {"data_year": year, "kpi": kpi, "version": "v", "title": title, "dimension": "imd_quintile", "group": group,
         "characteristic": "Deprivation", "group_name": f"Fifth {group}", "numerator": number, "denominator": 1000}
        for year in (2023, 2024)
        for kpi, title in TITLES.items()
        for group, number in zip([*"12345", "not known"], met[kpi], strict=True)
    ]  # fmt: skip
    return release(pd.DataFrame(rows), lane="patient_group", labels=LABELS, **POLICY)


@pytest.fixture(scope="module")
def gaps() -> Publishable:
    words = ["Most v least deprived fifth", "Men v women", "Ethnicity not known v White"]
    rows = pd.DataFrame(
        [{"kpi": kpi, "title": title, "words": word} for kpi, title in TITLES.items() for word in words]
    )
    middle = np.array([-0.1, 0.0, 0.05, -0.2, np.nan, 0.1, -0.01, 0.02, 0.03])
    columns = {}
    for name, shift in (("crude", 0.0), ("adjusted", 0.01)):
        columns |= {name: middle + shift, f"{name}_lower": middle - 0.04, f"{name}_upper": middle + 0.06}
    ratio = np.exp(5 * middle)
    columns |= {"ratio": ratio, "ratio_lower": ratio * 0.8, "ratio_upper": ratio * 1.25}
    counts = {"n": [500] * 8 + [20], "events": [200] * 8 + [3]}
    return release_estimates(
        rows.assign(**columns, **counts), estimate_columns=list(columns), count_columns=["n", "events"],
        labels=["kpi", "title", "words"], synthetic=True, **POLICY,
    )  # fmt: skip


SIDES = {"less": "the first has less", "more": "has more"}
CHARTS: dict[str, tuple[str, Callable]] = {
    "equiplot": ("quintiles", lambda table: figures.equiplot(table.where(data_year=2024), **ENDS)),
    "forest": (
        "gaps",
        lambda table: figures.forest(
            table.where(words="Most v least deprived fifth"), label="title",
            series={"crude": "as it is", "adjusted": "adjusted for patients"}, **SIDES,
        ),
    ),
    "forest of ratios": (
        "gaps",
        lambda table: figures.forest(table, label="words", series={"ratio": "ratio"}, ratio=True, **SIDES),
    ),
    "gap_panels": ("gaps", lambda table: figures.gap_panels(table, value="adjusted", **SIDES)),
    "groups_over_years": ("quintiles", lambda table: figures.groups_over_years(table.where(kpi="kpi8"))),
}  # fmt: skip


@pytest.fixture(params=CHARTS, ids=list(CHARTS))
def chart(request: pytest.FixtureRequest) -> tuple[Callable, Publishable]:
    fixture, draw = CHARTS[request.param]
    return draw, request.getfixturevalue(fixture)


@pytest.fixture
def sheets(monkeypatch: pytest.MonkeyPatch) -> list[canvas.Sheet]:
    kept: list[canvas.Sheet] = []
    finished = canvas.Sheet.finished

    def keep(self: canvas.Sheet, *given: object) -> canvas.Figure:
        kept.append(self)
        return finished(self, *given)

    monkeypatch.setattr(canvas.Sheet, "finished", keep)
    return kept


def boxes(sheet: canvas.Sheet) -> list[tuple[str, object]]:
    renderer = FigureCanvasAgg(sheet.drawing).get_renderer()
    hidden = {
        label
        for axes in sheet.drawing.axes
        if not axes.axison
        for label in (*axes.get_xticklabels(which="both"), *axes.get_yticklabels(which="both"))
    }
    seen = [t for t in sheet.drawing.findobj(Text) if t.get_text().strip() and t.get_visible() and t not in hidden]
    return [(each.get_text(), each.get_window_extent(renderer)) for each in seen]


def words_on(sheet: canvas.Sheet) -> list[str]:
    return [words.strip() for words, _ in boxes(sheet)]


def test_the_same_numbers_give_the_same_picture(chart):
    draw, table = chart
    first, second = draw(table), draw(table)
    assert first.png == second.png
    assert abs(image.imread(io.BytesIO(first.png)).shape[1] - 160 / 25.4 * 200) < 1


def test_a_bare_frame_is_refused():
    for draw in (
        lambda frame: figures.equiplot(frame, **ENDS),
        lambda frame: figures.forest(frame, label="title", series={"crude": "c"}, **SIDES),
        lambda frame: figures.gap_panels(frame, value="crude", **SIDES),
        figures.groups_over_years,
        lambda frame: table_inequality.groups_table(frame, year=2024),
    ):
        with pytest.raises(DisclosureError, match="is not released"):
            draw(pd.DataFrame({"kpi": ["kpi4"]}))


def test_no_words_cover_other_words_or_leave_the_sheet(chart, sheets):
    draw, table = chart
    draw(table)
    found = boxes(sheets[0])
    width, height = sheets[0].drawing.bbox.width, sheets[0].drawing.bbox.height
    for words, box in found:
        assert box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1, words
    for (one, first), (other, second) in itertools.combinations(found, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert not (wide > 1 and high > 3), f"{one!r} covers {other!r}"


def test_the_equiplot_writes_both_ends_and_marks_the_missing_group(quintiles, sheets):
    CHARTS["equiplot"][1](quintiles)
    words = words_on(sheets[0])
    assert {"61%", "71%", "0%", "99%", "not known"} <= set(words)
    assert "69%" not in words, "groups between the ends have a dot and no number"


def test_the_equiplot_wants_one_year(quintiles):
    with pytest.raises(DisclosureError, match="choose one year"):
        figures.equiplot(quintiles, **ENDS)


def test_the_forest_writes_the_last_series_in_points(gaps, sheets):
    CHARTS["forest"][1](gaps)
    assert "−9.0 (−14.0 to −4.0)" in words_on(sheets[0])


def test_the_forest_of_ratios_has_a_log_axis_about_one(gaps, sheets):
    CHARTS["forest of ratios"][1](gaps)
    axes = sheets[0].drawing.axes[0]
    low, high = axes.get_xlim()
    assert axes.get_xscale() == "log" and low * high == pytest.approx(1)


def test_a_gap_without_an_answer_and_one_held_back_are_told_apart(gaps, sheets):
    figures.gap_panels(gaps, value="adjusted", **SIDES)
    words = words_on(sheets[0])
    assert words.count("[x]") == 1 and words.count("[c]") == 1


def test_years_are_marked_and_the_latest_is_written(quintiles, sheets):
    figures.groups_over_years(quintiles.where(kpi="kpi4"))
    words = words_on(sheets[0])
    assert "2024, with its interval" in words and "2023" in words and words.count("61%") == 1


def test_a_missing_column_is_named(gaps):
    with pytest.raises(DisclosureError, match="no column 'crud'; did you mean 'crude'"):
        figures.forest(gaps, label="title", series={"crud": "c"}, **SIDES)


def test_the_table_of_groups_has_a_row_a_group_and_a_column_a_kpi(quintiles):
    table = table_inequality.groups_table(quintiles, year=2024)
    assert table.headings == ("", "Group", "KPI 4", "KPI 8", "KPI 10")
    assert table.rows[0] == ("Deprivation", "Fifth 1", "61%", "0%", "35%")
    assert table.rows[1][0] == "" and len(table.rows) == 6
    with pytest.raises(DisclosureError, match="no row of 2030"):
        table_inequality.groups_table(quintiles, year=2030)


# -- the explorer ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted() -> Publishable:
    frame = pd.DataFrame(
        {"data_year": 2024, "kpi": "kpi4", "title": TITLES["kpi4"], "dimension": "imd_quintile", "group": ["1", "5"],
         "characteristic": "Deprivation", "group_name": ["Fifth 1", "Fifth 5"], "n": 1000, "events": 500,
         "proportion": [0.111, 0.222], "lower": 0.1, "upper": 0.3}
    )  # fmt: skip
    return release_estimates(
        frame, estimate_columns=["proportion", "lower", "upper"], count_columns=["n", "events"],
        labels=["data_year", "kpi", "title", "dimension", "group", "characteristic", "group_name"], **POLICY,
    )  # fmt: skip


def test_the_explorer_draws_what_is_asked_for(quintiles, fitted, sheets):
    held = explorer.Explorer(quintiles, fitted)
    assert list(held.kpis) == ["kpi4", "kpi8", "kpi10"] and held.years == (2023, 2024)
    chosen = {"kpi": "kpi4", "dimension": "imd_quintile"}
    held.figure(**chosen, years=[2024], adjusted=False)
    held.figure(**chosen, years=[2024], adjusted=True)
    assert "61%" in words_on(sheets[0]) and "11%" in words_on(sheets[1])


def test_the_explorer_says_so_where_nothing_is_adjusted(quintiles, fitted):
    held = explorer.Explorer(quintiles, fitted)
    chosen = {"kpi": "kpi4", "dimension": "imd_quintile", "years": [2023, 2024]}
    assert "no adjusted estimate" in held.words(**chosen, adjusted=True)
    assert held.figure(**chosen, adjusted=True).png == held.figure(**chosen, adjusted=False).png


def test_the_widgets_change_the_picture(quintiles, fitted):
    box = explorer.explore(quintiles, fitted)
    kpi, _, years, is_adjusted, picture, caption = box.children
    first = picture.value
    kpi.value = "kpi8"
    second = picture.value
    assert first != second
    kpi.value = "kpi4"
    assert picture.value == first
    is_adjusted.value = True
    assert picture.value != first and "robust" in caption.value
    years.value = (2023, 2024)
    assert "no adjusted estimate" in caption.value


def test_the_explorer_refuses_what_was_not_released(quintiles):
    with pytest.raises(DisclosureError, match="is not released"):
        explorer.explore(quintiles, quintiles.frame)
