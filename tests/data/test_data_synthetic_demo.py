"""The file that the demo writes: bytes, headings, wording, marker, planted faults, and no identifiers."""

import csv
import hashlib
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from fls_research.data import schema
from fls_research.data.rules import BY_ID
from fls_research.data.schema import Need
from fls_research.data.synthetic import write_demo
from fls_research.data.synthetic.faults import BLANK_ROWS, FAULTS, planted_by_rule
from fls_research.data.synthetic.layout import STRAY_HEADINGS, write_export

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"seed": 11, "scale": 0.03, "root": ROOT}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo"), **SMALL)


@pytest.fixture(scope="module")
def lines(demo) -> list[list[str]]:
    with demo.extract.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture(scope="module")
def rows(lines) -> list[dict[str, str]]:
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:] if any(line)]


def test_same_seed_gives_the_same_bytes(demo, tmp_path):
    again = write_demo(tmp_path, **SMALL)
    for first, second in ((demo.extract, again.extract), (demo.known_issues, again.known_issues)):
        assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()


def test_another_seed_gives_other_bytes(demo, tmp_path):
    other = write_demo(tmp_path, **{**SMALL, "seed": 12})
    assert other.extract.read_bytes() != demo.extract.read_bytes()


def test_every_row_is_marked_synthetic(rows):
    assert {row["Data status"] for row in rows} == {"SYNTHETIC"}


def test_every_heading_is_known_or_meant_to_be_stray(lines):
    unknown = [h for h in lines[0] if schema.heading_key(h) not in schema.BY_HEADING]
    assert unknown == list(STRAY_HEADINGS)
    fields = [schema.BY_HEADING[schema.heading_key(h)].name for h in lines[0] if h not in STRAY_HEADINGS]
    assert len(fields) == len(set(fields))
    wanted = {f.name for f in schema.FIELDS if f.need in (Need.REQUIRED, Need.KPI)}
    assert wanted <= set(fields)


def test_headings_carry_the_quirks_of_real_exports(lines):
    assert "TypeOfFractue" in lines[0] and "TypeOfFracture" not in lines[0]
    assert "Age Frac diagnosed" in lines[0]
    assert "1.09 Date Index Frac Diagnosed" in lines[0] and "DateFLSContact" in lines[0]


def test_no_identifier_is_written(lines, demo):
    refused = {schema.heading_key(h) for f in schema.FIELDS if f.need is Need.REFUSED for h in schema.headings(f)}
    assert not refused & {schema.heading_key(h) for h in lines[0]}
    text = demo.extract.read_text(encoding="utf-8-sig")
    assert not re.search(r"\d{10}", text)
    assert not re.search(r"\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b", text)


def test_blank_rows_end_the_file(lines):
    assert not any(any(line) for line in lines[-BLANK_ROWS:])
    assert any(lines[-BLANK_ROWS - 1])


def test_broken_encodings_joined_drugs_and_both_lists_of_sites_occur(rows):
    answers = {cell for row in rows for cell in row.values()}
    assert {"Don't know", "Don’t know", "Donít know", "Alendronate;Denosumab"} <= answers
    assert {"Non hip/non spine", "Wrist", "Humerus", "Pelvis"} <= answers


def test_dates_are_written_day_first(rows):
    dates = {row["1.09 Date Index Frac Diagnosed"] for row in rows} - {"", "12/25/2024", "31/02/2024"}
    parsed = pd.to_datetime(sorted(dates), format="%d/%m/%Y")
    assert parsed.min().year == 2020 and any(day.day > 12 for day in parsed)


def test_negative_scores_are_kept(rows):
    assert {"-1", "-2.5"} <= {row["TScore"] for row in rows}


def test_every_planted_rule_is_a_rule_of_the_data_room():
    assert set(planted_by_rule()) <= set(BY_ID)


def test_planted_rows_stand_in_the_file_in_the_known_number(rows, demo):
    known = json.loads(demo.known_issues.read_text(encoding="utf-8"))
    rules = known["planted_by_rule"]
    assert rules == planted_by_rule()
    assert known["rows"] == len(rows)
    index = [row["1.09 Date Index Frac Diagnosed"] for row in rows]
    assert index.count("") == rules["index-missing"]
    assert index.count("31/02/2024") + index.count("12/25/2024") == rules["index-impossible"]
    ages = [row["Age Frac diagnosed"] for row in rows]
    assert ages.count("") == rules["age-missing"]
    assert sum(age != "" and int(age) < 50 for age in ages) == rules["age-under-50"]
    assert [row["Unit code"] for row in rows].count("") == rules["service-missing"]
    whole = [tuple(row.values()) for row in rows]
    copies = len(whole) - len(set(whole))
    assert copies == rules["duplicate-row"]
    keys = [row["Record ID"] for row in rows]
    assert len(keys) - len(set(keys)) - copies == rules["duplicate-key"]
    answers = [row["Smoker"] for row in rows] + [row["1.05 CareRes"] for row in rows]
    assert answers.count("Occasional") + answers.count("See notes") == rules["code-unknown"]
    later = [row["6.02 Dateof16WeekAss"] for row in rows] + [row["DateFLSContact"] for row in rows]
    assert later.count("31/02/2024") + later.count("12/25/2023") == rules["date-impossible"]


@pytest.mark.parametrize(
    ("rule", "heading"),
    [("dxa-before-fracture", "3.03 DateofDXA"), ("assessment-before-fracture", "1.07 DateFLSAssess")],
)
def test_dates_before_the_fracture_are_as_many_as_planted(rows, rule, heading):
    frame = pd.DataFrame(rows)
    dates = frame[["1.09 Date Index Frac Diagnosed", heading]].apply(pd.to_datetime, format="%d/%m/%Y", errors="coerce")
    assert (dates[heading] < dates["1.09 Date Index Frac Diagnosed"]).sum() == planted_by_rule()[rule]


def test_rows_add_up(rows, demo):
    known = json.loads(demo.known_issues.read_text(encoding="utf-8"))
    parts = [sum(known[key].values()) for key in ("analysed", "northern_ireland", "services_under_50_records")]
    assert sum(parts) + known["rows_added_by_faults"] == len(rows)
    assert known["rows_added_by_faults"] == sum(fault.rows for fault in FAULTS if fault.added)


def test_cp1252_holds_the_same_text(demo, tmp_path):
    other = write_demo(tmp_path, encoding="cp1252", **SMALL)
    assert other.extract.read_bytes().decode("cp1252") == demo.extract.read_text(encoding="utf-8-sig")
    assert demo.extract.read_bytes().startswith(b"\xef\xbb\xbf")


def test_an_unknown_encoding_is_refused(tmp_path):
    with pytest.raises(ValueError, match="cp1252"):
        write_export(None, tmp_path / "x.csv", encoding="latin-9")
