"""Plain text and Markdown to passages: paragraphs, list items, headings, pipe tables and rows parted by tabs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fls_research.pipeline.checks.document import Cell, Passage, joined

_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+")
_ITEM = re.compile(r"^\s*(?:[-*+>➤•]|\d{1,2}[.)])\s+")
_RULE = re.compile(r"^\s*(?:[-=*_:|+]|\s)+$")
_BREAK = re.compile(r"<br\s*/?>|</(?:p|li|div|ul|ol|tr|h[1-6])>", re.IGNORECASE)
_FOOTNOTE = re.compile(r"<sup>\s*[\d,a-z*]{0,4}\s*</sup>|\[\^[^\]]+\]:?", re.IGNORECASE)
_TAG = re.compile(r"<!--.*?-->|</?(?!https?:)[A-Za-z][^<>]*>")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_ADDRESS = re.compile(r"https?://[^\s<>()\"']+")
_EMPHASIS = re.compile(r"(\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`)")
_BLANKS = re.compile(r"[\u00a0\u2002-\u200b\u202f\t ]+")
_PULLED_OUT = re.compile(r"^[\d.,]+\s?%?$")


def plain(text: str) -> str:
    """A line without its markup: tags, links, emphasis and footnote marks; entities and blanks made plain.

    >>> plain("**91%**&nbsp;(59/65),<sup>1</sup> see [here](https://example.org)")
    '91% (59/65), see here'
    """
    text = _FOOTNOTE.sub("", _BREAK.sub("\n", text))
    text = _LINK.sub(r"\1", _TAG.sub("", text))
    text = _EMPHASIS.sub("", html.unescape(text)).replace("\\_", "_")
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip()


def links_in(line: str, place: str) -> tuple[tuple[str, str], ...]:
    """The addresses in a line, behind words or in the open, each with the line's place.

    >>> links_in("see [here](https://example.org/a)", "line 3")
    (('https://example.org/a', 'line 3'),)
    """
    return tuple((address, place) for address in _ADDRESS.findall(line))


def markdown_passages(lines: Sequence[str]) -> list[Passage]:
    """The passages of a text; each line of it is named by its number, from 1.

    A row of a table that was broken over a page goes on from the longest unfinished cell of the row above. A heading
    that is a bare number ("42%") belongs to the paragraph that goes on from it.

    >>> [passage.text for passage in markdown_passages(["# Aim", "One", "line.", "", "| KPI 4 | 65% |"])]
    ['Aim', 'One line.', 'KPI 4', '65%']
    """
    return placed_passages((line, f"line {number}") for number, line in enumerate(lines, start=1))


def placed_passages(lines: Iterable[tuple[str, str]]) -> list[Passage]:
    """The same for lines that come with their place in words, such as those of a file and of what it includes.

    >>> placed_passages([("Words.", "_kpis.qmd, line 7")])[0].place()
    '_kpis.qmd, line 7'
    """
    return list(_pulled_out_numbers_joined(_Reader().passages(lines)))


@dataclass
class _Reader:
    table: int = -1
    row: int = -1
    open_row: list[Passage] = field(default_factory=list)
    pending: list[tuple[str, str]] = field(default_factory=list)
    links: tuple[tuple[str, str], ...] = ()
    in_code: bool = False
    interrupted: bool = False

    def passages(self, lines: Iterable[tuple[str, str]]) -> Iterator[Passage]:
        for line, place in lines:
            yield from self._line(line, place)
        yield from self._paragraph_ends()
        yield from self._row_ends()

    def _line(self, line: str, place: str) -> Iterator[Passage]:
        if line.lstrip().startswith(("```", "~~~")):
            self.in_code = not self.in_code
        cells = _cells(line)
        if self.in_code or not line.strip() or _RULE.match(line) or line.lstrip().startswith(("```", "~~~")):
            # Neither an empty line nor a ruler ends a table: both stand where a page breaks it.
            self.interrupted = True
            yield from self._paragraph_ends()
        elif cells is not None:
            yield from self._paragraph_ends()
            yield from self._row_begins(cells, place)
        elif _HEADING.match(line):
            yield from self._paragraph_ends()
            yield from self._row_ends()
            heading = [(plain(_HEADING.sub("", line)), place)]
            yield joined(heading, is_heading=True, links=links_in(line, place))
        else:
            yield from self._row_ends()
            if _ITEM.match(line):
                yield from self._paragraph_ends()
            self.pending.append((plain(_ITEM.sub("", line)), place))
            self.links += links_in(line, place)

    def _paragraph_ends(self) -> Iterator[Passage]:
        if any(text for text, _ in self.pending):
            yield joined(self.pending, links=self.links)
        self.pending, self.links = [], ()

    def _row_begins(self, cells: list[str], place: str) -> Iterator[Passage]:
        texts = [plain(cell) for cell in cells]
        first = next((text for text in texts if text), "")
        if self.open_row and self.interrupted and first[:1].islower() and self._goes_on(first, place):
            texts[texts.index(first)] = ""
        self.interrupted = False
        yield from self._row_ends(table_too=False)
        if not any(texts):
            return
        self.table += self.row == -1
        self.row += 1
        self.open_row = [
            Passage(text, ((0, place),), Cell(self.table, self.row, column), links=links_in(cell, place))
            for column, (text, cell) in enumerate(zip(texts, cells, strict=True))
        ]

    def _goes_on(self, text: str, place: str) -> bool:
        """Join a text to the longest cell above that is a sentence without its end, if there is one."""
        unfinished = [p for p in self.open_row if len(p.text.split()) > 8 and p.text[-1].isalpha()]
        if unfinished:
            cut = max(unfinished, key=lambda passage: len(passage.text))
            whole = joined([(cut.text, cut.place()), (text, place)], cell=cut.cell, links=cut.links)
            self.open_row[self.open_row.index(cut)] = whole
        return bool(unfinished)

    def _row_ends(self, *, table_too: bool = True) -> Iterator[Passage]:
        yield from self.open_row
        self.open_row = []
        if table_too:
            self.row = -1


def _cells(line: str) -> list[str] | None:
    """The cells of a line that is a row of a table, or None."""
    stripped = line.strip()
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 1:
        return re.split(r"(?<!\\)\|", stripped[1:-1])
    if "\t" in line and line.strip():
        return line.split("\t")
    return None


def _pulled_out_numbers_joined(passages: Iterator[Passage]) -> Iterator[Passage]:
    held: Passage | None = None
    for passage in passages:
        if held is not None:
            if passage.text[:1].islower() and passage.cell is None:
                shift = len(held.text) + 1
                places = (*held.places, *((start + shift, place) for start, place in passage.places))
                yield replace(passage, text=f"{held.text} {passage.text}", places=places)
                held = None
                continue
            yield held
            held = None
        if passage.is_heading and _PULLED_OUT.match(passage.text):
            held = passage
        else:
            yield passage
    if held is not None:
        yield held
