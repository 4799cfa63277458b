"""The report's text, line by line, each line knowing the file and the place it came from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from fls_research.errors import PublishError
from fls_research.pipeline.publish import shortcode

_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")
_EDGE = "---"


@dataclass(frozen=True)
class Line:
    """One line of a source file. ``is_code``: it stands inside a fenced block and is not prose."""

    text: str
    file: str
    number: int
    is_code: bool = False

    @property
    def where(self) -> str:
        return f"{self.file}, line {self.number}"


def read_lines(path: Path) -> list[Line]:
    """The lines of a text file, code marked as such.

    Raises
    ------
    PublishError : no such file, or no text in UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PublishError(f"{path.name}: there is no such file in {path.parent.name}/.") from None
    except (OSError, UnicodeDecodeError):
        raise PublishError(f"{path.name}: cannot be read as a text file in UTF-8.") from None
    return list(_with_code_marked(Line(text, path.name, n) for n, text in enumerate(text.splitlines(), start=1)))


def split_front_matter(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """The lines between the two ``---`` at the head of a document, and the lines after them.

    >>> lines = [Line(text, "a.qmd", n) for n, text in enumerate(["---", "title: T", "---", "Words."], start=1)]
    >>> head, body = split_front_matter(lines)
    >>> [line.text for line in head], [line.where for line in body]
    (['title: T'], ['a.qmd, line 4'])
    """
    if not lines or lines[0].text.rstrip() != _EDGE:
        return [], lines
    for position, line in enumerate(lines[1:], start=1):
        if line.text.rstrip() in (_EDGE, "..."):
            return lines[1:position], lines[position + 1 :]
    raise PublishError(f"{lines[0].where}: the front matter does not end; close it with a line '---'.")


def with_includes(lines: Iterable[Line], folder: Path, *, within: tuple[str, ...] = ()) -> Iterator[Line]:
    """The lines with every ``{{< include … >}}`` replaced by the file's lines.

    Parameters
    ----------
    folder : where the document stands; every path is relative to it, as in Quarto.
    within : the files already being included, to find circles.

    Raises
    ------
    PublishError : a missing file, or a file that includes itself.
    """
    for line in lines:
        found = None if line.is_code else shortcode.alone_in(line.text, where=line.where)
        if found is None or found.name != "include":
            yield line
            continue
        path = folder / found.argument
        if not path.is_file():
            raise PublishError(f"{line.where}: the included file '{found.argument}' does not exist.")
        if found.argument in within:
            raise PublishError(f"{line.where}: '{found.argument}' includes itself.")
        yield from with_includes(read_lines(path), folder, within=(*within, found.argument))
        yield replace(line, text="")


def _with_code_marked(lines: Iterable[Line]) -> Iterator[Line]:
    fence = ""
    for line in lines:
        match = _FENCE.match(line.text)
        if fence:
            yield replace(line, is_code=True)
            if match and match[1].startswith(fence) and not line.text.strip(" " + fence[0]):
                fence = ""
        else:
            fence = match[1] if match else ""
            yield replace(line, is_code=bool(match))
