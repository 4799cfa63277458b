"""The counts of KPI 1: services whose data are complete enough, over the services that sent any."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.kpi.counted import Counted, Judged, Measured, Table
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


def count_answers(
    cohort: Mapping[int, YearOfFractures], record: Kpi, *, year: int, known: Container[Measured] = ()
) -> dict[Measured, Table]:
    """What KPI 1 judges services by, counted: records by service, shape (services, 2), the whole and the part.

    For a KPI these are the records that concern it and those that can be decided; for a field the records where it is
    due and those that miss it. What looks at the year before is counted on that year's records, and not at all where
    it is absent. Nothing is judged yet: a share of a part of a service's records means nothing. What is ``known``
    already is not counted again.
    """
    tables: dict[Measured, Table] = {}
    for measured, years_before, whole_and_part in _judged(record, year):
        if measured not in known and year - years_before in cohort:
            looked_at = cohort[year - years_before]
            rows = whole_and_part(looked_at.fractures)
            service = looked_at.service
            columns = [np.bincount(service.numbers[chosen], minlength=service.size) for chosen in rows]
            tables[measured] = np.column_stack(columns)
    return tables


def _judged(record: Kpi, year: int) -> Iterator[tuple[Measured, int, WholeAndPart]]:
    match record.measure:
        case KpisComplete():
            for kpi in judged_for_completeness(year):
                before = kpi.measure.years_before if isinstance(kpi.measure, Patients) else 0
                yield Judged(kpi), before, partial(decidable, record=kpi)
        case FieldsMissing(fields=fields):
            for item in fields:
                yield item, item.years_before, partial(_due_and_missing, item=item)


def _due_and_missing(fractures: pd.DataFrame, item: Item) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    due = item.due.truth(fractures) == Truth.TRUE
    return due, due & (Known(item.column).truth(fractures) == Truth.FALSE)


def tally_completeness(
    counted: Counted, record: Kpi, services: pd.DataFrame, places: Sequence[Dimension], *, year: int
) -> Iterator[Tally]:
    """One tally per dimension: good services over the services with a record in ``year``.

    ``services`` are the year's caseload rows in the order of the services' group numbers; it is read for places alone.
    """
    good = good_services(counted, record, year=year).astype(float)
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


def good_services(counted: Counted, record: Kpi, *, year: int) -> NDArray[np.bool_]:
    """Whether each service with a record in ``year`` is good, in the order of the services' group numbers."""
    match record.measure:
        case KpisComplete() as rule:
            shares = kpi_completeness(counted, year=year)
            return rule.good(rule.each.reached(shares).sum(axis=1), (~np.isnan(shares)).sum(axis=1))
        case FieldsMissing() as rule:
            missing = np.column_stack([_share(counted, item, year=year) for item in rule.fields])
            return (missing > rule.over).sum(axis=1) < rule.fewer_than


def kpi_completeness(counted: Counted, *, year: int) -> NDArray[np.float64]:
    """The share of records that can be decided, by service (rows) and KPI 2 to 11 (columns).

    Missing where a service has no record that concerns the KPI: such a KPI is judged neither way.
    """
    return np.column_stack([_share(counted, Judged(kpi), year=year) for kpi in judged_for_completeness(year)])


def _share(counted: Counted, measured: Measured, *, year: int) -> NDArray[np.float64]:
    """Part over whole by service with a record in ``year``; missing where no whole is."""
    present = counted.services_present(year)
    table = counted.by_service(year, measured)
    if table is None:
        return np.full(int(present.sum()), np.nan)
    wholes, parts = table[present].T
    return np.divide(parts, wholes, out=np.full(len(wholes), np.nan), where=wholes > 0)
