"""On which page of the rendered PDF a labelled table or figure stands: looked up in the files, never typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from fls_research.errors import PublishError, did_you_mean

_LABEL = re.compile(r"(?:tbl|fig)-[\w-]+")
_CAPTIONS = ("caption", "figcaption")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


@dataclass(frozen=True)
class Place:
    """Where a labelled table or figure stands: its ``caption`` with its number, and its ``page`` as printed."""

    label: str
    caption: str
    page: str

    @property
    def number(self) -> str:
        """Such as ``Table 4``.

        >>> Place("tbl-a", "Table 4: The eleven KPIs", "6").number
        'Table 4'
        """
        return self.caption.partition(":")[0]


@dataclass(frozen=True)
class Pages:
    """The labelled tables and figures of one rendered report: ``captions`` by label, and the text of every page."""

    captions: Mapping[str, str]
    texts: Sequence[str] = field(repr=False)
    numbers: Sequence[str]

    def place_of(self, label: str, *, where: str) -> Place:
        """The place of a label.

        The caption is found by its letters and digits, number included, so that neither a broken line nor a
        typographic mark hides it.

        Raises
        ------
        PublishError : the report shows no such label, or its caption stands on no page of the PDF or on several.
        """
        if label not in self.captions:
            raise PublishError(
                f"{where}: the report does not show '{label}'; embed it, or {did_you_mean(label, self.captions)}"
            )
        caption = self.captions[label]
        found = [place for place, text in enumerate(self.texts) if _letters(caption) in _letters(text)]
        if len(found) != 1:
            many = "no page" if not found else f"{len(found)} pages"
            raise PublishError(f"{where}: '{caption}' ({label}) stands on {many} of the PDF; publish the report again.")
        return Place(label, caption, self.numbers[found[0]])

    def place_of_numbers(self, label: str, numbers: Sequence[str], *, where: str) -> Place:
        """The place where a label shows these numbers: a long table runs on, and its caption's page may be another.

        Of the pages from the caption to the next one, it is the first that holds most of the numbers, each whole.

        Raises
        ------
        PublishError : as :meth:`place_of`, and where one of the numbers stands on none of these pages.
        """
        begins = self.place_of(label, where=where)
        held = {
            page: [number for number in numbers if _holds(self._text(page), number)] for page in self._extent(begins)
        }
        for number in numbers:
            if not any(number in there for there in held.values()):
                raise PublishError(
                    f"{where}: {begins.number} on page {begins.page} of the PDF ({label}) does not show {number}; "
                    "name the result that shows it, or publish the report again."
                )
        most = max(map(len, held.values()))
        return Place(label, begins.caption, next(page for page, there in held.items() if len(there) == most))

    def _extent(self, begins: Place) -> Sequence[str]:
        """The pages from a caption's to that of the next caption, which may begin below the last rows."""
        labels = list(self.captions)
        later = labels[labels.index(begins.label) + 1 :]
        first = list(self.numbers).index(begins.page)
        for label in later:
            try:
                last = list(self.numbers).index(self.place_of(label, where=label).page)
            except PublishError:
                continue
            return self.numbers[first : max(first, last) + 1]
        return self.numbers[first:]

    def _text(self, page: str) -> str:
        return self.texts[list(self.numbers).index(page)]


def read_pages(page: Path, pdf: Path) -> Pages:
    """The captions of a rendered web page, and the pages of the PDF made with it.

    Parameters
    ----------
    page : the HTML of the report: it tells the caption of each label, as numbered.
    pdf : the PDF of the same run: it tells the page.

    Raises
    ------
    PublishError : a file is missing or no PDF, or ``pypdf`` is not installed.
    """
    for path in (page, pdf):
        if not path.is_file():
            raise PublishError(f"{path.name}: there is no such report in the edition; publish it again.")
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise PublishError("Page numbers need pypdf, which is not installed; install the extra 'publish'.") from None
    try:
        reader = PdfReader(pdf)
        numbers = list(reader.page_labels)
        sheets = [" ".join(sheet.extract_text().split()) for sheet in reader.pages]
    except PyPdfError:
        raise PublishError(f"{pdf.name}: cannot be read as a PDF; publish the report again.") from None
    # The page's own number at its foot is no number of a table.
    texts = [text.removesuffix(f" {number}") for text, number in zip(sheets, numbers, strict=True)]
    return Pages(captions_of(page.read_text(encoding="utf-8")), texts, numbers)


def captions_of(html: str) -> dict[str, str]:
    """Label to caption of every labelled table and figure of a rendered page, in order.

    >>> captions_of('<div id="tbl-a"><table><caption>Table&nbsp;1: Who</caption></table></div>')
    {'tbl-a': 'Table 1: Who'}
    """
    parser = _Captions()
    parser.feed(html)
    return {label: " ".join(text.split()) for label, text in parser.found.items() if text.strip()}


class _Captions(HTMLParser):
    """Takes down the first caption inside each element whose id is a label."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._open: list[tuple[str, str]] = []
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        name = dict(attrs).get("id") or ""
        label = name if _LABEL.fullmatch(name) else ""
        self._open.append((tag, label))
        if tag in _CAPTIONS and not self._within:
            inner = next((label for _, label in reversed(self._open) if label), "")
            if inner and inner not in self.found:
                self._within, self.found[inner] = inner, ""

    def handle_endtag(self, tag: str) -> None:
        while self._open and any(opened == tag for opened, _ in self._open):
            if self._open.pop()[0] == tag:
                break
        if tag in _CAPTIONS:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within:
            self.found[self._within] += data


def _holds(text: str, number: str) -> bool:
    return re.search(rf"(?<![\w.,]){re.escape(number)}(?![\w%]|[.,]\d)", text) is not None


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
