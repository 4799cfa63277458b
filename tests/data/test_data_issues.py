"""The log holds row, field, rule and action, in the order of the file, and no value."""

import numpy as np
import pandas as pd

from fls_research.data.issues import COLUMNS, IssueLog


def frame(log, rows):
    return log.frame(
        service_code=pd.Series(pd.Categorical(["NO"] * rows)),
        record_id=pd.Series([f"R{number}" for number in range(rows)]),
        lines=np.arange(2, rows + 2),
        data_year=pd.Series([2024] * rows, dtype="Int16"),
    )


def test_issues_come_in_the_order_of_the_file():
    log = IssueLog(3)
    log.add(np.array([False, False, True]), "date-impossible", "dxa_date")
    log.add(np.array([True, False, True]), "index-missing")
    logged = frame(log, 3)
    assert logged[["line", "field", "rule", "action"]].values.tolist() == [
        [2, "index_date", "index-missing", "row quarantined"],
        [4, "index_date", "index-missing", "row quarantined"],
        [4, "dxa_date", "date-impossible", "field blanked"],
    ]


def test_a_log_without_issues_has_its_columns():
    logged = frame(IssueLog(2), 2)
    assert logged.empty and set(COLUMNS) <= set(logged.columns)
