"""The register is read by date, keeps codes as text, and says what is wrong by file, line and column."""

import datetime as dt

import pytest

from fls_research.data.register import load_register, read_register
from fls_research.errors import ParamsError


@pytest.fixture
def register(root, params):
    return load_register(root, params)


@pytest.fixture
def changed(root):
    """Read the register after a replacement in one of its files."""

    def read(name, old, new):
        path = root / "params" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return read_register(root / "params" / "services.csv", root / "params" / "geography.csv")

    return read


def test_codes_that_look_like_something_else_survive(register):
    assert {"NO", "010", "5E1"} <= register.codes


def test_a_service_is_what_it_was_on_the_day(register):
    before = register.valid_on(dt.date(2022, 12, 31)).set_index("service_code")
    after = register.valid_on(dt.date(2023, 1, 1)).set_index("service_code")
    assert before.loc["NO", ["service_name", "hip_fractures"]].tolist() == ["Northmoor FLS", 400]
    assert after.loc["NO", ["service_name", "hip_fractures"]].tolist() == ["Northmoor and Vale FLS", 420]
    assert after.loc["5E1", ["area_name", "region_name"]].tolist() == ["Cwm Taf Morgannwg", "Wales"]


def test_a_service_that_closed_in_the_year_is_in_it_as_it_last_stood(register):
    assert "OLD" in set(register.for_year(2022)["service_code"])
    assert "OLD" not in set(register.for_year(2023)["service_code"])


def test_each_service_stands_once_in_a_year(register):
    assert register.for_year(2024)["service_code"].is_unique
    assert register.for_year(2024)["service_code"].is_monotonic_increasing


def test_caseload_follows_the_period(register):
    by_year = {year: register.caseload(year).set_index("service_code")["hip_fractures"]["NO"] for year in (2022, 2023)}
    assert by_year == {2022: 400, 2023: 420}
    assert register.caseload(2024).columns.tolist() == ["service_code", "hip_fractures", "caseload_source"]


def test_a_caseload_may_be_unknown(changed):
    register = changed("services.csv", ",300,NHFD", ",,NHFD")
    assert register.caseload(2024).set_index("service_code")["hip_fractures"].isna().to_dict()["010"]


def test_an_area_with_a_new_code_of_its_own_in_2026_is_told_apart_by_day(changed):
    register = changed(
        "geography.csv",
        "QKK,E54000030,South East London,,icb,England,Y56,2016-01-01,",
        "QKK,E54000030,South East London,,icb,England,Y56,2016-01-01,2023-12-31\n"
        "QKK,E54000099,South London,,icb,England,Y56,2024-01-01,",
    )
    names = {year: register.for_year(year).set_index("service_code")["area_name"]["010"] for year in (2023, 2024)}
    assert names == {2023: "South East London", 2024: "South London"}


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("services.csv", "hip_fractures", "hips", "services.csv: the column 'hip_fractures' is missing"),
        ("services.csv", ",300,", ",-300,", "services.csv, line 4: 'hip_fractures' must be a whole number"),
        ("services.csv", ",300,", ",3e2,", "services.csv, line 4: 'hip_fractures' must be a whole number"),
        ("services.csv", "2023-01-01", "01/01/2023", "services.csv, line 3: 'valid_from' must be a date"),
        ("services.csv", "2023-01-01", "", "services.csv, line 3: 'valid_from' must be a date"),
        ("services.csv", "2022-06-30", "2022-06-31", "services.csv, line 7: 'valid_to' must be a date"),
        ("services.csv", "2022-06-30", "2015-06-30", "services.csv, line 7: 'valid_to' comes before 'valid_from'"),
        ("services.csv", "2023-01-01", "2022-12-31", "'NO' already stands there for part of the same period"),
        ("services.csv", "2022-12-31", "", "'NO' already stands there for part of the same period"),
        ("services.csv", "010,Tenfold", "5E1,Tenfold", "'5E1' already stands there"),
        ("services.csv", "010,Tenfold", ",Tenfold", "services.csv, line 4: 'code' is blank"),
        ("services.csv", ",QKK,", ",QZZ,", "services.csv, line 4: area_code 'QZZ' does not stand in geography.csv"),
        ("services.csv", ",7A5,W92000004", ",7A5,Y56", "'region_code' is not the region that geography.csv gives"),
        ("services.csv", "5E1,Cwm FLS,Wales", "5E1,Cwm FLS,Scotland", "line 5: 'nation' must be one of England"),
        ("services.csv", ",300,NHFD", ",300,guess", "line 4: 'caseload_source' must be one of registered, NHFD"),
        ("geography.csv", "England,Y56,2016-01-01,\nY63", "England,Y56,2016-01-01,\nY99", "region_code 'Y63'"),
        ("geography.csv", "QKK,E54000030,South East London,,icb,England,Y56,2016-01-01,",
         "QKK,E54000030,South East London,,icb,England,Y56,2016-01-01,2026-03-31",
         "line 4: geography.csv does not hold area_code 'QKK' for the whole of the period"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_by_file_line_and_column(changed, name, old, new, message):
    if name == "geography.csv" and "Y99" in new:
        old, new = "Y63,E40000012", "Y99,E40000012"
    with pytest.raises(ParamsError) as error:
        changed(name, old, new)
    assert message in str(error.value)


def test_a_missing_register_is_named(root, params):
    (root / "params" / "geography.csv").unlink()
    with pytest.raises(ParamsError, match=r"geography.csv: there is no such file in params/"):
        load_register(root, params)


def test_a_register_without_rows_is_named(root, params):
    path = root / "params" / "services.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    with pytest.raises(ParamsError, match=r"services.csv: holds no row"):
        load_register(root, params)
