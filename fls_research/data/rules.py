"""The rules for dirty rows and for who belongs to an edition, as records: what is wrong, what is done, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fls_research.errors import did_you_mean
from fls_research.params import YearParams, day_words


class Action(StrEnum):
    """What a rule does to a row that breaks it. Every row ends in exactly one of analysed, quarantined, excluded."""

    QUARANTINE = "row quarantined"
    EXCLUDE = "row excluded"
    BLANK = "field blanked"
    NOTE = "noted"


@dataclass(frozen=True)
class Rule:
    """One rule.

    ``field`` is the field it speaks of, or blank where it holds for any field of its kind. ``sentence`` says what is
    so of the row; ``{min_records}`` and ``{data_lock}`` in it are filled in from the year's settings. ``why`` is the
    reason for the action. ``logged`` rules go to the issue log; the others are no fault of the row.
    """

    id: str
    action: Action
    sentence: str
    why: str
    field: str = ""
    logged: bool = True

    def told(self, params: YearParams) -> str:
        """The sentence with the year's settings filled in."""
        return self.sentence.format(min_records=params.min_records, data_lock=day_words(params.data_lock))


_A = Action

RULES: tuple[Rule, ...] = (
    # -- rows that cannot be used at all, in the order in which they are looked for --------------------------------
    Rule("row-shape", _A.QUARANTINE, "The row has fewer or more cells than the headings", "its cells may be shifted"),
    Rule("row-blank", _A.QUARANTINE, "The row is blank", "there is no patient in it"),
    Rule("service-missing", _A.QUARANTINE, "The service is blank", "it belongs to nobody", "service_code"),
    Rule("index-missing", _A.QUARANTINE, "The date of the index fracture is blank", "time zero is not known",
         "index_date"),
    Rule("index-impossible", _A.QUARANTINE, "The date of the index fracture is no date (the day is read first)",
         "time zero is not known", "index_date"),
    Rule("index-before-audit", _A.QUARANTINE, "The index fracture lies before the audit began",
         "the audit holds no such patient, so the year must be a slip", "index_date"),
    Rule("age-missing", _A.QUARANTINE, "The age is blank", "nobody can say whether the patient is 50 or over", "age"),
    Rule("age-implausible", _A.QUARANTINE, "The age is no number, below 0 or above 115",
         "nobody can say whether the patient is 50 or over", "age"),
    Rule("duplicate-row", _A.QUARANTINE, "The row repeats another row cell by cell", "one copy is analysed",
         "record_id"),
    Rule("duplicate-key", _A.QUARANTINE, "The service has used the record's key for another row, which is fuller",
         "one patient must not count twice; the row with more answers is analysed", "record_id"),
    # -- rows that are in order but not of this edition ------------------------------------------------------------
    Rule("index-after-lock", _A.EXCLUDE, "The index fracture lies after the data lock of {data_lock}",
         "nothing after the lock is known to this edition", "index_date"),
    Rule("other-year", _A.EXCLUDE, "Another data year", "the edition does not speak of it", "index_date",
         logged=False),
    Rule("other-nation", _A.EXCLUDE, "A service outside England and Wales",
         "the annual report is commissioned for England and Wales", "service_code", logged=False),
    Rule("service-not-registered", _A.EXCLUDE, "The service was not registered in the data year",
         "its area and its caseload in that year are not known", "service_code"),
    Rule("age-under-50", _A.EXCLUDE, "The patient is under 50", "the audit is of people aged 50 and over", "age"),
    Rule("service-too-small", _A.EXCLUDE, "The service has fewer than {min_records} records in the data year",
         "too few for its results to be reported", "service_code", logged=False),
    # -- answers that cannot be so ---------------------------------------------------------------------------------
    Rule("date-impossible", _A.BLANK, "The date is no date (the day is read first)", "it cannot be repaired safely"),
    Rule("date-after-lock", _A.BLANK, "The date lies after the data lock of {data_lock}",
         "nothing after the lock is known to this edition"),
    Rule("assessment-before-fracture", _A.BLANK, "The assessment comes before the fracture", "the gap is impossible",
         "assessment_date"),
    Rule("dxa-before-fracture", _A.BLANK, "The bone density scan comes before the fracture", "the gap is impossible",
         "dxa_date"),
    Rule("follow-up-16-before-fracture", _A.BLANK, "The 16-week follow-up comes before the fracture",
         "the gap is impossible", "follow_up_16_date"),
    Rule("follow-up-52-before-fracture", _A.BLANK, "The 52-week follow-up comes before the fracture",
         "the gap is impossible", "follow_up_52_date"),
    Rule("death-before-fracture", _A.BLANK, "The death comes before the fracture", "the gap is impossible",
         "death_date"),
    Rule("code-unknown", _A.BLANK, "The answer is not one of the field's answers", "it counts as not known"),
    Rule("drug-unknown", _A.NOTE, "One of several drugs is not in the list", "the others are kept"),
    Rule("therapy-contradicts", _A.BLANK, "Two different reasons for no drug stand side by side",
         "it counts as not known"),
    Rule("number-unreadable", _A.BLANK, "The answer is not a number", "it cannot be repaired safely"),
    Rule("number-out-of-range", _A.BLANK, "The number lies outside the range that the field can have",
         "it is a slip or in another unit"),
    # -- worth knowing, nothing changed ----------------------------------------------------------------------------
    Rule("key-missing", _A.NOTE, "The record's key is blank", "the row is named by its line; a copy cannot be found",
         "record_id"),
    Rule("site-missing", _A.NOTE, "The site of the fracture is blank", "it counts as not known", "fracture_site"),
    Rule("code-out-of-years", _A.NOTE, "The answer was not on the form in that data year", "it is kept"),
    Rule("contact-before-fracture", _A.NOTE, "The first contact comes before the fracture", "no KPI reads it",
         "contact_date"),
    Rule("event-after-death", _A.NOTE, "The date lies after the death", "one of the two is wrong; both are kept"),
    Rule("therapy-mixed", _A.NOTE, "A drug and a reason for no drug stand side by side", "the drug counts"),
    Rule("record-twice", _A.NOTE, "Another row of the service holds the same answers", "it may be one patient",
         "record_id"),
)  # fmt: skip

BY_ID: dict[str, Rule] = {rule.id: rule for rule in RULES}

ROW_RULES: tuple[Rule, ...] = tuple(rule for rule in RULES if rule.action in (Action.QUARANTINE, Action.EXCLUDE))
"""The rules that take a row out, in the order in which they are asked: a row goes by the first that it breaks."""


def rule(rule_id: str) -> Rule:
    """The rule of that id; a KeyError names the nearest.

    >>> rule("dxa-before-fracture").action.value
    'field blanked'
    """
    try:
        return BY_ID[rule_id]
    except KeyError:
        raise KeyError(f"no rule '{rule_id}'; {did_you_mean(rule_id, BY_ID)}") from None
