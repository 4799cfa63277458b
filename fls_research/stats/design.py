"""The one door to every model: dtypes made float, reference levels said aloud, missing values refused by column.

A boolean outcome, a nullable or Arrow dtype and a text column each break or silently turn a model somewhere. Behind
this door there are only float64 columns with names, and covariate patterns with a number of patients each.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fls_research.stats._checks import as_floats
from fls_research.stats.results import StatsError

_ALIASED = 1e-9
"""Share of a column's variance that others leave unexplained, below which it counts as a sum of the others."""


def proportion_outcome(values: ArrayLike, *, name: str) -> np.ndarray:
    """An outcome as float64 between 0 and 1: true or false, 0 or 1 of any dtype, or the proportion in a pattern.

    Missing values and anything outside 0 to 1 are refused (`StatsError`) naming the column.

    >>> proportion_outcome(pd.array([True, False], dtype="boolean"), name="met")
    array([1., 0.])
    """
    floats = numeric_column(values, name=name)
    if ((floats < 0) | (floats > 1)).any():
        raise StatsError(f"{name} must be true or false, 1 or 0, or a proportion; recode it so that the event is 1")
    return floats


def numeric_column(values: ArrayLike, *, name: str) -> np.ndarray:
    """A column of numbers as float64, whatever dtype it came in; missing and infinite values refused by name.

    >>> numeric_column(pd.array([1, 2], dtype="Int64"), name="age")
    array([1., 2.])
    """
    dtype = getattr(values, "dtype", None)
    if isinstance(dtype, pd.CategoricalDtype):
        raise StatsError(f"{name} is categorical; list it under categorical, with its reference level")
    refuse_dates(values, name=name)
    floats = as_floats(values, name=name)
    if missing := int(np.isnan(floats).sum()):
        raise StatsError(
            f"{name}: {missing} of {floats.size} are missing; use complete_cases, impute them, or give them a level"
        )
    if np.isinf(floats).any():
        raise StatsError(f"{name} must be finite; look for a division by zero")
    return floats


def refuse_dates(values: ArrayLike, *, name: str) -> None:
    """Refuse dates and durations by name: their unit is not in the number, and differs between releases of pandas."""
    dtype = getattr(values, "dtype", None)
    if getattr(dtype, "kind", "") in ("m", "M"):
        raise StatsError(f"{name} holds dates or durations; give a number, such as whole days")


def complete_cases(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[pd.DataFrame, pd.Series]:
    """The rows with a value in every one of the columns, and how many values are missing in each column.

    Raises `StatsError` naming a column that is not there, and when no row is left.

    >>> kept, missing = complete_cases(pd.DataFrame({"a": [1, None], "b": [1, 2]}), ["a", "b"])
    >>> len(kept), missing.to_dict()
    (1, {'a': 1, 'b': 0})
    """
    for column in columns:
        _column(frame, column)
    absent = frame[list(columns)].isna()
    kept = frame.loc[~absent.any(axis=1)].reset_index(drop=True)
    if kept.empty:
        raise StatsError(f"no row has a value in all of {', '.join(columns)}; the emptiest is {absent.sum().idxmax()}")
    return kept, absent.sum()


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise StatsError(f"there is no column {name!r}; the frame has: {', '.join(map(str, frame.columns))}")
    if isinstance(frame[name], pd.DataFrame):
        raise StatsError(f"{name} stands in the frame more than once; keep one column of that name")
    return frame[name]


@dataclass(frozen=True)
class Coding:
    """How covariates become columns: numbers as they are, categories against a reference, products of two terms."""

    numeric: tuple[str, ...]
    levels: Mapping[str, tuple[Hashable, ...]]
    """Categorical column to its levels; the reference stands first."""
    interactions: tuple[tuple[str, str], ...]
    intercept: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for columns in self.terms.values() for name in columns)

    @property
    def terms(self) -> dict[str, tuple[str, ...]]:
        """Term to the names of its columns, in the order of the matrix."""
        found: dict[str, tuple[str, ...]] = {"(intercept)": ("(intercept)",)} if self.intercept else {}
        found |= {name: (name,) for name in self.numeric}
        found |= {name: tuple(f"{name}[{level}]" for level in levels[1:]) for name, levels in self.levels.items()}
        for one, other in self.interactions:
            found[f"{one}:{other}"] = tuple(f"{a}:{b}" for a in found[one] for b in found[other])
        return found

    def matrix(self, frame: pd.DataFrame) -> np.ndarray:
        """The columns for the rows of a frame, float64; an unknown level or a missing value is refused by column."""
        made: dict[str, np.ndarray] = {"(intercept)": np.ones((len(frame), 1))} if self.intercept else {}
        made |= {name: numeric_column(_column(frame, name), name=name)[:, None] for name in self.numeric}
        for name, levels in self.levels.items():
            codes = level_codes(_column(frame, name), levels, name=name)
            made[name] = (codes[:, None] == np.arange(1, len(levels))).astype(float)
        for one, other in self.interactions:
            made[f"{one}:{other}"] = (made[one][:, :, None] * made[other][:, None, :]).reshape(len(frame), -1)
        return np.hstack(list(made.values())) if made else np.empty((len(frame), 0))


