"""Runs on the workers of a Dask scheduler: a real one, with two worker processes on two ports of this machine."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from batch_runs import works

from fls_research.errors import UsageError
from fls_research.pipeline.batch.record import reason_to_run
from fls_research.pipeline.batch.spread import carry_out_on, hash_of
from fls_research.pipeline.batch.workers import Crew, attempt

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX systems")]
HERE = Path(__file__).parents[2]


def free_port():
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


class Cluster:
    """A scheduler and two workers, started as the README says; each worker has its own copy of the project."""

    def __init__(self, project, folder):
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.processes = [self._start(folder, "scheduler", "--port", self.address.rsplit(":", 1)[1], "--no-dashboard")]
        self.copies = []
        for number in (1, 2):
            copy = shutil.copytree(project, folder / f"worker{number}")
            self.copies.append(copy)
            self.processes.append(
                self._start(copy, "worker", self.address, "--worker-port", str(free_port()), "--nthreads", "1",
                            "--no-nanny", "--no-dashboard")
            )  # fmt: skip

    def _start(self, folder, *words):
        command = [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1"]
        environment = {**os.environ, "PYTHONPATH": str(HERE), "FLS_ROOT": str(folder)}
        folder.mkdir(exist_ok=True)
        log = (folder / "dask.log").open("w")
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)

    def stop(self):
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(project, tmp_path):
    started = Cluster(project, tmp_path)
    yield started
    started.stop()


def test_runs_come_back_from_two_workers_as_they_would_be_here(project, cluster):
    todo = works(project, "good", "no_parameters", "raises", "good")
    outcomes = {o.work.name: o for o in carry_out_on(cluster.address, todo, Crew(project, 2, forked=False))}
    assert "ValueError" in str(outcomes.pop("raises 2").error)
    assert [o.error for o in outcomes.values()] == [None, None, None]
    assert [reason_to_run(project / w.place, w.fingerprint) for w in (todo[0], todo[1], todo[3])] == ["", "", ""]
    away = (project / todo[0].place / "run.json").read_bytes()
    assert attempt(todo[0], project).error is None
    assert (project / todo[0].place / "run.json").read_bytes() == away
    assert not [p for copy in cluster.copies for p in (copy / "reports" / "_output" / ".away").glob("*")]


def test_a_lost_workers_runs_are_done_by_the_other(project, cluster):
    todo = works(project, *["good"] * 6)
    seen = []
    for outcome in carry_out_on(cluster.address, todo, Crew(project, 2, forked=False)):
        if not seen:
            os.kill(cluster.processes[2].pid, signal.SIGKILL)
        seen.append(outcome)
    assert sorted(o.work.name for o in seen) == [work.name for work in todo]
    assert [o.error for o in seen] == [None] * 6


def test_a_worker_whose_copy_differs_says_so(project, cluster):
    todo = [replace(work, fingerprint=replace(work.fingerprint, code="other")) for work in works(project, "good")]
    (outcome,) = carry_out_on(cluster.address, todo, Crew(project, 2, forked=False))
    assert re.search(r"worker's copy of the project is another one: the kit's code changed", str(outcome.error))
    assert not (project / todo[0].place).exists()


def test_nobody_at_the_address_is_said_in_one_sentence(project, monkeypatch):
    monkeypatch.setattr("fls_research.pipeline.batch.spread._WAIT", "1s")
    begun = time.perf_counter()
    with pytest.raises(UsageError, match=r"No Dask scheduler answers at tcp://127.0.0.1:\d+; start one with"):
        list(carry_out_on(f"tcp://127.0.0.1:{free_port()}", works(project, "good"), Crew(project, 1, forked=False)))
    assert time.perf_counter() - begun < 30


def test_a_cluster_of_this_computer_alone(project):
    todo = works(project, "good", "no_parameters")
    outcomes = list(carry_out_on("local", todo, Crew(project, 2, forked=False)))
    assert [o.error for o in outcomes] == [None, None]
    assert [reason_to_run(project / work.place, work.fingerprint) for work in todo] == ["", ""]


def test_what_comes_back_is_known_by_its_content():
    assert hash_of({"a": b"1"}) != hash_of({"a": b"2"}) != hash_of({"b": b"2"})
