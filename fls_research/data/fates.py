"""What became of each row of the file: exactly one fate, so that rows read = analysed + excluded + quarantined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.data.rules import ROW_RULES, Action
from fls_research.errors import FlsError
from fls_research.params import YearParams

_CODES = {rule.id: code for code, rule in enumerate(ROW_RULES, start=1)}
STEPS = {Action.QUARANTINE: "quarantined", Action.EXCLUDE: "excluded"}


class Fates:
    """The fate of every row while the rules are asked one after the other; the first that a row breaks decides."""

    def __init__(self, rows: int) -> None:
        self._codes = np.zeros(rows, dtype=np.int16)

    @property
    def undecided(self) -> np.ndarray:
        """Truth values of shape (rows,): the rows that no rule has taken out."""
        return self._codes == 0

    def decide(self, where: np.ndarray, rule_id: str) -> np.ndarray:
        """Take out the undecided rows where the mask is true; returns the mask of those taken out."""
        taken = np.asarray(where, dtype=bool) & self.undecided
        self._codes[taken] = _CODES[rule_id]
        return taken

    def decided_by(self, *rule_ids: str) -> np.ndarray:
        """Truth values of shape (rows,): the rows that one of these rules took out."""
        return np.isin(self._codes, [_CODES[rule_id] for rule_id in rule_ids])

    def by_year(self, data_year: pd.Series, params: YearParams) -> pd.DataFrame:
        """The flow of rows by data year.

        Parameters
        ----------
        data_year : of every row in the file; missing where the date of the fracture is.
        params : the year's settings, for the sentences.

        Returns
        -------
        One row a data year and reason with rows in it: ``data_year`` (Int16), ``step`` (``quarantined``,
        ``excluded``, ``analysed``), ``reason`` (rule id, blank for analysed), ``label``, ``rows``.
        """
        tally = pd.DataFrame({"data_year": data_year.array, "code": self._codes})
        rows = tally.groupby(["data_year", "code"], dropna=False).size().rename("rows").reset_index()
        return rows.merge(_legend(params), on="code", validate="m:1")[["data_year", "step", "reason", "label", "rows"]]


def add_by_year(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The flow of rows by data year of a whole extract, from what :meth:`Fates.by_year` gave for each of its parts."""
    keys = ["data_year", "code", "step", "reason", "label"]
    order = {"": 0, **_CODES}
    rows = pd.concat([part.assign(code=part["reason"].map(order)) for part in parts])
    return rows.groupby(keys, dropna=False)["rows"].sum().reset_index().drop(columns="code")


def total_flow(by_year: pd.DataFrame, rows_read: int, params: YearParams) -> pd.DataFrame:
    """The flow of all rows: read, then each reason (0 rows included), then analysed.

    Raises
    ------
    FlsError : the parts do not add up to the rows read, which is a fault of the kit.
    """
    counted = by_year.groupby("reason")["rows"].sum()
    legend = _legend(params)
    steps = legend.assign(rows=legend["reason"].map(counted).fillna(0).astype(np.int64))
    read = pd.DataFrame([{"step": "read", "reason": "", "label": "Rows read", "rows": rows_read}])
    taken_out, analysed = steps[steps["reason"] != ""], steps[steps["reason"] == ""]
    flow = pd.concat([read, taken_out, analysed], ignore_index=True)[["step", "reason", "label", "rows"]]
    check_balance(flow)
    return flow


def check_balance(flow: pd.DataFrame) -> None:
    """Raise :class:`FlsError` unless rows read = rows analysed + rows excluded + rows quarantined.

    >>> check_balance(pd.DataFrame({"step": ["read", "excluded", "analysed"], "rows": [3, 1, 1]}))
    Traceback (most recent call last):
    fls_research.errors.FlsError: The flow of rows does not balance: 3 read, 2 accounted for.
    """
    by_step = flow.groupby("step")["rows"].sum()
    read = int(by_step.get("read", 0))
    accounted = int(by_step.drop("read", errors="ignore").sum())
    if read != accounted:
        raise FlsError(f"The flow of rows does not balance: {read} read, {accounted} accounted for.")


def _legend(params: YearParams) -> pd.DataFrame:
    rows = [(_CODES[rule.id], STEPS[rule.action], rule.id, rule.told(params)) for rule in ROW_RULES]
    rows.append((0, "analysed", "", "Rows analysed"))
    return pd.DataFrame(rows, columns=["code", "step", "reason", "label"])