def level_codes(values: pd.Series, levels: Sequence[Hashable], *, name: str) -> np.ndarray:
    """The place of each value among the levels; a missing value or an unknown level is refused by column."""
    codes = pd.Index(list(levels)).get_indexer(pd.Index(values.astype(object)))
    if missing := int(values.isna().sum()):
        raise StatsError(
            f"{name}: {missing} of {len(values)} are missing; use complete_cases, impute them, or give them a level"
        )
    if (codes < 0).any():
        raise StatsError(f"{name} holds a level that is not among {', '.join(map(str, levels))}")
    return codes.astype(np.int64)


def coding(
    frame: pd.DataFrame,
    *,
    numeric: Sequence[str],
    categorical: Mapping[str, Hashable],
    interactions: Sequence[tuple[str, str]] = (),
    intercept: bool,
) -> Coding:
    """The coding of a frame's columns: ``categorical`` maps each column to its reference level.

    Levels keep the order of a pandas categorical, else they are sorted; levels that no row holds are left out. Raises
    `StatsError` naming a column whose reference no row holds, which has one level only, or mixes text and numbers.

    >>> frame = pd.DataFrame({"age": [60, 70, 80], "sex": ["f", "m", "f"]})
    >>> coding(frame, numeric=["age"], categorical={"sex": "m"}, intercept=True).names
    ('(intercept)', 'age', 'sex[f]')
    """
    known = [*numeric, *categorical]
    if repeated := {name for name in known if known.count(name) > 1}:
        raise StatsError(f"{sorted(repeated)[0]} is listed twice; a column enters a model once")
    for pair in interactions:
        if absent := [name for name in pair if name not in known]:
            raise StatsError(f"{absent[0]} is part of an interaction but not among numeric or categorical")
    levels = {name: _levels(_column(frame, name), reference, name) for name, reference in categorical.items()}
    return Coding(tuple(numeric), levels, tuple((a, b) for a, b in interactions), intercept)


def _levels(values: pd.Series, reference: Hashable, name: str) -> tuple[Hashable, ...]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        present = set(values.dropna().unique())
        found = [level for level in values.cat.categories.tolist() if level in present]
    else:
        try:
            found = sorted(values.dropna().unique().tolist())
        except TypeError:
            raise StatsError(f"{name} mixes text and numbers, or other types without an order; make it text") from None
    if reference not in found:
        raise StatsError(f"{name}: no row holds the reference {reference!r}; levels: {', '.join(map(str, found))}")
    if len(found) < 2:
        raise StatsError(f"{name} holds one level only, so it explains nothing; leave it out")
    return (reference, *(level for level in found if level != reference))


@dataclass(frozen=True)
class Covariates:
    """Columns of a model without outcome or intercept, a row per patient, as Cox models take them."""

    matrix: np.ndarray
    names: tuple[str, ...]
    terms: Mapping[str, tuple[str, ...]]


def covariates(
    frame: pd.DataFrame,
    *,
    numeric: Sequence[str] = (),
    categorical: Mapping[str, Hashable] | None = None,
    interactions: Sequence[tuple[str, str]] = (),
) -> Covariates:
    """The columns of a model without intercept, such as a Cox model. Arguments and `StatsError` as in `coding`.

    >>> covariates(pd.DataFrame({"sex": ["f", "m", "f"]}), categorical={"sex": "m"}).matrix.ravel()
    array([1., 0., 1.])
    """
    how = coding(frame, numeric=numeric, categorical=categorical or {}, interactions=interactions, intercept=False)
    return Covariates(how.matrix(frame), how.names, how.terms)


@dataclass(frozen=True)
class Design:
    """Covariate patterns: one row stands for ``weights`` patients, of whom the proportion ``outcome`` has the event.

    ``patterns`` holds the covariates as they were, ``matrix`` as columns with ``names``; ``cluster`` is a code per
    pattern into ``cluster_labels``, or missing. Patterns never span two clusters.
    """

    patterns: pd.DataFrame
    coding: Coding
    outcome_name: str
    outcome: np.ndarray
    weights: np.ndarray
    cluster: np.ndarray | None
    cluster_labels: tuple[Any, ...]
    matrix: np.ndarray = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        return self.coding.names

    @property
    def n(self) -> float:
        """Patients."""
        return float(self.weights.sum())

    @property
    def events(self) -> float:
        return float((self.weights * self.outcome).sum())

    def counted(self, weights: np.ndarray, outcome: np.ndarray) -> Design:
        """The same patterns with other numbers of patients and events; a pattern of nobody is left out."""
        filled = weights > 0
        return replace(
            self,
            patterns=self.patterns.loc[filled].reset_index(drop=True),
            weights=weights[filled],
            outcome=outcome[filled],
            cluster=None if self.cluster is None else self.cluster[filled],
            matrix=self.matrix[filled],
        )


