"""KPI 2 and 3: records found over fractures expected, of the services that sent records."""

from __future__ import annotations

import pytest

from fls_research.kpi.evaluate import evaluate


def records(service, year, *, spine=0, hip=0):
    one = {"service_code": service, "index_date": f"{year}-05-01"}
    return [{**one, "fracture_site": "spine"}] * spine + [{**one, "fracture_site": "hip"}] * hip


@pytest.fixture
def counts(fractures_of, caseload_of):
    fractures = fractures_of(
        *records("A", 2024, spine=2, hip=3), *records("B", 2024, hip=4), *records("W", 2024, spine=1, hip=1),
        *records("A", 2023, hip=1),
    )  # fmt: skip
    wales = {"nation": "Wales", "area_code": "7A3", "region_code": "Wales"}
    caseload = caseload_of(
        *(
            {"service_code": code, "hip_fractures": hips, "data_year": year, **place}
            for year in (2023, 2024)
            for code, hips, place in (("A", 100, {}), ("B", 200, {}), ("W", 50, wales), ("SILENT", 1000, {}))
        )
    )
    by = ["national", "nation", "region", "area", "service", ("nation", "service"), "sex", ("service", "sex")]
    return (
        evaluate(fractures, caseload, years=[2023, 2024], by=by, kpis=["kpi2", "kpi3"])
        .set_index(["data_year", "kpi", "dimension", "group"])
        .sort_index()
    )


def test_only_services_with_records_in_the_year_are_expected_to_find_any(counts):
    assert counts.loc[(2024, "kpi2", "national", "all"), "denominator"] == 350 * 3.76
    assert counts.loc[(2023, "kpi2", "national", "all"), "denominator"] == 100 * 3.76
    assert counts.loc[(2024, "kpi3", "national", "all"), "denominator"] == pytest.approx(350 * 0.94)


def test_places_add_up(counts):
    whole = counts.loc[(2024, "kpi2", "national", "all"), ["numerator", "denominator"]]
    for dimension in ("nation", "region", "area", "service", "nation × service"):
        parts = counts.loc[(2024, "kpi2", dimension), ["numerator", "denominator"]].sum()
        assert parts.tolist() == pytest.approx(whole.tolist())


def test_groups_of_places(counts):
    assert counts.loc[(2024, "kpi3", "nation", "Wales"), "numerator"] == 1
    assert counts.loc[(2024, "kpi3", "area", "7A3"), "denominator"] == 47
    row = counts.loc[(2024, "kpi3", "nation × service", "England × A")]
    assert (row["nation"], row["service"], row["numerator"]) == ("England", "A", 2)


def test_patient_groups_have_no_expected_caseload(counts):
    assert not counts.index.get_level_values("dimension").isin(["sex", "service × sex"]).any()


def test_a_service_without_known_hip_fractures_leaves_both_parts(fractures_of, caseload_of):
    fractures = fractures_of(*records("A", 2024, hip=3), *records("B", 2024, hip=4, spine=1))
    caseload = caseload_of(
        {"service_code": "A", "hip_fractures": 100}, {"service_code": "B", "hip_fractures": None}
    ).astype({"hip_fractures": "Int32"})
    counts = evaluate(fractures, caseload, years=[2024], by=["national"], kpis=["kpi2"]).iloc[0]
    assert counts[["numerator", "denominator", "not_eligible"]].tolist() == [3, 376, 5]
