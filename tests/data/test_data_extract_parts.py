"""An extract in parts reads as one: same headings, lines that count on, and a refusal for what is no part."""

from __future__ import annotations

import pandas as pd
import pytest

from fls_research.data.extract_parts import facts_of_all, read_extract_parts
from fls_research.errors import ExtractError, ExtractNotFound

HEAD = "Unit code,Sex\n"


@pytest.fixture
def parts(tmp_path):
    def make(**texts):
        folder = tmp_path / "parts"
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        return folder

    return make


def test_lines_count_on_as_if_all_stood_in_one_file(parts):
    folder = parts(b=HEAD + "A,F\n", a=HEAD + "A,F\nA,M\n,\n", c=HEAD, d=HEAD + "B,M\n")
    read = list(read_extract_parts(folder))
    assert [part.facts.name for part in read] == ["a.csv", "b.csv", "d.csv"]
    assert [part.lines.tolist() for part in read] == [[2, 3], [5], [6]]
    facts = facts_of_all(folder, [part.facts for part in read])
    assert (facts.name, facts.format, facts.rows, facts.blank_rows, facts.columns) == ("parts", "csv", 4, 1, 2)


def test_the_fingerprint_is_that_of_all_parts_and_their_names(parts):
    folder = parts(a=HEAD + "A,F\n", b=HEAD + "A,M\n")

    def fingerprint():
        return facts_of_all(folder, [part.facts for part in read_extract_parts(folder)]).sha256

    first = fingerprint()
    assert fingerprint() == first
    (folder / "b.csv").rename(folder / "c.csv")
    assert fingerprint() != first


def test_one_parquet_file_in_pieces(tmp_path):
    path = tmp_path / "large.parquet"
    pd.DataFrame({"Unit code": list("ABCDE"), "Age": [50, 60, 70, None, 90]}).to_parquet(path, row_group_size=3)
    read = list(read_extract_parts(path, rows=2))
    assert [len(part.frame) for part in read] == [2, 2, 1]
    assert [part.lines.tolist() for part in read] == [[2, 3], [4, 5], [6]]
    assert read[0].frame["Age"].tolist() == ["50", "60"]
    assert facts_of_all(path, [part.facts for part in read]).sha256 == read[0].facts.sha256


def test_parquet_parts_without_rows_are_passed_over(tmp_path):
    frame = pd.DataFrame({"Unit code": ["A"], "Sex": ["F"]})
    for name, part in (("a", frame.iloc[:0]), ("b", frame)):
        part.to_parquet(tmp_path / f"{name}.parquet")
    assert [part.facts.name for part in read_extract_parts(tmp_path)] == ["b.parquet"]


def test_other_headings_are_refused(parts):
    folder = parts(a=HEAD + "A,F\n", b="Sex,Unit code\nF,A\n")
    with pytest.raises(ExtractError, match=r"b.csv: its headings are not those of a.csv"):
        list(read_extract_parts(folder))


def test_what_is_no_part_is_refused(parts, tmp_path):
    folder = parts(a=HEAD)
    with pytest.raises(ExtractError, match="no row below"):
        list(read_extract_parts(folder))
    (folder / "_SUCCESS").touch()
    (folder / "notes.docx").touch()
    with pytest.raises(ExtractError, match=r"notes.docx is no part"):
        list(read_extract_parts(folder))
    (tmp_path / "empty").mkdir()
    for nothing in ("empty", "absent"):
        with pytest.raises(ExtractNotFound):
            list(read_extract_parts(tmp_path / nothing))
    with pytest.raises(ExtractError, match="only Parquet is read in pieces"):
        list(read_extract_parts(folder / "a.csv"))
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(ExtractError, match="not a readable Parquet"):
        list(read_extract_parts(tmp_path / "broken.parquet"))
