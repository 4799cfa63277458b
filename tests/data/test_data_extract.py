"""The door: every accepted file is read as text, and every broken one ends in one sentence."""

import pytest

from fls_research.data.extract import is_stray, read_extract
from fls_research.errors import ExtractError, ExtractNotFound

TEXT = "Unit code;Gender;Note\nNO;Female;Don’t know\n010;Male;\n5E1;;x\n"


def test_trailing_blank_rows_are_dropped_and_counted(file, texts):
    raw = read_extract(file("a,b\n1,2\n,\n3,4\n,\n  ,\n"))
    assert raw.facts.rows == 3 and raw.facts.blank_rows == 2
    assert texts(raw)["a"] == ["1", None, "3"]


def test_a_stray_column_is_dropped_when_empty_and_kept_when_not(file):
    raw = read_extract(file("a,,Unnamed: 2,...4\n1,,,x\n2,,,\n"))
    assert raw.frame.columns.tolist() == ["a", "...4"]
    assert raw.facts.empty_columns == 2


def test_columns_of_the_same_heading_are_told_apart_by_their_place(file):
    raw = read_extract(file("Sex,age,Sex\nF,70,M\n"))
    assert raw.frame.columns.tolist() == ["Sex (column 1)", "age", "Sex (column 3)"]
    assert raw.headings == ("Sex", "age", "Sex")


def test_the_digest_is_that_of_the_bytes(file):
    one, other = read_extract(file("a\n1\n")), read_extract(file("a\r\n1\r\n", "b.csv"))
    assert one.facts.sha256 != other.facts.sha256
    assert len(one.facts.sha256) == 64


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "a.csv: the file is empty."),
        ("a.csv", b"\n \r\n", "a.csv: the file is empty."),
        ("a.csv", b"a,b\n", "a.csv: there are headings but no row below them."),
        ("a.csv", b"a,b\n,\n,\n", "a.csv: there are headings but no row below them."),
        ("a.csv", b",,\n1,2,3\n", "a.csv: the first row is blank; it must hold the headings."),
        ("a.csv", b"PK\x03\x04 rest", "a.csv: this is an Excel workbook with the wrong ending"),
        ("a.csv", b"a,b\n\x00\x01,\x02\n", "a.csv: not a text file"),
        ("a.csv", b"a,b\n\x81\x8d,x\n", "a.csv: neither UTF-8 nor Windows-1252 text"),
        ("a.csv", b'a,b\n1,"2\n3,4\n', "a.csv, line 2: a quotation mark is opened there and not closed"),
        ("a.csv", b'a,b\n1,"2\n3,4\n5,"6\n', "a.csv, line 2: a quotation mark is opened there and not closed"),
        ("a.csv", b'a,b\n1,2\n3,4\n"q"z"\n', "a.csv, line 4: a quotation mark is opened there and not closed"),
        ("a.xlsx", b"not a workbook", "a.xlsx: not a readable workbook"),
        ("a.xlsx", b"", "a.xlsx: the file is empty."),
        ("a.parquet", b"PAR1 not really", "a.parquet: not a readable Parquet file"),
        ("a.xls", b"x", "a.xls: files ending in '.xls' are not read; use .csv"),
        ("a", b"x", "a: files ending in '' are not read"),
        ("~$a.xlsx", b"x", "~$a.xlsx is Excel's lock file"),
    ],
)
def test_a_broken_file_ends_in_one_sentence(file, name, content, message):
    with pytest.raises(ExtractError) as error:
        read_extract(file(content, name))
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(ExtractNotFound, match=r"There is no file .*gone\.csv"):
        read_extract(tmp_path / "gone.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ExtractNotFound, match=r"folder\.csv is a folder"):
        read_extract(tmp_path / "folder.csv")


def test_a_file_that_may_not_be_read_says_so(file, monkeypatch):
    path = file("a\n1\n")

    def refuse(self):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(ExtractError, match=r"a\.csv: this account may not read the file"):
        read_extract(path)


def test_a_csv_file_has_no_sheets(file):
    with pytest.raises(ExtractError, match="only a workbook has sheets"):
        read_extract(file("a\n1\n"), sheet="Data")


def test_what_prints_of_an_extract_holds_no_cell(file):
    assert "Female" not in repr(read_extract(file(TEXT)))


@pytest.mark.parametrize("heading", ["", "Unnamed: 7", "unnamed", "...2", "Column7", "X.1"])
def test_headings_that_programs_invent_are_stray(heading):
    assert is_stray(heading)


@pytest.mark.parametrize("heading", ["Vision", "DXA", "X ray", "Notes"])
def test_headings_that_people_write_are_not(heading):
    assert not is_stray(heading)
