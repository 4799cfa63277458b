"""Tables of a crossing and of its totals, released apart, give nothing away together, and are not blanked for it."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from fls_research.disclosure import audit, release
from fls_research.disclosure.margins import with_margins

LABELS = {"data_year": 2024, "kpi": "kpi9", "version": "kpi9.2016"}
HOW = {"lane": "patient_group", "level": "below national"}

# Met of 400 in each age group: services with nobody, with few, and with many, as follow-up is in this audit.
MET = {
    "A": (0, 0), "B": (0, 0), "C": (2, 3), "D": (0, 0), "E": (92, 140), "F": (120, 112), "G": (180, 230),
    "H": (66, 81), "I": (210, 190), "J": (70, 95), "K": (33, 58), "L": (4, 2), "M": (150, 170), "N": (44, 61),
}  # fmt: skip
REGION = {service: "north" if service in "ACEGIKM" else "south" for service in MET}


def _crossing() -> pd.DataFrame:
    cells = [
        {"service": service, "age_75": age, "numerator": float(met), "denominator": 400.0}
        for service, both in MET.items()
        for age, met in zip(("under 75", "75 and over"), both, strict=True)
    ]
    frame = pd.DataFrame(cells).assign(**LABELS, dimension="service × age_75")
    return frame.assign(group=frame["service"] + " × " + frame["age_75"], region_code=frame["service"].map(REGION))


def _summed(by: list[str]) -> pd.DataFrame:
    sums = _crossing().rename(columns={"region_code": "region"}).groupby(by)[["numerator", "denominator"]].sum()
    sums = sums.reset_index().assign(**LABELS, dimension=" × ".join(by))
    return sums.assign(group=sums[by].agg(" × ".join, axis=1))


@pytest.mark.parametrize("policy", ["hes", "threshold10"])
def test_services_and_services_by_age_leak_nothing_together(policy: str) -> None:
    services = _summed(["service"]).assign(region_code=lambda rows: rows["group"].map(REGION)).drop(columns="service")
    within = {"complements": ["region_code"], "labels": ["region_code"]}
    whole = _crossing().groupby(list(LABELS))[["numerator", "denominator"]].sum().reset_index()
    tables = [
        release(_crossing(), policy=policy, **HOW, **within),
        release(services, policy=policy, **HOW, **within),
        release(_summed(["region", "age_75"]), policy=policy, **HOW),
        release(_summed(["region"]).drop(columns="region"), policy=policy, **HOW),
        release(whole.assign(dimension="national", group="all"), policy=policy, lane="patient_group", level="national"),
    ]
    for one, other in itertools.combinations(tables, 2):
        assert audit(one, other, complements=["region_code"]) == ()
    assert audit(*tables, complements=["region_code"]) == ()


@pytest.mark.parametrize(("policy", "most"), [("hes", 8), ("threshold10", 16)])
def test_services_with_nobody_do_not_blank_the_others(policy: str, most: int) -> None:
    released = release(_crossing(), policy=policy, **HOW)
    assert 0 < released.release.suppressed <= most


def test_totals_that_are_there_are_not_added_again() -> None:
    there = pd.concat([_crossing(), _summed(["age_75"])], ignore_index=True)
    added = with_margins(there).iloc[len(there) :]
    assert set(added["dimension"]) == {"service"}
    assert added["numerator"].sum() == there.loc[there["dimension"] == "age_75", "numerator"].sum()


def test_a_three_way_crossing_has_six_kinds_of_totals() -> None:
    rows = pd.DataFrame(
        [("a × b × c", f"{a} × {b} × {c}", a, b, c, 1.0, 2.0) for a, b, c in itertools.product("xy", repeat=3)],
        columns=["dimension", "group", "a", "b", "c", "numerator", "denominator"],
    )
    added = with_margins(rows).iloc[8:]
    assert set(added["dimension"]) == {"a × b", "a × c", "b × c", "a", "b", "c"}
    assert added.loc[added["dimension"] == "a", "numerator"].tolist() == [4.0, 4.0]


def test_a_table_without_crossings_stays_as_it_is() -> None:
    assert with_margins(_summed(["service"])).equals(_summed(["service"]))
