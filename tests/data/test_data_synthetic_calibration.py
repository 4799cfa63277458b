"""The synthetic cohort against the published values (params/calibration.csv), by its own arithmetic, at full size."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fls_research.data.synthetic import calibration, effects, generate
from fls_research.data.synthetic.targets import load_targets
from fls_research.errors import ParamsError, UsageError

ROOT = Path(__file__).resolve().parents[2]
TARGETS = load_targets(ROOT)


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    return generate(seed=2024, root=ROOT)


@pytest.fixture(scope="module")
def reported(records) -> pd.DataFrame:
    fifth = ((records["imd_decile"] + 1) // 2).astype(str)
    age = np.where(records["age"] >= 75, "75 and over", "under 75")
    return records.assign(imd_quintile=fifth, age_75=age)[records["reported"]]


def percent(reported: pd.DataFrame, kpi: str, year: int, by: str, group: str) -> float:
    table = calibration.counts(reported, kpi, by=by)
    return float(table[(table["data_year"] == year) & (table[by].astype(str) == group)]["percent"].iloc[0])


def test_records_of_each_year_are_the_published_ones(reported):
    published = TARGETS.published("records").set_index("data_year")["value"].astype(int).to_dict()
    assert published == {2022: 65_843, 2023: 77_268, 2024: 83_500}
    rows = reported["data_year"].value_counts()
    assert {year: int(rows[year]) for year in published} == published


def test_services_of_each_year_are_the_published_ones(reported):
    published = TARGETS.published("services").set_index("data_year")["value"].astype(int).to_dict()
    services = reported.groupby("data_year")["service_code"].nunique()
    assert {year: int(services[year]) for year in published} == published


def test_every_national_percent_lies_within_one_and_a_half_points(records):
    table = calibration.against_published(records, TARGETS)
    assert set(table.loc[table["basis"] == "published", "kpi"]) == {*(f"kpi{n}" for n in range(1, 12)), "kpi1-strict"}
    # The wording of KPI 1 before 2022 is another one; KPI 1 of 2021 is judged here by the later one.
    assert table.loc[table["difference"].abs() > 1.5].empty, table.to_string()


@pytest.mark.parametrize(
    "row", list(TARGETS.published("services over 80 %").itertuples()), ids=lambda r: f"{r.kpi}-{r.data_year}"
)
def test_services_over_80_percent_number_about_as_published(reported, row):
    table = calibration.counts(reported, row.kpi, by="service_code")
    assert abs((table[table["data_year"] == row.data_year]["percent"] >= 80).sum() - row.value) <= 4


@pytest.mark.parametrize(
    "row", list(TARGETS.published("services below 50 %").itertuples()), ids=lambda r: f"{r.kpi}-{r.data_year}"
)
def test_services_below_50_percent_number_about_as_published(reported, row):
    table = calibration.counts(reported, row.kpi, by="service_code")
    assert abs((table[table["data_year"] == row.data_year]["percent"] < 50).sum() - row.value) <= 4


GROUPS = TARGETS.table[
    (TARGETS.table["basis"] == "published")
    & (TARGETS.table["statistic"] == "percent")
    & (TARGETS.table["dimension"] != "national")
]


@pytest.mark.parametrize(
    "row",
    list(GROUPS[(GROUPS["kpi"] != "kpi9") | (GROUPS["data_year"] == 2023)].itertuples()),
    ids=lambda r: f"{r.kpi}-{r.data_year}-{r.dimension}-{r.group}",
)
def test_every_group_lies_within_three_points(reported, row):
    assert abs(percent(reported, row.kpi, row.data_year, row.dimension, row.group) - row.value) <= 3


@pytest.mark.parametrize(
    ("dimension", "lower", "higher"),
    [("age_75", "under 75", "75 and over"), ("nation", "Wales", "England"), ("imd_quintile", "1", "5")],
)
def test_follow_up_gaps_have_the_published_direction_in_both_forms(reported, dimension, lower, higher):
    for kpi in ("kpi9", "kpi9-treated"):
        assert percent(reported, kpi, 2022, dimension, lower) < percent(reported, kpi, 2022, dimension, higher)


def test_hip_share_of_nations_is_the_published_one(reported):
    in_2022 = reported[reported["data_year"] == 2022]
    hips = (in_2022["fracture_site"] == "hip").groupby(in_2022["nation"]).mean() * 100
    for row in TARGETS.published("percent hip fractures", "nation").itertuples():
        assert abs(hips[row.group] - row.value) <= 1.5


def test_patients_started_by_16_weeks_are_about_the_published_12941(reported):
    started = (reported["therapy_16"] == "drug") & (reported["data_year"] == 2022)
    assert abs(started.sum() - 12_941) < 12_941 * 0.03


def test_people_are_as_old_as_in_the_audit(reported):
    assert 72.5 < reported["age"].mean() < 74.5
    assert 0.42 < (reported["age"] >= 75).mean() < 0.49
    assert 0.75 < (reported["sex"] == "female").mean() < 0.79
    assert 0.04 < (reported["care_home"] == "yes").mean() < 0.065
    days = (reported["death_date"] - reported["index_date"]).dt.days[reported["data_year"] < 2024]
    assert 0.05 < (days <= 112).mean() < 0.06
    assert 0.115 < (days <= 365).mean() < 0.145


def test_services_spread_to_both_ends(reported):
    for kpi, ends in (("kpi6", 0.15), ("kpi8", 0.4), ("kpi9", 0.15), ("kpi11", 0.15)):
        share = calibration.counts(reported, kpi, by="service_code").query("data_year == 2023")["percent"]
        assert ((share < 3) | (share > 97)).mean() > ends, kpi
    share = calibration.counts(reported, "kpi4", by="service_code").query("data_year == 2023")["percent"] / 100
    assert 1.3 < np.log((share + 0.005) / (1.005 - share)).std() < 2.5


def test_services_keep_their_character(reported):
    table = calibration.counts(reported, "kpi6", by="service_code").set_index("service_code")
    before, after = (table.loc[table["data_year"] == year, "percent"] for year in (2023, 2024))
    assert before.corr(after, method="spearman") > 0.8


def test_some_services_leave_the_follow_up_forms_empty(reported):
    in_2023 = reported[reported["data_year"] == 2023]
    for field in ("therapy_16", "therapy_52"):
        known = (in_2023[field] != "not known").groupby(in_2023["service_code"]).mean()
        assert (known == 0).sum() >= 3, field


def test_nothing_happens_after_death_or_after_the_lock(records):
    dates = [column for column in records if column.endswith("_date") and column not in ("index_date", "death_date")]
    assert len(dates) == 5
    for column in dates:
        known = records[records[column].notna()]
        assert (known[column] >= known["index_date"]).all()
        assert (known["death_date"].isna() | (known[column] < known["death_date"])).all(), column
        assert known[column].max() <= pd.Timestamp(2025, 6, 30)


def test_days_to_assessment_run_smoothly_over_day_90_and_heap_at_whole_weeks(reported):
    days = (reported["assessment_date"] - reported["index_date"]).dt.days
    within, after = days.between(63, 90).sum(), days.between(91, 118).sum()
    assert 0.4 < after / within < 1.0
    assert (days.dropna() % 7 == 0).mean() > 0.3


def test_planted_gap_is_found_again_within_services(reported):
    """Mantel-Haenszel odds ratio over service years, against the planted log odds of care home residents (KPI 11)."""
    judged = calibration.judge(reported, "kpi11")
    part = reported.assign(met=judged.meets)[judged.counts & (reported["care_home"] != "not known")]
    home, met = part["care_home"] == "yes", part["met"]
    cells = pd.DataFrame({"a": home & met, "b": home & ~met, "c": ~home & met, "d": ~home & ~met, "n": True})
    tables = cells.groupby([part["service_code"], part["data_year"]]).sum()
    ratio = (tables["a"] * tables["d"] / tables["n"]).sum() / (tables["b"] * tables["c"] / tables["n"]).sum()
    planted = next(e for e in effects.PLANTED if e.kpi == "kpi11" and e.characteristic == "care_home")
    assert abs(np.log(ratio) - planted.log_odds) < 0.15


def test_ethnicity_begins_in_2024_with_missing_values(records):
    assert records.loc[records["data_year"] < 2024, "ethnic_code"].isna().all()
    codes = records.loc[records["data_year"] == 2024, "ethnic_code"]
    assert 0.15 < (codes.isna() | (codes == "Z")).mean() < 0.20


def test_sites_are_those_of_the_form_of_the_year(records):
    finer = records["fracture_site"].isin(["humerus", "wrist", "pelvis", "other"])
    assert not finer[records["data_year"] < 2024].any()
    assert not (records.loc[records["data_year"] == 2024, "fracture_site"] == "non-hip non-spine").any()


def test_a_year_is_the_same_whichever_years_are_asked_for():
    several = generate(seed=9, years=[2022, 2023], scale=0.01, root=ROOT)
    alone = generate(seed=9, years=[2023], scale=0.01, root=ROOT)
    pd.testing.assert_frame_equal(alone, several[several["data_year"] == 2023].reset_index(drop=True))


def test_a_small_cohort_keeps_the_national_percents():
    small = generate(seed=3, scale=0.05, root=ROOT)
    table = calibration.against_published(small, TARGETS)
    # Identification and completeness ask for the whole number of records.
    patients = table[~table["kpi"].isin(["kpi1", "kpi1-strict", "kpi2", "kpi3"])]
    assert patients["difference"].abs().max() < 4
    assert len(small) < 30_000


def test_seeds_differ_and_agree():
    first, again, other = (generate(seed=s, years=[2022], scale=0.01, root=ROOT) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["age"].equals(other["age"])


@pytest.mark.parametrize("wrong", [{"years": [2019]}, {"seed": -1}, {"scale": 0.0}, {"scale": 1.5}])
def test_impossible_requests_are_refused(wrong):
    with pytest.raises(UsageError):
        generate(**{"seed": 1, "root": ROOT, **wrong})


def test_missing_targets_are_named(tmp_path):
    with pytest.raises(ParamsError, match=r"calibration\.csv"):
        load_targets(tmp_path)
    with pytest.raises(ParamsError, match="kpi4 for 2016"):
        TARGETS.aim("kpi4", 2016, "England")
