"""Gaps between groups of one place: both ends named, held-back groups in words, legible whatever the values."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from fls_research.disclosure import Publishable, release
from fls_research.errors import DisclosureError
from fls_research.outputs import figures

GROUPS = {
    "Age": ("50–64", "65–74", "75–84", "85 and over"),
    "Sex": ("Women", "Men", "Not known"),
    "Deprivation": ("1, most deprived", "2", "3", "4", "5, least deprived"),
    "Care home": ("Own home", "Lives in a residential or nursing care home"),
}
KPIS = {"kpi10": "Treatment started by first follow-up", "kpi4": "Assessed within 90 days"}


def of_groups(values: Mapping[str, float], *, patients: int = 200, few: tuple[str, ...] = ()) -> Publishable:
    """Counts in which a group has the proportion that is named for it, else a half; ``few`` have twelve patients."""
    rows = []
    for kpi, title in KPIS.items():
        for characteristic, names in GROUPS.items():
            for name in names:
                denominator = 12 if name in few else patients
                rows.append(
                    {"data_year": 2024, "kpi": kpi, "version": f"{kpi}.2022", "dimension": characteristic,
                     "group": "not known" if name == "Not known" else name, "group_name": name, "title": title,
                     "characteristic": characteristic, "denominator": denominator,
                     "numerator": round(values.get(name, 0.5) * denominator)}
                )  # fmt: skip
    labels = ["title", "characteristic", "group_name"]
    return release(pd.DataFrame(rows), policy="hes", lane="patient_group", level="below national", labels=labels)


def words(board) -> list[str]:
    return [held.words for held in board.written]


EVERY = [name for names in GROUPS.values() for name in names]


@pytest.mark.parametrize(
    "table",
    [
        of_groups({"Men": 0.2, "50–64": 0.9, "3": 0.1}),
        of_groups(dict.fromkeys(EVERY, 0.0)),
        of_groups(dict.fromkeys(EVERY, 1.0)),
        of_groups({}),
        of_groups({}, few=("Men", "2", "85 and over", "1, most deprived")),
        of_groups({}, patients=12),
        of_groups({}, patients=0),
    ],
    ids=["different", "nobody", "everybody", "equal", "some held back", "all held back", "no records"],
)
def test_the_gaps_are_legible_whatever_the_values(table, boards, legible) -> None:
    figures.group_gaps(table)
    legible(boards[-1])


def test_the_lowest_and_the_highest_group_are_named_with_their_values(boards) -> None:
    figures.group_gaps(of_groups({"Men": 0.2, "50–64": 0.9, "3": 0.1}), kpis=["kpi4"])
    told = words(boards[-1])
    for expected in ("Men: 20%", "Women: 50%", "50–64: 90%", "deprivation 3: 10%", "KPI 4 Assessed within 90 days"):
        assert expected in told
    assert not any(held.startswith("KPI 10") for held in told)


def test_a_group_without_an_answer_is_never_an_end(boards) -> None:
    figures.group_gaps(of_groups({"Not known": 0.0}), kpis=["kpi4"])
    assert not any("Not known" in held for held in words(boards[-1]))


def test_groups_that_are_held_back_are_named(boards) -> None:
    figures.group_gaps(of_groups({}, few=("2",)), kpis=["kpi4"])
    (note,) = [held for held in words(boards[-1]) if held.startswith("Held back")]
    assert note.startswith("Held back, small numbers: ")
    assert "deprivation 2" in note


def test_all_groups_held_back_are_told_in_one_line(boards) -> None:
    figures.group_gaps(of_groups({}, patients=12), kpis=["kpi4"])
    assert words(boards[-1]).count("All groups held back, small numbers") == 4


def test_an_unknown_kpi_and_a_bare_frame_are_refused() -> None:
    table = of_groups({})
    with pytest.raises(DisclosureError, match="no KPI 'kpi5'"):
        figures.group_gaps(table, kpis=["kpi5"])
    with pytest.raises(DisclosureError, match="is not released"):
        figures.group_gaps(table.frame)
