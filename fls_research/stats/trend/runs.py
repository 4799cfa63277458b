"""Run charts: runs about a median, crossings of it and trends, against what chance allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binom

from fls_research.stats._checks import as_floats
from fls_research.stats.results import StatsError
from fls_research.stats.trend.phases import Phase, ordered_by_date


@dataclass(frozen=True, slots=True)
class RunChart:
    """What a run chart shows: the runs and crossings that were seen and those that chance allows.

    ``n_useful`` leaves out missing points and points on the centre. ``longest_trend`` counts points. ``shift``,
    ``few_crossings`` and ``trend`` are the three rules; ``signal`` is Anhøj's, which leaves the trend rule out because
    it adds false alarms.
    """

    centre: float
    n_obs: int
    n_useful: int
    longest_run: int
    longest_run_max: int
    n_crossings: int
    n_crossings_min: int
    longest_trend: int
    trend_points: int

    @property
    def shift(self) -> bool:
        return self.longest_run > self.longest_run_max

    @property
    def few_crossings(self) -> bool:
        return self.n_crossings < self.n_crossings_min

    @property
    def trend(self) -> bool:
        return self.longest_trend >= self.trend_points

    @property
    def signal(self) -> bool:
        return self.shift or self.few_crossings


def anhoej_limits(n_useful: int) -> tuple[int, int]:
    """The longest run, and the fewest crossings, that chance allows among this many useful observations.

    The run limit is log2 n, rounded half to even, plus 3; the crossing limit is the lower 5 % point of a binomial with
    n − 1 trials of one half. Below about ten useful observations the rules have little power. Raises `StatsError` for
    a negative number; no useful observation allows (0, 0).

    Anhøj J, Olesen AV (2014), PLoS ONE 9:e113825. R: ``qicharts2::qic(chart = "run")``.

    >>> anhoej_limits(24)
    (8, 8)
    """
    if n_useful < 0:
        raise StatsError(f"n_useful must not be negative; given {n_useful}")
    if n_useful == 0:
        return 0, 0
    return round(float(np.log2(n_useful))) + 3, int(binom.ppf(0.05, n_useful - 1, 0.5))


def run_chart(values: ArrayLike, *, centre: float, trend_points: int) -> RunChart:
    """The run-chart rules for values in the order of time, about a centre (usually the median of a baseline).

    Missing points, and points on the centre, neither make nor break a run. A trend is consecutive rises, or falls, with
    repeats of a value counted once, of at least ``trend_points`` points (five is usual).

    Raises
    ------
    StatsError : for a centre that is no number, or fewer than two ``trend_points``.

    Anhøj J, Olesen AV (2014), PLoS ONE 9:e113825; Perla RJ, et al (2011), BMJ Qual Saf 20:46–51.
    R: ``qicharts2::qic(chart = "run")``.

    >>> seen = run_chart([52, 55, 49, 58, 54, 51, 57, 60, 61, 63, 64, 66], centre=57.5, trend_points=5)
    >>> seen.longest_run, seen.n_crossings, seen.n_crossings_min, seen.trend, seen.signal
    (5, 3, 3, True, False)
    """
    y = np.atleast_1d(as_floats(values, name="values"))
    if trend_points < 2:
        raise StatsError(f"trend_points must be at least 2; given {trend_points}")
    if not np.isfinite(centre):
        raise StatsError("centre must be a number; a series without any value has no centre")
    side = np.sign(y[~np.isnan(y)] - centre)
    side = side[side != 0]
    longest_run_max, n_crossings_min = anhoej_limits(side.size)
    return RunChart(
        centre=float(centre),
        n_obs=y.size,
        n_useful=side.size,
        longest_run=int(run_lengths(side).max(initial=0)),
        longest_run_max=longest_run_max,
        n_crossings=int(np.count_nonzero(np.diff(side))),
        n_crossings_min=n_crossings_min,
        longest_trend=_longest_trend(y[~np.isnan(y)]),
        trend_points=trend_points,
    )


def run_charts(values: ArrayLike, dates: Iterable, *, phases: Sequence[Phase], trend_points: int) -> pd.DataFrame:
    """A run chart of each phase about the median of its own baseline, one row per phase.

    Values and dates may come in any order. The columns are the fields and rules of `RunChart`, with ``phase`` and
    ``reason``. Missing values stay in ``n_obs``; a baseline without any value raises `StatsError`.

    Source as in `run_chart`.

    >>> from fls_research.stats.trend import ONE_PROCESS
    >>> charts = run_charts([5, 9, 5, 9, 5, 9], range(6), phases=ONE_PROCESS, trend_points=5)
    >>> charts[["phase", "centre", "n_useful", "longest_run", "n_crossings", "signal"]]
       phase  centre  n_useful  longest_run  n_crossings  signal
    0      1     7.0         6            1            5   False
    """
    series = ordered_by_date({"estimate": as_floats(values, name="values")}, dates, phases=phases)
    rows = []
    for number, part in series.groupby("phase", sort=True):
        chart = run_chart(
            part["estimate"], centre=float(part.loc[part["baseline"], "estimate"].median()), trend_points=trend_points
        )
        rows.append(
            {
                "phase": number,
                "reason": phases[number - 1].reason,
                **{name: getattr(chart, name) for name in RunChart.__slots__},
                "shift": chart.shift,
                "few_crossings": chart.few_crossings,
                "trend": chart.trend,
                "signal": chart.signal,
            }
        )
    return pd.DataFrame(rows)


def run_lengths(values: np.ndarray) -> np.ndarray:
    """For each value, how many equal ones stand beside each other where it stands.

    >>> run_lengths(np.array([1, 1, -1, 1, 1, 1]))
    array([2, 2, 1, 3, 3, 3])
    """
    if values.size == 0:
        return np.zeros(0, dtype=int)
    run = np.concatenate([[0], np.cumsum(np.diff(values) != 0)])
    return np.bincount(run)[run]


def _longest_trend(values: np.ndarray) -> int:
    steps = np.sign(np.diff(values))
    steps = steps[steps != 0]
    return int(run_lengths(steps).max(initial=0)) + 1 if values.size else 0
