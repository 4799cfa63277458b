"""Words of direction in an edition's prose are held against the facts they speak of, unrounded."""

import re

import pytest

from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.in_prose import wrong_facts
from fls_research.pipeline.checks.moves_of_facts import wrong_directions_of_prose
from fls_research.pipeline.checks.prose import Run


def fact(value, text, unit="percent", definition=""):
    return {"value": value, "text": text, "unit": unit, "definition": definition, "suppressed": False}


OLDER = "published.kpi10.national.2022.percent.report-2022"
FACTS = {
    "kpi4.national.2022.percent": fact(64.1, "64%", definition="kpi4.2016"),
    "kpi4.national.2023.percent": fact(65.4, "65%", definition="kpi4.2016"),
    "kpi4.national.2024.percent": fact(68.9, "69%", definition="kpi4.2016"),
    "kpi2.national.2021.percent": fact(38.0, "38%", definition="kpi2.2016"),
    "kpi2.national.2022.percent": fact(50.1, "50%", definition="kpi2.2022"),
    "kpi2.national.2023.percent": fact(54.8, "55%", definition="kpi2.2022"),
    "kpi2.national.2024.percent": fact(49.8, "50%", definition="kpi2.2022"),
    "kpi7.poor.2024.percent": fact(53.2, "53%", definition="kpi7.2016"),
    "kpi7.rich.2024.percent": fact(58.4, "58%", definition="kpi7.2016"),
    "kpi6.services.2024.at-least-80": fact(31, "31", "services"),
    "backtest.kpi6.services.2023.at-least-80": fact(25, "25", "services"),
    OLDER: fact(31, "31%", definition="kpi10.2016") | {"superseded_by": OLDER.replace("report-2022", "report-2023")},
    OLDER.replace("report-2022", "report-2023"): fact(30, "30.0%", definition="kpi10.2016"),
}


def nested(facts):
    found = {"year": {"now": "2024", "before": "2023"}}
    for name, told in facts.items():
        for spelling in {name, name.replace("2024", "now").replace("2023", "before")}:
            *folders, last = spelling.split(".")
            here = found
            for folder in folders:
                here = here.setdefault(folder, {})
            here[last] = told["text"]
    return found


RUN = Run(FACTS, nested(FACTS), frozenset(), 2024)
NOW, BEFORE = "<kpi4.national.now.percent>", "<kpi4.national.before.percent>"


def written(text):
    passage = Passage(re.sub(r"<([a-z0-9.-]+)>", r"{{< var \1 >}}", text), ((0, "a.qmd, line 7"),))
    return Document("a.qmd", (passage,))


def found(text):
    return list(wrong_directions_of_prose(written(text), RUN))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f"Assessment fell to {NOW} this year.", "fell"),
        (f"Assessment has fallen, to **{NOW}**.", "fallen"),
        (f"Assessment fell this year: {NOW}.", "fell"),
        (f"Fewer patients were assessed than last year ({NOW}).", "Fewer"),
        (f"In all {NOW}, a fall on the year before.", "a fall"),
        (f"In all {NOW} were assessed, down on the year before.", "down on"),
        (f"Assessment got worse this year: {NOW}.", "got worse"),
        (f"Assessment fell ({NOW}).", "fell"),
        (f"Fewer than in <year.before> were assessed ({NOW}).", "Fewer"),
        ("KPI 2 rose to <kpi2.national.now.percent>.", "rose"),
        (f"Assessment halved from {BEFORE} to {NOW}.", "halved"),
        (f"Assessment doubled to {NOW}.", "doubled"),
        (f"From <kpi4.national.2022.percent> in 2022, assessment fell to {NOW}.", "fell"),
        (f"Since <year.before> assessment fell to {NOW}.", "fell"),
        (f"Assessment did not change: {NOW} and {BEFORE} the year before.", "did not change"),
        (f"There was no improvement in assessment: {NOW} after {BEFORE}.", "no improvement"),
        (f"Fewer were assessed in <year.now> ({NOW}) than in <year.before> ({BEFORE}).", "Fewer"),
        ("More of the most deprived (<kpi7.poor.now.percent>) than of the least (<kpi7.rich.now.percent>).", "More"),
        ("It was higher in the poorest fifth, <kpi7.poor.now.percent>, than in the richest, <kpi7.rich.now.percent>.",
         "higher"),
        ("The poorest were more likely to be treated (<kpi7.poor.now.percent>) than others (<kpi7.rich.now.percent>).",
         "more likely"),
        ("Fewer services reached the aim: <kpi6.services.now.at-least-80> against "
         "<backtest.kpi6.services.before.at-least-80>.", "Fewer"),
    ],
)  # fmt: skip
def test_a_word_that_the_facts_of_its_sentence_contradict_is_found_once(text, word):
    (one,) = found(text)
    assert (one.rule, one.place) == ("direction", "a.qmd, line 7") and one.mend and one.expected
    assert f"'{word}'" in one.stands


