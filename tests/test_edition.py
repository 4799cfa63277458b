"""The real notebooks, prose and settings on the synthetic extract: what was promised of a whole edition.

The extract is a twentieth of the demo's size, so that an edition takes seconds; calibration is tested in the data room.
"""

import json
import re
from zipfile import ZipFile

import pandas as pd
import pytest
from small_edition import small_project

from fls_research.pipeline.build import build

pytestmark = pytest.mark.slow
ASSESSED = "1.07 DateFLSAssess"
DIAGNOSED = "1.09 Date Index Frac Diagnosed"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The project's own notebooks, prose and settings beside a small extract."""
    return small_project(tmp_path_factory.mktemp("edition") / "project")


@pytest.fixture(scope="module")
def built(root):
    return build(2024, root=root, engine="pandoc").folder


@pytest.fixture(scope="module")
def facts(built):
    return json.loads((built / "facts.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def html(built):
    return (built / "annual-report.html").read_text(encoding="utf-8")


def test_everything_the_readme_lists_is_there(built):
    names = {path.name for path in built.iterdir()}
    assert {f"annual-report.{kind}" for kind in ("html", "docx", "pdf")} <= names
    assert {"line-of-sight.docx", "line-of-sight.html"} <= names
    assert {"facts.json", "manifest.json", "log.jsonl", "results", "notebooks"} <= names
    results = {path.stem for path in (built / "results").iterdir()}
    assert all((built / "results" / f"{name}.{kind}").is_file() for name in results for kind in ("csv", "json"))


def test_every_fact_says_what_it_is_and_where_it_was_made(built, facts):
    fact = facts["kpi4.national.2024.percent"]
    assert fact["value"] == pytest.approx(100 * fact["numerator"] / fact["denominator"], abs=1e-5)
    assert (fact["unit"], fact["definition"]) == ("percent", "kpi4.2016")
    for told in facts.values():
        assert (built / "results" / f"{told['result']}.json").is_file()
        assert (built / "notebooks" / f"{told['notebook']}.ipynb").is_file()


def test_the_numbers_in_the_prose_are_the_facts(facts, html):
    prose = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))
    assert f"{facts['kpi4.national.2024.percent']['text']} were assessed within 90 days of diagnosis" in prose
    assert f"from {facts['cohort.records.2024.count']['text']} records" in prose


def test_nothing_is_left_unresolved_and_nothing_is_fetched(html):
    for mark in ("{{&lt;", "{{<", "?@", "?var:"):
        assert mark not in html
    assert not re.search(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["'](?:https?:)?//""", html)


def test_the_three_reports_say_that_the_data_are_synthetic(built, html):
    word = ZipFile(built / "annual-report.docx").read("word/document.xml").decode("utf-8")
    assert "SYNTHETIC DATA" in html and "SYNTHETIC DATA" in word
    for path in (built / "results").glob("*.csv"):
        assert pd.read_csv(path, dtype=str, usecols=[0]).iloc[:, 0].eq("SYNTHETIC").all(), path.name


def test_figures_have_alternative_text_and_tables_stay_tables(built, html):
    pictures = re.findall(r"<img[^>]*>", html)
    assert len(pictures) >= 6
    assert all(re.search(r'alt="[^"]{40,}"', picture) for picture in pictures)
    captions = len(re.findall(r"<caption", html))
    word = ZipFile(built / "annual-report.docx").read("word/document.xml").decode("utf-8")
    assert captions >= 10 and word.count("<w:tbl>") >= captions


def test_no_patient_row_leaves(built, root):
    keys = pd.read_csv(root / "data/demo/fls-db-extract.csv", dtype=str, usecols=["Record ID"], encoding="utf-8-sig")
    some = {key for key in keys["Record ID"].dropna().sample(200, random_state=1) if len(key) > 5}
    assert len(some) > 100
    for path in built.rglob("*"):
        if path.suffix in {".json", ".csv", ".html", ".ipynb", ".jsonl", ".yml"}:
            text = path.read_text(encoding="utf-8")
            assert not [key for key in some if key in text], path.name


def test_one_changed_record_changes_the_report_and_the_manifest_says_so(root, built, facts):
    changed = root / "data" / "changed.csv"
    extract = root / "data/demo/fls-db-extract.csv"
    rows = pd.read_csv(extract, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    met = (rows[DIAGNOSED].str.endswith("/2024")) & (rows[ASSESSED] == rows[DIAGNOSED]) & rows["Unit code"].ne("")
    rows.loc[rows.index[met][0], ASSESSED] = ""
    rows = rows.rename(columns=lambda heading: "" if heading.startswith("Unnamed") else heading)
    rows.to_csv(changed, index=False, encoding="utf-8")
    before_manifest = (built / "manifest.json").read_text(encoding="utf-8")
    before_html = (built / "annual-report.html").read_text(encoding="utf-8")
    folder = build(2024, root=root, extract=changed, engine="pandoc").folder
    now = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    count = "kpi4.national.2024.count"
    assert now[count]["value"] == facts[count]["value"] - 1
    assert (folder / "manifest.json").read_text(encoding="utf-8") != before_manifest
    assert (folder / "annual-report.html").read_text(encoding="utf-8") != before_html
