"""How long a pack takes as HTML, Word and PDF without Quarto, beside plain runs of Pandoc and Typst on the same text.

Run it by hand: ``python benchmarks/bench_publish.py``. The pack has eight figures and six tables, drawn at random: only
their number and size matter. A plain run is one process of Pandoc for each format, without filters: nothing is
numbered, coloured or referred to. The target is under 1.5 seconds for a whole pack; with 130 packs on two cores, the
seconds of processor count for more than those of the clock.
"""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import typst
import yaml

from fls_research.outputs.picture import png
from fls_research.pipeline.publish import publish
from fls_research.pipeline.publish.manuscript import read_manuscript
from fls_research.pipeline.publish.project import read_project
from fls_research.pipeline.publish.with_pandoc import pandoc_command

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = "reports/pack.qmd"
FIGURES, TABLES, ROWS = 8, 6, 18
WIDTH, HEIGHT = 1260, 900
ROUNDS = 7
WORKERS = 2
WORDS = "Of {{< var records >}} records, {{< var percent >}} were assessed within 90 days of diagnosis. " * 4


def random_figure(generator: np.random.Generator) -> bytes:
    """A white sheet with some hundreds of coloured blocks, of the size of the kit's figures in a file."""
    sheet = np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)
    for x, y, wide, high in generator.integers(0, (WIDTH - 60, HEIGHT - 30, 60, 30), (400, 4)):
        sheet[y : y + high, x : x + wide] = generator.integers(0, 255, 3)
    speckled = generator.random((HEIGHT, WIDTH)) < 0.012
    sheet[speckled] = generator.integers(0, 255, (int(speckled.sum()), 3))
    return png(sheet, dpi=200)


def random_table(generator: np.random.Generator) -> str:
    rows = [
        f"| An indicator with a name of some length, {row} | {n:,} | {d:,} | {100 * n // d}% (41% to 52%) | ● Amber |"
        for row, (n, d) in enumerate(zip(generator.integers(1, 900, ROWS), [1000] * ROWS, strict=True))
    ]
    return "\n".join(["| Indicator | Met | Records | Percent | Level |", "|:--|--:|--:|--:|:--|", *rows])


def cells(seed: int) -> list[dict[str, object]]:
    generator = np.random.default_rng(seed)
    made = []
    for number in range(FIGURES):
        picture = {"image/png": base64.b64encode(random_figure(generator)).decode()}
        made.append((f"fig-{number}", f"#| fig-cap: Figure {number}\n#| fig-alt: Blocks.\n", picture))
    for number in range(TABLES):
        made.append((f"tbl-{number}", f"#| tbl-cap: Table {number}\n", {"text/markdown": random_table(generator)}))
    return [
        {
            "cell_type": "code",
            "metadata": {},
            "source": f"#| label: {label}\n{options}",
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": data}],
        }
        for label, options, data in made
    ]


def write_project(root: Path) -> None:
    labels = [*(f"fig-{n}" for n in range(FIGURES)), *(f"tbl-{n}" for n in range(TABLES))]
    parts = ["---", 'title: "Pack of {{< var name >}}"', "---"]
    for label in labels:
        parts += ["", f"# About {label} {{#sec-{label}}}", "", f"{WORDS}See @{label}.", ""]
        parts.append(f"{{{{< embed _executed/90_pack.ipynb#{label} >}}}}")
    shutil.copytree(ROOT / "reports", root / "reports", ignore=shutil.ignore_patterns("_*", "*.qmd"))
    shutil.copy(ROOT / "_quarto.yml", root)
    (root / DOCUMENT).write_text("\n".join(parts), encoding="utf-8")


def write_run(run_dir: Path, seed: int) -> Path:
    (run_dir / "notebooks").mkdir(parents=True)
    facts = {"name": f"Service {seed}", "records": 100 + seed, "percent": f"{seed % 100}%"}
    (run_dir / "_variables.yml").write_text(yaml.safe_dump(facts), encoding="utf-8")
    (run_dir / "notebooks" / "90_pack.ipynb").write_text(json.dumps({"cells": cells(seed)}), encoding="utf-8")
    return run_dir


