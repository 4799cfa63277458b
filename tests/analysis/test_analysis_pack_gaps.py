"""Gaps between groups of a place's patients, from what was released of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fls_research.analysis.pack_gaps import GAP_LABELS, GAP_NUMBERS, HEADINGS, PAIRS, gaps, place_groups
from fls_research.disclosure import release, release_reference
from fls_research.stats.proportions import newcombe_difference


def released(**groups) -> pd.DataFrame:
    """Men and women: ``numerator, denominator`` of each, shown."""
    rows = [
        {"data_year": 2024, "kpi": "kpi7", "number": 7, "title": "Recommended", "dimension": "sex", "group": group,
         "numerator": float(met), "denominator": float(of), "status": "shown"}
        for group, (met, of) in groups.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_first_group_is_held_against_the_second() -> None:
    found = gaps(released(male=(40, 100), female=(120, 200))).iloc[0]
    direct = newcombe_difference(40, 100, 120, 200, confidence=0.95)
    assert (found["words"], found["proportion"], found["reference"]) == ("Men v women", 0.4, 0.6)
    ends = [found["difference"], found["lower"], found["upper"]]
    assert np.allclose(ends, [direct.estimate, direct.lower, direct.upper], atol=5e-4)


def test_the_more_gaps_are_shown_the_wider_their_intervals() -> None:
    one = released(male=(40, 100), female=(60, 110))
    many = pd.concat([one.assign(kpi=f"kpi{k}", number=k) for k in range(4, 12)], ignore_index=True)
    alone, among = gaps(one).iloc[0], gaps(many).iloc[0]
    assert (alone["comparisons"], among["comparisons"]) == (1, 8)
    assert among["upper"] > alone["upper"]
    assert (alone["beyond_chance"], among["beyond_chance"]) == ("lower", "")


def test_a_group_that_is_held_back_has_no_gap_and_widens_no_other() -> None:
    rows = released(male=(40, 100), female=(60, 110))
    hidden = rows.assign(kpi="kpi6", number=6, status=["suppressed", "shown"])
    found = gaps(pd.concat([rows, hidden], ignore_index=True)).set_index("kpi")
    assert found.loc["kpi6", ["proportion", "difference", "upper"]].isna().all()
    assert found.loc["kpi6", "beyond_chance"] == ""
    assert set(found["comparisons"]) == {1}


def test_a_group_in_which_nobody_is_eligible_has_no_gap() -> None:
    assert gaps(released(male=(0, 0), female=(60, 110)))["difference"].isna().all()


def test_shares_are_too_coarse_to_give_their_counts_away() -> None:
    assert gaps(released(male=(40, 85), female=(60, 110)))["proportion"].tolist() == [0.471]


def test_they_may_leave_as_a_table_that_counts_nobody() -> None:
    release_reference(gaps(released(male=(40, 85), female=(60, 110))), numbers=GAP_NUMBERS)


def test_the_groups_of_a_place_carry_words_for_every_characteristic() -> None:
    fifths = pd.array([1, 5], dtype="Int16")
    groups = {"age_75": "75 and over", "sex": ["male", "female"], "imd_quintile": fifths, "care_home": "no"}
    rows = pd.DataFrame({"data_year": 2024, "service_code": "A", "therapy": "drug", **groups})
    counts = place_groups(rows, year=2024, kpis=["kpi7"])
    assert set(counts["characteristic"]) == set(HEADINGS.values())
    assert "1, most deprived" in set(counts["group_name"])
    release(counts, policy="hes", lane="patient_group", level="below national", labels=GAP_LABELS)
    assert {pair.column for pair in PAIRS} == set(HEADINGS)
