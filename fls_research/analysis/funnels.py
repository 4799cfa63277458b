"""Where a place stands among all services: funnels of several KPIs, with limits that allow for ordinary variation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.analysis.design import KEYS
from fls_research.kpi.definitions import record_for
from fls_research.kpi.records import Patients
from fls_research.kpi.report import LABELS
from fls_research.stats.variation import Bands, Funnel, arcsine_funnel, pooled_target

FUNNEL_LABELS: tuple[str, ...] = (*KEYS, *LABELS, "service", "own")
FUNNEL_COUNTS: tuple[str, ...] = ("n", "events")
FUNNEL_ESTIMATES: tuple[str, ...] = ("proportion", "z", "lower_alarm", "lower_alert", "upper_alert", "upper_alarm")
"""Columns of :attr:`Funnels.positions`, by what they are; ``reading`` is words, hidden with its row."""

LIMIT_NUMBERS: tuple[str, ...] = (
    *KEYS[:1],
    "number",
    "size",
    "average",
    "services",
    "phi",
    "tau2",
    "lower_alarm",
    "lower_alert",
    "upper_alert",
    "upper_alarm",
)
"""The numeric columns of :attr:`Funnels.limits`: they speak of all services and count no patient."""

FEWEST = 10
"""Patients from which a service's percentage is public in this audit, and so judged."""

TRIM = 0.1
_BANDS = Bands(alert=0.95, alarm=0.998, fewest=FEWEST)
_SIZES = 40

READINGS: dict[str, str] = {
    "within": "within the expected range",
    "alert low": "lower than expected (alert)",
    "alarm low": "lower than expected (alarm)",
    "alert high": "higher than expected (alert)",
    "alarm high": "higher than expected (alarm)",
    "not judged": "not judged, too few patients",
}
"""The status of a service in plain words. An alarm is a reason to look, and no verdict."""


@dataclass(frozen=True, eq=False)
class Funnels:
    """What funnels are drawn and told from, ready for release.

    ``positions`` has a row a KPI and service: :data:`FUNNEL_LABELS` (``own`` is the printed name of a place that is
    brought out, else blank), ``n`` and ``events`` (patients; release them), :data:`FUNNEL_ESTIMATES` and ``reading``.
    ``limits`` has a row a KPI and size, from the smallest to the largest service: ``size``, the four limits, and beside
    them ``average``, ``services``, ``phi`` and ``tau2`` of the KPI.
    """

    positions: pd.DataFrame
    limits: pd.DataFrame


def funnels(counts: pd.DataFrame, *, own: Mapping[str, str], kpis: Sequence[str] | None = None) -> Funnels:
    """The funnel of each KPI over all services, and where the places of ``own`` stand in it.

    The centre is the average of all services together. Limits are those of the arcsine scale with an additive variance
    between services, after the most extreme tenth at each end is drawn in: alert at 95%, alarm at 99.8%. Services with
    fewer than ten patients are left out.

    Parameters
    ----------
    counts : a ``counts`` frame of one data year, one row a KPI and service (``dimension`` is ``service``) of every
        service there is; counts may be rounded.
    own : code of a service to its printed name, for those that are brought out.
    kpis : ids of patients' KPIs, in the order of the panels; all those of ``counts`` when not given. KPI 2 and 3, over
        an expected caseload, have no funnel of proportions and are left out. So is a KPI that all services met for
        everybody, or for nobody: it has no variation.

    Spiegelhalter DJ (2005), Qual Saf Health Care 14:347–351.

    >>> counts = pd.DataFrame({"data_year": 2024, "kpi": "kpi4", "version": "kpi4.2016", "dimension": "service",
    ...     "group": list("ABCDE"), "numerator": [60.0, 75.0, 90.0, 70.0, 82.0], "denominator": 100.0})
    >>> found = funnels(counts, own={"C": "City"})
    >>> found.positions.loc[2, ["own", "reading"]].tolist()
    ['City', 'within the expected range']
    >>> found.limits[["size", "lower_alert", "upper_alert"]].iloc[0].round(3).tolist()
    [100.0, 0.551, 0.911]
    """
    services = counts.loc[(counts["dimension"] == "service") & (counts["denominator"] >= FEWEST)]
    positions, limits = [], []
    for kpi in kpis if kpis is not None else services["kpi"].drop_duplicates():
        of_kpi = services.loc[services["kpi"] == kpi]
        record = None if of_kpi.empty else record_for(kpi, int(of_kpi["data_year"].iloc[0]))
        if record is None or not isinstance(record.measure, Patients):
            continue
        numerator, denominator = of_kpi["numerator"].to_numpy(float), of_kpi["denominator"].to_numpy(float)
        average = pooled_target(numerator, denominator)
        if not 0 < average < 1:
            continue
        funnel = arcsine_funnel(numerator, denominator, target=average, bands=_BANDS, trim=TRIM)
        told = {
            "data_year": of_kpi["data_year"].iloc[0],
            "kpi": kpi,
            "version": record.version,
            "number": record.number,
            "title": record.title,
            "target": np.nan if record.target is None else record.target,
        }
        positions.append(told | _position(of_kpi["group"].to_numpy(object), funnel, own))
        limits.append(told | _limit(funnel))
    return Funnels(
        positions=_table(positions, (*FUNNEL_LABELS, *FUNNEL_COUNTS, *FUNNEL_ESTIMATES, "reading")),
        limits=_table(limits, (*KEYS, "number", "title", *LIMIT_NUMBERS[2:])),
    )


def _position(services: np.ndarray, funnel: Funnel, own: Mapping[str, str]) -> dict[str, object]:
    found = {name: column.to_numpy() for name, column in funnel.services.items()}
    return {
        "service": services.astype(str).astype(object),
        "own": np.array([own.get(code, "") for code in services], dtype=object),
        "n": found["n"],
        "events": found["events"],
        "proportion": found["estimate"],
        "z": found["z_adjusted"],
        **{name: found[name] for name in FUNNEL_ESTIMATES[2:]},
        "reading": np.array([READINGS[status] for status in found["status"]], dtype=object),
    }


def _limit(funnel: Funnel) -> dict[str, object]:
    smallest, largest = funnel.services["n"].min(), funnel.services["n"].max()
    # Limits bend most where services are small: even steps of 1/sqrt(n) put the places there.
    sizes = 1 / np.linspace(smallest**-0.5, largest**-0.5, _SIZES) ** 2
    alert, alarm = funnel.limits(sizes, _BANDS.alert), funnel.limits(sizes, _BANDS.alarm)
    return {
        "size": sizes,
        "average": funnel.target,
        "services": len(funnel.services),
        "phi": funnel.dispersion.phi,
        "tau2": funnel.tau2,
        "lower_alarm": alarm.lower,
        "lower_alert": alert.lower,
        "upper_alert": alert.upper,
        "upper_alarm": alarm.upper,
    }


def _table(parts: Sequence[Mapping[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    """One frame of blocks; what a block holds once stands in each of its rows."""
    lengths = [max(np.size(held) for held in part.values()) for part in parts]
    whole = {
        name: np.concatenate([np.broadcast_to(part[name], length) for part, length in zip(parts, lengths, strict=True)])
        for name in (columns if parts else ())
    }
    return pd.DataFrame(whole, columns=list(columns))
