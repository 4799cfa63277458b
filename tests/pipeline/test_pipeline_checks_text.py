"""Any text, checked as its reader would: slips planted in words of our own, near-misses beside them, the command."""

import datetime as dt
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from fls_research.cli.check_commands import register
from fls_research.errors import CheckFailed, UsageError
from fls_research.pipeline.checks import as_lines, check_text, refuse

ROOT = Path(__file__).parents[2]

CLEAN = """# A report

March 2026

Data from 1 January 2024 to 31 December 2024. Call 020 7946 0000; ISBN 978-0-306-40615-7; 12/03/2026.

Of 77 services, 42 (55%) did well: 31/77 (40 %) in 2024 against 25/69 (36%) in 2023, every 2–6 months, 24/7.

KPI 4 – assessed within 90 days

2024	▲ 69%
2023	65%

| KPI | Standard | 2023 | 2024 |
|---|---|---|---|
| KPI 7 – Treatment | NICE TA161 and NICE QS149 | 59% | 57% |

The share recommended bone therapy fell from 59% in 2023 to 57% in 2024, and most among others (58% vs 52%). Men were
less likely to be adherent (24% vs 28% women). The aim is at least 80% (except KPI 3 and 7).
"""

NEAR_MISSES = """# 2024 in short

Data from 1 January 2024 to 31 December 2024.

Of 65 services in the survey, 26 (40%) had no consultant; 54 of 65 (83%) found spine fractures; one in 4 (25%) did not.

KPI 10 rose from 30.0% to 35.4%. KPI 10 was 31% in 2022 in the earlier report, and is restated as 30.0% in 2022.

KPI 4 by nation: England 64%, Wales 79%. The share rose from 12/69 (17%) to 31/77 (40%) of services in 2024.

Waiting times fell from 60 to 45 days; the median improved from 60 days to 45 days. OR 1.25 (95% CI 1.1 to 1.4).

More women (77%) than men (23%) were included, and women were more likely than men to be treated (58% vs 52%).

Between 10% and 20% (11/69 in 2023), above 80% (2 of 77), about 12 of 69 (about 20%), 35/77 (45.4%–45.6%).

Group sizes: 1,065/2,127 (50.1%), 100% (77/77), 0% (0/69), 33.3% (1/3), 66.7% (2/3). Reduced falls: from 10% to 12%.

NHS number 943 476 5919, page 3 of 12, NG249 replaced CG161 in April 2025. We aim to raise the rate from 50% to 80%.
"""

SLIPS = {
    "percentage": ("42 (55%)", "42 (54%)"),
    "direction": ("fell from 59%", "rose from 59%"),
    "two-values": ("| 59% | 57% |", "| 60% | 57% |"),
    "two-denominators": ("31/77 (40 %) in 2024", "31/77 (40 %) of services and 12/69 (17%) of services in 2024"),
    "outside-groups": ("(58% vs 52%)", "(28% vs 22%)"),
    "target": ("except KPI 3 and 7", "except KPI 3"),
    "guideline-unknown": ("NICE TA161", "NICE NG161"),
    "guideline-replaced": ("NICE TA161", "NICE CG161"),
}


def checked(tmp_path, text, **options):
    path = tmp_path / "report.md"
    path.write_text(text, encoding="utf-8")
    return check_text(path, ROOT, **options)


def test_a_clean_text_has_no_finding_and_says_which_day_was_taken(tmp_path):
    review = checked(tmp_path, CLEAN)
    assert review.findings == () and "1 March 2026" in review.notes[0]


def test_near_misses_raise_no_alarm(tmp_path):
    review = checked(tmp_path, NEAR_MISSES, on=dt.date(2026, 3, 1))
    assert review.findings == (), "\n".join(as_lines(review))


@pytest.mark.parametrize("rule", SLIPS)
def test_each_slip_planted_alone_is_found_alone(tmp_path, rule):
    right, wrong = SLIPS[rule]
    assert right in CLEAN
    found = checked(tmp_path, CLEAN.replace(right, wrong)).findings
    assert {one.rule for one in found} == {rule}
    for one in found:
        assert one.file == "report.md" and one.place.startswith("line ") and one.expected and one.stands and one.mend


def test_an_arrow_turned_round_is_found(tmp_path):
    (one,) = checked(tmp_path, CLEAN.replace("▲", "▼")).findings
    assert one.rule == "direction" and "KPI 4" in one.stands


def test_findings_come_in_the_order_of_the_text(tmp_path):
    text = CLEAN.replace("NICE TA161", "NICE NG161").replace("42 (55%)", "42 (54%)")
    assert [one.rule for one in checked(tmp_path, text).findings] == ["percentage", "guideline-unknown"]


def test_refuse_stops_with_the_first_finding_and_tells_all():
    refuse(())
    found = check_text_of_slips()
    with pytest.raises(CheckFailed, match=r"a\.txt, line 1: 35/77 \(44%\); expected 45%.*and 1 more") as caught:
        refuse(found)
    assert caught.value.exit_code == 9 and "19/77 (24%)" in caught.value.__notes__[0]


def check_text_of_slips():
    from fls_research.pipeline.checks.document import Document, Passage
    from fls_research.pipeline.checks.percentages import wrong_percentages

    return tuple(wrong_percentages(Document("a.txt", (Passage("35/77 (44%) and 19/77 (24%)", ((0, "line 1"),)),))))


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch):
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    monkeypatch.setenv("FLS_ROOT", str(ROOT))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def test_the_command_prints_findings_and_fails_with_9(tmp_path, run):
    path = tmp_path / "report.md"
    path.write_text(CLEAN.replace("42 (55%)", "42 (54%)"), encoding="utf-8")
    done = run("check-text", path)
    assert isinstance(done.exception, CheckFailed) and "1 finding in report.md" in str(done.exception)
    assert "report.md, line 7  [percentage]" in done.stdout and "expected  55%" in done.stdout


def test_the_command_prints_json(tmp_path, run):
    path = tmp_path / "report.md"
    path.write_text(CLEAN.replace("42 (55%)", "42 (54%)"), encoding="utf-8")
    (one,) = json.loads(run("check-text", path, "--json").stdout)["findings"]
    assert set(one) == {"file", "place", "rule", "expected", "stands", "mend"}


def test_the_command_takes_the_day_of_the_text(tmp_path, run):
    path = tmp_path / "report.md"
    path.write_text("NICE CG146 asks it.\n", encoding="utf-8")
    assert run("check-text", path, "--on", "2025-01-01").exit_code == 0
    assert isinstance(run("check-text", path, "--on", "2027-01-01").exception, CheckFailed)
    assert isinstance(run("check-text", path, "--on", "soon").exception, UsageError)


def test_a_clean_text_leaves_the_command_with_0(tmp_path, run):
    path = tmp_path / "report.md"
    path.write_text(CLEAN, encoding="utf-8")
    done = run("check-text", path)
    assert done.exit_code == 0 and "Nothing was found in report.md." in done.stdout


def test_lines_say_the_rule_and_end_with_the_notes(tmp_path):
    lines = as_lines(checked(tmp_path, "NICE CG249 asks it.\n"))
    assert lines[0] == "report.md, line 1  [guideline-unknown]" and lines[-1].startswith("note: report.md names no day")
