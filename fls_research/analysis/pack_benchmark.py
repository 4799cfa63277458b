"""What a place is held against in its pack: the nation, its peers and every service, no finer than packs print them.

A value is kept at the precision at which a pack shows it. So a corrected row in one service leaves, as a rule, what
other services are held against as it was, and their packs need not be made again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.analysis.beside import weekly
from fls_research.analysis.clocks import DONE, LANDMARKS, WAITING, exits
from fls_research.kpi.definitions import headline_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.report import labelled
from fls_research.stats.survival import aalen_johansen, at_times, log_log_interval

FEWEST = 10
"""A service's, or the peers', percentage is kept when it rests on at least this many patients, as where it is shown."""

CURVE_STEPS: dict[str, int] = {"assessment": 90, "treatment": 112}
"""The steps of the pathway whose curves a pack draws, and the day at which each is read: of KPI 4, and of KPI 10."""

BINS = 200
"""A curve of the nation is kept in bins of half a percentage point, each by its middle."""

_CURVE = ["data_year", "step", "dimension", "group"]
CURVE_LABELS: tuple[str, ...] = (*_CURVE, "state", "day")
"""Columns of :func:`nation_curves` that say what a row is."""

PEERS_WORDS = {
    "service": "the other services of its region, taken together",
    "area": "the services of the same region outside the area, taken together",
    "region": "the services of all other regions, taken together",
}
"""Kind of place to who its peers are."""

_COUNTS = ["numerator", "denominator"]


def benchmark(cohort: Any) -> dict[str, pd.DataFrame]:
    """The frames that every place is held against: ``nation``, ``services`` and ``curves``.

    Parameters
    ----------
    cohort : of an edition: ``fractures``, ``params`` and ``caseload(years)``.

    Returns
    -------
    ``nation`` : one row a KPI of the year: its labels, ``proportion`` (to a whole percent), ``n`` (to two significant
        figures).
    ``services`` : a ``counts`` frame of every service in the year, with ``denominator`` to two significant figures and
        ``numerator`` such that the proportion is a whole percent; services with fewer than 10 patients are left out.
    ``curves`` : see :func:`nation_curves`.
    """
    year, lock = cohort.params.year, cohort.params.data_lock
    kpis = kpis_of_places(year)
    found = evaluate(cohort.fractures, cohort.caseload([year]), years=[year], by=["national", "service"], kpis=kpis)
    of_year = cohort.fractures[cohort.fractures["data_year"] == year]
    curves = exits(of_year, steps=tuple(CURVE_STEPS), by=["national"], data_lock=lock)
    national = labelled(found[found["dimension"] == "national"])
    return {
        "nation": _values(national),
        "services": coarse(labelled(found[found["dimension"] == "service"])),
        "curves": nation_curves(curves),
    }


def beside(cohort: Any, places: pd.DataFrame) -> pd.DataFrame:
    """What each place alone is held against: its peers (see :data:`PEERS_WORDS`), itself left out.

    Parameters
    ----------
    cohort : as for :func:`benchmark`.
    places : ``kind``, ``code``, ``area_code`` and ``region_code`` of every place.

    Returns
    -------
    One row a place and KPI that has peers with a value: ``kind``, ``code``, ``data_year``, ``kpi``, ``version``,
    ``number``, ``title``, ``target``, ``proportion`` (to a whole percent), ``n`` (to two significant figures) and
    ``peers`` (services among them with a value).
    """
    year = cohort.params.year
    caseload = cohort.caseload([year])
    counts = evaluate(cohort.fractures, caseload, years=[year], by=["service"], kpis=kpis_of_places(year))
    counts = counts.rename(columns={"group": "service_code"}).merge(
        caseload[["service_code", "area_code", "region_code"]], on="service_code", validate="m:1"
    )
    counts = counts[counts["denominator"] > 0]
    found = [_peers(counts, places[places["kind"] == kind], kind) for kind in PEERS_WORDS]
    together = pd.concat(found, ignore_index=True)
    enough = together[together["denominator"] >= FEWEST].reset_index(drop=True)
    return _values(labelled(enough), also=["kind", "code", "peers"])


def comparators(own_beside: pd.DataFrame, nation: pd.DataFrame) -> pd.DataFrame:
    """What a place is held against, in one table: ``of`` is ``peers`` or ``nation``.

    Parameters
    ----------
    own_beside : the rows of :func:`beside` of one place; none where it has no peers.
    nation : that frame of :func:`benchmark`.

    Returns
    -------
    The columns of both; ``n`` are the patients behind a value. Ready for ``disclosure.release_estimates``.
    """
    peers = own_beside.drop(columns="peers").assign(of="peers")
    return pd.concat([part for part in (peers, nation.assign(of="nation")) if len(part)], ignore_index=True)


BESIDE_LABELS: tuple[str, ...] = ("of", "data_year", "kpi", "version", "number", "title", "target")
"""Columns of :func:`comparators` that say what a row is."""


def kpis_of_places(year: int) -> tuple[str, ...]:
    """The KPIs that a place has a value for: all headline ones but KPI 1, which counts services.

    >>> kpis_of_places(2024)[:2], len(kpis_of_places(2024))
    (('kpi2', 'kpi3'), 10)
    """
    return tuple(record.id for record in headline_for(year) if record.number > 1)


def coarse(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts of services as others may be held against: a whole percent of about so many patients.

    >>> counts = pd.DataFrame({"numerator": [414.0, 3.0], "denominator": [873.0, 9.0]})
    >>> coarse(counts)
       numerator  denominator
    0      408.9        870.0
    """
    shown = counts[counts["denominator"] >= FEWEST].reset_index(drop=True)
    about = two_figures(shown["denominator"])
    # The gate shows a service's share to a tenth of a point, and text rounds that.
    tenths = (shown["numerator"] / shown["denominator"]).round(3)
    percent = whole_percent(tenths, pd.Series(1.0, index=tenths.index))
    kept = shown.drop(columns=["unknown", "not_eligible"], errors="ignore")
    return kept.assign(numerator=np.round(percent * about, 2), denominator=about)


