"""Missed opportunity: what would be, by three shares, and what was."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis.pack_missed import EXPECTED_NUMBERS, STEP_COUNTS, STEP_LABELS, expected, missed
from fls_research.disclosure import release_counts, release_reference

SHARES = (0.8, 0.5, 0.8)


def rows(**sizes) -> pd.DataFrame:
    """So many patients of each service, all recommended a drug and taking it."""
    codes = [code for code, size in sizes.items() for _ in range(size)]
    return pd.DataFrame({"data_year": 2024, "service_code": codes, "therapy": "drug", "therapy_16": "drug",
                         "index_date": pd.Timestamp(2024, 3, 1), "death_date": pd.NaT})  # fmt: skip


def hips(**numbers) -> pd.DataFrame:
    return pd.DataFrame({"data_year": 2024, "service_code": list(numbers), "hip_fractures": list(numbers.values())})


def found(records, caseload, shares=SHARES) -> pd.DataFrame:
    return missed(records, caseload, year=2024, shares=shares).set_index("step")


def test_the_shares_come_one_after_the_other() -> None:
    steps = found(rows(A=100), hips(A=400))
    # 5 x 400 hip fractures, less 6% for the opt-out: 1,880 expected.
    assert steps["wanted"].to_dict() == {"identified": 1505.0, "recommended": 750.0, "treated": 600.0}
    assert steps["patients"].to_dict() == {"identified": 100.0, "recommended": 100.0, "treated": 100.0}


def test_each_share_is_a_setting() -> None:
    steps = found(rows(A=100), hips(A=400), shares=(1.0, 0.25, 0.5))
    assert steps["wanted"].tolist() == [1880.0, 470.0, 235.0]


def test_before_2022_the_caseload_was_not_cut_for_the_opt_out() -> None:
    caseload = hips(A=400).assign(data_year=2021)
    assert expected(caseload, year=2021, services=["A"])["expected"].item() == 2000.0


def test_a_service_without_a_caseload_counts_on_neither_side() -> None:
    steps = found(rows(A=100, B=40), hips(A=400, B=np.nan))
    assert steps.loc["identified", ["wanted", "patients"]].tolist() == [1505.0, 100.0]


def test_where_no_caseload_is_known_nothing_is_wanted() -> None:
    assert found(rows(A=10), hips(A=np.nan))["wanted"].isna().all()
    assert expected(hips(A=np.nan), year=2024, services=["A"])["expected"].isna().all()


def test_only_services_that_sent_records_are_expected_of() -> None:
    assert found(rows(A=100), hips(A=400, B=400)).loc["identified", "wanted"] == 1505.0


@pytest.mark.parametrize(("small", "hidden"), [(3, True), (30, False)])
def test_a_place_of_few_services_holds_back_what_would_give_a_small_one_away(small, hidden) -> None:
    steps = missed(rows(A=100, B=small), hips(A=400, B=400), year=2024, shares=SHARES)
    released = release_counts(steps, count_columns=STEP_COUNTS, labels=STEP_LABELS, complements=["step"], policy="hes",
                              level="below national")  # fmt: skip
    assert (released.frame["status"] == "suppressed").all() == hidden


def test_among_many_services_a_small_one_is_not_given_away() -> None:
    sizes = {code: 100 for code in "ABCDE"} | {"F": 3}
    steps = found(rows(**sizes), hips(**dict.fromkeys(sizes, 400)))
    assert steps["fewest"].tolist() == steps["patients"].tolist()


def test_the_caseload_leaves_as_a_table_that_counts_nobody() -> None:
    release_reference(expected(hips(A=400), year=2024, services=["A"]), numbers=EXPECTED_NUMBERS)
