"""The records of KPI 8 to 11: strength and balance, follow-up, treatment started, treatment at one year."""

from __future__ import annotations

from dataclasses import replace

from fls_research.kpi.records import Basis, Clock, Conventions, Kpi, LeftOut, Patients, Reason, Status
from fls_research.kpi.rules import EVERY_RECORD, All, Any, AtLeast, AtMost, MoreThan, Not, OneOf, Rule, Within
from fls_research.params import FIRST_YEAR

SIXTEEN_WEEKS = 112
ONE_YEAR = 365

_OUT = Status.NOT_ELIGIBLE
_NOT_HIP = Not(OneOf("fracture_site", ("hip",)))
_DIED_BY_16_WEEKS = LeftOut(Reason.DEATH, Within("index_date", "death_date", days=SIXTEEN_WEEKS))
_DIED_BY_ONE_YEAR = LeftOut(Reason.DEATH, Within("index_date", "death_date", days=ONE_YEAR))
_THERAPY_INAPPROPRIATE = LeftOut(Reason.INAPPROPRIATE, OneOf("therapy", ("inappropriate",)))
_THERAPY_DECLINED = LeftOut(Reason.DECLINED, OneOf("therapy", ("declined",)))
_MONITORING = ("NICE QS149", "ROS FLS standard 4", "ROS quality standard 5")

TREATMENT_SOUGHT = OneOf("therapy", ("drug", "gp to decide", "further opinion"))
"""A drug was recommended, or someone was asked to decide on one."""

HIGH_FRACTURE_RISK: Rule = Any(
    OneOf("fracture_site", ("hip", "spine")),
    All(
        OneOf("fracture_site", ("humerus", "pelvis", "wrist")),
        Any(AtLeast("age", 75), AtMost("t_score", -1.5), OneOf("prior_fracture", ("yes",))),
    ),
    AtMost("t_score", -2.5),
    OneOf("risk", ("high",)),
)
"""This project's proposal for high fracture risk: the sites of imminent risk, with the thresholds of NICE NG259."""

# -- KPI 8 ------------------------------------------------------------------------------------------------------------

KPI8 = Kpi(
    id="kpi8",
    number=8,
    title="Strength and balance training by 16 weeks",
    question="How many patients of 75 and over, with a fracture other than hip, had started such training?",
    measure=Patients(
        eligible=All(_NOT_HIP, AtLeast("age", 75)),
        left_out=(_DIED_BY_16_WEEKS,),
        met=OneOf("strength_balance_16", ("yes",)),
    ),
    clock=Clock("index_date", "", 0, SIXTEEN_WEEKS),
    first_year=FIRST_YEAR,
    standards=(
        "NICE CG161",
        "NICE NG249",
        "NICE QS86",
        "ROS FLS standard 3",
        "ROS FLS standard 4",
        "NOGG 2021",
        "NOGG 2024",
    ),
    conventions=Conventions(death=_OUT),
    basis=Basis.PROPOSED,
    source="The published wording: fractures other than hip, patients over 75, training started within 16 weeks.",
    not_known="Whether 'over 75' holds those who are 75 (here it does), and how deaths count (here they are left out).",
)

KPI8_OVER_75 = replace(
    KPI8,
    id="kpi8-over-75",
    title="Strength and balance training by 16 weeks, 76 and over",
    question="How many patients over 75, with a fracture other than hip, had started such training?",
    measure=replace(KPI8.measure, eligible=All(_NOT_HIP, MoreThan("age", 75))),
    not_known="How deaths count (here they are left out).",
)

# -- KPI 9 ------------------------------------------------------------------------------------------------------------

_FOLLOWED_UP = All(OneOf("follow_up_16", ("yes",)), Within("index_date", "follow_up_16_date", days=SIXTEEN_WEEKS))

