"""A spec table of dirty rows: the change, the rule it breaks, the field it is logged under, and the answer after."""

import numpy as np
import pandas as pd
import pytest

from fls_research.data.cohort import prepare
from fls_research.data.extract import read_extract
from fls_research.data.mapping import map_headings
from fls_research.data.rules import BY_ID, ROW_RULES, RULES, Action
from fls_research.data.validate import validate

INDEX, ASSESSED, SCAN, DIED = "1.09 Date Index Frac Diagnosed", "1.07 DateFLSAssess", "3.03 DateofDXA", "Date of death"

# change | rule | field | value left in the field afterwards (None: missing)
ANSWERS = [
    ({ASSESSED: "31/11/2024"}, "date-impossible", "assessment_date", None),
    ({ASSESSED: "12/25/2024"}, "date-impossible", "assessment_date", None),
    ({ASSESSED: "45323"}, "date-impossible", "assessment_date", None),
    ({ASSESSED: "01/01/2024"}, "assessment-before-fracture", "assessment_date", None),
    ({ASSESSED: "01/07/2025"}, "date-after-lock", "assessment_date", None),
    ({SCAN: "01/01/2024"}, "dxa-before-fracture", "dxa_date", None),
    ({"6.02 Dateof16WeekAss": "01/01/2024"}, "follow-up-16-before-fracture", "follow_up_16_date", None),
    ({"7.02 Dateof52WeekAss": "01/01/2024"}, "follow-up-52-before-fracture", "follow_up_52_date", None),
    ({DIED: "01/01/2024"}, "death-before-fracture", "death_date", None),
    ({DIED: "01/06/2024"}, "event-after-death", "follow_up_16_date", "2024-06-14"),
    ({"1.05 CareRes": "Maybe"}, "code-unknown", "care_home", "not known"),
    ({"4.01 BoneTherapy": "Snake oil"}, "code-unknown", "therapy", "not known"),
    ({"4.01 BoneTherapy": "Denosumab;Snake oil"}, "drug-unknown", "therapy", "drug"),
    ({"4.01 BoneTherapy": "Denosumab;Informed decline"}, "therapy-mixed", "therapy", "drug"),
    ({"4.01 BoneTherapy": "Inappropriate;Informed decline"}, "therapy-contradicts", "therapy", "not known"),
    ({"1.11 SiteFirstFrac": ""}, "site-missing", "fracture_site", "not known"),
    ({"1.11 SiteFirstFrac": "Non hip/non spine"}, "code-out-of-years", "fracture_site", "non-hip non-spine"),
    ({INDEX: "01/12/2023", "1.11 SiteFirstFrac": "Wrist"}, "code-out-of-years", "fracture_site", "wrist"),
    ({"3.04 TScore": "low"}, "number-unreadable", "t_score", None),
    ({"3.04 TScore": "-25"}, "number-out-of-range", "t_score", None),
    ({"IMD decile": "3.5"}, "number-unreadable", "imd_decile", None),
    ({"IMD decile": "11"}, "number-out-of-range", "imd_decile", None),
    ({"Record ID": ""}, "key-missing", "record_id", "line 3"),
]

# change | rule; the row is taken out
ROWS = [
    ({name: "" for name in ("Unit code",)}, "service-missing"),
    ({INDEX: ""}, "index-missing"),
    ({INDEX: "NULL"}, "index-missing"),
    ({INDEX: "30/02/2024"}, "index-impossible"),
    ({INDEX: "03/25/2024"}, "index-impossible"),
    ({INDEX: "01/03/2015"}, "index-before-audit"),
    ({INDEX: "01/03/1924"}, "index-before-audit"),
    ({"Age Frac diagnosed": ""}, "age-missing"),
    ({"Age Frac diagnosed": "old"}, "age-implausible"),
    ({"Age Frac diagnosed": "116"}, "age-implausible"),
    ({"Age Frac diagnosed": "-74"}, "age-implausible"),
    ({"Record ID": "R1"}, "duplicate-key"),
    ({INDEX: "01/07/2025"}, "index-after-lock"),
    ({INDEX: "01/07/2104"}, "index-after-lock"),
    ({INDEX: "31/12/2021"}, "other-year"),
    ({"Unit code": "NI1"}, "other-nation"),
    ({"Unit code": "OLD"}, "service-not-registered"),
    ({"Age Frac diagnosed": "49"}, "age-under-50"),
    ({"Age Frac diagnosed": "49.9"}, "age-under-50"),
]


