"""Poisson counts: exact and Byar intervals of a count, and the rate that Fingertips publishes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from fls_research.stats._checks import as_counts, as_floats, check_confidence, normal_quantile, plain, same_shape
from fls_research.stats.results import Estimate, Interval, StatsError


def exact_poisson_interval(events: ArrayLike, *, confidence: float) -> Interval:
    """The exact interval of a Poisson mean, given the count that was seen.

    Takes counts of any shape; gives limits on the same scale. A missing count gives NaN; a negative one raises
    `StatsError`.

    Garwood F (1936), Biometrika 28:437–442. R: ``poisson.test(x)$conf.int``.

    >>> lower, upper = exact_poisson_interval(5, confidence=0.95)
    >>> round(lower, 6), round(upper, 6)
    (1.623486, 11.668332)
    """
    x = as_counts(events, name="events")
    check_confidence(confidence)
    tail = (1 - confidence) / 2
    lower = np.where(x == 0, 0.0, chi2.ppf(tail, np.where(x == 0, 1.0, 2 * x)) / 2)
    return Interval(plain(lower), plain(chi2.ppf(1 - tail, 2 * x + 2) / 2))


def byar_interval(events: ArrayLike, *, confidence: float) -> Interval:
    """Byar's approximation to the exact interval of a Poisson mean; very close from ten events on.

    Takes counts of any shape; gives limits on the same scale. The lower limit is 0 for no events, and NaN where the
    approximation falls below zero (one event at 99.8 %): there `exact_poisson_interval` answers. A missing count gives
    NaN; a negative one raises `StatsError`.

    Breslow NE, Day NE (1987), Statistical Methods in Cancer Research II, IARC, p 69.
    R: ``PHEindicatormethods::byars_lower``, ``byars_upper``.

    >>> lower, upper = byar_interval(65, confidence=0.95)
    >>> round(lower, 6), round(upper, 6)
    (50.163188, 82.849139)
    """
    x = as_counts(events, name="events")
    z = normal_quantile(confidence)
    some = np.where(x > 0, x, np.nan)
    more = x + 1
    lower = some * (1 - 1 / (9 * some) - z / (3 * np.sqrt(some))) ** 3
    lower = np.where(x == 0, 0.0, np.where(lower < 0, np.nan, lower))
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return Interval(plain(lower), plain(upper))


def count_interval(events: ArrayLike, *, confidence: float, exact_below: float) -> Interval:
    """The interval of a Poisson mean: exact where there are fewer events than ``exact_below``, else Byar's.

    The Office for Health Improvement and Disparities uses 10. Missing values as in `byar_interval`. Raises `StatsError`
    as in `byar_interval`.

    R: ``PHEindicatormethods::phe_rate``, whose interval is that of the count.

    >>> count_interval([9, 10], confidence=0.95, exact_below=10).lower.round(4)
    array([4.1154, 4.7874])
    """
    few = as_counts(events, name="events") < exact_below
    exact = exact_poisson_interval(events, confidence=confidence)
    byar = byar_interval(events, confidence=confidence)
    return Interval(*(plain(np.where(few, small, large)) for small, large in zip(exact, byar, strict=True)))


def poisson_rate(events: ArrayLike, exposure: ArrayLike, *, confidence: float, exact_below: float) -> Estimate:
    """A rate, events per unit of exposure, with the interval of its count.

    ``exact_below`` as in `count_interval`. ``n`` is the exposure. Events may exceed exposure. A missing value gives
    NaN; an exposure of zero or less, or a negative count, raises `StatsError`.

    R: ``PHEindicatormethods::phe_rate`` (with ``exact_below=10``).

    >>> poisson_rate([5, 65], [100, 100], confidence=0.95, exact_below=10).frame().round(4)
       estimate   lower   upper      se      n  events                     method
    0      0.05  0.0162  0.1167  0.0224  100.0     5.0  exact below 10, else Byar
    1      0.65  0.5016  0.8285  0.0806  100.0    65.0  exact below 10, else Byar
    """
    x, exposed = as_counts(events, name="events"), as_floats(exposure, name="exposure")
    if np.any(exposed <= 0) or np.any(np.isinf(exposed)):
        raise StatsError("exposure must be above zero and finite; leave out groups in which nobody was at risk")
    x, exposed = same_shape(x, exposed, names=("events", "exposure"))
    lower, upper = count_interval(x, confidence=confidence, exact_below=exact_below)
    return Estimate(
        plain(x / exposed),
        plain(lower / exposed),
        plain(upper / exposed),
        se=plain(np.sqrt(x) / exposed),
        n=plain(exposed),
        events=plain(x),
        method=f"exact below {exact_below:g}, else Byar",
    )
