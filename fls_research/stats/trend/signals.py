"""The signals of NHS "Making data count": special causes at each point, the latest variation, and assurance."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from fls_research.stats._checks import check_columns
from fls_research.stats.results import StatsError
from fls_research.stats.trend.runs import run_lengths


class Better(StrEnum):
    """Which direction of change is an improvement."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Signal(StrEnum):
    """What a point takes part in; where several apply, the one that stands first here is told."""

    ABOVE_LIMIT = "above limit"
    BELOW_LIMIT = "below limit"
    RISING = "rising"
    FALLING = "falling"
    TWO_OF_THREE_HIGH = "two of three high"
    TWO_OF_THREE_LOW = "two of three low"
    SHIFT_HIGH = "shift high"
    SHIFT_LOW = "shift low"
    COMMON_CAUSE = "common cause"
    NO_VALUE = "no value"


class Variation(StrEnum):
    """What a point's signal means for the service."""

    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NEUTRAL_HIGH = "special cause, high"
    NEUTRAL_LOW = "special cause, low"
    COMMON_CAUSE = "common cause"
    NO_VALUE = "no value"


class Assurance(StrEnum):
    """Whether the process, left as it is, will meet its target."""

    PASSES = "consistently passes"
    FAILS = "consistently fails"
    INCONSISTENT = "hit and miss"
    NOT_ASKED = "not asked"


_HIGH = (Signal.ABOVE_LIMIT, Signal.RISING, Signal.TWO_OF_THREE_HIGH, Signal.SHIFT_HIGH)
_LOW = (Signal.BELOW_LIMIT, Signal.FALLING, Signal.TWO_OF_THREE_LOW, Signal.SHIFT_LOW)


@dataclass(frozen=True, slots=True, eq=False)
class MakingDataCount:
    """The chart with ``signal`` and ``variation`` beside each point, and the two icons that stand above it."""

    points: pd.DataFrame
    variation: Variation
    assurance: Assurance


def point_signals(chart: pd.DataFrame, *, shift_points: int, trend_points: int) -> pd.Series:
    """The signal each point of a chart takes part in, beside the rows of the chart.

    In this order of precedence: outside the limits; one of ``trend_points`` consecutive rises or falls (points, 7 in
    the R package, 6 in the NHS workbook; a repeated value ends a trend); near a limit (between two thirds of the way
    and the limit) where two of three points on one side are; one of ``shift_points`` points on one side of the centre
    (7). A point on the centre ends a shift. Rules start afresh in each phase. A missing value is ``no value`` and is
    stepped over: it neither makes nor breaks a run. A chart comes from one of the functions of `charts`.

    Raises
    ------
    StatsError : for a chart without its columns, or fewer than three points in a rule.

    R: ``NHSRplotthedots::ptd_spc``.

    >>> from fls_research.stats.trend import ONE_PROCESS, xmr_chart
    >>> chart = xmr_chart([5, 6, 5, 6, 5, 6, 5, 15], range(8), phases=ONE_PROCESS, screen_beyond=3.267)
    >>> point_signals(chart, shift_points=7, trend_points=7).iloc[-1]
    <Signal.ABOVE_LIMIT: 'above limit'>
    """
    check_columns(
        chart,
        ["estimate", "phase", "centre", "lower", "upper", "near_lower", "near_upper"],
        frame_name="chart",
    )
    for name, points in (("shift_points", shift_points), ("trend_points", trend_points)):
        if points < 3:
            raise StatsError(f"{name} must be at least 3; given {points}")
    signals = pd.Series(Signal.NO_VALUE, index=chart.index, name="signal", dtype=object)
    for _, part in chart[chart["estimate"].notna()].groupby("phase"):
        signals.loc[part.index] = _phase_signals(part, shift_points=shift_points, trend_points=trend_points)
    return signals


