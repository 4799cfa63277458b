"""The counts of KPI 1: services whose data are complete enough, over the services that sent any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.kpi.definitions import judged_for_completeness
from fls_research.kpi.groups import Dimension, group
from fls_research.kpi.records import FieldsMissing, Item, Kpi, KpisComplete, Patients
from fls_research.kpi.rules import Known, Truth
from fls_research.kpi.statuses import decidable
from fls_research.kpi.tally import Tally
from fls_research.kpi.years import YearOfFractures

WholeAndPart = Callable[[pd.DataFrame], tuple[NDArray[np.bool_], NDArray[np.bool_]]]

PLACES: tuple[str, ...] = ("national", "nation", "region")
"""The dimensions of KPI 1: below a region there are too few services for a share of them to mean anything."""


def tally_completeness(
    cohort: Mapping[int, YearOfFractures],
    record: Kpi,
    services: pd.DataFrame,
    places: Sequence[Dimension],
    *,
    year: int,
) -> Iterator[Tally]:
    """One tally per dimension: good services over the services with a record in ``year``.

    ``services`` are the year's caseload rows in the order of the services' group numbers; it is read for places alone.
    Fields and KPIs that look at the year before are judged on that year's records, and not at all where it is absent.
    """
    good = good_services(cohort, record, year=year).astype(float)
    for place in places:
        grouping = group(services, place)
        number = np.bincount(grouping.numbers, minlength=grouping.size)
        nobody = np.zeros(grouping.size, dtype=np.int64)
        yield Tally(
            record=record,
            year=year,
            grouping=grouping,
            present=number > 0,
            numerator=np.bincount(grouping.numbers, good, grouping.size),
            denominator=number.astype(float),
            unknown=nobody,
            not_eligible=nobody,
        )


def good_services(cohort: Mapping[int, YearOfFractures], record: Kpi, *, year: int) -> NDArray[np.bool_]:
    """Whether each service with a record in ``year`` is good, in the order of the services' group numbers."""
    match record.measure:
        case KpisComplete() as rule:
            shares = kpi_completeness(cohort, year=year)
            return rule.good(rule.each.reached(shares).sum(axis=1), (~np.isnan(shares)).sum(axis=1))
        case FieldsMissing() as rule:
            missing = np.column_stack([_share_missing(cohort, item, year=year) for item in rule.fields])
            return (missing > rule.over).sum(axis=1) < rule.fewer_than


def kpi_completeness(cohort: Mapping[int, YearOfFractures], *, year: int) -> NDArray[np.float64]:
    """The share of records that can be decided, by service (rows) and KPI 2 to 11 (columns).

    Missing where a service has no record that concerns the KPI: such a KPI is judged neither way.
    """
    columns = []
    for judged in judged_for_completeness(year):
        before = judged.measure.years_before if isinstance(judged.measure, Patients) else 0
        columns.append(_share(cohort, partial(decidable, record=judged), year=year, years_before=before))
    return np.column_stack(columns)


def _share_missing(cohort: Mapping[int, YearOfFractures], item: Item, *, year: int) -> NDArray[np.float64]:
    def due_and_missing(fractures: pd.DataFrame) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        due = item.due.truth(fractures) == Truth.TRUE
        return due, due & (Known(item.column).truth(fractures) == Truth.FALSE)

    return _share(cohort, due_and_missing, year=year, years_before=item.years_before)


def _share(
    cohort: Mapping[int, YearOfFractures], whole_and_part: WholeAndPart, *, year: int, years_before: int
) -> NDArray[np.float64]:
    """Part over whole by service with a record in ``year``, counted ``years_before``; missing where no whole is."""
    here = cohort[year].service
    present = np.bincount(here.numbers, minlength=here.size) > 0
    if year - years_before not in cohort:
        return np.full(int(present.sum()), np.nan)
    looked_at = cohort[year - years_before]
    whole, part = whole_and_part(looked_at.fractures)
    wholes = np.bincount(looked_at.service.numbers[whole], minlength=here.size)[present]
    parts = np.bincount(looked_at.service.numbers[part], minlength=here.size)[present]
    return np.divide(parts, wholes, out=np.full(len(wholes), np.nan), where=wholes > 0)
