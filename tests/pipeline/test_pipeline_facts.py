"""Facts are gathered from results, looked up by id in prose, and never say two things."""

import json
from pathlib import Path

import pytest

from fls_research.errors import PublishError
from fls_research.params import load_year, read_yaml
from fls_research.pipeline import facts

ROOT = Path(__file__).parents[2]
YEAR = load_year(2024, ROOT)


def result(folder, name, told, **changed):
    about = {"id": name, "notebook": "20_kpis", "cell": name, "policy": "hes", "synthetic": True, "facts": told}
    (folder / f"{name}.json").write_text(json.dumps(about | changed), encoding="utf-8")


def fact(text="69%", **changed):
    return {"value": 69.1, "text": text, "unit": "percent", "numerator": 691, "suppressed": False} | changed


def test_a_fact_knows_the_way_back(tmp_path):
    result(tmp_path, "tbl-kpi", {"kpi4.national.2024.percent": fact()})
    gathered = facts.gather(tmp_path)["kpi4.national.2024.percent"]
    assert gathered == fact() | {
        "notebook": "20_kpis",
        "cell": "tbl-kpi",
        "policy": "hes",
        "synthetic": True,
        "result": "tbl-kpi",
        "provenance": "manifest.json#results/tbl-kpi.json",
    }


def test_facts_are_sorted_by_id(tmp_path):
    result(tmp_path, "tbl-b", {"b.x": fact(), "a.x": fact()})
    result(tmp_path, "tbl-a", {"c.x": fact()})
    assert list(facts.gather(tmp_path)) == ["a.x", "b.x", "c.x"]


def test_two_results_may_repeat_a_fact_but_not_contradict_it(tmp_path):
    result(tmp_path, "tbl-a", {"a.x": fact()})
    result(tmp_path, "tbl-b", {"a.x": fact()})
    assert facts.gather(tmp_path)["a.x"]["result"] == "tbl-a"
    result(tmp_path, "tbl-c", {"a.x": fact("70%", value=70.0)})
    with pytest.raises(PublishError, match=r"'a\.x': 'tbl-a' and 'tbl-c' give different values"):
        facts.gather(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"facts": {}}'])
def test_a_file_that_is_no_result_is_named(tmp_path, content):
    (tmp_path / "tbl-x.json").write_text(content, encoding="utf-8")
    with pytest.raises(PublishError, match=r"results/tbl-x\.json: is no result"):
        facts.gather(tmp_path)


def test_the_edition_s_year_is_also_now_and_the_one_before_is_before():
    told = {f"kpi4.national.{year}.percent": fact(f"{year}") for year in (2022, 2023, 2024)}
    looked_up = facts.variables(told, YEAR, synthetic=False)["kpi4"]["national"]
    assert {key: value["percent"] for key, value in looked_up.items()} == {
        "2022": "2022",
        "2023": "2023",
        "2024": "2024",
        "before": "2023",
        "now": "2024",
    }


def test_a_suppressed_fact_reads_confidential():
    told = {"kpi4.service.2024.percent": fact("", suppressed=True, value=None)}
    assert facts.variables(told, YEAR, synthetic=False)["kpi4"]["service"]["now"]["percent"] == "[c]"


def test_an_id_that_begins_another_is_refused():
    for pair in (("a.b", "a.b.c"), ("a.b.c", "a.b")):
        with pytest.raises(PublishError, match=r"beginning of this one|begins with it"):
            facts.variables({name: fact() for name in pair}, YEAR, synthetic=False)


def test_the_edition_is_told_in_words():
    looked_up = facts.variables({}, YEAR, synthetic=True)
    assert looked_up["year"] == {"now": "2024", "before": "2023"}
    assert looked_up["edition"]["data-lock"] == "30 June 2025"
    assert looked_up["edition"]["min-records"] == "50"
    assert "SYNTHETIC" in looked_up["synthetic"]["banner"]
    assert facts.variables({}, YEAR, synthetic=False)["synthetic"]["banner"] == ""


def test_what_is_written_reads_back_as_the_same_texts(tmp_path):
    told = {"a.b": fact("NO"), "a.c": fact("010"), "a.d": fact("5E1"), "a.e": fact("–3 points"), "a.f": fact("1:30")}
    facts.write(told, facts.variables(told, YEAR, synthetic=True), tmp_path)
    text = (tmp_path / "_variables.yml").read_text(encoding="utf-8")
    assert read_yaml(tmp_path / "_variables.yml")["a"] == {
        "b": "NO",
        "c": "010",
        "d": "5E1",
        "e": "–3 points",
        "f": "1:30",
    }
    assert '"010"' in text and "–3 points" in text
    assert json.loads((tmp_path / "facts.json").read_text(encoding="utf-8")) == told
