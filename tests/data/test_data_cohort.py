"""From an extract to a cohort: nothing is lost, the order of rows is nothing, and no patient's value is ever told."""

import csv
import io
import random
import traceback

import nhs_number
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fls_research.data.cohort import prepare, prepare_once
from fls_research.data.fates import check_balance
from fls_research.errors import FlsError

INDEX = "1.09 Date Index Frac Diagnosed"

DIRT = {
    "Record ID": ["R1", "R2", "R3", ""],
    "Unit code": ["NO", "010", "5E1", "NI1", "OLD", ""],
    "Age Frac diagnosed": ["49", "50", "85", "130", "", "x"],
    INDEX: ["01/03/2024", "2023-06-01", "30/02/2024", "", "01/01/2020", "01/07/2025", "12/25/2024", "01/01/2012"],
    "3.03 DateofDXA": ["", "01/01/2024", "20/03/2024", "99/99/9999"],
    "1.11 SiteFirstFrac": ["Hip", "Wrist", "", "toe"],
    "4.01 BoneTherapy": ["Alendronate; Denosumab", "Informed decline", "?", ""],
}
DIRTY_ROW = st.fixed_dictionaries({heading: st.sampled_from(values) for heading, values in DIRT.items()})
BROKEN = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def reasons(cohort):
    return cohort.flow.set_index(["step", "reason"])["rows"].to_dict()


@BROKEN
@given(st.lists(DIRTY_ROW, max_size=40), st.integers(0, 3), st.randoms(use_true_random=False))
def test_rows_read_are_rows_accounted_for_in_any_order(root, params, write, clean, dirty, min_records, chance):
    # One row in order, of a service of its own making, so that the year is never empty.
    content = [clean | {"Record ID": f"A{number}"} for number in range(3)] + [clean | row for row in dirty]
    settled = params.model_copy(update={"min_records": min_records})
    cohort = prepare(settled, root, write(content))

    check_balance(cohort.flow)
    flow = cohort.flow.groupby("step")["rows"].sum()
    assert flow["read"] == len(content) == flow["quarantined"] + flow["excluded"] + flow["analysed"]
    assert flow["analysed"] == len(cohort.fractures)
    assert cohort.flow_by_year["rows"].sum() == len(content)

    chance.shuffle(content)
    again = prepare(settled, root, write(content))
    assert reasons(again) == reasons(cohort)
    assert (
        again.issues.groupby(["rule", "field"], observed=True)
        .size()
        .equals(cohort.issues.groupby(["rule", "field"], observed=True).size())
    )
    assert sorted(again.fractures["record_id"].str.replace(r"line \d+", "line", regex=True)) == sorted(
        cohort.fractures["record_id"].str.replace(r"line \d+", "line", regex=True)
    )


def test_a_copy_and_a_repeated_key_cost_no_patient(cohort_of):
    cohort = cohort_of(
        {"Record ID": "R7"}, {"Record ID": "R7", "IMD decile": ""}, {"Unit code": "010", "Record ID": "R7"}
    )
    flow = reasons(cohort)
    assert flow["quarantined", "duplicate-key"] == 1 and len(cohort.fractures) == 3
    assert cohort.fractures.query("service_code == 'NO' and record_id == 'R7'")["imd_decile"].item() == 3


def test_the_same_row_twice_is_one_record(root, params, write, rows):
    content = rows({}, {})
    cohort = prepare(params, root, write([*content, content[0]]))
    assert reasons(cohort)["quarantined", "duplicate-row"] == 1 and len(cohort.fractures) == 2


def test_one_patient_under_two_keys_is_noted(root, params, write, rows):
    content = rows({}, {})
    cohort = prepare(params, root, write([*content, content[0] | {"Record ID": "R9"}]))
    assert cohort.issues[["record_id", "rule"]].values.tolist() == [["R1", "record-twice"], ["R9", "record-twice"]]
    assert len(cohort.fractures) == 3


