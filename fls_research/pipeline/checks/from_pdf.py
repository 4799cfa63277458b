"""A PDF to passages, named by page."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fls_research.errors import PublishError, UsageError
from fls_research.pipeline.checks.document import Passage

if TYPE_CHECKING:
    from pypdf import PageObject

_BLANKS = re.compile(r"[\s\u00a0\u2002-\u200b\u202f]+")
_PAGE_NUMBER = re.compile(r"^\s*(?:page\s+)?\d{1,4}(?:\s+of\s+\d{1,4})?\s*$", re.IGNORECASE)


def pdf_passages(path: Path) -> list[Passage]:
    """The passages of a PDF: a page's text parted at empty lines; columns of tables are not told apart.

    Raises
    ------
    PublishError : the ``pypdf`` package is not installed.
    UsageError : the file is no PDF, is locked, or holds pictures of text only.
    """
    try:
        import pypdf
    except ImportError:
        raise PublishError("Reading PDF files needs 'pypdf'; install fls-research[publish].") from None
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        pages = [(page.extract_text() or "", tuple(_addresses(page))) for page in pypdf.PdfReader(path).pages]
    except Exception:
        # The package lets many kinds of error through; all of them mean the same to the user.
        raise UsageError(f"'{path.name}': is no PDF, or one with a password; save it again and retry.") from None
    passages = [one for number, (text, links) in enumerate(pages, start=1) for one in _page(text, links, number)]
    if not passages:
        raise UsageError(f"'{path.name}': holds no text, only pictures of it; run text recognition over it first.")
    return passages


def _addresses(page: PageObject) -> Iterator[str]:
    """The addresses that a page's words are links to."""
    for annotation in page.get("/Annots") or ():
        action = annotation.get_object().get("/A")
        if action is not None and "/URI" in action.get_object():
            yield str(action.get_object()["/URI"])


def _page(text: str, addresses: tuple[str, ...], number: int) -> Iterator[Passage]:
    # A PDF does not say which words a link belongs to; the first passage of the page holds all of them.
    links = tuple((address, f"page {number}") for address in addresses)
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.split("\n") if not _PAGE_NUMBER.match(line)]
        clean = _BLANKS.sub(" ", " ".join(lines)).strip()
        if clean:
            yield Passage(clean, ((0, f"page {number}"),), links=links)
            links = ()
