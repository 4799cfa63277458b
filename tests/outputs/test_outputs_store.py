"""Results on disk: what machines read, and the walk back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from fls_research.disclosure import release_reference
from fls_research.errors import DisclosureError, NotebookError
from fls_research.outputs import FactSpec, open_results
from fls_research.outputs.store import Results

PERCENT = FactSpec(id="{kpi}.{dimension}.{data_year}.percent")


def _open(tmp_path: Path, *, notebook: str = "20_kpis_national", synthetic: bool = False) -> Results:
    definitions = {"kpi4": "kpi4.2022"}
    return open_results(tmp_path, notebook=notebook, year=2024, synthetic=synthetic, definitions=definitions)


def _rows(tmp_path: Path, result_id: str) -> list[dict[str, str]]:
    with (tmp_path / "results" / f"{result_id}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_is_saved_comes_back_to_be_shown(tmp_path: Path, national) -> None:
    assert _open(tmp_path).save("tbl-kpi-national", national, title="National KPIs") is national


def test_the_csv_holds_proportions_and_whole_counts(tmp_path: Path, national) -> None:
    _open(tmp_path).save("tbl-kpi-national", national, title="National KPIs")
    row = next(r for r in _rows(tmp_path, "tbl-kpi-national") if (r["kpi"], r["data_year"]) == ("kpi4", "2024"))
    assert row["numerator"] == "55200"
    assert row["proportion"] == "0.69"
    assert row["status"] == "shown"
    assert "data_status" not in row


def test_a_suppressed_row_is_blank_but_for_its_labels(tmp_path: Path, groups) -> None:
    _open(tmp_path).save("tbl-imd", groups, title="By deprivation")
    row = _rows(tmp_path, "tbl-imd")[2]
    filled = {name for name, value in row.items() if value}
    assert filled == {"data_year", "kpi", "version", "dimension", "group", "status"}
    assert row["status"] == "suppressed"


@pytest.mark.parametrize("by_run", [True, False])
def test_synthetic_results_say_so_in_every_row(tmp_path: Path, by_run: bool, national, flow_of_rows) -> None:
    released = national if by_run else flow_of_rows
    _open(tmp_path, synthetic=by_run).save("tbl-a", released, title="A")
    rows = _rows(tmp_path, "tbl-a")
    assert next(iter(rows[0])) == "data_status"
    assert {row["data_status"] for row in rows} == {"SYNTHETIC"}
    assert json.loads((tmp_path / "results" / "tbl-a.json").read_text(encoding="utf-8"))["synthetic"] is True


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_defused(tmp_path: Path, cell: str) -> None:
    released = release_reference(
        pd.DataFrame({"text": [cell, "plain"], "value": [-2.5, 3.0]}), numbers=["text", "value"]
    )
    _open(tmp_path).save("tbl-a", released, title="A")
    first, second = _rows(tmp_path, "tbl-a")
    assert first["text"] == f"'{cell.strip()}" and first["value"] == "-2.5"
    assert second["text"] == "plain"


def test_the_json_tells_how_the_table_was_made(tmp_path: Path, groups) -> None:
    spec = FactSpec(id="{kpi}.imd-{group}.{data_year}.percent")
    _open(tmp_path).save("tbl-imd", groups, title="By deprivation", facts=[spec])
    record = json.loads((tmp_path / "results" / "tbl-imd.json").read_text(encoding="utf-8"))
    facts = record.pop("facts")
    assert record == {
        "id": "tbl-imd", "title": "By deprivation", "cell": "tbl-imd", "notebook": "20_kpis_national", "year": 2024,
        "synthetic": False, "definitions": {"kpi4": "kpi4.2022"}, "kind": "counts", "policy": "hes",
        "lane": "patient_group", "level": "below national", "rows": 5, "suppressed": 2, "withheld": [],
        "organisations": [], "checks": [], "columns": list(groups.columns),
    }  # fmt: skip
    assert facts["kpi7.imd-5.2024.percent"]["text"] == "58%"
    assert facts["kpi7.imd-3.2024.percent"]["value"] is None


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, national) -> None:
    for run in ("one", "two"):
        _open(tmp_path / run).save("tbl-a", national, title="A", facts=[PERCENT])
    for name in ("tbl-a.csv", "tbl-a.json"):
        assert (tmp_path / "one/results" / name).read_bytes() == (tmp_path / "two/results" / name).read_bytes()


def test_nothing_is_left_beside_the_results(tmp_path: Path, national) -> None:
    _open(tmp_path).save("tbl-a", national, title="A")
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["tbl-a.csv", "tbl-a.json"]


def test_files_are_utf8_with_plain_line_ends(tmp_path: Path, flow_of_rows) -> None:
    _open(tmp_path).save("tbl-a", flow_of_rows, title="Flow – rows")
    written = (tmp_path / "results/tbl-a.csv").read_bytes()
    assert b"\r" not in written and not written.startswith(b"\xef\xbb\xbf")
    assert "Flow – rows" in (tmp_path / "results/tbl-a.json").read_bytes().decode("utf-8")


def test_an_id_is_used_once_in_a_run(tmp_path: Path, national) -> None:
    results = _open(tmp_path)
    results.save("tbl-a", national, title="A")
    with pytest.raises(NotebookError, match="saved already by this notebook"):
        results.save("tbl-a", national, title="A")
    with pytest.raises(NotebookError, match="notebook 20_kpis_national"):
        _open(tmp_path, notebook="10_cohort").save("tbl-a", national, title="A")


def test_a_notebook_run_again_by_hand_replaces_its_results(tmp_path: Path, national) -> None:
    _open(tmp_path).save("tbl-a", national, title="old")
    _open(tmp_path).save("tbl-a", national, title="new")
    assert json.loads((tmp_path / "results/tbl-a.json").read_text(encoding="utf-8"))["title"] == "new"


def test_a_fact_is_stated_once_in_a_notebook(tmp_path: Path, national) -> None:
    results = _open(tmp_path)
    results.save("tbl-a", national, title="A", facts=[PERCENT])
    with pytest.raises(NotebookError, match=r"fact 'kpi2\.national\.2021\.percent' exists already"):
        results.save("tbl-b", national, title="B", facts=[PERCENT])
    assert not (tmp_path / "results/tbl-b.csv").exists()


@pytest.mark.parametrize("bad", ["", "Tbl-A", "tbl_a", "tbl a", "../tbl", "tbl-", "-tbl", "1-tbl"])
def test_a_malformed_id_is_refused(tmp_path: Path, national, bad: str) -> None:
    with pytest.raises(NotebookError, match="is no id"):
        _open(tmp_path).save(bad, national, title="A")


def test_an_unreleased_table_is_refused_and_nothing_is_written(tmp_path: Path, national_counts: pd.DataFrame) -> None:
    with pytest.raises(DisclosureError, match="is not released"):
        _open(tmp_path).save("tbl-a", national_counts, title="A")
    assert list((tmp_path / "results").iterdir()) == []
