"""What stands in a folder of packs: one manifest over all of them, and a page that leads to each."""

from __future__ import annotations

import html
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from fls_research.pipeline.batch import record
from fls_research.pipeline.batch.fingerprint import Fingerprint
from fls_research.pipeline.facts import BANNER
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


def refresh(folder: Path) -> None:
    """Write the manifest and the page of a folder of packs anew, from what the packs say of themselves."""
    packs = _packs(folder)
    if packs:
        write_manifest(folder, packs)
        write_index(folder, packs)


def _packs(folder: Path) -> dict[str, record.Record]:
    """Folder to record of every finished pack; one that is being made has no record, or a name that is passed over."""
    found = {path.parent.relative_to(folder).as_posix(): record.read(path.parent) for path in folder.rglob(record.FILE)}
    return {name: pack for name, pack in sorted(found.items()) if pack is not None and "/." not in f"/{name}"}


def write_manifest(folder: Path, packs: Mapping[str, record.Record]) -> Path:
    """Write ``manifest.json``: of every finished pack its fingerprint, and the hash of every output.

    It holds no time, so that a batch that was stopped and taken up again gives the same file as one that was not.
    """
    told = {
        name: {
            "run": pack.name,
            "fingerprint": Fingerprint(**pack.fingerprint).whole,
            "outputs": dict(pack.outputs),
        }
        for name, pack in packs.items()
    }
    return _replaced(folder / FILE, json.dumps(told, ensure_ascii=False, indent=1) + "\n")


def write_index(folder: Path, packs: Mapping[str, record.Record]) -> Path:
    """Write a page of links to the packs, one table for each kind of place; it opens offline and needs no script."""
    tables = []
    for kind, heading in _KINDS.items():
        of_kind = [(name, pack) for name, pack in packs.items() if name.split("/")[0] == kind]
        if of_kind:
            rows = "\n".join(_row(name, pack) for name, pack in sorted(of_kind, key=lambda one: one[1].title))
            tables.append(
                f'<table>\n<caption>{heading}</caption>\n<thead><tr><th scope="col">Name</th>'
                f'<th scope="col">Code</th><th scope="col">Pack</th></tr></thead>\n<tbody>\n'
                f"{rows}\n</tbody>\n</table>"
            )
    banner = BANNER if any(pack.synthetic for pack in packs.values()) else ""
    words = f"<p><strong>{html.escape(banner)}</strong></p>\n" if banner else ""
    title = f"Packs of services, boards and regions, {html.escape(folder.name)}"
    return _replaced(folder / INDEX, _PAGE.format(title=title, banner=words, tables="\n".join(tables)))


def _row(name: str, pack: record.Record) -> str:
    title, code = html.escape(pack.title), html.escape(name.split("/")[-1])
    documents = {Path(path).suffix: path for path in pack.outputs if "/" not in path}
    links = ", ".join(
        f'<a href="{name}/{documents[suffix]}" aria-label="{title}: {words}">{words}</a>'
        for suffix, words in ((".html", "web page"), (".docx", "Word"), (".pdf", "PDF"))
        if suffix in documents
    )
    return f'<tr><th scope="row">{title}</th><td>{code}</td><td>{links}</td></tr>'


def _replaced(path: Path, text: str) -> Path:
    """Two commands may write it at once: whoever reads sees one of the two, whole."""
    partial = path.with_name(f".{secrets.token_hex(4)}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path
