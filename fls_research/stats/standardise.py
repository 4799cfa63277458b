"""Standardised rates: direct and indirect, with strata joined by their key and never by their position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.stats._checks import as_counts, as_positive, check_columns
from fls_research.stats.proportions.rates import byar_interval, count_interval
from fls_research.stats.results import COLUMNS, StatsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """The names of the columns in which a table of strata keeps its group, stratum, events and population.

    >>> Strata(group="area", stratum="age_band", events="fractures", population="people").stratum
    'age_band'
    """

    group: str
    stratum: str
    events: str
    population: str


def direct_rates(
    strata: pd.DataFrame, *, columns: Strata, standard: pd.Series, confidence: float, fewest_events: int
) -> pd.DataFrame:
    """Directly standardised rates with Dobson's interval, one row per group.

    ``strata`` has one row per group and stratum; ``standard`` holds the standard population, its index the stratum.
    Each group must have every stratum of the standard and no other. The result has the group, `COLUMNS` and ``reason``;
    the rate is per unit of population. A group with fewer events than ``fewest_events`` has no rate, and ``reason``
    says so (the Office for Health Improvement and Disparities uses 10). Missing counts, unknown or repeated strata and
    populations of zero raise `StatsError`; where a blank means no events, fill it with 0 first.

    Dobson AJ, et al (1991), Stat Med 10:457–462. R: ``PHEindicatormethods::calculate_dsr``.

    >>> strata = pd.DataFrame({
    ...     "area": ["A", "A", "B", "B"], "age": ["50–64", "65+", "65+", "50–64"],
    ...     "falls": [20, 60, 30, 40], "people": [1000, 800, 500, 1500]})
    >>> names = Strata(group="area", stratum="age", events="falls", population="people")
    >>> european = pd.Series({"50–64": 19_500, "65+": 19_500})
    >>> rates = direct_rates(strata, columns=names, standard=european, confidence=0.95, fewest_events=10)
    >>> rates[["area", "estimate", "lower", "upper", "events"]].round(5)
      area  estimate    lower    upper  events
    0    A   0.04750  0.03762  0.05917    80.0
    1    B   0.04333  0.03251  0.05627    70.0
    """
    rows = _with_standard(strata, columns=columns, standard=standard)
    weight, x, n = rows["_weight"], rows[columns.events], rows[columns.population]
    parts = rows.assign(_rate=weight * x / n, _variance=weight**2 * x / n**2)
    return _dobson(parts, columns=columns, confidence=confidence, fewest_events=fewest_events, method="Dobson")


def direct_rates_of_repeated_events(
    persons: pd.DataFrame,
    *,
    columns: Strata,
    events_each: str,
    standard: pd.Series,
    confidence: float,
    fewest_events: int,
) -> pd.DataFrame:
    """Directly standardised rates of events that one person can have more than once, such as fractures.

    ``persons`` has one row per group, stratum and number of events each: ``columns.events`` counts the people who had
    ``events_each`` events, and the population is repeated on every row of a stratum. A person's events are not
    independent, so the variance weighs people by the square of their events. All else as in `direct_rates`. Raises
    `StatsError` as in `direct_rates`, and for a missing or impossible number of events each, or a population that
    differs between the rows of a stratum.

    Stukel TA, et al (1994), Stat Med 13:1781–1791.
    R: ``PHEindicatormethods::calculate_dsr(independent_events = FALSE)``.

    >>> persons = pd.DataFrame({
    ...     "area": ["A"] * 4, "age": ["50–64", "50–64", "65+", "65+"], "times": [1, 2, 1, 2],
    ...     "people_with": [16, 2, 40, 10], "people": [1000, 1000, 800, 800]})
    >>> names = Strata(group="area", stratum="age", events="people_with", population="people")
    >>> european = pd.Series({"50–64": 19_500, "65+": 19_500})
    >>> rates = direct_rates_of_repeated_events(
    ...     persons, columns=names, events_each="times", standard=european, confidence=0.95, fewest_events=10)
    >>> rates[["estimate", "lower", "upper", "events"]].round(5)
       estimate   lower    upper  events
    0    0.0475  0.0362  0.06085    80.0
    """
    read = [columns.group, columns.stratum, columns.events, columns.population, events_each]
    check_columns(persons, read, frame_name="persons")
    times = as_positive(persons[events_each], name=repr(events_each))
    if np.any(np.isnan(times)):
        raise StatsError(f"{events_each!r} has missing values; give every row the number of events each person had")
    people = as_counts(persons[columns.events], name=repr(columns.events))
    by = [columns.group, columns.stratum]
    if persons.groupby(by, observed=True)[columns.population].nunique(dropna=False).gt(1).any():
        raise StatsError(f"{columns.population!r} differs between rows of one stratum; repeat the same population")
    strata = (
        persons.assign(**{columns.events: people * times}, _squared=people * times**2)
        .groupby(by, observed=True, as_index=False, sort=False)
        .agg({columns.events: _sum_or_missing, columns.population: "first", "_squared": "sum"})
    )
    rows = _with_standard(strata, columns=columns, standard=standard)
    weight, n = rows["_weight"], rows[columns.population]
    parts = rows.assign(
        _rate=weight * rows[columns.events] / n,
        _variance=weight**2 * rows["_squared"] / n**2,
    )
    return _dobson(
        parts,
        columns=columns,
        confidence=confidence,
        fewest_events=fewest_events,
        method="Dobson, events not independent",
    )


def indirect_ratios(
    strata: pd.DataFrame, *, columns: Strata, reference: pd.DataFrame, confidence: float, exact_below: float
) -> pd.DataFrame:
    """Indirectly standardised ratios, observed over expected, one row per group.

    ``reference`` holds the stratum, events and population of the reference under the names in ``columns``. The interval
    is exact where fewer events than ``exact_below`` were observed (the Office for Health Improvement and Disparities
    uses 10), else Byar's. The result has the group, `COLUMNS` and ``expected``; 1 is as expected, ``n`` the population.
    A stratum without a reference, or twice in it, a missing count and a population of zero raise `StatsError`.

    R: ``PHEindicatormethods::calculate_ISRatio``.

    >>> strata = pd.DataFrame({
    ...     "area": ["A", "A"], "age": ["65+", "50–64"], "falls": [60, 20], "people": [800, 1000]})
    >>> reference = pd.DataFrame({"age": ["50–64", "65+"], "falls": [200, 500], "people": [10_000, 8_000]})
    >>> names = Strata(group="area", stratum="age", events="falls", population="people")
    >>> ratios = indirect_ratios(strata, columns=names, reference=reference, confidence=0.95, exact_below=10)
    >>> ratios[["estimate", "lower", "upper", "events", "expected"]].round(4)
       estimate   lower   upper  events  expected
    0    1.1429  0.9062  1.4224    80.0      70.0
    """
    check_columns(reference, [columns.stratum, columns.events, columns.population], frame_name="reference")
    population = as_positive(reference[columns.population], name=f"reference {columns.population!r}")
    rate = as_counts(reference[columns.events], name=f"reference {columns.events!r}") / population
    if np.any(np.isnan(rate)):
        raise StatsError("reference has missing counts; a stratum without a reference rate cannot be standardised")
    rates = pd.Series(rate, index=pd.Index(reference[columns.stratum]))
    rows = _joined(strata, columns=columns, looked_up=rates, frame_name="reference")
    rows = rows.assign(_expected=rows[columns.population] * rows["_weight"])
    totals = _totals(rows, columns, [columns.events, columns.population, "_expected"])
    observed, expected = totals[columns.events].to_numpy(), totals["_expected"].to_numpy()
    if np.any(expected <= 0):
        raise StatsError("reference expects no events in a group; its ratio is not defined, leave that group out")
    lower, upper = count_interval(observed, confidence=confidence, exact_below=exact_below)
    return _tidy(
        totals,
        columns,
        estimate=observed / expected,
        lower=lower / expected,
        upper=upper / expected,
        se=np.sqrt(observed) / expected,
        method=f"exact below {exact_below:g}, else Byar",
    ).assign(expected=expected)


def indirect_rates(
    strata: pd.DataFrame, *, columns: Strata, reference: pd.DataFrame, confidence: float, exact_below: float
) -> pd.DataFrame:
    """Indirectly standardised rates: the ratio of `indirect_ratios` times the crude rate of the reference.

    Arguments and missing values as in `indirect_ratios`; the rate is per unit of population. Raises `StatsError` as in
    `indirect_ratios`.

    R: ``PHEindicatormethods::calculate_ISRate``.

    >>> strata = pd.DataFrame({
    ...     "area": ["A", "A"], "age": ["65+", "50–64"], "falls": [60, 20], "people": [800, 1000]})
    >>> reference = pd.DataFrame({"age": ["50–64", "65+"], "falls": [200, 500], "people": [10_000, 8_000]})
    >>> names = Strata(group="area", stratum="age", events="falls", population="people")
    >>> rates = indirect_rates(strata, columns=names, reference=reference, confidence=0.95, exact_below=10)
    >>> rates[["estimate", "lower", "upper", "events", "reference_rate"]].round(4)
       estimate   lower   upper  events  reference_rate
    0    0.0444  0.0352  0.0553    80.0          0.0389
    """
    ratios = indirect_ratios(
        strata, columns=columns, reference=reference, confidence=confidence, exact_below=exact_below
    )
    crude = float(reference[columns.events].sum() / reference[columns.population].sum())
    scaled = ["estimate", "lower", "upper", "se"]
    return ratios.assign(**{name: ratios[name] * crude for name in scaled}, reference_rate=crude)


def _sum_or_missing(values: pd.Series) -> float:
    return values.sum(skipna=False)


def _with_standard(strata: pd.DataFrame, *, columns: Strata, standard: pd.Series) -> pd.DataFrame:
    """The strata with their standard weight; every group has every stratum of the standard, once, complete."""
    weights = pd.Series(as_positive(standard, name="standard"), index=standard.index)
    if weights.isna().any():
        raise StatsError("standard has missing values; every stratum needs a standard population")
    rows = _joined(strata, columns=columns, looked_up=weights, frame_name="standard")
    size = rows.groupby(columns.group, observed=True).size()
    short = size[size != len(weights)]
    if len(short):
        raise StatsError(
            f"{columns.stratum!r}: {len(short)} group(s), the first {short.index[0]!r}, lack a stratum of the "
            "standard; add the row, with its population, even where there were no events"
        )
    return rows


def _joined(strata: pd.DataFrame, *, columns: Strata, looked_up: pd.Series, frame_name: str) -> pd.DataFrame:
    check_columns(strata, [columns.group, columns.stratum, columns.events, columns.population], frame_name="strata")
    if strata.duplicated([columns.group, columns.stratum]).any():
        raise StatsError(f"strata has a {columns.stratum!r} twice in one {columns.group!r}; add its rows up first")
    if strata[[columns.group, columns.stratum]].isna().any(axis=None):
        raise StatsError(f"strata has rows without {columns.group!r} or {columns.stratum!r}; leave them out, counted")
    if looked_up.index.has_duplicates:
        raise StatsError(f"{frame_name} has a stratum twice; each stratum needs one row")
    known = pd.DataFrame({columns.stratum: looked_up.index.astype(object), "_weight": looked_up.to_numpy()})
    keyed = strata.assign(
        **{
            columns.stratum: strata[columns.stratum].astype(object),
            columns.events: _complete(as_counts(strata[columns.events], name=repr(columns.events)), columns.events),
            columns.population: _complete(
                as_positive(strata[columns.population], name=repr(columns.population)), columns.population
            ),
        }
    )
    rows = keyed.merge(known, on=columns.stratum, how="left", validate="many_to_one")
    unknown = rows.loc[rows["_weight"].isna(), columns.stratum].unique()
    if len(unknown):
        raise StatsError(
            f"{columns.stratum!r}: {frame_name} does not know {unknown[0]!r}; check how strata are written"
        )
    return rows


def _complete(values: np.ndarray, name: str) -> np.ndarray:
    if np.any(np.isnan(values)):
        raise StatsError(f"{name!r} has missing values; fill with 0 where blank means none, else leave the group out")
    return values


def _totals(rows: pd.DataFrame, columns: Strata, summed: Sequence[str]) -> pd.DataFrame:
    return rows.groupby(columns.group, observed=True, as_index=False)[list(summed)].sum()


def _dobson(
    parts: pd.DataFrame, *, columns: Strata, confidence: float, fewest_events: int, method: str
) -> pd.DataFrame:
    totals = _totals(parts, columns, [columns.events, columns.population, "_weight", "_rate", "_variance"])
    events, weight = totals[columns.events].to_numpy(float), totals["_weight"].to_numpy(float)
    rate = totals["_rate"].to_numpy() / weight
    se = np.sqrt(totals["_variance"].to_numpy()) / weight
    lower, upper = byar_interval(events, confidence=confidence)
    # With no events there is no variance to stretch; such a group is always below a sensible fewest_events.
    stretch = se / np.sqrt(np.where(events > 0, events, np.nan))
    shown = events >= fewest_events
    blank = np.where(shown, 1.0, np.nan)
    return _tidy(
        totals,
        columns,
        estimate=rate * blank,
        lower=(rate + stretch * (lower - events)) * blank,
        upper=(rate + stretch * (upper - events)) * blank,
        se=se * blank,
        method=method,
    ).assign(reason=np.where(shown, "", f"fewer than {fewest_events} events"))


def _tidy(totals: pd.DataFrame, columns: Strata, *, method: str, **numbers: np.ndarray) -> pd.DataFrame:
    tidy = totals[[columns.group]].assign(
        **numbers,
        n=totals[columns.population].astype(float),
        events=totals[columns.events].astype(float),
        method=method,
    )
    return tidy[[columns.group, *COLUMNS]]
