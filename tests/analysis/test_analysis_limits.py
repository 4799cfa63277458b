"""Limits: what an extract does not hold, in words, and numbers left blank instead of nought."""

import pandas as pd
import pytest

from fls_research.analysis import limits
from fls_research.kpi.definitions import headline_for

BOTH_YEARS = pd.DataFrame({"data_year": [2023, 2024, 2024], "service_code": ["A01", "A01", "B02"]})


def test_an_extract_with_everything_has_no_limits():
    assert limits.limits({}, BOTH_YEARS, year=2024) == ()
    assert limits.in_words(()) == ""


def test_one_data_year_and_one_service_are_limits():
    alone = BOTH_YEARS.query("data_year == 2024 and service_code == 'B02'")
    lacks = [found.lacks for found in limits.limits({}, alone, year=2024)]
    assert lacks == ["No patient of 2023 is in the extract", "One service alone has records of 2024"]


@pytest.mark.parametrize(("missing", "count"), [(["imd_decile", "imd_quintile"], 1), (["imd_decile"], 0)])
def test_deprivation_lacks_only_where_neither_decile_nor_quintile_is_there(missing, count):
    found = limits.limits({name: f"field {name}" for name in missing}, BOTH_YEARS, year=2024)
    assert len(found) == count


def test_a_field_that_nothing_rests_on_is_no_limit():
    assert limits.limits({"smoker": "field Smoker"}, BOTH_YEARS, year=2024) == ()


def test_every_kpi_of_patients_is_lost_with_the_field_that_answers_it():
    answers = {
        "kpi4": "assessment_date",
        "kpi5": "dxa",
        "kpi6": "falls_assessment",
        "kpi7": "therapy",
        "kpi8": "strength_balance_16",
        "kpi9": "follow_up_16",
        "kpi10": "therapy_16",
        "kpi11": "therapy_52",
    }
    assert set(answers) == {record.id for record in headline_for(2024) if record.number > 3}
    for kpi, field in answers.items():
        assert kpi in limits.kpis_without([field], year=2024)


def test_without_deaths_every_kpi_can_still_be_worked_out():
    assert limits.kpis_without(["death_date", "falls_referral", "ethnicity"], year=2024) == ()


def test_a_kpi_keeps_its_numbers_where_its_field_is_there():
    counts = pd.DataFrame({"kpi": ["kpi11"], "numerator": [8.0], "denominator": [10.0]})
    assert limits.left_blank(counts, ["ethnicity"], year=2024) is counts
