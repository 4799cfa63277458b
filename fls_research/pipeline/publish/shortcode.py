"""The grammar of Quarto's shortcodes: how one is written, and which ones the report may use on both paths."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fls_research.errors import PublishError, did_you_mean

KNOWN = ("embed", "include", "meta", "pagebreak", "var")
"""The shortcodes that read the same through Quarto and through Pandoc."""

_TOKEN = re.compile(r"\{\{\{<(?P<escaped>.*?)>\}\}\}|\{\{<(?P<body>(?:(?!>\}\}).)*)>\}\}")
_WORD = re.compile(r"\"([^\"]*)\"|'([^']*)'|(\S+)")


@dataclass(frozen=True)
class Shortcode:
    """One shortcode: its name and what follows it."""

    name: str
    arguments: tuple[str, ...]

    @property
    def argument(self) -> str:
        """The one argument of ``var``, ``meta``, ``include`` and ``embed``; empty for ``pagebreak``."""
        return self.arguments[0] if self.arguments else ""


def parse(body: str, *, where: str) -> Shortcode:
    """The shortcode whose inner text is ``body``, such as ``var year.now``.

    Raises
    ------
    PublishError : a name that is unknown, an argument too many or too few. ``where`` (file and line) is named.

    >>> parse(" var year.now ", where="a.qmd, line 1")
    Shortcode(name='var', arguments=('year.now',))
    >>> parse(" vra year.now ", where="a.qmd, line 1")
    Traceback (most recent call last):
    fls_research.errors.PublishError: a.qmd, line 1: unknown shortcode 'vra'; did you mean 'var'?
    """
    words = [next(part for part in groups if part or part == groups[-1]) for groups in _WORD.findall(body)]
    name, arguments = (words[0], tuple(words[1:])) if words else ("", ())
    if name not in KNOWN:
        raise PublishError(f"{where}: unknown shortcode '{name}'; {did_you_mean(name, KNOWN)}")
    wanted = 0 if name == "pagebreak" else 1
    if len(arguments) != wanted:
        takes = "nothing after its name" if wanted == 0 else "one word after its name"
        raise PublishError(f"{where}: the shortcode '{name}' takes {takes}.")
    return Shortcode(name, arguments)


def alone_in(line: str, *, where: str) -> Shortcode | None:
    """The shortcode that is all a line holds, or None. Include and embed must stand so.

    >>> alone_in("{{< include _a.qmd >}}", where="a.qmd, line 1").argument
    '_a.qmd'
    >>> alone_in("In {{< var year.now >}}", where="a.qmd, line 1")
    """
    match = _TOKEN.fullmatch(line.strip())
    if match is None or match["body"] is None:
        return None
    return parse(match["body"], where=where)


def replaced(line: str, value: Callable[[Shortcode], str], *, where: str) -> str:
    """A line in which each shortcode has given way to its value, and each escaped one to the shortcode itself.

    Raises
    ------
    PublishError : an opening ``{{<`` without its end on the same line, and whatever ``value`` raises.

    >>> replaced("In {{< var year.now >}}.", lambda shortcode: "2024", where="a.qmd, line 1")
    'In 2024.'
    >>> replaced("Write {{{< var year.now >}}}.", lambda shortcode: "2024", where="a.qmd, line 1")
    'Write {{< var year.now >}}.'
    """

    def one(match: re.Match[str]) -> str:
        if match["escaped"] is not None:
            return "{{<" + match["escaped"] + ">}}"
        return value(parse(match["body"], where=where))

    if "{{<" in _TOKEN.sub("", line):
        raise PublishError(f"{where}: a shortcode begins here and does not end; write it on one line, {{{{< … >}}}}.")
    return _TOKEN.sub(one, line)
