"""KPI 8 to 11: what becomes of deaths, refusals and the inappropriate is what the record tells the reader."""

from __future__ import annotations

import pytest

from fls_research.kpi.follow_up import RECORDS
from fls_research.kpi.records import Reason, Status
from fls_research.kpi.statuses import statuses

MET = {
    "fracture_site": "spine",
    "age": 80,
    "therapy": "drug",
    "strength_balance_16": "yes",
    "follow_up_16": "yes",
    "follow_up_16_date": "2024-05-01",
    "therapy_16": "drug",
    "therapy_52": "drug",
}
DECIDED_IN = {8: "therapy", 9: "therapy", 10: "therapy_16", 11: "therapy_52"}
ANSWER = {
    "therapy": {"declined": "declined", "inappropriate": "inappropriate"},
    "therapy_16": {"declined": "declined", "inappropriate": "no longer appropriate"},
    "therapy_52": {"declined": "declined", "inappropriate": "no longer appropriate"},
}


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_conventions_are_what_the_rules_do(record, reason, fractures_of):
    field = DECIDED_IN[record.number]
    change = {"death_date": "2024-05-10"} if reason is Reason.DEATH else {field: ANSWER[field][reason.value]}
    before, after = statuses(fractures_of(MET, {**MET, **change}), record)
    assert before == Status.MET
    assert after == (Status.MET if record.conventions.of(reason) is None else record.conventions.of(reason))
