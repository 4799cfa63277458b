"""A fact is walked back to the data items, and two runs are compared fact by fact."""

import json

import pytest
from sight_edition import YEAR, results, write_edition, write_project

from fls_research.errors import PublishError
from fls_research.pipeline.line_of_sight.changes import Cause, changed_inputs, changes
from fls_research.pipeline.line_of_sight.edition import edition_folder, open_edition
from fls_research.pipeline.line_of_sight.evidence import walk
from fls_research.pipeline.line_of_sight.messages import LABEL, write_messages
from fls_research.pipeline.line_of_sight.tell import edition_with, told


@pytest.fixture
def project(tmp_path):
    write_project(tmp_path)
    write_edition(edition_folder(YEAR, tmp_path))
    return tmp_path


def edition(project):
    return open_edition(YEAR, edition_folder(YEAR, project))


def test_a_fact_walks_back_to_the_fields_of_the_dataset(project):
    found = walk(edition(project), "kpi4.national.now.percent")
    assert found.record.version == "kpi4.2016"
    assert {item.number for item in found.items} == {"1.07", "1.09"}
    assert found.result["id"] == "tbl-kpi-national"


def test_a_number_of_services_goes_by_the_definition_of_its_kpi(project):
    assert walk(edition(project), "kpi6.services.2024.at-least-80").record.id == "kpi6"


def test_a_published_value_has_no_definition_of_ours(project):
    found = walk(edition(project), "published.kpi4.national.2023.percent.report-2024")
    assert found.is_published and found.record is None


def test_everything_behind_a_fact_is_told(project):
    lines = told(edition(project), "kpi4.national.2024.percent", root=project)
    answers = dict(lines)
    assert answers["value"] == "69% (unrounded 69)"
    assert answers["numerator / denominator"] == "690 / 1,000"
    assert answers["report vintage"] == "report on 2024 data, published January 2026; SYNTHETIC data"
    assert answers["definition"].startswith("kpi4.2016: Assessment within 90 days. Counted: every record.")
    assert "date of FLS assessment (1.07)" in answers["data items"]
    assert answers["notebook and cell"] == "20_kpis, cell tbl-kpi-national"
    assert "e" * 64 in answers["extract"]
    assert ("params", "params/2024.yml, sha256 s1") in lines
    assert answers["commit"] == "abc123 with changes that were not committed"
    assert answers["packages"] == "python 3.11.0, pandas 2.3.3"


def test_a_number_of_services_is_told_out_of_how_many(project):
    answers = dict(told(edition(project), "kpi4.services.now.below-50", root=project))
    assert answers["numerator / denominator"] == "19 / 77 (kpi4.services.2024.with-value)"


def test_a_published_value_is_told_with_its_source_and_vintage(project):
    answers = dict(told(edition(project), "published.kpi4.national.2023.percent.report-2024", root=project))
    assert answers["report vintage"] == "printed in the report on 2024 data"
    assert answers["source"] == "report on 2024 data (2026), line-of-sight table"
    assert "extract" not in answers and answers["params"].startswith("params/published.csv")


def test_a_computed_value_says_what_was_printed_before_it(project):
    answers = dict(told(edition(project), "kpi4.national.2023.percent", root=project))
    assert answers["printed before"] == "65% in the report on 2024 data"


def test_a_suppressed_value_is_not_told(project):
    found = results()
    found["tbl-kpi-national"]["kpi4.national.2024.percent"] |= {"suppressed": True, "value": None, "text": "[c]"}
    write_edition(edition_folder(YEAR, project), found)
    answers = dict(told(edition(project), "kpi4.national.2024.percent", root=project))
    assert (answers["value"], answers["suppressed"]) == ("suppressed", "yes")


def test_the_edition_that_has_the_fact_is_found_and_the_nearest_id_named(project):
    assert edition_with("kpi4.national.2024.percent", root=project).year == YEAR
    with pytest.raises(PublishError, match=r"did you mean 'kpi4\.national\.2024\.percent'"):
        edition_with("kpi4.national.2024.percnt", root=project)
    with pytest.raises(PublishError, match="There is no edition yet"):
        edition_with("kpi4.national.2024.percent", root=project / "params")


@pytest.fixture
def later(project, tmp_path):
    return write_edition(tmp_path / "later")


def altered(folder, **changed):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed), encoding="utf-8")
    return open_edition(YEAR, folder)


CAUSES = {
    Cause.DATA: {"extract": {"name": "x.csv", "sha256": "f" * 64, "rows": 13}},
    Cause.PARAMS: {"settings": {"params/2024.yml": "s2"}},
    Cause.CODE: {"notebooks": {"notebooks/20_kpis.ipynb": "n2"}},
}


@pytest.mark.parametrize("cause", CAUSES)
def test_a_changed_number_names_what_changed(project, later, cause):
    write_edition(later, results(now=70.0))
    (found,) = changes(edition(project), altered(later, **CAUSES[cause]))
    assert (found.id, found.before, found.after) == ("kpi4.national.2024.percent", "69%", "70%")
    assert found.causes == (cause,)


def test_a_changed_definition_is_the_cause_before_any_other(project, later):
    other = results(now=70.0)
    other["tbl-kpi-national"]["kpi4.national.2024.percent"]["definition"] = "kpi4.2024"
    write_edition(later, other)
    (found,) = changes(edition(project), altered(later, **CAUSES[Cause.DATA]))
    assert found.causes == (Cause.DEFINITION,)


def test_where_two_things_changed_both_are_named(project, later):
    write_edition(later, results(now=70.0))
    (found,) = changes(edition(project), altered(later, **CAUSES[Cause.DATA], **CAUSES[Cause.CODE]))
    assert found.why == "data or code"


def test_equal_runs_have_no_changes_and_new_facts_are_told(project, later):
    assert changes(edition(project), open_edition(YEAR, later)) == []
    more = results()
    more["tbl-kpi-colours"]["kpi6.services.2024.new"] = more["tbl-kpi-colours"]["kpi6.services.2024.at-least-80"]
    del more["tbl-kpi-colours"]["kpi6.services.2024.at-least-80"]
    write_edition(later, more)
    found = {one.id: (one.before, one.after) for one in changes(edition(project), open_edition(YEAR, later))}
    assert found == {"kpi6.services.2024.new": ("", "31"), "kpi6.services.2024.at-least-80": ("31", "")}


def test_a_new_version_of_a_package_is_code(project, later):
    other = altered(later, versions={"python": "3.11.0", "pandas": "2.3.4"})
    assert changed_inputs(edition(project), other)[Cause.CODE] == ["pandas (version)"]


def test_the_key_messages_are_laid_down_as_an_executed_notebook(project):
    run = edition_folder(YEAR, project)
    (run / "notebooks").mkdir()
    cell = json.loads(write_messages(YEAR, root=project, run_dir=run).read_text(encoding="utf-8"))["cells"][0]
    table = cell["outputs"][0]["data"]["text/markdown"]
    assert f"#| label: {LABEL}" in cell["source"]
    assert "| 1. Assess in time | 19 of 77 services assessed fewer than half in 2024. |" in table


def test_an_edition_without_recommendations_says_so(project):
    run = edition_folder(YEAR, project)
    (run / "notebooks").mkdir()
    (project / "params" / "recommendations" / "2024.yml").unlink()
    text = write_messages(YEAR, root=project, run_dir=run).read_text(encoding="utf-8")
    assert "No recommendations were written for this edition." in text
