"""Missed opportunity of one place: who would have been found, recommended treatment and kept on it, less who was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from fls_research.kpi.definitions import record_for
from fls_research.kpi.evaluate import evaluate

STEP_LABELS: tuple[str, ...] = ("data_year", "step", "title", "share", "wanted")
"""Columns of :func:`missed` that say what a row is: ``wanted`` is worked out from the caseload and counts nobody."""

STEP_COUNTS: tuple[str, ...] = ("patients", "fewest")
"""The counts: where either is small, the gate holds the step back."""

STEPS: dict[str, str] = {
    "identified": "Found by the service",
    "recommended": "Recommended bone treatment (KPI 7)",
    "treated": "On treatment at 16 weeks (KPI 10)",
}
"""The steps and their words, in order."""

EXPECTED_NUMBERS: tuple[str, ...] = ("expected", "hip_fractures", "services")
"""The columns of :func:`expected`: a caseload, which no patient stands behind."""

_ROUND_TO = 5
_FEW_SERVICES = 5


def missed(
    rows: pd.DataFrame,
    caseload: pd.DataFrame,
    *,
    year: int,
    shares: Sequence[float],
    kpis: Sequence[str] = ("kpi7", "kpi10"),
) -> pd.DataFrame:
    """The steps from the expected caseload to patients on treatment: how many there would be, and how many there were.

    Of the fractures expected of the place's services (rule of five, as KPI 2 and 3 reckon it), a first share would be
    found, a second share of these recommended treatment, and a third of those on it 16 weeks after the fracture. This
    is this project's reading of the audit's 80/50/80 model, for which no formula was found.

    Parameters
    ----------
    rows : one row is one record of the place.
    caseload : hip fractures of its services by year.
    year : data year.
    shares : the three shares, between 0 and 1.
    kpis : the KPIs that count who was recommended treatment, and who was on it.

    Returns
    -------
    One row a step (``identified``, ``recommended``, ``treated``): ``data_year``, ``step``, ``title``, ``share`` (of the
    step before), ``wanted`` (to the nearest five; missing where no service has a caseload) and ``patients``: the
    records of the year, those with KPI 7 met, and those with KPI 10 met; of services whose caseload is known.
    ``fewest`` is the same of the service that has fewest, where the place has fewer than five: of so few, a small one
    could be worked out from the packs of the others.

    What is missed is ``wanted`` less ``patients`` of the last step, and never below zero. It is worked out where it is
    printed, from released numbers. A caseload is no list of patients: nobody can say who was missed.

    >>> rows = pd.DataFrame({"data_year": 2024, "service_code": "A", "therapy": ["drug", "drug", "declined"]})
    >>> hips = pd.DataFrame({"data_year": [2024], "service_code": ["A"], "hip_fractures": [400]})
    >>> found = missed(rows, hips, year=2024, shares=(0.8, 0.5), kpis=["kpi7"])
    >>> found[["step", "wanted", "patients"]].values.tolist()
    [['identified', 1505.0, 3.0], ['recommended', 750.0, 2.0]]
    """
    hips = caseload.loc[caseload["data_year"] == year].set_index("service_code")["hip_fractures"].dropna()
    counted = rows[(rows["data_year"] == year) & rows["service_code"].astype(str).isin(set(hips.index))]
    present = hips[hips.index.isin(set(counted["service_code"].astype(str)))]
    by_step = _by_service(counted, year, kpis)
    told, wanted = [], _expected(float(present.sum()), year)
    for (step, title), share, patients in zip(STEPS.items(), shares, by_step, strict=False):
        wanted *= share
        fewest = patients.min() if 1 < len(patients) < _FEW_SERVICES else patients.sum()
        numbers = {"wanted": wanted, "patients": float(patients.sum()), "fewest": float(fewest)}
        told.append({"step": step, "title": title, "share": share, **numbers})
    table = pd.DataFrame(told).assign(data_year=year)
    whole = table["wanted"].map(_to_five) if len(present) else float("nan")
    return table.assign(wanted=whole)[[*STEP_LABELS, *STEP_COUNTS]]


def _by_service(rows: pd.DataFrame, year: int, kpis: Sequence[str]) -> list[pd.Series]:
    """Records by service, and those with each KPI met."""
    if rows.empty:
        return [pd.Series(dtype=float)] * (1 + len(kpis))
    counts = evaluate(rows, None, years=[year], by=["service"], kpis=kpis)
    met = [counts.loc[counts["kpi"] == kpi].set_index("group")["numerator"] for kpi in kpis]
    return [rows["service_code"].astype(str).value_counts().astype(float), *met]


def expected(caseload: pd.DataFrame, *, year: int, services: Iterable[str]) -> pd.DataFrame:
    """The fractures expected of services in a year, in one row.

    Returns ``expected`` (to the nearest five; missing where no caseload is known), ``hip_fractures`` and ``services``
    (those with a caseload).

    >>> caseload = pd.DataFrame({"data_year": 2024, "service_code": ["A", "B"], "hip_fractures": [400, 100]})
    >>> expected(caseload, year=2024, services=["A"]).values.tolist()
    [[1880.0, 400.0, 1.0]]
    """
    of_year = caseload[(caseload["data_year"] == year) & caseload["service_code"].isin(list(services))]
    hips = of_year["hip_fractures"].dropna()
    number = _to_five(_expected(float(hips.sum()), year)) if len(hips) else float("nan")
    return pd.DataFrame([{"expected": number, "hip_fractures": float(hips.sum()), "services": float(len(hips))}])


def _expected(hips: float, year: int) -> float:
    measure = record_for("kpi2", year).measure
    return hips * measure.multiplier * (1 - measure.opt_out)


def _to_five(number: float) -> float:
    return round(number / _ROUND_TO) * float(_ROUND_TO)
