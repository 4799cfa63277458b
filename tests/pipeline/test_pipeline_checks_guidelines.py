"""Guidelines cited must be in the dated registry and must have held on the day of the text."""

import datetime as dt
from pathlib import Path

import pytest

from fls_research.errors import ParamsError
from fls_research.kpi.standards import BY_NAME
from fls_research.pipeline.checks.citations import cited, wrong_citations
from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.from_markdown import markdown_passages
from fls_research.pipeline.checks.guidelines import COLUMNS, Guideline, nearest, read_guidelines

ROOT = Path(__file__).parents[2]
REGISTRY = read_guidelines(ROOT)


def found(text, on=None, sure_of_day=True):
    document = Document("a.txt", (Passage(text, ((0, "line 1"),)),))
    day = dt.date.fromisoformat(on) if on else None
    return [(one.rule, one.stands, one.expected) for one in wrong_citations(document, REGISTRY, on=day,
                                                                             sure_of_day=sure_of_day)]  # fmt: skip


def test_a_guideline_that_does_not_exist_is_found_with_the_one_meant():
    ((rule, stands, expected),) = found("Use the first questions of NICE CG249 in every assessment.")
    assert (rule, stands) == ("guideline-unknown", "NICE CG249") and "did you mean 'NICE NG249'?" in expected


@pytest.mark.parametrize(
    ("text", "on", "rule"),
    [
        ("NICE CG161 asks it.", "2026-01-01", "guideline-replaced"),
        ("NICE clinical guideline 146 asks it.", "2026-09-01", "guideline-replaced"),
        ("NOGG 2021 asks it.", "2025-02-01", "guideline-replaced"),
        ("NICE NG259 asks it.", "2026-01-01", "guideline-not-issued"),
        ("ROS clinical standards for FLSs (2015)", "2024-01-01", "guideline-replaced"),
        ("ROS clinical standards for FLSs (2018)", None, "guideline-unknown"),
        ("NICE NG9999 asks it.", None, "guideline-unknown"),
        ("NOGG 2023 asks it.", None, "guideline-unknown"),
    ],
)
def test_a_guideline_out_of_its_time_is_found(text, on, rule):
    assert [one[0] for one in found(text, on)] == [rule]


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("NICE CG146, CG161, QS86 and NOGG 2021; ROS clinical standards for FLSs, standard 1", "2024-02-01"),
        ("NICE CG146 , NICE NG249 , NICE TA161 , NICE TA204 , NICE TA464 , NICE TA791 and NICE QS149", "2026-01-01"),
        ("NICE NG249, which replaced CG161, asks it.", "2026-01-01"),
        ("NOGG 2021 asks it.", "2024-06-01"),  # replaced some time in 2024: not surely yet
        ("NICE CG161 asks it.", None),  # no day, no question of time
        ("The room TA12, the model CG 7000 and the file QS1.", "2026-01-01"),
    ],
)
def test_guidelines_that_held_and_things_that_are_none_are_no_finding(text, on):
    assert found(text, on) == []


def test_a_day_read_off_the_text_never_makes_a_guideline_too_early():
    assert found("NICE NG249 asks it.", "2024-01-01", sure_of_day=False) == []


def test_citations_in_lists_and_in_words_are_read():
    assert [name for _, name in cited("NICE technology appraisal 161, TA 204 and NOGG (2024)")] == [
        "NICE TA161", "NICE TA204", "NOGG 2024"]  # fmt: skip


def test_the_registry_holds_every_standard_the_kpi_records_cite():
    assert set(BY_NAME) <= set(REGISTRY)
    for standard in BY_NAME.values():
        assert REGISTRY[standard.name].replaced_by == standard.replaced_by


def test_what_was_not_verified_is_marked_and_says_why():
    unverified = [one for one in REGISTRY.values() if not one.checked]
    assert unverified and all(one.note for one in unverified)


def test_a_hint_prefers_the_same_number():
    assert nearest("NICE CG249", REGISTRY) == "did you mean 'NICE NG249'?"
    assert nearest("NOGG 2042", REGISTRY).startswith("did you mean 'NOGG 202")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["A,t,2020,,,yes,,", "A,t,2020,,,yes,,"], "stands there twice"),
        (["A,t,April,,,yes,,"], "must be a date"),
        (["A,t,2020-13,,,yes,,"], "must be a date"),
        (["A,t,2020,B,2021,yes,,"], "replaced by 'B'"),
        (["A,t,2020,,,perhaps,,"], "'yes' or 'unverified'"),
        (["A,t,2020"], "expected the columns"),
    ],
)
def test_a_wrong_registry_is_refused_in_a_sentence(tmp_path, rows, words):
    (tmp_path / "params").mkdir()
    text = "\n".join([",".join(COLUMNS), *rows])
    (tmp_path / "params" / "guidelines.csv").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(ParamsError, match=words):
        read_guidelines(tmp_path)


def test_no_registry_is_refused(tmp_path):
    with pytest.raises(ParamsError, match="is missing"):
        read_guidelines(tmp_path)


def test_months_and_years_are_read_in_favour_of_the_text():
    month = Guideline("X", "x", issued="2022-05", replaced_by="Y", replaced_on="2024-02")
    assert month.issued_by(dt.date(2022, 5, 1)) and not month.issued_by(dt.date(2022, 4, 30))
    assert month.replaced_by_then(dt.date(2024, 2, 29)) and not month.replaced_by_then(dt.date(2024, 2, 28))


@pytest.mark.parametrize(
    "line",
    [
        "see nice guideline cg161",
        "nice cg 161 says so",
        "NICE NG249 and cg161",
        "see [our page](https://www.nice.org.uk/guidance/cg161) for more",
        "https://www.nice.org.uk/guidance/cg161/chapter/1",
        "<https://www.nice.org.uk/guidance/cg161>",
        "| [a page](https://www.nice.org.uk/guidance/cg161) | words |",
        "[NICE CG161](https://www.nice.org.uk/guidance/cg161)",
    ],
)
def test_small_letters_and_addresses_cite_too(line):
    document = Document("a.md", tuple(markdown_passages([line])))
    (one,) = wrong_citations(document, REGISTRY, on=dt.date(2026, 1, 1))
    assert one.rule == "guideline-replaced" and one.place == "line 1" and "NICE CG161" in one.stands


@pytest.mark.parametrize(
    "line",
    [
        "a level of ph 7, 5 ng 249 and a nice place",
        "formerly [this](https://www.nice.org.uk/guidance/cg161)",
        "[here](https://www.nice.org.uk/guidance/ng249)",
        "[elsewhere](https://example.org/guidance/cg161)",
    ],
)
def test_other_small_letters_and_addresses_are_left_alone(line):
    document = Document("a.md", tuple(markdown_passages([line])))
    assert list(wrong_citations(document, REGISTRY, on=dt.date(2026, 1, 1))) == []
