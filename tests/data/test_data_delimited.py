"""CSV in every encoding, delimiter and line end is read as text, and no row is lost."""

import pytest

from fls_research.data.extract import read_extract

TEXT = "Unit code;Gender;Note\nNO;Female;Don’t know\n010;Male;\n5E1;;x\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_encoding_and_delimiter_gives_the_same_text(file, encoding, delimiter, texts):
    raw = read_extract(file(TEXT.replace(";", delimiter).encode(encoding)))
    assert texts(raw) == {
        "Unit code": ["NO", "010", "5E1"],
        "Gender": ["Female", "Male", None],
        "Note": ["Don't know", None, "x"],
    }
    assert raw.facts.delimiter == delimiter
    assert raw.facts.encoding == encoding


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(file, line_end):
    raw = read_extract(file(TEXT.replace("\n", line_end)))
    assert raw.facts.rows == 3 and raw.lines.tolist() == [2, 3, 4]


def test_codes_never_become_numbers(file, texts):
    raw = read_extract(file("a,b\n010,5E1\n1.10,1e5\nNA,NO\n"))
    assert texts(raw) == {"a": ["010", "1.10", "NA"], "b": ["5E1", "1e5", "NO"]}


def test_cells_may_be_quoted_and_hold_the_delimiter_or_a_line_end(file, texts):
    raw = read_extract(file('a,b\n"x, ""y""","first\nsecond"\n1,2\n'))
    assert texts(raw) == {"a": ['x, "y"', "1"], "b": ["first\nsecond", "2"]}


def test_a_row_of_another_width_is_marked_and_not_lost(file):
    raw = read_extract(file("a,b\n1,2\n3\n4,5,6\n7,8,\n9,10\n"))
    assert raw.malformed.tolist() == [False, True, True, False, False]
    assert raw.facts.rows == 5


def test_empty_lines_at_the_end_are_no_rows(file):
    assert read_extract(file("a,b\n1,2\n\n\n\n")).facts.rows == 1


@pytest.mark.parametrize("odd", [{0}, {4}, {0, 1}, {2, 3}, {0, 2, 4}, set(range(5))])
def test_rows_that_do_not_fit_stand_where_they_stood(file, texts, odd):
    lines = [f"r{place},x,y" if place in odd else f"r{place},v{place}" for place in range(5)]
    raw = read_extract(file("\n".join(["key,value", *lines]) + "\n"))
    assert raw.malformed.tolist() == [place in odd for place in range(5)]
    assert texts(raw)["key"] == [f"r{place}" for place in range(5)]


def test_a_delimiter_too_many_at_the_end_is_no_fault(file, texts):
    raw = read_extract(file("a,b\n1,2,\n3,4,,\n5,6\n"))
    assert not raw.malformed.any()
    assert texts(raw) == {"a": ["1", "3", "5"], "b": ["2", "4", "6"]}
