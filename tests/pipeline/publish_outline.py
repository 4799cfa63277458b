"""The small project that the tests of publishing render, and what a reader finds in each rendered file.

Run as a program, it writes the golden files anew: ``python tests/pipeline/publish_outline.py``.
"""

import datetime as dt
import re
import shutil
import tempfile
import zipfile
from pathlib import Path

import pypdf
from lxml import etree, html

ROOT = Path(__file__).parents[2]
FIXTURE = Path(__file__).parent / "publish_fixture"
GOLDEN = Path(__file__).parent / "golden"
MOMENT = dt.datetime(2026, 1, 15, 12, tzinfo=dt.UTC)
FORMATS = ("html", "docx", "pdf")

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"


def small_project(folder):
    """(root, run_dir): the real configuration and assets with the prose, facts and notebooks of the fixture."""
    root = folder / "project"
    run_dir = root / "reports" / "_output" / "2024"
    (run_dir / "notebooks").mkdir(parents=True)
    shutil.copy(ROOT / "_quarto.yml", root)
    for name in ("styles.css", "house.typ", "typst-template.typ", "typst-show.typ", "kit.lua", "reference.docx"):
        shutil.copy(ROOT / "reports" / name, root / "reports")
    shutil.copytree(ROOT / "reports" / "fonts", root / "reports" / "fonts")
    for path in FIXTURE.iterdir():
        to = {".ipynb": run_dir / "notebooks", ".yml": run_dir}.get(path.suffix, root / "reports")
        shutil.copy(path, to)
    return root, run_dir


def words(text):
    return " ".join(text.replace("\u200b", "").split())


def html_outline(path):
    """Headings, captions, alternative texts, references and tables of the page, each with what it says, in order."""
    main = html.fromstring(path.read_bytes()).xpath("//main")[0]
    found = []
    for element in main.iter():
        if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            found.append(("heading", words(element.text_content())))
        elif element.tag in ("caption", "figcaption"):
            found.append(("caption", words(element.text_content())))
        elif element.tag == "img":
            found.append(("alt", element.get("alt")))
        elif element.tag == "a" and "quarto-xref" in (element.get("class") or ""):
            found.append(("reference", words(element.text_content())))
        elif element.tag == "tr":
            found.append(("row", " | ".join(words(cell.text_content()) for cell in element)))
    return found


def docx_outline(path):
    """The same of the Word file. The title is a heading here as it is on the page."""
    with zipfile.ZipFile(path) as file:
        body = etree.fromstring(file.read("word/document.xml"))[0]
    found = []
    for element in body.iter(f"{W}p", f"{W}tr", f"{W}hyperlink", DRAWN):
        if element.tag == DRAWN:
            found.append(("alt", element.get("descr")))
        elif element.tag == f"{W}hyperlink":
            if (element.get(f"{W}anchor") or "").startswith(("fig-", "tbl-", "sec-")) and not _in_contents(element):
                found.append(("reference", _said(element)))
        elif element.tag == f"{W}tr":
            if element.find(f"{W}tc/{W}tbl") is None and len(element.findall(f"{W}tc")) > 1:
                found.append(("row", " | ".join(_said(cell) for cell in element.iter(f"{W}tc"))))
        else:
            style = element.find(f"{W}pPr/{W}pStyle")
            style = "" if style is None else style.get(f"{W}val")
            if style == "Title" or re.fullmatch(r"Heading\d", style):
                found.append(("heading", re.sub(r"^(\d+)\. ", r"\1 ", _said(element))))
            elif style in ("TableCaption", "ImageCaption"):
                found.append(("caption", _said(element)))
    return found


def pdf_outline(path):
    """Headings and alternative texts of the PDF, from its bookmarks and its structure; captions are in its words."""
    reader = pypdf.PdfReader(path)
    root = reader.trailer["/Root"]
    found = [("marked", str(bool(root["/MarkInfo"]["/Marked"]))), ("language", root["/Lang"])]
    found.append(("title", reader.metadata.title))
    found += [("heading", words(entry.title)) for entry in _flat(reader.outline)]
    found += [("alt", alt) for alt in _alts(root["/StructTreeRoot"])]
    return found


def pdf_pages(path):
    """The words of each page, with the dots of the contents list left out."""
    return [re.sub(r"(?: \.){3,}", " …", words(page.extract_text())) for page in pypdf.PdfReader(path).pages]


def of_kind(outline, *kinds):
    return [(kind, text) for kind, text in outline if kind in kinds]


def outline(path):
    return {".html": html_outline, ".docx": docx_outline, ".pdf": pdf_outline}[path.suffix](path)


def golden_text(path):
    """What the golden file of a rendered file holds."""
    if path.suffix == ".html":
        page = path.read_text(encoding="utf-8")
        body = page[page.index("<body") :]
        return re.sub(r"data:image/png;base64,[^\"]*", "data:…", body)
    lines = [f"{kind}: {text}" for kind, text in outline(path)]
    if path.suffix == ".pdf":
        lines += ["", *pdf_pages(path)]
    return "\n".join(lines) + "\n"


def golden_file(format_name):
    return GOLDEN / f"annual-report.{format_name}{'' if format_name == 'html' else '.txt'}"


def _said(element):
    return words("".join(part.text or "" for part in element.iter(f"{W}t")))


def _in_contents(element):
    return any(parent.tag == f"{W}sdt" for parent in element.iterancestors())


def _flat(entries):
    for entry in entries:
        if isinstance(entry, list):
            yield from _flat(entry)
        else:
            yield entry


def _alts(node):
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            yield from _alts(child)
    elif isinstance(node, dict):
        if "/Alt" in node:
            yield words(str(node["/Alt"]))
        if "/K" in node:
            yield from _alts(node["/K"])


def write_golden_files():
    from fls_research.pipeline.publish import publish

    with tempfile.TemporaryDirectory() as folder:
        root, run_dir = small_project(Path(folder))
        made = publish(run_dir, root, engine="pandoc", moment=MOMENT)
        for name in FORMATS:
            golden_file(name).write_text(golden_text(made.paths[name]), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_golden_files()
