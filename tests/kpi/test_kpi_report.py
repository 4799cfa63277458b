"""What a national report asks of the KPI room: a row for every KPI, titles and aims, services by level."""

import numpy as np
import pytest

from fls_research.kpi import report
from fls_research.kpi.definitions import headline_for

DRUG = {"therapy": "drug", "therapy_16": "drug", "therapy_52": "drug", "fracture_site": "wrist"}


@pytest.fixture
def caseload(caseload_of):
    return caseload_of({"service_code": "OLD"}, {"service_code": "OLD", "data_year": 2023})


def test_every_headline_kpi_has_a_row_even_when_nothing_can_be_counted(fractures_of, caseload):
    counts = report.national_counts(fractures_of(DRUG), caseload, years=[2024])
    assert counts["kpi"].tolist() == [record.id for record in headline_for(2024)]
    kpi11 = counts.set_index("kpi").loc["kpi11"]
    assert (kpi11["denominator"], kpi11["numerator"]) == (0, 0)


def test_a_year_without_records_is_left_out(fractures_of, caseload):
    counts = report.national_counts(fractures_of(DRUG), caseload, years=[2022, 2024])
    assert set(counts["data_year"]) == {2024}


def test_kpi_11_is_filled_by_the_patients_of_the_year_before(fractures_of, caseload):
    fractures = fractures_of(DRUG, {**DRUG, "index_date": "2023-05-01"})
    counts = report.national_counts(fractures, caseload, years=[2024]).set_index("kpi")
    assert counts.loc["kpi11", ["numerator", "denominator"]].tolist() == [1, 1]


def test_titles_and_aims_stand_beside_the_counts(fractures_of, caseload):
    counts = report.national_counts(fractures_of(DRUG), caseload, years=[2024]).set_index("kpi")
    assert counts["number"].tolist() == list(range(1, 12))
    assert counts.loc["kpi4", "target"] == 0.8
    records = {record.id: record for record in headline_for(2024)}
    for kpi, target in counts["target"].items():
        assert target == records[kpi].target or (np.isnan(target) and records[kpi].target is None)


def test_services_are_counted_by_level_on_unrounded_values(fractures_of, caseload_of):
    rows = [{**DRUG, "service_code": "A"}] * 2
    rows += [{"service_code": "B", "therapy": "declined", "fracture_site": "hip"}]
    fractures = fractures_of(*rows)
    caseload = caseload_of({"service_code": "A"}, {"service_code": "B"})
    services = report.service_counts(fractures, caseload, year=2024)
    summary = report.services_summary(services, year=2024).set_index("kpi")
    assert summary.loc["kpi7", ["Green", "Red", "services", "below_50", "at_least_80"]].tolist() == [1, 1, 2, 1, 1]
    assert summary.loc["kpi7", "below_50_share"] == 0.5
    assert "kpi1" not in summary.index


def test_the_numeric_columns_of_the_summary_are_all_declared(fractures_of, caseload):
    services = report.service_counts(fractures_of(DRUG), caseload, year=2024)
    summary = report.services_summary(services, year=2024)
    assert set(summary.select_dtypes("number").columns) <= set(report.SERVICE_NUMBERS)


def test_the_three_denominators_stand_side_by_side(fractures_of):
    fractures = fractures_of(DRUG, {**DRUG, "therapy_16": "no longer appropriate"}, {**DRUG, "therapy_16": "declined"})
    forms = report.side_by_side_counts(fractures, year=2024)
    of_ten = forms.loc[forms["number"] == 10].set_index("denominator_rule")["denominator"]
    assert of_ten.to_dict() == {"strict": 2, "eligible-only": 1, "all-records": 3}


def test_definitions_name_every_variant_apart():
    names = report.definitions(2024)["name"]
    assert names.is_unique
    assert names.iloc[0].startswith("KPI 1: ")
