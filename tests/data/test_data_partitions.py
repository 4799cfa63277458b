"""A cohort in parts is the cohort: same rows, types and bytes, and nothing is read before it is asked for."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fls_research.data.cohort import open_parts, store_parts
from fls_research.data.contract import check_fractures, fixed_categories
from fls_research.data.partitions import FrameParts, PartsWriter, cut_by_rows, cut_by_service
from fls_research.errors import ExtractError, ExtractNotFound, FieldError, UsageError


@pytest.fixture
def cohort(cohort_of):
    return cohort_of(
        {"Unit code": "010", "1.11 SiteFirstFrac": "toe"}, {"Unit code": "5E1", "4.01 BoneTherapy": "Denosumab"}, {}
    )


def same(found, expected):
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_the_whole_comes_back_as_it_was(cohort, size, tmp_path):
    kept = store_parts(cohort, cut_by_rows(cohort.fractures, size), tmp_path / "kept")
    assert kept.fractures.rows == tuple(len(part) for part in cut_by_rows(cohort.fractures, size))
    again = kept.whole()
    for name in ("fractures", "flow", "flow_by_year", "issues"):
        same(getattr(again, name), getattr(cohort, name))
    same(again.register.services, cohort.register.services)
    assert (again.params, again.source, kept.years) == (cohort.params, cohort.source, cohort.years)
    same(kept.caseload([2024]), cohort.caseload([2024]))


def test_every_part_keeps_its_contract_and_all_categories(cohort, tmp_path):
    kept = store_parts(cohort, cut_by_service(cohort.fractures, 1), tmp_path / "kept")
    assert len(kept.fractures) == 3
    for part in kept.fractures.parts():
        check_fractures(part)
        assert part.dtypes.to_dict() == cohort.fractures.dtypes.to_dict()
        assert len(part["service_code"].unique()) == 1 and part["service_code"].cat.categories.size == 3
    for name, kind in fixed_categories().items():
        assert kept.fractures.categories[name] == kind


def test_only_some_columns_in_the_order_asked_for(cohort, tmp_path):
    parts = store_parts(cohort, [cohort.fractures], tmp_path / "kept").fractures
    same(parts.read(0, ["sex", "age"]), cohort.fractures[["sex", "age"]])


def test_the_same_cohort_gives_the_same_bytes(cohort, tmp_path):
    def digests(folder):
        store_parts(cohort, cut_by_rows(cohort.fractures, 2), folder)
        files = sorted(file for file in folder.rglob("*") if file.is_file())
        return [(file.relative_to(folder), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]

    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_dask_has_the_types_of_the_cohort(cohort, tmp_path):
    parts = store_parts(cohort, cut_by_rows(cohort.fractures, 2), tmp_path / "kept").fractures
    frame = parts.dask()
    assert frame.npartitions == 2
    assert frame.dtypes.to_dict() == cohort.fractures.dtypes.to_dict()
    same(frame.compute().reset_index(drop=True), cohort.fractures)


def test_dask_reads_only_the_columns_in_use(cohort, tmp_path):
    parts = store_parts(cohort, [cohort.fractures], tmp_path / "kept").fractures
    frame = parts.dask()
    part = parts.folder / "part-00000.parquet"
    cohort.fractures[["age"]].to_parquet(part)
    assert frame["age"].sum().compute() == cohort.fractures["age"].sum()
    with pytest.raises(ExtractError, match="damaged"):
        frame["sex"].value_counts().compute()


def test_nothing_is_read_before_it_is_asked_for(cohort, tmp_path):
    store_parts(cohort, [cohort.fractures], tmp_path / "kept")
    part = tmp_path / "kept" / "fractures" / "part-00000.parquet"
    part.write_bytes(b"PAR1")
    kept = open_parts(tmp_path / "kept")
    with pytest.raises(ExtractError, match="damaged; delete the folder"):
        kept.fractures.read(0)
    part.unlink()
    with pytest.raises(ExtractError, match="damaged"):
        next(kept.fractures.parts(["age"]))


def test_an_empty_part_among_others(cohort, tmp_path):
    fractures = cohort.fractures
    parts = store_parts(cohort, [fractures.iloc[:0], fractures, fractures.iloc[:0]], tmp_path / "kept").fractures
    assert parts.rows == (0, len(fractures), 0)
    same(parts.whole(), fractures)
    assert parts.read(0).dtypes.to_dict() == fractures.dtypes.to_dict()


def test_categories_of_parts_are_brought_together_in_order_of_appearance(tmp_path):
    writer = PartsWriter(tmp_path)
    for values in (["b"], ["a", "b"], []):
        writer.add(pd.DataFrame({"code": pd.Categorical(values, dtype=pd.CategoricalDtype(values))}))
    assert writer.categories == {"code": ["b", "a"]}
    parts = writer.close()
    assert [part["code"].cat.categories.tolist() for part in parts.parts()] == [["b", "a"]] * 3
    assert parts.whole()["code"].tolist() == ["b", "a", "b"]


def test_the_order_of_categories_can_be_settled_at_the_end(tmp_path):
    writer = PartsWriter(tmp_path)
    writer.add(pd.DataFrame({"code": pd.Categorical(["b", "a"], categories=["b", "a"])}))
    assert writer.close({"code": ["a", "b"]}).whole()["code"].cat.codes.tolist() == [1, 0]


@given(st.lists(st.sampled_from("ABCD"), max_size=30), st.integers(1, 12))
def test_services_stay_whole_and_nobody_is_lost(services, rows):
    frame = pd.DataFrame({"service_code": pd.Series(services, dtype=object), "row": np.arange(len(services))})
    by_service = list(cut_by_service(frame, rows))
    assert sorted(row for part in by_service for row in part["row"]) == list(range(len(frame)))
    held = [code for part in by_service for code in part["service_code"].unique()]
    assert held == sorted(set(services))
    assert all(len(part) >= rows for part in by_service[:-1])
    same(pd.concat(cut_by_rows(frame, rows)), frame)


def test_mistakes_are_named(cohort, tmp_path):
    for cut in (cut_by_rows, cut_by_service):
        with pytest.raises(UsageError, match="from 1"):
            list(cut(cohort.fractures, 0))
    with pytest.raises(UsageError, match="at least one"):
        store_parts(cohort, [], tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with pytest.raises(UsageError, match="these differ"):
        store_parts(cohort, [cohort.fractures, cohort.fractures[["age"]]], tmp_path / "none")
    for what in (open_parts, FrameParts.open):
        with pytest.raises(ExtractNotFound, match="prepare the extract again"):
            what(tmp_path)
    parts = store_parts(cohort, [cohort.fractures], tmp_path / "kept").fractures
    with pytest.raises(FieldError, match="no column 'shoe_size'"):
        parts.read(0, ["shoe_size"])
    (tmp_path / "kept" / "cohort-in-parts.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ExtractError, match="damaged"):
        open_parts(tmp_path / "kept")
