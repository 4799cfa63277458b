"""The FLS-DB clinical dataset described as data: numbered fields, types, codes, years, and the names exports carry.

Everything that knows a column by name asks here. ``number`` is the audit's own field number where one is known;
fields that reach the kit by linkage or from the web tool (service, row key, deprivation, date of death) have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from fls_research.data import codes
from fls_research.data.codes import Code


class Kind(StrEnum):
    """How a field's text is read."""

    KEY = "key"
    CODE = "code"
    DATE = "date"
    WHOLE = "whole number"
    DECIMAL = "decimal number"
    DRUGS = "drugs or reason"
    TEXT = "text"
    IDENTIFIER = "identifier"


class Need(StrEnum):
    """What happens when no column of the extract is this field."""

    REQUIRED = "required"
    KPI = "needed by a KPI"
    OPTIONAL = "optional"
    REFUSED = "refused"


@dataclass(frozen=True)
class Field:
    """One field of the dataset.

    ``name`` is the kit's column name; ``export`` the column heading of a current export (with its number where the
    export carries it); ``aliases`` other headings seen. ``lite`` says whether the 18-field Lite dataset of January
    2024 holds it. ``basis`` is ``seen`` where the heading stands in material about real exports, else ``proposed``.
    """

    name: str
    export: str
    kind: Kind
    need: Need = Need.OPTIONAL
    number: str | None = None
    aliases: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    first_year: int | None = None
    last_year: int | None = None
    lite: bool = False
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    basis: str = "seen"
    about: str = ""
    children: tuple[str, ...] = field(default=())

    def permitted(self, year: int | None = None) -> tuple[str, ...]:
        """The kit's codes that this field may hold, in order; those of one data year when ``year`` is given."""
        return tuple(
            c.code for c in self.codes if year is None or ((c.first_year or 0) <= year <= (c.last_year or 9999))
        )


_K, _N = Kind, Need

