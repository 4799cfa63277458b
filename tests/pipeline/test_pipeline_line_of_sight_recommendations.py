"""A file of recommendations is read strictly: what is missing or misspelt is named with its recommendation."""

from pathlib import Path

import pytest
from sight_edition import RECOMMENDATIONS, write_project

from fls_research.errors import ParamsError
from fls_research.pipeline.checks.guidelines import read_guidelines
from fls_research.pipeline.line_of_sight.recommendations import NotApplicable, load_recommendations

ROOT = Path(__file__).parents[2]
EVIDENCE = RECOMMENDATIONS[RECOMMENDATIONS.index("    evidence:") : RECOMMENDATIONS.index("    kpis:")]

WRONG = {
    "no audience": ('    audience: ["Boards"]\n', "", "'assessment', audience is missing"),
    "an empty audience": ('["Boards"]', "[]", "'assessment', audience is empty"),
    "no evidence": (EVIDENCE, "", "'assessment', evidence is missing"),
    "empty evidence": (EVIDENCE, "    evidence: []\n", "'assessment', evidence is empty"),
    "evidence without a result": ("        result: tbl-kpi-colours\n", "", "evidence 1, result is missing"),
    "a typed page for a result": ("result: tbl-kpi-colours", 'result: "page 2"', "'page 2' is no label"),
    "N/A without a reason": ("levers: {none: \"none is named\"}", "levers: N/A", "or 'none' with the reason"),
    "an empty reason": ("levers: {none: \"none is named\"}", 'levers: {none: ""}', "or 'none' with the reason"),
    "an unknown KPI": ("kpis: [kpi4]", "kpis: [kpi44]", "there is no KPI 'kpi44'"),
    "a typed result": ("[kpi4.national.2023.percent,", '["65%",', "'65%' is no id of a fact"),
    "a misspelt key": ("    audience:", "    audiense:", "audiense: unknown key"),
    "another year": ("year: 2024", "year: 2023", "'year' says 2023"),
    "a number for a text": ('countries: "England and Wales"', "countries: 2", "project, countries"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named(tmp_path, what):
    old, new, message = WRONG[what]
    assert old in RECOMMENDATIONS
    write_project(tmp_path, RECOMMENDATIONS.replace(old, new))
    with pytest.raises(ParamsError) as caught:
        load_recommendations(2024, tmp_path)
    assert message in str(caught.value) and "params/recommendations/2024.yml" in str(caught.value)


def test_two_recommendations_of_one_id_are_refused(tmp_path):
    one = RECOMMENDATIONS[RECOMMENDATIONS.index("  - id: assessment") :]
    write_project(tmp_path, RECOMMENDATIONS + one)
    with pytest.raises(ParamsError, match="two recommendations have the id 'assessment'"):
        load_recommendations(2024, tmp_path)


@pytest.mark.parametrize("year", [2022, 2024])
def test_the_editions_have_five_each_and_every_part_is_filled(year):
    read = load_recommendations(year, ROOT)
    assert len(read.recommendations) == 5
    registry = read_guidelines(ROOT)
    for one in read.recommendations:
        assert all("{{< var " in evidence.sentence for evidence in one.evidence)
        named = () if isinstance(one.guidance, NotApplicable) else one.guidance
        assert set(named) <= set(registry)
        assert all(registry[name].link for name in named)


@pytest.mark.parametrize("year", [2022, 2024])
def test_no_evidence_of_ours_types_a_number(year):
    import re

    for one in load_recommendations(year, ROOT).recommendations:
        for evidence in one.evidence:
            prose = re.sub(r"\{\{<.*?>\}\}", "", evidence.sentence)
            assert set(re.findall(r"\d[\d.]*%?", prose)) <= {"80%", "90", "16"}, evidence.sentence
