"""The one pass over patient records: what is asked, and the counts that answer it before any threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.kpi.completeness import count_answers
from fls_research.kpi.counted import Counted, Measured, Table
from fls_research.kpi.definitions import data_items
from fls_research.kpi.groups import DIMENSIONS, Dimension
from fls_research.kpi.records import Caseload, Kpi, Patients
from fls_research.kpi.statuses import statuses
from fls_research.kpi.tally import count_statuses
from fls_research.kpi.years import SERVICE, YearOfFractures, cut_into_years


@dataclass(frozen=True)
class Question:
    """Which KPIs are asked for, in which years and by which dimensions."""

    records: tuple[Kpi, ...]
    years: tuple[int, ...]
    asked: tuple[Dimension, ...]

    @property
    def of_services(self) -> bool:
        """Whether a KPI of services (1, 2, 3) is among the records, for which a caseload is needed."""
        return any(not isinstance(record.measure, Patients) for record in self.records)

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """The dimensions that records are grouped by: those asked for, and the service where a KPI needs it."""
        return tuple(dict.fromkeys([*self.asked, SERVICE] if self.of_services else self.asked))

    @property
    def items(self) -> tuple[str, ...]:
        """The columns that rules read."""
        read = [
            item
            for year in self.years
            for record in self.records
            if record.valid_in(year)
            for item in (*data_items(record, year), *_due_columns(record))
        ]
        return tuple(column for column in dict.fromkeys(read) if column != "hip_fractures")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, so that no other needs to be loaded."""
        groups = [DIMENSIONS[part] for dimension in self.dimensions for part in dimension.parts]
        return tuple(column for column in dict.fromkeys(["data_year", *self.items, *groups]) if column)


def count(fractures: pd.DataFrame, question: Question) -> Counted:
    """The counts of some patient records, all of them or a part: those of parts add up to those of the whole.

    Raises FieldError when a column of ``question.columns`` is not in the frame.

    >>> from fls_research.kpi.definitions import record_for
    >>> frame = pd.DataFrame({"data_year": 2024, "therapy": ["drug", "declined", "not known", "drug"]})
    >>> asked = Question((record_for("kpi7", 2024),), (2024,), (Dimension(("national",)),))
    >>> whole, halves = count(frame, asked), count(frame[:1], asked) + count(frame[1:], asked)
    >>> [counted.tables[2024, asked.records[0]][asked.asked[0]].tolist() for counted in (whole, halves)]
    [[[1, 2, 1, 0]], [[1, 2, 1, 0]]]
    """
    cohort = cut_into_years(
        fractures,
        years=[look for year in question.years for look in (year, year - 1)],
        columns=question.items,
        dimensions=question.dimensions,
    )
    if not cohort:
        return Counted()
    nobody = np.zeros(len(next(iter(cohort.values())).fractures), dtype=bool)
    groupings = next(iter(cohort.values())).groupings
    groups = {dimension: grouping.rows(nobody) for dimension, grouping in groupings.items()}
    tables: dict[tuple[int, Measured], Mapping[Dimension, Table]] = {}
    for year in question.years:
        tables |= {(year, measured): table for measured, table in _tables(cohort, question, year)}
    return Counted(groups, tables)


def _tables(
    cohort: Mapping[int, YearOfFractures], question: Question, year: int
) -> Iterator[tuple[Measured, Mapping[Dimension, Table]]]:
    """What is counted for one year. A part may hold the year before alone: whether a year counts is decided later."""
    if question.of_services and year in cohort:
        service = cohort[year].service
        yield None, {SERVICE: np.bincount(service.numbers, minlength=service.size).reshape(-1, 1)}
    answers: dict[Measured, Table] = {}
    for record in (record for record in question.records if record.valid_in(year)):
        match record.measure:
            case Patients(years_before=before):
                if year - before in cohort:
                    yield record, _by_status(cohort[year - before], record, question.asked)
            case Caseload():
                if year in cohort:
                    yield record, _by_status(cohort[year], record, [SERVICE])
            case _:
                # Two wordings of KPI 1 may judge the same KPIs: these are counted once.
                answers |= count_answers(cohort, record, year=year, known=answers)
    yield from ((measured, {SERVICE: table}) for measured, table in answers.items())


def _by_status(looked_at: YearOfFractures, record: Kpi, by: Sequence[Dimension]) -> dict[Dimension, Table]:
    status = statuses(looked_at.fractures, record)
    return {dimension: count_statuses(status, looked_at.groupings[dimension]) for dimension in by}


def _due_columns(record: Kpi) -> tuple[str, ...]:
    fields = getattr(record.measure, "fields", ())
    return tuple(column for item in fields for column in item.due.columns())
