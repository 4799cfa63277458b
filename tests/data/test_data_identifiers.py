"""Direct identifiers are refused by heading and by value, and ordinary columns are not."""

import datetime as dt
import random

import nhs_number
import pytest

from fls_research.data.extract import read_extract
from fls_research.data.identifiers import identifier_of_heading, refuse_identifiers
from fls_research.data.schema import FIELDS, Kind, headings
from fls_research.errors import IdentifierFound

GOOD = [number for number in map(str, range(9_434_000_000, 9_434_010_000)) if nhs_number.is_valid(number)][:40]
INDEX = "1.09 Date Index Frac Diagnosed"


@pytest.fixture
def look(tmp_path):
    """Refuse or let through an extract of the columns given, beside a date of fracture."""

    def at(**columns):
        length = len(next(iter(columns.values())))
        whole = {INDEX: ["01/03/2024"] * length} | columns
        path = tmp_path / "a.csv"
        lines = [";".join(whole), *(";".join(row) for row in zip(*whole.values(), strict=True))]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        refuse_identifiers(read_extract(path))

    return at


def refused(look, what, **columns):
    with pytest.raises(IdentifierFound) as error:
        look(**columns)
    message = str(error.value)
    assert what in message and "\n" not in message
    for values in columns.values():
        assert not any(value and value in message for value in values)
    return message


@pytest.mark.parametrize(
    "heading",
    ["1.01 NHS number", "NHSNumber", "NHS No.", "nhs_no", "New NHS Number", "1.02 Date of birth", "DOB", "Patient DOB",
     "BirthDate", "1.04 Post Code", "Postcode", "Home postcode", "Name", "Patient name", "Forename", "SURNAME",
     "Last name", "Initials", "Email", "E-mail address", "Telephone", "Mobile", "Address line 1", "MRN",
     "Hospital number", "CHI number", "FName", "Next of kin", "Name1", "Hosp No", "Contact no", "Street",
     "DOB (dd/mm/yyyy)", "birth_dt"],
)  # fmt: skip
def test_headings_of_identifiers_are_refused(look, heading):
    message = refused(look, f"column '{heading}' is headed as", **{heading: ["Zebedee", ""]})
    assert "nothing was read further" in message


@pytest.mark.parametrize("heading", ["1.01 NHS number", "Postcode", "Name"])
def test_an_emptied_column_is_let_through(look, heading):
    look(**{heading: ["", ""]})


@pytest.mark.parametrize(
    "heading",
    ["Record ID", "Unit code", "Unit name", "FLS name", "Hospital name", "NHS region", "LSOA 2021", "Postcode district",
     "Outward postcode area", "Year of birth", "5.05 PreFracMob", "Drug name", "Username hash", "IMD decile"],
)  # fmt: skip
def test_other_headings_are_not(heading):
    assert identifier_of_heading(heading) is None


def test_no_field_of_the_dataset_is_taken_for_an_identifier():
    for field in FIELDS:
        for heading in headings(field):
            assert bool(identifier_of_heading(heading)) is (field.kind is Kind.IDENTIFIER), heading


# -- NHS numbers ------------------------------------------------------------------------------------------------------
def test_a_column_of_nhs_numbers_is_refused_under_any_heading(look):
    refused(look, "column 'Record ID' holds what looks like NHS numbers", **{"Record ID": GOOD})


def test_a_few_among_other_keys_are_found(look):
    keys = [f"R{number}" for number in range(200)]
    refused(look, "NHS numbers", **{"Record ID": [*keys, GOOD[0]]})


@pytest.mark.parametrize(
    "form", ["{0} {1} {2}", "{0}-{1}-{2}", "see {0} {1} {2}, please", "{0}.{1}.{2}", "{0}/{1}/{2}", "{0}  {1}  {2}"]
)
def test_one_in_its_printed_form_is_enough(look, form):
    number = GOOD[1]
    text = form.format(number[:3], number[3:6], number[6:])
    refused(look, "NHS numbers", Note=["quiet", text, *[f"6{n:09d}" for n in range(30)]])


@pytest.mark.parametrize("text", ["NHS {0}", "NHS No: {0}", "nhs number is {0}", "NHS{0}", "rang, NHS no. {0}, again"])
def test_ten_valid_digits_after_the_word_are_enough_anywhere(look, text):
    others = [f"6{n:09d}" for n in range(30)]
    refused(look, "NHS numbers", Comment=["quiet", text.format(GOOD[2]), *others])


def test_other_digits_after_the_word_are_let_through(look):
    wrong = str(int(GOOD[2]) + 1)
    assert not nhs_number.is_valid(wrong)
    look(Comment=[f"NHS {wrong}", "NHS England 2024", "NHS trust, bleep 1234"])


