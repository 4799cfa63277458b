"""Parquet gives the same text as CSV; what is no cell is refused by its place."""

import datetime as dt

import pandas as pd
import pytest

from fls_research.data.extract import read_extract
from fls_research.errors import ExtractError


def test_parquet_gives_the_same_text_as_csv(tmp_path, texts):
    frame = pd.DataFrame(
        {
            "code": ["010", "NO"],
            "date": pd.to_datetime(["2024-12-25", None]),
            "day": [dt.date(2024, 12, 25), None],
            "age": [73.0, None],
            "number": pd.array([7, None], dtype="Int16"),
            "score": [-2.5, 1.25],
            "sex": pd.Categorical(["Female", None]),
            "sure": [True, False],
        }
    )
    path = tmp_path / "a.parquet"
    frame.to_parquet(path)
    assert texts(read_extract(path)) == {
        "code": ["010", "NO"],
        "date": ["2024-12-25", None],
        "day": ["2024-12-25", None],
        "age": ["73", None],
        "number": ["7", None],
        "score": ["-2.5", "1.25"],
        "sex": ["Female", None],
        "sure": ["Yes", "No"],
    }


def test_a_parquet_column_of_lists_or_of_times_with_a_zone_is_refused_by_place(tmp_path):
    for column in ([[1], [2]], pd.to_datetime(["2024-01-01", "2024-01-02"], utc=True)):
        path = tmp_path / "a.parquet"
        pd.DataFrame({"a": ["x", "y"], "b": column}).to_parquet(path)
        with pytest.raises(ExtractError, match=r"a\.parquet: column 2 holds neither text nor numbers nor dates"):
            read_extract(path)


def test_a_truncated_parquet_file_is_refused(tmp_path, file):
    path = tmp_path / "a.parquet"
    pd.DataFrame({"a": ["x"] * 100}).to_parquet(path)
    with pytest.raises(ExtractError, match="not a readable Parquet file"):
        read_extract(file(path.read_bytes()[:-20], "b.parquet"))
