"""What the audit itself has published: the values of ``params/published.csv``, each with its source and vintage."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.errors import ParamsError

FILE = "published.csv"

COLUMNS = (
    "data_year",
    "kpi",
    "dimension",
    "group",
    "statistic",
    "value",
    "numerator",
    "denominator",
    "source",
    "vintage",
    "note",
)

PERCENTS = frozenset({"percent", "hip-percent", "at-least-80", "below-50"})
"""Statistics that are printed in per cent; any other is where its numerator and denominator are printed beside it."""

KEY = ["data_year", "kpi", "dimension", "group", "statistic", "vintage"]

_NUMBER = re.compile(r"\d+(?:\.(?P<decimals>\d+))?")
_VINTAGE = re.compile(r"report-20\d\d")


def load_published(root: Path) -> pd.DataFrame:
    """Every published value of ``params/published.csv``, one row a value and vintage.

    Parameters
    ----------
    root : the project folder.

    Returns
    -------
    ``data_year`` (int), ``kpi`` (empty where a value is of no KPI), ``dimension``, ``group``, ``statistic``,
    ``vintage`` (the report that printed it, such as ``report-2022`` for the one on 2022 data), ``source``, ``note``;
    ``unit`` (``percent`` or ``count``), ``published`` (a proportion where the unit is percent), ``decimals`` as
    printed, and ``published_met`` and ``published_of`` where both were printed, else missing. A value that was
    restated stands there once for each vintage; ``restated_in`` is the latest vintage that printed another value
    for it, empty where there is none.

    Raises
    ------
    ParamsError : no such file, a missing column, a broken number, an unknown form of vintage, a row that says
        nothing, or one value printed twice in one vintage.
    """
    path = root / "params" / FILE
    rows = _read(path)
    values, parts = _numbers(rows, "value"), {name: _numbers(rows, name) for name in ("numerator", "denominator")}
    _refuse(rows, values.isna() & parts["numerator"].isna(), "holds neither a value nor a numerator")
    _refuse(rows, ~rows["vintage"].str.fullmatch(_VINTAGE), "needs a vintage such as 'report-2022'")
    _refuse(rows, rows.duplicated(KEY), "repeats a value of the same vintage")
    percent = rows["statistic"].isin(PERCENTS) | parts["denominator"].notna()
    of_parts = parts["numerator"] / parts["denominator"]
    told = rows[["data_year", "kpi", "dimension", "group", "statistic", "vintage", "source", "note"]].assign(
        data_year=_numbers(rows, "data_year").astype(int),
        unit=np.where(percent, "percent", "count"),
        published=np.where(percent, (values / 100).fillna(of_parts), values),
        decimals=rows["value"].str.extract(_NUMBER)["decimals"].str.len().fillna(0).astype(int),
        published_met=parts["numerator"],
        published_of=parts["denominator"],
    )
    return told.assign(restated_in=_restated_in(told))


def _restated_in(told: pd.DataFrame) -> pd.Series:
    """The latest vintage that gives another value than the row's own, at the decimals both were printed with."""
    of_value = [name for name in KEY if name != "vintage"]
    last = told.sort_values("vintage").drop_duplicates(of_value, keep="last").set_index(of_value)
    last = last[["vintage", "published", "decimals"]].reindex(pd.MultiIndex.from_frame(told[of_value]))
    decimals = np.minimum(told["decimals"].to_numpy(), last["decimals"].to_numpy())
    unit = np.where(told["unit"] == "percent", 0.01, 1.0) * 10.0**-decimals
    apart = np.abs(told["published"].to_numpy(dtype=float) - last["published"].to_numpy(dtype=float))
    # Printed with the same decimals, any difference is one; else it must be more than rounding can make.
    same_decimals = told["decimals"].to_numpy() == last["decimals"].to_numpy()
    another = apart > np.where(same_decimals, unit * 1e-6, unit / 2)
    later = last["vintage"].to_numpy() > told["vintage"].to_numpy()
    return pd.Series(np.where(later & another, last["vintage"].to_numpy(), ""), index=told.index)


def _read(path: Path) -> pd.DataFrame:
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise ParamsError(f"{path.name}: there is no such file in {path.parent.name}/.") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise ParamsError(f"{path.name}: cannot be read as a CSV file in UTF-8.") from None
    missing = [name for name in COLUMNS if name not in rows]
    if missing:
        raise ParamsError(f"{path.name}: column '{missing[0]}' is missing.")
    return rows


def _numbers(rows: pd.DataFrame, name: str) -> pd.Series:
    given = rows[name] != ""
    _refuse(rows, given & ~rows[name].str.fullmatch(_NUMBER), f"'{name}' is no plain number")
    return pd.to_numeric(rows[name].where(given))


def _refuse(rows: pd.DataFrame, wrong: pd.Series, what: str) -> None:
    if wrong.any():
        line = int(np.flatnonzero(wrong)[0]) + 2
        raise ParamsError(f"{FILE}, line {line}: {what}.")
