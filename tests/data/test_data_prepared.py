"""A cohort on disk is the one that was stored, whole or not there; its name changes with what it is made of."""

import json
import os

import pandas as pd
import pytest

from fls_research.data.cohort import load, open_prepared, prepared_key, store
from fls_research.data.prepared import forget_old, is_prepared
from fls_research.errors import ExtractError, ExtractNotFound


@pytest.fixture
def cohort(cohort_of):
    return cohort_of(
        {"Unit code": "010", "3.03 DateofDXA": "01/01/2024"},
        {"Unit code": "5E1", "1.09 Date Index Frac Diagnosed": "01/05/2023", "Age Frac diagnosed": "91"},
        {"Age Frac diagnosed": ""},
    )


def test_what_is_loaded_is_what_was_stored(cohort, tmp_path):
    again = load(store(cohort, tmp_path / "kept"))
    for name in ("fractures", "flow", "flow_by_year", "issues"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(cohort, name))
    pd.testing.assert_frame_equal(again.register.services, cohort.register.services)
    pd.testing.assert_frame_equal(again.register.geography, cohort.register.geography)
    pd.testing.assert_frame_equal(again.register.for_year(2024), cohort.register.for_year(2024))
    assert again.params == cohort.params and again.source == cohort.source


def test_storing_replaces_and_leaves_nothing_beside(cohort, tmp_path):
    store(cohort, tmp_path / "kept")
    store(cohort, tmp_path / "kept")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".", "kept"))] == ["kept"]


def test_a_store_that_fails_leaves_what_was_there(cohort, tmp_path):
    store(cohort, tmp_path / "kept")
    broken = type(cohort)(**{**cohort.__dict__, "issues": pd.DataFrame({"a": [object()]})})
    with pytest.raises(Exception, match="object"):
        store(broken, tmp_path / "kept")
    assert len(load(tmp_path / "kept").fractures) == len(cohort.fractures)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".", "kept"))] == ["kept"]


def test_notebooks_open_it_by_a_path_in_the_project(cohort, root):
    store(cohort, root / "cache" / "one")
    assert len(open_prepared("cache/one", root).fractures) == len(cohort.fractures)


def test_nothing_and_something_damaged_are_told_apart(cohort, tmp_path):
    with pytest.raises(ExtractNotFound, match="no prepared cohort in gone"):
        load(tmp_path / "gone")
    folder = store(cohort, tmp_path / "kept")
    (folder / "issues.parquet").write_bytes(b"x")
    with pytest.raises(ExtractError, match="kept is damaged"):
        load(folder)
    facts = folder / "cohort.json"
    facts.write_text(json.dumps({"params": {}}), encoding="utf-8")
    with pytest.raises(ExtractError, match="kept is damaged"):
        load(folder)


def test_the_name_depends_on_everything_it_is_made_of(root, params, write, rows):
    path = write(rows({}))
    first = prepared_key(params, root, path)
    assert prepared_key(params, root, path) == first
    keys = {first, prepared_key(params.model_copy(update={"min_records": 2}), root, path)}
    for name in ("services.csv", "geography.csv"):
        file = root / "params" / name
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        keys.add(prepared_key(params, root, path))
    write(rows({}, {}))
    keys.add(prepared_key(params, root, path))
    assert len(keys) == 5


def test_of_two_processes_that_prepare_the_same_the_first_ones_stays(cohort, tmp_path):
    folder = tmp_path / "a"
    store(cohort, folder)
    (folder / "mark").touch()
    assert store(cohort, folder, unless=lambda: is_prepared(folder)) == folder
    assert (folder / "mark").exists() and not list(tmp_path.glob(".*"))
    store(cohort, folder)
    assert not (folder / "mark").exists()


def test_the_cohorts_used_longest_ago_are_forgotten(cohort, tmp_path):
    for place, name in enumerate("abcd"):
        store(cohort, tmp_path / "cache" / name)
        os.utime(tmp_path / "cache" / name, ns=(place, place))
    (tmp_path / "cache" / "mine").mkdir()
    os.utime(tmp_path / "cache" / "a", ns=(9, 9))
    forget_old(tmp_path / "cache", keep=2)
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["a", "d", "mine"]
