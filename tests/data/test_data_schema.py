"""The data dictionary is consistent with itself and knows the headings that real exports carry."""

import pytest

from fls_research.data import schema
from fls_research.data.codes import NOT_KNOWN
from fls_research.data.schema import BY_HEADING, BY_NAME, FIELDS, Kind, Need, heading_key, headings


def test_no_heading_is_claimed_by_two_fields():
    owners = {}
    for field in FIELDS:
        for heading in headings(field):
            assert owners.setdefault(heading_key(heading), field.name) == field.name


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("1.10 TypeOfFractue", "fracture_type"),
        ("TypeOfFracture", "fracture_type"),
        ("Age Frac diagnosed", "age"),
        ("Age Frac Diagnosed", "age"),
        ("Age at fracture", "age"),
        ("Age", "age"),
        ("\ufeffUnit code", "service_code"),
        ("6.01 FollowUp12_16", "follow_up_16"),
        ("FollowUp12_16", "follow_up_16"),
        ("1.04 Post Code", "postcode"),
        ("index_date", "index_date"),
    ],
)
def test_headings_of_real_exports_are_known(heading, name):
    assert BY_HEADING[heading_key(heading)].name == name


def test_a_heading_nobody_uses_is_not_known():
    assert heading_key("Shoe size") not in BY_HEADING


def test_field_numbers_are_unique_and_in_the_order_of_the_form():
    numbers = [tuple(int(part) for part in f.number.split(".")) for f in schema.CLINICAL]
    assert len(set(numbers)) == len(numbers)
    assert sorted(numbers) == sorted(set(numbers))


def test_direct_identifiers_are_refused_and_nothing_else_is():
    refused = {f.name for f in FIELDS if f.need is Need.REFUSED}
    assert refused == {"nhs_number", "date_of_birth", "patient_name", "postcode"}
    assert refused == {f.name for f in FIELDS if f.kind is Kind.IDENTIFIER}


def test_every_coded_field_can_say_not_known():
    for field in FIELDS:
        if field.kind in (Kind.CODE, Kind.DRUGS):
            assert NOT_KNOWN in field.permitted()


def test_fracture_sites_changed_in_2024():
    site = BY_NAME["fracture_site"]
    assert "wrist" in site.permitted(2024)
    assert "wrist" not in site.permitted(2023)
    assert "non-hip non-spine" in site.permitted(2023)
    assert "non-hip non-spine" not in site.permitted(2024)
    assert {"hip", "spine"} <= set(site.permitted(2021)) & set(site.permitted(2024))


def test_the_lite_dataset_can_still_yield_every_kpi():
    lite = {f.name for f in schema.LITE}
    needed_52 = {"follow_up_52", "follow_up_52_date"}
    kpi = {f.name for f in FIELDS if f.need is Need.KPI and f.number} - needed_52
    assert kpi <= lite
