"""Where a place stands among all services: the funnel's own numbers, ready for the gate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fls_research.analysis.funnels import (
    FUNNEL_COUNTS,
    FUNNEL_ESTIMATES,
    FUNNEL_LABELS,
    LIMIT_NUMBERS,
    READINGS,
    funnels,
)
from fls_research.disclosure import release_estimates, release_reference
from fls_research.stats.variation import Bands, arcsine_funnel, pooled_target

CODES = [f"S{place:02}" for place in range(30)]


def services(kpi: str = "kpi4", *, values: dict[str, float] | None = None) -> pd.DataFrame:
    shares = [(values or {}).get(code, share) for code, share in zip(CODES, np.linspace(0.4, 0.6, 30), strict=True)]
    sizes = np.arange(300, 900, 20)
    return pd.DataFrame(
        {"data_year": 2024, "kpi": kpi, "version": f"{kpi}.2016", "dimension": "service", "group": CODES,
         "numerator": np.round(shares * sizes), "denominator": sizes.astype(float)}
    )  # fmt: skip


def test_positions_are_those_of_the_funnel_with_variance_between_services() -> None:
    counts = services()
    found = funnels(counts, own={"S03": "City"}).positions
    direct = arcsine_funnel(
        counts["numerator"], counts["denominator"], trim=0.1,
        target=pooled_target(counts["numerator"], counts["denominator"]),
        bands=Bands(alert=0.95, alarm=0.998, fewest=10),
    )  # fmt: skip
    assert np.allclose(found["z"], direct.services["z_adjusted"])
    assert np.allclose(found["lower_alarm"], direct.services["lower_alarm"])
    assert found["reading"].tolist() == [READINGS[status] for status in direct.services["status"]]


def test_only_the_own_place_carries_a_name() -> None:
    found = funnels(services(), own={"S03": "City", "XX9": "Elsewhere"}).positions
    assert found.loc[found["own"] != "", ["service", "own"]].to_numpy().tolist() == [["S03", "City"]]


@pytest.mark.parametrize(
    ("share", "reading"),
    [(0.5, "within the expected range"), (0.02, "lower than expected (alarm)"), (0.98, "higher than expected (alarm)")],
)
def test_a_place_is_read_in_plain_words(share, reading) -> None:
    found = funnels(services(values={"S03": share}), own={"S03": "City"}).positions
    assert found.loc[found["own"] == "City", "reading"].item() == reading


def test_limits_run_from_the_smallest_to_the_largest_service_and_widen_towards_the_small() -> None:
    limits = funnels(services(), own={}).limits
    assert limits["size"].iloc[[0, -1]].round(6).tolist() == [300, 880]
    widths = limits["upper_alarm"] - limits["lower_alarm"]
    assert (np.diff(widths) < 0).all()
    ordered = limits[["lower_alarm", "lower_alert", "average", "upper_alert", "upper_alarm"]].to_numpy()
    assert (np.diff(ordered, axis=1) > 0).all()


def test_services_with_fewer_than_ten_patients_are_left_out() -> None:
    counts = services()
    counts.loc[0, ["numerator", "denominator"]] = [1, 9]
    assert "S00" not in funnels(counts, own={}).positions["service"].tolist()


def test_kpis_without_a_funnel_of_proportions_are_left_out() -> None:
    identified = services("kpi2")
    everybody = services("kpi5").assign(numerator=lambda rows: rows["denominator"])
    found = funnels(pd.concat([identified, everybody, services("kpi4")]), own={})
    assert found.limits["kpi"].unique().tolist() == ["kpi4"]
    nothing = funnels(identified, own={})
    assert nothing.positions.empty and nothing.limits.empty


def test_panels_stand_in_the_order_in_which_they_were_asked_for() -> None:
    counts = pd.concat([services("kpi4"), services("kpi7")])
    assert funnels(counts, own={}, kpis=["kpi7", "kpi4"]).limits["kpi"].unique().tolist() == ["kpi7", "kpi4"]


def test_one_service_alone_has_a_funnel_of_chance() -> None:
    found = funnels(services().iloc[:1], own={"S00": "City"})
    assert found.limits["services"].unique().tolist() == [1]
    assert found.positions["reading"].tolist() == ["within the expected range"]


def test_both_tables_pass_the_gate_and_a_small_number_hides_its_row_and_reading() -> None:
    found = funnels(services(values={"S03": 0.01}), own={"S03": "City"})
    positions = release_estimates(
        found.positions, estimate_columns=FUNNEL_ESTIMATES, count_columns=FUNNEL_COUNTS, labels=FUNNEL_LABELS,
        policy="hes", level="below national", complements=["kpi"],
    ).frame.set_index("service")  # fmt: skip
    assert positions.loc["S03", "status"] == "suppressed"
    assert positions.loc["S03", ["n", "events", "proportion", "z", "reading"]].isna().all()
    assert (positions.loc[positions["status"] == "shown", "n"] % 5 == 0).all()
    assert len(release_reference(found.limits, numbers=LIMIT_NUMBERS).frame) == 40
