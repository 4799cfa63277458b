"""Released tables for the tests of what is read: made up, through the one gate."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from fls_research.disclosure import Publishable, release, release_counts, release_reference
from fls_research.outputs.board import Board
from fls_research.outputs.canvas import Figure

_NATIONAL = [
    ("kpi2", "Non-spine fractures identified", 0.8, {2021: 0.38, 2022: 0.50, 2023: 0.55, 2024: 0.50}),
    ("kpi4", "Assessed within 90 days", 0.8, {2021: 0.67, 2022: 0.64, 2023: 0.65, 2024: 0.69}),
    ("kpi7", "Bone treatment recommended", np.nan, {2021: 0.56, 2022: 0.56, 2023: 0.59, 2024: 0.57}),
    ("kpi10", "Treatment started by 16 weeks", 0.8, {2021: 0.32, 2022: 0.31, 2023: 0.354, 2024: 0.37}),
]


@pytest.fixture(scope="session")
def national_counts() -> pd.DataFrame:
    rows = [
        {
            "data_year": year, "kpi": kpi, "version": "kpi2.2016" if (kpi, year) == ("kpi2", 2021) else f"{kpi}.2022",
            "dimension": "national", "group": "all", "title": title, "target": target,
            "numerator": round(value * 80_000), "denominator": 80_000, "unknown": 120, "not_eligible": 40,
        }
        for kpi, title, target, values in _NATIONAL
        for year, value in values.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture(scope="session")
def national(national_counts: pd.DataFrame) -> Publishable:
    return release(national_counts, policy="hes", lane="patient_group", level="national", labels=["title", "target"])


@pytest.fixture(scope="session")
def groups() -> Publishable:
    """Five groups of one KPI; the third is small and the first is hidden with it."""
    counts = pd.DataFrame(
        {"data_year": 2024, "kpi": "kpi7", "version": "kpi7.2016", "dimension": "imd_quintile", "group": list("12345"),
         "numerator": [520, 540, 3, 560, 580], "denominator": [1000, 1010, 12, 1000, 1000], "unknown": 50}
    )  # fmt: skip
    return release(counts, policy="hes", lane="patient_group", level="below national")


@pytest.fixture(scope="session")
def services() -> Publishable:
    rows = [("kpi2", "Non-spine fractures identified", 1, 37, 39), ("kpi4", "Assessed within 90 days", 28, 20, 29)]
    frame = pd.DataFrame(rows, columns=["kpi", "title", "Green", "Amber", "Red"]).assign(services=77)
    return release_reference(frame, numbers=["Green", "Amber", "Red", "services"])


@pytest.fixture(scope="session")
def strips() -> Publishable:
    numerators = [*range(0, 440, 11), 106, 0, 0, 100, 3]
    counts = pd.DataFrame({"numerator": numerators, "denominator": [440] * 40 + [100] * 4 + [5]}).assign(
        data_year=2024, kpi="kpi3", version="kpi3.2022", dimension="service", title="Spine fractures identified",
        group=[f"S{place:02}" for place in range(len(numerators))],
    )  # fmt: skip
    return release(counts, policy="hes", lane="service", level="below national", labels=["title"])


@pytest.fixture(scope="session")
def flow_of_rows() -> Publishable:
    rows = [
        ("read", "Rows read", 84_712),
        ("quarantined", "A second row with the same service and row key", 88),
        ("quarantined", "Age under 50", 0),
        ("excluded", "The service has fewer than 50 records in the year", 1_124),
        ("analysed", "Rows analysed", 83_500),
    ]
    frame = pd.DataFrame(rows, columns=["step", "label", "rows"])
    return release_counts(
        frame, count_columns=["rows"], labels=["step", "label"], policy="hes", level="national", total={"step": "read"},
        synthetic=True,
    )  # fmt: skip


@pytest.fixture
def boards(monkeypatch: pytest.MonkeyPatch) -> list[Board]:
    """The boards that were finished, so that the words on them can be measured."""
    kept: list[Board] = []
    finished = Board.finished

    def keep(self: Board, *given: object) -> Figure:
        figure = finished(self, *given)
        kept.append(self)
        return figure

    monkeypatch.setattr(Board, "finished", keep)
    return kept


@pytest.fixture(scope="session")
def legible() -> Callable[[Board], None]:
    """What refuses a board on which words cover other words, or leave it."""

    def check(board: Board) -> None:
        for held in board.written:
            assert held.left >= 0 and held.right <= board.width, f"'{held.words}' leaves the board sideways"
            assert held.bottom >= 0 and held.top <= board.height, f"'{held.words}' leaves the board"
        for one, other in itertools.combinations(board.written, 2):
            beside = one.right <= other.left or other.right <= one.left
            assert beside or one.top <= other.bottom or other.top <= one.bottom, f"'{one.words}' on '{other.words}'"

    return check
