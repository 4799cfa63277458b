"""Run every benchmark and write what it printed to ``benchmarks/RESULTS.md``, with machine and versions."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels", "lifelines", "matplotlib", "pyarrow")


def main() -> int:
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Quote the ratios, not the seconds: they were measured in one run on one machine.",
        "",
        f"- machine: {os.cpu_count()} cores, {platform.machine()}, {platform.system()}",
        f"- Python {platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        "",
    ]
    failed = []
    for script in sorted(HERE.glob("bench_*.py")):
        print(f"{script.name} …", flush=True)
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            failed.append(script.name)
            print(done.stderr[-2000:], file=sys.stderr)
        lines += [f"## {script.stem}", "", "```text", done.stdout.rstrip() or "(failed)", "```", ""]
    (HERE / "RESULTS.md").write_text("\n".join(lines), encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