@pytest.mark.parametrize("blank", [0, 1, 2, 300])
@pytest.mark.parametrize("text", ["{0}", "see {0}"])
def test_one_valid_number_is_found_in_a_column_that_holds_nothing_else(look, text, blank):
    refused(look, "column 'Comment' holds", Comment=[text.format(GOOD[2]), *[""] * blank])


def test_one_valid_number_beside_one_other_text_is_found(look):
    refused(look, "NHS numbers", Comment=["quiet", GOOD[2]])


def test_valid_numbers_in_a_few_cells_of_any_column_are_found(look):
    refused(look, "NHS numbers", Comment=[*GOOD[:2], *[""] * 50])


def test_the_one_key_of_an_extract_of_one_record_may_pass_the_check_digit_by_chance(look):
    look(**{"Record ID": [GOOD[2]]})


def test_one_number_that_all_records_share_is_no_patient(look):
    look(Batch=[GOOD[2]] * 30)


def test_ten_digit_keys_are_let_through_though_one_in_eleven_passes(look):
    keys = [str(6_000_000_000 + number) for number in range(3000)]
    assert sum(nhs_number.is_valid(key) for key in keys) > 200
    look(**{"Record ID": keys})


def test_random_ten_digit_keys_are_let_through(look):
    chosen = random.Random(3)
    for size in (1, 2, 5, 50, 2000):
        look(**{"Record ID": [str(chosen.randrange(10**9, 10**10)) for _ in range(size)]})


def test_keys_that_grow_from_nine_to_ten_digits_are_let_through(look):
    look(**{"Record ID": [str(number) for number in range(999_999_700, 1_000_000_090)]})


# -- postcodes --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("postcode", ["BS8 1TH", "ec1a 1bb", "W1A 0AX", "lives at CF10 3NB today", "M1  1AE"])
def test_one_full_postcode_is_enough(look, postcode):
    refused(look, "full postcodes", Note=[*[f"n{number}" for number in range(500)], postcode])


def test_joined_postcodes_are_found_by_their_share(look):
    refused(look, "full postcodes", Area=["BS81TH", "CF103NB", "unknown"])
    refused(look, "full postcodes", Area=["lives at BS81TH now", "CF103NB", "unknown"])


@pytest.mark.parametrize(
    "values",
    [
        ["BS8", "CF10", "EC1A"],  # the outward half
        ["E01000001", "W01001234", "E02000001"],  # small areas
        ["RCF", "NO", "010", "5E1", "7A5", "RA1", "N1"],
        ["R1000001", "AB12345", "A1B2C3D4"],
        ["1st fall", "L1 fracture", "T12 and L1 wedge", "2 AM"],
        ["Alendronate", "Referred to GP to decide prescription"],
        ["01/03/2024", "2024-03-01"],
    ],
)
def test_ordinary_values_are_let_through(look, values):
    look(Column=values)


def test_random_letter_and_digit_keys_are_let_through(look):
    chosen = random.Random(5)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    look(**{"Record ID": ["".join(chosen.choices(alphabet, k=7)) for _ in range(5000)]})


# -- dates of birth ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["{0:02d}/03/1941", "1941-03-{0:02d}", "{0}-Mar-1941", "194103{0:02d}"])
def test_dates_of_birth_are_found_under_any_heading(look, form):
    dates = [form.format(day) for day in range(1, 29)]
    refused(look, "dates of birth", Extra=[*dates, "", "01/05/2024"])
    refused(look, "dates of birth", **{"1.06 DateFLSContact": dates})


@pytest.mark.parametrize("form", ["{0:02d}/03/41", "{0}-Mar-41"])
def test_a_year_of_two_figures_in_the_future_is_a_year_of_birth(look, form):
    refused(look, "dates of birth", Extra=[form.format(day) for day in range(1, 29)])


def test_dates_of_care_with_two_figures_are_let_through(look):
    look(**{"1.06 DateFLSContact": [f"{day:02d}/05/24" for day in range(1, 29)], "Follow-up": ["03/03/25"] * 28})


@pytest.mark.parametrize("form", ["{serial}", "{serial}.0", "{day:02d}03{year}"])
def test_births_as_numbers_are_found_by_the_age(look, form):
    ages = [60 + place % 30 for place in range(28)]
    # The fracture is on 1 March, the birthday on a later day of March: the age is a year less than the years between.
    born = [dt.date(2024 - age - 1, 3, day) for day, age in enumerate(ages, start=2)]
    written = [
        form.format(serial=(birth - dt.date(1899, 12, 30)).days, day=birth.day, year=birth.year) for birth in born
    ]
    refused(look, "dates of birth", **{"Extra": written, "Age Frac diagnosed": list(map(str, ages))})