@pytest.mark.parametrize(("change", "rule_id", "field", "left"), ANSWERS, ids=lambda value: str(value)[:40])
def test_an_answer_that_cannot_be_so(cohort_of, change, rule_id, field, left):
    cohort = cohort_of(change)
    logged = cohort.issues.query("line == 3")
    assert rule_id in set(logged["rule"])
    entry = logged[(logged["rule"] == rule_id) & (logged["field"] == field)]
    assert len(entry) == 1 and entry["action"].item() == BY_ID[rule_id].action.value
    kept = cohort.fractures.iloc[-1] if len(cohort.fractures) == 2 else None
    assert kept is not None, "a field's fault does not cost the row"
    value = kept[field]
    if left is None:
        assert pd.isna(value)
    else:
        assert str(value).startswith(left)


@pytest.mark.parametrize(("change", "rule_id"), ROWS, ids=lambda value: str(value)[:40])
def test_a_row_that_is_taken_out(cohort_of, change, rule_id):
    cohort = cohort_of(change)
    flow = cohort.flow.set_index("reason")["rows"]
    assert flow[rule_id] == 1 and len(cohort.fractures) == 1
    assert flow[[rule.id for rule in ROW_RULES if rule.id != rule_id]].sum() == 0
    logged = cohort.issues[cohort.issues["rule"] == rule_id]
    assert len(logged) == (1 if BY_ID[rule_id].logged else 0)


def test_every_rule_stands_in_a_table():
    elsewhere = {"row-shape", "row-blank", "duplicate-row", "service-too-small", "contact-before-fracture",
                 "record-twice"}  # fmt: skip
    shown = {line[1] for line in ANSWERS} | {line[1] for line in ROWS}
    assert shown | elsewhere == {rule.id for rule in RULES} and not shown & elsewhere


def test_a_row_in_order_breaks_no_rule(cohort_of):
    cohort = cohort_of()
    assert cohort.issues.empty and len(cohort.fractures) == 1


def test_values_come_out_as_the_frame_promises(cohort_of):
    row = cohort_of().fractures.iloc[0]
    assert (row["sex"], row["age"], row["fracture_site"], row["therapy"]) == ("female", 74, "wrist", "drug")
    assert row["therapy_drugs"] == "Alendronate" and row["t_score"] == -2.5 and row["imd_decile"] == 3
    assert row["index_date"].isoformat() == "2024-02-01T00:00:00"


def test_a_field_without_a_column_is_there_and_not_known(cohort_of):
    fractures = cohort_of().fractures
    assert fractures["vision"].tolist() == ["not known"]
    assert fractures["height"].isna().all() and fractures["refractures"].isna().all()


def test_a_contact_before_the_fracture_is_noted_and_kept(root, params, write, rows):
    cohort = prepare(params, root, write(rows({"1.06 DateFLSContact": "01/01/2024"})))
    assert cohort.issues["rule"].tolist() == ["contact-before-fracture"]
    assert cohort.issues["action"].tolist() == [Action.NOTE.value]
    assert cohort.fractures["contact_date"].notna().all()


def test_a_row_of_another_width_and_a_blank_row_are_quarantined(root, params, write, rows):
    path = write(rows({}, {}, {}))
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2:2] = ["," * (lines[0].count(",")), "R9,NO,Female"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    cohort = prepare(params, root, path)
    flow = cohort.flow.set_index("reason")["rows"]
    assert (flow["row-blank"], flow["row-shape"]) == (1, 1) and len(cohort.fractures) == 3
    assert cohort.issues[["line", "rule"]].values.tolist() == [[3, "row-blank"], [4, "row-shape"]]


def test_the_log_names_row_and_line_and_year(cohort_of):
    entry = cohort_of({}, {SCAN: "01/01/2024"}).issues.iloc[0]
    assert (entry["service_code"], entry["record_id"], entry["line"], entry["data_year"]) == ("NO", "R3", 4, 2024)


def test_a_row_of_another_year_is_not_taken_to_task(cohort_of):
    assert cohort_of({INDEX: "31/12/2021", "1.05 CareRes": "Maybe"}).issues.empty


def test_the_input_is_left_as_it_was(root, params, write, rows):
    raw = read_extract(write(rows({}, {SCAN: "01/01/2024"})))
    before = raw.frame.copy(deep=True)
    validated = validate(raw, map_headings(raw), params)
    assert raw.frame.equals(before)
    assert validated.records["dxa_date"].isna().tolist() == [False, True]
    assert np.array_equal(validated.fates.undecided, [True, True])
