"""Regions against each other: proportions in which a region's services, and not its patients, are what is few."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fls_research.analysis.design import KEYS, patient_kpis
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.report import labelled
from fls_research.stats.proportions import clustered_proportion

REGION_LABELS: tuple[str, ...] = (*KEYS, "number", "title", "region", "name", "services", "extreme")
"""Columns of :func:`regions` that say what a row is and count no patient."""

REGION_COUNTS: tuple[str, ...] = ("n", "events")
REGION_ESTIMATES: tuple[str, ...] = ("proportion", "lower", "upper", "design_effect")


def regions(
    fractures: pd.DataFrame, *, year: int, confidence: float, kpis: Sequence[str] | None = None
) -> pd.DataFrame:
    """Each patients' KPI in each region (Wales being one), with an interval that rests on the number of services.

    The interval is Student's on the logit scale with services less one degrees of freedom: patients of a service are
    alike, so ten services are closer to ten observations than to ten thousand. A region of one service has none.

    Parameters
    ----------
    fractures : one row per patient record, with ``region_code`` and ``region_name``.
    year : data year.
    confidence : of the intervals.
    kpis : ids of patients' KPIs; all headline ones when not given.

    Returns
    -------
    One row a KPI and region: ``REGION_LABELS`` (``extreme``: ``lowest``, ``highest``, ``only`` or nothing), ``n`` and
    ``events`` (patients), ``proportion``, ``lower``, ``upper``, and ``design_effect`` (how many times the likeness of
    patients within services widens the variance). Below national: release it at that level.

    Cochran WG (1977), Sampling Techniques, 3rd ed, §6.3 and §9A.

    >>> fractures = pd.DataFrame({"data_year": 2024, "service_code": list("AABB"), "region_code": "Y56",
    ...     "region_name": "London", "therapy": ["drug", "declined", "drug", "drug"]})
    >>> regions(fractures, year=2024, confidence=0.95, kpis=["kpi7"])[["name", "services", "n", "proportion"]]
         name  services    n  proportion
    0  London         2  4.0        0.75
    """
    chosen = patient_kpis(year) if kpis is None else tuple(kpis)
    counts = evaluate(fractures, None, years=[year], by=[("region", "service")], kpis=chosen)
    eligible = counts.loc[counts["denominator"] > 0]
    names = fractures.drop_duplicates("region_code").set_index("region_code")["region_name"].astype(object)
    rows = []
    for keys, block in eligible.groupby([*KEYS, "region"], sort=False):
        told = dict(zip([*KEYS, "region"], keys, strict=True))
        rows.append({**told, "name": names.get(told["region"]), **_proportion(block, confidence)})
    table = pd.DataFrame(rows, columns=[*KEYS, "region", "name", "services", *REGION_COUNTS, *REGION_ESTIMATES])
    return labelled(table.assign(extreme=_extremes(table)))[[*REGION_LABELS, *REGION_COUNTS, *REGION_ESTIMATES]]


def _extremes(table: pd.DataFrame) -> pd.Series:
    by_kpi = table["proportion"].groupby([table[name] for name in KEYS])
    extreme = pd.Series("", index=table.index, dtype=object)
    highest, lowest = by_kpi.transform("max"), by_kpi.transform("min")
    extreme[table["proportion"] == highest] = "highest"
    extreme[table["proportion"] == lowest] = "lowest"
    return extreme.where(highest > lowest, "only")


def _proportion(block: pd.DataFrame, confidence: float) -> dict[str, float]:
    n, events = block["denominator"].sum(), block["numerator"].sum()
    told = {"services": len(block), "n": n, "events": events, "proportion": events / n}
    if len(block) < 2:
        return told
    found = clustered_proportion(block["numerator"], block["denominator"], block["service"], confidence=confidence)
    return {**told, "lower": found.lower, "upper": found.upper, "design_effect": found.design_effect}
