"""Runs on other processes and machines, through a Dask scheduler; what comes back is checked by its content's hash."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fls_research.errors import FlsError, UsageError
from fls_research.params import project_root
from fls_research.pipeline import manifest
from fls_research.pipeline.batch.fingerprint import Surroundings
from fls_research.pipeline.batch.work import Work, perform
from fls_research.pipeline.batch.workers import Crew, Outcome, Warmer
from fls_research.pipeline.engine.preloaded import Preloaded
from fls_research.pipeline.log import Log
from fls_research.pipeline.staging import LOG, staged

LOCAL = "local"
"""Instead of an address: a cluster of processes on this computer, for as long as the batch runs."""

_AWAY = "reports/_output/.away"
_RETRIES = 3
_WAIT = "15s"


@dataclass(frozen=True)
class Parcel:
    """The outputs of a run that was carried out elsewhere: path to bytes, and the hash of all of it."""

    files: Mapping[str, bytes]
    sha256: str
    cells: int
    seconds: float


def carry_out_on(scheduler: str, works: Sequence[Work], crew: Crew) -> Iterator[Outcome]:
    """Carry out runs on the workers of a Dask scheduler, and put what comes back in its place here.

    Every worker works in a copy of the project of its own, or in this one on a shared disk: the same code, settings,
    notebooks and prepared data, which is checked before each run. A run whose worker is lost goes to another one.

    Parameters
    ----------
    scheduler : its address, such as ``tcp://10.0.0.5:8786``, or ``local``.

    Raises
    ------
    UsageError : Dask is not installed, or nobody answers at the address.
    """
    try:
        import dask
        from distributed import Client, LocalCluster, as_completed
    except ImportError:
        raise UsageError("--scheduler needs Dask; install the extra 'batch', or leave the option out.") from None
    with dask.config.set({"distributed.scheduler.allowed-failures": _RETRIES}):
        cluster = _local(LocalCluster, crew) if scheduler == LOCAL else None
        try:
            client = Client(cluster or scheduler, timeout=_WAIT, set_as_default=False)
        except (OSError, ValueError, TimeoutError):
            raise UsageError(
                f"No Dask scheduler answers at {scheduler}; start one with: dask scheduler, or check the address."
            ) from None
        try:
            home = str(crew.root) if scheduler == LOCAL else ""
            works_by_key = {f"{work.place}-{secrets.token_hex(4)}": work for work in works}
            futures = [
                client.submit(carry_out_away, work, crew.forked, crew.warmers, home, key=key, pure=False)
                for key, work in works_by_key.items()
            ]
            for future in as_completed(futures, loop=client.loop):
                yield _received(works_by_key[future.key], future, crew.root)
        finally:
            client.close()
            if cluster is not None:
                cluster.close()


def _local(cluster: type, crew: Crew) -> Any:
    return cluster(n_workers=crew.at_once, threads_per_worker=1, processes=True, dashboard_address=None)


def _received(work: Work, future: Any, root: Path) -> Outcome:
    error = future.exception()
    if isinstance(error, FlsError):
        return Outcome(work, error=error)
    if error is not None:
        return Outcome(work, error=FlsError(f"{work.name} failed on its worker ({type(error).__name__})."))
    parcel: Parcel = future.result()
    future.release()
    if hash_of(parcel.files) != parcel.sha256:
        return Outcome(work, error=FlsError(f"{work.name}: what came back is damaged; run it again."))
    with staged(root / work.place) as run_dir:
        for path, content in parcel.files.items():
            target = run_dir / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        Log(run_dir / LOG).info("run came back", run=work.name, cells=parcel.cells)
    return Outcome(work, parcel.cells, parcel.seconds)


def hash_of(files: Mapping[str, bytes]) -> str:
    """One hash over names and contents, in the order of the names.

    >>> hash_of({"a": b"1", "b": b"2"}) == hash_of({"b": b"2", "a": b"1"})
    True
    """
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode("utf-8") + b"\0" + hashlib.sha256(files[name]).digest())
    return digest.hexdigest()


_PARENTS: dict[tuple[Path, tuple[Warmer, ...]], Preloaded] = {}
"""In a worker: the preloaded processes it keeps alive between runs."""


def carry_out_away(work: Work, forked: bool, warmers: tuple[Warmer, ...], home: str = "") -> Parcel:
    """What a worker does with a run: carry it out in its own copy of the project, and hand everything back.

    ``home`` is the project's folder where worker and asker share it; else the worker finds its own, from ``FLS_ROOT``
    or from where it was started.

    Raises
    ------
    UsageError : the worker's copy differs from that of whoever asks; the sentence says in what.
    """
    root, began = Path(home) if home else project_root(), manifest.stopwatch()
    _refuse_other_copy(work, root)
    run_dir = root / _AWAY / secrets.token_hex(6)
    run_dir.mkdir(parents=True)
    try:
        here = replace(work, shown_as=work.shown_as or work.place)
        done = perform(here, run_dir, root, parent=_parent(root, warmers) if forked else None)
        files = {
            path.relative_to(run_dir).as_posix(): path.read_bytes()
            for path in sorted(run_dir.rglob("*"))
            if path.is_file()
        }
    finally:
        shutil.rmtree(run_dir, ignore_errors=True)
    return Parcel(files, hash_of(files), done.cells, manifest.stopwatch() - began)


def _refuse_other_copy(work: Work, root: Path) -> None:
    surroundings = Surroundings.of(root, stitcher=work.stitcher)
    data = work.fingerprint.data
    if any(not (root / path).exists() for path in work.inputs.values()):
        data = "absent"
    mine = surroundings.fingerprint(root / work.notebook, work.parameters, data=data, document=work.document)
    changed = work.fingerprint.changes(vars(mine))
    if changed:
        raise UsageError(f"{work.name}: the worker's copy of the project is another one: {changed}; bring it in step.")


def _parent(root: Path, warmers: tuple[Warmer, ...]) -> Preloaded:
    key = (root, warmers)
    if key not in _PARENTS:
        _PARENTS[key] = Preloaded(root, warmers=warmers).__enter__()
    return _PARENTS[key]
