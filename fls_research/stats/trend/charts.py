"""Control charts: centre lines and limits of individual values, proportions, rates and counts over time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_binomial, as_counts, as_floats, as_positive, same_shape
from fls_research.stats.results import StatsError
from fls_research.stats.trend.phases import Phase, by_phase, ordered_by_date

SIGMAS = 3.0
NEAR_SIGMAS = 2.0
_MEAN_RANGE_IN_SIGMAS = 1.128
"""d2 for two observations: the mean moving range in standard deviations of a normal process (Montgomery, app. VI)."""
_XMR_FACTOR = 2.66
"""The NHS form of 3 / d2, rounded as its tools round it."""
_RANGE_LIMIT_FACTOR = 3.267
"""D4 for two observations: the upper limit of a moving range in mean moving ranges (Montgomery, app. VI)."""

_NO_RANGE = "values: a baseline needs two neighbouring values to have a moving range; lengthen it"


def xmr_chart(
    values: ArrayLike, dates: Iterable, *, phases: Sequence[Phase], screen_beyond: float | None
) -> pd.DataFrame:
    """An XmR chart as NHS "Making data count" draws it: the mean, and limits at 2.66 mean moving ranges.

    Takes a value per date in any order and unit, and phases that say where limits start again or stay fixed. The NHS
    form leaves moving ranges of ``screen_beyond`` = 3.267 mean moving ranges or more out of the mean, once; None keeps
    all. Gives a row per date: ``date``, ``estimate``, ``phase``, ``baseline``, ``moving_range``, ``centre``, ``lower``,
    ``upper`` and, two thirds of the way out, ``near_lower`` and ``near_upper``. A missing value keeps its row, and no
    moving range reaches across it. Missing or repeated dates, and a baseline without two neighbouring values, raise
    `StatsError`.

    R: ``NHSRplotthedots::ptd_spc``.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> chart = xmr_chart([50, 53, None, 51, 54], range(5), phases=ONE_PROCESS, screen_beyond=3.267)
    >>> chart[["date", "estimate", "moving_range", "centre", "lower", "upper"]]
       date  estimate  moving_range  centre  lower  upper
    0     0      50.0           NaN    52.0  44.02  59.98
    1     1      53.0           3.0    52.0  44.02  59.98
    2     2       NaN           NaN    52.0  44.02  59.98
    3     3      51.0           NaN    52.0  44.02  59.98
    4     4      54.0           3.0    52.0  44.02  59.98
    """
    return _individuals(values, dates, phases=phases, screen_beyond=screen_beyond, factor=_XMR_FACTOR)


def individuals_chart(
    values: ArrayLike, dates: Iterable, *, phases: Sequence[Phase], screen_beyond: float | None
) -> pd.DataFrame:
    """Shewhart's chart of individual values: limits at three standard deviations, from the mean moving range / 1.128.

    Arguments, result and missing values as in `xmr_chart`, from which it differs in the third digit. Raises
    `StatsError` as in `xmr_chart`.

    Montgomery DC (2009), Introduction to Statistical Quality Control, 6th ed, §6.4. R: ``qicharts2::qic(chart = "i")``.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> chart = individuals_chart([50, 53, 51, 54], range(4), phases=ONE_PROCESS, screen_beyond=None)
    >>> chart[["centre", "lower", "upper"]].iloc[0].round(4).tolist()
    [52.0, 44.9078, 59.0922]
    """
    factor = SIGMAS / _MEAN_RANGE_IN_SIGMAS
    return _individuals(values, dates, phases=phases, screen_beyond=screen_beyond, factor=factor)


def moving_range_chart(values: ArrayLike, dates: Iterable, *, phases: Sequence[Phase]) -> pd.DataFrame:
    """The chart of moving ranges that stands under an XmR chart: it shows jumps rather than levels.

    ``estimate`` is the distance from the value before; the upper limit is 3.267 mean moving ranges and the lower is 0.
    Arguments and missing values as in `xmr_chart`. Raises `StatsError` as in `xmr_chart`.

    Montgomery (2009), §6.4. R: ``qicharts2::qic(chart = "mr")``, whose two-sigma line is drawn at two thirds of the
    upper limit; here it lies two thirds of the way from the centre.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> chart = moving_range_chart([50, 53, 51, 54], range(4), phases=ONE_PROCESS)
    >>> chart[["estimate", "centre", "upper"]].iloc[1].round(3).tolist()
    [3.0, 2.667, 8.712]
    """
    series = ordered_by_date({"estimate": as_floats(values, name="values")}, dates, phases=phases)
    ranges = series.groupby("phase")["estimate"].diff().abs()

    def limits(part: pd.DataFrame) -> pd.DataFrame:
        known = part.loc[part["baseline"], "estimate"].dropna()
        if known.empty:
            raise StatsError(_NO_RANGE)
        mean = float(known.mean())
        sigma = np.full(len(part), mean * (_RANGE_LIMIT_FACTOR - 1) / SIGMAS)
        return _about(mean, sigma, part.index, floor=0.0, ceiling=np.inf)

    return by_phase(series.assign(estimate=ranges), limits)


def p_chart(successes: ArrayLike, trials: ArrayLike, dates: Iterable, *, phases: Sequence[Phase]) -> pd.DataFrame:
    """A chart of proportions with binomial limits, wider where there were fewer trials.

    Takes a count pair per date in any order. Gives ``date``, ``estimate``, ``events``, ``n``, ``phase``, ``baseline``,
    ``centre``, the three-sigma limits ``lower`` and ``upper``, and the two-sigma ``near_lower`` and ``near_upper``, all
    between 0 and 1. A date without trials keeps its row, without estimate and limits. With many trials the limits are
    too narrow for real services: then use `p_prime_chart`.

    Raises
    ------
    StatsError : for dates and phases as in `xmr_chart`, for impossible counts, and when a baseline has no trials.

    Montgomery (2009), §7.2. R: ``qicharts2::qic(chart = "p")``.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> chart = p_chart([40, 50, 45], [100, 100, 80], range(3), phases=ONE_PROCESS)
    >>> chart[["estimate", "centre", "lower", "upper"]].round(4)
       estimate  centre   lower   upper
    0    0.4000  0.4821  0.3322  0.6320
    1    0.5000  0.4821  0.3322  0.6320
    2    0.5625  0.4821  0.3145  0.6497
    """
    return _binomial(successes, trials, dates, phases=phases, stretched=False)


def p_prime_chart(successes: ArrayLike, trials: ArrayLike, dates: Iterable, *, phases: Sequence[Phase]) -> pd.DataFrame:
    """Laney's chart of proportions: binomial limits stretched by the variation from date to date that is really there.

    Arguments, result and missing values as in `p_chart`; a baseline needs two neighbouring dates with trials. Raises
    `StatsError` as in `p_chart`, and when a baseline has no two neighbouring dates with trials.

    Laney DB (2002), Quality Engineering 14:531–537. R: ``qicharts2::qic(chart = "pp")``.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> chart = p_prime_chart([400, 500, 450], [1000, 1000, 800], range(3), phases=ONE_PROCESS)
    >>> chart[["estimate", "centre", "lower", "upper"]].round(4)
       estimate  centre   lower   upper
    0    0.4000  0.4821  0.2773  0.6870
    1    0.5000  0.4821  0.2773  0.6870
    2    0.5625  0.4821  0.2532  0.7111
    """
    return _binomial(successes, trials, dates, phases=phases, stretched=True)


def u_chart(events: ArrayLike, exposure: ArrayLike, dates: Iterable, *, phases: Sequence[Phase]) -> pd.DataFrame:
    """A chart of rates, events per unit of exposure, with Poisson limits.

    Result and missing values as in `p_chart`; events may exceed exposure, which must be above zero.

    Raises
    ------
    StatsError : for dates and phases as in `xmr_chart`, for a negative count, and for an exposure of zero or less.

    Montgomery (2009), §7.3. R: ``qicharts2::qic(chart = "u")``.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> chart = u_chart([4, 6, 5], [200, 200, 100], range(3), phases=ONE_PROCESS)
    >>> chart[["estimate", "centre", "lower", "upper"]].round(4)
       estimate  centre  lower   upper
    0      0.02    0.03    0.0  0.0667
    1      0.03    0.03    0.0  0.0667
    2      0.05    0.03    0.0  0.0820
    """
    return _poisson(events, exposure, dates, phases=phases, stretched=False)


def u_prime_chart(events: ArrayLike, exposure: ArrayLike, dates: Iterable, *, phases: Sequence[Phase]) -> pd.DataFrame:
    """Laney's chart of rates: Poisson limits stretched by the variation from date to date that is really there.

    Result and missing values as in `u_chart`. Raises `StatsError` as in `u_chart`, and when a baseline has no two
    neighbouring dates with exposure.

    Laney DB (2002), Quality Engineering 14:531–537. R: ``qicharts2::qic(chart = "up")``.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> chart = u_prime_chart([40, 80, 50], [200, 200, 100], range(3), phases=ONE_PROCESS)
    >>> chart[["estimate", "centre", "lower", "upper"]].round(4)
       estimate  centre   lower   upper
    0       0.2    0.34  0.0034  0.6766
    1       0.4    0.34  0.0034  0.6766
    2       0.5    0.34  0.0000  0.8161
    """
    return _poisson(events, exposure, dates, phases=phases, stretched=True)


def c_chart(events: ArrayLike, dates: Iterable, *, phases: Sequence[Phase]) -> pd.DataFrame:
    """A chart of counts of equal opportunity, with Poisson limits.

    Result and missing values as in `u_chart`, with an exposure of 1 on each date.

    Raises
    ------
    StatsError : for dates and phases as in `xmr_chart`, and for a negative count.

    Montgomery (2009), §7.3. R: ``qicharts2::qic(chart = "c")``.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> c_chart([4, 6, 5], range(3), phases=ONE_PROCESS)[["centre", "lower", "upper"]].iloc[0].round(4).tolist()
    [5.0, 0.0, 11.7082]
    """
    counts = as_counts(events, name="events")
    return u_chart(counts, np.ones(counts.shape), dates, phases=phases)


def _individuals(
    values: ArrayLike, dates: Iterable, *, phases: Sequence[Phase], screen_beyond: float | None, factor: float
) -> pd.DataFrame:
    series = ordered_by_date({"estimate": as_floats(values, name="values")}, dates, phases=phases)

    def limits(part: pd.DataFrame) -> pd.DataFrame:
        base = part.loc[part["baseline"], "estimate"]
        sigma = np.full(len(part), factor * _mean_range(base, screen_beyond=screen_beyond) / SIGMAS)
        drawn = _about(float(base.mean()), sigma, part.index, floor=-np.inf, ceiling=np.inf)
        drawn.insert(0, "moving_range", part["estimate"].diff().abs())
        return drawn

    return by_phase(series, limits)


def _mean_range(baseline: pd.Series, *, screen_beyond: float | None) -> float:
    """The mean moving range, after the ranges that are far beyond it have been left out once."""
    ranges = baseline.diff().abs().dropna()
    if ranges.empty:
        raise StatsError(_NO_RANGE)
    mean = float(ranges.mean())
    if screen_beyond is None:
        return mean
    kept = ranges[ranges < screen_beyond * mean]
    # Where nothing moves at all no range is below a multiple of nothing.
    return float(kept.mean()) if len(kept) else mean


def _binomial(
    successes: ArrayLike, trials: ArrayLike, dates: Iterable, *, phases: Sequence[Phase], stretched: bool
) -> pd.DataFrame:
    x, n = as_binomial(np.atleast_1d(successes), np.atleast_1d(trials), names=("successes", "trials"))

    def sigma(centre: float, size: np.ndarray) -> np.ndarray:
        return np.sqrt(centre * (1 - centre) / size)

    return _attributes(x, n, dates, phases=phases, sigma=sigma, stretched=stretched, ceiling=1.0)


def _poisson(
    events: ArrayLike, exposure: ArrayLike, dates: Iterable, *, phases: Sequence[Phase], stretched: bool
) -> pd.DataFrame:
    x, size = same_shape(
        np.atleast_1d(as_counts(events, name="events")),
        np.atleast_1d(as_positive(exposure, name="exposure")),
        names=("events", "exposure"),
    )

    def sigma(centre: float, exposed: np.ndarray) -> np.ndarray:
        return np.sqrt(centre / exposed)

    return _attributes(x, size, dates, phases=phases, sigma=sigma, stretched=stretched, ceiling=np.inf)


def _attributes(
    x: np.ndarray,
    n: np.ndarray,
    dates: Iterable,
    *,
    phases: Sequence[Phase],
    sigma: Callable[[float, np.ndarray], np.ndarray],
    stretched: bool,
    ceiling: float,
) -> pd.DataFrame:
    size = np.where(n > 0, n, np.nan)
    series = ordered_by_date({"estimate": x / size, "events": x, "n": n}, dates, phases=phases)

    def limits(part: pd.DataFrame) -> pd.DataFrame:
        known = part[part["baseline"] & part["estimate"].notna()]
        if known.empty:
            raise StatsError("trials or exposure are zero or missing throughout a baseline; lengthen it")
        centre = float(known["events"].sum() / known["n"].sum())
        spread = sigma(centre, part["n"].where(part["n"] > 0).to_numpy())
        if stretched:
            spread = spread * _laney_factor(part, centre, spread)
        return _about(centre, spread, part.index, floor=0.0, ceiling=ceiling)

    return by_phase(series, limits)


def _laney_factor(part: pd.DataFrame, centre: float, spread: np.ndarray) -> float:
    # With no events, or all, chance has no spread, and there is nothing to stretch.
    if np.nanmax(spread) == 0:
        return 1.0
    z = ((part["estimate"] - centre) / spread)[part["baseline"]]
    return _mean_range(z, screen_beyond=None) / _MEAN_RANGE_IN_SIGMAS


def _about(centre: float, sigma: np.ndarray, index: pd.Index, *, floor: float, ceiling: float) -> pd.DataFrame:
    def at(sigmas: float) -> np.ndarray:
        return np.clip(centre + sigmas * sigma, floor, ceiling)

    return pd.DataFrame(
        {
            "centre": centre,
            "lower": at(-SIGMAS),
            "upper": at(SIGMAS),
            "near_lower": at(-NEAR_SIGMAS),
            "near_upper": at(NEAR_SIGMAS),
        },
        index=index,
    )
