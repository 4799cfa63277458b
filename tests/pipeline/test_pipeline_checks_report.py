"""An edition's prose and recommendations against its facts: each wrong kind, planted one at a time, is found alone."""

import json
import shutil
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from fls_research.cli.check_commands import register
from fls_research.errors import CheckFailed, PublishError
from fls_research.params import load_year
from fls_research.pipeline import facts as facts_of_run
from fls_research.pipeline.checks import as_lines, check_report

ROOT = Path(__file__).parents[2]

REPORT = """---
title: "Report"
---

{{< include _part.qmd >}}

# Eleven indicators {#sec-kpis}

Assessment within 90 days rose from {{< var kpi4.national.before.percent >}} to {{< var kpi4.national.now.percent >}}
(@tbl-kpi), and the aim is 80% for every KPI except KPI 3 and KPI 7.

{{< embed _executed/20_kpis.ipynb#tbl-kpi >}}

1. In 2024, from 1 January to 31 December, people aged 50 and over; KPI 9, 10 and 11 by 16 weeks and 52 weeks.
2. Wilson intervals, 95%. See Table 2, NICE NG249 and Core20PLUS5. Drawn 1,000 times. <!-- typed 1,000: samples -->

```
x = 57
```
"""

PART = """Treatment was recommended to fewer patients: {{< var kpi7.national.now.percent >}}, after
{{< var kpi7.national.before.percent >}} in {{< var year.before >}}. There was
{{< var kpi4.services.now.count >}} of {{< var kpi4.services.now.all >}} services
({{< var kpi4.services.now.percent >}}) below half.
"""

RECOMMENDATION = {
    "id": "assessment",
    "text": "Boards should help services to assess at least 80% of patients within 90 days.",
    "ways": ["Services that recommend treatment to more than 90% should look at who is entered."],
    "audience": ["Integrated care boards"],
    "evidence": [{"sentence": "In all, {{< var kpi4.national.now.percent >}} were assessed.", "result": "tbl-kpi"}],
    "kpis": ["kpi4"],
    "levers": {"none": "no lever is attached"},
    "guidance": ["NICE NG249"],
    "previous": [{"kpi": "kpi4", "facts": ["kpi4.national.2023.percent"]}],
}


def fact(value, text, unit="percent", definition="", **more):
    return {"value": value, "text": text, "unit": unit, "definition": definition, "suppressed": False} | more


FACTS = {
    "kpi4.national.2023.percent": fact(64.6, "65%", definition="kpi4.2016"),
    "kpi4.national.2024.percent": fact(68.7, "69%", definition="kpi4.2016"),
    "kpi4.national.2024.change": fact(4.1, "up 4 points", "points"),
    "kpi7.national.2023.percent": fact(59.0, "59%"),
    "kpi7.national.2024.percent": fact(57.4, "57%"),
    "kpi4.services.2024.count": fact(35, "35", "services"),
    "kpi4.services.2024.all": fact(77, "77", "services"),
    "kpi4.services.2024.percent": fact(45.45, "45%"),
    "kpi2.national.2024.percent": fact(50.0, "50%", definition="kpi2.2022"),
}


@pytest.fixture
def project(tmp_path):
    """A small project and the folder of a run in it, with nothing wrong in either."""
    for folder in ("reports/_output/2024/results", "params/recommendations"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("2024.yml", "guidelines.csv"):
        shutil.copy(ROOT / "params" / name, tmp_path / "params" / name)
    shutil.copy(ROOT / "_quarto.yml", tmp_path / "_quarto.yml")
    return Project(tmp_path)


class Project:
    def __init__(self, root):
        self.root = root
        self.run_dir = root / "reports" / "_output" / "2024"
        self.write(FACTS)
        self.report(REPORT, PART)
        self.recommend(RECOMMENDATION)

    def write(self, facts):
        told = {name: {"result": "tbl-kpi", **one} for name, one in facts.items()}
        looked_up = facts_of_run.variables(told, load_year(2024, ROOT), synthetic=False)
        facts_of_run.write(told, looked_up, self.run_dir)
        for name in ("tbl-kpi", "tbl-unseen"):
            (self.run_dir / "results" / f"{name}.json").write_text(json.dumps({}), encoding="utf-8")

    def report(self, report=REPORT, part=PART):
        (self.root / "reports" / "annual_report.qmd").write_text(report, encoding="utf-8")
        (self.root / "reports" / "_part.qmd").write_text(part, encoding="utf-8")

    def recommend(self, *recommendations):
        content = {"year": 2024, "recommendations": list(recommendations)}
        text = yaml.safe_dump(content, allow_unicode=True)
        (self.root / "params" / "recommendations" / "2024.yml").write_text(text, encoding="utf-8")

    def check(self):
        return check_report(self.run_dir, self.root)

    def rules(self):
        return [one.rule for one in self.check().findings]


def test_an_edition_with_nothing_wrong_has_no_finding(project):
    review = project.check()
    assert review.findings == (), "\n".join(as_lines(review))


# -- facts in prose ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("kpi4.services.now.count", "kpi4.services.now.cuont", "fact-unknown"),
        ("There was", "There was, unlike 57% elsewhere,", "number-typed"),
        ("There was", "There was, in 35 services,", "number-typed"),
        ("to fewer patients", "to more patients", "direction"),
        ("There was", "We saw 2024 patients. There was", "number-typed"),
        ("There was", "Sixty-nine per cent were seen. There was", "number-typed"),
        ("There was", "Assessment fell to {{< var kpi4.national.now.percent >}} this year. There was", "direction"),
        ("There was", "[Advice](https://www.nice.org.uk/guidance/cg161) asks it. There was", "guideline-replaced"),
        ("There was", "NICE CG249 asks it. There was", "guideline-unknown"),
        ("There was", "NICE CG161 asks it. There was", "guideline-replaced"),
        ("There was", "The target for KPI 4 is at least 50%. There was", "target"),
    ],
)
def test_each_wrong_kind_planted_in_an_included_file_is_found_there(project, right, wrong, rule):
    project.report(part=PART.replace(right, wrong, 1))
    (one,) = project.check().findings
    assert (one.rule, one.file) == (rule, "_part.qmd") and one.place.startswith("line ") and one.mend


