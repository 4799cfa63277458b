"""The last look finds personal data in every kind of file that leaves, and never repeats it."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path

import pytest

from fls_research.disclosure import scan_files, scan_text

NHS = "943 476 5919"  # the example number of the NHS data dictionary: its check digit is right
NHS_RULE = "number with the check digit of an NHS number"


def _rules(text: str, **how) -> list[str]:
    return [found.rule for found in scan_text(text, name="x", **how)]


@pytest.mark.parametrize("written", [NHS, NHS.replace(" ", ""), NHS.replace(" ", "-")])
def test_an_nhs_number_is_found_however_it_is_written(written: str) -> None:
    assert _rules(f"patient {written}, seen") == [NHS_RULE]


@pytest.mark.parametrize(
    "text",
    ["943 476 5918", "0.9434765919", "9434765919.25", "sha a9434765919f", "1111111111", "tel. 83,500", "19434765919"],
)
def test_other_digits_are_left_alone(text: str) -> None:
    assert _rules(text) == []


@pytest.mark.parametrize("postcode", ["SW1A 1AA", "M1 1AE", "CF10 3NQ", "EC1A1BB"])
def test_a_full_postcode_is_found(postcode: str) -> None:
    assert _rules(f"lives at {postcode}.") == ["full postcode"]


@pytest.mark.parametrize(
    "text", ["SW1A", "E54000010", "kpi4.2016", "NICE NG249", "IMD 2019", "A4 160 mm", "QS149 1AB2"]
)
def test_codes_are_no_postcodes(text: str) -> None:
    assert _rules(text) == []


def test_an_email_address_is_found_unless_it_is_the_reports_own() -> None:
    assert _rules("a.person@nhs.example") == ["e-mail address"]
    assert _rules("Audit@Example.org", allow=["audit@example.org"]) == []
    assert _rules("@fig-flow and @media") == []


@pytest.mark.parametrize(
    "table",
    ["<table><tr><th scope='col'>Record ID</th></tr></table>", "| record_id | age |\n|---|---:|\n| a | 7 |"],
)
def test_headings_of_patient_rows_are_found(table: str) -> None:
    assert _rules(table) == ["heading of patient rows"]


def test_a_definition_may_name_a_field() -> None:
    assert _rules("| Field | About |\n|:--|:--|\n| record_id | key of the record |") == []


def test_a_finding_names_file_and_rule_and_never_the_value() -> None:
    (found,) = scan_text(NHS + "\n" + NHS, name="report.html")
    assert (found.file, found.rule, found.times) == ("report.html", NHS_RULE, 2)
    assert "943" not in repr(found)


def test_pictures_inside_a_page_are_not_read_as_text() -> None:
    picture = base64.b64encode(b"SW1A 1AA " * 40).decode() + "M11AE+/SW1A1AA=="
    assert _rules(f'<img src="data:image/png;base64,{picture}">') == []


def test_every_kind_of_file_is_looked_through(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(f"<p>{NHS}</p>", encoding="utf-8")
    (tmp_path / "b.csv").write_text("Record ID,age\n1,70\n", encoding="utf-8")
    (tmp_path / "c.json").write_text(json.dumps({"n": NHS}), encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "d.ipynb").write_text(json.dumps({"cells": [{"outputs": [NHS]}]}), encoding="utf-8")
    (tmp_path / "e.md").write_text("SW1A 1AA", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "f.docx", "w") as packed:
        packed.writestr("word/document.xml", "<w:p><w:r><w:t>943 476</w:t></w:r><w:r><w:t> 5919</w:t></w:r></w:p>")
    (tmp_path / "g.png").write_bytes(b"SW1A 1AA")
    assert [(found.file, found.rule) for found in scan_files([tmp_path])] == [
        ("a.html", NHS_RULE),
        ("b.csv", "heading of patient rows"),
        ("c.json", NHS_RULE),
        ("e.md", "full postcode"),
        ("f.docx (word/document.xml)", NHS_RULE),
        ("sub/d.ipynb", NHS_RULE),
    ]


def test_files_that_cannot_be_looked_through_are_findings(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    (tmp_path / "broken.docx").write_bytes(b"no archive")
    (tmp_path / "latin.csv").write_bytes(b"na\xefve\n")
    assert [(found.file, found.rule) for found in scan_files([tmp_path])] == [
        ("broken.docx", "file that cannot be read"),
        ("latin.csv", "file that cannot be read"),
        ("rows.parquet", "kind of file that may not leave"),
    ]


def test_more_rows_than_a_released_table_has(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1,2\n" * 50_001, encoding="utf-8")
    assert [found.rule for found in scan_files([path])] == ["more rows than a released table has"]
    path.write_text("a,b\n" + "1,2\n" * 50_000, encoding="utf-8")
    assert scan_files([path]) == ()
