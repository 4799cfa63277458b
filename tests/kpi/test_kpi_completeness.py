"""KPI 1: services whose data are complete enough, over the services that sent any."""

from __future__ import annotations

import numpy as np
import pytest

from fls_research.kpi.completeness import kpi_completeness
from fls_research.kpi.counting import Question, count
from fls_research.kpi.definitions import judged_for_completeness, record_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.years import SERVICE

WALES = {"nation": "Wales", "area_code": "7A3", "region_code": "Wales"}
COMPLETE = {
    "fracture_site": "wrist",
    "assessment_date": "2024-04-01",
    "dxa": "ordered",
    "dxa_date": "2024-04-01",
    "falls_assessment": "yes",
    "therapy": "drug",
    "strength_balance_16": "no",
    "follow_up_16": "no",
    "therapy_16": "drug",
}


def counted(fractures):
    return count(fractures, Question(records=(record_for("kpi1", 2024),), years=(2024,), asked=(SERVICE,)))


def test_good_services_by_place(fractures_of, caseload_of):
    fractures = fractures_of(
        {"service_code": "A", **COMPLETE}, {"service_code": "B"}, {"service_code": "W", **COMPLETE}
    )
    caseload = caseload_of({"service_code": "A"}, {"service_code": "B"}, {"service_code": "W", **WALES})
    by = ["national", "nation", "region", "area", "service", "sex"]
    counts = evaluate(fractures, caseload, years=[2024], by=by, kpis=["kpi1"])
    found = counts.set_index(["dimension", "group"])[["numerator", "denominator"]]
    assert found.to_dict("index") == {
        ("national", "all"): {"numerator": 2, "denominator": 3},
        ("nation", "England"): {"numerator": 1, "denominator": 2},
        ("nation", "Wales"): {"numerator": 1, "denominator": 1},
        ("region", "Wales"): {"numerator": 1, "denominator": 1},
        ("region", "Y58"): {"numerator": 1, "denominator": 2},
    }


def test_kpi_11_is_judged_on_the_year_before_and_not_at_all_without_it(fractures_of):
    eleventh = [record.number for record in judged_for_completeness(2024)].index(11)
    this_year = {"service_code": "A", **COMPLETE}
    before = {"service_code": "A", "index_date": "2023-05-01", "therapy": "drug", "therapy_52": "drug"}
    (without,) = kpi_completeness(counted(fractures_of(this_year)), year=2024)
    (with_it,) = kpi_completeness(counted(fractures_of(this_year, before)), year=2024)
    assert np.isnan(without[eleventh]) and with_it[eleventh] == 1


def test_a_new_service_is_not_judged_on_a_year_before_it_began(fractures_of):
    fractures = fractures_of(
        {"service_code": "NEW", **COMPLETE},
        {"service_code": "OLD", **COMPLETE},
        {"service_code": "OLD", "index_date": "2023-05-01"},
    )
    shares = kpi_completeness(counted(fractures), year=2024)
    assert np.isnan(shares[0, -1]) and shares[1, -1] == 0


def test_a_service_of_the_year_before_alone_is_not_counted(fractures_of, caseload_of):
    fractures = fractures_of({"service_code": "NEW", **COMPLETE}, {"service_code": "GONE", "index_date": "2023-05-01"})
    counts = evaluate(fractures, caseload_of({"service_code": "NEW"}), years=[2024], by=["national"], kpis=["kpi1"])
    assert counts["denominator"].item() == 1


def test_records_outside_a_kpi_do_not_make_it_incomplete(fractures_of):
    eighth = [record.number for record in judged_for_completeness(2024)].index(8)
    young = {"fracture_site": "wrist", "age": 60}
    old = {"fracture_site": "wrist", "age": 80, "strength_balance_16": "yes"}
    (shares,) = kpi_completeness(counted(fractures_of(young, young, old)), year=2024)
    assert shares[eighth] == pytest.approx(1)
