"""The table of definitions for a report's appendix, in words, printed from the records that the engine evaluates."""

from __future__ import annotations

import pandas as pd

from fls_research.kpi.definitions import data_items, headline_for, records_for
from fls_research.kpi.records import Caseload, Clock, FieldsMissing, Kpi, KpisComplete, Patients, Reason
from fls_research.kpi.rules import Everyone
from fls_research.kpi.wording import column_words, percent_words

NO_SPECIAL_RULE = "like every other record"
NOT_FOR_SERVICES = "no part"


def definitions_table(year: int, *, variants: bool = True) -> pd.DataFrame:
    """One row per KPI (and variant) that holds for a data year, every cell in words.

    Parameters
    ----------
    year : data year.
    variants : with the variants, or the eleven headline KPIs alone.

    Returns
    -------
    A frame of texts with the columns ``kpi``, ``number`` (int), ``version``, ``title``, ``question``, ``who_counts``,
    ``left_out``, ``meets_it``, ``clock``, ``unknown``, ``death``, ``declined``, ``inappropriate``, ``target``,
    ``colours``, ``standards``, ``basis``, ``source``, ``not_known``, ``items``. No cell is missing; where nothing
    applies the text is empty.

    >>> table = definitions_table(2024).set_index("kpi")
    >>> table.loc["kpi5", "who_counts"]
    'DXA request is ordered or recommended'
    >>> table.loc["kpi10", "left_out"]
    'death (date of death is 0 to 112 days after the diagnosis of the fracture, both ends counted);
    inappropriate (bone therapy at 12–16 weeks is no longer appropriate)'
    >>> table.loc["kpi2", "meets_it"]
    'site of the first index fracture is known and not spine'
    """
    records = records_for(year) if variants else headline_for(year)
    return pd.DataFrame([_row(record, year) for record in records])


def _row(record: Kpi, year: int) -> dict[str, str | int]:
    return {
        "kpi": record.id,
        "number": record.number,
        "version": record.version,
        "title": record.title,
        "question": record.question,
        "who_counts": who_counts(record),
        "left_out": _left_out(record),
        "meets_it": meets_it(record),
        "clock": _clock_words(record.clock),
        "unknown": _unknown(record),
        **{reason.value: _convention(record, reason) for reason in Reason},
        "target": _target(record),
        "colours": record.colours.words(),
        "standards": ", ".join(record.standards_in(year)),
        "basis": record.basis.value,
        "source": record.source,
        "not_known": record.not_known,
        "items": ", ".join(data_items(record, year)),
    }


def who_counts(record: Kpi) -> str:
    """The denominator of a record in words, before anybody is left out."""
    match record.measure:
        case Patients(eligible=eligible, years_before=0):
            return eligible.words()
        case Patients(eligible=Everyone()):
            return "every record of the year before"
        case Patients(eligible=eligible):
            return f"patients first seen the year before: {eligible.words()}"
        case Caseload() as caseload:
            return _expected(caseload)
        case KpisComplete() | FieldsMissing():
            return "every service with a record in the year"


def _expected(caseload: Caseload) -> str:
    parts = [f"{caseload.multiplier} × {column_words('hip_fractures')}"]
    if caseload.share != 1:
        parts.append(f"{percent_words(caseload.share)} of them")
    if caseload.opt_out:
        parts.append(f"less {percent_words(caseload.opt_out)} for the National Data Opt-Out")
    return f"expected caseload: {', '.join(parts)} (services with a record in the year)"


def meets_it(record: Kpi) -> str:
    """The numerator of a record in words."""
    match record.measure:
        case Patients(met=met):
            return met.words()
        case Caseload(identified=identified):
            return identified.words()
        case KpisComplete(each=each, share=None, at_least=number):
            return f"{number} KPIs or more can be decided for {each.words()} of their records"
        case KpisComplete(each=each, share=share):
            return f"{share.words()} of the KPIs that have a record can be decided for {each.words()} of their records"
        case FieldsMissing() as rule:
            return (
                f"fewer than {rule.fewer_than} of {len(rule.fields)} fields are missing in more than "
                f"{percent_words(rule.over)} of the records where they are due"
            )


def _left_out(record: Kpi) -> str:
    if not isinstance(record.measure, Patients):
        return ""
    return "; ".join(f"{out.reason.value} ({out.rule.words()})" for out in record.measure.left_out)


def _clock_words(clock: Clock | None) -> str:
    if clock is None:
        return ""
    days = f"day {clock.first_day} to day {clock.last_day}"
    until = f", until the {column_words(clock.end)}" if clock.end else "; no date is recorded, the form's answer stands"
    return f"{days} from the {column_words(clock.start)}{until}"


def _unknown(record: Kpi) -> str:
    match record.measure:
        case Patients(unknown=status):
            return f"{status.words}, and counted beside"
        case Caseload():
            return "not identified, and counted beside"
        case KpisComplete() | FieldsMissing():
            return "incomplete"


def _convention(record: Kpi, reason: Reason) -> str:
    if not isinstance(record.measure, Patients):
        return NOT_FOR_SERVICES
    status = record.conventions.of(reason)
    return NO_SPECIAL_RULE if status is None else status.words


def _target(record: Kpi) -> str:
    target = "none" if record.target is None else f"{percent_words(record.target)} or more"
    return f"{target}. {record.target_note}" if record.target_note else target
