"""When things happen: whole days from the fracture, heaped at whole weeks, ended by death and by the data lock."""

from __future__ import annotations

import datetime as dt

import numpy as np
from scipy.special import ndtri

HEAPED = 0.25
"""Share of appointments that fall on the same weekday as the fracture."""


def days_to_event(
    chance: np.ndarray,
    *,
    window: int,
    sigma: float,
    never: float,
    last: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Days from the fracture to an event, log-normal, of which ``chance`` lies within the window.

    Parameters
    ----------
    chance : (n,) probability of the event on day 0 to ``window``.
    sigma : standard deviation of the logarithm of the days.
    never : share, among those not within the window, for whom the event never comes.
    last : day after which an event is not recorded any more.

    Returns (n,) float days, NaN where the event does not come. Heaping moves a day down to a whole week, and because
    ``window + 1`` is a whole week nobody crosses the end of the window.

    >>> days = days_to_event(np.full(20_000, 0.6), window=90, sigma=0.9, never=0.5, last=365,
    ...     rng=np.random.Generator(np.random.PCG64(1)))
    >>> round(float((days <= 90).mean()), 2)
    0.6
    """
    if (window + 1) % 7:
        raise ValueError("The first day after the window must be a whole number of weeks.")
    count = len(chance)
    missed = (1 - chance) * never
    given = np.clip(chance / (1 - missed), 1e-9, 1 - 1e-9)
    middle = np.log(window + 1) - sigma * ndtri(given)
    days = np.floor(np.exp(np.minimum(middle + sigma * ndtri(rng.random(count)), 9.0)))
    days = np.where(rng.random(count) < HEAPED, 7 * np.floor(days / 7), days)
    return np.where((rng.random(count) < missed) | (days > last) | (chance <= 0), np.nan, days)


def days_of_visit(
    count: int, *, first: int, last: int, shape: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Days to a planned visit between ``first`` and ``last``, beta-shaped, a quarter of them moved up to a whole week.

    ``last`` must be a whole number of weeks, so that heaping stays inside.

    >>> days = days_of_visit(1000, first=42, last=112, shape=(4, 1.5), rng=np.random.Generator(np.random.PCG64(1)))
    >>> bool(days.min() >= 42), int(days.max())
    (True, 112)
    """
    if last % 7:
        raise ValueError("The last day of the visit must be a whole number of weeks.")
    days = first + np.floor((last - first + 1) * rng.beta(*shape, count))
    return np.where(rng.random(count) < HEAPED, 7 * np.ceil(days / 7), days)


def dates_after(index: np.ndarray, days: np.ndarray, *, death_days: np.ndarray, data_lock: dt.date) -> np.ndarray:
    """Dates of events, missing where the patient died on or before the day, or the day lies after the lock.

    Parameters
    ----------
    index : (n,) datetime64, day of the fracture; days : (n,) float, NaN for none; death_days : (n,) float, NaN alive.

    Returns (n,) ``datetime64[ns]``.

    >>> index = np.array(["2024-01-01"] * 3, dtype="datetime64[ns]")
    >>> dates_after(index, np.array([10.0, 10.0, np.nan]), death_days=np.array([np.nan, 5, np.nan]),
    ...     data_lock=dt.date(2024, 6, 30)).astype("datetime64[D]").astype(str).tolist()
    ['2024-01-11', 'NaT', 'NaT']
    """
    dead = ~np.isnan(death_days) & (days >= death_days)
    known = ~np.isnan(days) & ~dead
    date = index.astype("datetime64[D]") + np.where(known, days, 0).astype("timedelta64[D]")
    known &= date <= np.datetime64(data_lock)
    return np.where(known, date, np.datetime64("NaT", "D")).astype("datetime64[ns]")


def days_between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Whole days from ``start`` to ``end`` as floats, NaN where either is missing.

    >>> days_between(np.array(["2024-01-01"], "datetime64[ns]"), np.array(["2024-01-31"], "datetime64[ns]")).tolist()
    [30.0]
    """
    gap = end.astype("datetime64[D]") - start.astype("datetime64[D]")
    return np.where(np.isnat(gap), np.nan, gap.astype(np.int64))
