"""The folders of places: made whole, once, with no more in them than is needed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from fls_research.data.cohort import load, prepare_once
from fls_research.data.places_store import (
    columns_kept,
    folder_name,
    keep_closed,
    places_of,
    prepare_places,
    read_places,
)
from fls_research.kpi.definitions import RECORDS, data_items
from fls_research.params import load_year


def benchmark(cohort):
    return {"nation": pd.DataFrame({"kpi": ["kpi4"], "proportion": [0.69]})}


def beside(cohort, places):
    return places.loc[places["kind"] == "service", ["kind", "code"]].assign(peers=1.0)


HOW = {"benchmark": benchmark, "beside": beside}


@pytest.fixture
def prepared(edition):
    settings = load_year(2024, edition)
    return prepare_once(settings, edition, edition / settings.extract, edition / "data" / "prepared")


@pytest.fixture
def folder(prepared):
    yield prepare_places(prepared, code="v1", **HOW)
    keep_closed()


def test_every_service_area_and_region_of_the_year_is_a_place(prepared) -> None:
    found = places_of(load(prepared)).set_index("code")
    assert found["kind"].to_dict() == {
        "010": "service",
        "5E1": "service",
        "QKK": "area",
        "QMF": "area",
        "Y56": "region",
    }
    assert found.loc["Y56", ["name", "area_code", "records"]].tolist() == ["London", "", 3]


def test_no_key_of_a_record_is_kept(folder) -> None:
    assert "record_id" not in pd.read_parquet(folder / "service" / "010" / "rows.parquet")


def test_every_field_that_a_kpi_of_places_reads_is_kept() -> None:
    headline = [record for record in RECORDS if not record.is_variant and record.number > 1]
    read = {item for record in headline for item in data_items(record, record.first_year)}
    assert read - set(columns_kept()) <= {"hip_fractures"}


def test_the_material_is_made_once_and_again_for_other_code(prepared, folder) -> None:
    first = (folder / "places.parquet").stat().st_mtime_ns
    assert prepare_places(prepared, code="v1", **HOW) == folder
    assert (folder / "places.parquet").stat().st_mtime_ns == first
    prepare_places(prepared, code="v2", **HOW)
    assert json.loads((folder / "benchmark" / "about.json").read_text())["code"] == "v2"


def test_a_failure_leaves_what_was_there(prepared, folder) -> None:
    def broken(cohort):
        raise ZeroDivisionError

    before = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    with pytest.raises(ZeroDivisionError):
        prepare_places(prepared, benchmark=broken, beside=beside, code="v2")
    assert sorted(path.relative_to(folder) for path in folder.rglob("*")) == before
    assert not list(prepared.glob(".places-*"))


@pytest.mark.parametrize("code", ["a/b", "..", "x y", "Ä1"])
def test_any_code_makes_one_folder_of_its_own(code) -> None:
    name = folder_name(code)
    assert not set("/\\ .") & set(name)
    assert name != folder_name(code + "2")


def test_places_are_listed_as_they_were_made(folder, prepared) -> None:
    listed, made = read_places(folder), places_of(load(prepared))
    assert listed["code"].tolist() == made["code"].tolist()
    assert np.array_equal(listed["records"], made["records"])
