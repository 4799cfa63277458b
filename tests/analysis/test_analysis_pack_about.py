"""What a pack says of itself."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fls_research.analysis.pack_about import levels_in_words, provenance, short_definitions, title, whereabouts
from fls_research.disclosure import release_reference
from fls_research.kpi.definitions import headline_for
from fls_research.params import load_year


def place(kind, *, nation="England", area="NHS Devon", region="South West"):
    return SimpleNamespace(kind=kind, name="Here", nation=nation, area_name=area, region_name=region)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (place("service"), "NHS Devon, South West, England"),
        (place("service", nation="Wales", area="Hywel Dda", region="Wales"), "Hywel Dda, Wales"),
        (place("region"), "England"),
        (place("region", nation="Wales", region="Wales"), "the whole of Wales"),
    ],
)
def test_a_place_is_found_in_words_and_no_word_comes_twice(where, words) -> None:
    assert whereabouts(where) == words


def test_every_kpi_of_places_is_defined_in_a_line() -> None:
    told = short_definitions(2024)
    asked = [record.question for record in headline_for(2024) if record.number > 1]
    assert told["question"].tolist() == asked


def test_the_cut_points_of_every_kpi_are_in_the_sentence() -> None:
    words = levels_in_words(2024)
    assert words.startswith("Levels: amber from 50%, green from 80%;")
    assert "KPI 7 green from 50%" in words


def test_the_foot_names_the_records_and_not_the_extract() -> None:
    told = provenance(load_year(2024), synthetic=True, fingerprint="0123456789abcdef", notebook="90_service")
    values = dict(zip(told["what"], told["value"], strict=True))
    assert values["Records of this place"] == "fingerprint 0123456789ab"
    assert "Extract" not in values
    release_reference(told)


def test_the_title_is_the_name_of_the_place() -> None:
    assert title(place("region")).values.tolist() == [["Here", "England"]]
