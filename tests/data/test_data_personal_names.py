"""A list of people is told from a list of hospitals."""

import re

import pytest

from fls_research.data.personal_names import FORENAMES, TITLED, are_names, name_somebody, names_person

HOSPITALS = ["James Paget", "Queen Elizabeth", "Royal Oldham", "Frimley Park", "St Thomas", "King George", "St Mary's",
             "William Harvey", "North Tees", "Salford Royal", "Hywel Dda", "Great Western", "Poole", "Bedford", "Hull",
             "Stepping Hill", "Luton and Dunstable", "Whipps Cross", "Kingston", "Torbay", "Yeovil", "Airedale",
             "Blackpool", "Burnley", "Wigan"]  # fmt: skip


def test_four_forenames_are_too_few_and_five_enough():
    names = ["Edith", "Margaret", "John", "Mary"]
    assert not are_names(names)
    assert are_names([*names, "HIGGINS, Nicholas"])


def test_hospitals_named_for_people_are_a_minority():
    assert sum(any(word.lower() in FORENAMES for word in name.split()) for name in HOSPITALS) >= 4
    assert not are_names(HOSPITALS)


def test_a_forename_is_a_whole_word():
    assert not are_names(["Annex", "Johnstone", "Maryland", "Ianto", "Janeway", "Petersfield"])


@pytest.mark.parametrize("text", ["Mrs Hale", "Mr. Thornton", "saw MISS SHAW", "Ms A"])
def test_titles(text):
    assert re.search(TITLED, text)


@pytest.mark.parametrize("text", ["MR Spine", "missed", "Ms", "Dr Gray's Hospital", "Mrs"])
def test_what_is_no_title(text):
    assert not re.search(TITLED, text)


@pytest.mark.parametrize(
    "text",
    ["Margaret Thompson", "Thompson, Margaret", "THOMPSON,MARGARET", "phoned by John Hale", "Anne-Marie Shaw",
     "John P. Hale", "Joan O'Brien", "daughter Susan Hale-Shaw rang", "Phoned Margaret Thompson",
     "Oldham: Peter Hale Phoned"],
)  # fmt: skip
def test_a_forename_beside_a_surname_is_a_person(text):
    assert names_person(text)


@pytest.mark.parametrize(
    "text",
    [*HOSPITALS, "James Paget University Hospital", "JAMES PAGET", "St. Thomas Hospital", "Princess Margaret Rose",
     "Queen Elizabeth The Queen Mother", "Norfolk, James Paget", "Diana Princess of Wales",
     "Florence Nightingale Ward", "Sir Robert Peel", "Robert Jones and Agnes Hunt", "William Beaumont",
     "Francis Crick", "Elizabeth Garrett Anderson", "Margaret Road", "IDA CKD", "Thomas test", "Margaret",
     "margaret thompson"],
)  # fmt: skip
def test_places_and_single_words_are_no_person(text):
    assert not names_person(text)


def test_one_note_about_a_person_is_enough_but_a_bare_name_must_be_a_quarter():
    assert name_somebody(["Margaret Thompson phoned"], of=1000)
    assert name_somebody(["Margaret Thompson"], of=4)
    assert not name_somebody(["Margaret Thompson"], of=5)
    assert not name_somebody([], of=0)