def making_data_count(
    chart: pd.DataFrame, *, better: Better, target: float | None, shift_points: int, trend_points: int
) -> MakingDataCount:
    """A chart read as the NHS reads it: what kind of variation each point shows, and whether the target will be met.

    ``variation`` is that of the last point with a value. ``assurance`` compares ``target`` with the limits of that
    point, which belong to the last phase; it is not asked without a target, or where neither direction is better.
    Other arguments as in `point_signals`. A chart without any value raises `StatsError`.

    R: ``NHSRplotthedots::ptd_spc``, ``ptd_calculate_assurance_type``.

    >>> from fls_research.stats.trend import ONE_PROCESS, xmr_chart
    >>> chart = xmr_chart([5, 6, 5, 6, 5, 6, 5, 15], range(8), phases=ONE_PROCESS, screen_beyond=3.267)
    >>> read = making_data_count(chart, better=Better.LOWER, target=20.0, shift_points=7, trend_points=7)
    >>> str(read.variation), str(read.assurance)
    ('concern', 'consistently passes')
    """
    better = _direction(better)
    signals = point_signals(chart, shift_points=shift_points, trend_points=trend_points)
    known = chart.index[chart["estimate"].notna()]
    if known.empty:
        raise StatsError("chart has no value in its column 'estimate'; there is nothing to read")
    meaning = {signal: _variation(signal, better) for signal in Signal}
    points = chart.assign(signal=signals, variation=signals.map(meaning))
    last = points.loc[known[-1]]
    return MakingDataCount(
        points=points,
        variation=last["variation"],
        assurance=_assurance(better, target, lower=float(last["lower"]), upper=float(last["upper"])),
    )


def _phase_signals(part: pd.DataFrame, *, shift_points: int, trend_points: int) -> np.ndarray:
    y, centre = part["estimate"].to_numpy(), part["centre"].to_numpy()
    above, below = y > part["upper"].to_numpy(), y < part["lower"].to_numpy()
    side = np.sign(y - centre)
    near = ~(above | below) & ((y > part["near_upper"].to_numpy()) | (y < part["near_lower"].to_numpy()))
    trend = _trend_direction(y, trend_points)
    pair = _two_of_three(near, side)
    shift = np.where(run_lengths(side) >= shift_points, side, 0)
    tests = [above, below, trend > 0, trend < 0, pair > 0, pair < 0, shift > 0, shift < 0]
    choice = np.select(tests, np.arange(len(tests)), default=len(tests))
    return np.array(list(Signal), dtype=object)[choice]


def _trend_direction(y: np.ndarray, points: int) -> np.ndarray:
    """1 or −1 at each point of a long enough rise or fall; a turning point belongs to the trend it ends."""
    steps = np.sign(np.diff(y))
    long = np.where(run_lengths(steps) >= points - 1, steps, 0)
    starts, ends = np.append(long, 0), np.insert(long, 0, 0)
    return np.where(ends != 0, ends, starts)


def _two_of_three(near: np.ndarray, side: np.ndarray) -> np.ndarray:
    if near.size < 3:
        return np.zeros(near.size)
    pairs = np.lib.stride_tricks.sliding_window_view(near, 3).sum(axis=1) >= 2
    one_side = np.abs(np.lib.stride_tricks.sliding_window_view(side, 3).sum(axis=1)) == 3
    window = pairs & one_side
    within = np.convolve(window, np.ones(3), mode="full") > 0
    return np.where(near & within, side, 0)


def _variation(signal: Signal, better: Better) -> Variation:
    if signal is Signal.NO_VALUE:
        return Variation.NO_VALUE
    if signal is Signal.COMMON_CAUSE:
        return Variation.COMMON_CAUSE
    high = signal in _HIGH
    if better is Better.NEITHER:
        return Variation.NEUTRAL_HIGH if high else Variation.NEUTRAL_LOW
    return Variation.IMPROVEMENT if high == (better is Better.HIGHER) else Variation.CONCERN


def _assurance(better: Better, target: float | None, *, lower: float, upper: float) -> Assurance:
    if target is None or better is Better.NEITHER:
        return Assurance.NOT_ASKED
    if lower <= target <= upper:
        return Assurance.INCONSISTENT
    return Assurance.PASSES if (target < lower) == (better is Better.HIGHER) else Assurance.FAILS


def _direction(better: Better) -> Better:
    try:
        return Better(better)
    except ValueError:
        raise StatsError(f"better must be one of {', '.join(Better)}; given {better!r}") from None