@pytest.mark.parametrize(
    "text",
    [
        f"Assessment rose to {NOW} this year.",
        f"Assessment rose from {BEFORE} to {NOW} in a year in which more services took part.",
        f"Assessment did not fall: {NOW}, after {BEFORE}.",
        f"Since 2022 assessment rose to {NOW}.",
        f"In all {NOW}, a rise on the year before.",
        f"In all {NOW} were assessed, up on the year before.",
        "KPI 2 fell to <kpi2.national.now.percent>.",
        f"Fewer than half of the services reached {NOW}.",
        "There is room for improvement (<kpi2.national.now.percent>).",
        f"Services that fell short assessed fewer patients, and in all {NOW} were assessed.",
        f"Time to the scan fell in Wales, and KPI 4 stood at {NOW}.",
        f"More work is needed to take assessment to {NOW}.",
        f"Fewer were assessed in <year.before> ({BEFORE}) than in <year.now> ({NOW}).",
        f"With {NOW} assessed, services fell behind on scans.",
        "The poorest (<kpi7.poor.now.percent>) were treated less often than others (<kpi7.rich.now.percent>).",
        "It was <kpi2.national.2022.percent> in 2022 and <kpi2.national.2021.percent> in 2021.",
        "From <kpi2.national.2021.percent> it rose to <kpi2.national.2022.percent>, but the definition changed.",
        "Fewer services told us: <kpi6.services.now.at-least-80> of them reached the aim.",
    ],
)
def test_a_sentence_that_its_facts_bear_out_is_no_finding(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "KPI 2 rose from <kpi2.national.2021.percent> to <kpi2.national.2022.percent>.",
        "More were found in 2022 (<kpi2.national.2022.percent>) than in 2021 (<kpi2.national.2021.percent>).",
        "KPI 2 rose to <kpi2.national.2022.percent>.",
    ],
)
def test_facts_of_two_definitions_are_not_comparable(text):
    (one,) = found(text)
    assert "not comparable: the definition changed" in one.stands
    assert "kpi2.2016" in one.expected and "kpi2.2022" in one.expected


# -- values that a later report restated ------------------------------------------------------------------------------


def superseded(text):
    return list(wrong_facts(written(text), RUN))


def test_a_published_value_that_was_restated_is_superseded_and_the_newer_is_named():
    (one,) = superseded(f"In 2022 it was <{OLDER}>.")
    assert one.rule == "fact-superseded" and one.expected.endswith("report-2023 (30.0%)") and "31%" in one.stands
    assert superseded(f"The report on 2023 data gave <{OLDER}> for 2022, not restated since.")


@pytest.mark.parametrize(
    "text",
    [
        "The report on 2022 data gave <{}>.",
        "In the 2022 annual report it was <{}>.",
        "It was first published as <{}>.",
        "It was restated from <{}> to <published.kpi10.national.2022.percent.report-2023>.",
    ],
)
def test_an_older_value_may_stand_where_the_sentence_says_that_it_is_one(text):
    assert superseded(text.format(OLDER)) == []
