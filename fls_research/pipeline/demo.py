"""The synthetic extract in its place: written aside, then moved to ``data/demo/``."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fls_research.data.synthetic import write_demo
from fls_research.params import YearParams
from fls_research.pipeline.check import DEMO
from fls_research.pipeline.progress import Progress, silent


@dataclass(frozen=True)
class DemoWritten:
    """``rows`` of the extract, blank ones at the end left out; ``analysed`` is data year to records an edition of that
    year would count; ``faults`` how many rows are dirty on purpose."""

    extract: Path
    rows: int
    analysed: dict[int, int]
    faults: int


def write_demo_extract(settings: YearParams, root: Path, *, progress: Progress = silent) -> DemoWritten:
    """Write the synthetic extract and the list of its known faults to ``data/demo/``.

    Parameters
    ----------
    settings : the seed and the data lock are read; the same ones give the same bytes.
    """
    progress("writing the synthetic extract")
    folder = root / DEMO
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=folder) as aside:
        made = write_demo(Path(aside), seed=settings.seed, data_lock=settings.data_lock, root=root)
        known = json.loads(made.known_issues.read_text(encoding="utf-8"))
        for path in (made.known_issues, made.extract):
            os.replace(path, folder / path.name)
    return DemoWritten(
        extract=folder / made.extract.name,
        rows=known["rows"],
        analysed={int(year): rows for year, rows in known["analysed"].items()},
        faults=sum(known["planted_by_rule"].values()),
    )
