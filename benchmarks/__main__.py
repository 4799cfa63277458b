"""Run the benchmarks and write what they printed to ``benchmarks/RESULTS.md``, with machine and versions.

``python -m benchmarks`` runs all of them; ``python -m benchmarks batch build`` runs those two and leaves the sections
of the others as they were.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
LIBRARIES = (
    *("numpy", "pandas", "scipy", "statsmodels", "lifelines", "matplotlib", "pyarrow"),
    *("papermill", "ipykernel", "distributed", "pypandoc-binary", "typst"),
)


def main(names: list[str]) -> int:
    scripts = sorted(HERE.glob("bench_*.py"))
    unknown = {*names} - {script.stem.removeprefix("bench_") for script in scripts}
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    sections = _sections()
    failed = False
    for script in scripts:
        if names and script.stem.removeprefix("bench_") not in names:
            continue
        print(f"{script.name} …", flush=True)
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, encoding="utf-8")
        if done.returncode:
            failed = True
            print(done.stderr[-2000:], file=sys.stderr)
        sections[script.stem] = _section(script.stem, done.stdout.rstrip() or "(failed)")
        _write(sections)
    return int(failed)


def _section(name: str, printed: str) -> str:
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}; Python {platform.python_version()}"
    versions = ", ".join(f"{library} {version(library)}" for library in LIBRARIES)
    return f"## {name}\n\nMeasured on {machine}; {versions}.\n\n```text\n{printed}\n```\n"


def _sections() -> dict[str, str]:
    """The sections that stand there, by name."""
    if not RESULTS.is_file():
        return {}
    parts = re.split(r"(?m)^(?=## bench_)", RESULTS.read_text(encoding="utf-8"))[1:]
    return {part.split()[1]: part.rstrip() + "\n" for part in parts}


def _write(sections: dict[str, str]) -> None:
    head = (
        "# Benchmarks\n\nWritten by `make bench`. Quote the ratios, not the seconds: those of a section were measured "
        "in one run on one machine.\n"
    )
    RESULTS.write_text("\n".join([head, *(sections[name] for name in sorted(sections))]), encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
