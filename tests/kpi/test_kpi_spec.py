"""The spec tables under tests/spec: the records say what a clinician would sign, and no part of a rule is idle."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fls_research.kpi.completeness import good_services, kpi_completeness
from fls_research.kpi.counting import Question, count
from fls_research.kpi.definitions import KPI_IDS, RECORDS, record_for
from fls_research.kpi.evaluate import evaluate, statuses
from fls_research.kpi.groups import Dimension
from fls_research.kpi.records import Kpi, Patients, Status
from fls_research.kpi.rules import All, Any, Not, OneOf, Rule, Within, _Compared

SPEC = Path(__file__).parent.parent / "spec"
FIELD_OF_HEADING = {
    "index fracture": "index_date",
    "assessed": "assessment_date",
    "DXA": "dxa",
    "reason for no DXA": "dxa_reason",
    "scanned": "dxa_date",
    "died": "death_date",
    "falls assessment": "falls_assessment",
    "falls referral": "falls_referral",
    "therapy": "therapy",
    "drugs named": "therapy_drugs",
    "age": "age",
    "site": "fracture_site",
    "training": "strength_balance_16",
    "follow-up": "follow_up_16",
    "followed up on": "follow_up_16_date",
    "therapy at 16 weeks": "therapy_16",
    "therapy at 52 weeks": "therapy_52",
    "T-score": "t_score",
    "earlier fracture": "prior_fracture",
    "risk": "risk",
}
NUMBERS = {"age": int, "t_score": float}
STATUS_OF_WORDS = {status.words: status for status in Status}


def tables(path: Path) -> Iterator[tuple[int | None, list[dict[str, str]]]]:
    """Each pipe table of a spec file, with the data year named above it."""
    year, table = None, []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
        elif table:
            heading, _, *body = table
            yield year, [dict(zip(heading, cells, strict=True)) for cells in body]
            table = []
        if found := re.fullmatch(r"Data year: (\d{4})", line):
            year = int(found[1])


def record_of(row: dict[str, str]) -> dict[str, object]:
    """One spec row as the answers of one patient record."""
    index_date = row.get("index fracture", "2024-03-01")
    answers: dict[str, object] = {"index_date": index_date}
    for heading, cell in row.items():
        field = FIELD_OF_HEADING.get(heading)
        if field is None or not cell:
            continue
        if found := re.fullmatch(r"day (-?\d+)", cell):
            answers[field] = str(np.datetime64(index_date) + np.timedelta64(int(found[1]), "D"))
        else:
            answers[field] = NUMBERS.get(field, str)(cell)
    return answers


PATIENT_FILES = [SPEC / f"kpi{number:02d}.md" for number in range(4, 12)]
CASES = [
    pytest.param(year, kpi, row, id=f"{kpi} · {row['case']}")
    for path in PATIENT_FILES
    for year, rows in tables(path)
    for row in rows
    for kpi in KPI_IDS
    if kpi in row
]


@pytest.mark.parametrize(("year", "kpi", "row"), CASES)
def test_patient(year, kpi, row, fractures_of):
    fractures = fractures_of(record_of(row))
    found = Status(statuses(fractures, record_for(kpi, year))[0])
    assert found.words == row[kpi], row["why"]


@pytest.mark.parametrize("path", PATIENT_FILES, ids=lambda path: path.stem)
def test_every_heading_is_read(path):
    for _, rows in tables(path):
        assert set(rows[0]) <= {*FIELD_OF_HEADING, *KPI_IDS, "case", "why"}


# -- services ---------------------------------------------------------------------------------------------------------

SITE_COLUMNS = {"hip": "hip", "spine": "spine", "other": "other", "site not known": "not known"}
IDENTIFICATION = [
    pytest.param(kpi, row, id=f"{kpi} · {row['case']}")
    for kpi in ("kpi2", "kpi3")
    for _, rows in tables(SPEC / f"kpi{int(kpi[3:]):02d}.md")
    for row in rows
]


@pytest.mark.parametrize(("kpi", "row"), IDENTIFICATION)
def test_identification(kpi, row, fractures_of, caseload_of):
    year = int(row["data year"])
    sites = [code for heading, code in SITE_COLUMNS.items() for _ in range(int(row[heading]))]
    fractures = fractures_of(*({"fracture_site": site, "index_date": f"{year}-06-01"} for site in sites))
    hips = float(row["hip fractures"]) if row["hip fractures"] else None
    caseload = caseload_of({"service_code": "OLD", "data_year": year, "hip_fractures": hips})
    (counts,) = evaluate(fractures, caseload, years=[year], by=["service"], kpis=[kpi]).to_dict("records")
    assert counts["numerator"] == float(row[f"{kpi}: identified"])
    assert counts["denominator"] == pytest.approx(float(row["expected"]), abs=1e-12)
    assert counts["unknown"] == int(row["unknown"])
    assert counts["not_eligible"] == int(row["not eligible"])


ANSWERED = {
    "sex": "female",
    "care_home": "no",
    "fracture_type": "outpatient",
    "age": 80,
    "dxa": "ordered",
    "fracture_site": "wrist",
    "therapy": "drug",
    "falls_assessment": "yes",
    "falls_referral": "none",
    "strength_balance_16": "no",
    "follow_up_16": "yes",
    "therapy_16": "drug",
    "follow_up_52": "yes",
    "therapy_52": "drug",
}
DATED = {"assessment_date": 30, "dxa_date": 60, "follow_up_16_date": 100, "follow_up_52_date": 364}
EMPTIED_BY = {
    "site": ["fracture_site"],
    "assessed": ["assessment_date"],
    "scanned": ["dxa_date"],
    "falls": ["falls_assessment", "falls_referral"],
    "therapy": ["therapy"],
    "training": ["strength_balance_16"],
    "follow-up": ["follow_up_16", "follow_up_16_date"],
    "therapy 16": ["therapy_16"],
    "therapy 52": ["therapy_52"],
}
RECORDS_OF_SERVICE = 20
COMPLETENESS = [
    pytest.param(year, row, id=f"{year} · {row['case']}") for year, rows in tables(SPEC / "kpi01.md") for row in rows
]


def service_of(row: dict[str, str], year: int) -> Iterator[dict[str, object]]:
    """The records of one service, this year's and those of the year before, with answers missing as the row says."""
    for number in range(RECORDS_OF_SERVICE):
        for data_year in (year - 1, year):
            index_date = np.datetime64(f"{data_year}-02-01")
            dates = {field: str(index_date + np.timedelta64(days, "D")) for field, days in DATED.items()}
            answers = {**ANSWERED, **dates, "index_date": str(index_date)}
            for heading, fields in EMPTIED_BY.items():
                of_this_year = heading != "therapy 52"
                if number < int(row[heading]) and of_this_year == (data_year == year):
                    answers.update(dict.fromkeys(fields))
            yield answers


