"""Statuses of records: what cannot be decided is unknown, who cannot be placed is not eligible."""

from __future__ import annotations

import numpy as np
import pytest

from fls_research.errors import FieldError, UsageError
from fls_research.kpi.definitions import record_for, records_for
from fls_research.kpi.records import FieldsMissing, KpisComplete, Status
from fls_research.kpi.statuses import decidable, statuses

JUDGED = [r for r in records_for(2024) if not isinstance(r.measure, KpisComplete | FieldsMissing)]


@pytest.mark.parametrize("record", JUDGED, ids=lambda record: record.id)
def test_a_record_without_any_answer_is_never_met(record, fractures_of):
    status = statuses(fractures_of({}), record)
    assert status.dtype == np.int8
    assert status[0] in (Status.UNKNOWN, Status.NOT_ELIGIBLE)


def test_spine_and_non_spine_part_the_records_whose_site_is_known(fractures_of):
    fractures = fractures_of({"fracture_site": "spine"}, {"fracture_site": "hip"}, {})
    kpi2, kpi3 = (statuses(fractures, record_for(kpi, 2024)).tolist() for kpi in ("kpi2", "kpi3"))
    assert kpi2 == [Status.NOT_ELIGIBLE, Status.MET, Status.UNKNOWN]
    assert kpi3 == [Status.MET, Status.NOT_ELIGIBLE, Status.UNKNOWN]


def test_kpi_1_has_no_statuses_of_patients(fractures_of):
    with pytest.raises(UsageError, match="judges services"):
        statuses(fractures_of({}), record_for("kpi1", 2024))
    with pytest.raises(UsageError, match="judges services"):
        decidable(fractures_of({}), record_for("kpi1", 2024))


def test_a_missing_column_is_named(fractures_of):
    with pytest.raises(FieldError, match="'therapy'"):
        statuses(fractures_of({}).drop(columns="therapy"), record_for("kpi7", 2024))


@pytest.mark.parametrize("record", JUDGED, ids=lambda record: record.id)
def test_only_what_concerns_a_kpi_can_be_decided(record, fractures_of):
    fractures = fractures_of(
        {},
        {"fracture_site": "hip", "therapy": "drug", "therapy_16": "drug", "therapy_52": "drug", "age": 60},
        {"fracture_site": "wrist", "dxa": "not ordered", "therapy": "declined"},
        {"fracture_site": "spine", "strength_balance_16": "no", "dxa": "ordered"},
    )
    concerned, decided = decidable(fractures, record)
    assert not (decided & ~concerned).any()
    judged = np.isin(statuses(fractures, record), [Status.MET, Status.NOT_MET])
    assert (decided >= judged).all()


def test_unknown_eligibility_is_undecided_and_not_outside(fractures_of):
    concerned, decided = decidable(fractures_of({"strength_balance_16": "yes"}), record_for("kpi8", 2024))
    assert concerned.tolist() == [True] and decided.tolist() == [False]
