"""Facts: the ids that prose uses, and the numbers behind them."""

from __future__ import annotations

import pandas as pd
import pytest

from fls_research.disclosure import release, release_reference
from fls_research.errors import DisclosureError, NotebookError
from fls_research.outputs.facts import FactSpec, facts_of

PERCENT = FactSpec(id="{kpi}.{dimension}.{data_year}.percent")
CHANGE = FactSpec(id="{kpi}.{dimension}.{data_year}.change", unit="points")


def test_a_percentage_with_all_that_stands_behind_it(national) -> None:
    # Wilson by hand: centre 55,201.9207 / 80,003.8415, half-width 1.959964 × √17,112.9604 / 80,003.8415.
    facts = facts_of(national, PERCENT, result="tbl-kpi-national")
    assert len(facts) == 16
    assert facts["kpi4.national.2024.percent"] == {
        "value": 69,
        "text": "69%",
        "unit": "percent",
        "numerator": 55_200,
        "denominator": 80_000,
        "lower": 68.678609,
        "upper": 69.319567,
        "definition": "kpi4.2022",
        "result": "tbl-kpi-national",
        "suppressed": False,
    }


def test_a_change_in_words(national) -> None:
    facts = facts_of(national, CHANGE, result="tbl-a")
    assert (facts["kpi4.national.2024.change"]["value"], facts["kpi4.national.2024.change"]["text"]) == (
        4,
        "up 4 points",
    )
    assert facts["kpi2.national.2024.change"]["text"] == "down 5 points"
    assert facts["kpi10.national.2024.change"]["value"] == 1.6


@pytest.mark.parametrize("name", ["kpi4.national.2021.change", "kpi2.national.2022.change"])
def test_no_change_without_a_partner_of_the_same_definition(national, name: str) -> None:
    fact = facts_of(national, CHANGE, result="tbl-a")[name]
    assert (fact["value"], fact["text"], fact["suppressed"]) == (None, "not comparable", False)


def test_where_chooses_the_rows(national) -> None:
    spec = FactSpec(id="{kpi}.now.percent", where={"data_year": 2024, "kpi": ["kpi4", "kpi7"]})
    assert set(facts_of(national, spec, result="tbl-a")) == {"kpi4.now.percent", "kpi7.now.percent"}


def test_where_does_not_cut_off_the_earlier_year(national) -> None:
    spec = FactSpec(id="{kpi}.now.change", unit="points", where={"data_year": 2024})
    assert facts_of(national, spec, result="tbl-a")["kpi4.now.change"]["text"] == "up 4 points"


def test_a_suppressed_fact_has_no_number_at_all(groups) -> None:
    facts = facts_of(groups, FactSpec(id="{kpi}.imd-{group}.{data_year}.percent"), result="tbl-a")
    hidden = facts["kpi7.imd-3.2024.percent"]
    assert hidden["suppressed"] and hidden["text"] == "[c]"
    assert [hidden[name] for name in ("value", "numerator", "denominator", "lower", "upper")] == [None] * 5


def test_counts_held_back_from_services_are_suppressed(strips) -> None:
    facts = facts_of(strips, FactSpec(id="{group}.count", value="numerator", unit="count"), result="tbl-a")
    assert facts["s20.count"]["suppressed"]


def test_numbers_of_services(services) -> None:
    facts = facts_of(services, FactSpec(id="{kpi}.services.green", value="Green", unit="services"), result="fig-a")
    assert facts["kpi4.services.green"]["value"] == 28
    assert facts["kpi4.services.green"]["text"] == "28"


def test_labels_become_words_of_an_id() -> None:
    counts = pd.DataFrame(
        {"data_year": 2024, "kpi": "kpi4", "version": "v", "dimension": "age_band", "group": ["85 and over", "50–64"],
         "numerator": 50, "denominator": 100}
    )  # fmt: skip
    released = release(counts, policy="hes", lane="patient_group", level="national")
    facts = facts_of(released, FactSpec(id="{kpi}.{group}.percent"), result="tbl-a")
    assert set(facts) == {"kpi4.85-and-over.percent", "kpi4.50-64.percent"}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (FactSpec(id="{kpi}.percent"), "two rows make the fact 'kpi2.percent'"),
        (FactSpec(id="{kpj}.percent"), "no column 'kpj'"),
        (FactSpec(id="{kpi}.{data_year}.x", value="share"), "no column 'share'"),
        (FactSpec(id="{kpi}"), "is no id of a fact"),
        (FactSpec(id="{kpi}.{data_year}.Percent"), "is no id of a fact"),
        (FactSpec(id="{kpi}.{data_year}.x", unit="per cent"), "no unit 'per cent'"),
    ],
)
def test_a_wrong_specification_is_refused(national, spec: FactSpec, message: str) -> None:
    with pytest.raises(NotebookError, match=message):
        facts_of(national, spec, result="tbl-a")


def test_a_fact_can_be_words() -> None:
    table = release_reference(pd.DataFrame({"name": ["City"]}))
    told = facts_of(table, FactSpec(id="place.name", value="name", unit="words"), result="pack-place")["place.name"]
    assert (told["value"], told["text"], told["numerator"]) == ("City", "City", None)


def test_a_restated_value_names_the_fact_that_took_its_place() -> None:
    rows = {"kpi": ["kpi10"] * 2, "vintage": ["report-2022", "report-2023"], "restated_in": ["report-2023", ""]}
    table = release_reference(pd.DataFrame({**rows, "published": [0.31, 0.3]}), numbers=["published"])
    facts = facts_of(table, FactSpec(id="published.{kpi}.percent.{vintage}", value="published"), result="tbl-a")
    older, newer = facts
    assert facts[older]["superseded_by"] == newer and "superseded_by" not in facts[newer]


def test_a_fact_that_always_stands_has_no_value_where_the_table_has_no_row(national) -> None:
    always = [{"kpi": ["kpi4", "kpi12"], "dimension": "national", "data_year": 2024}]
    spec = FactSpec(
        id="{kpi}.{dimension}.{data_year}.percent", always=always, reason="field 9.99 is not in the extract"
    )
    facts = facts_of(national, spec, result="tbl-a")
    fact = facts["kpi12.national.2024.percent"]
    assert (fact["value"], fact["text"], fact["suppressed"]) == (None, "[x]", False)
    assert fact["reason"] == "field 9.99 is not in the extract"
    assert facts["kpi4.national.2024.percent"]["value"] == 69
    assert "reason" not in facts["kpi4.national.2024.percent"]


def test_where_may_choose_no_row_only_with_facts_that_always_stand(national) -> None:
    always = [{"kpi": "kpi12", "data_year": 2024}]
    spec = FactSpec(id="{kpi}.{data_year}.percent", where={"kpi": "kpi12"}, always=always)
    assert set(facts_of(national, spec, result="tbl-a")) == {"kpi12.2024.percent"}
    with pytest.raises(DisclosureError, match="No row"):
        facts_of(national, FactSpec(id="{kpi}.{data_year}.percent", where={"kpi": "kpi12"}), result="tbl-a")


def test_always_needs_a_value_for_each_part_of_the_id(national) -> None:
    spec = FactSpec(id="{kpi}.{data_year}.percent", always=[{"kpi": "kpi12"}])
    with pytest.raises(NotebookError, match="no value for 'data_year'"):
        facts_of(national, spec, result="tbl-a")