KPI9 = Kpi(
    id="kpi9",
    number=9,
    title="Follow-up by 16 weeks",
    question="How many patients did the service follow up within 16 weeks?",
    measure=Patients(eligible=EVERY_RECORD, met=_FOLLOWED_UP),
    clock=Clock("index_date", "follow_up_16_date", 0, SIXTEEN_WEEKS),
    first_year=FIRST_YEAR,
    standards=_MONITORING,
    basis=Basis.DERIVED,
    source="The audit's headline (14% and 15%) and its benchmark tables agree with all records as denominator.",
    not_known="The audit prints a second, higher value whose denominator is another: see the variant kpi9-treated.",
)

KPI9_TREATED = replace(
    KPI9,
    id="kpi9-treated",
    title="Follow-up by 16 weeks of those recommended a drug",
    question="How many of the patients who were recommended a drug did the service follow up within 16 weeks?",
    measure=replace(KPI9.measure, eligible=OneOf("therapy", ("drug",))),
    conventions=Conventions(declined=_OUT, inappropriate=_OUT),
    source="The report on 2019 data gives 41% of those prescribed; subgroups of the 2022 report agree with that size.",
    not_known="Whether 'prescribed' holds those left to the GP, and how deaths count (here like every other record).",
)

KPI9_STRICT = replace(
    KPI9,
    id="kpi9-strict",
    title="Follow-up by 16 weeks, strict",
    measure=replace(KPI9.measure, left_out=(_DIED_BY_16_WEEKS, _THERAPY_INAPPROPRIATE)),
    conventions=Conventions(death=_OUT, inappropriate=_OUT),
    basis=Basis.PROPOSED,
    source="As KPI 9, without those who died by 16 weeks and those for whom therapy was inappropriate.",
    not_known="Whether the audit leaves anybody out.",
)

KPI9_ELIGIBLE = replace(
    KPI9_STRICT,
    id="kpi9-eligible-only",
    title="Follow-up by 16 weeks, eligible only",
    measure=replace(KPI9.measure, left_out=(_DIED_BY_16_WEEKS, _THERAPY_INAPPROPRIATE, _THERAPY_DECLINED)),
    conventions=Conventions(death=_OUT, declined=_OUT, inappropriate=_OUT),
    source="As the strict form, and those who declined therapy leave the denominator too.",
)

# -- KPI 10 -----------------------------------------------------------------------------------------------------------

_NO_LONGER_AT_16 = LeftOut(Reason.INAPPROPRIATE, OneOf("therapy_16", ("no longer appropriate",)))
_DECLINED_AT_16 = LeftOut(Reason.DECLINED, OneOf("therapy_16", ("declined",)))

KPI10 = Kpi(
    id="kpi10",
    number=10,
    title="Bone therapy started by 16 weeks",
    question="How many of the patients for whom treatment was sought had started, or were continuing, by 16 weeks?",
    measure=Patients(
        eligible=TREATMENT_SOUGHT,
        left_out=(_DIED_BY_16_WEEKS, _NO_LONGER_AT_16),
        met=OneOf("therapy_16", ("drug",)),
    ),
    clock=Clock("index_date", "", 0, SIXTEEN_WEEKS),
    first_year=FIRST_YEAR,
    standards=_MONITORING,
    conventions=Conventions(death=_OUT, declined=Status.NOT_MET, inappropriate=_OUT),
    basis=Basis.PROPOSED,
    source=(
        "The published 31% and 12,941 patients on therapy in 2022 imply a denominator of 62% to 64% of records: more "
        "than those with a named drug, about those for whom treatment was sought."
    ),
    not_known="The audit's denominator; deaths, refusals and 'no longer appropriate' are handled as proposed here.",
)

KPI10_HIGH_RISK = replace(
    KPI10,
    id="kpi10-high-risk",
    title="Bone therapy started by 16 weeks, high fracture risk",
    question="How many of the patients at high fracture risk had started, or were continuing, by 16 weeks?",
    measure=replace(
        KPI10.measure,
        eligible=HIGH_FRACTURE_RISK,
        left_out=(_DIED_BY_16_WEEKS, _THERAPY_INAPPROPRIATE, _NO_LONGER_AT_16),
    ),
    first_year=2022,
    target_note="The audit's page on 2023 data aims at more than half of the patients at high fracture risk.",
    source="From the report on 2023 data, which restates 2022, KPI 10 is worded for patients at high fracture risk.",
    not_known="The audit's rule for high fracture risk: the one here is this project's proposal.",
)

