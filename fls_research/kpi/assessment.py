"""The records of KPI 4 to 7: assessment, bone density, falls and treatment recommended."""

from __future__ import annotations

from dataclasses import replace

from fls_research.kpi.records import Basis, Clock, Colour, Conventions, CutPoints, Kpi, Patients, Status
from fls_research.kpi.rules import EVERY_RECORD, Any, OneOf, Within
from fls_research.params import FIRST_YEAR

KPI4 = Kpi(
    id="kpi4",
    number=4,
    title="Assessment within 90 days",
    question="How many patients did the service assess within 90 days of the diagnosis of the fracture?",
    measure=Patients(eligible=EVERY_RECORD, met=Within("index_date", "assessment_date", days=90)),
    clock=Clock("index_date", "assessment_date", 0, 90),
    first_year=FIRST_YEAR,
    standards=("NICE CG146", "NICE NG259", "NICE CG161", "NICE NG249", "NICE QS86", "ROS FLS standard 2"),
    basis=Basis.PUBLISHED,
    source=(
        "The benchmark tables' note: date of assessment against date of diagnosis, over all records entered. Read "
        "literally, a missing date is not met and nobody is left out."
    ),
    not_known="Whether those who died within 90 days are left out.",
)

KPI5 = Kpi(
    id="kpi5",
    number=5,
    title="DXA within 90 days",
    question="How many of the patients for whom a DXA was ordered or recommended were scanned within 90 days?",
    measure=Patients(eligible=OneOf("dxa", ("ordered", "recommended")), met=Within("index_date", "dxa_date", days=90)),
    clock=Clock("index_date", "dxa_date", 0, 90),
    first_year=FIRST_YEAR,
    standards=("NICE CG146", "NICE NG259", "ROS FLS standard 2"),
    # A scan that the patient declined or that is not appropriate stands in the dataset as not ordered.
    conventions=Conventions(declined=Status.NOT_ELIGIBLE, inappropriate=Status.NOT_ELIGIBLE),
    basis=Basis.DERIVED,
    source="The annual report on 2022 data speaks of those referred; its subgroups and headline agree on that basis.",
    not_known="Why the live benchmark tables show a higher value; they may count only scans that carry a date.",
)

KPI6 = Kpi(
    id="kpi6",
    number=6,
    title="Falls assessment",
    question="How many patients had a falls assessment, or were referred or recommended for one?",
    measure=Patients(
        eligible=EVERY_RECORD,
        met=Any(OneOf("falls_assessment", ("yes",)), OneOf("falls_referral", ("referred", "recommended"))),
    ),
    first_year=FIRST_YEAR,
    standards=("NICE CG161", "NICE NG249", "NICE QS86", "ROS FLS standard 2"),
    basis=Basis.DERIVED,
    source="The published wording names the three ways of meeting it and no group that is left out.",
    not_known="The denominator is nowhere stated: all records is the plain reading.",
)

_THERAPY_COLOURS = CutPoints((Colour("Red", 0), Colour("Green", 0.5)))

KPI7 = Kpi(
    id="kpi7",
    number=7,
    title="Bone therapy recommended",
    question="To how many patients was a drug for osteoporosis recommended?",
    measure=Patients(eligible=EVERY_RECORD, met=OneOf("therapy", ("drug",))),
    first_year=FIRST_YEAR,
    standards=("ROS FLS standard 4", "NICE TA161", "NICE TA204", "NICE TA464", "NICE TA791", "NICE QS149"),
    conventions=Conventions(declined=Status.NOT_MET, inappropriate=Status.NOT_MET),
    target=None,
    target_note="The report at a glance on 2024 data excepts KPI 7 from the aim of 80%.",
    colours=_THERAPY_COLOURS,
    basis=Basis.DERIVED,
    source="The published wording, with named drugs as recommended medication and all records as denominator.",
    not_known="Whether a referral to the GP, who decides on the drug, counts: see the variant kpi7-broad.",
)

KPI7_BROAD = replace(
    KPI7,
    id="kpi7-broad",
    title="Bone therapy recommended or left to the GP",
    measure=Patients(eligible=EVERY_RECORD, met=OneOf("therapy", ("drug", "gp to decide"))),
    basis=Basis.PROPOSED,
    source="As KPI 7, and a patient whose GP was asked to decide on the drug counts as recommended.",
    not_known="Whether the audit counts such referrals.",
)

RECORDS: tuple[Kpi, ...] = (KPI4, KPI5, KPI6, KPI7, KPI7_BROAD)
