"""What a finished run says of itself, in a file beside its outputs: from what it was made, and what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fls_research.pipeline.batch.fingerprint import Fingerprint, content_hash
from fls_research.pipeline.staging import LOG

FILE = "run.json"
"""Written last: a folder without it is not whole."""


@dataclass(frozen=True)
class Record:
    """The content of ``run.json``. ``outputs`` is path to SHA-256; the log, which holds times, is no output.

    ``title`` is whom a run is for, as people say it, and ``synthetic`` whether its document was set from made-up data.
    """

    name: str
    title: str
    synthetic: bool
    notebook: str
    parameters: Mapping[str, Any]
    fingerprint: Mapping[str, str]
    outputs: Mapping[str, str]


def write(
    run_dir: Path,
    *,
    name: str,
    notebook: str,
    parameters: Mapping[str, Any],
    fingerprint: Fingerprint,
    title: str = "",
    synthetic: bool = False,
) -> Record:
    """Record a finished run in its folder."""
    record = Record(name, title, synthetic, notebook, dict(parameters), asdict(fingerprint), outputs_of(run_dir))
    text = json.dumps(asdict(record), ensure_ascii=False, indent=1, sort_keys=True)
    (run_dir / FILE).write_text(text + "\n", encoding="utf-8", newline="\n")
    return record


def read(place: Path) -> Record | None:
    """The record in a folder; None where there is none that can be read."""
    try:
        return Record(**json.loads((place / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def outputs_of(place: Path) -> dict[str, str]:
    """Path to hash of every output in a folder, but for its record and its log."""
    return {path: sha for path, sha in content_hash(place).items() if path not in (FILE, LOG)}


def reason_to_run(place: Path, wanted: Fingerprint) -> str:
    """Why a run is needed to bring a folder up to date, in words; blank where it is up to date.

    >>> import tempfile
    >>> reason_to_run(Path(tempfile.mkdtemp()), Fingerprint("", "", "", "", "", ""))
    'never run'
    """
    record = read(place)
    if record is None:
        return "never run"
    changed = wanted.changes(record.fingerprint)
    if changed:
        return changed
    return "" if outputs_of(place) == dict(record.outputs) else "an output is missing or was changed by hand"
