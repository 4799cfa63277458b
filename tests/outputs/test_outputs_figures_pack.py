"""A place's KPIs beside the nation's and how complete its data are: legible whatever the values, levels as words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from fls_research.disclosure import Publishable, release
from fls_research.errors import DisclosureError
from fls_research.outputs import figures

KPIS = (
    ("kpi2", "Non-spine fractures identified", 0.8),
    ("kpi4", "Assessed within 90 days", 0.8),
    ("kpi7", "Bone therapy recommended", np.nan),
    ("kpi8", "Strength and balance training started by 16 weeks", 0.8),
    ("kpi11", "Drug confirmed at 12 months", 0.8),
)
LONG_NAME = "Mid and South Somewhere and Elsewhere University Hospitals NHS Foundation Trust"
FIELDS = ("Date of assessment", "Ethnic group, as the NHS records it", "Care home", "Prior fracture", "Falls")

CASES: dict[str, tuple[Sequence[float], int]] = {
    "typical": ((0.42, 0.69, 0.57, 0.12, 0.31), 640),
    "small": ((0.42, 0.69, 0.57, 0.12, 0.31), 11),
    "too few": ((0.42, 0.69, 0.57, 0.12, 0.31), 9),
    "nobody": ((0.0,) * 5, 300),
    "everybody": ((1.0,) * 5, 300),
    "more than expected": ((1.3,) * 5, 300),
    "no records": ((0.0,) * 5, 0),
}


def of_service(values: Sequence[float], patients: int, colour: str = "Amber") -> Publishable:
    rows = [
        {
            "data_year": 2024, "kpi": kpi, "version": f"{kpi}.2022", "dimension": "service", "group": "XA1",
            "title": title, "target": target, "colour": colour,
            "numerator": round(value * patients), "denominator": patients,
        }
        for (kpi, title, target), value in zip(KPIS, values, strict=True)
    ]  # fmt: skip
    return release(
        pd.DataFrame(rows), policy="hes", lane="service", level="below national", labels=["title", "target", "colour"]
    )


def of_nation(values: Sequence[float]) -> Publishable:
    rows = [
        {"data_year": 2024, "kpi": kpi, "version": f"{kpi}.2022", "dimension": "national", "group": "all",
         "numerator": round(value * 80_000), "denominator": 80_000}
        for (kpi, *_), value in zip(KPIS, values, strict=True)
    ]  # fmt: skip
    return release(pd.DataFrame(rows), policy="hes", lane="patient_group", level="national")


def fields(values: Sequence[float], patients: int) -> Publishable:
    counts = pd.DataFrame(
        {"field": FIELDS, "group": FIELDS, "numerator": np.round(np.array(values) * patients)}
    ).assign(data_year=2024, kpi="fields", version="1", dimension="field", denominator=patients)
    return release(counts, policy="hes", lane="patient_group", level="below national", labels=["field"])


def words(board) -> list[str]:
    return [held.words for held in board.written]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", ["XA1", LONG_NAME])
def test_the_overview_is_legible_whatever_the_values(case, name, boards, legible) -> None:
    values, patients = CASES[case]
    beside = {"nation": of_nation(np.minimum(values, 1)), "peers": of_nation(np.minimum(values, 1))}
    figure = figures.kpi_overview(of_service(values, patients), name=name, peers_name="Services of like size", **beside)
    legible(boards[-1])
    assert figure.width_mm == 160
    assert figure.height_mm < 120


@pytest.mark.parametrize("case", CASES)
def test_the_completeness_bars_are_legible_whatever_the_values(case, boards, legible) -> None:
    values, patients = CASES[case]
    figures.completeness_bars(fields(np.minimum(values, 1), patients))
    legible(boards[-1])


def test_the_overview_writes_every_value_and_the_level_as_a_word(boards) -> None:
    own = of_service((0.42, 0.69, 0.57, 0.12, 0.31), 640)
    figures.kpi_overview(own, name="City", nation=of_nation((0.5, 0.6, 0.7, 0.8, 0.9)))
    told = words(boards[-1])
    for expected in ("42%", "69%", "65 to 73", "50%", "90%", "City", "England and Wales", "aim"):
        assert expected in told
    assert told.count("● Amber") == 5
    assert "Peers" not in told


def test_a_value_that_is_held_back_has_no_level(boards) -> None:
    figures.kpi_overview(of_service((0.5,) * 5, 9), name="City", nation=of_nation((0.5,) * 5))
    told = words(boards[-1])
    assert told.count("[c]") == 5
    assert "● Amber" not in told


def test_a_kpi_that_the_nation_lacks_is_told_as_not_available(boards) -> None:
    nation = of_nation((0.5,) * 5).where(kpi=["kpi2", "kpi4"])
    figures.kpi_overview(of_service((0.6,) * 5, 640), name="City", nation=nation)
    assert words(boards[-1]).count("[x]") == 3


def test_a_kpi_that_stands_twice_is_refused() -> None:
    rows = pd.DataFrame({"data_year": [2023, 2024], "kpi": "kpi4", "version": "kpi4.2016", "dimension": "national",
        "group": "all", "numerator": 50, "denominator": 100})  # fmt: skip
    twice = release(rows, policy="hes", lane="patient_group", level="national")
    with pytest.raises(DisclosureError, match="twice"):
        figures.kpi_overview(of_service((0.5,) * 5, 640), name="City", nation=twice)


def test_the_least_complete_field_comes_first_and_stands_out_by_more_than_colour(boards) -> None:
    figures.completeness_bars(fields((0.95, 0.40, 0.85, 0.79, 0.62), 640))
    told = words(boards[-1])
    values = [held for held in told if held.endswith("%") and held[0].isdigit()]
    assert values == ["40%", "62%", "79%", "85%", "95%"]
    assert {"80% or more", "below 80%"} <= set(told)


def test_the_same_numbers_give_the_same_bytes() -> None:
    own, nation = of_service((0.42, 0.69, 0.57, 0.12, 0.31), 640), of_nation((0.5,) * 5)
    first, second = (figures.kpi_overview(own, name="City", nation=nation) for _ in range(2))
    assert first.png == second.png


def test_a_bare_frame_is_refused() -> None:
    own = of_service((0.5,) * 5, 640)
    with pytest.raises(DisclosureError, match="is not released"):
        figures.kpi_overview(own.frame, name="City", nation=own)
    with pytest.raises(DisclosureError, match="is not released"):
        figures.completeness_bars(own.frame)
