"""Guidelines are cited only in the data years in which they stood."""

from __future__ import annotations

import pytest

from fls_research.errors import ParamsError
from fls_research.kpi.standards import BY_NAME, STANDARDS, standards_in


@pytest.mark.parametrize(
    ("old", "new"), [("NICE CG161", "NICE NG249"), ("NICE CG146", "NICE NG259"), ("NOGG 2021", "NOGG 2024")]
)
def test_a_replaced_guideline_gives_way_in_the_next_year(old, new):
    last = BY_NAME[old].last_year
    assert BY_NAME[old].replaced_by == new
    assert standards_in((old, new), last) == (old,)
    assert standards_in((old, new), last + 1) == (new,)


def test_names_are_unique_and_replacements_exist():
    assert len(BY_NAME) == len(STANDARDS)
    assert all(standard.replaced_by in {"", *BY_NAME} for standard in STANDARDS)


def test_a_misspelt_guideline_is_refused_with_a_hint():
    with pytest.raises(ParamsError, match="did you mean 'NICE NG249'"):
        standards_in(("NICE CG249",), 2024)