# One field, one or two lines: the table is read far more often than it is changed.
# fmt: off
FIELDS: tuple[Field, ...] = (
    # -- what the web tool adds -----------------------------------------------------------------------------------
    Field("record_id", "Record ID", _K.KEY, lite=True, basis="proposed",
          aliases=("RecordID", "Record Number", "RecordNo", "Record No", "Row ID", "Case ID", "Case number",
                   "Patient ID"),
          about="pseudonymous key of the record; without it a record is named by its line"),
    Field("service_code", "Unit code", _K.KEY, _N.REQUIRED, lite=True,
          aliases=("FLS code", "OrgCode", "Org Code", "UnitCode", "Service code", "FLS Service/Unit", "FLS ID",
                   "Organisation code", "Site code"),
          about="the audit's code of the service, an opaque text"),
    Field("marker", "Data status", _K.TEXT, aliases=("Status of data",), lite=True, basis="proposed",
          about="SYNTHETIC in every row of a synthetic extract; blank in a real one"),
    # -- 1: the patient and the fracture --------------------------------------------------------------------------
    Field("nhs_number", "NHS number", _K.IDENTIFIER, _N.REFUSED, "1.01", ("NHSNumber", "NHS No"), basis="proposed"),
    Field("date_of_birth", "Date of birth", _K.IDENTIFIER, _N.REFUSED, "1.02", ("DateOfBirth", "DOB", "Birth date"),
          basis="proposed"),
    Field("patient_name", "Name", _K.IDENTIFIER, _N.REFUSED,
          aliases=("Patient name", "Forename", "First name", "Surname", "Last name", "Family name", "Given name"),
          basis="proposed"),
    Field("sex", "Gender", _K.CODE, _N.KPI, "1.03", ("Sex",), codes.SEX, lite=True),
    Field("postcode", "Post Code", _K.IDENTIFIER, _N.REFUSED, "1.04", ("Postcode", "PostCode")),
    Field("age", "Age Frac diagnosed", _K.WHOLE, _N.REQUIRED, lite=True, minimum=50, maximum=115, unit="years",
          aliases=("Age Frac Diagnosed", "Age at fracture", "Age"), about="age when the index fracture was diagnosed"),
    Field("care_home", "CareRes", _K.CODE, _N.KPI, "1.05", ("Care home", "Care home resident"), codes.CARE_HOME,
          lite=True),
    Field("contact_date", "DateFLSContact", _K.DATE, number="1.06", aliases=("Date FLS Contact",), lite=True),
    Field("assessment_date", "DateFLSAssess", _K.DATE, _N.KPI, "1.07", ("Date FLS Assess", "DateFLSAssessment"),
          lite=True),
    Field("admitted", "AdmitHosp", _K.CODE, number="1.08", aliases=("Admitted to hospital",), codes=codes.YES_NO),
    Field("index_date", "Date Index Frac Diagnosed", _K.DATE, _N.REQUIRED, "1.09",
          ("DateIndexFracDiagnosed", "Date index fracture diagnosed"), lite=True,
          about="time zero: the day the index fracture was diagnosed"),
    Field("fracture_type", "TypeOfFracture", _K.CODE, number="1.10", aliases=("TypeOfFractue", "Type of fracture"),
          codes=codes.FRACTURE_TYPE),
    Field("fracture_site", "SiteFirstFrac", _K.CODE, _N.REQUIRED, "1.11", ("Site first fracture", "Site of fracture"),
          codes.FRACTURE_SITE, lite=True, about="site of the first index fracture; it decides spine or non-spine"),
    Field("second_site", "SiteSecFrac", _K.CODE, number="1.12", codes=codes.FRACTURE_SITE),
    Field("third_site", "SiteThirdFrac", _K.CODE, number="1.13", codes=codes.FRACTURE_SITE),
    # -- 2: bone health history -----------------------------------------------------------------------------------
    Field("height", "Height", _K.DECIMAL, number="2.01", minimum=100, maximum=220, unit="cm"),
    Field("weight", "Weight", _K.DECIMAL, number="2.02", minimum=25, maximum=250, unit="kg"),
    Field("prior_fracture", "PrevFracHist", _K.CODE, number="2.03", codes=codes.YES_NO),
    Field("family_hip_fracture", "FamHipFracHist", _K.CODE, number="2.04", codes=codes.YES_NO),
    Field("smoker", "Smoker", _K.CODE, number="2.05", codes=codes.SMOKER),
    Field("prior_therapy", "BoneSpareTherapy", _K.CODE, number="2.06", codes=codes.YES_NO),
    # -- 3: bone density ------------------------------------------------------------------------------------------
    Field("dxa", "DXA", _K.CODE, _N.KPI, "3.01", ("DXA ordered",), codes.DXA, lite=True, basis="proposed"),
    Field("dxa_reason", "DXANotOrdered", _K.CODE, number="3.02", codes=codes.DXA_REASON, basis="proposed"),
    Field("dxa_date", "DateofDXA", _K.DATE, _N.KPI, "3.03", ("Date of DXA", "DateOfDXA"), lite=True),
    Field("t_score", "TScore", _K.DECIMAL, number="3.04", aliases=("T-score",), minimum=-8, maximum=6),
    Field("risk", "RiskOfFracture", _K.CODE, number="3.05", codes=codes.RISK, basis="proposed"),
    # -- 4: treatment recommended ---------------------------------------------------------------------------------
    Field("therapy", "BoneTherapy", _K.DRUGS, _N.KPI, "4.01", ("Bone therapy",), codes.THERAPY_RECOMMENDED,
          lite=True, children=("therapy_drugs",), about="drug recommended, or the reason why none was"),
    Field("calcium_vitamin_d", "CalciumVitDRec", _K.CODE, number="4.02", codes=codes.YES_NO),
    # -- 5: falls -------------------------------------------------------------------------------------------------
    Field("falls_assessment", "RiskAssesByFLS", _K.CODE, _N.KPI, "5.01", ("RiskAssessByFLS", "Falls risk assessment"),
          codes.YES_NO, lite=True),
    Field("two_falls", "TwoFalls", _K.CODE, number="5.02", codes=codes.YES_NO),
    Field("fear_of_falling", "FearOfFalling", _K.CODE, number="5.03", codes=codes.YES_NO),
    Field("falls_medication", "MedsIncRiskFall", _K.CODE, number="5.04", codes=codes.YES_NO),
    Field("mobility", "PreFracMob", _K.CODE, number="5.05", codes=codes.MOBILITY, basis="proposed"),
    Field("vision", "Vision", _K.CODE, number="5.06", codes=codes.YES_NO),
    Field("toileting", "Toileting", _K.CODE, number="5.07", codes=codes.YES_NO),
    Field("abnormal_cardiac", "AbnormalCardAssess", _K.CODE, number="5.08", codes=codes.YES_NO),
    Field("cognitive_impairment", "CognitiveImpairment", _K.CODE, number="5.09", codes=codes.YES_NO),
    Field("falls_referral", "Referrals", _K.CODE, number="5.10", codes=codes.FALLS_REFERRAL, lite=True,
          basis="proposed"),
    # -- 6: follow-up at 16 weeks ---------------------------------------------------------------------------------
    Field("follow_up_16", "FollowUp12_16", _K.CODE, _N.KPI, "6.01", ("FLS16WeekAss", "Follow up 12-16 weeks"),
          codes.YES_NO, lite=True),
    Field("follow_up_16_date", "Dateof16WeekAss", _K.DATE, _N.KPI, "6.02", ("Date of 16 week assessment",), lite=True),
    Field("therapy_16", "BoneTherapy1216", _K.DRUGS, _N.KPI, "6.05", ("Bone therapy 12-16 weeks",),
          codes.THERAPY_FOLLOW_UP, lite=True, children=("therapy_16_drugs",)),
    Field("strength_balance_16", "StartStrenBalExe", _K.CODE, _N.KPI, "6.06", ("Strength and balance started",),
          codes.YES_NO, lite=True),
    # -- 7: follow-up at 52 weeks ---------------------------------------------------------------------------------
    Field("follow_up_52", "FollowUp48_56", _K.CODE, _N.KPI, "7.01", ("FLS52WeekAss", "Follow up 48-56 weeks"),
          codes.YES_NO),
    Field("follow_up_52_date", "Dateof52WeekAss", _K.DATE, _N.KPI, "7.02", ("Date of 52 week assessment",)),
    Field("therapy_52", "BoneTherapy4856", _K.DRUGS, _N.KPI, "7.05", ("Bone therapy 48-56 weeks",),
          codes.THERAPY_FOLLOW_UP, lite=True, children=("therapy_52_drugs",)),
    Field("refractures", "NumReFracSinceIndex", _K.WHOLE, number="7.06", minimum=0, maximum=20),
    # -- linked ---------------------------------------------------------------------------------------------------
    Field("death_date", "Date of death", _K.DATE, aliases=("DateOfDeath", "DOD"), basis="proposed",
          about="by linkage to civil registration; without it deaths are not known"),
    Field("imd_decile", "IMD decile", _K.WHOLE, aliases=("IMDDecile", "Deprivation decile"), minimum=1, maximum=10,
          basis="proposed", about="rank within the nation's own index; 1 is the most deprived"),
    Field("imd_quintile", "IMD quintile", _K.WHOLE, aliases=("IMDQuintile", "Deprivation quintile"), minimum=1,
          maximum=5, basis="proposed", about="used where the decile is not supplied; 1 is the most deprived"),
    Field("ethnicity", "Ethnicity", _K.CODE, aliases=("Ethnic category", "EthnicCategory"), codes=codes.ETHNICITY,
          first_year=2024, basis="proposed"),
)
# fmt: on

