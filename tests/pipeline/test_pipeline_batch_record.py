"""A finished run says what it was made from, and whether it still stands as it was left."""

from dataclasses import replace

import pytest

from fls_research.pipeline.batch import record
from fls_research.pipeline.batch.fingerprint import Fingerprint

MADE = Fingerprint(notebook="n", parameters="p", data="d", settings="s", code="c", versions="v")


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "run"
    (folder / "results").mkdir(parents=True)
    (folder / "results" / "tbl-a.csv").write_text("a\n", encoding="utf-8")
    (folder / "log.jsonl").write_text("{}\n", encoding="utf-8")
    record.write(folder, name="a b", notebook="notebooks/a.ipynb", parameters={"year": 2024}, fingerprint=MADE)
    return folder


def test_a_record_reads_as_it_was_written(place):
    told = record.read(place)
    assert (told.name, told.parameters, list(told.outputs)) == ("a b", {"year": 2024}, ["results/tbl-a.csv"])
    assert record.reason_to_run(place, MADE) == ""


def test_times_are_no_part_of_it(place):
    before = (place / record.FILE).read_bytes()
    (place / "log.jsonl").write_text('{"time": 1}\n', encoding="utf-8")
    record.write(place, name="a b", notebook="notebooks/a.ipynb", parameters={"year": 2024}, fingerprint=MADE)
    assert (place / record.FILE).read_bytes() == before and record.reason_to_run(place, MADE) == ""


def test_several_changes_are_all_told(place):
    words = record.reason_to_run(place, replace(MADE, data="e", versions="w"))
    assert words == "its data changed; the version of a library changed"


@pytest.mark.parametrize("harm", ["changed", "removed", "added"])
def test_outputs_touched_by_hand_are_made_again(place, harm):
    path = place / "results" / "tbl-a.csv"
    if harm == "removed":
        path.unlink()
    elif harm == "changed":
        path.write_text("b\n", encoding="utf-8")
    else:
        (place / "results" / "tbl-b.csv").write_text("b\n", encoding="utf-8")
    assert record.reason_to_run(place, MADE) == "an output is missing or was changed by hand"


@pytest.mark.parametrize("text", [None, "", "{", "[]", '{"name": "x"}'])
def test_a_folder_without_a_whole_record_counts_as_never_run(place, text):
    (place / record.FILE).unlink()
    if text is not None:
        (place / record.FILE).write_text(text, encoding="utf-8")
    assert record.reason_to_run(place, MADE) == "never run"