def test_a_word_against_two_printed_facts_is_found(project):
    project.report(report=REPORT.replace("rose from", "fell from"))
    assert set(project.rules()) == {"direction"}


def test_a_suppressed_fact_is_found(project):
    hidden = FACTS["kpi4.services.2024.count"] | {"suppressed": True, "value": None, "text": "[c]"}
    project.write(FACTS | {"kpi4.services.2024.count": hidden})
    assert project.rules() == ["fact-suppressed"]


def test_a_superseded_fact_is_found_by_its_mark_and_by_its_definition(project):
    project.report(part=PART + "\nFound: {{< var kpi2.national.now.percent >}}.\n")
    assert project.rules() == []
    project.write(
        FACTS | {"kpi2.national.2024.percent": FACTS["kpi2.national.2024.percent"] | {"superseded_by": "x.y"}}
    )
    assert project.rules() == ["fact-superseded"]
    older = FACTS["kpi2.national.2024.percent"] | {"definition": "kpi2.2016"}
    project.write(FACTS | {"kpi2.national.2024.percent": older})
    (one,) = project.check().findings
    assert one.rule == "fact-superseded" and "kpi2.2022" in one.expected


def test_a_percentage_that_its_printed_counts_do_not_give_is_found(project):
    project.write(FACTS | {"kpi4.services.2024.percent": fact(44.2, "44%")})
    (one,) = project.check().findings
    assert one.rule == "percentage" and one.expected.startswith("45%")


def test_a_fact_without_a_value_is_told_and_does_not_stop(project):
    project.write(FACTS | {"kpi7.national.2023.percent": fact(None, "[x]")})
    review = project.check()
    assert review.findings == () and "kpi7.national.before.percent has no value" in review.notes[0]


@pytest.mark.parametrize(
    ("sentence", "rules"),
    [
        ("Assessment fell ({{< var kpi4.national.now.change >}}).", ["direction"]),
        ("Assessment rose ({{< var kpi4.national.now.change >}}).", []),
        ("There was no change: {{< var kpi4.national.now.percent >}}, {{< var kpi4.national.before.percent >}}.",
         ["direction"]),
        ("It rose and fell: {{< var kpi7.national.now.percent >}}, {{< var kpi7.national.before.percent >}}.", []),
    ],
)  # fmt: skip
def test_words_are_held_against_the_unrounded_facts_of_their_sentence(project, sentence, rules):
    project.report(part=f"{PART}\n{sentence}\n")
    assert project.rules() == rules


def test_a_rise_too_small_to_be_called_one_is_found(project):
    project.write(FACTS | {"kpi7.national.2024.percent": fact(58.7, "59%")})
    (one,) = project.check().findings
    assert one.rule == "direction" and "takes 0.5 points" in one.expected


# -- numbers in prose -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    ["42% of services", "by 120 days", "80% of patients were seen", "1,234 records", "a gap of 3.5", "17 weeks",
     "12 of 69", "KPI 4 was 69", "5 times", "day 57", "at 57 and at 52 weeks", "above 1%", "1 service"],
)  # fmt: skip
def test_a_typed_number_is_found(project, words):
    project.report(part=f"{PART}\nThere were {words} here.\n")
    assert set(project.rules()) == {"number-typed"}


@pytest.mark.parametrize(
    "words",
    [
        "at least 80% of the data", "below 50%", "80% or more", "90 days", "12 to 16 weeks", "52-week", "12 months",
        "30 June 2025", "2021 to 2024", "2023/24", "KPIs 9–11", "KPI 2 and 3", "75 years and over", "aged 65 to 74",
        "day 90", "between 16 and 52 weeks", "52 weeks, unlike at 16", "an interval that holds 1.00",
        "Figure 3", "statement 3", "standards 3 and 4", "a 95% confidence interval", "ICD-10", "$z = 1.96$", "`57`",
        "[a page](https://example.org/57)", "@fig-kpi-2", "the 90th centile", "lowered by 6%",
        "{{< var year.now >}}", "five of them",
    ],
)  # fmt: skip
def test_what_is_on_the_list_may_stand(project, words):
    project.report(part=f"{PART}\nThere were {words} here.\n")
    assert project.rules() == []


