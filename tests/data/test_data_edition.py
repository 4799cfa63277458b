"""A cohort gives its years one by one, and prints without a patient."""


def test_a_year_is_a_part_of_the_fractures(cohort_of):
    cohort = cohort_of({"1.09 Date Index Frac Diagnosed": "01/05/2023"}, {"Unit code": "010"})
    assert cohort.years == (2023, 2024)
    assert cohort.year(2024)["record_id"].tolist() == ["R1", "R3"]
    assert cohort.year(2024).index.tolist() == [0, 1]
    assert cohort.year(2019).empty and list(cohort.year(2019)) == list(cohort.fractures)


def test_what_prints_of_a_cohort_is_not_its_rows(cohort_of):
    text = repr(cohort_of())
    assert "extract.csv" in text and "Alendronate" not in text and "wrist" not in text
