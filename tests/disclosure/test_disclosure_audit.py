"""The audit finds what a careless release would leak, and nothing in a careful one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fls_research.disclosure import Publishable, audit, release, release_reference
from fls_research.disclosure.additive import counts_relations
from fls_research.disclosure.policies import Lane, Level
from fls_research.disclosure.publishable import Release, issue
from fls_research.errors import DisclosureError
from fls_research.params import PolicyName


def _counts(dimension: str, groups: list[str], numerator: list[float], denominator: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"data_year": 2024, "kpi": "kpi4", "version": "v", "dimension": dimension, "group": groups,
         "numerator": np.array(numerator, dtype=float), "denominator": np.array(denominator, dtype=float)}
    )  # fmt: skip


def _careless(counts: pd.DataFrame, hidden: list[int], *, policy: PolicyName, level: Level) -> Publishable:
    """A table that hides only the rows named: what this room would never issue."""
    frame = counts.assign(status="shown")
    frame.loc[hidden, ["numerator", "denominator"]] = np.nan
    frame.loc[hidden, "status"] = "suppressed"
    labels = ("data_year", "kpi", "version", "dimension", "group")
    return issue(frame, Release(kind="counts", policy=policy, lane=Lane.PATIENT_GROUP, level=level, labels=labels))


WHOLE = _counts("national", ["all"], [93], [240])
BY_SEX = _counts("sex", ["female", "male"], [90, 3], [140, 100])


def test_a_lone_hidden_group_is_found() -> None:
    how = {"policy": PolicyName.THRESHOLD10, "level": Level.BELOW_NATIONAL}
    leaks = audit(_careless(BY_SEX, [1], **how), _careless(WHOLE, [], **how))
    assert [(leak.row, leak.measure, leak.lower, leak.upper) for leak in leaks] == [
        ("2024 kpi4 sex male", "numerator", 3.0, 3.0)
    ]


def test_rounding_alone_does_not_hide_a_lone_group() -> None:
    careless = _careless(BY_SEX.assign(numerator=[90.0, 3.0]), [1], policy=PolicyName.HES, level=Level.BELOW_NATIONAL)
    leaks = audit(careless, release(WHOLE, policy="hes", lane="patient_group", level="national"))
    assert [(leak.lower, leak.upper) for leak in leaks] == [(1.0, 5.0)]


def test_without_a_total_nothing_can_be_subtracted() -> None:
    how = {"policy": PolicyName.THRESHOLD10, "level": Level.BELOW_NATIONAL}
    assert audit(_careless(BY_SEX, [1], **how)) == ()


def test_a_number_shown_in_another_table_counts_as_shown() -> None:
    how = {"policy": PolicyName.THRESHOLD10, "level": Level.BELOW_NATIONAL}
    groups = _counts("age_75", ["under", "over", "unknown"], [40, 50, 3], [140, 80, 20])
    hidden_twice = _careless(groups, [1, 2], **how)
    shown_elsewhere = _careless(groups, [2], **how)
    whole = _careless(WHOLE, [], **how)
    assert audit(hidden_twice, whole) == ()
    assert [leak.row for leak in audit(hidden_twice, shown_elsewhere, whole)][:1] == ["2024 kpi4 age_75 unknown"]


def test_tables_that_count_nobody_are_left_out_and_policies_are_not_mixed() -> None:
    one = release(WHOLE, policy="hes", lane="patient_group", level="national")
    other = release(BY_SEX, policy="threshold10", lane="patient_group", level="national")
    assert audit(one, release_reference(pd.DataFrame({"a": ["b"]}))) == ()
    with pytest.raises(DisclosureError, match="one and the same policy"):
        audit(one, other)
    with pytest.raises(DisclosureError, match="one and the same policy"):
        audit(release_reference(pd.DataFrame({"a": ["b"]})))


groups_of_patients = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=6)


@settings(max_examples=60, deadline=None)
@given(groups_of_patients, st.sampled_from(["hes", "opensafely", "midpoint6", "threshold10"]))
def test_what_release_lets_through_stands_the_audit(groups: list[tuple[int, int]], policy: str) -> None:
    met, not_met = np.array(groups).T
    by_group = _counts("age_band", [str(i) for i in range(len(groups))], list(met), list(met + not_met))
    whole = _counts("national", ["all"], [met.sum()], [(met + not_met).sum()])
    small_totals = {m for m, total in (("numerator", met.sum()), ("difference", not_met.sum())) if total < 10}
    tables = [
        release(by_group, policy=policy, lane="patient_group", level="below national"),
        release(whole, policy=policy, lane="patient_group", level="national"),
    ]
    # A total that is itself small is the policy's decision (HES leaves national numbers alone), not a leak of the gate.
    assert [leak for leak in audit(*tables) if leak.measure not in small_totals | {"denominator"}] == []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 25), min_size=6, max_size=6), st.sampled_from(["hes", "threshold10"]))
def test_a_crossing_and_its_margins_stand_the_audit_together(cells: list[int], policy: str) -> None:
    met = np.array(cells).reshape(3, 2)
    services, sexes = ["A", "B", "C"], ["f", "m"]
    crossed = _counts("service × sex", [f"{s} {x}" for s in services for x in sexes], list(met.ravel()), [400] * 6)
    crossed = crossed.assign(service=np.repeat(services, 2), sex=sexes * 3)
    by_service = _counts("service", services, list(met.sum(axis=1)), [800] * 3)
    by_sex = _counts("sex", sexes, list(met.sum(axis=0)), [1200] * 2)
    whole = _counts("national", ["all"], [met.sum()], [2400])
    frame = pd.concat([crossed, by_service, by_sex, whole], ignore_index=True)
    released = release(frame, policy=policy, lane="patient_group", level="below national")
    leaks = audit(released)
    hidden_only = released.frame.set_index("group")["status"] == "suppressed"
    for leak in leaks:  # only where every cell that could have helped is hidden, or zero, already
        cell = leak.row.split(" × sex ")[-1]
        line = [g for g in hidden_only.index if g.split(" ")[0] == cell.split(" ")[0] or g[-1] == cell[-1]]
        true = frame.set_index("group")["numerator"]
        assert all(hidden_only[g] or true[g] == 0 or g in {*services, *sexes, "all"} for g in line), leak
    assert len(counts_relations(frame)) == 7
