"""The KPIs of one place: its counts in the years a pack compares, their colours, and the change between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.analysis.pack_benchmark import kpis_of_places
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.rag import coloured
from fls_research.kpi.report import LABELS, labelled, named_fields
from fls_research.stats.proportions import wilson_interval

PLACE_LABELS: tuple[str, ...] = (*LABELS, "colour")
"""Columns of :func:`place_counts` that say what a row is, beyond those of every ``counts`` frame."""

BACK = 2
"""How many years back a pack looks for change."""

BY_MONTH: tuple[str, ...] = ("kpi4", "kpi6", "kpi7", "kpi10")
"""The KPIs of the run charts: the steps from assessment to treatment."""

IN_FUNNELS: tuple[str, ...] = ("kpi4", "kpi5", "kpi6", "kpi7", "kpi9", "kpi10")
"""The KPIs of the funnels."""

CHANGE_NUMBERS: tuple[str, ...] = ("data_year", "number", "proportion", "before", "difference", "lower", "upper")
"""The columns of numbers of :func:`changes`: shares and differences of shares, made from released ones."""


def place_counts(
    rows: pd.DataFrame, caseload: pd.DataFrame, *, kind: str, code: str, years: Sequence[int]
) -> pd.DataFrame:
    """KPI 2 to 11 of one place in each of some years, ready for release.

    Parameters
    ----------
    rows : one row is one record of the place; for KPI 11 with those of the year before the first.
    caseload : hip fractures of its services, as :func:`fls_research.kpi.evaluate.evaluate` takes them.
    kind, code : what the place is, such as ``service``, and its code; they become ``dimension`` and ``group``.
    years : data years; one without a record is left out.

    Returns
    -------
    A ``counts`` frame with the labels of :data:`PLACE_LABELS`, in the order of years and KPIs. ``colour`` is that of
    the unrounded value, empty where nobody is eligible. A KPI that cannot be counted in a year has no row.
    """
    present = set(rows["data_year"])
    kpis = [(year, kpis_of_places(year)) for year in years if year in present]
    parts = [evaluate(rows, caseload, years=[year], by=["national"], kpis=of_year) for year, of_year in kpis]
    counts = pd.concat(parts, ignore_index=True).assign(dimension=kind, group=code)
    return coloured(labelled(counts)).drop(columns="proportion")


def place_estimates(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts of an area or region as estimates: a share and its Wilson interval (95%), and the patients behind it.

    An area of one service must read as that service does. So its shares are not worked out from rounded counts, but go
    through the gate for estimates, which holds back what rests on few patients and keeps the counts.

    Returns
    -------
    ``counts`` with ``n`` and ``events`` in the place of its numbers, and ``proportion``, ``lower``, ``upper``; no
    interval where more were found than were expected.

    >>> counts = pd.DataFrame({"kpi": ["kpi4"], "numerator": [40.0], "denominator": [80.0], "unknown": 3,
    ...     "not_eligible": 0})
    >>> place_estimates(counts).round(3).values.tolist()
    [['kpi4', 80.0, 40.0, 0.5, 0.393, 0.607]]
    """
    events, n = counts["numerator"], counts["denominator"].where(counts["denominator"] > 0)
    lower, upper = wilson_interval(events.where(events <= n), n, confidence=0.95)
    numbers = ["numerator", "denominator", "unknown", "not_eligible"]
    kept = counts.drop(columns=[name for name in numbers if name in counts])
    return kept.assign(n=counts["denominator"], events=events, proportion=events / n, lower=lower, upper=upper)


ESTIMATES: tuple[str, ...] = ("proportion", "lower", "upper")
ESTIMATE_COUNTS: tuple[str, ...] = ("n", "events")
ESTIMATE_LABELS: tuple[str, ...] = ("data_year", "kpi", "version", "dimension", "group", *PLACE_LABELS)
FIELD_ESTIMATE_LABELS: tuple[str, ...] = (*ESTIMATE_LABELS[:5], "field", "due")
"""Columns of :func:`place_estimates`, by what they are: of KPIs, and of fields."""


