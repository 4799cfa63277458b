"""The columns of ``fractures`` that are reckoned from others: bands, groups, days between, and the geography."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fls_research.data.codes import NOT_KNOWN
from fls_research.data.register import Register

AGE_BANDS = ("50–64", "65–74", "75–84", "85 and over")
AGE_75 = ("under 75", "75 and over")
SITE_GROUPS = ("hip", "spine", "other", NOT_KNOWN)
DAYS_TO = {
    "days_to_assessment": "assessment_date",
    "days_to_dxa": "dxa_date",
    "days_to_follow_up_16": "follow_up_16_date",
    "days_to_follow_up_52": "follow_up_52_date",
    "days_to_death": "death_date",
}
"""Derived column to the date it counts to."""

GEOGRAPHY = ("nation", "area_code", "area_name", "region_code", "region_name")

_BAND_STARTS = (65, 75, 85)


def derive(records: pd.DataFrame) -> pd.DataFrame:
    """The records with the columns that follow from their own answers.

    Parameters
    ----------
    records : validated rows with ``age``, ``index_date``, the dates of care, ``fracture_site``, ``imd_decile`` and
        ``imd_quintile``; it is left as it is.

    Returns
    -------
    A new frame with ``age_band``, ``age_75`` and ``site_group`` (ordered categories), ``imd_quintile`` (Int16; from
    the decile where that is given) and ``days_to_*`` (Int32; missing when either date is, or when the date comes
    before the fracture).
    """
    derived = {
        "age_band": age_band(records["age"]),
        "age_75": _cut(records["age"], (75,), AGE_75),
        "imd_quintile": imd_quintile(records["imd_decile"], records["imd_quintile"]),
        "site_group": site_group(records["fracture_site"]),
    }
    for name, date in DAYS_TO.items():
        derived[name] = days_between(records["index_date"], records[date])
    return records.assign(**derived)


def age_band(age: pd.Series) -> pd.Series:
    """Age in years as one of the four bands of the tables, ordered; ages under 50 fall in the first.

    >>> age_band(pd.Series([50, 64, 65, 84, 85])).tolist()
    ['50–64', '50–64', '65–74', '75–84', '85 and over']
    """
    return _cut(age, _BAND_STARTS, AGE_BANDS)


def _cut(numbers: pd.Series, starts: tuple[int, ...], labels: tuple[str, ...]) -> pd.Series:
    codes = np.searchsorted(np.array(starts), numbers.to_numpy(), side="right")
    return pd.Series(pd.Categorical.from_codes(codes, categories=labels, ordered=True), index=numbers.index)


def imd_quintile(decile: pd.Series, quintile: pd.Series) -> pd.Series:
    """Deprivation quintile as Int16, 1 the most deprived: from the decile where it is given, else as supplied.

    Ranks are those of the nation's own index (England and Wales cannot be ranked together).

    >>> imd_quintile(pd.Series([1, 2, 3, pd.NA], dtype="Int16"), pd.Series([5, 5, 5, 4], dtype="Int16")).tolist()
    [1, 1, 2, 4]
    """
    return ((decile + 1) // 2).fillna(quintile).astype("Int16")


def site_group(site: pd.Series) -> pd.Series:
    """Fracture site as hip, spine, other or not known; the form of before 2024 knew no finer split.

    >>> site_group(pd.Series(pd.Categorical(["hip", "wrist", "not known"]))).tolist()
    ['hip', 'other', 'not known']
    """
    groups = [name if name in SITE_GROUPS else "other" for name in site.cat.categories]
    codes = np.array([SITE_GROUPS.index(name) for name in groups], dtype=np.int8)[site.cat.codes]
    return pd.Series(pd.Categorical.from_codes(codes, categories=SITE_GROUPS, ordered=True), index=site.index)


def days_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Whole days from one date to another as Int32; missing when either is, and when the second comes first.

    >>> days = pd.to_datetime(pd.Series(["2024-01-10", "2024-01-01", None]))
    >>> days_between(pd.to_datetime(pd.Series(["2024-01-01"] * 3)), days).tolist()
    [9, 0, <NA>]
    >>> days_between(days, pd.to_datetime(pd.Series(["2024-01-01"] * 3))).tolist()
    [<NA>, 0, <NA>]
    """
    days = (end.to_numpy() - start.to_numpy()) / np.timedelta64(1, "D")
    unknown = ~(days >= 0)
    whole = np.where(unknown, 0, days).astype(np.int32)
    return pd.Series(pd.arrays.IntegerArray(whole, unknown), index=end.index)


def join_geography(records: pd.DataFrame, register: Register) -> pd.DataFrame:
    """The records with nation, area and region of their service in the record's own data year.

    Parameters
    ----------
    records : rows with ``service_code`` and ``data_year``; it is left as it is.
    register : services and geography by date.

    Returns
    -------
    A new frame with ``nation``, ``area_code``, ``area_name``, ``region_code`` and ``region_name`` as categoricals;
    missing where the service was not registered in that year.
    """
    codes = records["service_code"].cat.categories
    places = _places(records["data_year"], register)
    keys = pd.DataFrame(
        {"service_code": records["service_code"].array, "data_year": records["data_year"].fillna(0).astype(np.int16)}
    )
    right = places.assign(service_code=pd.Categorical(places["service_code"], categories=codes))
    joined = keys.merge(right.dropna(subset="service_code"), on=list(keys.columns), how="left", validate="m:1")
    return records.assign(**{name: joined[name].array for name in GEOGRAPHY})


def _places(data_year: pd.Series, register: Register) -> pd.DataFrame:
    """One row a service and year, with its geography as categoricals over the codes and names of all years."""
    years = sorted(int(year) for year in data_year.dropna().unique())
    frames = [register.for_year(year).assign(data_year=np.int16(year)) for year in years]
    columns = ["service_code", "data_year", *GEOGRAPHY]
    places = pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
    names = {name: pd.Categorical(places[name], sorted(places[name].dropna().unique())) for name in GEOGRAPHY}
    return places.astype({"data_year": np.int16}).assign(**names)
