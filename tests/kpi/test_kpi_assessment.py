"""KPI 4 to 7: what becomes of refusals and of the inappropriate is what the record tells the reader."""

from __future__ import annotations

import pytest

from fls_research.kpi.assessment import RECORDS
from fls_research.kpi.records import Reason, Status
from fls_research.kpi.statuses import statuses

MET = {
    "assessment_date": "2024-03-11",
    "dxa": "ordered",
    "dxa_date": "2024-03-11",
    "falls_assessment": "yes",
    "therapy": "drug",
}
NOT_SCANNED = {"dxa": "not ordered", "dxa_date": None}
CHANGED = {
    4: {"declined": {"therapy": "declined"}, "inappropriate": {"therapy": "inappropriate"}},
    5: {
        "declined": {**NOT_SCANNED, "dxa_reason": "declined"},
        "inappropriate": {**NOT_SCANNED, "dxa_reason": "frailty"},
    },
    6: {"declined": {"therapy": "declined"}, "inappropriate": {"therapy": "inappropriate"}},
    7: {"declined": {"therapy": "declined"}, "inappropriate": {"therapy": "inappropriate"}},
}


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_conventions_are_what_the_rules_do(record, reason, fractures_of):
    change = {"death_date": "2024-03-21"} if reason is Reason.DEATH else CHANGED[record.number][reason.value]
    before, after = statuses(fractures_of(MET, {**MET, **change}), record)
    assert before == Status.MET
    assert after == (Status.MET if record.conventions.of(reason) is None else record.conventions.of(reason))
