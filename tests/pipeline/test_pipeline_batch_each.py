"""For whom a notebook runs: all places or years, or those asked for, and a clear word for what is not there."""

import pandas as pd
import pytest

from fls_research.errors import UsageError
from fls_research.pipeline.batch.each import Each, choices_of_places, choices_of_years, each_of, place_named
from fls_research.pipeline.materials import Materials
from fls_research.pipeline.notebook import Parameter, Schema

SCHEMA = Schema("90_service.ipynb", (Parameter("year", "int"), Parameter("service", "str"), Parameter("place", "str")))
PLACES = pd.DataFrame(
    [
        ("AA0", "service", "Ash FLS", "England", "QKK", "Y56", 700),
        ("AB0", "service", "Beech FLS", "England", "QMF", "Y56", 90),
        ("NO", "service", "Cedar FLS", "Wales", "7A1", "W92", 400),
        ("QKK", "area", "NHS South East London Integrated Care Board", "England", "QKK", "Y56", 700),
        ("QMF", "area", "NHS North East London Integrated Care Board", "England", "QMF", "Y56", 90),
        ("Y56", "region", "London", "England", "", "Y56", 790),
    ],
    columns=["code", "kind", "name", "nation", "area_code", "region_code", "records"],
)


@pytest.fixture
def materials(tmp_path):
    PLACES.to_parquet(tmp_path / "places.parquet", index=False)
    return Materials(tmp_path)


@pytest.fixture
def codes(materials):
    def found(*each, **how):
        return [choice.code for choice in choices_of_places(SCHEMA, materials, each or [Each.SERVICE], **how)]

    return found


def test_every_place_of_a_kind_in_order(codes):
    assert codes() == ["AA0", "AB0", "NO"]
    assert codes(Each.ICB, Each.REGION) == ["QKK", "QMF", "Y56"]


def test_each_kind_fills_the_parameter_made_for_it(materials):
    service, board = choices_of_places(SCHEMA, materials, [Each.SERVICE, Each.ICB], only=["NO", "QKK"])
    assert (service.parameters, board.parameters) == ({"service": "NO"}, {"place": "QKK"})
    assert board.title == "NHS South East London Integrated Care Board"


@pytest.mark.parametrize("only", [["AA0"], ["aa0"], [" Ash FLS "], ["ash fls"], ["ash"]])
def test_a_place_is_known_by_code_name_or_part_of_its_name(codes, only):
    assert codes(only=only) == ["AA0"]


@pytest.mark.parametrize(("only", "message"), [
    (["AA9"], r"There is no place 'AA9' in this edition; did you mean 'AA0'\?"),
    (["fls"], r"'fls' is part of several names: Ash FLS, Beech FLS, Cedar FLS; give a code or a whole name"),
    ([""], "There is no place ''"),
])  # fmt: skip
def test_a_place_that_is_not_there_or_not_clear_is_refused(codes, only, message):
    with pytest.raises(UsageError, match=message):
        codes(only=only)


@pytest.mark.parametrize(("where", "found"), [
    ("nation == 'Wales'", ["NO"]),
    ("records >= 400 and nation != 'Wales'", ["AA0"]),
    ("region_code in ['Y56'] and not records > 500", ["AB0"]),
    ("", ["AA0", "AB0", "NO"]),
])  # fmt: skip
def test_a_condition_chooses_among_places(codes, where, found):
    assert codes(where=where) == found


@pytest.mark.parametrize(("where", "message"), [
    ("nation = 'Wales'", "cannot be read; write a condition"),
    ("nations == 'Wales'", r"there is no column 'nations'; did you mean 'nation'\?"),
    ("nation.str.len() > 2", "only comparisons joined by and, or, not are read"),
    ("__import__('os')", "only comparisons joined by and, or, not are read"),
    ("os == 1", "there is no column 'os'"),
    ("name", "is no condition on the places"),
    ("records > 'x'", "is no condition on the places"),
    ("nation == 'Scotland'", "no place fulfils it"),
])  # fmt: skip
def test_a_condition_that_is_none_is_refused(codes, where, message):
    with pytest.raises(UsageError, match=message):
        codes(where=where)


def test_a_notebook_without_the_parameter_cannot_run_for_each(materials):
    schema = Schema("20_a.ipynb", (Parameter("year", "int"),))
    with pytest.raises(UsageError, match=r"20_a.ipynb: cannot run for each service; it has no parameter 'service'"):
        choices_of_places(schema, materials, [Each.SERVICE])


def test_years_are_those_with_settings():
    assert [c.parameters for c in choices_of_years(SCHEMA, [2023, 2024], [])] == [{"year": 2023}, {"year": 2024}]
    assert [c.code for c in choices_of_years(SCHEMA, [2023, 2024], ["2024"])] == ["2024"]
    with pytest.raises(UsageError, match="there are no settings for '2019'"):
        choices_of_years(SCHEMA, [2023, 2024], ["2019"])


def test_a_region_is_found_among_boards_and_regions(materials):
    assert place_named(materials, "london") == ("Y56", "London")
    assert place_named(materials, "north east") == ("QMF", "NHS North East London Integrated Care Board")
    with pytest.raises(UsageError, match="There is no place 'AA0'"):
        place_named(materials, "AA0")


def test_metadata_say_for_whom_a_notebook_is():
    assert each_of("service") == (Each.SERVICE,) and each_of("year") == () == each_of("")
