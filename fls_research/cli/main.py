"""How every call ends: an exit code, at most one sentence of error, and never a traceback on the screen."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from fls_research.cli.screen import complain
from fls_research.errors import FlsError, UsageError

CRASHED = 70
"""The exit code of an error nobody foresaw (EX_SOFTWARE)."""

INTERRUPTED = 130
"""The exit code after Ctrl-C."""

CRASH_LOG = "fls-error.log"


def main() -> None:
    """The entry point of the ``fls`` command."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot draw a character gets a question mark and not an error.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    code = run(sys.argv[1:])
    if code == INTERRUPTED:
        # Libraries cut off in the middle may still have something to say; the user has been told.
        sys.stderr.flush()
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code."""
    import typer

    from fls_research.cli.commands import app

    try:
        code = int(app(list(arguments) or ["--help"], prog_name="fls", standalone_mode=False) or 0)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        return code
    except FlsError as error:
        complain(str(error), details=getattr(error, "__notes__", ()))
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        complain("stopped; what was there before is as it was.")
        return INTERRUPTED
    except OSError as error:
        named = f"'{Path(str(error.filename)).name}': " if error.filename else ""
        complain(f"{named}{error.strerror or type(error).__name__}; see that the disk has room and the file is free.")
        return FlsError.exit_code
    except Exception as error:
        # Typer's own errors changed their class between releases; all of them can be asked for their message.
        if hasattr(error, "format_message"):
            message = _in_own_words(error.format_message())
            complain(f"{message if message.endswith('?') else message.rstrip('.') + '.'} See: fls --help")
            return UsageError.exit_code
        complain(f"something went wrong that the kit did not foresee; details: {_record(error)}")
        return CRASHED


def _in_own_words(message: str) -> str:
    """What was wrong with a number on the command line, which the parser tells in its own terms.

    >>> _in_own_words("Invalid value for 'YEAR': Input should be a valid integer, unable to parse string")
    "'YEAR' must be a year such as 2024."
    """
    found = re.fullmatch(r"Invalid value for '?(?P<name>[^':]+)'?(?: / '-\w')?: .*\binteger\b.*", message, re.DOTALL)
    if not found:
        return message.replace(": Value error, ", ": ")
    is_year = "year" in found["name"].lower()
    return f"'{found['name']}' must be {'a year such as 2024' if is_year else 'a whole number'}."


def _record(error: Exception) -> Path:
    """Write where an error came from, without its message (it may hold a patient's value); returns the file."""
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    text = f"{type(error).__module__}.{type(error).__qualname__}\n{frames}"
    for folder in (_logs(), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / CRASH_LOG
            path.write_text(text, encoding="utf-8")
            return path
        except OSError:
            continue
    return Path("nowhere")


def _logs() -> Path:
    from fls_research.params import project_root

    try:
        return project_root() / "data" / "logs"
    except FlsError:
        return Path(tempfile.gettempdir())