@pytest.mark.parametrize(
    ("marks", "synthetic"), [(["", ""], False), (["SYNTHETIC"] * 2, True), (["", "Synthetic"], True)]
)
def test_one_synthetic_row_marks_the_cohort(root, params, write, rows, marks, synthetic):
    content = rows(*({"Data status": mark} for mark in marks))
    assert prepare(params, root, write(content)).source.synthetic is synthetic


def test_the_source_says_how_the_file_was_understood(root, params, write, rows):
    cohort = prepare(params, root, write(rows({"Shoe size": "7"}), delimiter=";"))
    source = cohort.source
    assert (source.file.delimiter, source.file.rows, source.dataset) == (";", 1, "full")
    assert source.unknown_headings == ("Shoe size",)
    assert source.headings["index_date"] == INDEX and "vision" in source.missing_fields


def test_a_missing_kpi_field_is_recorded_and_all_unknown(root, params, write, rows):
    content = [{heading: cell for heading, cell in row.items() if heading != "3.01 DXA"} for row in rows({}, {})]
    cohort = prepare(params, root, write(content))
    assert cohort.source.missing_for_kpis == ("dxa",)
    assert cohort.fractures["dxa"].tolist() == ["not known"] * 2


def test_the_quirks_of_a_real_export_all_together(root, params, tmp_path):
    quirky = (
        "\ufeffUnit code;RecordID;1.03 Gender;Age at fracture;1.09 Date Index Frac Diagnosed;1.10 TypeOfFractue;"
        "SiteFirstFrac;4.01 BoneTherapy;...2;Unnamed: 9\r\n"
        "NO;R1;FEMALE;74;01/03/2024 00:00;Inpatient;Hip;Donít know;;\r\n"
        "010;R2;male;81;2024-03-02;Out-patient;Non-hip/non-spine;Denosumab;Alendronate;;\r\n".replace(
            "Denosumab;Alendronate", '"Denosumab;Alendronate"'
        )
        + "5E1;R3; M ;66;3-Mar-24;;Spine;Don’t know;;\r\n;;;;;;;;;\r\n;;;;;;;;;\r\n"
    )
    path = tmp_path / "export.csv"
    path.write_text(quirky, encoding="utf-8", newline="")
    cohort = prepare(params, root, path)
    fractures = cohort.fractures
    assert fractures["service_code"].tolist() == ["NO", "010", "5E1"]
    assert fractures["sex"].tolist() == ["female", "male", "male"]
    assert fractures["index_date"].dt.day.tolist() == [1, 2, 3]
    assert fractures["therapy"].tolist() == ["not known", "drug", "not known"]
    assert fractures["therapy_drugs"].tolist() == ["", "Alendronate;Denosumab", ""]
    assert fractures["fracture_type"].tolist() == ["inpatient", "outpatient", "not known"]
    assert cohort.source.file.blank_rows == 2 and cohort.source.file.empty_columns == 2
    assert set(cohort.issues["rule"]) == {"code-out-of-years"}


def test_csv_workbook_and_parquet_give_one_cohort(root, params, write, rows, tmp_path):
    content = rows({}, {"Unit code": "010", "3.04 TScore": ""}, {"Unit code": "5E1"})
    frame = pd.DataFrame(content)
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    cohorts = [prepare(params, root, path) for path in (write(content), tmp_path / "a.xlsx", tmp_path / "a.parquet")]
    for other in cohorts[1:]:
        pd.testing.assert_frame_equal(cohorts[0].fractures, other.fractures)


def test_progress_is_told_every_step(root, params, write, rows):
    heard = []
    prepare(params, root, write(rows({})), progress=lambda what, done, total: heard.append((done, total)))
    assert heard == [(step, 5) for step in range(5)]


def test_preparing_again_uses_what_is_there(root, params, write, rows, tmp_path):
    path, heard = write(rows({})), []
    first = prepare_once(params, root, path, tmp_path / "cache", progress=lambda what, done, total: heard.append(what))
    steps = len(heard)
    assert prepare_once(params, root, path, tmp_path / "cache", progress=lambda *told: heard.append(told)) == first
    assert steps == len(heard) > 0
    write(rows({}, {}))
    assert prepare_once(params, root, path, tmp_path / "cache") != first


