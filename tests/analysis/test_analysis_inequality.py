"""Gaps between groups: other people's answers, what is left out and said so, and the planted gaps found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from fls_research.analysis import adjustment, comparisons, deprivation, design, groups, inequality, places
from fls_research.analysis.comparisons import COMPARISONS, Comparison
from fls_research.data.derive import derive
from fls_research.data.synthetic.effects import PLANTED
from fls_research.data.synthetic.generate import generate
from fls_research.errors import UsageError
from fls_research.params import load_year
from fls_research.stats.multiplicity import holm

ROOT = Path(__file__).resolve().parents[2]
MEN = Comparison(column="sex", level="male", references=("female",), words="Men v women")


def patterns_of(cells: list[tuple], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(cells, columns=["service", *columns, "n", "events"]).astype({"n": float, "events": float})
    keys = {"data_year": 2024, "kpi": "kpi7", "version": "kpi7.2016", "nation": "England"}
    return frame.assign(**keys, proportion=frame["events"] / frame["n"])


@pytest.fixture(scope="module")
def by_sex() -> pd.DataFrame:
    cells = [
        ("a", "male", 40, 12), ("a", "female", 160, 80), ("b", "male", 30, 21), ("b", "female", 90, 70),
        ("c", "male", 25, 4), ("c", "female", 75, 22), ("d", "male", 60, 33), ("d", "female", 110, 60),
        ("d", "not known", 5, 5),
    ]  # fmt: skip
    return patterns_of(cells, ("sex",))


@pytest.fixture(scope="module")
def synthetic() -> pd.DataFrame:
    """A scaled-down synthetic cohort, without the steps that make it an extract."""
    made = generate(seed=5, years=[2023, 2024], scale=0.3, root=ROOT)
    decile = made["imd_decile"].astype("Int16")
    return derive(
        made.assign(
            imd_decile=decile.mask(decile == 0),
            imd_quintile=pd.array([pd.NA] * len(made), dtype="Int16"),
            ethnicity=pd.Categorical(["not known"] * len(made)),
        )
    )


PLANTED_KPIS = ("kpi4", "kpi6", "kpi7", "kpi9", "kpi11")


@pytest.fixture(scope="module")
def patterns(synthetic) -> pd.DataFrame:
    return design.covariate_patterns(synthetic, years=[2024], kpis=PLANTED_KPIS)


@pytest.fixture(scope="module")
def found(patterns) -> pd.DataFrame:
    return inequality.gaps(patterns)


# -- the numbers are other people's numbers -------------------------------------------------------------------------


def one_row_per_patient(patterns: pd.DataFrame) -> pd.DataFrame:
    met = patterns.loc[patterns.index.repeat(patterns["events"].astype(int))].assign(met=1.0)
    not_met = patterns.loc[patterns.index.repeat((patterns["n"] - patterns["events"]).astype(int))].assign(met=0.0)
    return pd.concat([met, not_met], ignore_index=True)


def test_the_crude_gap_is_least_squares_with_statsmodels_clustered_errors(by_sex):
    row = inequality.gaps(by_sex, comparisons=[MEN], covariates=["sex"]).iloc[0]
    people = one_row_per_patient(by_sex).query("sex != 'not known'")
    codes = pd.factorize(people["service"])[0]
    men = sm.add_constant((people["sex"] == "male").astype(float).rename("men"))
    reference = sm.OLS(people["met"], men).fit(cov_type="cluster", cov_kwds={"groups": codes})
    assert row["crude"] == pytest.approx(reference.params["men"])
    half = 1.959963984540054 * reference.bse["men"]
    assert row["crude_upper"] - row["crude"] == pytest.approx(half)
    assert row["ratio"] == pytest.approx((70 / 155) / (232 / 435))


def test_the_adjusted_gap_is_the_difference_of_everybodys_predictions(by_sex):
    cells = by_sex.query("sex != 'not known'").assign(age_band=["75–84", "65–74"] * 4)
    more = patterns_of([("a", "male", 50, 20), ("b", "female", 35, 30), ("c", "female", 80, 30)], ("sex",))
    both = pd.concat([cells, more.assign(age_band=["65–74", "75–84", "75–84"])], ignore_index=True)
    row = inequality.gaps(both, comparisons=[MEN], covariates=["age_band", "sex"]).iloc[0]
    people = one_row_per_patient(both)
    columns = pd.DataFrame({"one": 1.0, "men": people["sex"] == "male", "old": people["age_band"] == "75–84"})
    fit = sm.GLM(people["met"], columns.astype(float), family=sm.families.Binomial()).fit()
    as_if = [fit.predict(columns.assign(men=value).astype(float)).mean() for value in (1.0, 0.0)]
    assert row["adjusted"] == pytest.approx(as_if[0] - as_if[1], rel=1e-6)
    assert row["adjusted"] != pytest.approx(row["crude"], abs=1e-3)


def test_holm_is_over_the_tested_comparisons_of_a_year_only(found):
    tested = found.loc[found["tested"] & found["adjusted_p_value"].notna()]
    assert np.allclose(tested["adjusted_p_holm"], holm(tested["adjusted_p_value"]))
    assert found.loc[~found["tested"], ["adjusted_p_value", "adjusted_p_holm", "within_p_bh"]].isna().all(axis=None)


def test_gaps_of_a_kpi_do_not_depend_on_the_order_or_the_cutting_of_rows(by_sex):
    halves = pd.concat([by_sex.assign(n=by_sex["n"] / 2, events=by_sex["events"] / 2)] * 2).sample(
        frac=1, random_state=2
    )
    one = inequality.gaps(by_sex, comparisons=[MEN], covariates=["sex"])
    other = inequality.gaps(halves, comparisons=[MEN], covariates=["sex"])
    numbers = [*inequality.GAP_COUNTS, *inequality.GAP_ESTIMATES]
    assert np.allclose(one[numbers].astype(float), other[numbers].astype(float), rtol=1e-6, equal_nan=True)


# -- nothing drops out silently -------------------------------------------------------------------------------------


def test_a_level_in_which_everybody_met_the_kpi_leaves_the_model_and_is_counted(by_sex):
    row = inequality.gaps(by_sex, comparisons=[MEN], covariates=["sex"]).iloc[0]
    assert row["share_left_out"] == pytest.approx(5 / by_sex["n"].sum())


def test_an_empty_group_has_a_row_and_no_estimate(by_sex):
    nobody = Comparison(column="sex", level="other", references=("female",), words="Other v women")
    row = inequality.gaps(by_sex, comparisons=[nobody], covariates=["sex"]).iloc[0]
    assert row["n"] == 0 and row["n_reference"] == 435
    assert row[["crude", "adjusted", "odds_ratio", "adjusted_p_holm"]].isna().all()


@pytest.mark.parametrize("degenerate", ["one service", "nobody met it", "one group"])
def test_where_there_is_no_answer_there_is_none(by_sex, degenerate):
    rows = {
        "one service": by_sex.query("service == 'a'"),
        "nobody met it": by_sex.assign(events=0.0, proportion=0.0),
        "one group": by_sex.query("sex == 'female'"),
    }[degenerate]
    row = inequality.gaps(rows, comparisons=[MEN], covariates=["sex"]).iloc[0]
    assert np.isnan(row["adjusted"]) and np.isnan(row["crude"])


def test_a_nation_has_no_odds_ratio_within_a_service(patterns):
    wales = [each for each in COMPARISONS if each.column == "nation"]
    rows = inequality.gaps(patterns.query("kpi == 'kpi7'"), comparisons=wales)
    assert rows["adjusted"].notna().all() and rows["odds_ratio"].isna().all()


def test_kpi_8_compares_the_oldest_with_the_youngest_it_counts(synthetic):
    patterns = design.covariate_patterns(synthetic, years=[2024], kpis=["kpi8"], covariates=["age_band"])
    oldest = [each for each in COMPARISONS if each.column == "age_band"]
    assert inequality.gaps(patterns, comparisons=oldest, covariates=["age_band"])["reference"].tolist() == ["75–84"]


def test_groups_without_an_answer_are_counted_as_a_group(synthetic):
    counted = groups.group_counts(synthetic, years=[2024], kpis=["kpi7"], dimensions=["imd_quintile"])
    assert counted["group"].tolist() == ["1", "2", "3", "4", "5", "not known"]
    assert counted["denominator"].sum() == (synthetic["data_year"] == 2024).sum()
    assert counted["group_name"].tolist()[0] == "1, most deprived"


def test_patterns_hold_every_eligible_patient_once(synthetic):
    patterns = design.covariate_patterns(synthetic, years=[2024], kpis=["kpi7"])
    assert patterns["n"].sum() == (synthetic["data_year"] == 2024).sum()
    assert not patterns.duplicated(["service", *design.COVARIATES]).any()
    assert (patterns["n"] >= patterns["events"]).all()


def test_a_place_is_found_by_its_code_and_a_wrong_one_is_named():
    fractures = pd.DataFrame({"region_code": ["Y56", "Y60"], "area_code": ["QKK", "QHL"], "nation": "England"})
    assert len(design.in_place(fractures, "")) == 2
    assert design.in_place(fractures, "Y60")["area_code"].tolist() == ["QHL"]
    with pytest.raises(UsageError, match="'Y6O'; did you mean 'Y60'"):
        design.in_place(fractures, "Y6O")


# -- deprivation along all five groups, and services ----------------------------------------------------------------


def test_parts_within_and_between_services_add_up_to_the_crude_gap(patterns, found):
    parts = deprivation.service_parts(patterns, confidence=0.95).set_index("kpi")
    assert np.allclose(parts["within"] + parts["between"], parts["total"])
    crude = found.query("comparison == 'imd-quintile-1'").set_index("kpi")["crude"]
    assert np.allclose(parts["total"], crude[parts.index])


def test_a_gap_of_services_alone_lies_between_them():
    cells = [("a", "1", 90, 27), ("a", "5", 10, 3), ("b", "1", 10, 8), ("b", "5", 90, 72)]
    row = deprivation.service_parts(patterns_of(cells, ("imd_quintile",)), confidence=0.95).iloc[0]
    assert row["within"] == pytest.approx(0) and row["between_points"] == pytest.approx(-40)
    assert row["share_between"] == pytest.approx(1)


def test_the_slope_has_the_sign_of_the_gap_and_leaves_out_unknown_fifths(patterns):
    slopes = deprivation.slopes(patterns, confidence=0.95).set_index("kpi")
    assert (slopes["sii"] < 0).all() and (slopes["rii"] < 1).all()
    known = patterns.query("imd_quintile != 'not known'").groupby("kpi")["n"].sum()
    assert (slopes["n"] == known[slopes.index]).all()


def test_a_region_of_one_service_has_a_value_and_no_interval():
    fractures = pd.DataFrame({"data_year": 2024, "service_code": list("AABBC"), "region_code": ["n"] * 4 + ["s"],
                              "region_name": ["North"] * 4 + ["South"],
                              "therapy": ["drug", "declined", "drug", "drug", "drug"]})  # fmt: skip
    table = places.regions(fractures, year=2024, confidence=0.95, kpis=["kpi7"]).set_index("name")
    assert table.loc["South", "proportion"] == 1 and np.isnan(table.loc["South", "lower"])
    assert table["extreme"].to_dict() == {"North": "lowest", "South": "highest"}


def test_the_basis_names_the_index_of_each_nation():
    assert "Wales: WIMD 2019" in inequality.basis(load_year(2024, ROOT)).set_index("what").loc["Deprivation", "value"]


def test_every_comparison_has_its_own_id():
    ids = [each.id for each in comparisons.COMPARISONS]
    assert len(set(ids)) == len(ids)


# -- the planted gaps are found again -------------------------------------------------------------------------------

_CHARACTERISTIC = {"imd": ("imd-quintile-1", -1), "male": ("sex-male", 1), "care_home": ("care-home-yes", 1),
                   "age_75": ("age-band-85-and-over", 1)}  # fmt: skip


def planted(kpi: str) -> list[tuple[str, float]]:
    """Comparison and its planted log odds ratio (the deprivation effect is planted least against most)."""
    year = 2023 if kpi == "kpi11" else 2024
    holds = [each for each in PLANTED if each.kpi == kpi and each.from_year <= year <= each.to_year]
    return [(_CHARACTERISTIC[e.characteristic][0], _CHARACTERISTIC[e.characteristic][1] * e.log_odds) for e in holds]


@pytest.mark.parametrize("kpi", PLANTED_KPIS)
def test_planted_gaps_are_recovered_within_services(found, kpi):
    rows = found.query("kpi == @kpi").set_index("comparison")
    for comparison, log_odds in planted(kpi):
        row = rows.loc[comparison]
        error = np.log(row["odds_ratio_upper"] / row["odds_ratio_lower"]) / (2 * 1.959963984540054)
        # Deaths and the steps before a KPI can add to what was planted in it: rough size is what is asked for.
        assert np.log(row["odds_ratio"]) == pytest.approx(log_odds, abs=0.15 + 3 * error), comparison
        if abs(log_odds) > 4 * error:
            assert np.sign(np.log(row["odds_ratio"])) == np.sign(log_odds), comparison


def test_the_adjusted_gap_over_all_services_has_the_planted_direction(found):
    rows = found.query("comparison == 'imd-quintile-1'").set_index("kpi")
    assert (rows["adjusted"] < 0).all()
    assert (rows.loc[["kpi4", "kpi6"], "adjusted"] < -0.05).all()


def test_clear_gaps_count_kpis_on_each_side(found):
    counted = inequality.clear_gaps_both(found).set_index("comparison")
    row = counted.loc["imd-quintile-1"]
    assert row["kpis"] == len(PLANTED_KPIS) and row["within_higher"] == 0 and row["within_lower"] >= 3
    assert "ethnicity-not-known" not in counted.index


def test_adjusted_proportions_stand_beside_what_was_observed(patterns):
    table = groups.adjusted_proportions(patterns.query("kpi == 'kpi4'"), confidence=0.95)
    quintiles = table.query("dimension == 'imd_quintile'").set_index("group")
    assert quintiles.loc["1", "proportion"] < quintiles.loc["5", "proportion"]
    assert quintiles["n"].sum() == patterns.query("kpi == 'kpi4'")["n"].sum()


def test_no_model_is_none_and_not_an_error():
    alone = patterns_of([("a", "male", 10, 4), ("b", "male", 10, 5)], ("sex",))
    assert adjustment.adjusted_model(alone, covariates=["sex"]) is None
    assert adjustment.within_model(alone, covariates=["sex"]) is None
