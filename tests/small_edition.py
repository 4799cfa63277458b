"""The project's own notebooks, prose and settings beside a twentieth of the demo's rows."""

import shutil
from pathlib import Path

from fls_research.data.synthetic import write_demo

ROOT = Path(__file__).parents[1]


def small_project(folder):
    """Lay the project out in a folder, with settings that let its small services in, and give the folder back."""
    for name in ("params", "notebooks", "reports"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("_output", "_executed", ".ipynb_*"))
    shutil.copy(ROOT / "_quarto.yml", folder)
    settings = folder / "params" / "2024.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("min_records: 50", "min_records: 10"), encoding="utf-8")
    write_demo(folder / "data" / "demo", seed=2024, scale=0.05, root=folder)
    return folder
