"""KPIs by month: every month in its place, quarters where months are too small, and the rules on released values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis.monthly import MONTHLY_LABELS, SIGNAL_NUMBERS, monthly, period_words, signals
from fls_research.disclosure import release, release_reference
from fls_research.kpi.evaluate import evaluate


def fractures(a_month: int, *, share: float = 0.5, years: tuple[int, ...] = (2023, 2024)) -> pd.DataFrame:
    """As many records in every month, of which a share was recommended a drug."""
    days = pd.to_datetime([f"{year}-{month:02}-05" for year in years for month in range(1, 13) for _ in range(a_month)])
    drug = np.tile(np.arange(a_month) < round(share * a_month), 12 * len(years))
    return pd.DataFrame(
        {"data_year": days.year, "index_date": days, "therapy": np.where(drug, "drug", "declined"), "service_code": "A"}
    )


def counts(rows: pd.DataFrame, **how) -> pd.DataFrame:
    return monthly(rows, years=[2023, 2024], kpis=["kpi7"], **how)


def series(values: list[float], *, status: str = "shown", period: str = "month") -> pd.DataFrame:
    groups = [f"{2022 + place // 12}-{place % 12 + 1:02}" for place in range(len(values))]
    return pd.DataFrame(
        {"data_year": [int(group[:4]) for group in groups], "kpi": "kpi7", "title": "Recommended",
         "dimension": period, "group": groups, "proportion": values, "status": status}
    )  # fmt: skip


def test_months_add_up_to_the_years_of_the_engine() -> None:
    rows = fractures(24)
    by_year = counts(rows).groupby("data_year")[["numerator", "denominator"]].sum()
    whole = evaluate(rows, None, years=[2023, 2024], by=["national"], kpis=["kpi7"]).set_index("data_year")
    assert (by_year == whole[["numerator", "denominator"]]).all(axis=None)


def test_a_month_without_records_stands_in_its_place_with_nothing_in_it() -> None:
    rows = fractures(24)
    months = counts(rows.loc[rows["index_date"].dt.month != 4])
    assert months["dimension"].unique().tolist() == ["month"]
    assert len(months) == 24
    assert months.set_index("group").loc["2024-04", ["numerator", "denominator"]].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("a_month", "share", "period"),
    [(24, 0.5, "month"), (12, 0.5, "quarter"), (60, 0.9, "quarter"), (60, 0.1, "quarter"), (120, 0.9, "month")],
)
def test_months_with_few_on_either_side_become_quarters(a_month, share, period) -> None:
    found = counts(fractures(a_month, share=share))
    assert found["dimension"].unique().tolist() == [period]
    assert len(found) == {"month": 24, "quarter": 8}[period]
    assert found["denominator"].sum() == 24 * a_month


def test_quarters_are_the_sums_of_their_months() -> None:
    rows = fractures(12)
    months, quarters = counts(rows, fewest=0), counts(rows)
    assert quarters["group"].tolist()[:5] == ["2023-Q1", "2023-Q2", "2023-Q3", "2023-Q4", "2024-Q1"]
    assert quarters["numerator"].tolist() == months["numerator"].to_numpy().reshape(8, 3).sum(axis=1).tolist()


def test_kpis_stand_in_the_order_in_which_they_were_asked_for() -> None:
    rows = fractures(24).assign(
        falls_assessment="yes", falls_referral="none", fracture_type="inpatient", age=80, therapy_16="not known"
    )
    found = monthly(rows, years=[2024], kpis=["kpi7", "kpi6"])
    assert found["kpi"].drop_duplicates().tolist() == ["kpi7", "kpi6"]
    assert set(MONTHLY_LABELS) <= set(found.columns)


def test_months_pass_the_gate_and_small_ones_are_held_back() -> None:
    rows = fractures(24)
    few = rows.loc[~((rows["index_date"].dt.month == 4) & (rows["therapy"] == "drug"))]
    released = release(
        counts(few), policy="hes", lane="patient_group", level="below national", labels=MONTHLY_LABELS
    ).frame.set_index("group")
    assert released.loc["2024-05", ["numerator", "denominator"]].tolist() == [10, 25]
    assert released.loc["2024-04", "proportion"] == 0


def test_the_centre_is_the_median_of_the_months_before_the_latest_year() -> None:
    found = signals(series([0.4, 0.6] * 12 + [0.9] * 12)).iloc[0]
    assert found["centre"] == pytest.approx(0.5)
    assert found["baseline"] == "Jan 2022 to Dec 2023"


def test_a_short_baseline_gives_way_to_all_months() -> None:
    found = signals(series([0.4, 0.6] * 6)).iloc[0]
    assert found["baseline"] == "Jan 2022 to Dec 2022"


@pytest.mark.parametrize(
    ("values", "signal", "words"),
    [
        ([0.4, 0.6] * 18, "none", "No signal: the months vary as chance allows."),
        ([0.4, 0.6] * 12 + [0.9] * 12, "shift up", "Shift up: 13 months running above the median"),
        ([0.4, 0.6] * 12 + [0.1] * 12, "shift down", "Shift down: 12 months running below the median"),
        (
            [0.4] * 6 + [0.6] * 6 + [0.4] * 6 + [0.6] * 6 + [0.4] * 6 + [0.6] * 6,
            "few crossings",
            "crosses the median 5",
        ),
        ([0.4, np.nan, np.nan, 0.6] * 3, "too few", "Too few months"),
        ([0.5] * 36, "too few", "Too many months lie on the median"),
        ([0.5, 0.5, 0.4, 0.6] * 9, "too few", "Too many months lie on the median"),
        ([np.nan] * 36, "too few", "No month can be shown."),
    ],
)
def test_each_rule_is_told_in_a_sentence(values, signal, words) -> None:
    found = signals(series(values)).iloc[0]
    assert found["signal"] == signal
    assert words in found["reading"]


def test_a_shift_says_between_which_months_it_lies() -> None:
    found = signals(series([0.4, 0.6] * 12 + [0.9] * 12)).iloc[0]
    assert (found["first"], found["last"]) == ("2023-12", "2024-12")


def test_of_several_shifts_the_latest_is_told() -> None:
    found = signals(series([0.4] * 13 + [0.6] * 11 + [0.3] * 12)).iloc[0]
    assert (found["signal"], found["first"], found["last"]) == ("shift down", "2024-01", "2024-12")


def test_gaps_neither_make_nor_break_a_run() -> None:
    values = [0.4, 0.6] * 12 + [0.9] * 12
    with_gap = [*values[:28], np.nan, *values[29:]]
    assert signals(series(with_gap)).iloc[0]["longest_run"] == 12


def test_the_signals_count_nobody_and_can_be_released_as_a_reference() -> None:
    table = signals(series([0.4, 0.6] * 18))
    assert release_reference(table, numbers=SIGNAL_NUMBERS).frame["kpi"].tolist() == ["kpi7"]


def test_periods_are_printed_in_words() -> None:
    assert [period_words(group) for group in ("2024-12", "2023-Q4")] == ["Dec 2024", "Q4 2023"]
