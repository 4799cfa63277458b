"""Which KPI records exist, and which of them holds for a data year."""

from __future__ import annotations

from fls_research.errors import ParamsError, did_you_mean
from fls_research.kpi import assessment, follow_up, identification
from fls_research.kpi.records import FieldsMissing, Kpi, KpisComplete

RECORDS: tuple[Kpi, ...] = (*identification.RECORDS, *assessment.RECORDS, *follow_up.RECORDS)
"""Every wording of every KPI and variant, in the order of a report."""

KPI_IDS: tuple[str, ...] = tuple(dict.fromkeys(record.id for record in RECORDS))

SIDE_BY_SIDE: dict[int, dict[str, str]] = {
    9: {"strict": "kpi9-strict", "eligible-only": "kpi9-eligible-only", "all-records": "kpi9"},
    10: {"strict": "kpi10", "eligible-only": "kpi10-eligible-only", "all-records": "kpi10-all-records"},
    11: {"strict": "kpi11", "eligible-only": "kpi11-eligible-only", "all-records": "kpi11-all-records"},
}
"""KPI number to the ids of its three denominators, which are to be shown side by side.

``strict``: the dead and the inappropriate leave, refusals stay. ``eligible-only``: refusals leave too. ``all-records``:
nobody leaves. Under each, a missing answer stays and is not met. The headline is itself one of the three.
"""


def records_for(year: int) -> tuple[Kpi, ...]:
    """The records that hold for a data year, variants too, in the order of a report.

    >>> [record.version for record in records_for(2021)][:3]
    ['kpi1.2018', 'kpi2.2016', 'kpi3.2016']
    """
    return tuple(record for record in RECORDS if record.valid_in(year))


def headline_for(year: int) -> tuple[Kpi, ...]:
    """The records of a data year without variants: the KPIs 1 to 11.

    >>> len(headline_for(2024))
    11
    """
    return tuple(record for record in records_for(year) if not record.is_variant)


def record_for(kpi: str, year: int) -> Kpi:
    """The record of one KPI or variant that holds for a data year.

    Raises ParamsError when there is no such KPI, or when it has no wording for that year.

    >>> record_for("kpi2", 2022).version
    'kpi2.2022'
    """
    if kpi not in KPI_IDS:
        raise ParamsError(f"There is no KPI '{kpi}'; {did_you_mean(kpi, KPI_IDS)}")
    for record in RECORDS:
        if record.id == kpi and record.valid_in(year):
            return record
    raise ParamsError(f"{kpi} has no wording for data year {year}; its first is for {_first_year(kpi)}.")


def _first_year(kpi: str) -> int:
    return min(record.first_year for record in RECORDS if record.id == kpi)


def data_items(record: Kpi, year: int) -> tuple[str, ...]:
    """The fields that a KPI's value walks back to, by the names of the dataset's schema, each once.

    ``hip_fractures`` is the one item that stands in the service register and not in the dataset. For KPI 1 the items
    are those of the KPIs or fields whose completeness it judges.

    >>> data_items(record_for("kpi5", 2024), 2024)
    ('dxa', 'index_date', 'dxa_date')
    """
    match record.measure:
        case KpisComplete():
            judged = [data_items(other, year) for other in judged_for_completeness(year)]
            return tuple(dict.fromkeys(item for items in judged for item in items if item != "hip_fractures"))
        case FieldsMissing(fields=fields):
            return tuple(item.column for item in fields)
        case measure:
            return measure.columns()


def judged_for_completeness(year: int) -> tuple[Kpi, ...]:
    """The KPIs whose completeness KPI 1 judges in a data year: the headline KPIs 2 to 11.

    >>> [record.number for record in judged_for_completeness(2024)]
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    """
    return tuple(record for record in headline_for(year) if record.number > 1)
