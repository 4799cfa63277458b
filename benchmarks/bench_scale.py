"""Time and peak memory against rows, from 0.33 to 30 million: counting the KPIs, and preparing an extract, in parts.

Run from the project folder: ``python benchmarks/bench_scale.py`` (about ten minutes on two cores), or a short run with
``--rows 330000,1000000``. The rows are random draws from the synthetic extract and its cohort; they are written part by
part to a temporary folder, and thrown away. Every step is a fresh process started from a small one, so that its peak
memory is its own (Linux hands the peak down to what is started).
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from fls_research.data.cohort import assemble, prepare
from fls_research.data.describe import caseloads
from fls_research.data.extract import read_extract
from fls_research.data.mapping import map_headings
from fls_research.data.partitions import FrameParts, PartsWriter
from fls_research.data.prepare_parts import prepare_parts
from fls_research.data.register import load_register
from fls_research.data.synthetic import write_demo
from fls_research.data.validate import validate
from fls_research.kpi.counting import Question
from fls_research.kpi.definitions import RECORDS
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.groups import dimensions
from fls_research.params import load_year

ROOT = Path(__file__).resolve().parent.parent
PARAMS = load_year(2024, ROOT)
ROWS = (330_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000)
ROWS_IN_A_PART = 250_000
BY = (
    *("national", "nation", "region", "area", "service"),
    *("age_band", "sex", "care_home", "imd_quintile", "ethnicity", "site_group"),
    ("service", "sex"),
)
MOST_ROWS = {
    "count parts": max(ROWS),
    "count dask": max(ROWS),
    "count whole": 10_000_000,
    "prepare parts": 3_000_000,
    "prepare whole": 1_000_000,
}
"""How far each way is followed: a whole frame ends where a laptop's memory does, preparing where patience does."""


def write_drawn_from(work: Path) -> None:
    """Keep the demonstration extract as text, and its fractures with the columns that are counted."""
    with tempfile.TemporaryDirectory() as name:
        raw = read_extract(write_demo(Path(name), seed=PARAMS.seed, root=ROOT).extract)
    fields = map_headings(raw)
    fractures = assemble(raw, fields, validate(raw, fields, PARAMS), PARAMS, load_register(ROOT, PARAMS)).fractures
    for name, frame in (
        ("cohort", fractures[list(Question(RECORDS, PARAMS.years, dimensions(BY)).columns)]),
        ("texts", raw.frame.rename(columns={label: name for name, label in fields.columns.items()})),
    ):
        writer = PartsWriter(work / name)
        writer.add(frame)
        writer.close()


def write_fractures(work: Path, rows: int) -> None:
    """So many fractures in parts, no two of them alike."""
    fractures, generator = FrameParts.open(work / "cohort").whole(), np.random.default_rng(PARAMS.seed)
    writer = PartsWriter(work / "fractures")
    for first in range(0, rows, ROWS_IN_A_PART):
        writer.add(fractures.iloc[generator.integers(0, len(fractures), min(ROWS_IN_A_PART, rows - first))])
    writer.close()


def write_extract(work: Path, rows: int) -> None:
    """An extract of so many rows in one Parquet file; keys and two answers are new, so that no two rows are alike."""
    texts, generator = FrameParts.open(work / "texts").whole(), np.random.default_rng(PARAMS.seed)
    file = None
    for first in range(0, rows, ROWS_IN_A_PART):
        number = min(ROWS_IN_A_PART, rows - first)
        drawn = texts.iloc[generator.integers(0, len(texts), number)].assign(
            record_id=[f"{first + place}" for place in range(number)],
            height=generator.integers(140, 200, number).astype(str),
            weight=(generator.integers(4_000, 12_000, number) / 100).astype(str),
        )
        table = pa.Table.from_pandas(drawn, preserve_index=False)
        file = file or pq.ParquetWriter(work / "extract.parquet", table.schema, compression="zstd")
        file.write_table(table)
    file.close()


