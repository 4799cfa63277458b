"""What a run is made from, as hashes: two runs of one fingerprint give the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fls_research.pipeline import manifest
from fls_research.pipeline.paths import shown

_WORDS = {
    "notebook": "the notebook changed",
    "parameters": "its parameters changed",
    "data": "its data changed",
    "settings": "a file of params/ changed",
    "code": "the kit's code changed",
    "versions": "the version of a library changed",
    "document": "its document or the house style changed",
}


@dataclass(frozen=True)
class Fingerprint:
    """One hash for each thing that a run depends on; ``document`` is blank where no document is made of it."""

    notebook: str
    parameters: str
    data: str
    settings: str
    code: str
    versions: str
    document: str = ""

    @property
    def whole(self) -> str:
        """The one name of all of it."""
        return _hash_of(asdict(self))

    def changes(self, before: Mapping[str, str]) -> str:
        """In words, what differs from an earlier fingerprint; blank where nothing does.

        >>> now = Fingerprint("a", "b", "c", "d", "e", "f")
        >>> now.changes({**asdict(now), "data": "x", "code": "y"})
        "its data changed; the kit's code changed"
        """
        return "; ".join(_WORDS[name] for name, value in asdict(self).items() if before.get(name, "") != value)


@dataclass(frozen=True)
class Surroundings:
    """What all runs of a batch share, hashed once: settings, code, libraries and the documents' sources.

    ``stitcher`` names what stitches documents, since a page depends on it.
    """

    root: Path
    settings: str
    code: str
    versions: str
    style: str
    stitcher: str

    @classmethod
    def of(cls, root: Path, *, stitcher: str = "pandoc") -> Surroundings:
        """The surroundings as they stand now in a project."""
        return cls(
            root=root,
            settings=_hash_of(manifest.hashes(_files(root / "params"), relative_to=root)),
            code=manifest.code_hash(),
            versions=_hash_of(manifest.versions()),
            style=_hash_of(document_sources(root)),
            stitcher=stitcher,
        )

    def fingerprint(
        self, notebook: Path, parameters: Mapping[str, Any], *, data: str = "", document: str = ""
    ) -> Fingerprint:
        """The fingerprint of one run.

        Parameters
        ----------
        notebook : the ``.ipynb`` file.
        parameters : what tells this run from others of the notebook, by name; no path of this run's own.
        data : a hash of the rows it reads; blank where it reads none.
        document : the ``.qmd`` file that is made of it, relative to the project; blank for none.
        """
        return Fingerprint(
            notebook=manifest.sha256_of(notebook),
            parameters=_hash_of(dict(parameters)),
            data=data,
            settings=self.settings,
            code=self.code,
            versions=self.versions,
            document=_hash_of([document, self.style, self.stitcher]) if document else "",
        )


def document_sources(root: Path) -> dict[str, str]:
    """Path to hash of everything that a document is set from beside its results: prose, style, fonts, configuration."""
    reports = (
        path
        for path in _files(root / "reports")
        if not any(part.startswith(("_output", "_executed", ".")) for part in path.relative_to(root).parts[1:-1])
    )
    return manifest.hashes([*reports, root / "_quarto.yml"], relative_to=root)


def content_hash(folder: Path) -> dict[str, str]:
    """Path to hash of every file below a folder, sorted by path; files whose name begins with a point are left out."""
    files = [path for path in _files(folder) if not path.name.startswith(".")]
    return {shown(path, folder): manifest.sha256_of(path) for path in files}


def _files(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _hash_of(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8")).hexdigest()
