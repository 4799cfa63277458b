"""KPIs month by month: the counts that a run chart of one place is made from, and what its rules say of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from fls_research.analysis.design import KEYS, patient_kpis
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.groups import NOT_KNOWN
from fls_research.kpi.report import LABELS, labelled
from fls_research.kpi.tally import NUMBERS
from fls_research.stats.trend import run_chart
from fls_research.stats.trend.runs import run_lengths

MONTHLY_LABELS: tuple[str, ...] = LABELS
"""Columns of :func:`monthly` that say what a row is, beyond those of every ``counts`` frame."""

SIGNAL_NUMBERS: tuple[str, ...] = (
    "centre",
    "periods",
    "held_back",
    "useful",
    "longest_run",
    "longest_run_max",
    "crossings",
    "crossings_min",
)
"""The numeric columns of :func:`signals`: a proportion, and numbers of months; they count no patient."""

FEWEST = 10
"""Patients who met a KPI, and who did not, from which a month is taken to speak for itself."""

FEWEST_BASELINE = 8
FEWEST_USEFUL = 10
"""Periods that a baseline, and the rules, need at least; below about ten the rules have little power (Anhøj 2014)."""

USEFUL_SHARE = 2 / 3
"""Share of periods off the median below which runs and crossings mean little: rounded counts put many on it."""

TREND_POINTS = 7

_MONTH, _QUARTER = "month", "quarter"
_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def monthly(
    fractures: pd.DataFrame, *, years: Sequence[int], kpis: Sequence[str] | None = None, fewest: int = FEWEST
) -> pd.DataFrame:
    """The counts of patients' KPIs by month of fracture, every month of the years in its place.

    A KPI is counted by quarter instead where fewer than half of its months have ``fewest`` patients on both sides (met
    and not met), because most of such months could not be shown. Years before the present version of a definition are
    left out, so that a step of the chart is never a change of rules. KPI 11 of a year speaks of the months before it.

    Parameters
    ----------
    fractures : one row per patient record of one place; for KPI 11 with the records of the year before.
    years : data years, one after the other.
    kpis : ids of patients' KPIs; all headline ones when not given.

    Returns
    -------
    A ``counts`` frame with the labels of :data:`MONTHLY_LABELS`; ``dimension`` is ``month`` or ``quarter``, ``group``
    such as ``2024-03`` or ``2024-Q1``. A month without records has a denominator of 0. Release it as patient groups
    below national level: the numbers of one place's months are small.

    >>> fractures = pd.DataFrame({"data_year": 2024, "index_date": pd.to_datetime(["2024-02-01", "2024-02-09"]),
    ...     "therapy": ["drug", "declined"]})
    >>> counts = monthly(fractures, years=[2024], kpis=["kpi7"], fewest=0)
    >>> counts.loc[:2, ["dimension", "group", "numerator", "denominator"]]
      dimension    group  numerator  denominator
    0     month  2024-01        0.0          0.0
    1     month  2024-02        1.0          2.0
    2     month  2024-03        0.0          0.0
    """
    chosen = patient_kpis(max(years)) if kpis is None else tuple(kpis)
    counts = evaluate(fractures, None, years=sorted(years), by=[_MONTH], kpis=chosen)
    counts = counts.loc[counts["group"] != NOT_KNOWN]
    present = counts.loc[counts["version"] == counts.groupby("kpi", sort=False)["version"].transform("last")]
    months = _every_month(present)
    not_met = months["denominator"] - months["numerator"]
    speaks = (months["numerator"] >= fewest) & (not_met >= fewest)
    by_month = speaks.groupby(months["kpi"]).transform("mean") >= 0.5
    series = pd.concat([months.loc[by_month], _quarters(months.loc[~by_month])], ignore_index=True)
    return labelled(series.sort_values("kpi", key=_order_of(chosen), kind="stable", ignore_index=True))


def signals(released: pd.DataFrame, *, trend_points: int = TREND_POINTS) -> pd.DataFrame:
    """What the run-chart rules say of each KPI, worked out from the months as they were released.

    The centre is the median of the months before the latest data year (of all months where these are fewer than
    eight). A shift is a longer run on one side of it than chance allows; few crossings are the other rule of Anhøj.

    Parameters
    ----------
    released : the frame of the released counts of :func:`monthly`; a month that is not shown has no proportion.

    Returns
    -------
    One row a KPI: ``kpi``, ``title``, ``period`` (``month`` or ``quarter``), the numbers of :data:`SIGNAL_NUMBERS`
    (``periods`` are shown, ``held_back`` suppressed), ``baseline`` (in words), ``signal`` (``shift up``,
    ``shift down``, ``few crossings``, ``none``, ``too few``), ``first`` and ``last`` (the groups between which the
    latest shift lies, else blank) and ``reading`` (a sentence). It counts nobody: release it as a reference.

    Anhøj J, Olesen AV (2014), PLoS ONE 9:e113825.

    >>> months = pd.DataFrame({"data_year": [2023] * 12 + [2024] * 12, "kpi": "kpi4", "title": "Assessed",
    ...     "dimension": "month", "group": [f"{y}-{m:02}" for y in (2023, 2024) for m in range(1, 13)],
    ...     "proportion": [0.5, 0.6] * 6 + [0.7] * 12, "status": "shown"})
    >>> found = signals(months)
    >>> found[["centre", "longest_run", "longest_run_max", "signal"]].values.tolist()
    [[0.55, 13, 8, 'shift up']]
    >>> found["reading"].item()
    'Shift up: 13 months running above the median, Dec 2023 to Dec 2024.'
    """
    parts = [_signal(part.reset_index(drop=True), trend_points) for _, part in released.groupby("kpi", sort=False)]
    columns = ("kpi", "title", "period", *SIGNAL_NUMBERS, "baseline", "signal", "first", "last", "reading")
    return pd.DataFrame(parts, columns=list(columns))


def period_words(group: str) -> str:
    """A month or a quarter as it is printed.

    >>> period_words("2024-03"), period_words("2024-Q1")
    ('Mar 2024', 'Q1 2024')
    """
    year, _, part = group.partition("-")
    return f"{part if part.startswith('Q') else _SHORT[int(part) - 1]} {year}"


def _order_of(kpis: Sequence[str]) -> Callable[[pd.Series], pd.Series]:
    places = {kpi: place for place, kpi in enumerate(kpis)}
    return lambda ids: ids.map(places)


def _every_month(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts with a row for every month of each year that is there, zeros where there was no record."""
    year = counts["group"].str[:4]
    told = counts[[*KEYS, "dimension"]].assign(year=year).drop_duplicates().sort_values(["kpi", "year"], kind="stable")
    whole = told.loc[told.index.repeat(12)].reset_index(drop=True)
    month = pd.Series(np.tile(np.arange(1, 13), len(told)), dtype=object).map("{:02}".format)
    whole = whole.assign(group=whole.pop("year") + "-" + month)
    filled = whole.merge(counts, on=list(whole.columns), how="left", validate="1:1")
    return filled.assign(**{name: filled[name].fillna(0) for name in NUMBERS})[counts.columns]


