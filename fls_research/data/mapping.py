"""Which column of an extract is which field of the dataset, and whether the extract is the full or the Lite one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from fls_research.data import schema
from fls_research.data.extract import RawExtract, is_stray
from fls_research.data.grid import which_sheet
from fls_research.data.schema import BY_HEADING, FIELDS, Field, Kind, Need, heading_key
from fls_research.errors import FieldError

_VALUE = re.compile(r"@|\b[A-Za-z]{1,2}\d[\dA-Za-z]?\s?\d[A-Za-z]{2}\b|\d[/.-]\d")


class Dataset(StrEnum):
    """The two sizes of the clinical dataset."""

    FULL = "full"
    LITE = "Lite"


@dataclass(frozen=True)
class FieldMap:
    """The columns of an extract by field.

    Attributes
    ----------
    columns : field name to the label of its column in ``RawExtract.frame``.
    unknown : headings that are no field of the dataset; they are not read. A column without a heading, or with one
        that could be a value, goes by its position.
    missing : fields of the dataset without a column, other than identifiers, in the order of the dataset.
    dataset : the full dataset, or the Lite one.
    """

    columns: dict[str, str]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    dataset: Dataset

    @property
    def missing_for_kpis(self) -> tuple[str, ...]:
        """The fields without a column that a KPI reads; there every answer is not known."""
        return tuple(name for name in self.missing if schema.BY_NAME[name].need is Need.KPI)


def map_headings(raw: RawExtract) -> FieldMap:
    """Find the field of every column.

    A heading counts with or without its field number, in any case and punctuation, and by its known aliases.

    Raises
    ------
    FieldError : two columns of one field, both named; or no column for a field the audit cannot do without.
    """
    columns: dict[str, str] = {}
    unknown: list[str] = []
    shown = shown_headings(raw.headings)
    for label, heading, name in zip(raw.frame.columns, raw.headings, shown, strict=True):
        field = BY_HEADING.get(heading_key(heading))
        if field is None:
            unknown.append(name)
        elif field.name in columns:
            raise FieldError(
                f"{raw.facts.name}: the columns '{columns[field.name]}' and '{label}' are both the field"
                f" {_named(field)}; keep one of them."
            )
        else:
            columns[field.name] = label
    _check_required(columns, raw)
    missing = tuple(f.name for f in FIELDS if f.kind is not Kind.IDENTIFIER and f.name not in columns)
    kept = {name: label for name, label in columns.items() if schema.BY_NAME[name].kind is not Kind.IDENTIFIER}
    return FieldMap(kept, tuple(unknown), missing, _dataset(kept))


def shown_headings(headings: Sequence[str]) -> tuple[str, ...]:
    """Headings as a message may show them: by position where they are blank or could be somebody's values.

    A file without headings has a patient in its first row; there no heading is a known one, and none is shown.

    >>> shown_headings(["Gender", "Shoe size", "9434765919", "BS8 1TH", ""])
    ('Gender', 'Shoe size', 'column 3', 'column 4', 'column 5')
    >>> shown_headings(["Ada Byron", "Female"])
    ('column 1', 'column 2')
    """
    known = [heading_key(heading) in BY_HEADING for heading in headings]
    return tuple(
        heading if known[place] or (any(known) and not _could_be_a_value(heading)) else f"column {place + 1}"
        for place, heading in enumerate(headings)
    )


def _could_be_a_value(heading: str) -> bool:
    digits = sum(character.isdigit() for character in heading)
    return is_stray(heading) or digits > 4 or len(heading) > 60 or bool(_VALUE.search(heading))


def _named(field: Field) -> str:
    return f"{field.number} {field.name}" if field.number else field.name


def _check_required(columns: dict[str, str], raw: RawExtract) -> None:
    for field in FIELDS:
        if field.need is not Need.REQUIRED or field.name in columns:
            continue
        accepted = ", ".join(f"'{heading}'" for heading in dict.fromkeys((field.export, *field.aliases)))
        raise FieldError(
            f"{raw.facts.name}: no column is the field {_named(field)}; accepted headings: {accepted}"
            f"{_nearest(field, raw.headings)}.{which_sheet(raw.facts.sheet, raw.other_sheets)}"
        )


def _nearest(field: Field, found: Iterable[str]) -> str:
    """Name a heading of the file only where it is nearly a known one: the first row might hold a patient."""
    unread = {heading_key(heading): heading for heading in found if heading_key(heading) not in BY_HEADING}
    for heading in schema.headings(field):
        near = get_close_matches(heading_key(heading), unread, n=1, cutoff=0.75)
        if near:
            return f" (did you mean the column '{unread[near[0]]}'?)"
    return ""


def _dataset(columns: Iterable[str]) -> Dataset:
    numbered = [schema.BY_NAME[name] for name in columns if schema.BY_NAME[name].number is not None]
    return Dataset.LITE if all(field.lite for field in numbered) else Dataset.FULL
