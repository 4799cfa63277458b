"""What a text is to a check: passages that know their place, cells that know their table, and sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'’”)]*\s+(?=[\"'‘“(]?[A-Z0-9])|\n+|\s*[➤•▪]\s*")
_ABBREVIATION = re.compile(r"(?:\b(?:vs|v|cf|eg|e\.g|ie|i\.e|[Ff]ig|[Nn]o|St|Dr|Prof|approx|[Rr]ef|et al))\.\s*$")


@dataclass(frozen=True)
class Cell:
    """Where in which table a passage stands; all three count from 0."""

    table: int
    row: int
    column: int


@dataclass(frozen=True)
class Passage:
    """A paragraph, heading, list item or cell of a table.

    ``places`` are pairs of an offset into ``text`` and the place in words ("line 12") that holds from there on;
    ``links`` are the addresses behind its words, each with its place.
    """

    text: str
    places: tuple[tuple[int, str], ...]
    cell: Cell | None = None
    is_heading: bool = False
    links: tuple[tuple[str, str], ...] = ()

    def place(self, offset: int = 0) -> str:
        """The place, in words, of a character.

        >>> Passage("one two", ((0, "line 1"), (4, "line 2"))).place(5)
        'line 2'
        """
        if not self.places:
            return ""
        return self.places[max(bisect_right([start for start, _ in self.places], offset) - 1, 0)][1]


@dataclass(frozen=True)
class Sentence:
    """A sentence and where it begins in its passage."""

    text: str
    start: int
    passage: Passage

    def place(self, offset: int = 0) -> str:
        return self.passage.place(self.start + offset)


@dataclass(frozen=True)
class Document:
    """A whole text: the name that findings give it, and its passages in reading order."""

    name: str
    passages: tuple[Passage, ...]

    def sentences(self) -> Iterator[Sentence]:
        for passage in self.passages:
            yield from sentences(passage)

    def rows(self) -> Iterator[tuple[Passage, ...]]:
        """The cells of each row of each table, in reading order."""
        row: list[Passage] = []
        for passage in self.passages:
            cell = passage.cell
            if cell is None:
                continue
            if row and (row[0].cell.table, row[0].cell.row) != (cell.table, cell.row):
                yield tuple(row)
                row = []
            row.append(passage)
        if row:
            yield tuple(row)

    def tables(self) -> Iterator[list[tuple[Passage, ...]]]:
        """The rows of each table."""
        table: list[tuple[Passage, ...]] = []
        for row in self.rows():
            if table and table[0][0].cell.table != row[0].cell.table:
                yield table
                table = []
            table.append(row)
        if table:
            yield table


def sentences(passage: Passage) -> Iterator[Sentence]:
    """The sentences of a passage; a line break or a bullet inside it ends one too.

    >>> passage = Passage("Up, e.g. from 1.5 to 2. Fig. 3 shows it.", ((0, "line 1"),))
    >>> [sentence.text for sentence in sentences(passage)]
    ['Up, e.g. from 1.5 to 2.', 'Fig. 3 shows it.']
    """
    begin = 0
    for end in _SENTENCE_END.finditer(passage.text):
        if _ABBREVIATION.search(passage.text[begin : end.end()]):
            continue
        if passage.text[begin : end.start()].strip():
            yield Sentence(passage.text[begin : end.start()], begin, passage)
        begin = end.end()
    if passage.text[begin:].strip():
        yield Sentence(passage.text[begin:], begin, passage)


def joined(pieces: Iterable[tuple[str, str]], **marks: object) -> Passage:
    """One passage from pieces of text, each with its place in words, joined by blanks.

    >>> joined([("one", "line 1"), ("two", "line 2")]).text
    'one two'
    """
    text, places = "", []
    for piece, place in pieces:
        places.append((len(text), place))
        text += piece + " "
    return Passage(text[:-1], tuple(places), **marks)
