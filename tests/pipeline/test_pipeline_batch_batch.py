"""A batch loses nothing: failures are contained, and what was killed or interrupted goes on where it was."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from fls_research.errors import DisclosureError, FlsError, NotebookError
from fls_research.pipeline.batch.batch import How, carry_out_plan, failure
from fls_research.pipeline.batch.catalogue import refresh
from fls_research.pipeline.batch.order import Order, works_of
from fls_research.pipeline.batch.plan import plan

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")]
HERE = Path(__file__).parents[2]

PARAMETERS = """\
year: int = 2024
service: str = ""
materials: str = ""
run_dir: str = ""
"""
SHOW = """\
import pandas as pd
from fls_research import outputs, params
from fls_research.disclosure import release_reference
results = outputs.open_results(params.project_root() / run_dir, notebook="90_service", year=year, synthetic=True)
results.save("tbl-a", release_reference(pd.DataFrame({"service": ["code " + service]}), synthetic=True), title="A")"""
WAIT = "import os, time\nwhile os.path.exists('wait-' + service): time.sleep(0.1)"


def add_pack(root, *cells, document=""):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Pack")])
    book.cells += [nbformat.v4.new_code_cell(source) for source in (PARAMETERS, *cells)]
    for number, cell in enumerate(book.cells):
        cell["id"] = f"cell-{number}"
    book.cells[1].metadata["tags"] = ["parameters"]
    book.metadata["fls"] = {"per": "service", "document": document}
    nbformat.write(book, root / "notebooks" / "90_service.ipynb")


def steps(root, **how):
    return plan(works_of(Order("90_service"), root).works, root, **how)


def manifest_of(root):
    folder = root / "reports" / "_output" / "runs" / "90_service"
    refresh(folder)
    return (folder / "manifest.json").read_bytes()


def begin(root, *words):
    """``fls run 90_service`` in a process of its own, once the first service's run has ended."""
    command = [sys.executable, "-m", "fls_research.cli", "run", "90_service", "--engine", "kernels", *words]
    environment = {**os.environ, "PYTHONPATH": str(HERE), "FLS_ROOT": str(root)}
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    for line in process.stderr:
        if "90_service 010 done" in line:
            return process
        if "failed" in line:
            break
    process.kill()
    raise AssertionError("the first run never ended well")


@pytest.fixture
def undisturbed(edition):
    """The manifest of a batch that nothing happened to; its outputs are removed again."""
    add_pack(edition, SHOW, WAIT)
    summary = carry_out_plan(steps(edition), edition, How(engine="kernels"))
    assert len(summary.ran) == 2
    told = manifest_of(edition)
    for step in steps(edition):
        (edition / step.work.place / "run.json").unlink()
    return told


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_batch_that_was_stopped_goes_on_and_ends_as_an_undisturbed_one(edition, undisturbed, how, jobs):
    (edition / "wait-5E1").touch()
    process = begin(edition, "--jobs", jobs)
    time.sleep(0.5)
    process.send_signal(how)
    _, errors = process.communicate(timeout=60)
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert errors.strip().splitlines()[-1] == "fls: stopped; what was there before is as it was."
    (edition / "wait-5E1").unlink()
    assert [step.reason for step in steps(edition)] == ["", "never run"]
    summary = carry_out_plan(steps(edition), edition, How(engine="kernels"))
    assert (len(summary.ran), summary.current, summary.failed) == (1, 1, ())
    assert manifest_of(edition) == undisturbed
    assert not list((edition / "reports" / "_output" / "runs" / "90_service").glob(".building-*"))


def test_a_second_batch_on_the_same_folder_is_told_so(edition):
    add_pack(edition, SHOW, WAIT)
    (edition / "wait-5E1").touch()
    process = begin(edition, "--jobs", "2")
    try:
        with pytest.raises(FlsError, match=r"runs/90_service is being made by another command; wait until it has"):
            carry_out_plan(steps(edition, force=True), edition, How(engine="kernels"))
    finally:
        (edition / "wait-5E1").unlink()
        assert process.communicate(timeout=60) and process.returncode == 0
    assert [step.reason for step in steps(edition)] == ["", ""]


def test_one_failure_is_told_in_full_and_stops_no_other(edition):
    add_pack(edition, SHOW, "#| label: tbl-b\nassert service == '010'")
    seen = []
    how = How(engine="kernels", watcher=lambda standing, outcome: seen.append(str(standing)))
    summary = carry_out_plan(steps(edition), edition, how)
    assert [o.work.name for o in summary.ran] == ["90_service 010"]
    error = failure(summary, edition)
    assert isinstance(error, NotebookError)
    assert str(error).startswith("1 of 2 runs failed: 90_service.ipynb failed in cell 3 (tbl-b)")
    card = "\n".join(error.__notes__)
    assert "likely cause" in card and re.search(r"log  reports/_output/runs/90_service/\S+-failed.log.jsonl", card)
    assert re.match(r"2 of 2 done, 0 running, 1 failed, 0 s left", seen[-1])
    assert not (edition / summary.failed[0].work.place).exists()


def test_failures_of_one_kind_keep_their_kind(edition):
    add_pack(edition, "open(run_dir + '/ages.csv', 'w').write('age')")
    summary = carry_out_plan(steps(edition), edition, How(engine="kernels"))
    assert isinstance(failure(summary, edition), DisclosureError)


def test_nothing_to_do_is_done_at_once(edition):
    add_pack(edition, SHOW)
    carry_out_plan(steps(edition), edition, How(engine="kernels"))
    summary = carry_out_plan(steps(edition), edition, How(engine="kernels"))
    assert (summary.ran, summary.failed, summary.current) == ((), (), 2)


def test_every_batch_of_packs_keeps_their_page_and_manifest_up(edition):
    (edition / "reports" / "pack.qmd").write_text('---\ntitle: "Pack"\n---\n\nWords.\n', encoding="utf-8")
    add_pack(edition, SHOW, document="reports/pack.qmd")
    one, other = steps(edition)
    folder = edition / "reports" / "_output" / "packs" / "2024"
    carry_out_plan([one], edition, How(engine="kernels"))
    before = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    carry_out_plan([other], edition, How(engine="kernels"))
    after = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (list(before), list(after)) == (["service/010"], ["service/010", "service/5E1"])
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert 'href="service/010/pack.html" aria-label="Alder: web page"' in page and "Birch" in page
