"""The register of the invented services, as it stands in ``params/services.csv``."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from fls_research.data.synthetic import places
from fls_research.data.synthetic.services import YEARS, all_services, service_years

REGISTER_COLUMNS = (
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

_FIRST_DAY = "2016-01-01"


def register() -> pd.DataFrame:
    """The service register of the invented services: one row is one service during one period, all columns text.

    A new caseload, a new name or a new area is a new row.

    >>> rows = register()
    >>> rows.columns[:3].to_list(), bool(rows.duplicated(["code", "valid_from"]).any())
    (['code', 'name', 'nation'], False)
    """
    plan = service_years()
    last_year = all_services().set_index("service")["last_year"]
    rows = []
    for service, years in plan.groupby("service", sort=True):
        changed = (years["hip_fractures"].diff() != 0) | (years["name"] != years["name"].shift())
        periods = years[changed]
        first = periods["data_year"].to_list()
        final = f"{last_year[service]}-12-31" if last_year[service] < 9999 else ""
        ends = [f"{year - 1}-12-31" for year in first[1:]] + [final]
        for position, (row, end) in enumerate(zip(periods.itertuples(index=False), ends, strict=True)):
            since = _FIRST_DAY if row.data_year == YEARS[0] else f"{row.data_year}-01-01"
            source = "registered" if position == 0 else "NHFD"
            load = (str(row.hip_fractures), source)
            for area, first_day, last_day in places.areas_between(row.area_code, since, end):
                rows.append((row.code, row.name, row.nation, area, row.region_code, first_day, last_day, *load))
    return pd.DataFrame(rows, columns=list(REGISTER_COLUMNS), dtype="object")


def write_register(path: Path) -> Path:
    """Write the register as CSV: UTF-8, every field quoted, one line feed a row. Returns the path."""
    rows = register()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(rows.columns)
        writer.writerows(rows.itertuples(index=False))
    return path