BY_NAME: dict[str, Field] = {f.name: f for f in FIELDS}

CLINICAL: tuple[Field, ...] = tuple(f for f in FIELDS if f.number is not None)
"""The numbered fields of the clinical dataset."""

LITE: tuple[Field, ...] = tuple(f for f in FIELDS if f.lite and f.number is not None and f.need is not Need.REFUSED)
"""The numbered fields of the Lite dataset as this project proposes it (the audit's own list was not to be had)."""


def heading_key(heading: str) -> str:
    """The comparable core of a column heading: letters and digits in lower case, without a leading field number.

    >>> heading_key("1.09 Date Index Frac Diagnosed") == heading_key("DateIndexFracDiagnosed")
    True
    >>> heading_key("6.01 FollowUp12_16")
    'followup1216'
    """
    text = heading.strip().lstrip("\ufeff")
    head, _, tail = text.partition(" ")
    if tail and head[:1].isdigit() and head.replace(".", "").replace("_", "").isdigit():
        text = tail
    return "".join(ch for ch in text.lower() if ch.isalnum())


def headings(item: Field) -> Iterator[str]:
    """Every heading under which a field may stand: the export's, its aliases, and the kit's own name."""
    yield item.export
    yield from item.aliases
    yield item.name


BY_HEADING: dict[str, Field] = {heading_key(h): f for f in FIELDS for h in headings(f)}
"""Comparable heading to field."""
