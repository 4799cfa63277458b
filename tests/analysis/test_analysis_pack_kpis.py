"""The KPIs of a place, their colours and their change between two years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis.pack_kpis import (
    CHANGE_NUMBERS,
    ESTIMATE_COUNTS,
    ESTIMATE_LABELS,
    ESTIMATES,
    PLACE_LABELS,
    changes,
    colour_of_shown,
    place_counts,
    place_estimates,
    place_fields,
    records_by_year,
    services_of_place,
)
from fls_research.disclosure import release, release_estimates, release_reference
from fls_research.stats.proportions import newcombe_difference


def rows(years=(2022, 2024), *, size=40, service="A") -> pd.DataFrame:
    """Records in which everybody was assessed, and half were recommended a drug."""
    parts = []
    for year in years:
        day = pd.Timestamp(year, 3, 1)
        parts.append(
            pd.DataFrame(
                {
                    "data_year": year, "service_code": service, "index_date": day,
                    "fracture_site": ["hip", "spine"] * (size // 2), "assessment_date": day + pd.Timedelta(days=20),
                    "therapy": ["drug", "declined"] * (size // 2), "dxa": "ordered", "dxa_date": pd.NaT,
                    "falls_assessment": "yes", "falls_referral": "not known", "age": 80, "site_group": "other",
                    "strength_balance_16": "no", "follow_up_16": "yes", "follow_up_16_date": pd.NaT,
                    "therapy_16": "drug", "follow_up_52": "yes", "follow_up_52_date": pd.NaT, "therapy_52": "drug",
                    "death_date": pd.NaT,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True).astype({"dxa_date": "datetime64[ns]", "death_date": "datetime64[ns]",
        "follow_up_16_date": "datetime64[ns]", "follow_up_52_date": "datetime64[ns]"})  # fmt: skip


def caseload(*services, years=(2021, 2022, 2023, 2024)) -> pd.DataFrame:
    return pd.DataFrame(
        [(year, code, 100, "England", "QOX", "Y58") for year in years for code in services],
        columns=["data_year", "service_code", "hip_fractures", "nation", "area_code", "region_code"],
    )


def test_a_place_has_a_row_for_each_kpi_and_year_in_which_it_has_records() -> None:
    counts = place_counts(rows(), caseload("A"), kind="service", code="A", years=[2022, 2024])
    assert counts.groupby("data_year")["kpi"].count().to_dict() == {2022: 9, 2024: 9}
    assert set(counts["dimension"]) == {"service"} and set(counts["group"]) == {"A"}


def test_a_year_without_records_has_no_row() -> None:
    counts = place_counts(rows([2024]), caseload("A"), kind="service", code="A", years=[2022, 2024])
    assert counts["data_year"].unique().tolist() == [2024]


def test_kpi_11_speaks_of_the_patients_of_the_year_before() -> None:
    counts = place_counts(rows([2023, 2024]), caseload("A"), kind="service", code="A", years=[2024])
    assert "kpi11" in set(counts["kpi"])


def test_a_colour_is_that_of_the_value_before_it_is_rounded() -> None:
    own = rows([2024], size=1000)
    own.loc[own.index[:201], "assessment_date"] = pd.NaT
    counts = place_counts(own, caseload("A"), kind="service", code="A", years=[2024]).set_index("kpi")
    assert counts.loc["kpi4", "numerator"] / 1000 == 0.799
    assert counts.loc["kpi4", "colour"] == "Amber"


def test_a_colour_is_kept_only_where_the_value_is_shown() -> None:
    counts = place_counts(rows([2024], size=8), caseload("A"), kind="service", code="A", years=[2024])
    gate = {"policy": "hes", "lane": "service", "level": "below national", "labels": PLACE_LABELS}
    shown = release(counts, **gate)
    kept = colour_of_shown(counts, shown.frame)
    hidden = shown.frame["status"] == "suppressed"
    assert hidden.any() and (kept.loc[hidden, "colour"] == "").all()
    assert (kept.loc[~hidden, "colour"] != "").all()


def test_an_area_of_one_service_reads_as_the_service_does() -> None:
    counts = place_counts(rows([2024], size=86), caseload("A"), kind="area", code="QOX", years=[2024])
    area = release_estimates(
        place_estimates(counts).drop(columns="colour"), estimate_columns=ESTIMATES, count_columns=ESTIMATE_COUNTS,
        labels=[name for name in ESTIMATE_LABELS if name != "colour"], policy="hes", level="below national",
    ).frame  # fmt: skip
    service = release(counts.assign(dimension="service"), policy="hes", lane="service", level="below national",
                      labels=PLACE_LABELS).frame  # fmt: skip
    both = area.merge(service, on="kpi")
    shown = both[both["status_x"] == "shown"]
    assert len(shown) > 5
    assert np.allclose(shown["proportion_x"], shown["proportion_y"], atol=1e-3)
    assert area["n"].isna().all()


def test_where_more_is_found_than_expected_there_is_no_interval() -> None:
    counts = pd.DataFrame(
        {"kpi": ["kpi3"], "numerator": [120.0], "denominator": [94.0], "unknown": 0, "not_eligible": 0}
    )
    found = place_estimates(counts).iloc[0]
    assert found["proportion"] > 1 and np.isnan(found["lower"]) and np.isnan(found["upper"])


def test_services_of_a_place_stand_each_with_its_own_value() -> None:
    both = pd.concat([rows([2024]), rows([2024], service="B", size=20)], ignore_index=True)
    counts = services_of_place(both, caseload("A", "B"), year=2024)
    assert counts[counts["kpi"] == "kpi4"].set_index("group")["denominator"].to_dict() == {"A": 40.0, "B": 20.0}


def test_a_change_has_newcombes_interval_from_the_two_intervals_alone() -> None:
    counts = place_counts(rows(), caseload("A"), kind="national", code="all", years=[2022, 2024])
    counts.loc[(counts["kpi"] == "kpi4") & (counts["data_year"] == 2022), "numerator"] = 12.0
    released = release(counts, policy="hes", lane="patient_group", level="national", labels=PLACE_LABELS).frame
    found = changes(released, year=2024, before=2022).set_index("kpi").loc["kpi4"]
    direct = newcombe_difference(40, 40, 12, 40, confidence=0.95)
    assert np.allclose(
        [found["difference"], found["lower"], found["upper"]], [direct.estimate, direct.lower, direct.upper]
    )
    assert found["beyond_chance"] == "rose"


@pytest.mark.parametrize("version", ["kpi4.2030", None])
def test_there_is_no_change_across_definitions_or_without_an_earlier_value(version) -> None:
    released = pd.DataFrame({"data_year": [2022, 2024], "kpi": "kpi4", "version": ["kpi4.2016", version or "kpi4.2016"],
        "number": 4, "title": "Assessed", "proportion": [np.nan if version is None else 0.2, 0.9],
        "lower": [np.nan if version is None else 0.1, 0.8], "upper": [0.3, 0.95]})  # fmt: skip
    found = changes(released, year=2024, before=2022)
    assert found["difference"].isna().all() and found["beyond_chance"].tolist() == [""]
    release_reference(found, numbers=CHANGE_NUMBERS)


def test_records_are_counted_by_year() -> None:
    assert records_by_year(rows(), years=[2022, 2023, 2024]).values.tolist() == [[2022, 40], [2024, 40]]


def test_a_field_that_is_due_for_nobody_is_left_out() -> None:
    counts = pd.DataFrame({"data_year": 2024, "of": 2024, "group": ["dxa_date", "sex"], "due": "some",
                           "numerator": [0, 5], "denominator": [0, 9]})  # fmt: skip
    assert place_fields(counts, kind="service", code="A")["kpi"].tolist() == ["sex"]
