"""The clocks of a place beside the nation's: values read off in words, cut curves told, legible whatever the values."""

from __future__ import annotations

import pandas as pd
import pytest

from fls_research.analysis.clocks import LABELS, LANDMARKS, WAITING
from fls_research.disclosure import Publishable, release_curve
from fls_research.errors import DisclosureError
from fls_research.outputs import figures

LONG_NAME = "Mid and South Somewhere and Elsewhere University Hospitals NHS Foundation Trust"
STATES = {"assessment": "assessed", "treatment": "confirmed on treatment"}


def curve(done: float, patients: int, *, national: bool = False, steps: tuple[str, ...] = tuple(STATES)) -> Publishable:
    """A step reached by ``done`` of the patients: half of them on day 20, half on day 100; the others wait a year."""
    half = round(done * patients / 2)
    rows = [
        {"data_year": 2024, "step": step, "dimension": "national" if national else "service", "group": "all",
         "day": day, "state": state, "patients": number}
        for step in steps
        for day, state, number in (
            (20, STATES[step], half), (100, STATES[step], half), (365, WAITING, patients - 2 * half)
        )
    ]  # fmt: skip
    level = "national" if national else "below national"
    return release_curve(
        pd.DataFrame(rows), censored=WAITING, landmarks=LANDMARKS, labels=LABELS, policy="hes", level=level,
        synthetic=True,
    )  # fmt: skip


NATION = curve(0.5, 80_000, national=True)


def told(board) -> str:
    return " ".join(held.words for held in board.written)


@pytest.mark.parametrize("name", ["City", LONG_NAME])
@pytest.mark.parametrize(
    ("done", "patients"),
    [(0.6, 600), (0.5, 600), (0.0, 600), (1.0, 600), (0.6, 24), (0.6, 5)],
    ids=["typical", "equal", "nobody", "everybody", "cut", "held back"],
)
def test_the_clocks_are_legible_whatever_the_values(done, patients, name, boards, legible) -> None:
    figures.curves_beside(curve(done, patients), NATION, own_name=name)
    legible(boards[-1])


def test_the_marked_days_are_read_off_for_both(boards) -> None:
    figures.curves_beside(curve(0.6, 600), NATION, own_name="City")
    assert "By day 90: City 30%, England and Wales 25%." in told(boards[-1])
    assert "By day 112: City 60%, England and Wales 50%." in told(boards[-1])


def test_the_numbers_at_risk_are_those_released(boards) -> None:
    figures.curves_beside(curve(0.6, 603), NATION, own_name="City", marks={"assessment": 90})
    words = [held.words for held in boards[-1].written]
    at_risk = words[words.index("At risk") + 1 :]
    assert at_risk[:2] == ["605", "425"]


def test_a_curve_that_was_cut_says_until_when(boards) -> None:
    figures.curves_beside(curve(1.0, 600), NATION, own_name="City", marks={"assessment": 90})
    assert " by day " in told(boards[-1])


def test_a_curve_that_is_held_back_is_told(boards) -> None:
    figures.curves_beside(curve(0.6, 5), NATION, own_name="City", marks={"assessment": 90})
    assert "City [c]" in told(boards[-1])


def test_a_step_that_is_not_there_and_a_bare_frame_are_refused() -> None:
    with pytest.raises(DisclosureError, match="no step 'treatment'"):
        figures.curves_beside(curve(0.6, 600, steps=("assessment",)), NATION, own_name="City")
    with pytest.raises(DisclosureError, match="is not released"):
        figures.curves_beside(NATION.frame, NATION, own_name="City")
