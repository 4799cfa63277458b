"""Red, amber and green: the colour of a proportion, and how many services stand at each."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.kpi.definitions import record_for
from fls_research.kpi.records import Kpi

COLOURS: tuple[str, ...] = ("Green", "Amber", "Red")
"""Every colour, best first. KPI 7 has no amber."""


def rag(proportion: float, record: Kpi) -> str:
    """The colour of one UNROUNDED proportion, by the record's half-open cut points; empty where it is missing.

    Source of the cut points: legend of the audit's benchmark tables; the half-open reading is this project's, because
    the legend leaves holes (between 79 and 80, and so on).

    >>> from fls_research.kpi.definitions import record_for
    >>> rag(0.7999, record_for("kpi4", 2024)), rag(0.8, record_for("kpi4", 2024)), rag(0.2, record_for("kpi3", 2024))
    ('Amber', 'Green', 'Green')
    >>> rag(float("nan"), record_for("kpi4", 2024))
    ''
    """
    return str(colours_of(np.array([proportion], dtype=float), record)[0])


def colours_of(proportions: NDArray[np.float64], record: Kpi) -> NDArray[np.object_]:
    """The colour of each proportion (see :func:`rag`); a proportion above 1 is coloured like any other."""
    names = np.array(["", *(colour.name for colour in record.colours.colours)], dtype=object)
    places = np.searchsorted(record.colours.edges, proportions, side="right")
    return names[np.where(np.isnan(proportions), 0, places)]


def coloured(counts: pd.DataFrame) -> pd.DataFrame:
    """The counts with two more columns: ``proportion`` (missing where the denominator is 0) and ``colour``."""
    proportions = _proportions(counts)
    return counts.assign(proportion=proportions, colour=_colours(counts, proportions))


def colour_if_rounded_first(counts: pd.DataFrame) -> pd.DataFrame:
    """The services whose colour would change if their value were rounded to a whole percentage before it is judged.

    Halves are rounded up. The result has ``data_year``, ``kpi``, ``group`` (the service), ``proportion``, ``colour``
    and ``colour_if_rounded``, in the order of ``counts``; of ``counts`` only the dimension ``service`` is read.

    >>> counts = pd.DataFrame({"data_year": 2024, "kpi": "kpi4", "dimension": "service", "group": ["OLD", "NEW"],
    ...     "numerator": [398.0, 400.0], "denominator": [500.0, 500.0]})
    >>> colour_if_rounded_first(counts)[["group", "proportion", "colour", "colour_if_rounded"]]
      group  proportion colour colour_if_rounded
    0   OLD       0.796  Amber             Green
    """
    services = coloured(_services(counts))
    whole = np.floor(services["proportion"].to_numpy() * 100 + 0.5) / 100
    services = services.assign(colour_if_rounded=_colours(services, whole))
    changed = services.loc[services["colour"] != services["colour_if_rounded"]]
    columns = ["data_year", "kpi", "group", "proportion", "colour", "colour_if_rounded"]
    return changed[columns].reset_index(drop=True)


def services_by_colour(counts: pd.DataFrame, year: int) -> pd.DataFrame:
    """How many services stand at each colour, one row per KPI that has services.

    The columns are ``data_year``, ``kpi``, ``Green``, ``Amber``, ``Red``, ``without_value`` (services whose denominator
    is 0) and ``services`` (those with a value, the sum of the colours).

    >>> counts = pd.DataFrame({"data_year": 2024, "kpi": "kpi4", "dimension": "service", "group": ["A", "B", "C"],
    ...     "numerator": [9.0, 1.0, 0.0], "denominator": [10.0, 10.0, 0.0]})
    >>> services_by_colour(counts, 2024)
       data_year   kpi  Green  Amber  Red  without_value  services
    0       2024  kpi4      1      0    1              1         2
    """
    services = coloured(_services(counts, year))
    by_kpi = [
        {
            "data_year": year,
            "kpi": kpi,
            **{colour: int((of_kpi["colour"] == colour).sum()) for colour in COLOURS},
            "without_value": int((of_kpi["colour"] == "").sum()),
            "services": int((of_kpi["colour"] != "").sum()),
        }
        for kpi, of_kpi in services.groupby("kpi", sort=False)
    ]
    return pd.DataFrame(by_kpi, columns=["data_year", "kpi", *COLOURS, "without_value", "services"])


def services_at_or_above(counts: pd.DataFrame, year: int, *, threshold: float) -> pd.DataFrame:
    """How many services have an unrounded proportion of ``threshold`` or more, one row per KPI.

    The columns are ``data_year``, ``kpi``, ``threshold``, ``numerator`` (such services) and ``denominator`` (services
    with a value).

    >>> counts = pd.DataFrame({"data_year": 2024, "kpi": "kpi4", "dimension": "service", "group": ["A", "B"],
    ...     "numerator": [8.0, 1.0], "denominator": [10.0, 10.0]})
    >>> services_at_or_above(counts, 2024, threshold=0.8)
       data_year   kpi  threshold  numerator  denominator
    0       2024  kpi4        0.8          1            2
    """
    services = _services(counts, year)
    return _services_where(services, year, threshold, _proportions(services) >= threshold)


def services_below(counts: pd.DataFrame, year: int, *, threshold: float) -> pd.DataFrame:
    """How many services have an unrounded proportion below ``threshold``; columns as :func:`services_at_or_above`.

    >>> counts = pd.DataFrame({"data_year": 2024, "kpi": "kpi4", "dimension": "service", "group": ["A", "B", "C"],
    ...     "numerator": [5.0, 4.0, 0.0], "denominator": [10.0, 10.0, 0.0]})
    >>> services_below(counts, 2024, threshold=0.5)[["numerator", "denominator"]].values.tolist()
    [[1, 2]]
    """
    services = _services(counts, year)
    return _services_where(services, year, threshold, _proportions(services) < threshold)


def _services_where(services: pd.DataFrame, year: int, threshold: float, counted: NDArray[np.bool_]) -> pd.DataFrame:
    marked = services.assign(counted=counted, has_value=services["denominator"] > 0)
    totals = marked.groupby("kpi", sort=False)[["counted", "has_value"]].sum().astype(np.int64)
    return pd.DataFrame(
        {
            "data_year": year,
            "kpi": totals.index.astype(str),
            "threshold": threshold,
            "numerator": totals["counted"].to_numpy(),
            "denominator": totals["has_value"].to_numpy(),
        }
    )


def _services(counts: pd.DataFrame, year: int | None = None) -> pd.DataFrame:
    wanted = counts["dimension"] == "service"
    if year is not None:
        wanted &= counts["data_year"] == year
    return counts.loc[wanted].reset_index(drop=True)


def _proportions(counts: pd.DataFrame) -> NDArray[np.float64]:
    numerator, denominator = (counts[column].to_numpy(dtype=float) for column in ("numerator", "denominator"))
    return np.divide(numerator, denominator, out=np.full(len(counts), np.nan), where=denominator > 0)


def _colours(counts: pd.DataFrame, proportions: NDArray[np.float64]) -> NDArray[np.object_]:
    colours = np.full(len(counts), "", dtype=object)
    for (kpi, year), rows in counts.groupby(["kpi", "data_year"]).indices.items():
        colours[rows] = colours_of(proportions[rows], record_for(kpi, int(year)))
    return colours
