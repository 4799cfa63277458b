"""Real extracts lack things: a field, a year, every service but one. The real notebooks and prose must say so in words.

The editions are whole ones, built from a twentieth of the demo's rows; one extract stands for several that lack fields.
"""

import json
import re

import pandas as pd
import pytest
from small_edition import small_project

from fls_research.pipeline.build import build
from fls_research.pipeline.check import check_extract, report

pytestmark = pytest.mark.slow
DIAGNOSED = "1.09 Date Index Frac Diagnosed"
BESIDES = ("Record ID", "Unit code", "Data status", "Age Frac diagnosed")
"""What every extract holds without a field number."""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The project's own notebooks, prose and settings beside a small extract."""
    return small_project(tmp_path_factory.mktemp("extracts") / "project")


@pytest.fixture(scope="module")
def rows(root):
    frame = pd.read_csv(root / "data/demo/fls-db-extract.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    return frame.rename(columns=lambda heading: "" if heading.startswith("Unnamed") else heading)


def written(rows, root, name):
    path = root / "data" / name
    rows.to_csv(path, index=False, encoding="utf-8")
    return path


def made(root, extract):
    """The facts, and the text of the page, of an edition of this extract."""
    folder = build(2024, root=root, extract=extract, engine="pandoc").folder
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    page = (folder / "annual-report.html").read_text(encoding="utf-8")
    return facts, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def sentences_with_gaps(text):
    """Sentences of prose in which a number is not available; what explains the sign, and cells of tables, aside."""
    return [
        found
        for found in re.findall(r"[^.|]*\[x\] (?:of|had|were|and|times|points)[^.|]*\.", text)
        if "not available" not in found
    ]


@pytest.fixture(scope="module")
def one_year(root, rows):
    return made(root, written(rows[rows[DIAGNOSED].str.endswith("/2024")], root, "one-year.csv"))


@pytest.fixture(scope="module")
def bare(root, rows):
    """The numbered fields of the Lite dataset, without 7.05; no deprivation, ethnic group or death."""
    kept = [name for name in rows if (name[:1].isdigit() and not name.startswith("7.05")) or name in BESIDES]
    extract = written(rows[kept], root, "bare.csv")
    return extract, *made(root, extract)


def test_one_data_year_gives_a_report_that_says_what_it_cannot_tell(one_year):
    facts, text = one_year
    assert "No patient of 2023 is in the extract: KPI 11, treatment at 52 weeks and changes since 2023" in text
    assert "What became of patients by 52 weeks cannot be told from this extract" in text
    assert facts["kpi4.national.2024.percent"]["value"] > 0
    assert not sentences_with_gaps(text)


def test_a_fact_without_a_value_says_why(one_year):
    facts, _ = one_year
    fact = facts["adherence.on-at-52.2024.percent"]
    assert (fact["value"], fact["text"], fact["suppressed"]) == (None, "[x]", False)
    assert fact["reason"].startswith("No patient of 2023 is in the extract")


def test_bare_lite_fields_give_a_report_in_whole_sentences(bare):
    _, facts, text = bare
    assert facts["time.assessment-imd-quintile.1.2024.day-90"]["value"] is None
    assert "deaths are not in this extract" in text
    assert "The extract does not say in which fifth of neighbourhoods patients live" in text
    assert not sentences_with_gaps(text)


def test_a_kpi_without_its_field_has_no_value_and_is_not_nought(bare):
    _, facts, text = bare
    assert facts["kpi11.national.2024.percent"]["text"] == "[x]"
    assert facts["adherence-imputed.on-at-52.2024.percent"]["value"] is None
    assert "Field 7.05 BoneTherapy4856 is not in the extract: KPI 11 and treatment at 52 weeks cannot be told." in text


def test_the_check_names_what_a_report_cannot_tell(bare, root):
    extract, _, _ = bare
    blocks = dict(report(check_extract(2024, root=root, extract=extract)))
    told = dict(blocks["What a report of it cannot tell, and for want of what"])
    assert told["Field 7.05 BoneTherapy4856 is not in the extract"] == "KPI 11 and treatment at 52 weeks cannot be told"
    assert told["Field IMD decile is not in the extract"] == "comparisons by deprivation cannot be told"


def test_one_service_alone_can_be_reported_on(root, rows):
    facts, text = made(root, written(rows[rows["Unit code"] == "PC6"], root, "one-service.csv"))
    assert "One service alone has records of 2024" in text
    assert facts["inequality.imd-quintile-1.2024.within-lower"]["reason"].startswith("One service alone")
    assert not sentences_with_gaps(text)
