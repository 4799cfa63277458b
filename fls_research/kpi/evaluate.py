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
from fls_research.kpi.counted import Counted, Table
from fls_research.kpi.counting import Question
from fls_research.kpi.definitions import KPI_IDS, RECORDS
from fls_research.kpi.groups import Dimension, Grouping, dimensions
from fls_research.kpi.partitioned import Fractures, count_all
from fls_research.kpi.records import Caseload, Kpi, Patients, Status
from fls_research.kpi.statuses import statuses
from fls_research.kpi.tally import Tally, counts_frame
from fls_research.kpi.years import SERVICE

__all__ = ["evaluate", "statuses"]


def evaluate(
    fractures: Fractures,
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
        KPI 1, the records of the year before must be in it; without them these have nothing to count. A pandas frame,
        or the records in parts that are never all held at once (docs/scale.md): a Dask dataframe, the fractures of
        ``data.cohort.open_parts``, or pandas frames one after the other. The counts are the same, row for row.
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
    UsageError : an unknown dimension, no caseload where one is needed, or fractures in no form that can be counted.

    >>> fractures = pd.DataFrame({"data_year": 2024, "service_code": ["OLD", "OLD", "NEW"],
    ...     "therapy": ["drug", "not known", "declined"]})
    >>> counts = evaluate(fractures, None, years=[2024], by=["national", "service"], kpis=["kpi7"])
    >>> counts[["dimension", "group", "numerator", "denominator", "unknown"]]
      dimension group  numerator  denominator  unknown
    0  national   all        1.0          3.0        1
    1   service   NEW        0.0          1.0        0
    2   service   OLD        1.0          2.0        1
    """
    question = Question(records=_records(kpis), years=tuple(years), asked=dimensions(by))
    if question.of_services and caseload is None:
        raise UsageError("KPI 1, 2 and 3 need a caseload; pass one, or name the KPIs of patients alone.")
    return counts_frame(list(_tallies(count_all(fractures, question), caseload, question)))


def _tallies(counted: Counted, caseload: pd.DataFrame | None, question: Question) -> Iterator[Tally]:
    places = [dimension for dimension in question.asked if dimension.is_place]
    wide_places = [place for place in places if set(place.parts) <= set(completeness.PLACES)]
    for year in question.years:
        # Where nobody sent records in the year there is no service to speak of.
        services = _services(counted, caseload, year) if (year, None) in counted.tables else None
        for record in (record for record in question.records if record.valid_in(year)):
            tables = counted.tables.get((year, record), {})
            match record.measure:
                case Patients():
                    yield from _tally_patients(tables, counted.groups, record, year=year)
                case Caseload():
                    if services is not None:
                        yield from tally_identification(tables[SERVICE], record, services, places, year=year)
                case _:
                    if services is not None:
                        yield from tally_completeness(counted, record, services, wide_places, year=year)


def _tally_patients(
    tables: Mapping[Dimension, Table], groups: Mapping[Dimension, Grouping], record: Kpi, *, year: int
) -> Iterator[Tally]:
    for dimension, table in tables.items():
        entered = _enter_unknown(table, record.measure.unknown)
        yield Tally(
            record=record,
            year=year,
            grouping=groups[dimension],
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


def _services(counted: Counted, caseload: pd.DataFrame, year: int) -> pd.DataFrame:
    names = counted.groups[SERVICE].names()
    return services_of(caseload, year=year, present=names[counted.services_present(year)].tolist())


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
