"""The other rules of counting: what each changes, how far a KPI moves, and whether a service keeps its colour."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis import sensitivity, sensitivity_rules
from fls_research.analysis.sensitivity_rules import RULES
from fls_research.kpi.definitions import headline_for, record_for

INDEX = pd.Timestamp("2024-03-01")


def fractures(rows, **same):
    """Patients with every column that KPI 4 to 11 read; all of it not known unless a row says otherwise."""
    ordinary = {
        "data_year": 2024, "service_code": "S1", "assessment_date": pd.NaT, "dxa": "not known", "dxa_date": pd.NaT,
        "falls_assessment": "not known", "falls_referral": "not known", "therapy": "not known", "age": 80,
        "fracture_site": "wrist", "strength_balance_16": "not known", "follow_up_16": "not known",
        "follow_up_16_date": pd.NaT, "therapy_16": "not known", "therapy_52": "not known", "death_date": pd.NaT,
    }  # fmt: skip
    made = pd.DataFrame([{**ordinary, **same, **row} for row in rows]).assign(index_date=INDEX)
    dates = [name for name in made if name.endswith("_date")]
    return made.assign(**{name: pd.to_datetime(made[name]) for name in dates})


def shares(patients, kpi):
    counts = sensitivity.counts_by_rule(patients, years=[2024])
    of_kpi = counts.loc[counts["headline"] == kpi].set_index("rule")
    return {rule: (row["numerator"], row["denominator"]) for rule, row in of_kpi.iterrows()}


DIED = INDEX + pd.Timedelta(days=100)
SOUGHT = {"therapy": "drug"}
PATIENTS = [
    *[{**SOUGHT, "therapy_16": "drug"}] * 3,
    *[{**SOUGHT, "therapy_16": "declined"}] * 2,
    *[{**SOUGHT, "therapy_16": "not known"}] * 4,
    {**SOUGHT, "therapy_16": "not known", "death_date": DIED},
]


@pytest.mark.parametrize(("rule", "counted", "why"), [
    ("headline", (3, 9), "not known is not met, the dead leave"),
    ("complete-cases", (3, 5), "those not known leave"),
    ("best-case", (7, 9), "those not known are met"),
    ("deaths", (3, 10), "the dead stay"),
    ("refusals-out", (3, 7), "those who declined leave"),
    ("empty-out", (3, 9), "the service answers for more than a fifth"),
])  # fmt: skip
def test_kpi_10_under_each_rule(rule, counted, why):
    assert shares(fractures(PATIENTS), "kpi10")[rule] == counted, why


def test_deaths_leave_a_kpi_that_keeps_them():
    patients = fractures([{"assessment_date": INDEX}, {"death_date": INDEX + pd.Timedelta(days=90)},
                          {"death_date": INDEX + pd.Timedelta(days=91)}])  # fmt: skip
    assert shares(patients, "kpi4")["headline"] == (1, 3)
    assert shares(patients, "kpi4")["deaths"] == (1, 2)


def test_a_rule_that_changes_nothing_of_a_kpi_has_no_row():
    rules = {rule.id: rule for rule in RULES}
    without = {r.number for r in headline_for(2024) if r.number >= 4 and rules["refusals-out"].changed(r, 2024) is None}
    assert without == {4, 5, 6, 7, 8}
    assert "deaths" not in shares(fractures([{}]), "kpi7")
    assert "refusals-out" not in shares(fractures([{}]), "kpi7")


@pytest.mark.parametrize(("unknown", "denominator"), [(8, 10), (7, 20)])
def test_a_service_that_leaves_the_fields_of_a_kpi_empty_is_left_out(unknown, denominator):
    rows = [{"service_code": "FULL", "therapy": "drug"}] * 10
    rows += [{"service_code": "THIN", "therapy": "not known" if n < unknown else "drug"} for n in range(10)]
    found = shares(fractures(rows), "kpi7")
    assert found["headline"][1] == 20
    assert found["empty-out"][1] == denominator


def test_every_row_has_its_own_kpi_and_the_headline_keeps_its_name():
    counts = sensitivity.counts_by_rule(fractures(PATIENTS), years=[2024])
    assert not counts.duplicated(["data_year", "kpi", "group"]).any()
    assert (
        counts.loc[counts["rule"] == "headline", "kpi"] == counts.loc[counts["rule"] == "headline", "headline"]
    ).all()


def test_the_headline_is_the_headline():
    patients = fractures(PATIENTS)
    assert sensitivity_rules.as_published(record_for("kpi10", 2024), 2024) is record_for("kpi10", 2024)
    from_engine = sensitivity.evaluate(patients, None, years=[2024], by=["national"], kpis=["kpi10"]).iloc[0]
    assert shares(patients, "kpi10")["headline"] == (from_engine["numerator"], from_engine["denominator"])


# -- ranges -----------------------------------------------------------------------------------------------------------


def counted(values):
    """Made-up counts: (KPI, rule) to a proportion of a hundred."""
    rows = [
        {"data_year": 2024, "kpi": f"{kpi}-{rule}", "headline": kpi, "number": int(kpi[3:]), "title": kpi, "rule": rule,
         "counted": rule, "numerator": 100 * value, "denominator": 100.0}
        for (kpi, rule), value in values.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


NO_IMPUTING = pd.DataFrame({"kpi": [], "rule": [], "estimate": []}).astype({"estimate": float})


def test_the_widest_range_stands_first_and_says_by_which_rules():
    counts = counted({("kpi4", "headline"): 0.6, ("kpi4", "best-case"): 0.7, ("kpi9", "headline"): 0.3,
                      ("kpi9", "deaths"): 0.25, ("kpi9", "best-case"): 0.8})  # fmt: skip
    found = sensitivity.ranges(counts, NO_IMPUTING, year=2024)
    assert found["kpi"].tolist() == ["kpi9", "kpi4"]
    assert found["place"].tolist() == ["widest", "narrowest"]
    assert found[["value", "lowest", "highest"]].iloc[0].tolist() == pytest.approx([0.3, 0.25, 0.8])
    assert found["lowest_rule"].iloc[0] == "Deaths counted the other way"


def test_an_imputed_value_can_be_an_end_of_the_range():
    imputed = pd.DataFrame({"kpi": ["kpi10"], "rule": ["imputed"], "estimate": [0.9]})
    found = sensitivity.ranges(counted({("kpi10", "headline"): 0.3, ("kpi10", "best-case"): 0.8}), imputed, year=2024)
    assert found[["highest", "highest_rule"]].iloc[0].tolist() == [0.9, "Imputed"]


def test_a_kpi_of_nobody_has_no_range():
    counts = counted({("kpi4", "headline"): 0.5, ("kpi9", "headline"): 0.5})
    empty = counts.assign(denominator=counts["denominator"].where(counts["headline"] != "kpi9", 0.0))
    found = sensitivity.ranges(empty, NO_IMPUTING, year=2024)
    assert found["kpi"].tolist() == ["kpi4"] and found["place"].tolist() == ["widest"]


# -- colours ----------------------------------------------------------------------------------------------------------


def of_services(**by_rule):
    parts = []
    for rule, values in by_rule.items():
        part = counted({("kpi4", rule.replace("_", "-")): 0.0}).drop(columns="numerator")
        part = part.loc[part.index.repeat(len(values))].assign(group=list("ABCD")[: len(values)])
        numbers = np.array(values, dtype=float)
        parts.append(
            part.assign(numerator=np.nan_to_num(numbers * 100), denominator=np.where(np.isnan(numbers), 0, 100))
        )
    return pd.concat(parts, ignore_index=True)


def test_colours_are_compared_service_by_service():
    """A and B go to green and D from amber to red; C has no value under the rule."""
    counts = of_services(headline=[0.2, 0.6, 0.9, 0.5], complete_cases=[0.8, 0.9, np.nan, 0.4])
    row = sensitivity.colours_by_rule(counts, year=2024).iloc[0]
    assert row[["services", "changed", "better", "worse", "dropped"]].tolist() == [3, 3, 2, 1, 1]
    assert row["changed_share"] == pytest.approx(1.0)


def test_the_order_of_services_is_kept_or_turned():
    kept = of_services(headline=[0.1, 0.2, 0.3], complete_cases=[0.4, 0.5, 0.9])
    turned = of_services(headline=[0.1, 0.2, 0.3], complete_cases=[0.9, 0.5, 0.4])
    alike = of_services(headline=[0.1, 0.2, 0.3], complete_cases=[0.5, 0.5, 0.5])
    found = [sensitivity.colours_by_rule(c, year=2024)["rank_correlation"].iloc[0] for c in (kept, turned, alike)]
    assert found[:2] == pytest.approx([1, -1]) and np.isnan(found[2])


def test_services_are_counted_under_every_rule():
    patients = fractures(PATIENTS)
    counts = sensitivity.service_counts_by_rule(patients, year=2024)
    assert set(counts["dimension"]) == {"service"}
    assert set(counts["rule"]) == {rule.id for rule in RULES}
