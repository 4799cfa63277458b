"""Which reader reads which file: text, Markdown, HTML, Word or PDF to passages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fls_research.errors import UsageError
from fls_research.pipeline.checks.document import Document, Passage
from fls_research.pipeline.checks.from_html import html_passages
from fls_research.pipeline.checks.from_markdown import markdown_passages
from fls_research.pipeline.checks.from_pdf import pdf_passages
from fls_research.pipeline.checks.from_word import word_passages


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Text from an older Windows program; every byte means something there, so nothing is lost.
        return content.decode("cp1252", errors="replace")


def _text(path: Path) -> list[Passage]:
    return markdown_passages(_decoded(path).splitlines())


def _html(path: Path) -> list[Passage]:
    return html_passages(_decoded(path))


READERS: dict[str, Callable[[Path], list[Passage]]] = {
    ".txt": _text,
    ".md": _text,
    ".qmd": _text,
    ".markdown": _text,
    ".tsv": _text,
    ".html": _html,
    ".htm": _html,
    ".docx": word_passages,
    ".pdf": pdf_passages,
}


def read_document(path: Path) -> Document:
    """The passages of a file, by its ending; the document goes by the file's name.

    Raises
    ------
    UsageError : no such file, a folder, an ending that is not read, or a file that is not what its ending says.
    """
    if path.is_dir():
        raise UsageError(f"'{path.name}' is a folder; name one text, Markdown, HTML, Word or PDF file in it.")
    if not path.is_file():
        raise UsageError(f"'{path.name}': there is no such file; name a text, Markdown, HTML, Word or PDF file.")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(f"'{path.name}': files that end in {', '.join(READERS)} are read; save it as one of them.")
    return Document(path.name, tuple(reader(path)))