def test_a_mark_allows_its_number_in_its_paragraph_only(project):
    mark = "<!-- typed 3,000: samples of the bootstrap -->"
    project.report(part=f"{PART}\nDrawn 3,000 times,\nor so. {mark}\n")
    assert project.rules() == []
    project.report(part=f"{PART}\nDrawn 3,000 times. {mark}\n\nAnd 3,000 again.\n")
    assert project.rules() == ["number-typed"]
    project.report(part=f"{PART}\nDrawn 3,000 times. <!-- typed 3,000: -->\n")
    assert project.rules() == ["number-typed"]


# -- recommendations --------------------------------------------------------------------------------------------------


def changed(**parts):
    return {name: value for name, value in (RECOMMENDATION | parts).items() if value is not ...}


def evidence(sentence="Seen: {{< var kpi4.national.now.percent >}}.", result="tbl-kpi"):
    return [{"sentence": sentence, "result": result}]


@pytest.mark.parametrize(
    ("parts", "rule"),
    [
        ({"audience": ...}, "recommendation-audience"),
        ({"audience": [" "]}, "recommendation-audience"),
        ({"evidence": ...}, "recommendation-evidence"),
        ({"evidence": evidence(sentence="")}, "recommendation-evidence"),
        ({"evidence": evidence(sentence="Few were seen.")}, "recommendation-evidence"),
        ({"evidence": evidence(result="")}, "recommendation-result"),
        ({"evidence": evidence(result="tbl-kip")}, "recommendation-result"),
        ({"evidence": evidence(result="tbl-unseen")}, "recommendation-result"),
        ({"evidence": evidence(sentence="57% were, {{< var kpi4.national.now.percent >}}.")}, "number-typed"),
        ({"evidence": evidence(sentence="Seen: {{< var kpi4.national.now.percnt >}}.")}, "fact-unknown"),
        ({"levers": {"none": ""}}, "recommendation-reason"),
        ({"previous": ...}, "recommendation-reason"),
        ({"kpis": ["kpi12"]}, "recommendation-kpi"),
        ({"guidance": ["NICE CG249"]}, "guideline-unknown"),
        ({"guidance": ["NICE CG161"]}, "guideline-replaced"),
        ({"previous": [{"kpi": "kpi4", "facts": ["kpi4.national.2013.percent"]}]}, "fact-unknown"),
        ({"text": "Boards should ensure that at least 80% of the spine fractures are found."}, "target"),
        ({"message": "Find at least 80% of the spine fractures"}, "target"),
        ({"text": "At least 80% of the non-spine fractures, and at least 80% of the spine fractures."}, "target"),
        ({"ways": ["See [advice](https://www.nice.org.uk/guidance/cg161)."]}, "guideline-replaced"),
    ],
)  # fmt: skip
def test_each_thing_that_a_recommendation_lacks_is_found(project, parts, rule):
    project.recommend(changed(**parts))
    (one,) = project.check().findings
    assert one.rule == rule and one.file == "recommendations/2024.yml"
    assert one.place.startswith("recommendation assessment")


def test_evidence_must_name_the_result_its_facts_come_from(project):
    other = FACTS["kpi4.national.2024.percent"] | {"result": "tbl-unseen"}
    project.write(FACTS | {"kpi4.national.2024.percent": other})
    (one,) = project.check().findings
    assert one.rule == "recommendation-result" and "tbl-unseen" in one.expected


def test_an_edition_without_recommendations_is_none_the_worse(project):
    (project.root / "params" / "recommendations" / "2024.yml").unlink()
    assert project.rules() == []


# -- what is not there, and the command -------------------------------------------------------------------------------


def test_a_run_without_facts_is_refused(project):
    (project.run_dir / "facts.json").unlink()
    with pytest.raises(PublishError, match=r"facts\.json"):
        project.check()


def test_the_command_checks_the_edition_that_stands(project, monkeypatch):
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    monkeypatch.setenv("FLS_ROOT", str(project.root))
    done = CliRunner().invoke(app, ["check-report", "2024"])
    assert done.exit_code == 0 and "Nothing was found in the edition of 2024." in done.stdout
    project.report(part=PART.replace("fewer", "more"))
    done = CliRunner().invoke(app, ["check-report", "2024"])
    assert isinstance(done.exception, CheckFailed) and "_part.qmd, line 1  [direction]" in done.stdout
    assert isinstance(CliRunner().invoke(app, ["check-report", "2023"]).exception, PublishError)


def test_two_facts_may_have_two_denominators(project):
    """A KPI counts the services that have a value of it; a denominator that is no fact is found as a typed number."""
    services = {"kpi11.services.2024.all": fact(69, "69", "services"), "kpi11.services.2024.count": fact(9, "9")}
    project.write(FACTS | services)
    also = "{{< var kpi11.services.now.count >}} of {{< var kpi11.services.now.all >}} services kept it up.\n"
    project.report(part=f"{PART}\n{also}")
    assert project.rules() == []
