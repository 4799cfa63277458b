"""Tallies become the counts frame: typed columns, groups without records gone, parts of crossed dimensions beside."""

from __future__ import annotations

import numpy as np

from fls_research.kpi.definitions import record_for
from fls_research.kpi.groups import Dimension, group
from fls_research.kpi.records import Status
from fls_research.kpi.tally import KEYS, NUMBERS, Tally, count_statuses, counts_frame


def tally_of(grouping, table):
    return Tally(
        record=record_for("kpi7", 2024),
        year=2024,
        grouping=grouping,
        present=table.sum(axis=1) > 0,
        numerator=table[:, Status.MET].astype(float),
        denominator=table[:, :3].sum(axis=1).astype(float),
        unknown=table[:, Status.UNKNOWN],
        not_eligible=table[:, Status.NOT_ELIGIBLE],
    )


def test_every_record_is_counted_once(fractures_of):
    grouping = group(fractures_of(*({"sex": sex} for sex in ("male", "female", "female"))), Dimension(("sex",)))
    table = count_statuses(np.array([1, 0, 2], dtype=np.int8), grouping)
    assert table.tolist() == [[1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_the_frame_of_no_tallies_has_the_columns_of_the_contract():
    empty = counts_frame([])
    assert list(empty.columns) == [*KEYS, *NUMBERS] and empty.empty


def test_types_and_parts(fractures_of):
    fractures = fractures_of({"service_code": "B", "sex": "male"}, {"service_code": "A"})
    crossed = group(fractures, Dimension(("service", "sex")))
    alone = group(fractures, Dimension(("sex",)))
    status = np.array([1, 3], dtype=np.int8)
    counts = counts_frame([tally_of(each, count_statuses(status, each)) for each in (crossed, alone)])
    assert counts["group"].tolist() == ["A × not known", "B × male", "male", "not known"]
    assert counts["service"].tolist() == ["A", "B", None, None]
    assert counts["sex"].tolist() == ["not known", "male", None, None]
    assert counts["not_eligible"].tolist() == [1, 0, 0, 1]
    assert [str(counts[number].dtype) for number in NUMBERS] == ["float64", "float64", "int64", "int64"]
    assert counts["data_year"].dtype == np.int64