@pytest.mark.parametrize(("year", "row"), COMPLETENESS)
def test_completeness(year, row, fractures_of):
    fractures = fractures_of(*service_of(row, year))
    judged = tuple(record_for(kpi, year) for kpi in KPI_IDS if kpi in row)
    counted = count(fractures, Question(records=judged, years=(year,), asked=(Dimension(("national",)),)))
    if "complete KPIs" in row:
        assert (kpi_completeness(counted, year=year) >= 0.8).sum() == int(row["complete KPIs"])
    for record in judged:
        (good,) = good_services(counted, record, year=year)
        assert ("good" if good else "not good") == row[record.id], f"{record.id}: {row['why']}"


# -- the tables hold every record, and every part of every rule -------------------------------------------------------


def years_with_a_table(kpi: str) -> set[int]:
    number = record_for(kpi, 2024).number
    found = set()
    for year, rows in tables(SPEC / f"kpi{number:02d}.md"):
        if any(heading == kpi or heading.startswith(f"{kpi}:") for heading in rows[0]):
            found |= {year} if year else {int(row["data year"]) for row in rows}
    return found


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.version)
def test_every_record_has_a_spec_table(record):
    if record.version == "kpi1.2016":
        record = record_for("kpi1", 2021)  # the rule of 2016 is carried forward unchanged, and its table is of 2021
        assert record.measure == RECORDS[0].measure
    assert any(record.valid_in(year) for year in years_with_a_table(record.id))


def mutants(rule: Rule) -> Iterator[Rule]:
    """Every rule that differs from ``rule`` in one part: a part dropped, a code dropped, a bound moved."""
    match rule:
        case All(rules=parts) | Any(rules=parts):
            for at, part in enumerate(parts):
                others = (*parts[:at], *parts[at + 1 :])
                yield others[0] if len(others) == 1 else type(rule)(*others)
                for mutant in mutants(part):
                    yield type(rule)(*parts[:at], mutant, *parts[at + 1 :])
        case Not(rule=inner):
            yield inner
            for mutant in mutants(inner):
                yield Not(mutant)
        case OneOf(codes=codes) if len(codes) > 1:
            for code in codes:
                yield replace(rule, codes=tuple(other for other in codes if other != code))
        case Within(days=days):
            yield from (replace(rule, days=days - 1), replace(rule, days=days + 1))
        case _Compared(value=value):
            step = 1 if float(value).is_integer() else 0.1
            yield from (replace(rule, value=value - step), replace(rule, value=value + step))


def mutated(record: Kpi) -> Iterator[Kpi]:
    measure = record.measure
    changed = [replace(measure, met=rule) for rule in mutants(measure.met)]
    changed += [replace(measure, eligible=rule) for rule in mutants(measure.eligible)]
    for at, left in enumerate(measure.left_out):
        others = (*measure.left_out[:at], *measure.left_out[at + 1 :])
        changed.append(replace(measure, left_out=others))
        changed += [replace(measure, left_out=(*others, replace(left, rule=rule))) for rule in mutants(left.rule)]
    return (replace(record, measure=each) for each in changed)


OF_PATIENTS = [record for record in RECORDS if isinstance(record.measure, Patients)]


@pytest.mark.parametrize("record", OF_PATIENTS, ids=lambda record: record.version)
def test_no_part_of_a_rule_is_idle(record, fractures_of):
    """Whatever part of a rule is deleted or moved, some row of the spec table objects."""
    rows = [row for _, table in tables(SPEC / f"kpi{record.number:02d}.md") for row in table if record.id in row]
    fractures = fractures_of(*map(record_of, rows))
    expected = np.array([STATUS_OF_WORDS[row[record.id]] for row in rows], dtype=np.int8)
    assert (statuses(fractures, record) == expected).all()
    for mutant in mutated(record):
        assert (statuses(fractures, mutant) != expected).any(), f"no row objects to {mutant.measure}"


def test_mutants_touch_every_kind_of_rule():
    record = record_for("kpi10-high-risk", 2024)
    assert len(list(mutated(record))) > 20
    assert pd.Series([type(each.measure) for each in mutated(record)]).eq(Patients).all()
