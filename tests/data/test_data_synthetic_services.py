"""The invented services: the committed register, its geography and the plan behind both."""

import csv
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fls_research.data.synthetic import places, registered, services

ROOT = Path(__file__).resolve().parents[2]


def rows_of(name: str) -> list[dict[str, str]]:
    with (ROOT / "params" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def plan() -> pd.DataFrame:
    return services.service_years()


def test_committed_register_is_what_the_generator_writes(tmp_path):
    written = registered.write_register(tmp_path / "services.csv")
    assert written.read_bytes() == (ROOT / "params" / "services.csv").read_bytes()


def test_register_and_geography_are_quoted_throughout():
    for name in ("services.csv", "geography.csv"):
        for line in (ROOT / "params" / name).read_text(encoding="utf-8").splitlines():
            assert line.startswith('"') and line.endswith('"'), name


def test_periods_of_a_service_follow_each_other_without_gap_or_overlap():
    by_code: dict[str, list[dict[str, str]]] = {}
    for row in rows_of("services.csv"):
        by_code.setdefault(row["code"], []).append(row)
    for rows in by_code.values():
        for before, after in itertools.pairwise(rows):
            assert pd.Timestamp(after["valid_from"]) - pd.Timestamp(before["valid_to"]) == pd.Timedelta(days=1)


def test_awkward_codes_are_in_use_and_every_code_is_an_opaque_text_of_three():
    codes = {row["code"] for row in rows_of("services.csv")}
    assert set(places.AWKWARD_CODES) <= codes
    assert {"NO1", "010", "5E1"} <= codes
    assert all(len(code) == 3 for code in codes)


def test_every_service_stands_in_an_area_of_its_region_for_its_whole_period():
    areas: dict[str, list[dict[str, str]]] = {}
    for row in rows_of("geography.csv"):
        areas.setdefault(row["code"], []).append(row)
    for row in rows_of("services.csv"):
        if row["nation"] == "Northern Ireland":
            assert row["area_code"] == ""
            continue
        periods = areas[row["area_code"]]
        assert {p["region_code"] for p in periods} == {row["region_code"]}
        assert min(p["valid_from"] for p in periods) <= row["valid_from"]
        assert max(p["valid_to"] or "9999" for p in periods) >= (row["valid_to"] or "9999")


@pytest.mark.parametrize(("day", "boards"), [("2022-07-01", 42), ("2026-03-31", 42), ("2026-04-01", 36)])
def test_integrated_care_boards_of_a_day(day, boards):
    valid = [
        row
        for row in rows_of("geography.csv")
        if row["kind"] == "icb" and row["valid_from"] <= day <= (row["valid_to"] or "9999-12-31")
    ]
    assert len(valid) == len({row["code"] for row in valid}) == len({row["gss_code"] for row in valid}) == boards


def test_wales_has_seven_health_boards_with_welsh_names_and_england_seven_regions():
    rows = rows_of("geography.csv")
    boards = [row for row in rows if row["kind"] == "health_board"]
    assert len(boards) == 7 and all(row["name_welsh"].startswith("Bwrdd Iechyd") for row in boards)
    assert sum(row["kind"] == "region" and row["nation"] == "England" for row in rows) == 7


def test_totals_of_the_plan_are_the_stated_ones(plan):
    reported = plan[plan["reported"]]
    for year, totals in services.TOTALS.items():
        rows = reported[reported["data_year"] == year]
        assert rows["spine"].sum() == totals.spine
        assert rows["non_spine"].sum() == totals.non_spine
        assert rows["hip_fractures"].sum() == totals.hip_fractures
        assert rows["good"].sum() == totals.good
    assert reported["hip_fractures"].between(250, 780).all()


def test_small_services_and_northern_ireland_stand_beside_the_reported(plan):
    beside = plan[~plan["reported"]]
    small = beside[beside["nation"] == "England"]
    assert (small.eval("non_spine + spine") < 50).all()
    assert (small["data_year"] == 2022).sum() == 3
    assert set(beside["nation"]) == {"England", "Northern Ireland"}
    assert beside[beside["nation"] == "Northern Ireland"]["service"].nunique() == 2


def test_a_smaller_plan_keeps_every_service_reported(plan):
    small = services.service_years(scale=0.01)
    assert (small.eval("non_spine + spine")[small["reported"]] >= 50).all()
    assert small["reported"].equals(plan["reported"])


def test_neighbourhoods_are_unrelated_to_how_well_services_do(plan):
    reported = plan[plan["reported"]]
    for character in ("assessment", "falls", "recommendation", "monitoring"):
        correlation = np.corrcoef(reported["deprivation"], reported[character])[0, 1]
        assert abs(correlation) < 0.2, character
