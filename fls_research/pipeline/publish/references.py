"""Cross-references before anything is rendered: each points at one label, and each label stands once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from fls_research.errors import PublishError, did_you_mean
from fls_research.pipeline.publish.text import Line

KINDS = ("fig", "sec", "tbl")
"""What is numbered and referred to: figures, sections, tables."""

_UNNUMBERED_KINDS = (
    "alg",
    "cau",
    "cnj",
    "cor",
    "def",
    "eq",
    "exm",
    "exr",
    "imp",
    "lem",
    "lst",
    "nte",
    "prp",
    "thm",
    "tip",
)
_LABEL = re.compile(r"\{[^{}]*#((?:fig|sec|tbl)-[\w-]+)[^{}]*\}")
_REFERENCE = re.compile(r"(?<![\w\\@/.])@([a-z]{2,3}-\w+(?:[.:-]\w+)*)")
_IMAGE = re.compile(r"!\[[^\]]*\]\(<?([^)>\s]+)>?[^)]*\)")
_NO_PROSE = re.compile(r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)|\{\{<.*?>\}\}")
_ADDRESS = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|#)", re.IGNORECASE)


def check_references(lines: Iterable[Line], embedded: Iterable[tuple[str, str]] = ()) -> None:
    """Refuse a reference to nothing, a label that stands twice, and a kind that only one of the two paths numbers.

    Parameters
    ----------
    lines : the prose, includes resolved.
    embedded : label and place of every embedded cell.

    Raises
    ------
    PublishError : naming file, line and label.

    >>> check_references([Line("See @fig-a.", "a.qmd", 3)], [("fig-b", "a.qmd, line 1")])
    Traceback (most recent call last):
    fls_research.errors.PublishError: a.qmd, line 3: @fig-a points at nothing; did you mean 'fig-b'?
    """
    prose = [(_NO_PROSE.sub("", line.text), line.where) for line in lines if not line.is_code]
    written = [(label, where) for text, where in prose for label in _LABEL.findall(text)]
    labels = _unique([*written, *embedded])
    for text, where in prose:
        for target in _REFERENCE.findall(text):
            kind = target.split("-")[0]
            if kind in _UNNUMBERED_KINDS:
                raise PublishError(f"{where}: @{target} is no figure, table or section; only those are numbered here.")
            if kind in KINDS and target not in labels:
                raise PublishError(f"{where}: @{target} points at nothing; {did_you_mean(target, labels)}")


def read_images(lines: Iterable[Line], folder: Path) -> dict[str, bytes]:
    """The pictures that the prose shows, by the paths it gives them.

    Parameters
    ----------
    lines : the prose, includes resolved.
    folder : where the document stands; its pictures lie there or below.

    Raises
    ------
    PublishError : a picture that is not there, or that lies on the web; file, line and picture are named.
    """
    found: dict[str, bytes] = {}
    for line in lines:
        if line.is_code:
            continue
        for target in _IMAGE.findall(_NO_PROSE.sub("", line.text)):
            if _ADDRESS.match(target):
                raise PublishError(
                    f"{line.where}: the picture '{target}' is not a local file; put it beside the report."
                )
            path = folder / target
            if not path.is_file() or not path.resolve().is_relative_to(folder.resolve()):
                raise PublishError(f"{line.where}: the picture '{target}' does not exist in {folder.name}/.")
            found[target] = path.read_bytes()
    return found


def _unique(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for label, where in found:
        if label in labels:
            raise PublishError(f"{where}: the label '{label}' stands already in {labels[label]}; use each once.")
        labels[label] = where
    return labels
