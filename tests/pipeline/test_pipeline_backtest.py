"""The back-test puts every published value beside the computed one, and says of each how they agree."""

import pandas as pd
import pytest

from fls_research.kpi import backtest
from fls_research.pipeline import backtest as shown

CASELOAD = pd.DataFrame({
    "data_year": 2024, "service_code": ["A", "B"], "hip_fractures": pd.array([2, 1], dtype="Int32"),
    "nation": ["England", "Wales"], "area_code": ["a", "w"], "region_code": ["r", "Wales"],
})  # fmt: skip


def fractures():
    """Four records of two services in 2024: three recommended a drug, one of the two hips among them."""
    dates = pd.to_datetime(["2024-01-01"] * 4)
    return pd.DataFrame({
        "data_year": 2024,
        "service_code": ["A", "A", "A", "B"],
        "nation": ["England", "England", "England", "Wales"],
        "fracture_site": ["hip", "hip", "wrist", "wrist"],
        "sex": ["male", "female", "female", "female"],
        "therapy": ["drug", "drug", "declined", "drug"],
        "index_date": dates,
    })  # fmt: skip


def published(**changed):
    row = {"data_year": 2024, "kpi": "kpi7", "dimension": "national", "group": "all", "statistic": "percent",
           "vintage": "report-2024", "source": "s", "note": "", "unit": "percent", "published": 0.75, "decimals": 0,
           "published_met": None, "published_of": None}  # fmt: skip
    return pd.DataFrame([row | changed])


def compared(rows, released=None, services=None):
    counts = backtest.counts_beside(rows, fractures(), CASELOAD, years=[2024]) if released is None else released
    none = pd.DataFrame(columns=["data_year", "measure", "dimension", "group", "statistic"])
    return backtest.compare(rows, counts, none if services is None else services, years=[2024]).iloc[0]


@pytest.mark.parametrize(("value", "decimals", "verdict"), [
    (0.75, 0, "within rounding"),
    (0.754, 1, "within 1.5 points"),
    (0.749, 1, "within 1.5 points"),
    (0.745, 0, "within rounding"),
    (0.735, 0, "within 1.5 points"),
    (0.73, 0, "differs"),
    (0.77, 0, "differs"),
])  # fmt: skip
def test_the_verdict_goes_by_the_printed_decimals_and_then_by_a_point_and_a_half(value, decimals, verdict):
    row = compared(published(published=value, decimals=decimals))
    assert (row["computed"], row["verdict"], row["why"]) == (0.75, verdict, "")
    assert row["version"] == "kpi7.2016"


@pytest.mark.parametrize(("value", "verdict"), [(4, "within rounding"), (4.05, "within rounding"), (5, "differs")])
def test_a_count_is_compared_as_a_count(value, verdict):
    rows = published(kpi="", statistic="records", unit="count", published=value)
    row = compared(rows)
    assert (row["computed"], row["verdict"]) == (4, verdict)


def test_a_large_count_may_lie_a_hundredth_and_a_half_apart():
    released = pd.DataFrame({"data_year": [2024], "kpi": ["records"], "version": [""], "dimension": ["national"],
                             "group": ["all"], "numerator": [1000.0], "denominator": [1000.0]})  # fmt: skip
    for value, verdict in ((1010, "within 1.5%"), (1020, "differs")):
        rows = published(kpi="", statistic="records", unit="count", published=value)
        assert compared(rows, released=released)["verdict"] == verdict


@pytest.mark.parametrize(("changed", "why"), [
    ({"data_year": 2019}, "not a year of this edition"),
    ({"dimension": "facilities", "kpi": "", "statistic": "able-to-prescribe", "unit": "count"}, "facilities audit"),
    ({"kpi": "", "statistic": "avoidable-fractures", "unit": "count"}, "method not published"),
    ({"dimension": "sex", "group": "other"}, "no such group"),
])  # fmt: skip
def test_what_cannot_be_computed_says_why(changed, why):
    row = compared(published(**changed))
    assert row["verdict"] == "not computed" and why in row["why"]
    assert pd.isna(row["computed"]) and pd.isna(row["difference"])


def test_a_suppressed_count_is_not_computed():
    released = backtest.counts_beside(published(), fractures(), CASELOAD, years=[2024])
    row = compared(published(), released=released.assign(numerator=float("nan"), denominator=float("nan")))
    assert row["verdict"] == "not computed"


def test_groups_and_the_size_of_the_cohort_are_counted():
    rows = pd.concat([
        published(dimension="sex", group="female", published=0.667),
        published(kpi="", dimension="nation", group="England", statistic="hip-percent", published=0.667),
        published(kpi="", statistic="records", unit="count", published=4),
    ], ignore_index=True)  # fmt: skip
    counts = backtest.counts_beside(rows, fractures(), CASELOAD, years=[2024])
    found = {row["kpi"]: (row["numerator"], row["denominator"]) for row in counts.to_dict(orient="records")}
    assert found == {"kpi7": (2, 3), "hip-percent": (2, 3), "records": (4, 4)}


def test_services_at_a_level_are_counted_by_unrounded_value():
    rows = published(dimension="services", statistic="below-50", published=0.5, published_met=1, published_of=2)
    services = pd.DataFrame({"data_year": [2024], "measure": ["kpi7"], "dimension": ["services"], "group": ["all"],
                             "statistic": ["below-50"], "version": ["kpi7.2016"], "computed_met": [1.0],
                             "computed_of": [2.0]})  # fmt: skip
    row = compared(rows, services=services)
    assert (row["computed_met"], row["computed_of"], row["verdict"]) == (1, 2, "within rounding")
    assert row["who"] == "below 50%"


def test_a_value_printed_twice_is_restated():
    rows = pd.concat([published(vintage="report-2025", published=0.74), published()], ignore_index=True)
    counts = backtest.counts_beside(rows, fractures(), CASELOAD, years=[2024])
    both = backtest.compare(rows, counts, pd.DataFrame(columns=["data_year", "measure"]), years=[2024])
    assert both["printing"].tolist() == ["restated", "first"]
    assert both["computed"].tolist() == [0.75, 0.75]


def test_the_summary_accounts_for_every_value():
    rows = pd.concat([published(), published(data_year=2019), published(vintage="report-2025", published=0.5)],
                     ignore_index=True)  # fmt: skip
    counts = backtest.counts_beside(rows, fractures(), CASELOAD, years=[2024])
    both = backtest.compare(rows, counts, pd.DataFrame(columns=["data_year", "measure"]), years=[2024])
    whole = backtest.summary(both).set_index("what").loc["all"]
    assert whole.tolist() == [2, 1, 0, 1, 1]


def test_the_command_prints_one_line_a_compared_value_and_counts_the_rest():
    rows = pd.concat([published(), published(data_year=2019)], ignore_index=True)
    counts = backtest.counts_beside(rows, fractures(), CASELOAD, years=[2024])
    both = backtest.compare(rows, counts, pd.DataFrame(columns=["data_year", "measure"]), years=[2024])
    found = shown.BackTest(both, backtest.summary(both), synthetic=True)
    (line,) = shown.lines(found)
    assert line == ("2024", "KPI 7", "England and Wales", "75%", "75.0%", "0.0", "within rounding", "kpi7.2016",
                    "report-2024")  # fmt: skip
    assert shown.not_computed(found) == [("1", "not a year of this edition")]
