"""What places are held against: right, and no finer than it is printed."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis.clocks import WAITING
from fls_research.analysis.pack_benchmark import (
    BESIDE_LABELS,
    benchmark,
    beside,
    coarse,
    comparators,
    nation_curves,
    two_figures,
    whole_percent,
)
from fls_research.disclosure import release_curve, release_estimates
from fls_research.outputs import text

PLACES = pd.DataFrame(
    [("service", code, area, region) for code, area, region in
     (("A", "Q1", "Y1"), ("B", "Q1", "Y1"), ("C", "Q2", "Y1"), ("D", "Q3", "Y2"))]
    + [("area", "Q1", "Q1", "Y1"), ("area", "Q3", "Q3", "Y2"), ("region", "Y1", "", "Y1")],
    columns=["kind", "code", "area_code", "region_code"],
)  # fmt: skip


def cohort(**recommended) -> SimpleNamespace:
    """100 patients of each service, so many of them recommended a drug; nobody else's field is filled."""
    where = PLACES[PLACES["kind"] == "service"].set_index("code")
    parts = []
    for code, drugs in recommended.items():
        place = where.loc[code]
        parts.append(
            pd.DataFrame(
                {
                    "data_year": 2024, "service_code": code, "area_code": place["area_code"],
                    "region_code": place["region_code"], "nation": "England",
                    "therapy": ["drug"] * drugs + ["declined"] * (100 - drugs), "age": 80, "fracture_site": "hip",
                    "site_group": "hip", "dxa": "not known", "falls_assessment": "not known",
                    "falls_referral": "not known", "strength_balance_16": "not known", "follow_up_16": "not known",
                    "therapy_16": "not known", "follow_up_52": "not known", "therapy_52": "not known",
                    "days_to_assessment": 30, "days_to_follow_up_16": pd.NA, "days_to_follow_up_52": pd.NA,
                    "days_to_death": pd.NA,
                }
            )
        )  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    for name in ("index_date", "assessment_date"):
        rows[name] = pd.Timestamp(2024, 3, 1)
    for name in ("dxa_date", "follow_up_16_date", "follow_up_52_date", "death_date"):
        rows[name] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
    hips = where.reset_index().rename(columns={"code": "service_code"}).assign(data_year=2024, hip_fractures=100)
    return SimpleNamespace(
        fractures=rows,
        params=SimpleNamespace(year=2024, data_lock=pd.Timestamp(2025, 6, 30).date()),
        caseload=lambda years: hips.assign(nation="England"),
    )


FOUR = cohort(A=10, B=30, C=60, D=90)


def peers_of(kind: str, code: str) -> pd.Series:
    found = beside(FOUR, PLACES)
    return found[(found["kind"] == kind) & (found["code"] == code) & (found["kpi"] == "kpi7")].iloc[0]


@pytest.mark.parametrize(
    ("kind", "code", "share", "number"),
    [
        ("service", "A", 0.45, 2),  # B and C of its region
        ("area", "Q1", 0.6, 1),  # C, of its region and outside it
        ("region", "Y1", 0.9, 1),  # D, of the other region
    ],
)
def test_peers_are_the_services_of_the_wider_place_without_itself(kind, code, share, number) -> None:
    assert peers_of(kind, code)[["proportion", "peers"]].tolist() == [share, number]


def test_a_place_that_is_alone_in_its_region_has_no_peers() -> None:
    found = beside(FOUR, PLACES)
    assert found[found["code"].isin(["D", "Q3"])].empty


def test_the_nation_is_all_services_together() -> None:
    nation = benchmark(FOUR)["nation"].set_index("kpi")
    assert nation.loc["kpi7", "proportion"] == 0.48  # 190 of 400, 47.5%, half up
    assert "kpi1" not in nation.index


def test_one_corrected_record_leaves_the_benchmark_as_it_was() -> None:
    corrected = FOUR.fractures.assign(days_to_assessment=[29, *[30] * 399])
    corrected.loc[0, "falls_assessment"] = "no"
    before, after = (benchmark(SimpleNamespace(**{**vars(FOUR), "fractures": rows}))
                     for rows in (FOUR.fractures, corrected))  # fmt: skip
    assert all(before[name].equals(after[name]) for name in before)


def test_shares_round_as_text_does() -> None:
    shares = pd.Series([0.285, 0.005, 0.995, 0.4749, 1.2])
    found = whole_percent(shares, pd.Series(1.0, index=shares.index))
    assert [text.percent(share) for share in found] == [text.percent(share) for share in shares]


def test_a_services_share_is_that_of_its_own_pack() -> None:
    # The gate shows 0.6847 as 68.5%, and text prints that as 69%.
    counts = coarse(pd.DataFrame({"numerator": [684.7], "denominator": [1000.0]}))
    assert (counts["numerator"] / counts["denominator"]).round(3).tolist() == [0.69]


def test_services_of_fewer_than_ten_patients_are_left_out() -> None:
    assert coarse(pd.DataFrame({"numerator": [5.0, 5.0], "denominator": [9.0, 10.0]}))["denominator"].tolist() == [10.0]


def test_two_figures_are_kept_of_a_number() -> None:
    assert two_figures(pd.Series([83461.0, 9.0])).tolist() == [83000.0, 9.0]


LABELS = {"data_year": 2024, "step": "assessment", "dimension": "national", "group": "all"}


def test_the_curve_of_the_nation_reads_as_the_exact_one_to_a_whole_percent() -> None:
    rng = np.random.default_rng(4)
    days = np.minimum(rng.geometric(0.01, 20_000), 365)
    state = np.where(days == 365, WAITING, rng.choice(["assessed", "died"], 20_000, p=[0.9, 0.1]))
    exits = pd.DataFrame({"day": days, "state": state}).value_counts().rename("patients").reset_index().assign(**LABELS)
    marks = [30, 90, 112, 180, 364]
    exact = release_curve(exits, censored=WAITING, landmarks=marks, labels=list(LABELS), policy="hes", level="national")
    kept = nation_curves(exits).set_index("day")["proportion"]
    shown = exact.where(state="assessed", day=marks).frame.set_index("day")["proportion"]
    assert [text.percent(share) for share in shown] == [text.percent(share) for share in kept[marks]]


def test_a_curve_that_has_not_begun_stands_at_nothing() -> None:
    exits = pd.DataFrame({"day": [20, 365], "state": ["assessed", WAITING], "patients": [999, 1]}).assign(**LABELS)
    curve = nation_curves(exits).set_index("day")["proportion"]
    assert curve[0] == 0 and curve.max() <= 1 and curve.is_monotonic_increasing


def test_what_a_place_is_held_against_goes_through_the_gate_for_estimates() -> None:
    own = beside(FOUR, PLACES)
    one = own[own["code"] == "A"].drop(columns=["kind", "code"])
    table = comparators(one, benchmark(FOUR)["nation"])
    released = release_estimates(table, estimate_columns=["proportion"], count_columns=["n"], labels=BESIDE_LABELS,
                                 policy="hes", level="below national")  # fmt: skip
    assert set(released.frame["of"]) == {"peers", "nation"}
    assert released.frame["n"].isna().all()
