"""Who the synthetic patients are: fracture, age, sex, home, deprivation, ethnicity, day of fracture, day of death."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from fls_research.data.synthetic.answers import Answers, pick

ETHNIC_CODES = tuple("ABCDEFGHJKLMNPRSZ")
"""Ethnic category codes of the NHS data dictionary of 2001; Z is not stated."""

_SITES = ("hip", "wrist", "humerus", "pelvis", "other")

# Hip fractures as a share of all records, by nation.
_HIP_SHARE = {"England": 0.27, "Wales": 0.40, "Northern Ireland": 0.30}
_OTHER_SITES = {"wrist": 0.385, "humerus": 0.21, "pelvis": 0.09, "other": 0.315}
_SITE_UNKNOWN = 0.003

# Mean and standard deviation of age before truncation to 50 and over, and the share of women.
_AGE = {
    "hip": (80.5, 10.0, 0.72),
    "spine": (76.0, 10.5, 0.74),
    "wrist": (68.0, 11.0, 0.85),
    "humerus": (72.0, 11.0, 0.78),
    "pelvis": (79.0, 11.0, 0.80),
    "other": (67.0, 11.5, 0.73),
}
_OLDEST = 104.0

_IMD_UNKNOWN = 0.012
_ETHNICITY_FROM = 2024
_MONTHS = (1.12, 1.03, 1.0, 0.94, 0.95, 0.97, 0.98, 0.98, 0.97, 1.0, 1.0, 1.10)
_MONTHS_2020 = (1.2, 1.15, 0.95, 0.55, 0.70, 0.9, 1.0, 1.05, 1.1, 1.1, 1.1, 1.15)

# Weibull hazard of death after the fracture: shape, and log hazard ratios.
_DEATH_SHAPE = 0.80
_DEATH = {"per_year_of_age": 0.075, "hip": 0.75, "spine": 0.30, "male": 0.35, "care_home": 0.70}
_DEATH_BY_16_WEEKS = 0.055


def patients(plan: pd.DataFrame, *, rng: np.random.Generator, data_lock: dt.date) -> pd.DataFrame:
    """One row per synthetic patient record of the planned service years, in the order of the plan.

    Parameters
    ----------
    plan : rows of ``services.service_years``.
    rng : generator of random numbers.
    data_lock : last day on which anything is known.

    Returns
    -------
    frame with ``plan_row`` (position in the plan), ``service``, ``service_code``, ``nation``, ``data_year``,
    ``reported``, the coded fields ``fracture_site``, ``sex`` and ``care_home``, ``age`` (years), ``imd_decile`` (0 not
    known), ``ethnic_code`` (empty before 2024 and where missing), ``index_date`` and ``death_date``.
    """
    counts = (plan["non_spine"] + plan["spine"]).to_numpy(np.int64)
    row = np.repeat(np.arange(len(plan)), counts)
    base = plan[["service", "code", "nation", "data_year", "reported"]].iloc[row].reset_index(drop=True)
    frame = base.rename(columns={"code": "service_code"}).assign(plan_row=row)
    site = _sites(plan, row, rng)
    frame["fracture_site"] = site.categorical()
    frame["age"], frame["sex"] = _age_and_sex(frame["fracture_site"], rng)
    frame["care_home"] = _care_home(frame, rng)
    frame["imd_decile"] = _imd(plan, row, rng)
    frame["ethnic_code"] = _ethnicity(plan, row, rng)
    frame["index_date"] = _index_dates(frame["data_year"].to_numpy(), rng)
    frame["death_date"] = _deaths(frame, rng, data_lock)
    return frame


def _sites(plan: pd.DataFrame, row: np.ndarray, rng: np.random.Generator) -> Answers:
    """Exactly the planned number of spine fractures in each service year; the other sites are drawn."""
    non_spine = plan["non_spine"].to_numpy()
    total = non_spine + plan["spine"].to_numpy()
    start = np.cumsum(total) - total
    spine = np.arange(len(row)) - start[row] >= non_spine[row]
    share = plan["nation"].map(_HIP_SHARE).to_numpy() * np.exp(rng.normal(0, 0.18, len(plan)))
    for nation in _HIP_SHARE:
        for year in plan["data_year"].unique():
            member = ((plan["nation"] == nation) & (plan["data_year"] == year)).to_numpy()
            if member.any():
                share[member] *= _HIP_SHARE[nation] / np.average(share[member], weights=total[member])
    among_non_spine = np.clip(share * total / np.maximum(non_spine, 1), 0.02, 0.85)
    hip = ~spine & (rng.random(len(row)) < among_non_spine[row])
    answers = Answers("fracture_site", len(row)).where(spine, "spine")
    answers.drawn(~spine & ~hip, _OTHER_SITES, rng).where(hip, "hip")
    return answers.where(~spine & (rng.random(len(row)) < _SITE_UNKNOWN), "not known")


def _age_and_sex(site: pd.Series, rng: np.random.Generator) -> tuple[np.ndarray, pd.Categorical]:
    """Age from a normal distribution cut at 50, by site; sex by site."""
    names = site.cat.categories
    table = np.array([_AGE.get(name, _AGE["other"]) for name in names])[site.cat.codes.to_numpy()]
    low, high = ndtr((50 - table[:, 0]) / table[:, 1]), ndtr((_OLDEST - table[:, 0]) / table[:, 1])
    age = table[:, 0] + table[:, 1] * ndtri(low + (high - low) * rng.random(len(site)))
    age = np.clip(np.floor(age), 50, 103).astype(np.int16)
    draw = rng.random(len(site))
    sex = Answers("sex", len(site)).where(draw < table[:, 2], "female").where(draw >= table[:, 2], "male")
    return age, sex.where(rng.random(len(site)) < 0.002, "not known").categorical()


def _care_home(frame: pd.DataFrame, rng: np.random.Generator) -> pd.Categorical:
    older = frame["age"].to_numpy() - 80.0
    hip = (frame["fracture_site"] == "hip").to_numpy()
    odds = np.exp(-3.15 + 0.11 * older + 0.7 * hip)
    resident = rng.random(len(frame)) < odds / (1 + odds)
    answers = Answers("care_home", len(frame)).where(resident, "yes").where(~resident, "no")
    return answers.where(rng.random(len(frame)) < 0.02, "not known").categorical()


def _imd(plan: pd.DataFrame, row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Deprivation decile within the nation; a service keeps its neighbourhood over the years."""
    tilt = 0.10 + 0.55 * plan["deprivation"].to_numpy()
    weights = np.exp(tilt[:, None] * (np.arange(1, 11) - 5.5) / 4.5)
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    draw = rng.random(len(row))
    decile = (1 + (draw[:, None] > edges[row][:, :-1]).sum(axis=1)).astype(np.int8)
    return np.where(rng.random(len(row)) < _IMD_UNKNOWN, 0, decile).astype(np.int8)


