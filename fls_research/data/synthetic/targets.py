"""What the synthetic data aim at: the published values of the audit, and this project's choices where it has none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from fls_research.errors import ParamsError
from fls_research.params import project_root

COLUMNS = ("data_year", "kpi", "dimension", "group", "statistic", "value", "basis", "note")

# The data year in which a KPI's value is published, counted from the data year of the patients.
_YEARS_LATER = {"kpi11": 1}


class Targets:
    """The rows of ``params/calibration.csv``.

    ``table`` has one row per value: ``data_year``, ``kpi``, ``dimension``, ``group``, ``statistic`` (``percent``, or a
    number of services), ``value`` and ``basis``: ``published`` in a report of the audit, or ``chosen`` by this project.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        percent = table[table["statistic"] == "percent"].set_index(["kpi", "data_year", "dimension", "group", "basis"])
        self._percent = percent["value"].sort_index().to_dict()

    def aim(self, kpi: str, cohort_year: int, nation: str) -> float:
        """The proportion to plant for the patients of one year and nation.

        A chosen value of the nation comes before a chosen national value, and that before the published one.
        Raises ParamsError where there is none.
        """
        year = cohort_year + _YEARS_LATER.get(kpi, 0)
        for key in (
            (kpi, year, "nation", nation, "chosen"),
            (kpi, year, "national", "all", "chosen"),
            (kpi, year, "national", "all", "published"),
        ):
            if key in self._percent:
                return self._percent[key] / 100
        raise ParamsError(f"calibration.csv: no percent of {kpi} for {year}; add a national row.")

    def published(self, statistic: str = "percent", dimension: str = "national") -> pd.DataFrame:
        """The published rows of one statistic and dimension."""
        table = self.table
        kept = (table["basis"] == "published") & (table["statistic"] == statistic) & (table["dimension"] == dimension)
        return table[kept].reset_index(drop=True)


def load_targets(root: Path | None = None) -> Targets:
    """Read ``params/calibration.csv`` of the project.

    Raises ParamsError when the file or one of its columns is missing.

    >>> load_targets().aim("kpi4", 2022, "Wales")
    0.78
    """
    path = (root or project_root()) / "params" / "calibration.csv"
    if not path.is_file():
        raise ParamsError("calibration.csv: there is no such file in params/; the synthetic data need it.")
    table = pd.read_csv(path, dtype={"data_year": int, "value": float}, keep_default_na=False, encoding="utf-8-sig")
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        raise ParamsError(f"calibration.csv: the column '{missing[0]}' is missing.")
    return Targets(table)