KPI10_ELIGIBLE = replace(
    KPI10,
    id="kpi10-eligible-only",
    title="Bone therapy started by 16 weeks, eligible only",
    measure=replace(KPI10.measure, left_out=(*KPI10.measure.left_out, _DECLINED_AT_16)),
    conventions=Conventions(death=_OUT, declined=_OUT, inappropriate=_OUT),
    source="As KPI 10, and those who had declined by 16 weeks leave the denominator too.",
)

KPI10_ALL = replace(
    KPI10,
    id="kpi10-all-records",
    title="Bone therapy started by 16 weeks, all records",
    question="How many of all patients had started, or were continuing, bone therapy by 16 weeks?",
    measure=Patients(eligible=EVERY_RECORD, met=OneOf("therapy_16", ("drug",))),
    conventions=Conventions(declined=Status.NOT_MET, inappropriate=Status.NOT_MET),
    source="As KPI 10, over all records: in 2022 the published counts give 12,941 of 65,843.",
    not_known="Nothing is left out, so nothing is assumed, except that a missing answer is not met.",
)

# -- KPI 11 -----------------------------------------------------------------------------------------------------------

_NO_LONGER_AT_52 = LeftOut(Reason.INAPPROPRIATE, OneOf("therapy_52", ("no longer appropriate",)))
_DECLINED_AT_52 = LeftOut(Reason.DECLINED, OneOf("therapy_52", ("declined",)))

KPI11 = Kpi(
    id="kpi11",
    number=11,
    title="Bone therapy at one year",
    question="How many of the patients first seen the year before were confirmed to be on treatment after a year?",
    measure=Patients(
        eligible=TREATMENT_SOUGHT,
        left_out=(_DIED_BY_ONE_YEAR, _NO_LONGER_AT_52),
        met=OneOf("therapy_52", ("drug",)),
        years_before=1,
    ),
    clock=Clock("index_date", "", 0, ONE_YEAR),
    first_year=FIRST_YEAR + 1,
    standards=_MONITORING,
    conventions=Conventions(death=_OUT, declined=Status.NOT_MET, inappropriate=_OUT),
    basis=Basis.PROPOSED,
    source="The annual report on 2022 data gives as the value of a year that of patients first seen the year before.",
    not_known="The audit's denominator and how deaths, refusals and moves away count; no code for a move was found.",
)

KPI11_ELIGIBLE = replace(
    KPI11,
    id="kpi11-eligible-only",
    title="Bone therapy at one year, eligible only",
    measure=replace(KPI11.measure, left_out=(*KPI11.measure.left_out, _DECLINED_AT_52)),
    conventions=Conventions(death=_OUT, declined=_OUT, inappropriate=_OUT),
    source="As KPI 11, and those who had declined by 52 weeks leave the denominator too.",
)

KPI11_ALL = replace(
    KPI11,
    id="kpi11-all-records",
    title="Bone therapy at one year, all records",
    question="How many of all patients first seen the year before were confirmed to be on treatment after a year?",
    measure=Patients(eligible=EVERY_RECORD, met=OneOf("therapy_52", ("drug",)), years_before=1),
    conventions=Conventions(declined=Status.NOT_MET, inappropriate=Status.NOT_MET),
    source="As KPI 11, over all records of the year before.",
    not_known="Nothing is left out, so nothing is assumed, except that a missing answer is not met.",
)

RECORDS: tuple[Kpi, ...] = (
    KPI8,
    KPI8_OVER_75,
    KPI9,
    KPI9_TREATED,
    KPI9_STRICT,
    KPI9_ELIGIBLE,
    KPI10,
    KPI10_HIGH_RISK,
    KPI10_ELIGIBLE,
    KPI10_ALL,
    KPI11,
    KPI11_ELIGIBLE,
    KPI11_ALL,
)
