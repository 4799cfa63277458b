"""What a check found: frozen records, printed as lines or as JSON, and the error that stops a build."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from fls_research.errors import CheckFailed


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong: where it stands, which rule found it, what was expected, what stands, how to mend it."""

    file: str
    place: str
    rule: str
    expected: str
    stands: str
    mend: str

    @property
    def where(self) -> str:
        return f"{self.file}, {self.place}" if self.place else self.file


@dataclass(frozen=True)
class Review:
    """The outcome of a check: its findings in the order of the text, and what could not be judged, in sentences."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def as_lines(review: Review) -> list[str]:
    """A review as lines to print: each finding's place and rule, then what was expected, what stands, how to mend it.

    >>> found = Finding("a.md", "line 3", "percentage", "45%", "35/77 (44%)", "correct one of the three numbers")
    >>> for line in as_lines(Review((found,))):
    ...     print(line)
    a.md, line 3  [percentage]
      stands    35/77 (44%)
      expected  45%
      mend      correct one of the three numbers
    """
    lines: list[str] = []
    for found in review.findings:
        lines += [f"{found.where}  [{found.rule}]"]
        lines += [f"  {name:<9} {getattr(found, name)}" for name in ("stands", "expected", "mend")]
    return [*lines, *(f"note: {note}" for note in review.notes)]


def as_json(review: Review) -> str:
    """A review as JSON: ``findings``, each with the fields of :class:`Finding`, and ``notes``.

    >>> as_json(Review(()))
    '{\\n "findings": [],\\n "notes": []\\n}'
    """
    content = {"findings": [asdict(found) for found in review.findings], "notes": list(review.notes)}
    return json.dumps(content, ensure_ascii=False, indent=1)


def refuse(findings: Sequence[Finding]) -> None:
    """Raise :class:`CheckFailed` where there is any finding; the first is the message, all of them are its notes.

    >>> refuse(())
    """
    if not findings:
        return
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    error = CheckFailed(f"{first.where}: {first.stands}; expected {first.expected}{more}.")
    error.add_note("\n".join(as_lines(Review(tuple(findings)))))
    raise error


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without repetition, by file and place; files stand in the order of their first finding.

    >>> found = [Finding("a.md", f"line {n}", "r", "", "", "") for n in (10, 9, 10)]
    >>> [one.place for one in in_order(found)]
    ['line 9', 'line 10']
    """
    unique = list(dict.fromkeys(findings))
    files = list(dict.fromkeys(found.file for found in unique))
    return tuple(sorted(unique, key=lambda found: (files.index(found.file), *_natural(found.place))))


def _natural(place: str) -> tuple[str, tuple[int, ...]]:
    return re.sub(r"\d+", "", place), tuple(int(number) for number in re.findall(r"\d+", place))
