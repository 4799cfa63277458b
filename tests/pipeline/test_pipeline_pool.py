"""Several notebooks run side by side; each outcome is told, and one failure stops no other."""

from multiprocessing import active_children

import pytest

from fls_research.pipeline.pool import Job, run_jobs

pytestmark = pytest.mark.slow


def jobs(project, *names):
    return [
        Job(project / "notebooks" / f"{name}.ipynb", {}, project, project / "out" / f"{name}.ipynb", {})
        for name in names
    ]


def test_every_job_has_an_outcome(project):
    outcomes = {o.notebook: o for o in run_jobs(jobs(project, "dies", "good", "raises"), workers=2)}
    assert outcomes["good"].result.output == project / "out" / "good.ipynb"
    assert "DeadKernelError" in str(outcomes["dies"].error)
    assert "the notebook's process died" in "\n".join(outcomes["dies"].error.__notes__)
    assert "ValueError" in str(outcomes["raises"].error)
    assert [p.name for p in (project / "out").iterdir()] == ["good.ipynb"]


def test_copies_are_the_same_side_by_side_and_one_by_one(project):
    names = ("good", "no_parameters")
    for _ in run_jobs(jobs(project, *names), workers=1):
        pass
    before = {name: (project / "out" / f"{name}.ipynb").read_bytes() for name in names}
    for _ in run_jobs(jobs(project, *names), workers=2):
        pass
    assert {name: (project / "out" / f"{name}.ipynb").read_bytes() for name in names} == before


def test_whoever_stops_listening_stops_the_work_and_no_job_begins_after(project):
    """After Ctrl-C nothing may go on writing into a folder that has been cleared away."""
    work = jobs(project, "good", "waits", "waits", "waits", "waits", "no_parameters")
    outcomes = run_jobs(work, workers=2)
    assert next(outcomes).result
    with pytest.raises(KeyboardInterrupt):
        outcomes.throw(KeyboardInterrupt())
    assert active_children() == []
    assert [p.name for p in (project / "out").iterdir()] == ["good.ipynb"]