def _quarters(months: pd.DataFrame) -> pd.DataFrame:
    number = (months["group"].str[5:].astype(int) - 1) // 3 + 1
    named = months.assign(group=months["group"].str[:4] + "-Q" + number.astype(str), dimension=_QUARTER)
    return named.groupby([*KEYS, "dimension", "group"], sort=False, as_index=False)[list(NUMBERS)].sum()


def _signal(rows: pd.DataFrame, trend_points: int) -> dict[str, object]:
    values = rows["proportion"].to_numpy(dtype=float)
    shown = ~np.isnan(values)
    before = shown & (rows["data_year"] < rows["data_year"].max()).to_numpy()
    base = before if before.sum() >= FEWEST_BASELINE else shown
    told: dict[str, object] = {
        "kpi": rows["kpi"].iloc[0],
        "title": rows["title"].iloc[0],
        "period": rows["dimension"].iloc[0],
        "centre": float(np.median(values[base])) if base.any() else np.nan,
        "periods": int(shown.sum()),
        "held_back": int((rows["status"] == "suppressed").sum()),
        "baseline": _between(rows["group"][base]) if base.any() else "",
        "first": "",
        "last": "",
    }
    if not base.any():
        nothing = dict.fromkeys(("useful", "longest_run", "longest_run_max", "crossings", "crossings_min"), 0)
        return told | nothing | {"signal": "too few", "reading": f"No {told['period']} can be shown."}
    chart = run_chart(values, centre=told["centre"], trend_points=trend_points)
    told |= {
        "useful": chart.n_useful,
        "longest_run": chart.longest_run,
        "longest_run_max": chart.longest_run_max,
        "crossings": chart.n_crossings,
        "crossings_min": chart.n_crossings_min,
    }
    return told | _reading(told, rows["group"].to_numpy(), np.sign(values - told["centre"]))


def _reading(told: Mapping, groups: np.ndarray, side: np.ndarray) -> dict[str, object]:
    periods = f"{told['period']}s"
    if told["periods"] < FEWEST_USEFUL:
        return {"signal": "too few", "reading": f"Too few {periods} for the rules, which need {FEWEST_USEFUL}."}
    tied = {"signal": "too few", "reading": f"Too many {periods} lie on the median for the rules."}
    if told["useful"] < FEWEST_USEFUL:
        return tied
    shift = _latest_shift(side, told["longest_run_max"])
    if shift is not None:
        first, last = groups[shift[0]], groups[shift[-1]]
        direction, where = ("up", "above") if side[shift[-1]] > 0 else ("down", "below")
        words = f"Shift {direction}: {len(shift)} {periods} running {where} the median, {_between([first, last])}."
        return {"signal": f"shift {direction}", "first": first, "last": last, "reading": words}
    if told["useful"] < told["periods"] * USEFUL_SHARE:
        return tied
    if told["crossings"] < told["crossings_min"]:
        words = f"Signal: crosses the median {told['crossings']} times; chance gives at least {told['crossings_min']}."
        return {"signal": "few crossings", "reading": words}
    return {"signal": "none", "reading": f"No signal: the {periods} vary as chance allows."}


def _latest_shift(side: np.ndarray, longest_by_chance: int) -> np.ndarray | None:
    """The places of the latest run beyond chance, the one a service asks about; none where it is mostly on the median.

    The rules step over periods on the median, so that a run may hold more of those than of its own.
    """
    useful = np.flatnonzero(~np.isnan(side) & (side != 0))
    lengths = run_lengths(side[useful])
    beyond = np.flatnonzero(lengths > longest_by_chance)
    if not len(beyond):
        return None
    run = useful[beyond[-1] - lengths[beyond[-1]] + 1 : beyond[-1] + 1]
    shown = np.count_nonzero(~np.isnan(side[run[0] : run[-1] + 1]))
    return run if len(run) >= shown * USEFUL_SHARE else None


def _between(groups: Sequence[str]) -> str:
    ordered = list(groups)
    if ordered[0] == ordered[-1]:
        return period_words(ordered[0])
    return f"{period_words(ordered[0])} to {period_words(ordered[-1])}"
