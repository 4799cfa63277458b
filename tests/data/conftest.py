"""A tiny project and a tiny clean extract, which each test then makes dirty in one respect."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from fls_research.data.cohort import Cohort, prepare
from fls_research.data.extract import RawExtract
from fls_research.params import YearParams, load_year

SERVICES = """code,name,nation,area_code,region_code,valid_from,valid_to,hip_fractures,caseload_source
NO,Northmoor FLS,England,QOQ,Y63,2016-01-01,2022-12-31,400,registered
NO,Northmoor and Vale FLS,England,QOQ,Y63,2023-01-01,,420,NHFD
010,Tenfold FLS,England,QKK,Y56,2016-01-01,,300,NHFD
5E1,Cwm FLS,Wales,7A5,W92000004,2016-01-01,,250,registered
NI1,Lough FLS,Northern Ireland,,,2016-01-01,,200,registered
OLD,Gone FLS,England,QKK,Y56,2016-01-01,2022-06-30,100,registered
"""
GEOGRAPHY = """code,gss_code,name,name_welsh,kind,nation,region_code,valid_from,valid_to
QOQ,E54000051,Humber and North Yorkshire,,icb,England,Y63,2016-01-01,
QKK,E54000030,South East London,,icb,England,Y56,2016-01-01,
7A5,W11000030,Cwm Taf Morgannwg,Cwm Taf Morgannwg,health_board,Wales,W92000004,2016-01-01,
Y63,E40000012,North East and Yorkshire,,region,England,Y63,2016-01-01,
Y56,E40000003,London,,region,England,Y56,2016-01-01,
W92000004,W92000004,Wales,Cymru,region,Wales,W92000004,2016-01-01,
"""
SETTINGS = """year: 2024
title: "Report"
subtitle: "Data of 2024"
published: "January 2026"
data_lock: 2025-06-30
extract: data/extract.csv
register: params/services.csv
policy: hes
min_records: 1
comparison_years: [2023]
provenance:
  deprivation: {England: "IMD 2019", Wales: "WIMD 2019"}
  geography: "boards of 2022"
seed: 1
"""
CLEAN = {
    "Record ID": "R1",
    "Unit code": "NO",
    "1.03 Gender": "Female",
    "Age Frac diagnosed": "74",
    "1.05 CareRes": "No",
    "1.07 DateFLSAssess": "15/03/2024",
    "1.09 Date Index Frac Diagnosed": "01/03/2024",
    "1.11 SiteFirstFrac": "Wrist",
    "3.01 DXA": "Ordered",
    "3.03 DateofDXA": "20/03/2024",
    "4.01 BoneTherapy": "Alendronate",
    "5.01 RiskAssesByFLS": "Yes",
    "6.01 FollowUp12_16": "Yes",
    "6.02 Dateof16WeekAss": "14/06/2024",
    "6.05 BoneTherapy1216": "Alendronate",
    "6.06 StartStrenBalExe": "No",
    "7.01 FollowUp48_56": "Yes",
    "7.02 Dateof52WeekAss": "25/02/2025",
    "7.05 BoneTherapy4856": "Alendronate",
    "3.04 TScore": "-2.5",
    "Date of death": "",
    "IMD decile": "3",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project folder with three services of England and Wales, one of Northern Ireland and one that closed."""
    folder = tmp_path / "project"
    (folder / "params").mkdir(parents=True)
    for name, text in (("services.csv", SERVICES), ("geography.csv", GEOGRAPHY), ("2024.yml", SETTINGS)):
        (folder / "params" / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def params(root: Path) -> YearParams:
    return load_year(2024, root)


@pytest.fixture
def clean() -> dict[str, str]:
    """One row in order, by heading."""
    return dict(CLEAN)


@pytest.fixture
def rows() -> Callable[..., list[dict[str, str]]]:
    """``rows({...}, {...})``: one clean row per argument with those cells changed; keys run from R1."""

    def build(*changes: dict[str, str]) -> list[dict[str, str]]:
        # A different day for each, so that no row is another's twin.
        days = [dt.date(2024, 2, 1) + dt.timedelta(days=number) for number in range(len(changes))]
        return [
            CLEAN | {"Record ID": f"R{number}", "1.09 Date Index Frac Diagnosed": f"{day:%d/%m/%Y}"} | change
            for number, (day, change) in enumerate(zip(days, changes, strict=True), start=1)
        ]

    return build


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """``write(rows)``: the rows as a CSV file; returns its path."""

    def to_csv(content: list[dict[str, str]], *, name: str = "extract.csv", delimiter: str = ",") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(content[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(content)
        return path

    return to_csv


@pytest.fixture
def cohort_of(root: Path, params: YearParams, write, rows) -> Callable[..., Cohort]:
    """``cohort_of({...}, {...})``: the cohort of such rows, beside one row that is always in order (R1)."""

    def build(*changes: dict[str, str]) -> Cohort:
        return prepare(params, root, write(rows({}, *changes)))

    return build


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """``file(content)``: bytes or text as a file; returns its path."""

    def make(content: bytes | str, name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return make


@pytest.fixture
def texts() -> Callable[[RawExtract], dict[str, list[str | None]]]:
    """``texts(raw)``: the cells of an extract by column, None where blank."""

    def of(raw: RawExtract) -> dict[str, list[str | None]]:
        return {label: [cell if isinstance(cell, str) else None for cell in raw.frame[label]] for label in raw.frame}

    return of
