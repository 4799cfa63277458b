"""What stands in a folder of packs: one manifest over all of them, and a page that leads to each."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fls_research.pipeline.batch import record
from fls_research.pipeline.batch.fingerprint import Fingerprint
from fls_research.pipeline.manifest import FILE

INDEX = "index.html"

_KINDS = {
    "service": "Services",
    "icb": "Integrated care boards and health boards",
    "region": "Regions",
}

_PAGE = """\
<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.5 Arial, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; }}
table {{ border-collapse: collapse; width: 100%; margin-bottom: 2rem; }}
caption, th, td {{ text-align: left; padding: .3rem .8rem .3rem 0; vertical-align: top; }}
caption {{ font-weight: bold; font-size: 1.3rem; }}
tr {{ border-bottom: 1px solid #ccc; }}
a {{ color: #12436D; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{banner}{tables}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Entry:
    """One pack: its kind, the code and name of its place, and its folder relative to the page."""

    kind: str
    code: str
    title: str
    folder: str


def write_manifest(folder: Path) -> Path:
    """Write ``manifest.json`` over every finished run below a folder: its fingerprint, and the hash of every output.

    It holds no time, so that a batch that was stopped and taken up again gives the same file as one that was not.
    """
    told = {}
    for path in sorted(folder.rglob(record.FILE)):
        found = record.read(path.parent)
        if found is not None and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            told[path.parent.relative_to(folder).as_posix()] = {
                "run": found.name,
                "fingerprint": Fingerprint(**found.fingerprint).whole,
                "outputs": dict(found.outputs),
            }
    target = folder / FILE
    target.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return target


def write_index(folder: Path, entries: Sequence[Entry], *, title: str, banner: str = "") -> Path:
    """Write a page of links to the packs, one table for each kind of place; it opens offline and needs no script.

    A pack that is not there (its run failed) is named without a link.
    """
    tables = []
    for kind, heading in _KINDS.items():
        of_kind = sorted((entry for entry in entries if entry.kind == kind), key=lambda entry: entry.title)
        if of_kind:
            rows = "\n".join(_row(entry, folder) for entry in of_kind)
            tables.append(
                f'<table>\n<caption>{heading}</caption>\n<thead><tr><th scope="col">Name</th>'
                f'<th scope="col">Code</th><th scope="col">Pack</th></tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>'
            )
    words = f"<p><strong>{html.escape(banner)}</strong></p>\n" if banner else ""
    page = _PAGE.format(title=html.escape(title), banner=words, tables="\n".join(tables))
    target = folder / INDEX
    target.write_text(page, encoding="utf-8", newline="\n")
    return target


def _row(entry: Entry, folder: Path) -> str:
    name = html.escape(entry.title)
    documents = {path.suffix: path for path in sorted((folder / entry.folder).glob("*.*"))}
    links = ", ".join(
        f'<a href="{entry.folder}/{documents[suffix].name}" aria-label="{name}: {words}">{words}</a>'
        for suffix, words in ((".html", "web page"), (".docx", "Word"), (".pdf", "PDF"))
        if suffix in documents
    )
    return f'<tr><th scope="row">{name}</th><td>{html.escape(entry.code)}</td><td>{links or "not made yet"}</td></tr>'
