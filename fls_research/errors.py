"""Every error the kit raises on purpose, drawn as a tree; the command line turns each into one line and an exit code.

A message says what is wrong, where, and what to do. It never holds a patient's value: a row is named by its key.

    FlsError                     1   anything below
    ├── UsageError               2   the command was called in a way it does not understand
    ├── ParamsError              3   a settings file, the service register or the geography is wrong
    ├── ExtractError             4   the extract cannot be read as FLS-DB data
    │   ├── ExtractNotFound      4
    │   ├── FieldError           4   a field is missing, or stands there twice
    │   ├── UnknownService       4
    │   └── EmptyYear            4
    ├── IdentifierFound          5   the extract holds direct identifiers; nothing was read further
    ├── DisclosureError          6   something unreleased was about to leave
    ├── NotebookError            7   a notebook failed, or was called with wrong parameters
    ├── PublishError             8   the report could not be stitched together
    └── CheckFailed              9   a check ran and found something
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FlsError(Exception):
    """The root of the tree. ``exit_code`` is what the ``fls`` command returns to the shell."""

    exit_code = 1


class UsageError(FlsError):
    exit_code = 2


class ParamsError(FlsError):
    exit_code = 3


class ExtractError(FlsError):
    exit_code = 4


class ExtractNotFound(ExtractError):
    """No file stands at the path, or what stands there is not a file."""


class FieldError(ExtractError):
    """A field the audit cannot do without is missing, or two columns claim the same field."""


class UnknownService(ExtractError):
    """The extract names services that the register does not hold for that year."""


class EmptyYear(ExtractError):
    """The extract holds no record for the year that was asked for."""


class IdentifierFound(FlsError):
    """A direct identifier stands in the extract. The message names the column, never a value."""

    exit_code = 5


class DisclosureError(FlsError):
    exit_code = 6


class NotebookError(FlsError):
    exit_code = 7


class PublishError(FlsError):
    exit_code = 8


class CheckFailed(FlsError):
    exit_code = 9


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """A hint naming the nearest known word, or the known words when nothing is near.

    >>> did_you_mean("mincount", ["min_count", "year"])
    "did you mean 'min_count'?"
    >>> did_you_mean("zzz", ["min_count", "year"])
    'known: min_count, year'
    """
    words = sorted(known)
    near = get_close_matches(wrong, words, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else "known: " + ", ".join(words)
