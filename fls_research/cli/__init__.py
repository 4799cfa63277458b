"""The ``fls`` command: parses, calls, reports."""

from fls_research.cli.main import main

__all__ = ["main"]
