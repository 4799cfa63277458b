"""The materials of packs: made once for a prepared cohort, and told apart by what each pack depends on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from fls_research.analysis.pack_benchmark import benchmark, beside
from fls_research.data.places import code_mark, folder_name, prepare_places, read_places
from fls_research.errors import UsageError, did_you_mean
from fls_research.pipeline.progress import Progress, silent


@dataclass(frozen=True)
class Materials:
    """The places of an edition, each with a folder of what its pack is made from; ``root`` holds them all."""

    root: Path

    def places(self, kind: str) -> pd.DataFrame:
        """The places of a kind (``service``, ``area`` or ``region``), by code: one row each.

        The columns are ``code``, ``kind``, ``name``, ``nation``, ``area_code``, ``area_name``, ``region_code``,
        ``region_name`` and ``records`` (of the year; patients are counted there: for planning, and not to be shown).
        """
        return self._places[self._places["kind"] == kind].reset_index(drop=True)

    def folder(self, code: str, *, kind: str = "") -> Path:
        """The folder of a place; ``kind`` is needed only where places of two kinds share a code.

        Raises :class:`UsageError` for a code that no place has, or that more than one has.
        """
        named = self._places[self._places["code"] == code]
        found = named[named["kind"] == kind] if kind else named
        if found.empty:
            raise UsageError(f"There is no place '{code}'; {did_you_mean(code, self._places['code'])}")
        if len(found) > 1:
            raise UsageError(f"'{code}' is the code of places of two kinds ({', '.join(found['kind'])}); say which.")
        return self.root / found["kind"].iloc[0] / folder_name(code)

    def digest(self, code: str, *, kind: str = "") -> str:
        """SHA-256 of what the pack of a place is made from: its folder, and what all places are held against."""
        own = _digest_of(self.folder(code, kind=kind))
        return hashlib.sha256(f"{own}\n{self._shared}".encode("ascii")).hexdigest()

    @cached_property
    def _places(self) -> pd.DataFrame:
        return read_places(self.root)

    @cached_property
    def _shared(self) -> str:
        return _digest_of(self.root / "benchmark")


def ready(prepared: Path, *, progress: Progress = silent) -> Materials:
    """The materials of a prepared cohort; made where they are not there, or were made by other code.

    They appear whole or not at all, and the same records and code give the same bytes.
    """
    progress("laying out what each place's pack is made from")
    return Materials(prepare_places(prepared, benchmark=benchmark, beside=beside, code=code_mark()))


def _digest_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(path.name.encode("utf-8") + b"\x00" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