def nation_curves(rows: pd.DataFrame) -> pd.DataFrame:
    """The nation's curves as packs draw them: who had reached each step, in bins of half a percentage point.

    The middle of a bin rounds to the same whole percent as every share in it.

    Parameters
    ----------
    rows : patients by day, as :func:`fls_research.analysis.clocks.exits` counts them, of one group.

    Returns
    -------
    One row a step and shown day (:func:`fls_research.analysis.beside.weekly`): :data:`CURVE_LABELS`, ``proportion``
    (the Aalen–Johansen cumulative incidence of the step, other ends competing) and ``n`` (patients, to two figures).

    >>> rows = pd.DataFrame({"data_year": 2024, "step": "assessment", "dimension": "national", "group": "all",
    ...     "day": [3, 20, 365], "state": ["assessed", "assessed", "waiting"], "patients": [301, 300, 399]})
    >>> found = nation_curves(rows)
    >>> found.loc[found["day"].isin([7, 30]), ["day", "state", "proportion"]].values.tolist()
    [[7, 'assessed', 0.3025], [30, 'assessed', 0.6025]]
    """
    moved = weekly(rows)
    days = np.unique([0, *moved["day"], *LANDMARKS])
    found = []
    for keys, of_curve in moved.groupby(_CURVE, sort=False):
        told = dict(zip(_CURVE, keys, strict=True))
        done = DONE[told["step"]]
        states = list(dict.fromkeys([done, *of_curve["state"], WAITING]))
        incidence = aalen_johansen(
            of_curve["day"],
            pd.Categorical(of_curve["state"], categories=states),
            censored=WAITING,
            confidence=0.95,
            interval=log_log_interval,
            weights=of_curve["patients"],
        )
        read = at_times(incidence[incidence["cause"] == done], days)
        shares = read["estimate"].to_numpy()
        binned = np.where(shares > 0, np.minimum((np.floor(shares * BINS) + 0.5) / BINS, 1.0), 0.0)
        about = two_figures(pd.Series([float(of_curve["patients"].sum())]))[0]
        found.append(pd.DataFrame({"day": days, "state": done, "proportion": binned, "n": about}).assign(**told))
    return pd.concat(found, ignore_index=True)[[*CURVE_LABELS, "proportion", "n"]]


def steps_drawn(own: pd.DataFrame, nation: pd.DataFrame) -> dict[str, int]:
    """The steps that both curves have, with their days: where nobody's treatment was sought there is no such curve.

    >>> steps_drawn(pd.DataFrame({"step": ["assessment"]}), pd.DataFrame({"step": ["assessment", "treatment"]}))
    {'assessment': 90}
    """
    both = set(own["step"]) & set(nation["step"])
    return {step: day for step, day in CURVE_STEPS.items() if step in both}


def two_figures(numbers: pd.Series) -> NDArray[np.float64]:
    """Numbers to two significant figures.

    >>> two_figures(pd.Series([873.0, 12.0, 83461.0])).tolist()
    [870.0, 12.0, 83000.0]
    """
    return np.array([float(f"{number:.2g}") for number in numbers])


def whole_percent(numerator: pd.Series, denominator: pd.Series) -> NDArray[np.float64]:
    """Proportions rounded half up to a whole percent, as text prints them; missing where the denominator is 0.

    >>> whole_percent(pd.Series([685.0, 1.0]), pd.Series([1000.0, 0.0])).tolist()
    [0.69, nan]
    """
    shares = numerator.to_numpy(dtype=float) / denominator.where(denominator > 0).to_numpy(dtype=float)
    # Rounded once more, lest 0.285 be held as a little less.
    return np.floor(np.round(shares * 100, 9) + 0.5) / 100


def _values(counts: pd.DataFrame, *, also: Sequence[str] = ()) -> pd.DataFrame:
    labels = ["data_year", "kpi", "version", "number", "title", "target"]
    kept = counts[counts["denominator"] > 0].reset_index(drop=True)
    values = kept[[*also, *labels]].assign(
        proportion=whole_percent(kept["numerator"], kept["denominator"]), n=two_figures(kept["denominator"])
    )
    return values.sort_values([*also[:2], "number"], kind="stable", ignore_index=True)


def _peers(counts: pd.DataFrame, places: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Sums over the wider place less those of the place itself; the wider place of a region is the nation."""
    keys = ["data_year", "kpi", "version"]
    own_column, wide = {
        "service": ("service_code", ["region_code"]),
        "area": ("area_code", ["region_code"]),
        "region": ("region_code", []),
    }[kind]
    sized = counts.assign(peers=1.0)
    values = [*_COUNTS, "peers"]
    own = sized.groupby([own_column, *keys], observed=True)[values].sum().reset_index()
    whole = sized.groupby([*wide, *keys], observed=True)[values].sum().reset_index()
    asked = places[["code", *wide]].merge(pd.DataFrame({"kpi": counts["kpi"].unique()}), how="cross")
    joined = asked.merge(whole, on=[*wide, "kpi"], validate="m:1").merge(
        own.rename(columns={own_column: "code"}), on=["code", *keys], how="left", suffixes=("", "_own"), validate="1:1"
    )
    less = {name: joined[name] - joined[f"{name}_own"].fillna(0) for name in values}
    return joined[["code", *keys]].assign(kind=kind, **less)
