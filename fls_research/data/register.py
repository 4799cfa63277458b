"""The service register and the geography, both effective-dated: who is a service, where it stood, and since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.errors import ParamsError
from fls_research.params import YearParams

AUDITED_NATIONS = ("England", "Wales")
"""The nations of the annual report. Northern Ireland submits records, and they are excluded."""

NATIONS = (*AUDITED_NATIONS, "Northern Ireland")
CASELOAD_SOURCES = ("registered", "NHFD")

SERVICE_COLUMNS = (
    "code",
    "name",
    "nation",
    "area_code",
    "region_code",
    "valid_from",
    "valid_to",
    "hip_fractures",
    "caseload_source",
)
GEOGRAPHY_COLUMNS = (
    "code",
    "gss_code",
    "name",
    "name_welsh",
    "kind",
    "nation",
    "region_code",
    "valid_from",
    "valid_to",
)
_OPEN = pd.Timestamp("2199-12-31")


@dataclass(frozen=True)
class Register:
    """The services and the areas they stand in.

    Attributes
    ----------
    services : one row is one service during one period (columns as in ``params/services.csv``); ``valid_from`` and
        ``valid_to`` are dates, both inside the period, an open end is NaT; ``hip_fractures`` is Int32.
    geography : one row is one area or region during one period (columns as in ``params/geography.csv``).
    """

    services: pd.DataFrame = field(repr=False)
    geography: pd.DataFrame = field(repr=False)

    @property
    def codes(self) -> frozenset[str]:
        """Every service code that the register holds for any period."""
        return frozenset(self.services["code"])

    def valid_on(self, day: dt.date) -> pd.DataFrame:
        """The services valid on one day, with their area and region of that day.

        Returns
        -------
        One row a service, by code: ``service_code``, ``service_name``, ``nation``, ``area_code``, ``area_name``,
        ``region_code``, ``region_name``, ``hip_fractures`` (a year; missing where not known), ``caseload_source``.
        """
        moment = pd.Timestamp(day)
        rows = self.services[_valid(self.services, moment)]
        return self._placed(rows.assign(day=moment))

    def for_year(self, year: int) -> pd.DataFrame:
        """The services of a calendar year, each as it stood on 31 December or on its last valid day in the year.

        The columns are those of :meth:`valid_on`.
        """
        first, last = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
        until = self.services["valid_to"].fillna(_OPEN)
        in_year = self.services[(self.services["valid_from"] <= last) & (until >= first)]
        latest = in_year.sort_values("valid_from").drop_duplicates("code", keep="last")
        return self._placed(latest.assign(day=latest["valid_to"].fillna(_OPEN).clip(upper=last)))

    def caseload(self, year: int) -> pd.DataFrame:
        """Hip fractures a year by service, from which the expected caseload is reckoned.

        Returns ``service_code``, ``hip_fractures`` (Int32, missing where not known) and ``caseload_source``.
        """
        return self.for_year(year)[["service_code", "hip_fractures", "caseload_source"]]

    def _placed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Join area and region by code and day; codes that stand in two periods are told apart by the day."""
        services = rows.rename(columns={"code": "service_code", "name": "service_name"})
        for what in ("area", "region"):
            key = f"{what}_code"
            periods = services[["service_code", key, "day"]].merge(
                self.geography[["code", "name", "valid_from", "valid_to"]].rename(
                    columns={"code": key, "name": f"{what}_name"}
                ),
                on=key,
                how="inner",
                validate="m:m",
            )
            named = periods[_valid(periods, periods["day"])][["service_code", f"{what}_name"]]
            services = services.merge(named, on="service_code", how="left", validate="1:1")
        columns = [
            "service_code",
            "service_name",
            "nation",
            "area_code",
            "area_name",
            "region_code",
            "region_name",
            "hip_fractures",
            "caseload_source",
        ]
        return services[columns].sort_values("service_code", ignore_index=True)


def load_register(root: Path, params: YearParams) -> Register:
    """The register that an edition names, and the geography that lies beside it (``geography.csv``).

    Raises :class:`ParamsError` for a missing file or whatever :func:`read_register` finds wrong.
    """
    services = root / params.register_file
    return read_register(services, services.with_name("geography.csv"))


def read_register(services: Path, geography: Path) -> Register:
    """Read and check the two files. Codes are opaque texts: ``NO``, ``010`` and ``5E1`` come through as written.

    Raises
    ------
    ParamsError : a missing file or column, a code twice in one period, a bad date, a negative or broken number, an
        unknown nation, or an area or region that the geography does not hold on every day it is needed.
    """
    areas = _read(geography, GEOGRAPHY_COLUMNS)
    _check_periods(areas, geography.name)
    rows = _read(services, SERVICE_COLUMNS)
    _check_periods(rows, services.name)
    _one_of(rows, "nation", NATIONS, services.name)
    _one_of(rows, "caseload_source", CASELOAD_SOURCES, services.name)
    rows["hip_fractures"] = _whole_numbers(rows, "hip_fractures", services.name)
    _check_places(rows, areas, services.name, geography.name)
    return Register(rows.drop(columns="line"), areas.drop(columns="line"))


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except FileNotFoundError:
        raise ParamsError(f"{path.name}: there is no such file in {path.parent.name}/.") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError):
        raise ParamsError(f"{path.name}: cannot be read as a CSV file in UTF-8.") from None
    missing = [column for column in columns if column not in rows.columns]
    if missing:
        raise ParamsError(f"{path.name}: the column '{missing[0]}' is missing; wanted: {', '.join(columns)}.")
    rows = rows[list(columns)].apply(lambda column: column.str.strip())
    rows["line"] = np.arange(2, len(rows) + 2)
    rows = rows[rows[list(columns)].ne("").any(axis=1)].reset_index(drop=True)
    if rows.empty:
        raise ParamsError(f"{path.name}: holds no row.")
    if rows["code"].eq("").any():
        raise ParamsError(f"{path.name}, line {_line(rows, rows['code'].eq(''))}: 'code' is blank.")
    for column in ("valid_from", "valid_to"):
        rows[column] = _days(rows, column, path.name)
    return rows