def test_keys_of_five_figures_are_let_through(look):
    chosen = random.Random(7)
    keys = [str(chosen.randrange(9_000, 26_000)) for _ in range(2000)]
    look(**{"Record ID": keys, "Age Frac diagnosed": [str(chosen.randrange(50, 100)) for _ in keys]})


@pytest.mark.parametrize("note", ["DOB 12/03/1941", "pt born 12 March 1941", "d.o.b.: 12.3.41"])
def test_one_birth_in_words_is_enough(look, note):
    refused(look, "dates of birth", Note=["", "fell at home", note])


def test_slips_among_dates_of_care_are_dirty_rows_and_no_identifiers(look):
    look(**{"1.06 DateFLSContact": ["12/03/1941", "01/05/2024", "02/05/2024"]})


def test_someone_of_49_is_not_in_the_audit_but_someone_of_50_is(look):
    look(Extra=["01/03/1976"] * 3)
    refused(look, "dates of birth", Extra=["28/02/1974"] * 3)


# -- names ------------------------------------------------------------------------------------------------------------
def test_names_are_found_in_any_column(look):
    names = ["Margaret Hale", "THORNTON, John", "Mary Higgins", "Nicholas Higgins", "Edith Shaw", "F. Hale"]
    refused(look, "names of people", Extra=names)
    refused(look, "names of people", **{"Record ID": [f"{name} {place}" for place, name in enumerate(names)]})


@pytest.mark.parametrize("note", ["Mrs Hale rang", "seen by Mr. Thornton", "MISS SHAW"])
def test_one_title_before_a_name_is_enough(look, note):
    refused(look, "names of people", Note=["", "fell at home", note])


@pytest.mark.parametrize(
    "values",
    [
        ["Margaret Thompson phoned", "Thompson, Margaret"],
        ["Margaret Thompson phoned", *[f"fell on step {step}" for step in range(40)]],
        ["", "Thompson, Margaret", ""],
        ["KEITH HALE"],
        ["seen at James Paget with Mary O'Brien"],
    ],
)
def test_a_forename_and_a_surname_are_found_however_few_the_texts_are(look, values):
    refused(look, "names of people", Comment=values)


@pytest.mark.parametrize("heading", ["Unit name", "FLS name", "Hospital", "NHS trust name"])
def test_under_the_heading_of_a_service_a_name_is_a_hospital(look, heading):
    look(**{heading: ["Margaret Thompson", "Edith Shaw Hospital"]})


@pytest.mark.parametrize(
    "hospital", ["James Paget", "Queen Elizabeth", "St Thomas", "King George", "Royal Oldham", "William Harvey"]
)
def test_one_hospital_alone_in_a_column_is_let_through(look, hospital):
    look(Comment=[hospital, "", f"seen at {hospital} in May", f"{hospital.upper()} HOSPITAL"])


@pytest.mark.parametrize(
    "values",
    [
        ["James Paget", "Queen Elizabeth", "Royal Oldham", "Frimley Park", "St Thomas", "King George", "Hywel Dda"] * 2,
        ["MR scan of the spine", "missed the clinic", "Miss", "MS", "seen with her mother"],
        ["Alendronate", "Refer to GP", "Not appropriate"],
        ["Alendronic Acid", "Zoledronate (Aclasta)", "Denosumab", "Adcal D3", "Calcichew", "HRT", "Evista"],
        ["Martin House", "lives in Shirley, Solihull", "Thomas splint"],
        ["IDA CKD", "Barry Hospital", "in Stanley Ward"],
    ],
)
def test_hospitals_and_notes_are_no_names(look, values):
    look(Column=values)


# -- others -----------------------------------------------------------------------------------------------------------
def test_an_address_for_mail_is_found(look):
    refused(look, "e-mail addresses", Note=["", "write to a.byron@example.org", ""])


def test_many_columns_are_named_together_and_the_rest_counted(look):
    message = refused(look, "(and 1 more)", **{name: ["Zebedee"] for name in
                      ("NHS number", "DOB", "Postcode", "Surname", "Forename", "Email")})  # fmt: skip
    assert message.count("is headed as") == 5


def test_a_file_without_headings_shows_no_value(tmp_path):
    path = tmp_path / "a.csv"
    lines = [f"R{place},{number},12/03/1941" for place, number in enumerate(GOOD[:5])]
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(IdentifierFound) as error:
        refuse_identifiers(read_extract(path))
    assert "column 2" in str(error.value) and GOOD[0] not in str(error.value)
