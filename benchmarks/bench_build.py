"""The whole edition with every pack: from the extract, again with nothing changed, and after one service's row changed.

Run it with ``python benchmarks/bench_build.py``. It works in a copy of the project, which is removed afterwards.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
FOLDERS = ("params", "notebooks", "reports")
EXTRACT = "data/demo/fls-db-extract.csv"
ANSWER = "6.06 StartStrenBalExe"
DIAGNOSED = "1.09 Date Index Frac Diagnosed"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="fls-bench-") as folder:
        root = _copy(Path(folder) / "project")
        print(f"{'what':<44}{'seconds':>8}{'made':>7}{'of':>5}{'ratio':>8}")
        first = 0.0
        for what, prepare in (
            ("everything, from the extract", lambda: None),
            ("again, nothing changed", lambda: None),
            ("again, one row of one service changed", lambda: _change_a_row(root)),
        ):
            prepare()
            seconds, made, of = _build(root)
            first = first or seconds
            print(f"{what:<44}{seconds:>8.1f}{made:>7}{of:>5}{seconds / first:>8.2f}")
    return 0


def _copy(root: Path) -> Path:
    left = shutil.ignore_patterns("_output", "_executed", ".*")
    for name in FOLDERS:
        shutil.copytree(HERE / name, root / name, ignore=left)
    shutil.copy2(HERE / "_quarto.yml", root)
    (root / EXTRACT).parent.mkdir(parents=True)
    if not (HERE / EXTRACT).is_file():
        _fls(HERE, "demo", "--quiet")
    shutil.copy2(HERE / EXTRACT, root / EXTRACT)
    return root


def _build(root: Path) -> tuple[float, int, int]:
    """Seconds, packs made, and packs there are."""
    began = time.perf_counter()
    told = _fls(root, "build", "2024", "--all", "--engine", "pandoc")
    seconds = time.perf_counter() - began
    counts = {word: int(number) for word, number in re.findall(r"(?m)^(run|up to date) +(\d+)$", told)}
    return seconds, counts["run"], sum(counts.values())


def _fls(root: Path, *words: str) -> str:
    environment = {**os.environ, "FLS_ROOT": str(root), "PYTHONPATH": str(HERE)}
    command = [sys.executable, "-m", "fls_research.cli", *words]
    return subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True).stdout


def _change_a_row(root: Path) -> None:
    """Give one record of the year another answer, as a service that corrects it would.

    The demo's dirty rows, whose keys begin with X, are set aside anyway.
    """
    path = root / EXTRACT
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    answer, diagnosed = rows[0].index(ANSWER), rows[0].index(DIAGNOSED)
    row = next(
        row
        for row in reversed(rows)
        if len(row) == len(rows[0])
        and not row[0].startswith("X")
        and "2024" in row[diagnosed]
        and row[answer] in ("Yes", "No")
    )
    row[answer] = "No" if row[answer] == "Yes" else "Yes"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


if __name__ == "__main__":
    raise SystemExit(main())
