"""Every row has one fate, the first that is decided, and the accounts must balance."""

import numpy as np
import pandas as pd
import pytest

from fls_research.data.fates import Fates, add_by_year, check_balance, total_flow
from fls_research.data.rules import ROW_RULES
from fls_research.errors import FlsError


@pytest.fixture
def fates():
    fates = Fates(4)
    fates.decide(np.array([True, False, False, False]), "index-missing")
    fates.decide(np.array([True, True, False, False]), "age-under-50")
    return fates


YEARS = pd.Series([None, 2024, 2024, 2023], dtype="Int16")


def test_the_first_rule_decides(fates):
    assert fates.decided_by("index-missing").tolist() == [True, False, False, False]
    assert fates.decided_by("age-under-50").tolist() == [False, True, False, False]
    assert fates.undecided.tolist() == [False, False, True, True]


def test_decide_returns_only_the_rows_it_takes(fates):
    assert fates.decide(np.ones(4, dtype=bool), "other-year").tolist() == [False, False, True, True]


def test_the_flow_by_year_keeps_rows_without_a_year(fates, params):
    by_year = fates.by_year(YEARS, params)
    assert by_year["rows"].sum() == 4
    assert by_year.loc[by_year["data_year"].isna(), "reason"].tolist() == ["index-missing"]


def test_the_flows_of_parts_add_up_to_that_of_the_whole(fates, params):
    parts = []
    for first, last in ((0, 1), (1, 1), (1, 4)):
        part = Fates(last - first)
        for reason in ("index-missing", "age-under-50"):
            part.decide(fates.decided_by(reason)[first:last], reason)
        parts.append(part.by_year(YEARS[first:last], params))
    pd.testing.assert_frame_equal(add_by_year(parts), fates.by_year(YEARS, params))
    twice = add_by_year([fates.by_year(YEARS, params)] * 2)
    assert twice["rows"].tolist() == (2 * fates.by_year(YEARS, params)["rows"]).tolist()


def test_the_whole_flow_lists_every_reason_and_balances(fates, params):
    flow = total_flow(fates.by_year(YEARS, params), 4, params)
    assert flow["reason"].tolist() == ["", *(rule.id for rule in ROW_RULES), ""]
    assert flow["step"].iloc[[0, -1]].tolist() == ["read", "analysed"]
    assert flow["rows"].iloc[[0, -1]].tolist() == [4, 2]
    labels = flow.set_index("reason")["label"]
    assert labels["index-after-lock"].endswith("30 June 2025")
    assert "fewer than 1 records" in labels["service-too-small"]


def test_a_flow_that_loses_a_row_is_a_fault(fates, params):
    with pytest.raises(FlsError, match="5 read, 4 accounted for"):
        total_flow(fates.by_year(YEARS, params), 5, params)
    with pytest.raises(FlsError, match="does not balance"):
        check_balance(pd.DataFrame({"step": ["read", "analysed"], "rows": [1, 2]}))
