"""An extract prepared in parts gives the cohort of the same rows in one file, whatever the parts."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fls_research.data.cohort import prepare
from fls_research.data.fates import check_balance
from fls_research.data.prepare_parts import prepare_parts
from fls_research.data.synthetic import write_demo
from fls_research.errors import EmptyYear, ExtractError, FieldError, IdentifierFound, UnknownService
from fls_research.params import load_year, project_root

INDEX = "1.09 Date Index Frac Diagnosed"


def same(found, whole):
    """Everything but the facts of the file, which lies in parts or does not."""
    for name in ("fractures", "flow", "flow_by_year", "issues"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(whole, name), check_exact=True, obj=name)
    facts = vars(found.source) | {"file": None}
    assert facts == vars(whole.source) | {"file": None}
    assert found.source.file.rows == whole.source.file.rows


@pytest.fixture
def in_parts(tmp_path, root, params):
    """``in_parts(rows, edges)``: the cohorts of the rows, cut at the edges, and in one file."""

    def make(content, edges, settled=params):
        folder, whole = tmp_path / "parts", tmp_path / "whole.csv"
        folder.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        cut = [content[first:last] for first, last in zip([0, *edges], [*edges, len(content)], strict=True)]
        for number, part in enumerate(cut):
            to_csv(folder / f"{number:02d}.csv", part, list(content[0]))
        to_csv(whole, content, list(content[0]))
        return (
            lambda: prepare_parts(settled, root, folder, tmp_path / "kept").whole(),
            lambda: prepare(settled, root, whole),
        )

    return make


def to_csv(path, content, headings):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=headings)
        writer.writeheader()
        writer.writerows(content)


DIRT = {
    "Record ID": ["R1", "R2", "R3", ""],
    "Unit code": ["NO", "010", "5E1", "NI1", "OLD", ""],
    "Age Frac diagnosed": ["49", "50", "85", "130", "", "x"],
    INDEX: ["01/03/2024", "2023-06-01", "30/02/2024", "", "01/01/2020", "01/07/2025", "01/01/2012"],
    "3.03 DateofDXA": ["", "01/01/2024", "20/03/2024", "99/99/9999"],
    "4.01 BoneTherapy": ["Alendronate; Denosumab", "Informed decline", "?", ""],
}
DIRTY_ROW = st.fixed_dictionaries({heading: st.sampled_from(values) for heading, values in DIRT.items()})


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DIRTY_ROW, max_size=30), st.lists(st.integers(0, 33), max_size=3), st.integers(0, 3))
def test_dirty_rows_cut_anywhere(in_parts, params, clean, dirty, edges, min_records):
    content = [clean | row for row in dirty] + [clean | {"Record ID": f"A{number}"} for number in range(3)]
    edges = sorted(min(edge, len(content)) for edge in edges)
    parts, whole = in_parts(content, edges, params.model_copy(update={"min_records": min_records}))
    found = parts()
    same(found, whole())
    check_balance(found.flow)


def test_a_copy_a_repeated_key_and_a_twin_in_other_parts(in_parts, rows):
    content = rows({}, {}, {}, {})
    fuller = content[2] | {"Unit code": "010", "Record ID": "K"}
    emptier = fuller | {"IMD decile": ""}
    twin = content[3] | {"Record ID": "T"}
    parts, whole = in_parts([*content, emptier, content[0], twin, fuller], [3, 5, 6, 7])
    found = parts()
    same(found, whole())
    broken = found.issues["rule"].value_counts()
    assert (broken["duplicate-row"], broken["duplicate-key"], broken["record-twice"]) == (1, 1, 2)
    assert found.fractures.query("record_id == 'K'")["imd_decile"].item() == 3


def test_a_service_is_small_over_all_parts_and_not_in_one(in_parts, params, rows):
    content = rows(*({"Unit code": code} for code in ("NO", "010", "NO", "5E1", "NO", "010")))
    settled = params.model_copy(update={"min_records": 2})
    parts, whole = in_parts(content, [1, 2, 3, 4, 5], settled)
    found = parts()
    same(found, whole())
    assert set(found.fractures["service_code"]) == {"NO", "010"}


def test_a_service_comes_first_by_a_row_that_is_not_analysed(in_parts, rows):
    content = rows({"Unit code": "5E1", INDEX: ""}, {"Unit code": "NO"}, {"Unit code": "5E1"})
    parts, whole = in_parts(content, [1, 2])
    found = parts()
    same(found, whole())
    assert found.fractures["service_code"].cat.categories.tolist() == ["5E1", "NO"]


def test_lines_name_rows_without_a_key_over_all_parts(in_parts, rows):
    parts, whole = in_parts(rows({}, {"Record ID": ""}, {"Record ID": ""}), [1, 2])
    found = parts()
    same(found, whole())
    assert found.fractures["record_id"].tolist() == ["R1", "line 3", "line 4"]


def test_one_parquet_file_in_pieces(root, params, rows, tmp_path):
    content = pd.DataFrame(rows({}, {"Unit code": "010"}, {}, {"1.11 SiteFirstFrac": "toe"}, {"Unit code": "5E1"}))
    path = tmp_path / "large.parquet"
    content.to_parquet(path)
    kept = prepare_parts(params, root, path, tmp_path / "kept", rows=2)
    whole = prepare(params, root, path)
    assert len(kept.fractures) == 3
    same(kept.whole(), whole)
    assert kept.source.file == whole.source.file


@pytest.mark.parametrize("parts", [1, 3, 7])
def test_the_demonstration_extract_in_shuffled_parts(parts, demo, tmp_path):
    params, root, headings, lines = demo
    chance = np.random.default_rng(parts)
    edges = np.sort(chance.integers(0, len(lines), parts - 1)).tolist()
    cut = [lines[first:last] for first, last in zip([0, *edges], [*edges, len(lines)], strict=True)]
    order = chance.permutation(parts)
    (tmp_path / "parts").mkdir()
    for place, number in enumerate(order):
        (tmp_path / "parts" / f"{place}.csv").write_text(headings + "".join(cut[number]), encoding="utf-8")
    whole = tmp_path / "whole.csv"
    whole.write_text(headings + "".join(line for number in order for line in cut[number]), encoding="utf-8")
    same(prepare_parts(params, root, tmp_path / "parts", tmp_path / "kept").whole(), prepare(params, root, whole))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    root = project_root()
    params = load_year(2024, root).model_copy(update={"min_records": 5})
    extract = write_demo(tmp_path_factory.mktemp("demo"), seed=7, scale=0.02, root=root).extract
    headings, *lines = extract.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    return params, root, headings, [line for line in lines if line.strip(",\r\n")]


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ([{}, {"Unit code": "ZZZ"}, {"Unit code": "ZZZ"}], UnknownService, r"1 service code \(2 rows\): 'ZZZ'"),
        ([{INDEX: "01/03/2023"}, {INDEX: "01/04/2023"}], EmptyYear, "no record of 2024; it holds 2023"),
        ([{"3.03 DateofDXA": f"03/{day}/2024"} for day in range(13, 25)], ExtractError, "month first in 1 service"),
        ([{}, {"Sheet": "943 476 5919"}], IdentifierFound, "'Sheet'"),
    ],
)
def test_what_stops_the_whole_stops_the_parts(in_parts, rows, changes, error, words):
    headings = {heading: "" for change in changes for heading in change if heading == "Sheet"}
    content = [headings | row for row in rows(*changes)]
    for prepared in in_parts(content, [len(content) // 2]):
        with pytest.raises(error, match=words):
            prepared()


def test_nothing_is_left_behind_by_a_refusal(in_parts, rows, tmp_path):
    parts, _ = in_parts(rows({}, {"Unit code": "ZZZ"}), [1])
    with pytest.raises(UnknownService):
        parts()
    assert {path.name for path in tmp_path.iterdir()} == {"parts", "whole.csv", "project"}


def test_a_part_without_a_field_is_refused(in_parts, rows, root, params, tmp_path):
    in_parts([{"Sex": "F"}, {"Sex": "M"}], [1])
    with pytest.raises(FieldError, match="no column is the field"):
        prepare_parts(params, root, tmp_path / "parts", tmp_path / "kept")


def test_a_part_that_changes_meanwhile_is_noticed(root, params, rows, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    content = rows({}, {})
    to_csv(folder / "a.csv", content, list(content[0]))

    (folder / "b.csv").write_bytes((folder / "a.csv").read_bytes().replace(b"R1", b"R8").replace(b"R2", b"R9"))

    def meddle(what, done, total):
        if what.startswith("Writing") and done == 0:
            (folder / "b.csv").write_bytes((folder / "b.csv").read_bytes().replace(b"R8", b"R7"))

    with pytest.raises(ExtractError, match=r"b.csv has changed while it was read"):
        prepare_parts(params, root, folder, tmp_path / "kept", progress=meddle)