def services_of_place(rows: pd.DataFrame, caseload: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The same by service, for one year: a ``counts`` frame with the labels of :data:`PLACE_LABELS`."""
    counts = evaluate(rows, caseload, years=[year], by=["service"], kpis=kpis_of_places(year))
    return coloured(labelled(counts)).drop(columns="proportion")


def records_by_year(rows: pd.DataFrame, *, years: Sequence[int]) -> pd.DataFrame:
    """Records of a place in each of some years that has any: ``data_year`` and ``records``.

    >>> records_by_year(pd.DataFrame({"data_year": [2022, 2024, 2024]}), years=[2022, 2024]).values.tolist()
    [[2022, 1], [2024, 2]]
    """
    sizes = rows.loc[rows["data_year"].isin(years), "data_year"].astype(int).value_counts().sort_index()
    return sizes.rename("records").rename_axis("data_year").reset_index()


def place_fields(counts: pd.DataFrame, *, kind: str, code: str) -> pd.DataFrame:
    """How full the fields of a place are, ready for release.

    Parameters
    ----------
    counts : one row a field, named in ``group``; ``of`` is the data year of the patients counted.
    kind, code : what the place is, and its code.

    Returns
    -------
    A ``counts`` frame of the place in which ``kpi`` is the field's id (for the gate), with the labels ``field`` (in
    words) and ``due`` (for whom it is due). Fields that are due for nobody are left out.

    >>> counts = pd.DataFrame({"data_year": 2024, "of": [2024, 2023], "group": ["dxa_date", "therapy_52"],
    ...     "due": "some", "numerator": 9, "denominator": 10})
    >>> place_fields(counts, kind="service", code="A")["field"].tolist()
    ['Date of DXA', 'Bone therapy at 48–56 weeks (patients of 2023)']
    """
    due = named_fields(counts[counts["denominator"] > 0].reset_index(drop=True))
    earlier = due["of"] != due["data_year"]
    words = due["field"].where(~earlier, due["field"] + " (patients of " + due["of"].astype(str) + ")")
    told = due.assign(kpi=due["group"], version=due["group"], dimension=kind, group=code, field=words)
    columns = ["data_year", "kpi", "version", "dimension", "group", "field", "due", "numerator", "denominator"]
    return told[columns]


FIELD_LABELS: tuple[str, ...] = ("field", "due")
"""Columns of :func:`place_fields` that say what a row is, beyond those of every ``counts`` frame."""


def colour_of_shown(counts: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """The counts with the colour of every row blanked that was not shown: a colour tells of the value behind it.

    Parameters
    ----------
    counts : with the label ``colour``.
    shown : the same rows as they were released, with ``status`` and ``proportion``.

    >>> counts = pd.DataFrame({"kpi": ["kpi4", "kpi5"], "colour": ["Green", "Red"]})
    >>> colour_of_shown(counts, pd.DataFrame({"status": ["shown", "suppressed"], "proportion": [0.9, None]}))
        kpi colour
    0  kpi4  Green
    1  kpi5
    """
    held = shown["proportion"].isna().to_numpy() | shown["status"].ne("shown").to_numpy()
    return counts.assign(colour=counts["colour"].mask(held, ""))


def changes(released: pd.DataFrame, *, year: int, before: int) -> pd.DataFrame:
    """The change of each KPI between two years, from the values as released.

    Parameters
    ----------
    released : released counts of a place with the rows of both years.
    year, before : the data years.

    Returns
    -------
    One row a KPI of the year: ``data_year``, ``kpi``, ``number``, ``title``, ``proportion``, ``before``, ``difference``
    with ``lower`` and ``upper`` (95%; Newcombe's square-and-add of the two Wilson intervals), and ``beyond_chance``
    (``rose``, ``fell`` or nothing). No difference where a value is missing or the definition changed.

    Newcombe RG (1998), Stat Med 17:873–890, method 10, which needs no more than the two intervals.

    >>> released = pd.DataFrame({"data_year": [2022, 2024], "kpi": "kpi4", "version": "kpi4.2016", "number": 4,
    ...     "title": "Assessed", "proportion": [0.6, 0.8], "lower": [0.4905, 0.6923], "upper": [0.7003, 0.8771]})
    >>> found = changes(released, year=2024, before=2022)
    >>> found[["difference", "lower", "upper"]].round(3).iloc[0].tolist(), found["beyond_chance"].tolist()
    ([0.2, 0.053, 0.334], ['rose'])
    """
    now = released[released["data_year"] == year]
    keys = ["kpi", "version"]
    values = ["proportion", "lower", "upper"]
    then = released.loc[released["data_year"] == before, [*keys, *values]]
    both = now[["data_year", "number", "title", *keys, *values]].merge(
        then, on=keys, how="left", suffixes=("", "_before"), validate="1:1"
    )
    up = np.hypot(both["upper"] - both["proportion"], both["proportion_before"] - both["lower_before"])
    down = np.hypot(both["proportion"] - both["lower"], both["upper_before"] - both["proportion_before"])
    difference = both["proportion"] - both["proportion_before"]
    lower, upper = difference - down, difference + up
    moved = np.select([(lower > 0).to_numpy(), (upper < 0).to_numpy()], ["rose", "fell"], default="")
    told = both[["data_year", "kpi", "number", "title", "proportion"]]
    return told.assign(
        before=both["proportion_before"], difference=difference, lower=lower, upper=upper, beyond_chance=moved
    )
