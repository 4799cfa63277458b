"""A build makes the whole edition or leaves the one before; what comes out walks back to what went in."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fls_research.errors import (
    CheckFailed,
    DisclosureError,
    ExtractNotFound,
    NotebookError,
    ParamsError,
    PublishError,
)
from fls_research.pipeline.build import build, notebooks_of_the_year, publish_again

pytestmark = pytest.mark.slow
HERE = Path(__file__).parents[2]


def tree(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def outputs(root):
    """What a build leaves beside the parts that it keeps for the next time."""
    kept = (".lock", ".parts")
    return sorted(p.name for p in (root / "reports" / "_output").iterdir() if not p.name.startswith(kept))


def add_notebook(root, fixture, name):
    shutil.copy(root / "notebooks" / f"{fixture}.ipynb", root / "notebooks" / f"{name}.ipynb")


def test_the_edition_holds_everything_it_should(finished):
    root, built, _ = finished
    assert built.folder == root / "reports" / "_output" / "2024"
    assert sorted(tree(built.folder)) == [
        "_variables.yml",
        "annual-report.docx",
        "annual-report.html",
        "annual-report.pdf",
        "facts.json",
        "log.jsonl",
        "manifest.json",
        "notebooks/10_count.ipynb",
        "notebooks/97_recommendations.ipynb",
        "results/tbl-count.csv",
        "results/tbl-count.json",
    ]
    assert (built.results, built.facts, built.engine) == (1, 2, "pandoc")
    assert outputs(root) == ["2024"]


def test_the_page_shows_the_number_of_the_fact_of_the_result(finished):
    _, built, _ = finished
    facts = json.loads((built.folder / "facts.json").read_text(encoding="utf-8"))
    fact = facts["cohort.records.2024.count"]
    assert (fact["value"], fact["result"], fact["notebook"]) == (3, "tbl-count", "10_count")
    page = " ".join(re.sub(r"<[^>]+>", " ", (built.folder / "annual-report.html").read_text(encoding="utf-8")).split())
    assert "In 2024 there were 3 records" in page
    assert "SYNTHETIC" in page


def test_the_manifest_proves_the_files_and_names_no_place(finished):
    root, built, _ = finished
    text = (built.folder / "manifest.json").read_text(encoding="utf-8")
    told = json.loads(text)
    assert told["extract"]["name"] == "x.csv" and told["extract"]["rows"] == 6 and told["synthetic"]
    assert set(told["reports"]) == {"annual-report.docx", "annual-report.html", "annual-report.pdf"}
    assert str(root) not in text and ".building" not in text


def test_the_log_tells_the_steps_and_the_account_of_rows(finished):
    _, built, seen = finished
    lines = [json.loads(x) for x in (built.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [x["event"] for x in lines] == ["build begins", "cohort", "notebook", "published", "build ends"]
    assert lines[1]["rows"] == "6 rows read = 4 analysed + 1 left out + 1 set aside"
    assert {"10_count", "gathering facts"} <= {step[0] for step in seen}


def test_the_executed_copy_names_the_edition_and_not_the_building_site(finished):
    _, built, _ = finished
    text = (built.folder / "notebooks" / "10_count.ipynb").read_text(encoding="utf-8")
    assert "reports/_output/2024" in text and ".building" not in text


def test_an_edition_that_is_up_to_date_is_left_as_it_is(published):
    before = tree(published / "reports" / "_output" / "2024")
    built = build(2024, root=published, engine="pandoc")
    assert built.current and (built.results, built.facts) == (1, 2)
    assert {path.suffix for path in built.reports} == {".docx", ".html", ".pdf"}
    assert tree(published / "reports" / "_output" / "2024") == before


@pytest.mark.parametrize("harm", ["results/tbl-count.csv", "annual-report.pdf", "facts.json"])
def test_an_edition_that_was_changed_by_hand_is_made_again(published, harm):
    path = published / "reports" / "_output" / "2024" / harm
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    assert not build(2024, root=published, engine="pandoc").current
    assert path.read_bytes() == before


def test_only_the_notebook_that_changed_runs_again(published):
    add_notebook(published, "good", "20_good")
    build(2024, root=published, engine="pandoc")
    add_notebook(published, "no_parameters", "20_good")
    path = published / "notebooks" / "20_good.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cells"].insert(0, json.loads((published / "notebooks" / "10_count.ipynb").read_text("utf-8"))["cells"][1])
    path.write_text(json.dumps(content), encoding="utf-8")
    built = build(2024, root=published, engine="pandoc")
    lines = [json.loads(x) for x in (built.folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [x["notebook"] for x in lines if x["event"] == "notebook"] == ["20_good"]


def test_the_same_inputs_give_the_same_bytes_but_for_the_log(published):
    before = tree(published / "reports" / "_output" / "2024")
    build(2024, root=published, engine="pandoc", force=True)
    after = tree(published / "reports" / "_output" / "2024")
    assert {name for name in before if before[name] != after[name]} == {"log.jsonl"}


def test_one_changed_record_changes_the_report(published):
    extract = published / "data" / "x.csv"
    extract.write_text(extract.read_text(encoding="utf-8").replace("Female,49", "Female,59"), encoding="utf-8")
    built = build(2024, root=published, engine="pandoc")
    assert "there were 4 records" in (built.folder / "annual-report.html").read_text(encoding="utf-8")


def test_another_extract_and_several_notebooks_at_a_time(published, tmp_path):
    other = tmp_path / "mine.csv"
    other.write_text((published / "data" / "x.csv").read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    add_notebook(published, "good", "20_good")
    seen = []
    built = build(2024, root=published, extract=other, jobs=2, progress=lambda *step: seen.append(step))
    told = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    assert told["extract"]["name"] == "mine.csv"
    executed = ["notebooks/10_count.ipynb", "notebooks/20_good.ipynb", "notebooks/97_recommendations.ipynb"]
    assert sorted(told["executed"]) == executed
    assert ("running 2 notebooks", 2, 2) in seen


def test_a_failing_notebook_stops_the_edition_after_the_others_have_run(published):
    before = tree(published / "reports" / "_output" / "2024")
    add_notebook(published, "raises", "05_raises")
    add_notebook(published, "raises_ours", "06_raises")
    add_notebook(published, "good", "07_good")
    with pytest.raises(NotebookError) as caught:
        build(2024, root=published, jobs=2)
    message, card = str(caught.value), "\n".join(caught.value.__notes__)
    assert message.startswith("2 of 4 notebooks failed: ")
    assert "05_raises.ipynb failed in cell 3 (tbl-kpi)" in message and "06_raises.ipynb" in message
    assert "reports/_output/2024-failed.log.jsonl" in card
    assert "JONES" not in message + card
    assert tree(published / "reports" / "_output" / "2024") == before
    log = published / "reports" / "_output" / "2024-failed.log.jsonl"
    events = [json.loads(x)["event"] for x in log.read_text(encoding="utf-8").splitlines()]
    assert events.count("notebook") == 1 and events.count("notebook failed") == 2
    assert "JONES" not in log.read_text(encoding="utf-8")


def test_an_unknown_fact_in_the_prose_stops_the_edition(published):
    before = tree(published / "reports" / "_output" / "2024")
    page = published / "reports" / "annual_report.qmd"
    page.write_text(page.read_text(encoding="utf-8").replace("records.now.count", "record.now.count"), encoding="utf-8")
    with pytest.raises(CheckFailed, match=r"cohort\.record\.now\.count.*did you mean 'cohort\.records\.now\.count'"):
        publish_again(2024, root=published)
    assert tree(published / "reports" / "_output" / "2024") == before


def test_personal_data_in_what_would_leave_stops_the_edition(published):
    page = published / "reports" / "annual_report.qmd"
    page.write_text(page.read_text(encoding="utf-8") + "\nAsk a.nurse@hospital.example.\n", encoding="utf-8")
    with pytest.raises(DisclosureError, match=r"annual-report\.\w+.*: e-mail address") as caught:
        publish_again(2024, root=published)
    assert "a.nurse" not in str(caught.value)


def test_publishing_again_takes_changed_prose_and_runs_nothing(published):
    (published / "data" / "x.csv").unlink()
    shutil.rmtree(published / "notebooks")
    page = published / "reports" / "annual_report.qmd"
    page.write_text(page.read_text(encoding="utf-8").replace("there were", "we counted"), encoding="utf-8")
    old = json.loads((published / "reports" / "_output" / "2024" / "manifest.json").read_text(encoding="utf-8"))
    built = publish_again(2024, root=published, engine="pandoc")
    assert "we counted 3 records" in (built.folder / "annual-report.html").read_text(encoding="utf-8")
    new = json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))
    assert {key for key in old if old[key] != new[key]} == {"documents", "reports"}


def test_what_is_missing_is_said_in_one_sentence(edition):
    with pytest.raises(PublishError, match="no edition of 2024 to publish; run: fls build 2024"):
        publish_again(2024, root=edition)
    with pytest.raises(ParamsError, match="No settings for 2019"):
        build(2019, root=edition)
    (edition / "data" / "x.csv").unlink()
    with pytest.raises(ExtractNotFound, match=r"data/x.csv: there is no such file; put it there, or name yours"):
        build(2024, root=edition)
    (edition / "notebooks" / "10_count.ipynb").unlink()
    with pytest.raises(NotebookError, match="holds no notebook for a whole year"):
        build(2024, root=edition)


def test_notebooks_of_a_service_or_a_place_are_no_part_of_the_edition(edition):
    add_notebook(edition, "good", "20_good")
    add_notebook(edition, "types", "30_by_region")
    add_notebook(edition, "good", "90_service")
    path = edition / "notebooks" / "90_service.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["metadata"]["fls"] = {"per": "service"}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert [p.stem for p in notebooks_of_the_year(edition / "notebooks")] == ["10_count", "20_good"]


def start(root):
    """``fls build`` in a process of its own, once its first notebook is at work."""
    command = [sys.executable, "-m", "fls_research.cli", "build", "2024", "--jobs", "1"]
    environment = {**os.environ, "PYTHONPATH": str(HERE), "FLS_ROOT": str(root)}
    process = subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for line in process.stderr:
        if line.strip() == b"05_waits":
            return process
    raise AssertionError("the notebook never began")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_killed_or_interrupted_leaves_the_edition_before(published, how):
    before = tree(published / "reports" / "_output" / "2024")
    add_notebook(published, "waits", "05_waits")
    process = start(published)
    time.sleep(1)
    process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    assert tree(published / "reports" / "_output" / "2024") == before
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert errors.decode().strip().splitlines()[-1] == "fls: stopped; what was there before is as it was."
        assert not [name for name in outputs(published) if name.startswith(".building")]
    assert publish_again(2024, root=published, engine="pandoc").facts == 2
    assert outputs(published) == ["2024"]
