"""The tables of a pack, from released tables alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pack_tables import (
    AGE,
    NATION,
    SEX,
    TWO_YEARS,
    beside,
    changed,
    gaps,
    own,
)

from fls_research.errors import DisclosureError
from fls_research.outputs import table_pack


def place_kpis(rows, against=NATION, moves=(("kpi4", 0.9, 0.6, "rose"),), kpis=("kpi4",)):
    return table_pack.place_kpis(rows, against, changed(*moves), year=2024, before=2022, peers="the others", kpis=kpis)


def test_a_row_holds_both_years_interval_change_level_peers_and_nation() -> None:
    found = place_kpis(TWO_YEARS)
    assert found.rows == (("KPI 4 Title kpi4", "60%", "90%", "87 to 92", "+30*", "▲ Green", "50%", "69%"),)
    assert found.notes[0].startswith("Interval: 95%.") and "* More than chance would do." in found.notes[0]


def test_without_peers_there_is_no_such_column() -> None:
    found = place_kpis(TWO_YEARS, beside(("nation", "kpi4", 0.69)))
    assert "Peers" not in found.headings
    assert "It has no peers (the others)." in found.notes[0]


def test_what_is_held_back_has_neither_value_nor_change_nor_level() -> None:
    found = place_kpis(own((2024, "kpi4", 3, 9, "")), moves=(("kpi4", np.nan, np.nan, ""),))
    assert found.rows[0][1:6] == ("[x]", "[c]", "[c]", "[x]", "")


def test_a_kpi_without_records_is_named_below_the_table() -> None:
    assert "No records yet that KPI 11 could count." in place_kpis(TWO_YEARS, kpis=("kpi4", "kpi11")).notes[0]


def test_services_stand_by_name_with_value_and_shape() -> None:
    services = own((2024, "kpi4", 450, 500, "Green"), (2024, "kpi5", 3, 9, ""))
    found = table_pack.services_table(services, names={"A": "City", "B": "Abbey"}, kpis=["kpi4", "kpi5"])
    assert found.rows == (("Abbey", "[x]", "[x]"), ("City", "90 ▲", "[c]"))
    assert "▲ green" in found.notes[0]


def test_gaps_are_a_row_a_kpi_and_a_column_a_pair() -> None:
    found = table_pack.gaps_table(
        gaps(("kpi4", "Assessed", SEX, 0.4, 0.6, "lower"), ("kpi4", "Assessed", AGE, np.nan, np.nan, ""),
             ("kpi5", "Scanned", SEX, 0.5, 0.5, ""))
    )  # fmt: skip
    assert found.headings == ("Indicator", SEX, AGE)
    assert found.rows == (("KPI 4 Assessed", "40 v 60*", "[c]"), ("KPI 5 Scanned", "50 v 50", "[z]"))


def test_what_is_kept_has_no_counts_and_says_what_was_hidden() -> None:
    kept = table_pack.shares(own((2024, "kpi4", 41, 83, "Red"), (2024, "kpi5", 3, 20, ""), lane="patient_group")).frame
    assert not {"numerator", "denominator"} & set(kept)
    assert kept["proportion"].tolist()[0] == 0.471
    assert kept["status"].tolist() == ["shown", "suppressed"]


def test_peers_are_found_where_there_are_any() -> None:
    assert table_pack.peers_of(NATION).frame["proportion"].tolist() == [0.5]
    assert table_pack.peers_of(beside(("nation", "kpi4", 0.69))) is None


def test_what_was_not_released_is_refused() -> None:
    with pytest.raises(DisclosureError, match="not released"):
        table_pack.gaps_table(pd.DataFrame())
