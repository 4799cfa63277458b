"""Covariate patterns: how many alike patients of one service there are, and how many of them met a KPI."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fls_research.errors import UsageError, did_you_mean
from fls_research.kpi.definitions import headline_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.records import Patients

COVARIATES: tuple[str, ...] = ("age_band", "sex", "site_group", "care_home", "imd_quintile", "ethnicity")
"""What an adjusted gap is adjusted for. An answer that is not known is a level of its own."""

KEYS: tuple[str, ...] = ("data_year", "kpi", "version")
"""What a row of estimates speaks of."""

PLACES: tuple[str, ...] = ("region_code", "area_code", "nation")
"""The columns in which :func:`in_place` looks for a place."""


def patient_kpis(year: int) -> tuple[str, ...]:
    """The headline KPIs of patients in a data year, for which patients can be compared: KPI 4 to 11.

    >>> patient_kpis(2024)
    ('kpi4', 'kpi5', 'kpi6', 'kpi7', 'kpi8', 'kpi9', 'kpi10', 'kpi11')
    """
    return tuple(record.id for record in headline_for(year) if isinstance(record.measure, Patients))


def covariate_patterns(
    fractures: pd.DataFrame,
    *,
    years: Sequence[int],
    kpis: Sequence[str] | None = None,
    covariates: Sequence[str] = COVARIATES,
) -> pd.DataFrame:
    """The patients of each KPI gathered by service, nation and covariates.

    Parameters
    ----------
    fractures : one row per patient record; for KPI 11 with the records of the year before.
    years : data years.
    kpis : ids of patients' KPIs; all headline ones when not given.
    covariates : dimensions that KPIs can be counted by.

    Returns
    -------
    One row a pattern: ``data_year``, ``kpi``, ``version``, ``service``, ``nation``, the covariates (all text; a missing
    answer is ``not known``), ``n`` (eligible patients), ``events`` (KPI met) and ``proportion``. Unknown answers to the
    KPI's own question count as its definition says. Patterns in which nobody is eligible are left out.

    Raises FieldError and ParamsError as :func:`fls_research.kpi.evaluate.evaluate` does.

    >>> fractures = pd.DataFrame({"data_year": 2024, "service_code": ["A", "A", "B"], "nation": "England",
    ...     "sex": ["male", "male", "female"], "therapy": ["drug", "declined", "drug"]})
    >>> covariate_patterns(fractures, years=[2024], kpis=["kpi7"], covariates=["sex"])[["service", "sex", "n"]]
      service     sex    n
    0       A    male  2.0
    1       B  female  1.0
    """
    chosen = patient_kpis(max(years)) if kpis is None else tuple(kpis)
    parts = ("service", "nation", *covariates)
    counts = evaluate(fractures, None, years=years, by=[parts], kpis=chosen)
    eligible = counts.loc[counts["denominator"] > 0].reset_index(drop=True)
    patterns = eligible[["data_year", "kpi", "version", *parts]].assign(
        n=eligible["denominator"], events=eligible["numerator"]
    )
    return patterns.assign(proportion=patterns["events"] / patterns["n"])


def in_place(fractures: pd.DataFrame, place: str) -> pd.DataFrame:
    """The fractures of one region, area or nation, by its code; all of them when ``place`` is blank.

    Raises :class:`~fls_research.errors.UsageError` for a code that no record holds.

    >>> fractures = pd.DataFrame({"region_code": ["Y56", "Y60"], "area_code": ["QKK", "QHL"], "nation": "England"})
    >>> in_place(fractures, "QHL")["region_code"].tolist()
    ['Y60']
    """
    if not place:
        return fractures
    for column in PLACES:
        held = (fractures[column] == place).to_numpy()
        if held.any():
            return fractures.loc[held].reset_index(drop=True)
    known = {str(code) for column in PLACES for code in fractures[column].dropna().unique()}
    raise UsageError(f"No record is in a region, area or nation '{place}'; {did_you_mean(place, known)}")