def build(
    frame: pd.DataFrame,
    *,
    outcome: str,
    numeric: Sequence[str] = (),
    categorical: Mapping[str, Hashable] | None = None,
    interactions: Sequence[tuple[str, str]] = (),
    cluster: str | None = None,
    weights: str | None = None,
) -> Design:
    """Collapse a frame to covariate patterns, ready for any model of `fls_research.stats.regression`.

    Parameters
    ----------
    frame : a row per patient, or per group of alike patients when ``weights`` names the column that counts them.
    outcome : column that is true or false, 0 or 1, or (with ``weights``) the proportion with the event.
    numeric : columns that enter as they are.
    categorical : column to reference level; there is no default reference.
    interactions : pairs of the columns above whose products enter too.
    cluster : column naming the cluster, such as the service, kept apart in the patterns.

    Raises
    ------
    StatsError : naming the column that is absent or there twice, mixes types, has missing values, one level only,
        negative weights, or is a sum of the columns before it.

    >>> frame = pd.DataFrame({"met": [True, False, True, True], "sex": ["f", "f", "m", "m"]})
    >>> made = build(frame, outcome="met", categorical={"sex": "m"})
    >>> made.patterns.assign(n=made.weights, proportion=made.outcome)
      sex    n  proportion
    0   m  2.0         1.0
    1   f  2.0         0.5
    """
    how = coding(frame, numeric=numeric, categorical=categorical or {}, interactions=interactions, intercept=True)
    y = proportion_outcome(_column(frame, outcome), name=outcome)
    counted = np.ones(len(frame)) if weights is None else _weights(_column(frame, weights), name=weights)
    used = [*how.numeric, *how.levels]
    keys = {name: numeric_column(_column(frame, name), name=name) for name in how.numeric}
    keys |= {name: level_codes(_column(frame, name), levels, name=name) for name, levels in how.levels.items()}
    clusters, labels = (None, ()) if cluster is None else _clusters(_column(frame, cluster), name=cluster)
    pattern, first = _patterns([*keys.values(), *(() if clusters is None else (clusters,))], len(frame))
    n = np.bincount(pattern, counted, first.size)
    events = np.bincount(pattern, counted * y, first.size)
    filled = n > 0
    rows = first[filled]
    alike = frame[used].iloc[rows].reset_index(drop=True) if used else pd.DataFrame(index=range(rows.size))
    made = Design(
        patterns=alike,
        coding=how,
        outcome_name=outcome,
        outcome=np.clip(events[filled] / n[filled], 0.0, 1.0),
        weights=n[filled],
        cluster=None if clusters is None else clusters[rows],
        cluster_labels=labels,
        matrix=how.matrix(alike),
    )
    refuse_aliased(made.matrix[:, 1:], made.names[1:])
    return made


def _weights(values: pd.Series, *, name: str) -> np.ndarray:
    counted = numeric_column(values, name=name)
    if (counted < 0).any():
        raise StatsError(f"{name} must not be negative; it says how many patients a row stands for")
    if not counted.any():
        raise StatsError(f"{name}: every weight is zero, so nobody is left; check how it was made")
    return counted


def _clusters(values: pd.Series, *, name: str) -> tuple[np.ndarray, tuple[Any, ...]]:
    codes, labels = pd.factorize(values, sort=True)
    if missing := int((codes < 0).sum()):
        raise StatsError(f"{name}: {missing} of {len(values)} are missing; a patient without a cluster has no place")
    return codes.astype(np.int64), tuple(labels.tolist())


def _patterns(keys: list[np.ndarray], size: int) -> tuple[np.ndarray, np.ndarray]:
    """The pattern of each row, numbered in the order of the sorted keys, and the first row of each pattern."""
    if not size:
        raise StatsError("the frame has no rows; there is nobody to model")
    code = np.zeros(size, dtype=np.int64)
    for key in keys:
        part, levels = pd.factorize(key, sort=True)
        code, distinct = pd.factorize(code * len(levels) + part, sort=True)
        if len(distinct) == size:  # no two rows alike; further columns cannot part them any more
            break
    first = np.zeros(int(code.max()) + 1, dtype=np.int64)
    first[code[::-1]] = np.arange(size)[::-1]
    return code, first


def refuse_aliased(matrix: np.ndarray, names: Sequence[str]) -> None:
    """Refuse, by name, a column that never changes or that is a sum of the columns before it."""
    if not matrix.shape[1]:
        return
    centred = matrix - matrix.mean(axis=0)
    spread = np.sqrt((centred**2).sum(axis=0))
    for name, size, level in zip(names, spread, np.abs(matrix).max(axis=0, initial=0.0), strict=True):
        if size <= 1e-10 * max(level, 1e-300) * np.sqrt(len(matrix)):
            raise StatsError(f"{name} has one value only, so it explains nothing; leave it out")
    gram = (centred / spread).T @ (centred / spread)
    for place in range(1, len(names)):
        before = gram[:place, :place]
        left = gram[place, place] - gram[place, :place] @ np.linalg.lstsq(before, gram[:place, place], rcond=None)[0]
        if left < _ALIASED:
            raise StatsError(f"{names[place]} is a sum of the columns before it; leave one of them out")
