"""How long the synthetic extract takes: drawn, made dirty and written, about 334,000 rows.

Run from the project folder: ``python benchmarks/bench_synthetic.py``. It prints seconds and tests nothing.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from fls_research.data.synthetic import generate, write_demo


def main() -> None:
    start = time.perf_counter()
    records = generate(seed=2024)
    drawn = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        demo = write_demo(Path(folder), seed=2024)
        written = time.perf_counter() - start
        size = demo.extract.stat().st_size / 1e6
    print(f"drawn: {len(records):,} rows in {drawn:.1f} s")
    print(f"drawn, made dirty and written: {size:.0f} MB in {written:.1f} s")


if __name__ == "__main__":
    main()
