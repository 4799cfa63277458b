"""Writes the synthetic extract, and beside it what is known to be wrong with it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.data.synthetic.faults import BLANK_ROWS, FAULTS, planted_by_rule, with_faults
from fls_research.data.synthetic.generate import DATA_LOCK, MARKER, generate
from fls_research.data.synthetic.layout import as_export, write_export
from fls_research.data.synthetic.services import YEARS

EXTRACT_NAME = "fls-db-extract.csv"
KNOWN_ISSUES_NAME = "known-issues.json"


@dataclass(frozen=True)
class Demo:
    """Where the synthetic extract and the list of its known issues stand."""

    extract: Path
    known_issues: Path


def write_demo(
    folder: Path,
    *,
    seed: int,
    years: Sequence[int] = YEARS,
    scale: float = 1.0,
    encoding: str = "utf-8-sig",
    data_lock: dt.date = DATA_LOCK,
    root: Path | None = None,
) -> Demo:
    """Write one CSV in the layout of a real export, and what is known to be wrong with it; returns both paths.

    Parameters
    ----------
    folder : made where it is missing.
    seed, years, scale, data_lock, root : as for ``generate``.
    encoding : ``utf-8-sig`` (with a byte order mark), ``utf-8`` or ``cp1252``.

    Same seed, same bytes. Raises UsageError as ``generate`` does.
    """
    records = generate(seed=seed, years=years, scale=scale, data_lock=data_lock, root=root)
    hands, faults = (np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence([seed, 1]).spawn(2))
    hand = hands.integers(0, 2**32, len(records), dtype=np.uint32)
    dirty = with_faults(records.assign(hand=hand), rng=faults, data_lock=data_lock)
    folder.mkdir(parents=True, exist_ok=True)
    extract = write_export(as_export(dirty), folder / EXTRACT_NAME, encoding=encoding)
    known = folder / KNOWN_ISSUES_NAME
    text = json.dumps(known_issues(dirty, seed=seed, data_lock=data_lock), indent=2, ensure_ascii=False)
    known.write_bytes((text + "\n").encode("utf-8"))
    return Demo(extract, known)


def known_issues(dirty: pd.DataFrame, *, seed: int, data_lock: dt.date) -> dict:
    """What went into the file, counted: rows, planted faults by rule, rows that no report counts, rows to be analysed.

    ``dirty`` : rows of ``faults.with_faults``. Counts by data year are keyed by the year as text.
    """
    added_ids = [fault.id for fault in FAULTS if fault.added]
    planned = dirty[~dirty["fault"].isin(added_ids)]
    english_or_welsh = planned["nation"].isin(["England", "Wales"])
    return {
        "status": MARKER,
        "seed": seed,
        "data_lock": data_lock.isoformat(),
        "rows": len(dirty),
        "blank_rows_at_the_end": BLANK_ROWS,
        "planted_by_rule": planted_by_rule(),
        "rows_added_by_faults": sum(fault.rows for fault in FAULTS if fault.added),
        "northern_ireland": _by_year(planned[~english_or_welsh]),
        "services_under_50_records": _by_year(planned[english_or_welsh & ~planned["reported"]]),
        "analysed": _by_year(planned[planned["reported"]]),
    }


def _by_year(records: pd.DataFrame) -> dict[str, int]:
    return {str(year): int(rows) for year, rows in records.groupby("data_year").size().items()}
