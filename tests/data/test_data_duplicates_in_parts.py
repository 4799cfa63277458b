"""Duplicates are the same whether the rows lie in one frame or in parts."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fls_research.data.duplicates import find_duplicates
from fls_research.data.duplicates_in_parts import PrintsOfParts

cells = st.sampled_from(["x", "y", None])
rows = st.tuples(st.sampled_from("AB"), st.sampled_from(["1", "2", None]), cells, cells, st.booleans(), st.booleans())


def settled(table, cuts, key):
    """The three masks over all parts, and the sizes."""
    with tempfile.TemporaryDirectory() as folder:
        prints = PrintsOfParts(Path(folder))
        parts = [table.iloc[first:last] for first, last in zip([0, *cuts], [*cuts, len(table)], strict=True)]
        for part in parts:
            frame = part[["unit", "id", "a", "b"]].astype(object).astype("category")
            among, left = part["among"].to_numpy(), (part["among"] & part["left"]).to_numpy()
            year = pd.Series(2024, index=part.index, dtype="Int16")
            prints.add(frame, service="unit", key=key, among=among, left=left, data_year=year)
        found = prints.settle()
    each = [found.of_part(number, len(part)) for number, part in enumerate(parts)]
    masks = [np.concatenate([getattr(one, name) for one in each]) for name in ("copies", "superseded", "twins")]
    return masks, found.sizes


@settings(deadline=None, max_examples=60)
@given(st.lists(rows, max_size=14), st.lists(st.integers(0, 14), max_size=3), st.sampled_from(["id", None]))
def test_parts_settle_as_one_frame_does(content, cuts, key):
    table = pd.DataFrame(content, columns=["unit", "id", "a", "b", "among", "left"]).astype(
        {"among": bool, "left": bool}
    )
    cuts = sorted(min(cut, len(table)) for cut in cuts)
    frame = table[["unit", "id", "a", "b"]].astype(object).astype("category")
    whole = find_duplicates(frame, service="unit", key=key, among=table["among"].to_numpy())
    masks, sizes = settled(table, cuts, key)
    assert [mask.tolist() for mask in masks] == [m.tolist() for m in (whole.copies, whole.superseded, whole.twins)]
    stay = table["among"] & table["left"] & ~whole.copies & ~whole.superseded
    expected = table[stay].groupby("unit").size().to_dict()
    assert {code: int(number) for (code, _), number in sizes.items()} == expected
