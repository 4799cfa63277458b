"""The gaps between patient groups that the synthetic data truly hold, for an analysis to be checked against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

IMD_SHAPE = (0.0, 0.65, 0.85, 0.95, 1.0)
"""Share of a deprivation effect that each fifth has, from the most deprived on: the first step is the largest.

The published values of the whole and of the two ends do not fit on a straight line.
"""

_IMD_UNKNOWN = 0.75


@dataclass(frozen=True)
class Effect:
    """One planted gap, within services.

    ``log_odds`` : log odds ratio of meeting the KPI. For ``imd`` it is the least against the most deprived fifth (the
    fifths between them by ``IMD_SHAPE``); for ``male`` men against women; for ``age_75`` 75 and over against under 75;
    for ``care_home`` residents against others. ``from_year`` and ``to_year`` bound the data years.
    """

    kpi: str
    characteristic: str
    log_odds: float
    from_year: int = 2016
    to_year: int = 9999


PLANTED: tuple[Effect, ...] = (
    Effect("kpi4", "imd", 0.85),
    Effect("kpi4", "care_home", -0.35),
    Effect("kpi4", "male", -0.04),
    Effect("kpi5", "imd", 0.50),
    Effect("kpi5", "age_75", -0.22),
    Effect("kpi5", "care_home", -0.38),
    Effect("kpi5", "male", -0.06),
    Effect("kpi6", "imd", 0.95),
    Effect("kpi6", "age_75", 0.25),
    Effect("kpi6", "male", -0.15),
    Effect("kpi7", "imd", 0.45, to_year=2023),
    Effect("kpi7", "imd", 0.30, from_year=2024),
    Effect("kpi7", "age_75", 0.20),
    Effect("kpi7", "care_home", -0.25),
    Effect("kpi7", "male", -0.12),
    Effect("kpi8", "imd", 0.25),
    Effect("kpi8", "care_home", -0.60),
    Effect("kpi9", "imd", 0.80),
    Effect("kpi9", "age_75", 0.20),
    Effect("kpi10", "imd", 0.20),
    Effect("kpi10", "male", -0.22),
    Effect("kpi10", "care_home", -0.25),
    Effect("kpi11", "imd", 0.15),
    Effect("kpi11", "male", -0.36),
    Effect("kpi11", "care_home", -1.00),
)
"""Every planted gap. They hold within a service: over all services the gap is smaller, because services differ."""


def linear_predictor(kpi: str, patients: pd.DataFrame) -> np.ndarray:
    """The planted part of each patient's log odds of meeting a KPI, without the service.

    Parameters
    ----------
    kpi : such as ``kpi4``.
    patients : columns ``data_year``, ``imd_decile`` (0 where unknown), ``sex``, ``age`` and ``care_home``.

    Returns (n,) log odds; an unknown decile counts as an average one, an unknown answer as the reference.

    >>> one = pd.DataFrame({"data_year": [2022], "imd_decile": [10], "sex": ["male"], "age": [60], "care_home": ["no"]})
    >>> linear_predictor("kpi11", one).round(3).tolist()
    [-0.21]
    """
    decile = patients["imd_decile"].to_numpy()
    by_fifth = np.array([_IMD_UNKNOWN, *IMD_SHAPE])
    holds = {
        "imd": by_fifth[(decile.astype(np.int64) + 1) // 2],
        "male": (patients["sex"] == "male").to_numpy().astype(float),
        "age_75": (patients["age"] >= 75).to_numpy().astype(float),
        "care_home": (patients["care_home"] == "yes").to_numpy().astype(float),
    }
    year = patients["data_year"].to_numpy()
    total = np.zeros(len(patients))
    for effect in PLANTED:
        if effect.kpi == kpi:
            total += effect.log_odds * holds[effect.characteristic] * within_years(effect, year)
    return total


def within_years(effect: Effect, year: np.ndarray) -> np.ndarray:
    """Whether an effect holds in each of the years.

    >>> within_years(Effect("kpi7", "imd", 0.3, from_year=2024), np.array([2023, 2024])).tolist()
    [False, True]
    """
    return (year >= effect.from_year) & (year <= effect.to_year)
