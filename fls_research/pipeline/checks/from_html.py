"""A web page to passages: paragraphs, list items, headings and the cells of tables."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from fls_research.pipeline.checks.document import Cell, Passage

_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "dd", "div", "dl", "dt", "figcaption", "figure",
     "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "li", "main", "nav", "ol", "p", "pre", "section", "table",
     "tbody", "thead", "tr", "ul")
)  # fmt: skip
_UNREAD = frozenset(("head", "script", "style", "svg", "template"))
_NOTE_MARK = re.compile(r"\s*[\d,a-z*]{1,4}\s*")
_BLANKS = re.compile(r"[\s\u00a0\u2002-\u200b\u202f]+")


def html_passages(source: str) -> list[Passage]:
    """The passages of a web page; each is named by the line of the file on which it begins.

    >>> page = "<p>One<sup>1</sup></p><table><tr><th>KPI 4<td>65%</table>"
    >>> [(passage.text, passage.cell) for passage in html_passages(page)]
    [('One', None), ('KPI 4', Cell(table=0, row=0, column=0)), ('65%', Cell(table=0, row=0, column=1))]
    """
    reader = _Reader()
    reader.feed(source)
    reader.close()
    reader.passage_ends()
    return reader.passages


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.passages: list[Passage] = []
        self._text: list[str] = []
        self._links: list[tuple[str, str]] = []
        self._line = 1
        self._unread = 0
        self._in_sup = False
        self._heading = False
        self._tables: list[int] = []
        self._table = self._row = self._column = -1
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread += 1
        elif tag == "sup":
            self._in_sup = True
        elif tag == "a" and not self._unread:
            self._links += [(value, f"line {self.getpos()[0]}") for name, value in attrs if name == "href" and value]
        elif tag == "br":
            self._text.append("\n")
        elif tag == "table":
            self.passage_ends()
            self._tables.append(self._row)
            self._table, self._row = self._table + 1, -1
        elif tag == "tr":
            self.passage_ends()
            self._row, self._column = self._row + 1, -1
        elif tag in ("td", "th"):
            self.passage_ends()
            self._column, self._in_cell = self._column + 1, True
        elif tag in _BLOCKS:
            self._block_begins(tag)

    def _block_begins(self, tag: str) -> None:
        if self._in_cell:
            # A cell stays one passage; what stands on lines of its own there is parted by a line's end.
            self._text.append("\n")
            return
        self.passage_ends()
        self._heading = tag[0] == "h" and tag[1:].isdigit()

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNREAD:
            self._unread = max(self._unread - 1, 0)
        elif tag == "sup":
            self._in_sup = False
        elif tag in ("td", "th"):
            self.passage_ends()
            self._in_cell = False
        elif tag == "table" and self._tables:
            self.passage_ends()
            self._in_cell, self._row = False, self._tables.pop()
        elif tag in _BLOCKS:
            self._text.append("\n") if self._in_cell else self.passage_ends()

    def handle_data(self, data: str) -> None:
        if self._unread or (self._in_sup and _NOTE_MARK.fullmatch(data)):
            return
        if not "".join(self._text).strip():
            self._line = self.getpos()[0]
        # The line ends of the source are blanks on the page.
        self._text.append(_BLANKS.sub(" ", data))

    def passage_ends(self) -> None:
        """Close the passage being read; nothing happens where there is none."""
        lines = (_BLANKS.sub(" ", line).strip() for line in "".join(self._text).split("\n"))
        text = "\n".join(line for line in lines if line)
        cell = Cell(self._table, self._row, self._column) if self._in_cell else None
        if text or cell:
            place, links = f"line {self._line}", tuple(self._links)
            self.passages.append(Passage(text, ((0, place),), cell, self._heading, links))
        self._text, self._links, self._heading = [], [], False
        self._in_cell = False
