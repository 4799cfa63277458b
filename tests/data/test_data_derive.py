"""Bands, groups, days and places: a spec table for each derived column."""

import pandas as pd
import pytest

from fls_research.data.derive import age_band, days_between, derive, imd_quintile, join_geography, site_group
from fls_research.data.register import load_register
from fls_research.data.schema import BY_NAME


@pytest.mark.parametrize(
    ("age", "band"),
    [(50, "50–64"), (64, "50–64"), (65, "65–74"), (74, "65–74"), (75, "75–84"), (84, "75–84"), (85, "85 and over"),
     (115, "85 and over")],
)  # fmt: skip
def test_age_bands(age, band):
    assert age_band(pd.Series([age])).tolist() == [band]


def test_seventy_five_is_seventy_five_and_over(cohort_of):
    cohort = cohort_of({"Age Frac diagnosed": "75"})
    assert cohort.fractures["age_75"].tolist() == ["under 75", "75 and over"]
    assert cohort.fractures["age_75"].cat.ordered


@pytest.mark.parametrize(
    ("site", "group"),
    [("hip", "hip"), ("spine", "spine"), ("humerus", "other"), ("wrist", "other"), ("pelvis", "other"),
     ("other", "other"), ("non-hip non-spine", "other"), ("not known", "not known")],
)  # fmt: skip
def test_site_groups(site, group):
    permitted = [code.code for code in BY_NAME["fracture_site"].codes]
    assert site_group(pd.Series(pd.Categorical([site], categories=permitted))).tolist() == [group]


@pytest.mark.parametrize(
    ("decile", "quintile", "expected"),
    [
        (1, None, 1),
        (2, None, 1),
        (3, None, 2),
        (9, None, 5),
        (10, None, 5),
        (None, 4, 4),
        (1, 5, 1),
        (None, None, None),
    ],
)
def test_deprivation_quintile(decile, quintile, expected):
    found = imd_quintile(pd.Series([decile], dtype="Int16"), pd.Series([quintile], dtype="Int16"))
    assert str(found.dtype) == "Int16"
    assert found.isna().item() if expected is None else found.item() == expected


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [("2024-01-01", "2024-01-01", 0), ("2024-02-28", "2024-03-01", 2), ("2023-03-25", "2023-03-27", 2),
     ("2024-01-02", "2024-01-01", None), ("2024-01-01", None, None), (None, "2024-01-01", None), (None, None, None)],
)  # fmt: skip
def test_days_between(start, end, days):
    found = days_between(pd.to_datetime(pd.Series([start])), pd.to_datetime(pd.Series([end])))
    assert str(found.dtype) == "Int32"
    assert found.isna().item() if days is None else found.item() == days


def test_days_are_counted_to_every_date_of_care(cohort_of):
    row = cohort_of({"1.09 Date Index Frac Diagnosed": "01/03/2024", "Date of death": "02/05/2025"}).fractures.iloc[1]
    assert [row[f"days_to_{what}"] for what in ("assessment", "dxa", "follow_up_16", "follow_up_52", "death")] == [
        14, 19, 105, 361, 427,
    ]  # fmt: skip


def test_derive_leaves_its_input_alone(cohort_of):
    fractures = cohort_of().fractures
    before = fractures.copy()
    derive(fractures)
    pd.testing.assert_frame_equal(fractures, before)


def test_the_place_is_that_of_the_service_in_the_year_of_the_record(root, params):
    path = root / "params" / "services.csv"
    moved = path.read_text(encoding="utf-8").replace(
        "010,Tenfold FLS,England,QKK,Y56,2016-01-01,,",
        "010,Tenfold FLS,England,QKK,Y56,2016-01-01,2023-06-30,300,NHFD\n010,Tenfold FLS,England,QOQ,Y63,2023-07-01,,",
    )
    path.write_text(moved, encoding="utf-8")
    records = pd.DataFrame(
        {
            "service_code": pd.Categorical(["010", "010", "5E1", "OLD", "NI1", None]),
            "data_year": pd.Series([2022, 2023, 2024, 2024, 2024, 2024], dtype="Int16"),
        }
    )
    joined = join_geography(records, load_register(root, params))
    assert joined["area_code"].tolist()[:3] == ["QKK", "QOQ", "7A5"]
    assert joined["region_name"].tolist()[:3] == ["London", "North East and Yorkshire", "Wales"]
    assert joined["nation"].tolist()[:3] == ["England", "England", "Wales"]
    assert joined["nation"][4] == "Northern Ireland" and pd.isna(joined["nation"][3])
