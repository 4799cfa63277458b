"""The door through which numbers come into `stats`: dtypes made float, impossible values refused by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from fls_research.stats.results import Number, StatsError


def as_floats(values: ArrayLike, *, name: str) -> np.ndarray:
    """The values as float64, whatever frame or nullable dtype they came from; missing becomes NaN.

    >>> as_floats(pd.array([1, None], dtype="Int64"), name="trials")
    array([ 1., nan])
    """
    to_numpy: Any = getattr(values, "to_numpy", None)
    try:
        return np.asarray(values, dtype=float) if to_numpy is None else _column_floats(values)
    except (TypeError, ValueError):
        raise StatsError(f"{name} must hold numbers; give a numeric array or column") from None


def _column_floats(values: Any) -> np.ndarray:
    if isinstance(values, pd.DataFrame):
        return values.to_numpy(dtype=float)
    return values.to_numpy(dtype=float, na_value=np.nan)


def as_counts(values: ArrayLike, *, name: str) -> np.ndarray:
    """The values as floats, none below zero and none infinite; weighted counts need not be whole."""
    counts = as_floats(values, name=name)
    if np.any(counts < 0):
        raise StatsError(f"{name} must not be negative; look for a subtraction or a code that stands for missing")
    if np.any(np.isinf(counts)):
        raise StatsError(f"{name} must be finite; look for a division by zero")
    return counts


def as_positive(values: ArrayLike, *, name: str) -> np.ndarray:
    """The values as finite floats above zero, or missing."""
    amounts = as_counts(values, name=name)
    if np.any(amounts == 0):
        raise StatsError(f"{name} must be above zero; leave out the rows where it is zero")
    return amounts


def as_complete(values: ArrayLike, *, name: str) -> np.ndarray:
    """The values as one-dimensional finite floats, none missing and at least one there."""
    floats = np.atleast_1d(as_floats(values, name=name))
    if floats.size == 0:
        raise StatsError(f"{name} is empty; there is nothing to estimate from")
    if not np.all(np.isfinite(floats)):
        raise StatsError(f"{name} has missing or infinite values; decide what becomes of those rows first")
    return floats


def as_binomial(successes: ArrayLike, trials: ArrayLike, *, names: tuple[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Successes and trials of one shape, no success without a trial."""
    x, n = same_shape(as_counts(successes, name=names[0]), as_counts(trials, name=names[1]), names=names)
    if np.any(x > n):
        raise StatsError(f"{names[0]} must not exceed {names[1]}; check that numerator and denominator are not swapped")
    return x, n


def same_shape(*arrays: np.ndarray, names: tuple[str, ...]) -> tuple[np.ndarray, ...]:
    """The arrays broadcast to one shape; shapes that do not fit are refused by name."""
    try:
        return tuple(np.broadcast_arrays(*arrays))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(names, arrays, strict=True))
        raise StatsError(f"arguments must have one length or be scalars; given {shapes}") from None


def as_keys(keys: Iterable, *, name: str, length: int) -> np.ndarray:
    """Whole numbers 0, 1, … one per different key; a missing key is refused, for it would silently leave the sum."""
    codes, _ = pd.factorize(pd.Series(list(keys)))
    if len(codes) != length:
        raise StatsError(f"{name} must have one entry per row; given {len(codes)} for {length}")
    if np.any(codes < 0):
        raise StatsError(f"{name} has missing keys; give those rows a key of their own or leave them out")
    return codes


def normal_quantile(confidence: float) -> float:
    """The standard normal deviate that leaves half of ``1 - confidence`` in each tail.

    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    check_confidence(confidence)
    return float(norm.ppf(0.5 + confidence / 2))


def check_confidence(confidence: float, *, name: str = "confidence") -> None:
    """Refuse a confidence that is a percentage, or outside 0 to 1."""
    if not 0 < confidence < 1:
        raise StatsError(f"{name} must lie between 0 and 1, such as 0.95; given {confidence}")


def check_columns(frame: pd.DataFrame, columns: Iterable[str], *, frame_name: str) -> None:
    """Refuse a frame that lacks a column the method was told to read, or has it twice."""
    columns = list(columns)
    twice = [column for column in columns if (frame.columns == column).sum() > 1]
    if twice:
        raise StatsError(f"{frame_name} has the column {twice[0]!r} more than once; keep one")
    lacking = [column for column in columns if column not in frame.columns]
    if lacking:
        raise StatsError(f"{frame_name} has no column {', '.join(map(repr, lacking))}; it has {list(frame.columns)}")


def plain(values: np.ndarray) -> Number:
    """A float for a zero-dimensional array, so that ``np.float64(...)`` never reaches a sentence or a JSON file."""
    return float(values) if np.ndim(values) == 0 else np.asarray(values)
