"""The records of KPI 1, 2 and 3: KPIs of services, whose denominators are services or an expected caseload."""

from __future__ import annotations

from dataclasses import replace

from fls_research.kpi.records import (
    Basis,
    Caseload,
    Colour,
    Cut,
    CutPoints,
    FieldsMissing,
    Item,
    Kpi,
    KpisComplete,
)
from fls_research.kpi.rules import EVERY_RECORD, Not, OneOf
from fls_research.params import FIRST_YEAR

RULE_OF_FIVE = 5
"""Fragility fractures expected per hip fracture admission of the same year (FLS-DB feasibility report, 2016)."""

SPINE_SHARE = 0.2
"""Share of the expected caseload that is spine: the only share under which published benchmark rows come out whole."""

OPT_OUT = 0.06
"""Cut of the expected caseload for the National Data Opt-Out, from data year 2022 (annual report on 2022 data)."""

_IDENTIFICATION = ("ROS FLS standard 1", "NOGG 2021", "NOGG 2024")

# -- KPI 1 ------------------------------------------------------------------------------------------------------------

_DXA_DUE = OneOf("dxa", ("ordered", "recommended"))
_SEEN_AT_16 = OneOf("follow_up_16", ("yes",))
_SEEN_AT_52 = OneOf("follow_up_52", ("yes",))

SEVENTEEN_FIELDS: tuple[Item, ...] = (
    Item("sex"),
    Item("care_home"),
    Item("assessment_date"),
    Item("fracture_site"),
    Item("fracture_type"),
    Item("dxa"),
    Item("dxa_date", due=_DXA_DUE),
    Item("therapy"),
    Item("falls_assessment"),
    Item("falls_referral"),
    Item("follow_up_16"),
    Item("follow_up_16_date", due=_SEEN_AT_16),
    Item("therapy_16"),
    Item("strength_balance_16"),
    # At the end of a data year most of its patients are not yet due at 52 weeks: those of the year before are.
    Item("follow_up_52", years_before=1),
    Item("follow_up_52_date", due=_SEEN_AT_52, years_before=1),
    Item("therapy_52", years_before=1),
)

KPI1_2016 = Kpi(
    id="kpi1",
    number=1,
    title="Data completeness",
    question="How many services send data that are complete enough to judge their care?",
    measure=FieldsMissing(fields=SEVENTEEN_FIELDS, fewer_than=5, over=0.2),
    first_year=FIRST_YEAR,
    last_year=2017,
    basis=Basis.PROPOSED,
    source="The reports up to 2018 asked that fewer than five of 17 fields be missing in more than 20% of records.",
    not_known="Which 17 fields: those here are this project's choice of fields that a KPI or a breakdown needs.",
)

KPI1_2018 = replace(
    KPI1_2016,
    first_year=2018,
    last_year=2021,
    source="The rule for these years was not found: the rule of the earlier reports is carried forward.",
    not_known="The rule itself, and so how far the published 38% for 2021 can be compared with later years.",
)

KPI1_2022 = replace(
    KPI1_2016,
    measure=KpisComplete(each=Cut(0.8), share=Cut(0.8)),
    first_year=2022,
    last_year=None,
    source="The annual report on 2022 data: at least 80% of KPIs with at least 80% of their data entered (its table).",
    not_known=(
        "Which KPIs and fields are in scope: here KPI 2 to 11, each complete where it can be decided. The same report "
        "words and counts the rule in two ways, 45% in its table and 42% in its text."
    ),
)

KPI1_STRICT = replace(
    KPI1_2022,
    id="kpi1-strict",
    title="Data completeness, strict wording",
    measure=KpisComplete(each=Cut(0.8, included=False), at_least=8),
    source="The annual report on 2022 data: eight KPIs or more with more than 80% of their data entered (its text).",
)

# -- KPI 2 and 3 ------------------------------------------------------------------------------------------------------

KPI2_2016 = Kpi(
    id="kpi2",
    number=2,
    title="Identification of fractures",
    question="What part of the fragility fractures expected locally did the services find?",
    measure=Caseload(identified=EVERY_RECORD, multiplier=RULE_OF_FIVE, share=1, opt_out=0),
    first_year=FIRST_YEAR,
    last_year=2021,
    standards=_IDENTIFICATION,
    basis=Basis.PUBLISHED,
    source="Records submitted over five times the hip fractures of the year (rule of five, feasibility report 2016).",
    not_known="Whether the audit uses the hip fractures of the same year or a caseload registered once.",
)

KPI2_2022 = replace(
    KPI2_2016,
    title="Identification of non-spine fractures",
    question="What part of the non-spine fragility fractures expected locally did the services find?",
    measure=Caseload(
        identified=Not(OneOf("fracture_site", ("spine",))),
        multiplier=RULE_OF_FIVE,
        share=1 - SPINE_SHARE,
        opt_out=OPT_OUT,
    ),
    first_year=2022,
    last_year=None,
    basis=Basis.DERIVED,
    source=(
        "The annual report on 2022 data counts non-spine fractures and cuts the caseload by 6%; that four fifths of "
        "the caseload is non-spine follows from published benchmark rows."
    ),
    not_known=(
        "Whether the split of four to one still holds after 2021, which year's hip fractures are used, and where "
        "records of unknown site go: here neither into KPI 2 nor into KPI 3."
    ),
)

_SPINE_COLOURS = CutPoints((Colour("Red", 0), Colour("Amber", 0.1), Colour("Green", 0.2)))

KPI3_2016 = Kpi(
    id="kpi3",
    number=3,
    title="Identification of spine fractures",
    question="What part of the spine fractures expected locally did the services find?",
    measure=Caseload(
        identified=OneOf("fracture_site", ("spine",)), multiplier=RULE_OF_FIVE, share=SPINE_SHARE, opt_out=0
    ),
    first_year=FIRST_YEAR,
    last_year=2021,
    standards=_IDENTIFICATION,
    target=None,
    target_note=(
        "The audit's own documents on 2024 data disagree: the report at a glance excepts KPI 3 from the aim of 80%, "
        "the recommendations ask 80% for spine fractures too."
    ),
    colours=_SPINE_COLOURS,
    basis=Basis.DERIVED,
    source=(
        "Spine fractures over the local caseload (annual reports); that a fifth of the caseload, one per hip fracture, "
        "is spine follows from published benchmark rows."
    ),
    not_known=(
        "The audit's own statement of the spine share, which year's hip fractures are used, and where records of "
        "unknown site go: here neither into KPI 2 nor into KPI 3."
    ),
)

KPI3_2022 = replace(
    KPI3_2016,
    measure=replace(KPI3_2016.measure, opt_out=OPT_OUT),
    first_year=2022,
    last_year=None,
    source=KPI3_2016.source + " The annual report on 2022 data cuts the caseload by 6%.",
)

RECORDS: tuple[Kpi, ...] = (
    KPI1_2016,
    KPI1_2018,
    KPI1_2022,
    KPI1_STRICT,
    KPI2_2016,
    KPI2_2022,
    KPI3_2016,
    KPI3_2022,
)
