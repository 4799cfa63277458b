"""The answers a coded field may hold: the kit's code, the wording of a real export, and the years it was in use.

Wordings are those seen in exports and in published analyses of them. A list marked ``proposed`` in its field is this
project's own choice where no wording was to be had.
"""

from __future__ import annotations

from dataclasses import dataclass

NOT_KNOWN = "not known"
"""The one code for an answer that is absent or that says so: blank, "Don't know", "Unknown"."""


@dataclass(frozen=True)
class Code:
    """One permitted answer.

    ``code`` is what the kit works with, ``export`` the wording written by the current web tool, ``also`` other
    wordings that have been seen; ``first_year`` and ``last_year`` bound the data years in which it is valid.
    """

    code: str
    export: str
    also: tuple[str, ...] = ()
    first_year: int | None = None
    last_year: int | None = None


_UNKNOWN = Code(NOT_KNOWN, "Don't know", ("Unknown", "Not known", "Dont know", "DK"))

YES_NO = (Code("yes", "Yes", ("Y", "1")), Code("no", "No", ("N", "0")), _UNKNOWN)

SEX = (
    Code("female", "Female", ("F", "2")),
    Code("male", "Male", ("M", "1")),
    Code(NOT_KNOWN, "Not known", ("Unknown", "Indeterminate", "Not specified", "Don't know", "0", "9")),
)

CARE_HOME = (
    Code("yes", "Yes", ("Residential care", "Nursing care", "Care home", "Y")),
    Code("no", "No", ("Own home", "Own home/sheltered housing", "N")),
    _UNKNOWN,
)

# Until 2023 the form knew three sites; humerus, wrist, pelvis and other came with the Lite dataset in January 2024.
FRACTURE_SITE = (
    Code("hip", "Hip"),
    Code("spine", "Spine", ("Vertebral", "Vertebra")),
    Code("humerus", "Humerus", first_year=2024),
    Code("wrist", "Wrist", ("Distal radius",), first_year=2024),
    Code("pelvis", "Pelvis", first_year=2024),
    Code("other", "Other", first_year=2024),
    Code("non-hip non-spine", "Non hip/non spine", ("Non-hip/non-spine", "Non hip non spine"), last_year=2023),
    _UNKNOWN,
)

FRACTURE_TYPE = (
    Code("inpatient", "Inpatient", ("In-patient",)),
    Code("outpatient", "Outpatient", ("Out-patient",)),
    Code("spine", "Clinical spine fracture", ("Spine",)),
    _UNKNOWN,
)

DXA = (
    Code("ordered", "Ordered", ("Yes", "Ordered or recommended")),
    Code("recommended", "Recommended"),
    Code("not ordered", "Not ordered", ("No",)),
    _UNKNOWN,
)

DXA_REASON = (
    Code("recent scan", "Had DXA in last 2 years"),
    Code("treat without scan", "Treatment without DXA"),
    Code("frailty", "Frailty"),
    Code("declined", "Informed decline", ("Declined",)),
    Code("no access", "No access to DXA"),
    Code("other", "Other"),
    _UNKNOWN,
)

RISK = (Code("high", "High"), Code("intermediate", "Intermediate", ("Medium",)), Code("low", "Low"), _UNKNOWN)

DRUGS = (
    "Alendronate",
    "Alfacalcidol",
    "Denosumab",
    "Ibandronate",
    "Raloxifene",
    "Risedronate",
    "Romosozumab",
    "Strontium ranelate",
    "Systemic Oestrogens",
    "Teriparatide",
    "Zoledronate",
)
"""Drugs as exports name them. A cell may hold several, joined by semicolons: ``Alendronate;Denosumab``."""

DRUG_ALIASES: dict[str, str] = {
    "Alendronic acid": "Alendronate",
    "Ibandronic acid": "Ibandronate",
    "Risedronic acid": "Risedronate",
    "Risedronate sodium": "Risedronate",
    "Zoledronic acid": "Zoledronate",
    "Zolendronate": "Zoledronate",
    "Zolendronic acid": "Zoledronate",
    "Strontium": "Strontium ranelate",
    "Systemic estrogens": "Systemic Oestrogens",
    "HRT": "Systemic Oestrogens",
}
"""Other names of the same drugs (international names of the acids, American spelling, common slips)."""

THERAPY_RECOMMENDED = (
    Code("drug", "", ()),  # any of DRUGS
    Code("gp to decide", "Referred to GP to decide prescription"),
    Code("further opinion", "Referred for further clinical opinion", ("Refer for clinical opinion",)),
    Code("declined", "Informed decline"),
    Code("inappropriate", "Inappropriate"),
    _UNKNOWN,
)

THERAPY_FOLLOW_UP = (
    Code("drug", "", ()),  # any of DRUGS
    Code("not started", "Not started"),
    Code("further opinion", "Refer for clinical opinion", ("Referred for further clinical opinion",)),
    Code("declined", "Informed decline"),
    Code("no longer appropriate", "No longer appropriate", ("Inappropriate",)),
    _UNKNOWN,
)

FALLS_REFERRAL = (
    Code("referred", "Referred to falls service", ("Referred", "Yes")),
    Code("recommended", "Recommended falls assessment", ("Recommended",)),
    Code("none", "No referral", ("None", "No")),
    _UNKNOWN,
)

SMOKER = (Code("current", "Current", ("Yes",)), Code("former", "Ex-smoker"), Code("never", "Never", ("No",)), _UNKNOWN)

MOBILITY = (
    Code("independent", "Freely mobile without aids"),
    Code("one aid", "Mobile outdoors with one aid"),
    Code("frame", "Mobile outdoors with two aids or frame"),
    Code("indoors", "Some indoor mobility but never goes outside without help"),
    Code("none", "No functional mobility"),
    _UNKNOWN,
)

# The NHS data dictionary's 2001 codes, joined to the five groups that a table can show.
ETHNICITY = (
    Code("white", "A", ("B", "C", "White", "White British")),
    Code("mixed", "D", ("E", "F", "G", "Mixed")),
    Code("asian", "H", ("J", "K", "L", "Asian", "Asian or Asian British")),
    Code("black", "M", ("N", "P", "Black", "Black or Black British")),
    Code("other", "R", ("S", "Other")),
    Code(NOT_KNOWN, "Z", ("99", "X", "Not stated", "Unknown", "Don't know")),
)
