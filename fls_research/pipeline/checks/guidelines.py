"""The dated registry of guidelines and standards: what each is, since when it holds, and what took its place."""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fls_research.errors import ParamsError, did_you_mean

FILE = "guidelines.csv"
COLUMNS = ("id", "title", "issued", "replaced_by", "replaced_on", "checked", "link", "note")
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


@dataclass(frozen=True)
class Guideline:
    """One guideline or standard.

    Dates are kept as known ("2022", "2022-05", "2022-05-25"); ``checked`` is true where a source was seen for them.
    """

    id: str
    title: str
    issued: str = ""
    replaced_by: str = ""
    replaced_on: str = ""
    checked: bool = False
    link: str = ""
    note: str = ""

    def issued_by(self, day: dt.date) -> bool:
        """Whether it may have been issued on that day: a month or year counts from its first day.

        >>> Guideline("NICE TA791", "romosozumab", issued="2022-05").issued_by(dt.date(2022, 5, 2))
        True
        """
        return not self.issued or _first_day(self.issued) <= day

    def replaced_by_then(self, day: dt.date) -> bool:
        """Whether it had surely been replaced on that day: a month or year counts from its end.

        >>> Guideline("NOGG 2021", "osteoporosis", replaced_by="NOGG 2024", replaced_on="2024").replaced_by_then(
        ...     dt.date(2024, 6, 1))
        False
        """
        return bool(self.replaced_on) and _last_day(self.replaced_on) <= day


def read_guidelines(root: Path) -> dict[str, Guideline]:
    """The registry of a project, ``params/guidelines.csv``, by id.

    Raises
    ------
    ParamsError : no such file, other columns, an id that stands there twice, a date that is none, or a replacement
        that is not in the registry.
    """
    path = root / "params" / FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError):
        raise ParamsError(f"params/{FILE}: is missing, or no text in UTF-8; put the registry there.") from None
    registry: dict[str, Guideline] = {}
    for line, row in enumerate(rows, start=2):
        guideline = _guideline(row, line)
        if guideline.id in registry:
            raise ParamsError(f"params/{FILE}, line {line}: '{guideline.id}' stands there twice.")
        registry[guideline.id] = guideline
    for guideline in registry.values():
        if guideline.replaced_by and guideline.replaced_by not in registry:
            hint = did_you_mean(guideline.replaced_by, registry)
            raise ParamsError(f"params/{FILE}: '{guideline.id}' is replaced by '{guideline.replaced_by}'; {hint}")
    return registry


def _guideline(row: Mapping[str, str | None], line: int) -> Guideline:
    if tuple(row) != COLUMNS or None in row.values():
        raise ParamsError(f"params/{FILE}, line {line}: expected the columns {', '.join(COLUMNS)}.")
    for name in ("issued", "replaced_on"):
        if row[name] and not _is_date(row[name]):
            raise ParamsError(
                f"params/{FILE}, line {line}: '{name}' must be a date such as 2025-04-29, 2025-04 or 2025."
            )
    if row["checked"] not in ("yes", "unverified"):
        raise ParamsError(f"params/{FILE}, line {line}: 'checked' must be 'yes' or 'unverified'.")
    return Guideline(**{**row, "checked": row["checked"] == "yes"})


def _is_date(text: str) -> bool:
    try:
        _first_day(text)
    except (TypeError, ValueError):
        return False
    return True


def _first_day(text: str) -> dt.date:
    year, month, day = _DATE.fullmatch(text).groups() if _DATE.fullmatch(text) else (None, None, None)
    return dt.date(int(year), int(month or 1), int(day or 1))


def _last_day(text: str) -> dt.date:
    year, month, day = _DATE.fullmatch(text).groups()
    month = int(month or 12)
    return dt.date(int(year), month, int(day or calendar.monthrange(int(year), month)[1]))


def nearest(wrong: str, registry: Mapping[str, Guideline]) -> str:
    """A hint for an id the registry lacks: the one with its number in another series, else the nearest in spelling.

    >>> known = {"NICE NG249": Guideline("NICE NG249", "falls"), "NICE CG146": Guideline("NICE CG146", "fracture risk")}
    >>> nearest("NICE CG249", known)
    "did you mean 'NICE NG249'?"
    """
    number = re.sub(r"\D", "", wrong)
    same = [known for known in registry if known.startswith("NICE") and re.sub(r"\D", "", known) == number]
    return f"did you mean '{same[0]}'?" if wrong.startswith("NICE") and same else did_you_mean(wrong, registry)
