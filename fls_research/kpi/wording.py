"""The plain words for the columns and codes that KPI rules name; nothing else turns a rule's names into English."""

from __future__ import annotations

from collections.abc import Iterable

COLUMNS: dict[str, str] = {
    "age": "age at fracture",
    "assessment_date": "date of FLS assessment",
    "care_home": "care home residence",
    "death_date": "date of death",
    "dxa": "DXA request",
    "dxa_date": "date of DXA",
    "falls_assessment": "falls assessment by the FLS",
    "falls_referral": "referral for a falls assessment",
    "follow_up_16": "follow-up at 12–16 weeks",
    "follow_up_16_date": "date of the 12–16 week follow-up",
    "follow_up_52": "follow-up at 48–56 weeks",
    "follow_up_52_date": "date of the 48–56 week follow-up",
    "fracture_site": "site of the first index fracture",
    "fracture_type": "type of fracture",
    "hip_fractures": "hip fractures in the service register",
    "ethnicity": "ethnic group",
    "imd_quintile": "deprivation quintile",
    "index_date": "diagnosis of the fracture",
    "prior_fracture": "earlier fragility fracture",
    "risk": "fracture risk as judged by the FLS",
    "sex": "sex",
    "strength_balance_16": "strength and balance training at 16 weeks",
    "t_score": "T-score",
    "therapy": "bone therapy recommended",
    "therapy_16": "bone therapy at 12–16 weeks",
    "therapy_52": "bone therapy at 48–56 weeks",
}
"""Column to noun phrase. A column that a rule reads and that stands not here fails a test."""

CODES: dict[str, str] = {
    "drug": "a named drug",
    "further opinion": "referred for a further opinion",
    "gp to decide": "left to the GP to decide",
}
"""Codes whose bare form would puzzle a reader; every other code is its own word."""

UNITS: dict[str, str] = {"age": " years"}


def either(words: Iterable[str]) -> str:
    """Words joined as a choice.

    >>> either(["hip", "spine", "pelvis"])
    'hip, spine or pelvis'
    """
    *head, last = words
    return f"{', '.join(head)} or {last}" if head else last


def column_words(column: str) -> str:
    """The noun phrase for a column; the bare name where none is known.

    >>> column_words("dxa_date")
    'date of DXA'
    """
    return COLUMNS.get(column, column)


def code_words(code: str) -> str:
    """The words for a code.

    >>> code_words("drug"), code_words("hip")
    ('a named drug', 'hip')
    """
    return CODES.get(code, code)


def number_words(value: float, column: str) -> str:
    """A number with the column's unit and a true minus sign.

    >>> number_words(75, "age"), number_words(-2.5, "t_score")
    ('75 years', '−2.5')
    """
    return f"{value:g}".replace("-", "−") + UNITS.get(column, "")


def percent_words(proportion: float) -> str:
    """A cut point in per cent, for text about definitions (results are worded in ``outputs``).

    >>> percent_words(0.8), percent_words(0.06)
    ('80%', '6%')
    """
    return f"{100 * proportion:g}%"
