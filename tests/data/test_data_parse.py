"""Text becomes codes, numbers and drugs whatever its case, order and punctuation; what is strange is marked."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fls_research.data.codes import DRUGS
from fls_research.data.parse import read_codes, read_dates, read_numbers, read_therapies
from fls_research.data.schema import BY_NAME, FIELDS, Kind

CODED = [field for field in FIELDS if field.kind is Kind.CODE]


def column(*texts):
    return pd.Categorical([text or None for text in texts])


@pytest.mark.parametrize("field", CODED, ids=lambda field: field.name)
def test_every_wording_of_every_code_is_that_code(field):
    for code in field.codes:
        for wording in (code.code, code.export, *code.also):
            read = read_codes(column(wording, wording.upper(), f" {wording} "), field)
            assert set(read.values) == {code.code} and not read.unreadable.any(), wording


def test_blank_and_strange_answers_are_not_known_and_told_apart():
    read = read_codes(column("", "N/A", "perhaps", "Yes"), BY_NAME["care_home"])
    assert read.values.tolist() == ["not known", "not known", "not known", "yes"]
    assert read.blank.tolist() == [True, True, False, False]
    assert read.unreadable.tolist() == [False, False, True, False]


def test_codes_are_categories_in_the_order_of_the_dictionary():
    field = BY_NAME["fracture_site"]
    assert read_codes(column("hip"), field).values.categories.tolist() == [code.code for code in field.codes]


@pytest.mark.parametrize(
    ("text", "number"),
    [("73", 73), ("73.0", 73), ("-2.5", -2.5), ("-2,5", -2.5), ("−2.5", -2.5), ("+1", 1), (".5", 0.5), ("0", 0)],
)
def test_numbers_are_read(text, number):
    assert read_numbers(column(text)).values.tolist() == [number]


@pytest.mark.parametrize("text", ["73 years", "1e3", "1,234.5", "inf", "0x10", "--1", "12345678901", "½"])
def test_what_is_no_number_is_marked(text):
    read = read_numbers(column(text))
    assert np.isnan(read.values[0]) and read.unreadable[0] and not read.blank[0]


def test_dates_keep_blank_and_impossible_apart():
    read = read_dates(column("", "31/02/2024", "29/02/2024", "NULL"))
    assert read.blank.tolist() == [True, False, False, True]
    assert read.unreadable.tolist() == [False, True, False, False]
    assert np.isnat(read.values).tolist() == [True, True, False, True]


def test_a_column_without_a_filled_cell_is_read():
    empty = pd.Categorical.from_codes([-1, -1], categories=pd.Index([], dtype=object))
    assert read_codes(empty, BY_NAME["sex"]).values.tolist() == ["not known"] * 2
    assert np.isnat(read_dates(empty).values).all() and np.isnan(read_numbers(empty).values).all()
    assert read_therapies(empty, BY_NAME["therapy"]).drugs.tolist() == ["", ""]


@settings(deadline=None)
@given(st.lists(st.sampled_from(DRUGS), min_size=1, max_size=5), st.sampled_from([";", "; ", " ; ", ",", " / ", "+"]))
def test_drugs_are_a_set_whatever_their_order_and_separator(names, separator):
    read = read_therapies(column(separator.join(names)), BY_NAME["therapy_16"])
    assert read.groups.tolist() == ["drug"]
    assert read.drugs[0].split(";") == [name for name in DRUGS if name in names]
    assert not (read.unreadable | read.unlisted | read.mixed | read.contradicting).any()


@pytest.mark.parametrize(
    ("text", "group", "drugs", "mark"),
    [
        ("alendronic acid", "drug", "Alendronate", None),
        ("ZOLEDRONATE;", "drug", "Zoledronate", None),
        ("Alendronate;Alendronate", "drug", "Alendronate", None),
        ("Informed decline", "declined", "", None),
        ("Referred to GP to decide prescription", "gp to decide", "", None),
        ("Refer for clinical opinion", "further opinion", "", None),
        ("Don't know", "not known", "", None),
        ("", "not known", "", None),
        ("Don't know; Denosumab", "drug", "Denosumab", None),
        ("Don't know; Inappropriate", "inappropriate", "", None),
        ("Informed decline; Inappropriate", "not known", "", "contradicting"),
        ("Denosumab; Informed decline", "drug", "Denosumab", "mixed"),
        ("Denosumab; Snake oil", "drug", "Denosumab", "unlisted"),
        ("Snake oil", "not known", "", "unreadable"),
        ("Snake oil; Informed decline", "not known", "", "unreadable"),
        ("drug", "not known", "", "unreadable"),
        (";", "not known", "", "unreadable"),
    ],
)
def test_drugs_and_reasons(text, group, drugs, mark):
    read = read_therapies(column(text), BY_NAME["therapy"])
    assert (read.groups[0], read.drugs[0]) == (group, drugs)
    marked = {name for name in ("unreadable", "unlisted", "mixed", "contradicting") if getattr(read, name)[0]}
    assert marked == ({mark} if mark else set())


def test_follow_up_has_answers_of_its_own():
    read = read_therapies(column("Not started", "No longer appropriate"), BY_NAME["therapy_52"])
    assert read.groups.tolist() == ["not started", "no longer appropriate"]
    assert read_therapies(column("Not started"), BY_NAME["therapy"]).unreadable.tolist() == [True]
