"""The log of a run: one JSON object a line, for whoever asks later what happened and when."""

from __future__ import annotations

import json
from pathlib import Path

from fls_research.pipeline.manifest import now

Plain = str | int | float | bool | None


class Log:
    """Appends to one file. Fields are names, counts and paths of the project; never a patient's value.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> Log(folder / "log.jsonl").info("read", rows=3)
    >>> json.loads((folder / "log.jsonl").read_text())["rows"]
    3
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def info(self, event: str, **fields: Plain) -> None:
        self._write("info", event, fields)

    def warning(self, event: str, **fields: Plain) -> None:
        self._write("warning", event, fields)

    def error(self, event: str, **fields: Plain) -> None:
        self._write("error", event, fields)

    def _write(self, level: str, event: str, fields: dict[str, Plain]) -> None:
        line = {"time": now().isoformat(timespec="milliseconds"), "level": level, "event": event, **fields}
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
