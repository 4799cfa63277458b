"""Deprivation along all five groups: slope and relative index, and how much of the gap lies between services."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from fls_research.analysis.adjustment import CLUSTER
from fls_research.analysis.comparisons import MOST_DEPRIVED, NOT_KNOWN
from fls_research.analysis.design import KEYS
from fls_research.kpi.report import labelled
from fls_research.stats.inequality import LOGIT_LINK, clustered_slope_indices, gap_between_and_within
from fls_research.stats.results import Estimate, StatsError

QUINTILE = MOST_DEPRIVED.column
_MOST, _LEAST = MOST_DEPRIVED.level, MOST_DEPRIVED.references[0]

SLOPE_LABELS: tuple[str, ...] = (*KEYS, "number", "title")
"""Columns of both tables that say what a row is and count nobody."""

SLOPE_COUNTS: tuple[str, ...] = ("n", "events")
"""Columns of both tables that count patients."""

SLOPE_ESTIMATES: tuple[str, ...] = ("sii", "sii_lower", "sii_upper", "rii", "rii_lower", "rii_upper", "sii_points")
"""Columns of :func:`slopes` that are estimates."""

SERVICE_ESTIMATES: tuple[str, ...] = (
    *(f"{part}{end}" for part in ("total", "within", "between") for end in ("", "_lower", "_upper")),
    *(f"{part}_points" for part in ("total", "within", "between")),
    "share_between",
)
"""Columns of :func:`service_parts` that are estimates."""


def slopes(patterns: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """The slope and relative index of inequality of every KPI and year over the five deprivation groups.

    A line on the logit scale through all patients whose quintile is known, by their rank within their nation, with
    errors robust between services. The indices are of the most deprived end of the line against the least deprived:
    a negative slope index and a relative index below 1 say that the most deprived have less.

    Parameters
    ----------
    patterns : what :func:`fls_research.analysis.design.covariate_patterns` returned.
    confidence : of the intervals, such as 0.95.

    Returns
    -------
    One row a KPI and year: ``SLOPE_LABELS``, ``n`` and ``events`` (quintile known), ``sii`` (a difference of
    proportions) and ``rii`` (a ratio), each with ``_lower`` and ``_upper``, and ``sii_points``. What has no answer is
    missing.

    Moreno-Betancur M, et al (2015), Epidemiology 26:518–527.

    >>> patterns = pd.DataFrame({"data_year": 2024, "kpi": "kpi7", "version": "kpi7.2016", "service": list("aabb"),
    ...     "imd_quintile": ["1", "5"] * 2, "n": 50.0, "events": [20.0, 30.0, 25.0, 40.0]})
    >>> slopes(patterns, confidence=0.95)[["kpi", "n", "sii", "rii"]].round(2)
        kpi      n   sii   rii
    0  kpi7  200.0 -0.47  0.41
    """
    return _of_each_kpi(patterns, SLOPE_ESTIMATES, lambda known: _slopes_of_kpi(known, confidence))


def service_parts(patterns: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """The gap between the most and the least deprived fifth, split into what lies within and between services.

    ``within`` is the part of the crude gap that would remain if both groups attended the same services; ``between``
    the part that comes of their attending different ones (Kitagawa's split). ``share_between`` is ``between`` over
    the whole, and missing where the whole cannot be told from nought; it is negative where the two pull in opposite
    directions. Intervals take which service serves whom as known, and patients as independent given their service.

    Parameters
    ----------
    patterns : what :func:`fls_research.analysis.design.covariate_patterns` returned.
    confidence : of the intervals.

    Returns
    -------
    One row a KPI and year: ``SLOPE_LABELS``, ``n`` and ``events`` (quintile known), and ``SERVICE_ESTIMATES``;
    differences are of the most deprived less the least. What has no answer is missing.

    Kitagawa EM (1955), J Am Stat Assoc 50:1168–1194.

    >>> patterns = pd.DataFrame({"data_year": 2024, "kpi": "kpi7", "version": "kpi7.2016", "service": list("aabb"),
    ...     "imd_quintile": ["1", "5"] * 2, "n": [100.0, 50.0, 50.0, 200.0], "events": [30.0, 18.0, 40.0, 160.0]})
    >>> parts = service_parts(patterns, confidence=0.95)
    >>> parts[["total_points", "within_points", "between_points", "share_between"]].round(2)
       total_points  within_points  between_points  share_between
    0        -24.53           -2.6          -21.93           0.89
    """
    return _of_each_kpi(patterns, SERVICE_ESTIMATES, lambda known: _parts_of_kpi(known, confidence))


def _of_each_kpi(
    patterns: pd.DataFrame, estimates: Sequence[str], answer: Callable[[pd.DataFrame], dict[str, float]]
) -> pd.DataFrame:
    """One row of estimates a KPI and year, from the patients whose quintile is known."""
    rows = []
    for keys, of_kpi in patterns.groupby(list(KEYS), sort=False):
        known = of_kpi.loc[of_kpi[QUINTILE] != NOT_KNOWN]
        counted = {"n": known["n"].sum(), "events": known["events"].sum()}
        rows.append({**dict(zip(KEYS, keys, strict=True)), **counted, **answer(known)})
    table = pd.DataFrame(rows, columns=[*KEYS, *SLOPE_COUNTS, *estimates])
    table = table.astype({name: float for name in (*SLOPE_COUNTS, *estimates)})
    return labelled(table)[[*SLOPE_LABELS, *SLOPE_COUNTS, *estimates]]


def _slopes_of_kpi(known: pd.DataFrame, confidence: float) -> dict[str, float]:
    cells = known.groupby([CLUSTER, QUINTILE], as_index=False)[["n", "events"]].sum()
    try:
        found = clustered_slope_indices(
            cells["events"],
            cells["n"],
            -cells[QUINTILE].astype(int),  # the least deprived first, so that every gap has the same sign
            cells[CLUSTER],
            link=LOGIT_LINK,
            confidence=confidence,
        )
    except StatsError:
        return {}
    return {**_told("sii", found.sii), **_told("rii", found.rii), "sii_points": 100 * found.sii.estimate}


def _parts_of_kpi(known: pd.DataFrame, confidence: float) -> dict[str, float]:
    cells = known.pivot_table(index=CLUSTER, columns=QUINTILE, values=["n", "events"], aggfunc="sum", fill_value=0.0)
    wanted = [(kind, fifth) for fifth in (_MOST, _LEAST) for kind in ("events", "n")]
    counts = cells.reindex(columns=pd.MultiIndex.from_tuples(wanted), fill_value=0.0)
    try:
        parts = gap_between_and_within(*(counts[column] for column in wanted), confidence=confidence)
    except StatsError:
        return {}
    total, between = parts.total, parts.between
    told = {f"{name}_points": 100 * getattr(parts, name).estimate for name in ("total", "within", "between")}
    clear = total.lower > 0 or total.upper < 0
    told["share_between"] = between.estimate / total.estimate if clear else np.nan
    return {**_told("total", total), **_told("within", parts.within), **_told("between", between), **told}


def _told(name: str, estimate: Estimate) -> dict[str, float]:
    return {name: estimate.estimate, f"{name}_lower": estimate.lower, f"{name}_upper": estimate.upper}
