"""How a column of text becomes a column of values: codes, dates, numbers, drugs; each distinct text is read once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from fls_research.data.codes import DRUG_ALIASES, DRUGS, NOT_KNOWN
from fls_research.data.dates import parse_dates
from fls_research.data.schema import BY_NAME, Field
from fls_research.data.wording import comparable, is_blank

_SEPARATORS = re.compile(r"\s*[;,/|+&\n]\s*")
_DRUG_KEYS = {comparable(name): name for name in DRUGS} | {
    comparable(alias): name for alias, name in DRUG_ALIASES.items()
}


@dataclass(frozen=True)
class Values:
    """A column of values and the rows in which the text could not be read.

    ``values`` has one element a row; ``blank`` and ``unreadable`` are truth values of the same length.
    """

    values: pd.Categorical | np.ndarray
    blank: np.ndarray
    unreadable: np.ndarray


@dataclass(frozen=True)
class Therapies:
    """A column of drugs or reasons.

    ``groups`` holds the codes of the field, ``drugs`` the drug names joined by ``;`` (empty text for none).
    ``unreadable`` marks an unknown answer, ``unlisted`` a drug not in the list among others that are, ``mixed`` a
    drug beside a reason for none, ``contradicting`` two reasons.
    """

    groups: pd.Categorical
    drugs: pd.Categorical
    unreadable: np.ndarray
    unlisted: np.ndarray
    mixed: np.ndarray
    contradicting: np.ndarray


def _spread(per_text: np.ndarray, column: pd.Categorical, missing: object) -> np.ndarray:
    """One value a row from one value a distinct text; ``missing`` where the cell is blank."""
    return np.append(per_text, np.array([missing], dtype=per_text.dtype))[column.codes]


def _blank_texts(column: pd.Categorical) -> np.ndarray:
    return np.fromiter((is_blank(text) for text in column.categories), dtype=bool, count=len(column.categories))


def read_dates(column: pd.Categorical) -> Values:
    """Dates as ``datetime64[ns]``; NaT where the cell is blank or names no date.

    >>> read = read_dates(pd.Categorical(["31/01/2024", "01/31/2024", None]))
    >>> read.values.astype("datetime64[D]").tolist(), read.unreadable.tolist()
    ([datetime.date(2024, 1, 31), None, None], [False, True, False])
    """
    days = parse_dates(column.categories)
    blank_texts = _blank_texts(column)
    blank = _spread(blank_texts, column, True)
    unreadable = _spread(np.isnat(days) & ~blank_texts, column, False)
    return Values(_spread(days, column, np.datetime64("NaT", "ns")), blank, unreadable)


def read_numbers(column: pd.Categorical) -> Values:
    """Numbers as float64; NaN where the cell is blank or holds no number. A decimal comma is read as a point.

    >>> read = read_numbers(pd.Categorical(["73", "-2,5", "73 years", None]))
    >>> read.values.tolist(), read.unreadable.tolist()
    ([73.0, -2.5, nan, nan], [False, False, True, False])
    """
    texts = pd.Series(column.categories.to_numpy(), dtype=object)
    plain = texts.str.replace("−", "-", regex=False).str.replace(",", ".", regex=False)
    plain = plain.where(plain.str.fullmatch(r"[-+]?(?:\d{1,9}(?:\.\d*)?|\.\d+)", na=False))
    numbers = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64)
    blank_texts = _blank_texts(column)
    blank = _spread(blank_texts, column, True)
    return Values(_spread(numbers, column, np.nan), blank, _spread(np.isnan(numbers) & ~blank_texts, column, False))


@cache
def _wordings(field_name: str) -> dict[str, int]:
    """Comparable wording to the position of its code, for one field."""
    permitted = BY_NAME[field_name].codes
    return {
        comparable(wording): position
        for position, code in enumerate(permitted)
        for wording in (code.code, code.export, *code.also)
        if wording
    }


def read_codes(column: pd.Categorical, field: Field) -> Values:
    """Answers as a categorical over the field's codes; a blank cell and an unknown answer are *not known*.

    Case, spaces and punctuation do not matter.

    >>> read = read_codes(pd.Categorical(["HIP", "non-hip/non-spine", "toe", None]), BY_NAME["fracture_site"])
    >>> read.values.tolist(), read.unreadable.tolist()
    (['hip', 'non-hip non-spine', 'not known', 'not known'], [False, False, True, False])
    """
    wordings = _wordings(field.name)
    names = [code.code for code in field.codes]
    unknown = names.index(NOT_KNOWN)
    found = np.array([wordings.get(comparable(text), -1) for text in column.categories], dtype=np.int16)
    blank_texts = _blank_texts(column) & (found == -1)
    unreadable = _spread((found == -1) & ~blank_texts, column, False)
    codes = _spread(np.where(found == -1, unknown, found).astype(np.int16), column, unknown)
    blank = _spread(blank_texts, column, True)
    return Values(pd.Categorical.from_codes(codes, categories=names), blank, unreadable)


def read_therapies(column: pd.Categorical, field: Field) -> Therapies:
    """Drugs, in any order and parted by ``;`` ``,`` ``/`` ``+`` or ``&``, or the reason why there is none.

    A drug wins over a reason; two different reasons are *not known*. The drugs come out in the order of
    ``codes.DRUGS``, each once.

    >>> read = read_therapies(pd.Categorical(["Denosumab; alendronate", "Informed decline"]), BY_NAME["therapy"])
    >>> read.groups.tolist(), read.drugs.tolist()
    (['drug', 'declined'], ['Alendronate;Denosumab', ''])
    """
    names = [code.code for code in field.codes]
    answers = [_therapy(text, field, names) for text in column.categories]
    group_of = np.array([answer.group for answer in answers], dtype=np.int16)
    drugs = list(dict.fromkeys(["", *(answer.drugs for answer in answers)]))
    drugs_of = np.array([drugs.index(answer.drugs) for answer in answers], dtype=np.int32)

    def flag(name: str) -> np.ndarray:
        return _spread(np.array([getattr(answer, name) for answer in answers], dtype=bool), column, False)

    return Therapies(
        groups=pd.Categorical.from_codes(_spread(group_of, column, names.index(NOT_KNOWN)), categories=names),
        drugs=pd.Categorical.from_codes(_spread(drugs_of, column, 0), categories=drugs),
        unreadable=flag("unreadable"),
        unlisted=flag("unlisted"),
        mixed=flag("mixed"),
        contradicting=flag("contradicting"),
    )


@dataclass(frozen=True)
class _Therapy:
    group: int
    drugs: str = ""
    unreadable: bool = False
    unlisted: bool = False
    mixed: bool = False
    contradicting: bool = False


def _therapy(text: str, field: Field, names: list[str]) -> _Therapy:
    not_known = names.index(NOT_KNOWN)
    if is_blank(text):
        return _Therapy(not_known)
    wordings = _wordings(field.name)
    whole = wordings.get(comparable(text))
    if whole is not None and names[whole] != "drug":
        return _Therapy(whole)
    parts = [comparable(part) for part in _SEPARATORS.split(text) if comparable(part)]
    drugs = _in_order(_DRUG_KEYS[part] for part in parts if part in _DRUG_KEYS)
    others = [part for part in parts if part not in _DRUG_KEYS]
    reasons = {wordings[part] for part in others if part in wordings and names[wordings[part]] != "drug"}
    reasons.discard(not_known)
    strange = any(part not in wordings or names[wordings[part]] == "drug" for part in others)
    if drugs:
        return _Therapy(names.index("drug"), ";".join(drugs), unlisted=strange, mixed=bool(reasons))
    if strange or not parts:
        return _Therapy(not_known, unreadable=True)
    if len(reasons) > 1:
        return _Therapy(not_known, contradicting=True)
    return _Therapy(reasons.pop() if reasons else not_known)


def _in_order(found: Iterable[str]) -> list[str]:
    return sorted(set(found), key=DRUGS.index)
