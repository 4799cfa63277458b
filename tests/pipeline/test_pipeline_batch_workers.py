"""Runs are carried out side by side; each outcome is told, and one that fails or dies stops no other."""

import os
import signal
from dataclasses import replace
from multiprocessing import active_children

import nbformat
import pytest
from batch_runs import works

from fls_research.pipeline.batch.record import reason_to_run
from fls_research.pipeline.batch.workers import Crew, DiskFull, at_once, attempt, carry_out

pytestmark = pytest.mark.slow


def finished(root):
    return sorted(p.name for p in (root / "out").iterdir() if (p / "run.json").is_file())


def test_every_run_has_an_outcome(project):
    crew = Crew(project, at_once=2, forked=False)
    outcomes = {o.work.name: o for o in carry_out(works(project, "dies", "good", "raises"), crew)}
    assert outcomes["good 1"].error is None and outcomes["good 1"].cells == 7
    assert "DeadKernelError" in str(outcomes["dies 0"].error)
    assert "the notebook's process died" in "\n".join(outcomes["dies 0"].error.__notes__)
    assert "ValueError" in str(outcomes["raises 2"].error)
    assert finished(project) == ["1-good"]
    assert (project / "out" / "2-raises-failed.log.jsonl").is_file()


def test_outputs_are_the_same_side_by_side_and_one_by_one(project):
    todo = works(project, "good", "no_parameters")
    copies = []
    for at_a_time in (1, 2):
        assert all(o.error is None for o in carry_out(todo, Crew(project, at_a_time, forked=False)))
        assert [reason_to_run(project / work.place, work.fingerprint) for work in todo] == ["", ""]
        copies.append([(project / work.place / "run.json").read_bytes() for work in todo])
    assert copies[0] == copies[1]


def test_whoever_stops_listening_stops_the_work_and_no_run_begins_after(project):
    """After Ctrl-C nothing may go on writing into a folder that has been cleared away."""
    todo = works(project, "good", "waits", "waits", "waits", "waits", "no_parameters")
    outcomes = carry_out(todo, Crew(project, 2, forked=False))
    assert next(outcomes).error is None
    with pytest.raises(KeyboardInterrupt):
        outcomes.throw(KeyboardInterrupt())
    assert active_children() == []
    assert finished(project) == ["0-good"]


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")
def test_a_worker_killed_in_the_middle_costs_no_run(project):
    todo = works(project, "good", "no_parameters", "good", "no_parameters", "good")
    seen = []
    for outcome in carry_out(todo, Crew(project, 2, forked=False)):
        if not seen:
            os.kill(active_children()[0].pid, signal.SIGKILL)
        seen.append(outcome)
    assert sorted(o.work.name for o in seen) == sorted(work.name for work in todo)
    assert all(o.error is None for o in seen)
    assert len(finished(project)) == 5


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")
def test_a_run_that_loses_its_process_again_and_again_fails_alone(project):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os\nos.kill(os.getppid(), 9)")])
    nbformat.write(book, project / "notebooks" / "kills.ipynb")
    todo = works(project, "kills", "good", "good", "good")
    outcomes = {o.work.name: o for o in carry_out(todo, Crew(project, 2, forked=False))}
    assert "its process was ended from outside" in str(outcomes["kills 0"].error)
    assert sum(o.error is None for o in outcomes.values()) == 3 == len(finished(project))


def test_a_full_disk_stops_the_batch_in_one_sentence_and_leaves_nothing_half_made(project):
    resource = pytest.importorskip("resource")
    todo = works(project, "good")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(DiskFull, match=r"The disk is full; make room and give the same command again"):
            attempt(todo[0], project)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert finished(project) == []
    assert not list((project / "out").glob(".building-*"))
    assert attempt(todo[0], project).error is None


def test_an_error_nobody_foresaw_is_told_without_its_message(project):
    todo = works(project, "good")
    broken = replace(todo[0], shown_as=5)
    error = attempt(broken, project).error
    assert str(error).startswith("good 0: something went wrong that the kit did not foresee (")
    assert finished(project) == []


def test_no_more_at_a_time_than_there_are_runs():
    assert at_once(8, 3) == 3 and at_once(None, 1) == 1 and at_once(3, 9) == 3
