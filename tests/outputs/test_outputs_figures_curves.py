"""Charts and tables of curves: released tables only, nothing over anything else, released numbers below the axis."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from fls_research.disclosure import Publishable, release_curve, release_estimates
from fls_research.errors import DisclosureError
from fls_research.outputs import canvas, figures, table_curves, tables

LABELS = ["step", "dimension", "group"]
PANELS = [
    figures.Panel("assessment", "Assessment", "seen", "waiting", 90),
    figures.Panel("treatment", "Treatment", "confirmed on treatment", "waiting", 112, "not confirmed"),
]
FIFTHS = {"1": "1, most deprived", "5": "5, least deprived"}


def curve_of(
    sizes: dict[str, int], *, done: str = "seen", step: str = "assessment", pace: float = 60.0
) -> pd.DataFrame:
    chance = np.random.default_rng(11)
    parts = []
    for place, (group, size) in enumerate(sizes.items()):
        day = np.minimum(np.floor(chance.exponential(pace * (1 + place / 20), size)), 365)
        state = np.where(day == 365, "waiting", np.where(chance.random(size) < 0.1, "died", done))
        parts.append(pd.DataFrame({"group": group, "day": day.astype(int), "state": state}))
    keys = ["group", "day", "state"]
    counted = pd.concat(parts).groupby(keys).size().rename("patients").reset_index()
    return counted.assign(step=step, dimension="imd_quintile")


def released(*exits: pd.DataFrame, level: str = "national") -> Publishable:
    return release_curve(
        pd.concat(exits), censored="waiting", landmarks=[30, 90, 112, 180, 365], policy="hes", level=level,
        labels=LABELS, synthetic=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def steps() -> Publishable:
    late = curve_of({"all": 4000}, done="confirmed on treatment", step="treatment", pace=400)
    third = late[late["state"] == "died"].assign(state="no longer appropriate")
    late = pd.concat([late, third]).groupby([*LABELS, "day", "state"], as_index=False)["patients"].sum()
    return released(curve_of({"all": 5000}), late)


@pytest.fixture(scope="module")
def fifths() -> Publishable:
    return released(curve_of({"1": 900, "2": 800, "3": 850, "4": 820, "5": 990}))


@pytest.fixture(scope="module")
def controlled() -> Publishable:
    """Below national level, with one group that is small and one that is hidden with it."""
    return released(curve_of({"1": 900, "2": 40, "3": 5, "4": 800, "5": 600}), level="below national")


CHARTS = {
    "stacked": ("steps", lambda table: figures.incidence_stacked(table, panels=PANELS)),
    "fifths": (
        "fifths",
        lambda t: figures.incidence_by_group(t, state="seen", names=FIFTHS, focus=["1", "5"], mark=90),
    ),
    "controlled": ("controlled", lambda t: figures.incidence_by_group(t, state="seen", names=FIFTHS, focus=["1", "5"])),
}


@pytest.fixture(params=CHARTS, ids=list(CHARTS))
def chart(request: pytest.FixtureRequest):
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


def boxes(sheet: canvas.Sheet) -> list[tuple[str, object]]:
    renderer = FigureCanvasAgg(sheet.drawing).get_renderer()
    seen = [words for words in sheet.drawing.findobj(Text) if words.get_text().strip() and words.get_visible()]
    return [(words.get_text(), words.get_window_extent(renderer)) for words in seen]


def words_on(sheet: canvas.Sheet) -> list[str]:
    return [words for words, _ in boxes(sheet)]


def test_no_words_cover_other_words_or_leave_the_sheet(chart, sheets) -> None:
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


def test_the_same_numbers_give_the_same_bytes_in_nine_points(chart, sheets) -> None:
    draw, table = chart
    assert draw(table).png == draw(table).png
    assert {words.get_fontsize() for words in sheets[0].drawing.findobj(Text) if words.get_text()} == {9.0}
    assert "Synthetic data" in words_on(sheets[0])


def test_a_bare_frame_and_a_table_that_is_no_curve_are_refused(chart) -> None:
    draw, table = chart
    with pytest.raises(DisclosureError, match="is not released"):
        draw(table.frame)
    frame = pd.DataFrame({"step": ["a"], "group": ["b"], "days": [3.2], "n": [80]})
    other = release_estimates(frame, estimate_columns=["days"], count_columns=["n"], labels=["step", "group"],
                              policy="hes", level="national")  # fmt: skip
    with pytest.raises(DisclosureError, match="has no column 'day'"):
        draw(other)


def test_a_stack_says_what_became_of_everybody_and_the_value_at_its_mark(steps, sheets) -> None:
    figures.incidence_stacked(steps, panels=PANELS)
    words = words_on(sheets[0])
    last = steps.where(step="treatment", day=365).frame.set_index("state")["proportion"]
    assert f"confirmed on treatment {last['confirmed on treatment']:.0%}" in words
    assert f"not confirmed {last['waiting']:.0%}" in words
    assert f"died {last['died']:.0%}" in words and f"no longer appropriate {last['no longer appropriate']:.0%}" in words
    at_90 = steps.where(step="assessment", state="seen", day=90).frame["proportion"].item()
    assert f"{at_90:.0%} by day 90" in words


def test_the_numbers_at_risk_are_the_released_ones(fifths, sheets) -> None:
    figures.incidence_by_group(fifths, state="seen", names=FIFTHS, focus=["1", "5"])
    words = words_on(sheets[0])
    for row in fifths.where(state="seen", day=[0, 90, 180, 365]).frame.itertuples():
        assert f"{row.at_risk:,.0f}" in words
    assert any(word.startswith("1, most deprived ") for word in words)


def test_a_group_held_back_is_named_without_a_curve_or_a_number(controlled, sheets) -> None:
    figures.incidence_by_group(controlled, state="seen", names=FIFTHS, focus=["1", "5"])
    words = words_on(sheets[0])
    hidden = controlled.where(state="seen", day=0).frame.query("status == 'suppressed'")["group"].tolist()
    assert hidden == ["2", "3"]
    assert words.count("[c]") >= 8
    assert not any(word.startswith(("2 ", "3 ")) and word.endswith("%") for word in words)


def test_a_table_in_which_everything_is_held_back_reads_c(sheets) -> None:
    small = released(curve_of({"all": 5}), level="below national")
    figures.incidence_by_group(small, state="seen")
    figures.incidence_stacked(small, panels=PANELS[:1])
    assert all("[c]" in words_on(sheet) for sheet in sheets)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda s, f: figures.incidence_stacked(s, panels=[replace(PANELS[0], label="dxa")]), "no curve 'dxa'"),
        (lambda s, f: figures.incidence_stacked(s, panels=[replace(PANELS[0], done="sen")]), "mean 'seen'"),
        (lambda s, f: figures.incidence_stacked(f, panels=PANELS[:1]), "Several curves"),
        (lambda s, f: figures.incidence_by_group(f, state="sen"), "mean 'seen'"),
        (lambda s, f: figures.incidence_by_group(f, state="seen"), "More than four groups"),
        (lambda s, f: figures.incidence_by_group(f, state="seen", focus=["9"]), "No curve is of the group '9'"),
        (lambda s, f: figures.incidence_by_group(f, state="seen", focus=["1", "2", "3"]), "two groups at most"),
        (lambda s, f: figures.incidence_by_group(s, state="died"), "Several curves have the same group"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_in_words(steps, fifths, draw, message: str) -> None:
    with pytest.raises(DisclosureError, match=message):
        draw(steps, fifths)


def test_a_landmark_table_reads_each_curve_at_each_day(steps) -> None:
    table = table_curves.landmark_table(
        steps, rows={"assessment": "seen"}, names={"assessment": "Assessment"}, days=[30, 365], note="A note."
    )
    row = steps.where(step="assessment", state="seen", day=30).frame.iloc[0]
    assert table.headings == ("Step", "Patients", "Day 30", "Day 365")
    assert table.rows[0][:2] == ("Assessment", "5,000")
    assert table.rows[0][2] == f"{row.proportion:.1%} ({row.lower * 100:.1f}–\N{WORD JOINER}{row.upper * 100:.1f})"
    assert table.notes == ("A note.", tables.SYNTHETIC_NOTE)


def test_a_landmark_table_marks_what_is_held_back_and_what_is_not_known(controlled) -> None:
    rows = {"2": "seen", "1": "seen"}
    table = table_curves.landmark_table(controlled, rows=rows, names={}, days=[30], by="group", heading="Fifth")
    assert table.rows[0] == ("2", "[c]", "[c]")
    assert "[c] held back" in " ".join(table.notes)
    short = released(curve_of({"all": 200}).query("day < 300"))
    beyond = table_curves.landmark_table(short, rows={"assessment": "seen"}, names={}, days=[365])
    assert beyond.rows[0][-1] == "[x]"


def test_a_landmark_table_of_several_curves_at_once_is_refused(fifths) -> None:
    with pytest.raises(DisclosureError, match="does not hold one curve"):
        table_curves.landmark_table(fifths, rows={"assessment": "seen"}, names={}, days=[30])


def test_p_values_are_never_nought() -> None:
    assert [table_curves.P_VALUE.write(p) for p in (1e-9, 0.00099, 0.001, 0.0456, 1.0)] == [
        "< 0.001", "< 0.001", "0.001", "0.046", "1.000",
    ]  # fmt: skip