# -- no patient's value in anything that is told ----------------------------------------------------------------------
NHS = next(number for number in map(str, range(9_434_765_000, 9_434_766_000)) if nhs_number.is_valid(number))
SECRETS = {
    "number": NHS,
    "spaced number": f"{NHS[:3]} {NHS[3:6]} {NHS[6:]}",
    "postcode": "BS8 1TH",
    "name": "Zebedee Quill",
    "date": "17/11/1938",
    "iso date": "1938-11-17",
    "mail": "zebedee@quill.example",
}
PLANTED = ("Unit code", "1.03 Gender", "Age Frac diagnosed", "1.07 DateFLSAssess", INDEX, "1.11 SiteFirstFrac",
           "4.01 BoneTherapy", "3.04 TScore", "IMD decile", "Notes")  # fmt: skip


def told(error=None, cohort=None):
    """Everything that a run says: the message with its traceback, the log, the flow, and what prints of the cohort."""
    heard = io.StringIO()
    if error is not None:
        heard.write(str(error) + "".join(traceback.format_exception(error)))
    if cohort is not None:
        for frame in (cohort.issues.astype(str), cohort.flow, cohort.flow_by_year):
            heard.write(frame.to_csv())
        heard.write(repr(cohort))
    return heard.getvalue()


@pytest.mark.parametrize("heading", PLANTED)
@pytest.mark.parametrize("planted", [("name",), ("date",), ("iso date",), tuple(SECRETS)], ids="+".join)
def test_no_planted_value_is_ever_told(root, params, write, rows, clean, planted, heading):
    # Name and date alone pass the door as dirty answers and come to the log; all together they are refused.
    values = [SECRETS[name] for name in planted]
    content = rows(*({heading: value} for value in [*values, *[clean.get(heading, "")] * 12]))
    error = cohort = None
    try:
        cohort = prepare(params, root, write(content))
    except FlsError as caught:
        error = caught
    heard = told(error, cohort)
    assert heard and not [word for value in values for word in (value, value.split()[-1]) if word in heard]


@pytest.mark.parametrize("breakage", ["no headings", "extra cell", "open quote", "short file"])
def test_no_value_is_told_of_a_file_that_is_broken(root, params, write, rows, breakage, tmp_path):
    secret = ["R5", "NO", *SECRETS.values()]
    path = write(rows(*[{}] * 4))
    lines = path.read_text(encoding="utf-8").splitlines()
    line = io.StringIO()
    csv.writer(line).writerow(secret)
    planted = line.getvalue().strip()
    if breakage == "no headings":
        lines = [planted, planted]
    elif breakage == "extra cell":
        lines.insert(2, lines[1] + "," + planted)
    elif breakage == "open quote":
        lines.insert(2, f'R9,"{planted}')
    else:
        lines = [planted]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    error = cohort = None
    try:
        cohort = prepare(params, root, path)
    except FlsError as caught:
        error = caught
    heard = told(error, cohort)
    assert heard and not [value for value in SECRETS.values() if value in heard]


def test_many_rows_of_random_text_end_in_a_cohort(root, params, write, rows, clean):
    chance = random.Random(11)
    headings = [name for name in clean if name not in ("Record ID", "Unit code")]
    strange = ["", "0", "-1", "99/99/9999", "Yes", "no", "?", "None", "1e9", "Hip;Hip", " ", "ÿ", "'", "é", "∞"]
    content = rows({}, *({name: chance.choice(strange) for name in headings} for _ in range(300)))
    cohort = prepare(params, root, write(content))
    check_balance(cohort.flow)
    assert len(cohort.fractures) >= 1


def test_without_keys_a_record_is_named_by_its_line(root, params, write, rows):
    keyless = [{name: value for name, value in row.items() if name != "Record ID"} for row in rows({}, {})]
    cohort = prepare(params, root, write(keyless))
    assert cohort.fractures["record_id"].str.fullmatch(r"line \d+").all()
    assert "key-missing" not in set(cohort.issues["rule"].astype(str))