def _line(rows: pd.DataFrame, where: pd.Series) -> int:
    return int(rows.loc[where, "line"].iloc[0])


def _days(rows: pd.DataFrame, column: str, name: str) -> pd.Series:
    text = rows[column]
    days = pd.to_datetime(text.where(text.str.fullmatch(r"\d{4}-\d\d-\d\d")), format="%Y-%m-%d", errors="coerce")
    broken = days.isna() & text.ne("")
    if column == "valid_from":
        broken |= text.eq("")
    if broken.any():
        raise ParamsError(f"{name}, line {_line(rows, broken)}: '{column}' must be a date such as 2024-01-31.")
    return days


def _one_of(rows: pd.DataFrame, column: str, permitted: Iterable[str], name: str) -> None:
    wrong = ~rows[column].isin(list(permitted))
    if wrong.any():
        raise ParamsError(f"{name}, line {_line(rows, wrong)}: '{column}' must be one of {', '.join(permitted)}.")


def _whole_numbers(rows: pd.DataFrame, column: str, name: str) -> pd.Series:
    text = rows[column]
    broken = ~text.str.fullmatch(r"\d{0,7}")
    if broken.any():
        line = _line(rows, broken)
        raise ParamsError(f"{name}, line {line}: '{column}' must be a whole number, zero or more, or blank.")
    return pd.to_numeric(text.where(text.ne(""))).astype("Int32")


def _check_periods(rows: pd.DataFrame, name: str) -> None:
    backwards = rows["valid_to"] < rows["valid_from"]
    if backwards.any():
        raise ParamsError(f"{name}, line {_line(rows, backwards)}: 'valid_to' comes before 'valid_from'.")
    ordered = rows.sort_values(["code", "valid_from"], kind="stable")
    same = ordered["code"].eq(ordered["code"].shift())
    overlap = same & (ordered["valid_from"] <= ordered["valid_to"].fillna(_OPEN).shift())
    if overlap.any():
        code, line = ordered.loc[overlap, "code"].iloc[0], _line(ordered, overlap)
        raise ParamsError(f"{name}, line {line}: '{code}' already stands there for part of the same period.")


def _check_places(rows: pd.DataFrame, areas: pd.DataFrame, name: str, areas_name: str) -> None:
    """Every area and region must be in the geography for the whole of the service's period, and agree."""
    for column in ("area_code", "region_code"):
        needed = rows["nation"].isin(AUDITED_NATIONS) | rows[column].ne("")
        unknown = needed & ~rows[column].isin(areas["code"])
        if unknown.any():
            code, line = rows.loc[unknown, column].iloc[0], _line(rows, unknown)
            raise ParamsError(f"{name}, line {line}: {column} '{code}' does not stand in {areas_name}.")
        gap = needed & ~_covered(rows, column, areas)
        if gap.any():
            code, line = rows.loc[gap, column].iloc[0], _line(rows, gap)
            raise ParamsError(
                f"{name}, line {line}: {areas_name} does not hold {column} '{code}' for the whole of the period;"
                f" end the row when the area ends and begin another."
            )
    regions = areas.drop_duplicates("code").set_index("code")["region_code"]
    several = areas.groupby("code")["region_code"].nunique()
    region = rows["area_code"].map(regions)
    other = region.notna() & rows["area_code"].map(several).eq(1) & region.ne(rows["region_code"])
    if other.any():
        line = _line(rows, other)
        raise ParamsError(f"{name}, line {line}: 'region_code' is not the region that {areas_name} gives for the area.")


def _covered(rows: pd.DataFrame, column: str, areas: pd.DataFrame) -> pd.Series:
    """Whether the periods of a code, end to end, hold the whole period of each service row."""
    periods = areas[["code", "valid_from", "valid_to"]].rename(columns={"code": column})
    service = rows[["line", column, "valid_from", "valid_to"]]
    both = service.merge(periods, on=column, suffixes=("", "_area"), validate="m:m")
    end, area_end = both["valid_to"].fillna(_OPEN), both["valid_to_area"].fillna(_OPEN)
    start = both[["valid_from", "valid_from_area"]].max(axis=1)
    shared = (np.minimum(end, area_end) - start).dt.days + 1
    days = shared.clip(lower=0).groupby(both["line"]).sum()
    wanted = (service["valid_to"].fillna(_OPEN) - service["valid_from"]).dt.days + 1
    return rows["line"].map(days).fillna(0).ge(wanted)


def _valid(rows: pd.DataFrame, day: pd.Timestamp | pd.Series) -> pd.Series:
    return (rows["valid_from"] <= day) & (rows["valid_to"].isna() | (rows["valid_to"] >= day))
