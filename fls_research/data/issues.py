"""The issue log: which rule which row broke in which field. It never holds a value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fls_research.data.rules import BY_ID, RULES, rule
from fls_research.data.schema import FIELDS

COLUMNS = ("service_code", "record_id", "line", "data_year", "field", "rule", "action")
_FIELD_NAMES = (*(field.name for field in FIELDS), "")


class IssueLog:
    """Collects issues by row position while rows are read, and becomes a frame at the end."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._parts: list[tuple[np.ndarray, str, str]] = []

    def add(self, where: np.ndarray, rule_id: str, field: str | None = None) -> None:
        """Log a rule for every row where the mask is true.

        Parameters
        ----------
        where : truth values of shape (rows,).
        rule_id : the id of a rule.
        field : the field; the rule's own where not given.
        """
        named = rule(rule_id).field if field is None else field
        positions = np.flatnonzero(where)
        if positions.size:
            self._parts.append((positions, named, rule_id))

    def frame(
        self, *, service_code: pd.Series, record_id: pd.Series, lines: np.ndarray, data_year: pd.Series
    ) -> pd.DataFrame:
        """The log, one row an issue, in the order of the file's lines and then of the rules.

        Returns
        -------
        ``service_code`` and ``record_id`` (blank where the row has none), ``line`` (row of the file; the headings are
        row 1), ``data_year`` (missing where the date of the fracture is), ``field``, ``rule``, ``action``, and
        ``position`` (of the row in the file, from 0).
        """
        positions = np.concatenate([part[0] for part in self._parts]) if self._parts else np.empty(0, dtype=np.int64)
        rule_codes = self._repeated([list(BY_ID).index(part[2]) for part in self._parts])
        field_codes = self._repeated([_FIELD_NAMES.index(part[1]) for part in self._parts])
        order = np.lexsort((field_codes, rule_codes, positions))
        positions, rule_codes, field_codes = positions[order], rule_codes[order], field_codes[order]
        actions = [item.action.value for item in RULES]
        distinct = list(dict.fromkeys(actions))
        action_codes = np.array([distinct.index(action) for action in actions])[rule_codes]
        return pd.DataFrame(
            {
                "service_code": service_code.array[positions],
                "record_id": record_id.array[positions],
                "line": lines[positions],
                "data_year": data_year.array[positions],
                "field": pd.Categorical.from_codes(field_codes, categories=_FIELD_NAMES),
                "rule": pd.Categorical.from_codes(rule_codes, categories=list(BY_ID)),
                "action": pd.Categorical.from_codes(action_codes, categories=distinct),
                "position": positions,
            }
        )

    def _repeated(self, codes: list[int]) -> np.ndarray:
        sizes = [part[0].size for part in self._parts]
        return np.repeat(np.array(codes, dtype=np.int64), np.array(sizes, dtype=np.int64))
