"""Released tables as they are read."""

from __future__ import annotations

import pandas as pd
import pytest

from fls_research.disclosure import release, release_reference
from fls_research.errors import DisclosureError
from fls_research.outputs import tables


def test_a_bare_frame_is_refused(national_counts: pd.DataFrame) -> None:
    with pytest.raises(DisclosureError, match="is not released"):
        tables.table(national_counts, columns={"kpi": "KPI"})


def test_an_altered_table_is_refused(national_counts: pd.DataFrame) -> None:
    released = release(
        national_counts, policy="hes", lane="patient_group", level="national", labels=["title", "target"]
    )
    released._frame.loc[0, "numerator"] = 1
    with pytest.raises(DisclosureError, match="altered"):
        tables.table(released, columns={"kpi": "KPI"})


def test_usual_formats(national) -> None:
    made = tables.table(
        national.where(kpi="kpi4", data_year=2024),
        columns={"kpi": "KPI", "title": "Measure", "data_year": "Year", "target": "Aim", "numerator": "Met",
                 "denominator": "Patients", "unknown": "Unknown", "proportion": "Per cent", "interval": "95% interval"},
    )  # fmt: skip
    assert made.rows == (
        ("KPI 4", "Assessed within 90 days", "2024", "80%", "55,200", "80,000", "120", "69%", "69 to 69"),
    )
    assert made.right == (False, False, True, True, True, True, True, True, True)
    assert made.notes == ()


def test_what_is_hidden_says_so_and_the_sign_is_explained(groups) -> None:
    made = tables.table(groups, columns={"group": "Quintile", "denominator": "Patients", "proportion": "Treated"})
    assert made.rows[0] == ("1", "[c]", "[c]")
    assert made.rows[2] == ("3", "[c]", "[c]")
    assert made.rows[1] == ("2", "1,010", "53%")
    assert made.notes == ("[c] held back because the number is small.",)


def test_counts_that_a_service_does_not_show_are_held_back_and_not_missing(strips) -> None:
    made = tables.table(strips.where(group="S20"), columns={"numerator": "Met", "proportion": "Per cent"})
    assert made.rows == (("[c]", "50%"),)


def test_nobody_eligible_and_not_available_are_told_apart() -> None:
    counts = pd.DataFrame(
        {"data_year": 2024, "kpi": "kpi4", "version": "v", "dimension": "nation", "group": ["England", "Wales", "x"],
         "numerator": [0.0, None, 106.0], "denominator": [0.0, 50.0, 100.0]}
    )  # fmt: skip
    released = release(counts, policy="hes", lane="patient_group", level="national")
    made = tables.table(released, columns={"numerator": "Met", "proportion": "Per cent", "interval": "Interval"})
    assert made.rows == (("0", "[z]", "[z]"), ("[x]", "[x]", "[x]"), ("106", "106%", "[z]"))
    assert made.notes == ("[x] not available; [z] not applicable.",)


def test_a_format_of_ones_own_and_a_note(national) -> None:
    made = tables.table(
        national.where(kpi="kpi4", data_year=2024),
        columns={"proportion": "%"},
        formats={"proportion": tables.PERCENT_1},
        note="Records of 2024.",
    )
    assert made.rows == (("69.0%",),)
    assert made.notes == ("Records of 2024.",)


def test_rows_are_sorted_by_the_number_of_the_kpi(national) -> None:
    made = tables.table(national.where(data_year=2024), columns={"kpi": "KPI"}, sort=["kpi"])
    assert [row[0] for row in made.rows] == ["KPI 2", "KPI 4", "KPI 7", "KPI 10"]


def test_an_unknown_column_is_refused_with_a_hint(national) -> None:
    with pytest.raises(DisclosureError, match="did you mean 'title'"):
        tables.table(national, columns={"titel": "Measure"})


def test_a_colour_is_never_only_a_colour() -> None:
    released = release_reference(pd.DataFrame({"kpi": ["kpi4"], "colour": ["Amber"]}))
    assert tables.table(released, columns={"colour": "Level"}).rows == (("● Amber",),)


def test_the_national_table(national, services) -> None:
    made = tables.kpi_table(national, year=2024, before=2023, services=services, also={"target": "Aim"})
    assert made.headings == (
        "KPI", "Measure", "Aim", "2023", "2024", "Change (points)", "95% interval", "Services at green"
    )  # fmt: skip
    assert made.rows == (
        ("KPI 2", "Non-spine fractures identified", "80%", "55%", "50%", "−5", "50 to 50", "1 of 77"),
        ("KPI 4", "Assessed within 90 days", "80%", "65%", "69%", "+4", "69 to 69", "28 of 77"),
        ("KPI 7", "Bone treatment recommended", "[z]", "59%", "57%", "−2", "57 to 57", "[z]"),
        ("KPI 10", "Treatment started by 16 weeks", "80%", "35%", "37%", "+2", "37 to 37", "[z]"),
    )


def test_a_change_of_definition_is_no_change_of_care(national) -> None:
    made = tables.kpi_table(national, year=2022, before=2021)
    assert made.rows[0][4] == "[b]"
    assert made.notes[0].startswith("[b] the definition changed")


def test_a_year_without_data_is_not_available(national) -> None:
    assert {row[2:5:2] for row in tables.kpi_table(national, year=2021, before=2020).rows} == {("[x]", "[x]")}


def test_the_hidden_year_hides_the_change() -> None:
    counts = pd.DataFrame(
        {"data_year": [2023, 2024], "kpi": "kpi4", "version": "v", "dimension": "national", "group": "all",
         "title": "Assessed", "numerator": [3, 50], "denominator": 100}
    )  # fmt: skip
    released = release(counts, policy="opensafely", lane="patient_group", level="national", labels=["title"])
    assert tables.kpi_table(released, year=2024, before=2023).rows[0][2:5] == ("[c]", "50%", "[c]")


def test_a_notebook_gets_markdown_and_text_only(national) -> None:
    made = tables.kpi_table(national, year=2024, before=2023, note="A note with a | in it.")
    bundle = made._repr_mimebundle_()
    assert set(bundle) == {"text/markdown", "text/plain"}
    assert bundle["text/markdown"].startswith("| KPI | Measure |")
    assert "A note with a \\| in it." in bundle["text/markdown"]


def test_synthetic_tables_say_so(flow_of_rows) -> None:
    made = tables.table(flow_of_rows, columns={"label": "Step", "rows": "Rows"})
    assert made.notes[-1] == tables.SYNTHETIC_NOTE
    assert made.rows[0] == ("Rows read", "84,712")
