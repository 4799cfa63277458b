"""The one engine: every KPI record, over the cohort, by any dimension, as additive counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from fls_research.errors import ParamsError, UsageError, did_you_mean
from fls_research.kpi import completeness
from fls_research.kpi.ascertainment import tally_identification
from fls_research.kpi.caseload import services_of
from fls_research.kpi.completeness import tally_completeness
from fls_research.kpi.definitions import KPI_IDS, RECORDS, data_items
from fls_research.kpi.groups import Dimension, dimensions
from fls_research.kpi.records import Caseload, Kpi, Patients, Status
from fls_research.kpi.statuses import statuses
from fls_research.kpi.tally import Tally, count_statuses, counts_frame
from fls_research.kpi.years import SERVICE, YearOfFractures, cut_into_years

__all__ = ["evaluate", "statuses"]


def evaluate(
    fractures: pd.DataFrame,
    caseload: pd.DataFrame | None,
    *,
    years: Sequence[int],
    by: Sequence[str | tuple[str, ...]],
    kpis: Iterable[str | Kpi] | None = None,
) -> pd.DataFrame:
    """The counts of every KPI that holds for each of ``years``, by each dimension of ``by``.

    Parameters
    ----------
    fractures : one row per patient record (docs/architecture.md). For KPI 11 of the first year, and for its place in
        KPI 1, the records of the year before must be in it; without them these have nothing to count.
    caseload : one row per service and data year: ``data_year``, ``service_code``, ``hip_fractures``, ``nation``,
        ``area_code``, ``region_code``. It may be ``None`` where no KPI of services (1, 2, 3) is asked for.
    years : data years that the counts speak of.
    by : dimensions; a tuple of dimensions is these crossed.
    kpis : ids, or records such as ``record.counting_unknown_as(...)``; all where not given.

    Returns
    -------
    The ``counts`` frame: one row per KPI and group that has a record in the year. Counts of patients' KPIs add up:
    those of two halves of the cohort are those of the whole. KPI 1 stands only by national, nation and region; KPI 2
    and 3 only by places, over the expected caseload of the services that sent records that year.

    Missing values: a missing answer is counted in ``unknown`` and enters the denominator as the record says; a record
    without a group is in the group ``not known``.

    Raises
    ------
    FieldError : a column is not in the frame.
    ParamsError : an unknown KPI, or a service without a row in the caseload.
    UsageError : an unknown dimension, or no caseload where one is needed.

    >>> fractures = pd.DataFrame({"data_year": 2024, "service_code": ["OLD", "OLD", "NEW"],
    ...     "therapy": ["drug", "not known", "declined"]})
    >>> counts = evaluate(fractures, None, years=[2024], by=["national", "service"], kpis=["kpi7"])
    >>> counts[["dimension", "group", "numerator", "denominator", "unknown"]]
      dimension group  numerator  denominator  unknown
    0  national   all        1.0          3.0        1
    1   service   NEW        0.0          1.0        0
    2   service   OLD        1.0          2.0        1
    """
    records = _records(kpis)
    asked = dimensions(by)
    of_services = any(not isinstance(record.measure, Patients) for record in records)
    if of_services and caseload is None:
        raise UsageError("KPI 1, 2 and 3 need a caseload; pass one, or name the KPIs of patients alone.")
    cohort = cut_into_years(
        fractures,
        years=[look for year in years for look in (year, year - 1)],
        columns=_columns_read(records, years),
        dimensions=[*asked, SERVICE] if of_services else asked,
    )
    return counts_frame(list(_tallies(cohort, caseload if of_services else None, records, years, asked)))


def _tallies(
    cohort: Mapping[int, YearOfFractures],
    caseload: pd.DataFrame | None,
    records: Sequence[Kpi],
    years: Sequence[int],
    asked: Sequence[Dimension],
) -> Iterator[Tally]:
    places = [dimension for dimension in asked if dimension.is_place]
    wide_places = [place for place in places if set(place.parts) <= set(completeness.PLACES)]
    for year in years:
        services = None if caseload is None or year not in cohort else _services(cohort[year], caseload)
        for record in (record for record in records if record.valid_in(year)):
            match record.measure:
                case Patients(years_before=before):
                    if year - before in cohort:
                        yield from _tally_patients(cohort[year - before], record, asked, year=year)
                case Caseload():
                    if services is not None:
                        yield from tally_identification(cohort[year], record, services, places)
                case _:
                    if services is not None:
                        yield from tally_completeness(cohort, record, services, wide_places, year=year)


def _tally_patients(
    looked_at: YearOfFractures, record: Kpi, asked: Sequence[Dimension], *, year: int
) -> Iterator[Tally]:
    status = statuses(looked_at.fractures, record)
    for dimension in asked:
        table = count_statuses(status, looked_at.groupings[dimension])
        entered = _enter_unknown(table, record.measure.unknown)
        yield Tally(
            record=record,
            year=year,
            grouping=looked_at.groupings[dimension],
            present=table.sum(axis=1) > 0,
            numerator=entered[:, Status.MET].astype(float),
            denominator=(entered[:, Status.MET] + entered[:, Status.NOT_MET]).astype(float),
            unknown=table[:, Status.UNKNOWN] * (record.measure.unknown is not Status.NOT_ELIGIBLE),
            not_eligible=entered[:, Status.NOT_ELIGIBLE],
        )


def _enter_unknown(table: np.ndarray, as_status: Status) -> np.ndarray:
    entered = table.copy()
    entered[:, as_status] += table[:, Status.UNKNOWN]
    return entered


def _services(records_of_year: YearOfFractures, caseload: pd.DataFrame) -> pd.DataFrame:
    service = records_of_year.service
    present = np.bincount(service.numbers, minlength=service.size) > 0
    return services_of(caseload, year=records_of_year.year, present=service.names()[present].tolist())


def _records(kpis: Iterable[str | Kpi] | None) -> tuple[Kpi, ...]:
    if kpis is None:
        return RECORDS
    found: list[Kpi] = []
    for asked in kpis:
        if isinstance(asked, Kpi):
            found.append(asked)
        elif asked in KPI_IDS:
            found.extend(record for record in RECORDS if record.id == asked)
        else:
            raise ParamsError(f"There is no KPI '{asked}'; {did_you_mean(asked, KPI_IDS)}")
    return tuple(found)


def _columns_read(records: Sequence[Kpi], years: Sequence[int]) -> list[str]:
    read = [
        item
        for year in years
        for record in records
        if record.valid_in(year)
        for item in (*data_items(record, year), *_due_columns(record))
    ]
    return [column for column in dict.fromkeys(read) if column != "hip_fractures"]


def _due_columns(record: Kpi) -> tuple[str, ...]:
    fields = getattr(record.measure, "fields", ())
    return tuple(column for item in fields for column in item.due.columns())
