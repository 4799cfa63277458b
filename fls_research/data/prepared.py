"""The prepared cohort on disk: Parquet and JSON in one folder, written whole or not at all, opened in no time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from fls_research import __version__
from fls_research.data.contract import fixed_categories
from fls_research.data.edition import Cohort, Source
from fls_research.data.extract import FileFacts, sha256_of
from fls_research.data.register import Register
from fls_research.errors import ExtractError, ExtractNotFound
from fls_research.params import YearParams, project_root

_FRAMES = ("fractures", "flow", "flow_by_year", "issues")
_REGISTER = ("services", "geography")
_FACTS = "cohort.json"

KEPT = 8
"""Prepared cohorts that stay: those of a few years, before and after a change."""


def prepared_key(params: YearParams, root: Path, extract_path: Path, *, sheet: str | None = None) -> str:
    """A name for the cohort that depends on everything it is made of, and on nothing else.

    It is the SHA-256 of the extract's bytes, the settings, the register, the geography, the kit's version and the
    code of the data room. Raises what :func:`fls_research.data.extract.sha256_of` raises.
    """
    register = root / params.register_file
    code = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256()
    for part in (__version__, params.model_dump_json(), sheet or "", sha256_of(extract_path)):
        digest.update(part.encode("utf-8") + b"\x00")
    for path in (register, register.with_name("geography.csv"), *code):
        digest.update(path.name.encode("utf-8") + b"\x00")
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def is_prepared(folder: Path) -> bool:
    """Whether a prepared cohort lies in the folder."""
    return (folder / _FACTS).is_file()


def store(cohort: Cohort, folder: Path, *, unless: Callable[[], bool] = lambda: False) -> Path:
    """Write a cohort to a folder, which appears whole or not at all; one that is there is replaced.

    ``unless`` is as :func:`replace_folder` asks it.

    Returns the folder. It holds patient rows: keep it out of version control and out of anything that is passed on.
    """
    with appearing_whole(folder, unless=unless) as fresh:
        for name in _FRAMES:
            write_frame(getattr(cohort, name), fresh / f"{name}.parquet")
        for name in _REGISTER:
            write_frame(getattr(cohort.register, name), fresh / f"{name}.parquet")
        write_facts(cohort.params, cohort.source, fresh / _FACTS)
    return folder


@contextmanager
def appearing_whole(folder: Path, *, unless: Callable[[], bool] = lambda: False) -> Iterator[Path]:
    """A new folder to write into, which takes its place when all went well and is gone when not."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield fresh
        replace_folder(fresh, folder, unless=unless)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_facts(params: YearParams, source: Source, path: Path) -> None:
    """Write what is known of an edition beside its frames."""
    facts = {"params": params.model_dump(mode="json", by_alias=True), "source": asdict(source)}
    text = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_facts(path: Path) -> tuple[YearParams, Source]:
    """What :func:`write_facts` wrote; ValueError, KeyError or TypeError where it is damaged."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    return YearParams.model_validate_json(json.dumps(facts["params"])), _source(facts["source"])


def forget_old(cache: Path, *, keep: int = KEPT) -> None:
    """Remove the prepared cohorts of a folder that were used longest ago, all but ``keep``.

    They hold patient rows, and every change of extract, settings or code makes another. What cannot be removed, since
    another program has it open, stays.
    """
    folders = sorted((path for path in cache.glob("*") if is_prepared(path)), key=lambda path: path.stat().st_mtime_ns)
    for folder in folders[: max(len(folders) - keep, 0)]:
        shutil.rmtree(folder, ignore_errors=True)


def replace_folder(fresh: Path, folder: Path, *, unless: Callable[[], bool] = lambda: False) -> None:
    """Put a finished folder in the place of another, in one renaming; both lie on one disk.

    ``unless`` is asked at the last moment: where another process has meanwhile put the same thing there, that one
    stays, since somebody may be reading it.
    """
    if unless():
        return
    if folder.exists():
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        os.replace(folder, aside / "old")
        os.replace(fresh, folder)
        shutil.rmtree(aside, ignore_errors=True)
        return
    try:
        os.replace(fresh, folder)
    except OSError:
        if not unless():
            raise


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame without its index as one Parquet file; the same frame gives the same bytes."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    pq.write_table(table, path, compression="zstd", row_group_size=max(len(frame), 1))


def load(folder: Path) -> Cohort:
    """The cohort that :func:`store` wrote; the one that :func:`keep_open` keeps, where it keeps it.

    Raises
    ------
    ExtractNotFound : there is no prepared cohort in the folder.
    ExtractError : the folder is damaged.
    """
    folder = Path(folder)
    if not is_prepared(folder):
        raise ExtractNotFound(f"There is no prepared cohort in {folder.name}; run 'fls build' again.")
    return _OPEN.get(folder.resolve()) or _read(folder)


def keep_open(folder: str | Path) -> None:
    """Keep a prepared cohort in memory: :func:`load` and :func:`open_prepared` then give it without reading.

    Parameters
    ----------
    folder : relative to the project, or absolute. It must not change afterwards, and whoever opens the cohort must
        leave its frames as they are, or be a process of its own that was forked from this one.

    It starts no thread, so that the process can be forked. Raises what :func:`load` raises.
    """
    place = project_root() / folder
    if not is_prepared(place):
        raise ExtractNotFound(f"There is no prepared cohort in {place.name}; run 'fls build' again.")
    _OPEN[place.resolve()] = _read(place, threads=False)


def keep_closed() -> None:
    """Forget what :func:`keep_open` keeps."""
    _OPEN.clear()


_OPEN: dict[Path, Cohort] = {}


def _read(folder: Path, *, threads: bool = True) -> Cohort:
    try:
        params, source = read_facts(folder / _FACTS)
        frames = {name: read_frame(folder / f"{name}.parquet", threads=threads) for name in (*_FRAMES, *_REGISTER)}
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        raise ExtractError(
            f"The prepared cohort in {folder.name} is damaged; delete the folder and build again."
        ) from None
    register = Register(**{name: frames.pop(name) for name in _REGISTER})
    frames["fractures"] = frames["fractures"].astype(
        {name: kind for name, kind in fixed_categories().items() if frames["fractures"][name].dtype != kind}
    )
    return Cohort(params=params, register=register, source=source, **frames)


def open_prepared(prepared: str | Path, root: Path) -> Cohort:
    """The prepared cohort at a path given relative to the project folder, as notebooks get it; see :func:`load`."""
    return load(Path(root) / prepared)


def read_frame(path: Path, columns: Sequence[str] | None = None, *, threads: bool = True) -> pd.DataFrame:
    """The frame that :func:`write_frame` wrote, or some of its columns; ``threads`` is whether to start any."""
    with pq.ParquetFile(path, pre_buffer=threads) as file:
        table = file.read(columns=None if columns is None else list(columns), use_threads=threads)
    described = (table.schema.pandas_metadata or {}).get("columns", [])
    categorical = [column["name"] for column in described if column["pandas_type"] == "categorical"]
    frame = table.to_pandas(split_blocks=True, self_destruct=True, use_threads=threads)
    # Categories of which there are none do not survive Parquet.
    lost = [name for name in categorical if name in frame and not isinstance(frame[name].dtype, pd.CategoricalDtype)]
    return frame.astype(dict.fromkeys(lost, pd.CategoricalDtype(pd.Index([], dtype=object))))


def _source(facts: dict) -> Source:
    file = FileFacts(**facts.pop("file"))
    years = {int(year): rows for year, rows in facts.pop("years_present").items()}
    lists = {name: tuple(value) for name, value in facts.items() if isinstance(value, list)}
    return Source(file=file, years_present=years, **(facts | lists))
