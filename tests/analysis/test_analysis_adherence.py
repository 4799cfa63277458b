"""Adherence: who is in which state, who counts, who changed drug, who is lost, and what imputation may claim."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis import adherence, adherence_drugs, adherence_imputed, adherence_lost, adherence_states
from fls_research.analysis.adherence_imputed import Imputing, imputed_shares
from fls_research.analysis.adherence_measures import ON_AT_52, PERSISTING, STARTED
from fls_research.data import codes
from fls_research.errors import ParamsError
from fls_research.kpi.definitions import record_for
from fls_research.stats import design
from fls_research.stats.proportions import clustered_proportion
from fls_research.stats.regression import cluster_robust_covariance, logistic, standardised_ratios
from fls_research.stats.results import StatsError

INDEX = pd.Timestamp("2024-03-01")


def fractures(rows, **same):
    """Patients with the columns that adherence reads; each row names what differs from an ordinary patient."""
    ordinary = {
        "data_year": 2024, "service_code": "S1", "therapy": "drug", "therapy_drugs": "Alendronate",
        "therapy_16": "not known", "therapy_16_drugs": "", "therapy_52": "not known", "therapy_52_drugs": "",
        "prior_therapy": "no", "days_to_death": None, "fracture_site": "hip", "site_group": "hip", "age": 70,
        "age_band": "65–74", "sex": "female", "care_home": "no", "imd_quintile": 3,
    }  # fmt: skip
    made = pd.DataFrame([{**ordinary, **same, **row} for row in rows])
    days = made["days_to_death"].astype("Int32")
    return made.assign(
        days_to_death=days,
        index_date=INDEX,
        death_date=INDEX + pd.to_timedelta(days.astype(float), unit="D"),
        imd_quintile=made["imd_quintile"].astype("Int16"),
    )


def by(counts, key, value="numerator"):
    return counts.set_index(key)[value].to_dict()


# -- drugs ------------------------------------------------------------------------------------------------------------


def test_every_drug_of_the_dataset_has_a_route():
    assert set(adherence_drugs.ROUTES) == set(codes.DRUGS)


def test_a_drug_without_a_route_is_refused_by_name():
    with pytest.raises(ParamsError, match="Placebo"):
        adherence_drugs.routes(pd.Series(["Alendronate", "Placebo"]))


@pytest.mark.parametrize(("earlier", "later", "is_changed"), [
    ("Alendronate", "Alendronate", False),
    ("Alendronate", "Denosumab", True),
    ("Alendronate;Denosumab", "Denosumab;Alendronate", False),
    ("Alendronate;Denosumab", "Denosumab", True),
    ("Alendronate", "", False),
])  # fmt: skip
def test_a_changed_drug(earlier, later, is_changed):
    assert adherence_drugs.changed(pd.Series([earlier]), pd.Series([later])).tolist() == [is_changed]


# -- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "died", "at_16", "why"), [
    ("drug", None, "on a drug", "a named drug"),
    ("not started", None, "not on a drug", "said so"),
    ("further opinion", None, "not on a drug", "waiting for an opinion is not taking"),
    ("declined", None, "declined", "said so"),
    ("no longer appropriate", None, "no longer appropriate", "said so"),
    ("not known", None, "not known", "nobody knows"),
    ("drug", 112, "died", "dead on the last day, whatever was answered before"),
    ("drug", 113, "on a drug", "alive at 16 weeks"),
    ("not known", 300, "not known", "alive at 16 weeks, and nobody knows"),
])  # fmt: skip
def test_the_state_at_16_weeks(answer, died, at_16, why):
    patient = fractures([{"therapy_16": answer, "days_to_death": died}])
    assert list(adherence_states.states(patient, adherence_states.AT_16_WEEKS)) == [at_16], why


def test_the_states_of_a_stage_are_everybody_recommended_a_drug_the_year_before():
    rows = [{"therapy_16": code} for code in ("drug", "declined", "not known")]
    rows += [{"therapy": "gp to decide", "therapy_16": "drug"}, {"data_year": 2024, "therapy_16": "drug"}]
    patients = fractures(rows, data_year=2023).assign(data_year=[2023] * 4 + [2024])
    counts = adherence_states.state_counts(patients, years=[2024])
    assert set(counts["denominator"]) == {3.0}
    assert counts.groupby("stage")["numerator"].sum().to_dict() == {"recommended": 3, "16-weeks": 3, "52-weeks": 3}


def test_a_year_without_patients_the_year_before_has_no_states():
    assert adherence_states.state_counts(fractures([{}]), years=[2024]).empty


# -- measures ---------------------------------------------------------------------------------------------------------


def test_who_counts_as_started_by_16_weeks():
    patients = fractures([
        {"therapy_16": "drug"},
        {"therapy_16": "drug", "prior_therapy": "yes"},
        {"therapy_16": "not started"},
        {"therapy_16": "not known"},
        {"therapy_16": "declined", "prior_therapy": "not known"},
        {"therapy_16": "no longer appropriate"},  # leaves
        {"therapy_16": "not known", "days_to_death": 90},  # leaves
        {"therapy": "gp to decide", "therapy_16": "drug"},  # not recommended by name
    ])  # fmt: skip
    counts = adherence.measure_counts(patients, years=[2024]).set_index("measure")
    assert counts.loc["started", ["numerator", "denominator", "unknown"]].tolist() == [2, 5, 1]
    assert counts.loc["newly-started", ["numerator", "denominator"]].tolist() == [1, 3]
    assert counts.loc["continuing", ["numerator", "denominator"]].tolist() == [1, 1]
    assert "persisting" not in counts.index  # there are no patients of the year before


def test_persistence_is_asked_of_last_years_patients_who_had_started():
    patients = fractures(
        [
            {"therapy_16": "drug", "therapy_52": "drug"},
            {"therapy_16": "drug", "therapy_52": "not started"},
            {"therapy_16": "not known", "therapy_52": "drug"},
            {"therapy_16": "drug", "therapy_52": "not known", "days_to_death": 365},
        ],
        data_year=2023,
    )
    counts = adherence.measure_counts(patients, years=[2024]).set_index("measure")
    assert counts.loc["persisting", ["numerator", "denominator"]].tolist() == [1, 2]
    assert counts.loc["on-at-52", ["numerator", "denominator"]].tolist() == [2, 3]


def test_groups_add_up_to_everybody():
    rows = [
        {"therapy_drugs": drug, "therapy_16": answer, "fracture_site": site}
        for drug in ("Alendronate", "Denosumab", "Alendronate;Denosumab", "Ibandronate")
        for answer in ("drug", "declined", "not known")
        for site in ("hip", "wrist", "not known")
    ]
    counts = adherence.group_counts(fractures(rows), year=2024)
    sums = counts.groupby("dimension")[["numerator", "denominator", "unknown"]].sum()
    assert set(sums.index) == {"national", *adherence.GROUPINGS}
    assert (sums == [12, 36, 12]).all(axis=None)
    routes = counts.loc[counts["dimension"] == "route"]
    assert by(routes, "group", "denominator") == {
        "oral": 9, "injected": 9, "oral or other": 9, "more than one route": 9
    }  # fmt: skip


def test_switching_asks_those_on_a_named_drug_at_both_ends():
    here = {"therapy_16": "drug", "therapy_16_drugs": "Alendronate"}
    patients = fractures([
        here,
        {**here, "therapy_16_drugs": "Denosumab"},
        {**here, "therapy_drugs": "Zoledronate"},
        {**here, "therapy_16_drugs": ""},  # on a drug that nobody named
        {**here, "therapy_16_drugs": "Denosumab", "days_to_death": 100},  # died by 16 weeks
        {"therapy_16": "declined"},
    ])  # fmt: skip
    counts = adherence.switching_counts(patients, year=2024)
    found = counts.loc[counts["measure"] == "switched-16"].set_index("group")
    assert found.loc["all", ["numerator", "denominator"]].tolist() == [2, 3]
    assert found.loc["oral", ["numerator", "denominator"]].tolist() == [1, 2]
    assert found.loc["injected", ["numerator", "denominator"]].tolist() == [1, 1]


def test_switching_by_52_weeks_begins_with_a_drug_at_16():
    end = {"therapy_52": "drug", "therapy_52_drugs": "Denosumab", "therapy_16_drugs": "Alendronate"}
    patients = fractures(
        [
            {**end, "therapy_16": "drug"},
            {**end, "therapy_16": "drug", "therapy_52_drugs": "Alendronate"},
            {**end, "therapy_16": "declined"},  # a name left standing beside a refusal
        ],
        data_year=2023,
    )
    counts = adherence.switching_counts(patients, year=2024)
    found = counts.loc[counts["measure"] == "switched-52"].set_index("group")
    assert found.loc["all", ["numerator", "denominator"]].tolist() == [1, 2]


def test_the_bounds_hold_the_complete_cases_between_them():
    rows = [{"therapy_16": a} for a in ["drug"] * 3 + ["declined"] * 2 + ["not known"] * 5]
    counts = adherence.bounds_counts(fractures(rows), year=2024)
    share = (counts["numerator"] / counts["denominator"]).set_axis(counts["rule"])
    assert share.to_dict() == {"headline": 0.3, "complete-cases": 0.6, "best-case": 0.8}
    assert not counts.duplicated(["kpi", "group"]).any()


# -- lost to follow-up ------------------------------------------------------------------------------------------------


def followed(shares, *, services=12, size=40):
    """``size`` patients for each sex and service; ``shares`` is the proportion lost for women and for men."""
    rows = []
    for service in range(services):
        for sex, share in zip(("female", "male"), shares, strict=True):
            lost = round(share * size) + (service % 2) * 4 - 2  # services differ
            rows += [
                {"service_code": f"S{service}", "sex": sex, "therapy_16": "not known" if place < lost else "drug"}
                for place in range(size)
            ]
    return fractures(rows)


def test_a_balanced_factor_alone_has_the_crude_ratio():
    found = adherence_lost.lost_to_follow_up(followed((0.2, 0.4)), year=2024, confidence=0.95)
    rows = found.risks.set_index(["dimension", "group"])
    assert rows.loc[("sex", "female"), "crude"] == pytest.approx(0.2)
    assert rows.loc[("sex", "male"), ["adjusted", "ratio"]].tolist() == pytest.approx([0.4, 2.0])
    assert rows.loc[("sex", "male"), "ratio_lower"] > 1.5
    assert rows.loc[("sex", "female"), "ratio"] == 1 and np.isnan(rows.loc[("sex", "female"), "ratio_lower"])
    assert (found.patients, found.modelled, found.services) == (960, 960, 12)


def test_errors_are_clustered_by_service_with_the_small_sample_factor():
    patients = followed((0.2, 0.4))
    found = adherence_lost.lost_to_follow_up(patients, year=2024, confidence=0.95).risks
    men = found.set_index(["dimension", "group"]).loc[("sex", "male")]
    asked = patients.assign(lost=patients["therapy_16"] == "not known")
    fit = logistic(design.build(asked, outcome="lost", categorical={"sex": "female"}, cluster="service_code"))
    covariance = cluster_robust_covariance(fit, correction="CR1S")
    ratio = standardised_ratios(fit, column="sex", reference="female", covariance=covariance, confidence=0.95).iloc[0]
    assert men[["ratio_lower", "ratio_upper"]].tolist() == pytest.approx([ratio["lower"], ratio["upper"]])


@pytest.mark.filterwarnings("ignore:invalid value encountered in sqrt")  # no service differs in what sex does
def test_adjusting_takes_a_confounder_away():
    """Men are lost more only because more of them are old; age by age there is no difference."""
    rows = []
    for service in range(12):
        for sex, band, size in (("female", "50–64", 60), ("female", "85 and over", 20), ("male", "50–64", 20),
                                ("male", "85 and over", 60)):  # fmt: skip
            odd = service % 2  # services differ, alike for both sexes
            lost = round(size * ((0.05, 0.15)[odd] if band == "50–64" else (0.4, 0.6)[odd]))
            rows += [
                {"service_code": f"S{service}", "sex": sex, "age_band": band,
                 "therapy_16": "not known" if place < lost else "drug"}
                for place in range(size)
            ]  # fmt: skip
    found = adherence_lost.lost_to_follow_up(fractures(rows), year=2024, confidence=0.95).risks
    rows = found.set_index(["dimension", "group"])
    assert rows.loc[("sex", "male"), "crude"] / rows.loc[("sex", "female"), "crude"] == pytest.approx(2.0)
    assert rows.loc[("sex", "male"), "ratio"] == pytest.approx(1.0)
    assert rows.loc[("age_band", "85 and over"), "ratio"] == pytest.approx(5.0)
    assert rows.loc[("age_band", "85 and over"), "p_value"] < 0.001


def test_the_dead_are_not_lost():
    patients = pd.concat([followed((0.2, 0.4)), fractures([{"days_to_death": 50}] * 30)], ignore_index=True)
    found = adherence_lost.lost_to_follow_up(patients, year=2024, confidence=0.95)
    assert found.patients == 960


def test_a_sparse_level_has_crude_numbers_only():
    few = fractures([{"sex": "not known", "service_code": f"S{n}"} for n in range(5)])
    patients = pd.concat([followed((0.2, 0.4)), few], ignore_index=True)
    found = adherence_lost.lost_to_follow_up(patients, year=2024, confidence=0.95)
    row = found.risks.set_index(["dimension", "group"]).loc[("sex", "not known")]
    assert (row["n"], row["events"], row["crude"]) == (5, 5, 1)
    assert np.isnan(row["adjusted"]) and np.isnan(row["ratio"])
    assert found.patients - found.modelled == 5


@pytest.mark.parametrize("services", [1, 9])
def test_few_services_have_no_intervals(services):
    found = adherence_lost.lost_to_follow_up(followed((0.3, 0.5), services=services), year=2024, confidence=0.95)
    men = found.risks.set_index(["dimension", "group"]).loc[("sex", "male")]
    assert men["ratio"] > 1
    assert np.isnan([men["crude_lower"], men["ratio_lower"], men["p_value"]]).all()


def test_nobody_lost_is_an_answer_and_no_model():
    patients = fractures([{"therapy_16": "drug", "service_code": f"S{n % 12}"} for n in range(120)])
    found = adherence_lost.lost_to_follow_up(patients, year=2024, confidence=0.95)
    assert found.risks["crude"].tolist() == [0.0] * len(found.risks)
    assert found.modelled == 0 and found.risks["adjusted"].isna().all()


def test_services_are_counted_by_how_many_they_lose():
    rows = [
        {"service_code": name, "therapy_16": "not known" if place < lost else "drug"}
        for name, lost, size in (("A", 0, 20), ("B", 11, 20), ("C", 10, 20), ("D", 9, 9))
        for place in range(size)
    ]
    told = adherence_lost.services_by_loss(fractures(rows), year=2024).iloc[0]
    assert told[["services", "over_half", "under_tenth"]].tolist() == [3, 1, 1]


# -- imputation -------------------------------------------------------------------------------------------------------

HOW = Imputing(imputations=3, burn_in=1, neighbours=5)


def many(*, seed=1, services=20, size=60, lost=0.0, lost_where_low=0.0, years=2024):
    """Services at two levels of starting, 30% and 80%; some answers are lost, more where the level is low."""
    rng = np.random.default_rng(seed)
    rows = []
    for service in range(services):
        low = service % 2 == 0
        for place in range(size):
            met = place < (0.3 if low else 0.8) * size
            gone = rng.random() < (lost_where_low if low else lost)
            answer = "not known" if gone else "drug" if met else "not started"
            rows.append({"service_code": f"S{service:02}", "therapy_16": answer, "age": int(rng.integers(50, 95))})
    return fractures(rows, data_year=years)


def imputed(patients, record=STARTED, *, seed=7):
    return imputed_shares(patients, [("it", record)], year=2024, how=HOW, generator=np.random.default_rng(seed))


def test_without_gaps_the_answer_is_the_clustered_proportion():
    patients = many()
    row = imputed(patients).iloc[0]
    met = (patients["therapy_16"] == "drug").astype(float)
    plain = clustered_proportion(met, np.ones(len(met)), patients["service_code"], confidence=0.95)
    assert row["estimate"] == pytest.approx(0.55)
    assert [row["lower"], row["upper"]] == pytest.approx([plain.lower, plain.upper], abs=0.006)
    assert row["n"] == row["answered"] == len(patients)


def test_the_same_generator_gives_the_same_answer_and_leaves_the_frame_alone():
    patients = many(lost=0.3, lost_where_low=0.3)
    before = patients.copy(deep=True)
    pd.testing.assert_frame_equal(imputed(patients), imputed(patients))
    pd.testing.assert_frame_equal(patients, before)
    assert imputed(patients)["estimate"].iloc[0] != imputed(patients, seed=8)["estimate"].iloc[0]


def test_imputation_gives_every_service_its_weight_where_complete_cases_do_not():
    """Answers are lost from services that start few: complete cases are too high, imputation is not."""
    patients = many(lost=0.0, lost_where_low=0.7)
    known = patients.loc[patients["therapy_16"] != "not known", "therapy_16"]
    assert (known == "drug").mean() > 0.63
    assert imputed(patients)["estimate"].iloc[0] == pytest.approx(0.55, abs=0.025)


def test_a_service_without_answers_widens_the_interval():
    patients = many()
    silent = patients["service_code"].isin(["S00", "S01", "S02", "S03", "S04", "S05"])
    hidden = patients.assign(therapy_16=patients["therapy_16"].mask(silent, "not known"))
    told, whole = imputed(hidden).iloc[0], imputed(patients).iloc[0]
    assert told["upper"] - told["lower"] > whole["upper"] - whole["lower"]
    assert told["fraction_missing"] > 0.02


def test_52_weeks_takes_the_answer_at_16_weeks_with_it():
    """Who was on a drug at 16 weeks stays on it; half of the answers at 52 are gone, more among those not on it."""
    patients = many(size=120, years=2023)
    on = patients["therapy_16"] == "drug"
    rng = np.random.default_rng(3)
    gone = rng.random(len(patients)) < np.where(on, 0.2, 0.8)
    patients["therapy_52"] = np.where(gone, "not known", np.where(on, "drug", "not started"))
    row = imputed(patients, ON_AT_52).iloc[0]
    assert row["estimate"] == pytest.approx(0.55, abs=0.04)
    assert row["answered"] == int((~gone).sum())


@pytest.mark.parametrize("answers", [["not known"] * 20, ["drug"] * 10 + ["not known"] * 10])
def test_nothing_to_learn_from_gives_no_row(answers):
    assert imputed(fractures([{"therapy_16": a} for a in answers])).empty
    assert imputed(fractures([{"therapy_16": a} for a in answers]), PERSISTING).empty


def test_one_service_is_imputed_too():
    row = imputed(many(services=1, size=200, lost_where_low=0.4)).iloc[0]
    assert row["lower"] < row["estimate"] < row["upper"]


def test_a_kpi_of_services_cannot_be_imputed():
    with pytest.raises(TypeError, match="kpi2"):
        imputed(many(), record_for("kpi2", 2024))


def test_an_empty_year_is_refused():
    with pytest.raises(StatsError, match="2030"):
        adherence_lost.lost_to_follow_up(fractures([{}]), year=2030, confidence=0.95)


def test_every_count_column_of_the_estimates_is_named():
    frame = imputed(many(lost=0.2))
    assert set(frame) == {*adherence_imputed.LABELS, *adherence_imputed.ESTIMATES, *adherence_imputed.COUNTS}