def through_kit(root: Path, run_dir: Path) -> None:
    publish(run_dir, root, document=DOCUMENT, engine="pandoc")


def lay_out(root: Path, run_dir: Path, folder: Path) -> None:
    """The same text and pictures as files, for the plain runs."""
    manuscript = read_manuscript(root / DOCUMENT, read_project(root), run_dir)
    # References point at nothing without the kit's filters, and would stop Typst.
    text = re.sub(r"@(?=fig|tbl|sec)", "", manuscript.markdown)
    (folder / "pack.md").write_text(text, encoding="utf-8")
    for path, picture in manuscript.pictures.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(picture)


def plain(folder: Path, root: Path, form: str) -> None:
    """One format by one process of Pandoc (and Typst, for the PDF)."""
    options = {
        "html": ["--embed-resources", "--mathml", "--toc", "-o", "pack.html"],
        "docx": ["--reference-doc", str(root / "reports" / "reference.docx"), "--toc", "-o", "pack.docx"],
        "pdf": ["-t", "typst", "-V", "mainfont=Liberation Sans", "-o", "pack.typ"],
    }
    command = [pandoc_command(), "-f", "markdown", "-s", "-M", "title=Pack", *options[form], "pack.md"]
    subprocess.run(command, cwd=folder, check=True)
    if form == "pdf":
        source, fonts = folder / "pack.typ", [str(root / "reports" / "fonts")]
        typst.compile(str(source), output=str(folder / "pack.pdf"), font_paths=fonts, ignore_system_fonts=True)


def measured(call: Callable[[], None]) -> tuple[float, float]:
    """Seconds by the clock, and of processor with those of the processes it started."""
    begun, before = time.perf_counter(), os.times()
    call()
    after = os.times()
    return time.perf_counter() - begun, sum(after[:4]) - sum(before[:4])


def middle(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    clock, processor = zip(*pairs, strict=True)
    return statistics.median(clock), statistics.median(processor)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_project(root)
        runs = [write_run(root / "runs" / str(seed), seed) for seed in range(ROUNDS + 1)]
        kit, single = [], {form: [] for form in ("html", "docx", "pdf")}
        for number, run_dir in enumerate(runs):
            folder = root / "plain" / run_dir.name
            folder.mkdir(parents=True)
            lay_out(root, run_dir, folder)
            taken = measured(lambda run_dir=run_dir: through_kit(root, run_dir))
            alone = {form: measured(lambda f=folder, form=form: plain(f, root, form)) for form in single}
            if number:  # the first one opens fonts and libraries
                kit.append(taken)
                for form, pair in alone.items():
                    single[form].append(pair)
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(WORKERS, mp_context=context) as pool:
            list(pool.map(through_kit, [root] * len(runs), runs))  # each worker opens its fonts and libraries
            twice = runs * 2
            clock, _ = measured(lambda: list(pool.map(through_kit, [root] * len(twice), twice)))
    report(middle(kit), {form: middle(pairs) for form, pairs in single.items()}, clock / len(twice))


def report(kit: tuple[float, float], single: dict[str, tuple[float, float]], together: float) -> None:
    print(f"a pack of {FIGURES} figures and {TABLES} tables, median of {ROUNDS}")
    print("                                   clock  processor")
    for form, (clock, processor) in single.items():
        print(f"plain Pandoc, {form:4s}                {clock:6.2f} s  {processor:6.2f} s")
    clock, processor = (sum(values) for values in zip(*single.values(), strict=True))
    print(f"plain Pandoc, all three           {clock:6.2f} s  {processor:6.2f} s")
    print(f"publish(), all three              {kit[0]:6.2f} s  {kit[1]:6.2f} s  target: under 1.5 s")
    print(f"ratio to the plain runs           {kit[0] / clock:6.2f}    {kit[1] / processor:6.2f}")
    print(f"publish(), {WORKERS} processes at a time   {together:6.2f} s a pack")


if __name__ == "__main__":
    main()
