"""A Publishable cannot be forged, changed, copied or carried elsewhere without being noticed."""

from __future__ import annotations

import ast
import copy
import pickle
from pathlib import Path

import pandas as pd
import pytest

import fls_research
from fls_research.disclosure import Publishable, Release, release_reference, verify
from fls_research.errors import DisclosureError


@pytest.fixture
def released() -> Publishable:
    return release_reference(pd.DataFrame({"kpi": ["kpi4", "kpi5"], "title": ["Assessed", "Scanned"]}))


def test_what_was_released_is_accepted(released: Publishable) -> None:
    assert verify(released) is released


def test_the_frame_is_a_copy(released: Publishable) -> None:
    taken = released.frame
    taken.loc[0, "title"] = "changed"
    assert released.frame.loc[0, "title"] == "Assessed"
    assert verify(released) is released


def test_the_frame_that_was_given_can_change_afterwards() -> None:
    given = pd.DataFrame({"kpi": ["kpi4"]})
    kept = release_reference(given)
    given.loc[0, "kpi"] = "kpi5"
    assert kept.frame.loc[0, "kpi"] == "kpi4"


@pytest.mark.parametrize("call", [Publishable, lambda: Publishable(pd.DataFrame(), None)])
def test_it_cannot_be_made_by_hand(call) -> None:
    with pytest.raises(DisclosureError, match="A Publishable is made by"):
        call()


@pytest.mark.parametrize("act", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_cannot_be_copied_or_pickled(released: Publishable, act) -> None:
    with pytest.raises(DisclosureError, match="cannot be pickled or copied"):
        act(released)


def test_it_cannot_be_subclassed() -> None:
    with pytest.raises(DisclosureError, match="subclassed"):
        type("Mine", (Publishable,), {})


def test_it_cannot_be_assigned_to(released: Publishable) -> None:
    with pytest.raises(DisclosureError, match="cannot be changed"):
        released._frame = pd.DataFrame()
    with pytest.raises(DisclosureError, match="cannot be changed"):
        del released._frame


def test_a_forgery_is_refused(released: Publishable) -> None:
    forged = object.__new__(Publishable)
    object.__setattr__(forged, "_frame", released.frame)
    object.__setattr__(forged, "_release", released.release)
    with pytest.raises(DisclosureError, match="was not issued"):
        verify(forged)


def test_a_table_altered_behind_its_back_is_refused(released: Publishable) -> None:
    released._frame.loc[0, "title"] = "changed"
    with pytest.raises(DisclosureError, match="altered"):
        verify(released)


def test_an_altered_policy_is_refused(released: Publishable) -> None:
    other = Release(kind="counts", policy=None, lane=None, level=None, labels=())
    object.__setattr__(released, "_release", other)
    with pytest.raises(DisclosureError, match="altered"):
        verify(released)


@pytest.mark.parametrize("thing", [pd.DataFrame({"a": [1]}), "text", None, 3])
def test_anything_else_is_refused(thing: object) -> None:
    with pytest.raises(DisclosureError, match="is not released"):
        verify(thing)


def test_where_keeps_rows_and_stays_released(released: Publishable) -> None:
    part = released.where(kpi=["kpi5"])
    assert verify(part).frame["title"].tolist() == ["Scanned"]
    assert part.release.rows == 1


def test_where_counts_suppressed_rows_anew() -> None:
    from fls_research.disclosure import release

    counts = pd.DataFrame(
        {"data_year": 2024, "kpi": "kpi4", "version": "v", "dimension": "sex", "group": ["f", "m", "u"],
         "numerator": [100.0, 3.0, 20.0], "denominator": [200.0, 50.0, 40.0]}
    )  # fmt: skip
    table = release(counts, policy="hes", lane="patient_group", level="below national")
    assert (table.release.suppressed, table.where(group="f").release.suppressed) == (2, 0)


def test_where_refuses_what_is_no_label(released: Publishable) -> None:
    with pytest.raises(DisclosureError, match="'kpis' is no label"):
        released.where(kpis="kpi5")
    with pytest.raises(DisclosureError, match="No row"):
        released.where(kpi="kpi6")


def test_only_the_disclosure_room_seals_tables() -> None:
    package = Path(fls_research.__file__).parent
    for path in package.rglob("*.py"):
        if path.parent.name == "disclosure":
            continue
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fls_research.disclosure")
            for alias in node.names
        }
        assert not names & {"issue", "_ISSUED"}, path
