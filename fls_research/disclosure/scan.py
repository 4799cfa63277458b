"""The last look at the files that leave: personal data and rows of patients, told by rule and never by value."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import nhs_number

from fls_research.disclosure.shape import ROW_LEVEL, plain_key

MOST_ROWS = 50_000
"""A released table longer than this is taken to be patients."""

TEXT_FILES = frozenset(
    [
        ".csv",
        ".json",
        ".jsonl",
        ".html",
        ".htm",
        ".md",
        ".qmd",
        ".ipynb",
        ".txt",
        ".yml",
        ".yaml",
        ".svg",
        ".css",
        ".js",
        ".typ",
        ".xml",
    ]
)
PACKED_FILES = frozenset({".docx", ".xlsx"})
OPAQUE_FILES = frozenset([".png", ".jpg", ".jpeg", ".ico", ".woff", ".woff2", ".ttf", ".otf", ".pdf"])
"""Files that hold no text to look through: what is in them was drawn from released tables."""

_DATA_URI = re.compile(r"data:[\w/+.-]+(?:;[\w=-]+)*;base64,[A-Za-z0-9+/=\s]+")
_NOTEBOOK_PICTURE = re.compile(r'"image/(?:png|jpeg)":\s*"[A-Za-z0-9+/=\\n]+"')
_TEN_DIGITS = re.compile(r"(?<![\w.])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w]|\.\d)")
_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])[A-PR-UWYZ](?:[0-9]{1,2}|[A-HK-Y][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRVWXY]) ?"
    r"[0-9][ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])"
)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
_TABLE_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, order=True)
class Finding:
    """What was found: the file (and the part of it), the rule, and how often. Never the value itself."""

    file: str
    rule: str
    times: int


def scan_text(text: str, *, name: str, allow: Collection[str] = ()) -> tuple[Finding, ...]:
    """Personal data in a text, and headings that belong to rows of patients.

    The rules: a ten-digit number with the check digit of an NHS number; a full postcode; an e-mail address that is not
    in ``allow``; a table heading of the patient rows. Embedded pictures are left out.

    >>> scan_text("Write to Dr A at a.person@nhs.example or SW1A 1AA", name="page.html")
    (Finding(file='page.html', rule='e-mail address', times=1),
     Finding(file='page.html', rule='full postcode', times=1))
    """
    bare = _NOTEBOOK_PICTURE.sub("", _DATA_URI.sub("", text))
    return _findings(name, {rule: count(bare, allow) for rule, count in _RULES.items()})


def scan_files(paths: Iterable[Path], *, allow: Collection[str] = ()) -> tuple[Finding, ...]:
    """The same for files and folders: each text, Word or Excel file is read, a CSV also for the shape of its rows.

    A file of a kind that cannot be looked through (a Parquet or pickle file, say) is itself a finding, and so is one
    that cannot be read. Names are relative to the folder that was given.
    """
    found: list[Finding] = []
    for start in map(Path, paths):
        files = sorted(path for path in start.rglob("*") if path.is_file()) if start.is_dir() else [start]
        for path in files:
            name = path.relative_to(start).as_posix() if start.is_dir() else path.name
            found.extend(_scan_file(path, name, allow))
    return tuple(sorted(found))


def _scan_file(path: Path, name: str, allow: Collection[str]) -> tuple[Finding, ...]:
    kind = path.suffix.lower()
    if kind in OPAQUE_FILES:
        return ()
    try:
        if kind in PACKED_FILES:
            return _scan_packed(path, name, allow)
        if kind not in TEXT_FILES:
            return (Finding(name, "kind of file that may not leave", 1),)
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, zipfile.BadZipFile):
        return (Finding(name, "file that cannot be read", 1),)
    found = scan_text(text, name=name, allow=allow)
    return found + _findings(name, _rows_of_csv(text)) if kind == ".csv" else found


def _scan_packed(path: Path, name: str, allow: Collection[str]) -> tuple[Finding, ...]:
    found: list[Finding] = []
    with zipfile.ZipFile(path) as packed:
        for part in sorted(packed.namelist()):
            if part.endswith(".xml"):
                # Word may cut one word into several runs; tags inside a paragraph are dropped without a space.
                text = (
                    packed.read(part).decode("utf-8", errors="replace").replace("</w:p>", "\n").replace("</si>", "\n")
                )
                found.extend(scan_text(_TAG.sub("", text), name=f"{name} ({part})", allow=allow))
    return tuple(found)


def _rows_of_csv(text: str) -> dict[str, int]:
    rows = csv.reader(io.StringIO(text))
    heading = next(rows, [])
    return {
        "heading of patient rows": sum(plain_key(cell) in ROW_LEVEL for cell in heading),
        "more rows than a released table has": int(sum(1 for _ in rows) > MOST_ROWS),
    }


def _findings(name: str, counted: dict[str, int]) -> tuple[Finding, ...]:
    return tuple(sorted(Finding(name, rule, times) for rule, times in counted.items() if times))


def _nhs_numbers(text: str, _: Collection[str]) -> int:
    digits = (re.sub(r"\D", "", hit) for hit in _TEN_DIGITS.findall(text))
    return sum(len(set(number)) > 1 and nhs_number.is_valid(number) for number in digits)


def _postcodes(text: str, _: Collection[str]) -> int:
    return len(_POSTCODE.findall(text))


def _emails(text: str, allow: Collection[str]) -> int:
    known = {address.lower() for address in allow}
    return sum(hit.lower() not in known for hit in _EMAIL.findall(text))


def _row_headings(text: str, _: Collection[str]) -> int:
    cells = [_TAG.sub("", cell) for cell in _TABLE_HEADING.findall(text)]
    lines = text.splitlines()
    for line, following in pairwise(lines):
        if "|" in line and re.fullmatch(r"[\s|:-]*-{3,}[\s|:-]*", following):
            cells.extend(line.split("|"))
    return sum(plain_key(cell) in ROW_LEVEL for cell in cells)


_RULES: dict[str, Callable[[str, Collection[str]], int]] = {
    "number with the check digit of an NHS number": _nhs_numbers,
    "full postcode": _postcodes,
    "e-mail address": _emails,
    "heading of patient rows": _row_headings,
}
