"""How long an extract of 330,000 rows takes from file to cohort, step by step, and a tenth of it for comparison.

Run from the project folder: ``python benchmarks/bench_ingest.py``. It prints seconds, shares and the growth from a
tenth of the rows to all of them, and tests nothing.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fls_research.data.cohort import assemble, load, prepared_key, store
from fls_research.data.extract import read_extract
from fls_research.data.identifiers import refuse_identifiers
from fls_research.data.mapping import map_headings
from fls_research.data.register import load_register
from fls_research.data.synthetic import write_demo
from fls_research.data.validate import validate
from fls_research.params import YearParams, load_year

ROOT = Path(__file__).resolve().parent.parent
YEAR = 2024
PREPARING = ("register", "read", "identifiers", "headings", "validate", "cohort")


class Stopwatch:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, step: str, work: Callable):
        start = time.perf_counter()
        result = work()
        self.seconds[step] = time.perf_counter() - start
        return result


def measure(extract: Path, params: YearParams, folder: Path) -> tuple[int, dict[str, float]]:
    """Rows of the extract, and seconds of each step from the file to the prepared cohort and back."""
    watch = Stopwatch()
    register = watch("register", lambda: load_register(ROOT, params))
    raw = watch("read", lambda: read_extract(extract))
    watch("identifiers", lambda: refuse_identifiers(raw))
    fields = watch("headings", lambda: map_headings(raw))
    validated = watch("validate", lambda: validate(raw, fields, params))
    cohort = watch("cohort", lambda: assemble(raw, fields, validated, params, register))
    watch("store", lambda: store(cohort, folder))
    watch("load", lambda: load(folder))
    watch("key", lambda: prepared_key(params, ROOT, extract))
    return raw.facts.rows, watch.seconds


def main() -> None:
    params = load_year(YEAR, ROOT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results = {}
        for scale in (0.1, 1.0):
            demo = write_demo(folder / str(scale), seed=params.seed, scale=scale, root=ROOT)
            results[scale] = measure(demo.extract, params, folder / f"prepared-{scale}")
    (few, small), (many, large) = results[0.1], results[1.0]
    total = sum(large[step] for step in PREPARING)
    for step, seconds in large.items():
        share = f"{seconds / total:5.0%} of preparing" if step in PREPARING else ""
        print(f"{step:12s} {seconds:6.2f} s  {share}")
    growth = total / sum(small[step] for step in PREPARING)
    print(f"{'preparing':12s} {total:6.2f} s  for {many:,} rows: {1e6 * total / many:.0f} microseconds a row")
    print(f"{many / few:.1f} times the rows take {growth:.1f} times as long")
    print(f"opening the prepared cohort takes {large['load'] / total:.0%} of preparing it")


if __name__ == "__main__":
    main()
