"""The material of a place: its own records only, found by code, with what they are held against."""

from __future__ import annotations

import pandas as pd
import pytest

from fls_research.data.cohort import load, prepare_once
from fls_research.data.places import keep_closed, keep_open, open_place, prepare_places
from fls_research.errors import ExtractError, UsageError
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


def opened(edition, folder, kind, code, **how):
    path = (folder / kind / code).relative_to(edition).as_posix()
    return open_place(code, path, **{"year": 2024, "kinds": (kind,), "root": edition, **HOW, **how})


def test_a_place_holds_its_own_records_and_no_others(edition, folder) -> None:
    own = opened(edition, folder, "service", "5E1")
    assert own.rows["service_code"].unique().tolist() == ["5E1"]
    assert own.rows["service_code"].cat.categories.tolist() == ["5E1"]
    assert own.years == (2023, 2024)
    assert len(own.of_year) == own.place.records == 1


def test_a_region_holds_the_records_of_its_services(edition, folder) -> None:
    own = opened(edition, folder, "region", "Y56")
    assert own.services["name"].tolist() == ["Alder", "Birch"]
    assert len(own.of_year) == 3


def test_rows_have_the_types_of_the_cohort(edition, folder, prepared) -> None:
    whole = load(prepared).fractures.dtypes
    own = opened(edition, folder, "service", "010").rows.dtypes
    coded = [name for name in own.index if name not in ("service_code", "nation", "area_code", "region_code")]
    assert {name: own[name] for name in coded} == {name: whole[name] for name in coded}


def test_what_all_share_and_what_one_has_beside_it_come_with_it(edition, folder) -> None:
    own = opened(edition, folder, "service", "010")
    assert own.benchmark["nation"]["proportion"].tolist() == [0.69]
    assert own.beside["peers"].tolist() == [1.0]
    assert own.params.policy == "hes" and own.synthetic


def test_late_fields_are_counted_among_the_patients_of_the_year_before(edition, folder) -> None:
    fields = opened(edition, folder, "service", "5E1").fields_of_kpis().set_index("group")
    assert fields.loc["follow_up_52", "of"] == 2023
    assert fields.loc["follow_up_16", "of"] == 2024


def test_by_hand_the_material_of_the_years_extract_is_made(edition) -> None:
    own = open_place("QKK", year=2024, kinds=("area", "region"), root=edition, **HOW)
    assert (own.place.kind, own.place.records) == ("area", 2)


def test_a_code_without_records_is_refused_with_a_hint(edition) -> None:
    with pytest.raises(UsageError, match="No area or region 'QKX' has records in 2024; did you mean 'QKK'"):
        open_place("QKX", year=2024, kinds=("area", "region"), root=edition, **HOW)


@pytest.mark.parametrize("how", [{"year": 2023}, {"kinds": ("region",)}])
def test_material_of_another_year_or_kind_is_refused(edition, folder, how) -> None:
    with pytest.raises(UsageError, match="material is that of '010' in 2024"):
        opened(edition, folder, "service", "010", **how)


def test_material_of_another_place_is_refused(edition, folder) -> None:
    path = (folder / "service" / "010").relative_to(edition).as_posix()
    with pytest.raises(UsageError, match="not of '5E1' in 2024"):
        open_place("5E1", path, year=2024, kinds=("service",), root=edition, **HOW)


def test_damaged_material_is_told_in_one_sentence(edition, folder) -> None:
    (folder / "service" / "010" / "rows.parquet").write_bytes(b"no parquet")
    with pytest.raises(ExtractError, match="'010' is not there or damaged"):
        opened(edition, folder, "service", "010")


def test_what_is_kept_open_is_read_no_more(edition, folder) -> None:
    keep_open(folder)
    (folder / "benchmark" / "nation.parquet").unlink()
    assert len(opened(edition, folder, "service", "010").benchmark["nation"]) == 1
    keep_closed()
    with pytest.raises(ExtractError):
        opened(edition, folder, "service", "010")


def test_the_fingerprint_follows_the_records_alone(edition, folder) -> None:
    prints = [opened(edition, folder, "service", code).fingerprint for code in ("010", "5E1", "010")]
    assert prints[0] == prints[2] != prints[1]