def count(way: str, work: Path) -> Callable[[], pd.DataFrame]:
    """The counts of all KPIs, one way."""
    caseload = caseloads(load_register(ROOT, PARAMS), PARAMS.years)
    parts = FrameParts.open(work / "fractures")
    if way == "dask":
        importlib.import_module("dask.dataframe")  # It takes as long as half a million rows, once.
    fractures = {"parts": lambda: parts, "dask": parts.dask, "whole": parts.whole}[way]
    return lambda: evaluate(fractures(), caseload, years=PARAMS.years, by=BY)


def prepared(way: str, work: Path) -> Callable[[], pd.DataFrame]:
    """The accounts of an extract brought down to its cohort, one way."""
    extract = work / "extract.parquet"
    if way == "whole":
        return lambda: prepare(PARAMS, ROOT, extract).flow
    return lambda: prepare_parts(PARAMS, ROOT, extract, work / "prepared", rows=ROWS_IN_A_PART).flow


def measure(step: str, work: Path) -> dict[str, float]:
    """Seconds on the clock and of work, the peak memory of this process, and a hash of what came out.

    Seconds of work are those of all cores together: they say more than the clock on a machine that others use too.
    """
    what, way = step.split()
    call = {"count": count, "prepare": prepared}[what](way, work)
    begun, at_work = time.perf_counter(), time.process_time()
    found = call()
    seconds, at_work = time.perf_counter() - begun, time.process_time() - at_work
    digest = int(pd.util.hash_pandas_object(found, index=False).sum() % 2**53)
    return {"seconds": seconds, "work": at_work, "megabytes": peak(), "digest": digest}


def peak() -> float:
    """The most memory that this process has held so far, in megabytes (Linux counts in kilobytes, macOS in bytes)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1e6 if sys.platform == "darwin" else 1e3)


def in_a_process(*step: object) -> str:
    """What a step prints."""
    command = [sys.executable, __file__, "--step", *map(str, step)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def report(sizes: list[int]) -> None:
    print(f"all KPIs, {len(BY)} dimensions; parts of {ROWS_IN_A_PART:,} rows; ratios are to the smallest of each way")
    titles = ("clock s", "work s", "ratio", "us/row", "peak MB", "ratio", "same")
    print(f"{'rows':>12}  {'way':<14}" + "".join(f"{title:>9}" for title in titles))
    first: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        in_a_process("drawn-from", work)
        for rows in sizes:
            in_a_process("fractures", work, rows)
            if rows <= MOST_ROWS["prepare parts"]:
                in_a_process("extract", work, rows)
            digests: dict[str, float] = {}
            for way in (way for way, most in MOST_ROWS.items() if rows <= most):
                found = json.loads(in_a_process(way, work))
                least = first.setdefault(way, found)
                same = digests.setdefault(way.split()[0], found["digest"]) == found["digest"]
                print(
                    f"{rows:>12,}  {way:<14}{found['seconds']:9.2f}{found['work']:9.2f}"
                    f"{found['work'] / least['work']:9.1f}{1e6 * found['work'] / rows:9.2f}"
                    f"{found['megabytes']:9.0f}{found['megabytes'] / least['megabytes']:9.2f}"
                    f"{'yes' if same else 'NO':>9}",
                    flush=True,
                )
            shutil.rmtree(work / "fractures")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", default=",".join(map(str, ROWS)), help="numbers of rows, with commas between them")
    asked.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = asked.parse_args()
    match options.step:
        case None:
            report([int(number) for number in options.rows.split(",")])
        case ["drawn-from", work]:
            write_drawn_from(Path(work))
        case ["fractures", work, rows]:
            write_fractures(Path(work), int(rows))
        case ["extract", work, rows]:
            write_extract(Path(work), int(rows))
        case [step, work]:
            print(json.dumps(measure(step, Path(work))))


if __name__ == "__main__":
    main()
