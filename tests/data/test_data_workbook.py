"""A sheet gives the text that its reader sees; a wrong sheet and a damaged workbook are named."""

import datetime as dt

import openpyxl
import pytest

from fls_research.data.extract import read_extract
from fls_research.data.mapping import map_headings
from fls_research.errors import ExtractError, FieldError


@pytest.fixture
def workbook(tmp_path):
    def make(rows, *, sheets=("Data",), formats=None, name="a.xlsx"):
        book = openpyxl.Workbook()
        book.active.title = sheets[0]
        for title in sheets[1:]:
            book.create_sheet(title).append(["other"])
        for row in rows:
            book[sheets[0]].append(row)
        for cell, number_format in (formats or {}).items():
            book[sheets[0]][cell].number_format = number_format
        path = tmp_path / name
        book.save(path)
        return path

    return make


def test_a_workbook_gives_the_text_that_a_reader_sees(workbook, texts):
    day = dt.datetime(2024, 12, 25)
    rows = [["code", "date", "age", "score", "sure"], [10, day, 73.0, -2.5, True], ["NO", "25/12/2024", None, 0, "x"]]
    raw = read_extract(workbook(rows, formats={"A2": "000"}))
    assert texts(raw) == {
        "code": ["010", "NO"],
        "date": ["2024-12-25", "25/12/2024"],
        "age": ["73", None],
        "score": ["-2.5", "0"],
        "sure": ["Yes", "x"],
    }
    assert raw.facts.sheet == "Data"


def test_trailing_blank_rows_of_a_workbook_are_counted(workbook):
    raw = read_extract(workbook([["a", "b"], ["1", "2"], [None, None], [" ", None]]))
    assert raw.facts.rows == 1 and raw.facts.blank_rows == 2


def test_a_sheet_is_chosen_by_name(workbook):
    path = workbook([["a"], ["1"]], sheets=("Cover", "Data"))
    assert read_extract(path).facts.sheet == "Cover"
    with pytest.raises(ExtractError, match="the sheet 'Data' has headings but no row"):
        read_extract(path, sheet="Data")


def test_a_wrong_sheet_names_the_sheets(workbook):
    with pytest.raises(ExtractError, match=r"no sheet 'Dta'; did you mean 'Data'\?"):
        read_extract(workbook([["a"], ["1"]], sheets=("Data", "Notes")), sheet="Dta")
    with pytest.raises(ExtractError, match=r"no sheet 'Patients'; known: Data, Notes"):
        read_extract(workbook([["a"], ["1"]], sheets=("Data", "Notes")), sheet="Patients")


def test_a_truncated_workbook_is_refused(workbook, file):
    content = workbook([["a"], *([str(number)] for number in range(2000))]).read_bytes()
    with pytest.raises(ExtractError, match="not a readable workbook"):
        read_extract(file(content[: len(content) // 2], "b.xlsx"))


def test_where_the_first_sheet_is_not_the_extract_the_others_are_named(workbook):
    path = workbook([["About"], ["words"]], sheets=("Readme", "Data"))
    assert read_extract(path).other_sheets == ("Data",)
    with pytest.raises(FieldError, match=r"The sheet read was 'Readme'; the workbook also has 'Data': .*\(--sheet\)"):
        map_headings(read_extract(path))
    with pytest.raises(ExtractError, match=r"no row below them[.] The sheet read was 'Readme'"):
        read_extract(workbook([["About"]], sheets=("Readme", "Data")))
