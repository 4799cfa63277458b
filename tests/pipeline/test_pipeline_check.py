"""A check says what a build would do with an extract, and writes a log that services can work through."""

import csv

import pytest

from fls_research.errors import ExtractNotFound
from fls_research.pipeline import check


@pytest.fixture
def checked(edition):
    return edition, check.check_extract(2024, root=edition)


def block(checked, title):
    _, found = checked
    return dict(check.report(found))[title]


def test_every_row_is_accounted_for(checked):
    _, found = checked
    assert check.balance(found.cohort) == "6 rows read = 4 analysed + 1 left out + 1 set aside"
    flow = block(checked, "What becomes of the rows")
    assert ("read", "Rows read", 6) in flow and ("analysed", "Rows analysed", 4) in flow
    assert ("excluded", "The patient is under 50", 1) in flow and ("quarantined", "The age is blank", 1) in flow


def test_the_columns_are_told_as_they_were_understood(checked):
    columns = block(checked, "Its columns: heading, field number, field")
    assert ("Gender", "1.03", "sex") in columns
    assert ("(no column)", "3.03", "dxa_date") in columns


def test_issues_are_counted_by_rule(checked):
    issues = block(checked, "Issues: what was done, what was wrong, how often, in how many services")
    assert ("row quarantined", "The age is blank", 1, 1) in issues


def test_the_issue_log_names_rows_and_rules_and_no_value(checked):
    root, found = checked
    assert found.issues.is_relative_to(root / "data" / "checks")
    with found.issues.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(r["service_code"], r["record_id"], r["line"], r["rule"]) for r in rows} == {
        ("5E1", "4", "5", "age-under-50"),
        ("5E1", "5", "6", "age-missing"),
    }
    assert {r["what"] for r in rows} == {"The age is blank", "The patient is under 50"}
    assert set(rows[0]) == {"service_code", "record_id", "line", "data_year", "field", "rule", "action", "what"}


def test_a_key_that_a_spreadsheet_would_run_is_disarmed(edition):
    path = edition / "data" / "x.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\n5,5E1", "\n=1+1,5E1"), encoding="utf-8")
    text = check.check_extract(2024, root=edition).issues.read_text(encoding="utf-8-sig")
    assert ",'=1+1," in text


def test_the_extract_of_the_settings_is_used_and_missed_by_name(edition, tmp_path):
    other = tmp_path / "other.csv"
    (edition / "data" / "x.csv").rename(other)
    with pytest.raises(ExtractNotFound, match=r"data/x\.csv: there is no such file"):
        check.check_extract(2024, root=edition)
    assert check.check_extract(2024, root=edition, extract=other).cohort.source.file.name == "other.csv"
    settings = edition / "params" / "2024.yml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("data/x.csv", "data/demo/x.csv"), encoding="utf-8")
    with pytest.raises(ExtractNotFound, match="run 'fls demo' to write it"):
        check.check_extract(2024, root=edition)