def _ethnicity(plan: pd.DataFrame, row: np.ndarray, rng: np.random.Generator) -> pd.Categorical:
    """NHS codes from 2024 on: about a sixth blank or not stated, more so in some services."""
    services = int(plan["service"].max()) + 1
    diverse = rng.beta(1.1, 8.0, services)[plan["service"].to_numpy()][row]
    blank = rng.beta(2.0, 16.0, services)[plan["service"].to_numpy()][row]
    count = len(row)
    white = pick(rng, count, [0.90, 0.025, 0.075])
    others = 3 + pick(rng, count, [2, 2, 2, 2, 16, 12, 5, 6, 9, 10, 4, 5, 8])
    code = np.where(rng.random(count) < diverse, others, white)
    code = np.where(rng.random(count) < 0.06, ETHNIC_CODES.index("Z"), code)
    absent = (rng.random(count) < blank) | (plan["data_year"].to_numpy()[row] < _ETHNICITY_FROM)
    return pd.Categorical.from_codes(np.where(absent, -1, code).astype(np.int8), categories=list(ETHNIC_CODES))


def _index_dates(year: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Day of diagnosis: winter is busier, and the spring of 2020 was not."""
    day = np.empty(len(year), dtype="datetime64[D]")
    draw = rng.random(len(year))
    for each in np.unique(year):
        days = np.arange(f"{each}-01-01", f"{each + 1}-01-01", dtype="datetime64[D]")
        month = days.astype("datetime64[M]").astype(int) % 12
        edges = np.cumsum(np.array(_MONTHS_2020 if each == 2020 else _MONTHS)[month])
        member = year == each
        day[member] = days[np.searchsorted(edges[:-1] / edges[-1], draw[member], side="right")]
    return day.astype("datetime64[ns]")


def _deaths(frame: pd.DataFrame, rng: np.random.Generator, data_lock: dt.date) -> np.ndarray:
    """Date of death by civil registration; missing for those alive at the lock."""
    linear = (
        _DEATH["per_year_of_age"] * (frame["age"].to_numpy() - 75.0)
        + _DEATH["hip"] * (frame["fracture_site"] == "hip").to_numpy()
        + _DEATH["spine"] * (frame["fracture_site"] == "spine").to_numpy()
        + _DEATH["male"] * (frame["sex"] == "male").to_numpy()
        + _DEATH["care_home"] * (frame["care_home"] == "yes").to_numpy()
    )
    hazard = np.exp(linear)
    low, high = 1e-8, 1.0
    for _ in range(50):
        scale = np.sqrt(low * high)
        if (1 - np.exp(-scale * hazard * 112**_DEATH_SHAPE)).mean() < _DEATH_BY_16_WEEKS:
            low = scale
        else:
            high = scale
    days = np.floor((-np.log(rng.random(len(frame))) / (scale * hazard)) ** (1 / _DEATH_SHAPE))
    days = np.minimum(days + 1, 20_000).astype("timedelta64[D]")
    date = frame["index_date"].to_numpy().astype("datetime64[D]") + days
    return np.where(date <= np.datetime64(data_lock), date, np.datetime64("NaT")).astype("datetime64[ns]")
