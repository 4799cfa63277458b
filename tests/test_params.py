"""Settings are read strictly: what YAML would quietly turn into something else is refused or kept as typed."""

import pytest

from fls_research import params
from fls_research.errors import ParamsError

GOOD = """\
year: 2024
title: "T"
subtitle: "S"
published: "January 2026"
data_lock: 2025-06-30
extract: data/x.csv
register: params/services.csv
policy: hes
min_records: 50
comparison_years: [2022, 2023]
provenance:
  deprivation: {England: "IMD 2019"}
  geography: "42 boards"
seed: 1
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "_quarto.yml").write_text("project:\n", encoding="utf-8")
    (tmp_path / "params").mkdir()

    def write(text=GOOD, year=2024):
        (tmp_path / "params" / f"{year}.yml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_every_committed_year_loads():
    root = params.project_root()
    years = sorted(int(p.stem) for p in (root / "params").glob("20??.yml"))
    assert years == [2021, 2022, 2023, 2024]
    for year in years:
        settings = params.load_year(year, root)
        assert settings.years[-1] == year
        assert settings.data_lock > settings.last_day


def test_settings_are_frozen(project):
    settings = params.load_year(2024, project())
    with pytest.raises(ValueError):
        settings.min_records = 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("min_records: 50", "min_record: 50"), "unknown key 'min_record'; did you mean 'min_records'?"),
        (("policy: hes\n", ""), "key 'policy' is missing"),
        (("policy: hes", "policy: none"), "'policy'"),
        (("min_records: 50", "min_records: fifty"), "'min_records'"),
        (("min_records: 50", 'min_records: "50"'), "'min_records'"),
        (("seed: 1", "seed: 1\nseed: 2"), "key 'seed' stands there twice"),
        (("year: 2024", "year: 2023"), "'year' says 2023"),
        (("  geography:", "  geographie:"), "did you mean 'geography'?"),
        (("title:", "title: ["), "not valid YAML"),
    ],
)
def test_a_wrong_setting_is_one_sentence_with_file_and_key(project, change, says):
    with pytest.raises(ParamsError) as caught:
        params.load_year(2024, project(GOOD.replace(*change)))
    message = str(caught.value)
    assert says in message
    assert message.startswith("2024.yml")
    assert "\n" not in message


def test_a_year_without_settings_names_the_years_there_are(project):
    with pytest.raises(ParamsError, match=r"No settings for 2031.*there are: 2024"):
        params.load_year(2031, project())


def test_codes_stay_as_typed(tmp_path):
    path = tmp_path / "codes.yml"
    path.write_text("codes: [NO, 010, 5E1, 12:30, yes, 7]\n", encoding="utf-8")
    assert params.read_yaml(path)["codes"] == ["NO", "010", "5E1", "12:30", "yes", 7]


def test_the_root_is_found_from_a_folder_below(project, monkeypatch):
    root = project()
    below = root / "notebooks" / "deep"
    below.mkdir(parents=True)
    monkeypatch.delenv("FLS_ROOT", raising=False)
    assert params.project_root(below) == root.resolve()


def test_a_wrong_fls_root_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("FLS_ROOT", str(tmp_path))
    with pytest.raises(ParamsError, match="FLS_ROOT"):
        params.project_root()


def test_packs_have_their_usual_settings_where_there_is_no_file(tmp_path) -> None:
    (tmp_path / "params").mkdir()
    assert params.load_packs(tmp_path).shares == (0.8, 0.5, 0.8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("identfied: 0.8\n", "packs.yml: unknown key 'identfied'; did you mean 'identified'?"),
        ("identified: 1.5\n", "packs.yml: 'identified': input should be less than or equal to 1."),
        ("identified: yes\n", "packs.yml: 'identified': input should be a valid number."),
        ("- 0.8\n", "packs.yml: expected 'key: value' lines."),
    ],
)
def test_a_wrong_setting_of_packs_is_named(tmp_path, text, message) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "packs.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ParamsError) as refused:
        params.load_packs(tmp_path)
    assert str(refused.value) == message


def test_a_share_of_packs_can_be_set(tmp_path) -> None:
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "packs.yml").write_text("recommended: 0.6\n", encoding="utf-8")
    assert params.load_packs(tmp_path).shares == (0.8, 0.6, 0.8)
