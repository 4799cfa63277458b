"""The register of published values is read strictly, and holds what the audit has printed."""

from pathlib import Path

import pytest

from fls_research.data.published import COLUMNS, load_published
from fls_research.errors import ParamsError

ROOT = Path(__file__).parents[2]
HEAD = ",".join(COLUMNS)


def project(tmp_path, *lines, head=HEAD):
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "published.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return tmp_path


def test_a_percentage_is_a_proportion_with_its_printed_decimals(tmp_path):
    root = project(
        tmp_path,
        "2022,kpi10,national,all,percent,30.0,,,s,report-2023,",
        "2021,kpi5,services,all,at-least-80,,1,69,s,report-2022,",
        "2024,,facilities,all,no-consultant-sessions,17,,,s,report-2024,",
    )
    rows = load_published(root)
    assert rows["published"].round(4).tolist() == [0.3, 0.0145, 17]
    assert rows["decimals"].tolist() == [1, 0, 0]
    assert rows["unit"].tolist() == ["percent", "percent", "count"]


@pytest.mark.parametrize(("line", "message"), [
    ("2022,kpi4,national,all,percent,,,,s,report-2022,", "line 2: holds neither a value nor a numerator"),
    ("2022,kpi4,national,all,percent,64%,,,s,report-2022,", "line 2: 'value' is no plain number"),
    ("2022,kpi4,national,all,percent,64,,,s,2024,", "line 2: needs a vintage"),
])  # fmt: skip
def test_a_broken_row_is_named_by_its_line(tmp_path, line, message):
    with pytest.raises(ParamsError, match=message):
        load_published(project(tmp_path, line))


def test_a_value_stands_once_in_each_vintage(tmp_path):
    line = "2022,kpi4,national,all,percent,64,,,s,report-2022,"
    with pytest.raises(ParamsError, match="line 3: repeats"):
        load_published(project(tmp_path, line, line))


def test_a_missing_column_or_file_is_named(tmp_path):
    with pytest.raises(ParamsError, match="column 'note' is missing"):
        load_published(project(tmp_path, head=HEAD.removesuffix(",note")))
    with pytest.raises(ParamsError, match="there is no such file"):
        load_published(tmp_path / "elsewhere")


def test_a_restated_value_stands_there_with_both_vintages():
    rows = load_published(ROOT)
    kpi10 = rows[(rows["kpi"] == "kpi10") & (rows["data_year"] == 2022) & (rows["statistic"] == "percent")]
    national = kpi10[kpi10["dimension"] == "national"].set_index("vintage")["published"]
    assert national.round(3).to_dict() == {"report-2022": 0.31, "report-2023": 0.3}


def test_every_value_has_a_source():
    assert (load_published(ROOT)["source"] != "").all()


def test_a_value_is_restated_only_by_a_later_report_that_gives_another(tmp_path):
    def line(value, vintage, year=2022):
        return f"{year},kpi4,national,all,percent,{value},,,s,{vintage},"

    rows = load_published(
        project(
            tmp_path,
            line("31", "report-2022"),
            line("30.0", "report-2023"),
            line("65", "report-2022", 2021),
            line("65.4", "report-2023", 2021),
        )
    )
    assert rows["restated_in"].tolist() == ["report-2023", "", "", ""]
