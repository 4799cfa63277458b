"""The clocks of the pathway: who is on them, what ends them, and how they agree with the KPIs of the same records."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis import clock_means, clock_models, clock_tests, clocks
from fls_research.errors import FieldError, UsageError
from fls_research.kpi.evaluate import evaluate
from fls_research.stats.survival import aalen_johansen, at_times, log_log_interval

LOCK = dt.date(2025, 6, 30)
HORIZON = 365
DAYS = ["days_to_assessment", "days_to_dxa", "days_to_follow_up_16", "days_to_follow_up_52", "days_to_death"]
UNSAID = {"dxa": "not known", "therapy": "not known", "therapy_16": "not known", "therapy_52": "not known",
          "follow_up_16": "not known", "follow_up_52": "not known"}  # fmt: skip


def records(*rows: dict[str, object]) -> pd.DataFrame:
    """Fractures of 1 January 2024 with the answers given; nothing else is known of them."""
    blank = {"data_year": 2024, "index_date": "2024-01-01", "service_code": "A", **UNSAID, **dict.fromkeys(DAYS)}
    frame = pd.DataFrame([blank | row for row in rows])
    frame["index_date"] = pd.to_datetime(frame["index_date"])
    return frame.astype(dict.fromkeys(DAYS, "Int32"))


def ended(step: str, **answers: object) -> tuple[int, str] | None:
    """The day and the state in which one patient left the clock of a step; none where the patient is not on it."""
    found = clocks.waits(records(answers), clocks.step(step), data_lock=LOCK, horizon=HORIZON)
    return None if found.empty else (int(found["day"].iloc[0]), str(found["state"].iloc[0]))


DRUG_16 = {"therapy": "drug", "therapy_16": "drug"}
GONE_16 = {"therapy": "drug", "therapy_16": "no longer appropriate"}


@pytest.mark.parametrize(
    ("step", "answers", "day", "state"),
    [
        ("assessment", {"days_to_assessment": 0}, 0, "assessed"),
        ("assessment", {"days_to_assessment": 90, "days_to_death": 200}, 90, "assessed"),
        ("assessment", {"days_to_death": 20}, 20, "died"),
        ("assessment", {"days_to_assessment": 20, "days_to_death": 20}, 20, "assessed"),
        ("assessment", {"days_to_assessment": 30, "days_to_death": 20}, 20, "died"),
        ("assessment", {}, 365, "waiting"),
        ("assessment", {"days_to_assessment": 365}, 365, "assessed"),
        ("assessment", {"days_to_assessment": 366}, 365, "waiting"),
        ("assessment", {"index_date": "2025-06-10"}, 20, "waiting"),
        ("assessment", {"index_date": "2025-06-10", "days_to_assessment": 20}, 20, "assessed"),
        ("assessment", {"index_date": "2025-06-10", "days_to_assessment": 21}, 20, "waiting"),
        ("assessment", {"index_date": "2025-06-30"}, 0, "waiting"),
        ("dxa", {"dxa": "ordered", "days_to_dxa": 50}, 50, "scanned"),
        ("dxa", {"dxa": "recommended", "days_to_death": 50}, 50, "died"),
        ("recommendation", {"therapy": "drug", "days_to_assessment": 12}, 12, "recommended a drug"),
        ("recommendation", {"therapy": "declined", "days_to_assessment": 12}, 12, "assessed, no drug recommended"),
        ("recommendation", {"therapy": "drug"}, 365, "waiting"),
        ("treatment", {**DRUG_16, "days_to_follow_up_16": 110}, 110, "confirmed on treatment"),
        ("treatment", {**GONE_16, "days_to_follow_up_16": 110}, 110, "no longer appropriate"),
        ("treatment", {**DRUG_16, "days_to_follow_up_52": 350}, 365, "waiting"),
        ("treatment", {**GONE_16, "days_to_follow_up_16": 110, "therapy_52": "drug", "days_to_follow_up_52": 350},
         110, "no longer appropriate"),
        ("treatment", {"therapy": "gp to decide", "therapy_52": "drug", "days_to_follow_up_52": 350},
         350, "confirmed on treatment"),
        ("follow-up", {"follow_up_16": "no", "days_to_follow_up_16": 100}, 365, "waiting"),
        ("follow-up", {"follow_up_16": "yes", "follow_up_52": "yes", "days_to_follow_up_16": 100,
                       "days_to_follow_up_52": 350}, 100, "followed up"),
    ],
)  # fmt: skip
def test_how_one_patient_leaves_a_clock(step: str, answers: dict, day: int, state: str) -> None:
    assert ended(step, **answers) == (day, state)


@pytest.mark.parametrize(
    ("step", "answers"),
    [("dxa", {"dxa": "not ordered"}), ("dxa", {}), ("treatment", {"therapy": "declined"}), ("treatment", {})],
)
def test_who_is_not_eligible_is_on_no_clock(step: str, answers: dict) -> None:
    assert ended(step, **answers) is None


def test_every_step_names_death_and_says_what_its_dates_are_worth() -> None:
    assert all(list(each.ends)[-1] == clocks.DIED for each in clocks.STEPS)
    assert all(each.caveat for each in clocks.STEPS)


def test_a_fracture_after_the_lock_or_without_a_date_is_refused() -> None:
    for date in ("2025-07-01", None):
        with pytest.raises(FieldError, match="no date of fracture, or one after the data lock"):
            clocks.exits(records({"index_date": date}), steps=["assessment"], by=["national"], data_lock=LOCK)


def test_an_unknown_step_is_named_with_a_hint() -> None:
    with pytest.raises(UsageError, match="did you mean 'assessment'"):
        clocks.step("assesment")


def many(size: int = 4_000) -> pd.DataFrame:
    """A year of made-up records that all could be followed for half a year."""
    chance = np.random.default_rng(50)
    share = chance.random
    frame = pd.DataFrame({
        "data_year": 2024,
        "index_date": pd.Timestamp("2024-01-01") + pd.to_timedelta(chance.integers(0, 366, size), unit="D"),
        "service_code": chance.choice(list("ABCDE"), size),
        "sex": chance.choice(["female", "male"], size, p=[0.7, 0.3]),
        "age_band": chance.choice(["50–64", "65–74", "75–84"], size),
        "dxa": chance.choice(["ordered", "recommended", "not ordered", "not known"], size),
        "therapy": chance.choice(["drug", "gp to decide", "declined", "not known"], size),
        "therapy_16": chance.choice(["drug", "no longer appropriate", "not started", "not known"], size),
        "therapy_52": chance.choice(["drug", "not known"], size),
        "follow_up_16": chance.choice(["yes", "no"], size),
        "follow_up_52": chance.choice(["yes", "no"], size),
        "days_to_assessment": np.where(share(size) < 0.8, chance.integers(0, 250, size), np.nan),
        "days_to_dxa": np.where(share(size) < 0.6, chance.integers(0, 300, size), np.nan),
        "days_to_follow_up_16": np.where(share(size) < 0.5, chance.integers(70, 150, size), np.nan),
        "days_to_follow_up_52": np.where(share(size) < 0.3, chance.integers(330, 390, size), np.nan),
        "days_to_death": np.where(share(size) < 0.15, chance.integers(0, 500, size), np.nan),
    })  # fmt: skip
    # Nothing is done to the dead, and nothing is known after the lock: as in a cohort that passed the rules.
    lock = (pd.Timestamp(LOCK) - frame["index_date"]).dt.days
    for name in DAYS[:-1]:
        late = (frame[name] > frame["days_to_death"].fillna(np.inf)) | (frame[name] > lock)
        frame[name] = frame[name].mask(late)
    frame["days_to_death"] = frame["days_to_death"].mask(frame["days_to_death"] > lock)
    for name in DAYS:
        date = name.removeprefix("days_to_") + "_date"
        frame[date] = frame["index_date"] + pd.to_timedelta(frame[name], unit="D")
    return frame.astype(dict.fromkeys(DAYS, "Int32"))


@pytest.fixture(scope="module")
def fractures() -> pd.DataFrame:
    return many()


def incidence(fractures: pd.DataFrame, step: str, day: int) -> float:
    """The cumulative incidence of a step by a day, straight from the textbook function."""
    left = clocks.waits(fractures, clocks.step(step), data_lock=LOCK, horizon=HORIZON)
    curve = aalen_johansen(
        left["day"], left["state"], censored=clocks.WAITING, confidence=0.95, interval=log_log_interval
    )
    read = at_times(curve[curve["cause"] == clocks.DONE[step]], [day])
    return float(read["estimate"].iloc[0])


@pytest.mark.parametrize(("step", "kpi", "day"), [("assessment", "kpi4", 90), ("dxa", "kpi5", 90),
                                                  ("follow-up", "kpi9", 112)])  # fmt: skip
def test_the_curve_meets_the_kpi_where_nobody_is_censored_before(fractures, step: str, kpi: str, day: int) -> None:
    """KPI 4, 5 and 9 count over everybody eligible, the dead among them, as cumulative incidence does.

    They agree exactly because the lock lies more than ``day`` days after the last fracture, so that nobody is censored
    before, and because a missing date is not met in the one and no event in the other.
    """
    counts = evaluate(fractures, None, years=[2024], by=["national"], kpis=[kpi]).iloc[0]
    assert incidence(fractures, step, day) == pytest.approx(counts["numerator"] / counts["denominator"], abs=1e-12)


def test_the_curve_of_treatment_lies_below_kpi_10_for_two_reasons_that_can_be_counted(fractures) -> None:
    """KPI 10 leaves out the dead and the no longer treatable, and counts treatment reported without a date in time."""
    by_16 = clocks.waits(fractures, clocks.step("treatment"), data_lock=LOCK, horizon=112)
    curve = by_16["state"].value_counts()
    eligible = fractures.loc[by_16.index]
    left_out = (eligible["days_to_death"] <= 112).fillna(False) | (eligible["therapy_16"] == "no longer appropriate")
    late_or_undated = (eligible["therapy_16"] == "drug") & ~(eligible["days_to_follow_up_16"] <= 112).fillna(False)
    confirmed = (by_16["state"] == "confirmed on treatment") & ~left_out.astype(bool)
    counts = evaluate(fractures, None, years=[2024], by=["national"], kpis=["kpi10"]).iloc[0]
    assert counts["denominator"] == (~left_out).sum()
    assert counts["numerator"] == confirmed.sum() + (late_or_undated & ~left_out).sum()
    assert incidence(fractures, "treatment", 112) == pytest.approx(curve["confirmed on treatment"] / len(by_16))
    assert incidence(fractures, "treatment", 112) < counts["numerator"] / counts["denominator"]


def test_exits_are_additive_and_lose_nobody(fractures) -> None:
    how = {"steps": clocks.STEP_IDS, "by": ["national", "sex"], "data_lock": LOCK}
    keys = ["data_year", "step", "dimension", "group", "day", "state"]
    whole = clocks.exits(fractures, **how).set_index(keys)["patients"].sort_index()
    halves = [clocks.exits(part, **how) for part in (fractures.iloc[:1500], fractures.iloc[1500:])]
    together = pd.concat(halves).groupby(keys)["patients"].sum().sort_index()
    pd.testing.assert_series_equal(whole, together)
    assert whole.loc[2024, "assessment", "national"].sum() == len(fractures)
    assert whole.loc[2024, "assessment", "sex"].sum() == len(fractures)


def test_records_do_not_change(fractures) -> None:
    before = fractures.copy(deep=True)
    clocks.exits(fractures, steps=clocks.STEP_IDS, by=["national"], data_lock=LOCK)
    pd.testing.assert_frame_equal(fractures, before)


def test_undated_steps_are_counted_among_the_eligible() -> None:
    told = clocks.undated(
        records(
            {"therapy": "drug", "therapy_16": "drug"},
            {"therapy": "drug", "therapy_16": "drug", "days_to_follow_up_16": 100},
            {"therapy": "declined", "therapy_16": "drug"},
        ),
        steps=clocks.STEP_IDS,
    ).set_index("step")
    assert told.loc["treatment", ["numerator", "denominator"]].tolist() == [1.0, 2.0]
    assert told.loc["recommendation", ["numerator", "denominator"]].tolist() == [2.0, 2.0]
    assert "assessment" not in told.index


def waited(frame: pd.DataFrame, **references: str) -> pd.DataFrame:
    return clock_means.days_waiting(
        frame, of="assessment", references=references, horizons=[90, 180], data_lock=LOCK
    ).set_index(["group", "horizon"])


def test_days_waiting_are_plain_means_while_nobody_is_censored(fractures) -> None:
    found = waited(fractures, sex="female")
    left = clocks.waits(fractures, clocks.step("assessment"), data_lock=LOCK, horizon=HORIZON)["day"]
    for horizon in (90, 180):
        means = left.clip(upper=horizon).groupby(fractures["sex"]).mean()
        assert found.loc[("female", horizon), "days"] == pytest.approx(means["female"])
        assert found.loc[("male", horizon), "difference"] == pytest.approx(means["male"] - means["female"])
        assert found.loc[("female", horizon), ["difference", "difference_lower"]].tolist() == [0, 0]


def test_a_group_that_is_not_followed_so_long_has_no_mean() -> None:
    rows = [{"sex": "female"}, {"sex": "male", "index_date": "2025-03-12"}, {"sex": "male", "days_to_assessment": 9}]
    found = waited(records(*rows), sex="female")
    assert np.isnan(found.loc[("male", 180), "days"]) and np.isnan(found.loc[("male", 180), "difference"])
    assert found.loc[("male", 90), "days"] == pytest.approx((9 + 90) / 2)


def test_a_reference_that_nobody_is_in_leaves_means_without_differences() -> None:
    found = waited(records({"sex": "male", "days_to_assessment": 10}), sex="female")
    assert found.loc[("male", 90), "days"] == 10
    assert np.isnan(found.loc[("male", 90), "difference"])


def planted(gap: float, *, between: bool) -> pd.DataFrame:
    """Two groups whose rates differ by the factor ``gap``: inside every service, or only because of where they live."""
    chance = np.random.default_rng(7)
    size = 6_000
    service = chance.integers(0, 30, size)
    deprived = chance.random(size) < (np.where(service < 15, 0.8, 0.2) if between else 0.5)
    rate = 0.02 * np.where((service < 15) if between else deprived, gap, 1.0)
    days = np.floor(chance.exponential(1 / rate))
    return pd.DataFrame({
        "data_year": 2024, "index_date": pd.Timestamp("2024-01-01"), "days_to_death": np.nan,
        "days_to_assessment": np.where(days <= HORIZON, days, np.nan), "service_code": service.astype(str),
        "imd_quintile": pd.array(np.where(deprived, 1, 5), dtype="Int16"),
    })  # fmt: skip


def hazards(frame: pd.DataFrame, **references: str) -> clock_models.HazardModels:
    return clock_models.hazard_models(frame, of="assessment", references=references, data_lock=LOCK, horizon=HORIZON)


def test_a_gap_inside_services_is_found_by_both_models() -> None:
    found = hazards(planted(0.7, between=False), imd_quintile="5").ratios.set_index("group").loc["1"]
    assert found["overall_lower"] < 0.7 < found["overall_upper"]
    assert found["within_lower"] < 0.7 < found["within_upper"]


def test_a_gap_between_services_vanishes_within_them() -> None:
    found = hazards(planted(0.5, between=True), imd_quintile="5").ratios.set_index("group").loc["1"]
    assert found["overall_upper"] < 0.9
    assert found["within_lower"] < 1 < found["within_upper"]


def test_hazards_are_the_same_from_shuffled_rows(fractures) -> None:
    one, other = (
        hazards(frame, sex="female", age_band="65–74")
        for frame in (fractures, fractures.sample(frac=1, random_state=3))
    )
    pd.testing.assert_frame_equal(one.ratios, other.ratios, rtol=1e-8)
    pd.testing.assert_frame_equal(one.proportionality, other.proportionality, rtol=1e-6)
    assert one.services == 5


def test_a_group_that_nobody_reaches_is_shown_without_an_estimate() -> None:
    frame = planted(0.7, between=False)
    frame.loc[:20, "imd_quintile"] = 3
    frame.loc[:20, "days_to_assessment"] = np.nan
    found = hazards(frame, imd_quintile="5").ratios.set_index("group")
    assert found.loc["3", ["n", "events"]].tolist() == [21, 0]
    assert np.isnan(found.loc["3", "overall"]) and found.loc["1", "overall"] < 1


def test_one_service_alone_can_be_modelled() -> None:
    frame = planted(0.7, between=False).assign(service_code="A")
    found = hazards(frame, imd_quintile="5")
    assert found.services == 1
    assert found.ratios["overall"].tolist() == pytest.approx(found.ratios["within"].tolist())


def test_models_refuse_what_they_cannot_answer(fractures) -> None:
    with pytest.raises(UsageError, match="one data year"):
        hazards(pd.concat([fractures, fractures.assign(data_year=2023)]), sex="female")
    with pytest.raises(UsageError, match="nothing to compare"):
        hazards(fractures[fractures["sex"] == "female"], sex="female")


def outcome_of(frame: pd.DataFrame, *by: str) -> pd.DataFrame:
    found = clock_tests.group_tests(frame, of="assessment", by=by, data_lock=LOCK, horizon=HORIZON)
    return found.set_index("dimension")


def test_tests_find_what_was_planted_and_where() -> None:
    inside = outcome_of(planted(0.7, between=False), "imd_quintile").loc["imd_quintile"]
    between = outcome_of(planted(0.5, between=True), "imd_quintile").loc["imd_quintile"]
    assert inside["gray_p"] < 1e-6 and inside["within_p"] < 1e-6
    assert between["gray_p"] < 1e-6 and between["within_p"] > 0.01


def test_p_values_are_corrected_over_the_dimensions(fractures) -> None:
    alone, both = outcome_of(fractures, "sex"), outcome_of(fractures, "sex", "age_band")
    first = min(alone.loc["sex", "gray_p"], outcome_of(fractures, "age_band").loc["age_band", "gray_p"])
    assert both["gray_p"].min() == pytest.approx(min(2 * first, 1))


def test_missing_answers_are_no_group_to_test(fractures) -> None:
    holed = fractures.assign(sex=fractures["sex"].where(np.arange(len(fractures)) % 10 > 0, "not known"))
    found = outcome_of(holed, "sex").loc["sex"]
    assert found["groups"] == 2
    assert found["n"] == len(fractures) - 400


def test_a_dimension_that_lies_between_services_has_no_test_within_them(fractures) -> None:
    by_nation = fractures.assign(nation=np.where(fractures["service_code"] == "E", "Wales", "England"))
    found = outcome_of(by_nation, "nation", "sex")
    assert np.isnan(found.loc["nation", "within"]) and np.isfinite(found.loc["nation", "gray"])
    assert np.isfinite(found.loc["sex", "within"])


def test_tests_of_constant_ratios_stand_beside_their_dimension(fractures) -> None:
    tests = clock_tests.group_tests(fractures, of="assessment", by=["sex", "age_band"], data_lock=LOCK, horizon=HORIZON)
    joined = clock_tests.with_proportionality(tests, hazards(fractures, sex="female").proportionality)
    joined = joined.set_index("dimension")
    assert 0 <= joined.loc["sex", "constant_overall_p"] <= 1
    assert np.isnan(joined.loc["age_band", "constant_within_p"])
