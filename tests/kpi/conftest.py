"""Small cohorts for the KPI tests, typed as docs/architecture.md says the fractures frame is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from fls_research.data.schema import BY_NAME, Kind

DATES = (
    "index_date",
    "assessment_date",
    "dxa_date",
    "follow_up_16_date",
    "follow_up_52_date",
    "death_date",
)
AGE_BANDS = ("50–64", "65–74", "75–84", "85 and over")
SITE_GROUPS = {"hip": "hip", "spine": "spine", "not known": "not known"}
NOTHING = {
    "service_code": "OLD",
    "index_date": "2024-03-01",
    "age": 80,
    "t_score": None,
    "imd_quintile": None,
    "nation": "England",
    "area_code": "QOX",
    "region_code": "Y58",
}
"""A record in which nothing is answered beyond what an extract must hold."""


def build_fractures(*rows: dict) -> pd.DataFrame:
    """A cohort with one record per dict; what a dict leaves out is not known."""
    fractures = pd.DataFrame([{**NOTHING, **row} for row in rows], columns=_columns(rows))
    for column in DATES:
        fractures[column] = pd.to_datetime(fractures[column])
    for field in BY_NAME.values():
        if field.kind in (Kind.CODE, Kind.DRUGS):
            answers = fractures[field.name].astype(object).where(fractures[field.name].notna(), "not known")
            fractures[field.name] = pd.Categorical(answers, categories=field.permitted())
            assert fractures[field.name].notna().all(), f"a test row holds a code that {field.name} does not permit"
    age = fractures["age"].astype(float)
    return fractures.assign(
        age=pd.array(fractures["age"], dtype="Int16"),
        t_score=fractures["t_score"].astype(float),
        imd_quintile=pd.array(fractures["imd_quintile"], dtype="Int16"),
        data_year=fractures["index_date"].dt.year.astype(np.int16),
        age_band=pd.cut(age, [0, 65, 75, 85, 200], right=False, labels=AGE_BANDS),
        age_75=pd.cut(age, [0, 75, 200], right=False, labels=["under 75", "75 and over"]),
        site_group=pd.Categorical(
            [SITE_GROUPS.get(site, "other") for site in fractures["fracture_site"]],
            categories=["hip", "spine", "other", "not known"],
        ),
    )


def _columns(rows: tuple[dict, ...]) -> list[str]:
    coded = [field.name for field in BY_NAME.values() if field.kind in (Kind.CODE, Kind.DRUGS)]
    given = [column for row in rows for column in row]
    return list(dict.fromkeys([*NOTHING, *DATES, *coded, *given]))


def build_caseload(*rows: dict) -> pd.DataFrame:
    """A caseload with one service and year per dict."""
    place = {"data_year": 2024, "nation": "England", "area_code": "QOX", "region_code": "Y58", "hip_fractures": 400}
    return pd.DataFrame([{**place, **row} for row in rows])


@pytest.fixture(scope="session")
def fractures_of() -> Callable[..., pd.DataFrame]:
    return build_fractures


@pytest.fixture(scope="session")
def caseload_of() -> Callable[..., pd.DataFrame]:
    return build_caseload
