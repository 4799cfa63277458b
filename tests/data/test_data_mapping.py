"""Headings become fields by number, alias and spelling; two of one field and a missing one are named."""

import pytest

from fls_research.data.extract import read_extract
from fls_research.data.mapping import Dataset, map_headings, shown_headings
from fls_research.data.schema import FIELDS, LITE, Kind
from fls_research.errors import FieldError

REQUIRED = ["Record ID", "Unit code", "Age", "DateIndexFracDiagnosed", "SiteFirstFrac"]


@pytest.fixture
def mapped(tmp_path):
    def of(*headings, values=None):
        path = tmp_path / "a.csv"
        path.write_text(",".join(headings) + "\n" + ",".join(values or ["x"] * len(headings)) + "\n", encoding="utf-8")
        return map_headings(read_extract(path))

    return of


@pytest.mark.parametrize("age", ["Age Frac diagnosed", "Age Frac Diagnosed", "Age at fracture", "Age", "AGE"])
def test_the_names_of_the_age_column_are_one_field(mapped, age):
    assert (
        mapped("Record ID", "Unit code", age, "1.09 Date Index Frac Diagnosed", "1.11 SiteFirstFrac").columns["age"]
        == age
    )


@pytest.mark.parametrize("heading", ["1.10 TypeOfFracture", "TypeOfFracture", "1.10 TypeOfFractue", "typeoffractue"])
def test_numbers_and_the_known_slip_do_not_matter(mapped, heading):
    assert mapped(*REQUIRED, heading).columns["fracture_type"] == heading


def test_what_is_no_field_is_recorded_and_not_fatal(mapped):
    fields = mapped(*REQUIRED, "Shoe size", "", "12345678")
    assert fields.unknown == ("Shoe size", "column 7", "column 8")


def test_two_columns_of_one_field_are_both_named(mapped):
    with pytest.raises(FieldError, match=r"'TypeOfFracture' and '1.10 TypeOfFractue' are both the field 1.10 fracture"):
        mapped(*REQUIRED, "TypeOfFracture", "1.10 TypeOfFractue")
    with pytest.raises(
        FieldError, match=r"'Gender \(column 6\)' and 'Gender \(column 7\)' are both the field 1.03 sex"
    ):
        mapped(*REQUIRED, "Gender", "Gender")


def test_an_extract_without_keys_of_records_is_mapped(mapped):
    assert "record_id" not in mapped(*REQUIRED[1:]).columns


@pytest.mark.parametrize("missing", REQUIRED[1:])
def test_a_missing_field_is_named_with_its_headings(mapped, missing):
    with pytest.raises(FieldError) as error:
        mapped(*(heading for heading in REQUIRED if heading != missing))
    assert "no column is the field" in str(error.value) and "accepted headings: '" in str(error.value)


def test_a_missing_field_hints_at_a_heading_that_is_nearly_it(mapped):
    with pytest.raises(FieldError, match=r"1.11 fracture_site.*\(did you mean the column 'SiteFirstFrc'\?\)"):
        mapped(*REQUIRED[:-1], "SiteFirstFrc")


def test_a_file_without_headings_shows_nobody(mapped):
    with pytest.raises(FieldError) as error:
        mapped("R1", "NO", "Ada Byron", "12/03/1941", "Wrist")
    assert not any(word in str(error.value) for word in ("Ada", "Byron", "1941", "R1"))


def test_kpi_fields_may_be_missing_and_are_recorded(mapped):
    fields = mapped(*REQUIRED)
    assert {"dxa", "therapy", "follow_up_52"} <= set(fields.missing_for_kpis)
    assert "vision" in fields.missing and "vision" not in fields.missing_for_kpis
    assert "nhs_number" not in fields.missing


def test_an_emptied_identifier_column_is_not_read(mapped):
    fields = mapped(*REQUIRED, "NHS number", values=["x"] * 5 + [""])
    assert "nhs_number" not in fields.columns


def test_the_full_and_the_lite_dataset_are_told_apart(mapped):
    keys = ["Record ID", "Unit code", "Age"]
    lite = [field.export for field in LITE]
    full = [field.export for field in FIELDS if field.number and field.kind is not Kind.IDENTIFIER]
    assert mapped(*keys, *lite, "IMD decile").dataset is Dataset.LITE
    assert mapped(*keys, *full).dataset is Dataset.FULL


@pytest.mark.parametrize("heading", ["9434765919", "12/03/1941", "a@b.org", "", "Unnamed: 3", "x" * 61, "CF10 3NB"])
def test_a_heading_that_could_be_a_value_goes_by_its_place(heading):
    assert shown_headings(["Gender", heading, "Shoe size"]) == ("Gender", "column 2", "Shoe size")


def test_where_no_heading_is_known_none_is_shown():
    assert shown_headings(["Ada Byron", "Hip"]) == ("column 1", "column 2")
