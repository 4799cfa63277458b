"""Who is in: data years, nations and size of the service; an unknown service and an empty year stop the run."""

import pytest

from fls_research.data.cohort import prepare
from fls_research.data.inclusion import analysed_years
from fls_research.errors import EmptyYear, UnknownService

INDEX = "1.09 Date Index Frac Diagnosed"


def test_the_year_before_the_earliest_is_there_for_kpi_11(params):
    assert analysed_years(params) == (2022, 2023, 2024)
    assert analysed_years(params.model_copy(update={"comparison_years": ()})) == (2023, 2024)


def test_records_of_every_analysed_year_are_kept(cohort_of):
    dates = ["31/12/2021", "01/01/2022", "31/12/2022", "15/06/2023", "31/12/2024", "01/01/2025"]
    cohort = cohort_of(*({INDEX: date} for date in dates))
    assert cohort.years == (2022, 2023, 2024)
    assert cohort.fractures["data_year"].value_counts().to_dict() == {2022: 2, 2024: 2, 2023: 1}
    assert cohort.flow.set_index("reason")["rows"]["other-year"] == 2
    assert cohort.source.years_present == {2021: 1, 2022: 2, 2023: 1, 2024: 2, 2025: 1}


def test_a_small_service_is_left_out_year_by_year(root, params, write, rows):
    many = params.model_copy(update={"min_records": 3})
    changes = (
        [{}] * 3 + [{"Unit code": "010"}] * 2 + [{INDEX: f"{day:02d}/05/2023", "Unit code": "010"} for day in (1, 2, 3)]
    )
    cohort = prepare(many, root, write(rows(*changes)))
    sizes = cohort.fractures.groupby(["service_code", "data_year"], observed=True).size().to_dict()
    assert sizes == {("NO", 2024): 3, ("010", 2023): 3}
    assert cohort.flow.set_index("reason")["rows"]["service-too-small"] == 2


def test_size_is_counted_after_every_other_rule(root, params, write, rows):
    two = params.model_copy(update={"min_records": 2})
    changes = [{}, {}, {"Unit code": "010"}, {"Unit code": "010", "Age Frac diagnosed": "40"}]
    cohort = prepare(two, root, write(rows(*changes)))
    assert cohort.fractures["service_code"].tolist() == ["NO", "NO"]


def test_an_unknown_service_stops_the_run_with_up_to_five_codes(cohort_of):
    with pytest.raises(UnknownService) as error:
        cohort_of(*({"Unit code": f"X{number}"} for number in range(7)))
    message = str(error.value)
    assert "does not hold 7 service codes (7 rows)" in message and "and 2 more" in message and "'X4'" in message
    assert "'X5'" not in message


@pytest.mark.parametrize(("code", "right"), [("10", "010"), ("5e1", "5E1"), ("no", "NO")])
def test_a_code_that_a_spreadsheet_has_changed_is_recognised(cohort_of, code, right):
    with pytest.raises(UnknownService, match=f"'{right}'"):
        cohort_of({"Unit code": code})


def test_what_is_no_code_is_not_shown(cohort_of):
    with pytest.raises(UnknownService) as error:
        cohort_of({"Unit code": "Ada Byron"})
    assert "Ada" not in str(error.value) and "one that is no code" in str(error.value)


def test_a_year_without_records_names_the_years_there_are(root, params, write, rows):
    path = write(rows({INDEX: "01/05/2023"}, {INDEX: "01/05/2021"}))
    with pytest.raises(EmptyYear, match=r"extract\.csv: no record of 2024; it holds 2021, 2023\."):
        prepare(params, root, path)


def test_a_year_of_which_nothing_is_left_says_why(root, params, write, rows):
    many = params.model_copy(update={"min_records": 50})
    with pytest.raises(EmptyYear, match=r"of 2 rows of 2024 none is left .* fewer than 50 records"):
        prepare(many, root, write(rows({}, {})))


def test_an_extract_without_any_readable_date_says_so(root, params, write, rows):
    with pytest.raises(EmptyYear, match="no row has a date of fracture that can be read; write dates as"):
        prepare(params, root, write(rows({INDEX: "12/25/2024"})))
