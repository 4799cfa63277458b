"""The materials of packs, and the packs made of them: they run for every kind of place, and nothing small leaves."""

from __future__ import annotations

import re
import shutil

import pandas as pd
import pytest
from pack_edition import ROOT, make_pack_edition, materials_of, run_cells

from fls_research.analysis import pack_gaps, pack_kpis
from fls_research.data.places_store import benchmark_code
from fls_research.disclosure import audit, policy, release
from fls_research.errors import UsageError
from fls_research.outputs.canvas import Figure
from fls_research.pipeline.materials import ready
from fls_research.pipeline.notebook import parameters_of, read_notebook


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return make_pack_edition(tmp_path_factory.mktemp("packs") / "project")


@pytest.fixture(scope="module")
def materials(demo):
    return materials_of(demo)


@pytest.fixture
def at_home(demo, monkeypatch):
    monkeypatch.setenv("FLS_ROOT", str(demo))
    return demo


def places(materials, kind):
    return materials.places(kind).set_index("code")


# -- materials ---------------------------------------------------------------------------------------------------------


def test_every_place_with_records_in_the_year_has_a_folder_and_the_services_add_up(materials) -> None:
    sizes = {kind: materials.places(kind)["records"].sum() for kind in ("service", "area", "region")}
    assert len(set(sizes.values())) == 1
    assert all((materials.folder(code) / "rows.parquet").is_file() for code in materials.places("region")["code"])


def test_a_second_call_makes_nothing_again(materials) -> None:
    before = (materials.root / "places.parquet").stat().st_mtime_ns
    assert ready(materials.root.parent).root == materials.root
    assert (materials.root / "places.parquet").stat().st_mtime_ns == before


def test_the_same_records_give_the_same_bytes(materials, tmp_path) -> None:
    copy = shutil.copytree(materials.root.parent, tmp_path / "copy", ignore=shutil.ignore_patterns("places"))
    again = ready(copy)
    codes = materials.places("area")["code"]
    assert [again.digest(code) for code in codes] == [materials.digest(code) for code in codes]


def test_material_of_other_code_is_made_again(materials, tmp_path, monkeypatch) -> None:
    copy = shutil.copytree(materials.root.parent, tmp_path / "copy")
    monkeypatch.setattr("fls_research.pipeline.materials.code_mark", lambda: "other")
    assert benchmark_code(ready(copy).root) == "other"


def test_a_corrected_row_leaves_the_material_of_other_places_as_it_was(materials, tmp_path) -> None:
    copy = shutil.copytree(materials.root.parent, tmp_path / "copy", ignore=shutil.ignore_patterns("places"))
    rows = pd.read_parquet(copy / "fractures.parquet")
    place = rows.index[rows["data_year"].eq(2024)][0]
    # The month of a fracture is in no value that places are held against.
    rows.loc[place, ["index_date", "assessment_date"]] += pd.Timedelta(days=-1)
    rows.to_parquet(copy / "fractures.parquet")
    changed = ready(copy)
    code, area = str(rows.loc[place, "service_code"]), str(rows.loc[place, "area_code"])
    moved = [c for kind in ("service", "area") for c in materials.places(kind)["code"]
             if changed.digest(c) != materials.digest(c)]  # fmt: skip
    assert moved == [code, area]


def test_a_code_that_is_no_place_is_refused_with_a_hint(materials) -> None:
    with pytest.raises(UsageError, match="no place 'QHLX'; did you mean"):
        materials.folder("QHLX")


# -- packs -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def characters(materials):
    """A place of each kind that packs must be able to speak of."""
    services = places(materials, "service")
    rows = {code: pd.read_parquet(materials.folder(code) / "rows.parquet") for code in services.index}
    new = [code for code, own in rows.items() if own["data_year"].min() == 2024]
    empty = [code for code, own in rows.items() if own["follow_up_16"].eq("not known").all()]
    areas = places(materials, "area")
    return {
        "typical": ("service", services["records"].sort_values().index[len(services) // 2]),
        "smallest": ("service", services["records"].idxmin()),
        "Welsh": ("service", services.index[services["nation"] == "Wales"][0]),
        "new": ("service", new[0]),
        "without follow-up": ("service", empty[0]),
        "smallest area": ("area", areas["records"].idxmin()),
        "Wales": ("region", "W92000004"),
    }


@pytest.fixture(scope="module")
def packs(demo, materials, characters):
    """What the cells of each of these packs showed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLS_ROOT", str(demo))
        return {
            who: run_cells(demo, materials, kind, code, f"reports/_output/try/{place}")
            for place, (who, (kind, code)) in enumerate(characters.items())
        }


def test_packs_run_for_every_kind_of_place_and_show_every_exhibit(packs) -> None:
    for who, (shown, _) in packs.items():
        pictures = {label for label, value in shown.items() if isinstance(value, Figure)}
        assert pictures == {label for label in shown if label.startswith("fig-")}, who
        assert all(str(value).strip() for value in shown.values()), who


def test_no_sentence_holds_a_number_that_is_not_there(packs) -> None:
    for who, (shown, _) in packs.items():
        prose = " ".join(str(shown[label]) for label in shown if label.startswith("pack-"))
        assert not re.search(r"\bnan\b|None(?! is larger)|\[x\\?\]|<NA>", prose), (who, prose)


def test_a_service_new_this_year_is_held_against_no_year_before(packs) -> None:
    shown, _ = packs["new"]
    assert "it sent none for 2022" in shown["pack-front"]
    assert "No records yet that KPI 11 could count" in shown["tbl-pack-kpis"]
    assert "fell" not in shown["pack-notice"]


def test_a_service_without_follow_up_is_told_so_first(packs) -> None:
    shown, _ = packs["without follow-up"]
    assert re.search(r"To check\.\*\* 0% of the records concerned hold an answer", shown["pack-notice"])


def test_what_is_kept_of_a_pack_holds_no_counts_but_records_and_treated(packs, demo) -> None:
    kept = sorted((demo / "reports/_output/try").glob("*/results/*.csv"))
    counted = {"numerator", "denominator", "unknown", "not_eligible", "events", "at_risk"}
    assert len(kept) > 50
    assert not [path.name for path in kept if counted & set(pd.read_csv(path, nrows=0).columns)]
    with_patients = {path.name for path in kept if {"records", "patients"} & set(pd.read_csv(path, nrows=0).columns)}
    assert with_patients == {"pack-front.csv", "tbl-pack-missed.csv"}


def test_no_count_that_is_kept_is_small(packs, demo) -> None:
    rule = policy("hes")
    for path in (demo / "reports/_output/try").glob("*/results/*.csv"):
        table = pd.read_csv(path)
        for name in {"records", "patients", "fewest"} & set(table):
            assert not rule.small(table[name]).any(), path


def test_a_colour_stands_only_beside_a_value_that_is_shown(packs, demo) -> None:
    for path in (demo / "reports/_output/try").glob("*/results/tbl-pack-[ks]*.csv"):
        table = pd.read_csv(path)
        assert table.loc[table["proportion"].isna(), "colour"].isna().all()


def test_nothing_hidden_in_a_packs_tables_can_be_worked_out_from_the_others(packs) -> None:
    how = {"policy": "hes", "level": "below national", "lane": "patient_group"}
    for who, (_, known) in packs.items():
        rows, caseload = known["material"].rows, known["material"].caseload
        # Groups and totals as a reader holds them against each other: the place is the whole.
        whole = pack_kpis.place_counts(rows, caseload, kind="national", code="all", years=[2024]).drop(columns="colour")
        totals = release(whole[whole["kpi"].isin(pack_gaps.KPIS)], labels=["number", "title", "target"], **how)
        assert audit(known["groups"], totals) == (), who


def test_peers_leave_the_place_itself_out(packs, materials, characters) -> None:
    _, known = packs["Welsh"]
    welsh = places(materials, "service")["nation"].eq("Wales").sum()
    assert known["material"].beside["peers"].max() == welsh - 1


def test_the_nation_is_printed_as_the_annual_report_prints_it(packs) -> None:
    from fls_research.outputs import text

    _, known = packs["typical"]
    nation = known["nation"].frame.set_index("kpi")["proportion"]
    assert nation.map(lambda share: text.percent(share) == text.percent(share, 1).replace(".0%", "%")).all()


def test_facts_of_the_text_are_there_for_every_pack(packs, demo) -> None:
    from fls_research.pipeline.facts import gather

    for place, who in enumerate(packs):
        facts = gather(demo / f"reports/_output/try/{place}/results")
        assert {"place.name", "kpi4.own.2024.percent", "kpi4.nation.2024.percent"} <= facts.keys(), who


@pytest.mark.parametrize("rule", ["opensafely", "midpoint6", "threshold10"])
def test_packs_run_under_every_policy(materials, at_home, characters, rule, tmp_path, monkeypatch) -> None:
    kind, code = characters["typical"]
    about = materials.root / "benchmark" / "about.json"
    text = about.read_text(encoding="utf-8")
    try:
        about.write_text(text.replace('"policy": "hes"', f'"policy": "{rule}"'), encoding="utf-8")
        shown, known = run_cells(at_home, materials, kind, code, f"reports/_output/policy/{rule}")
    finally:
        about.write_text(text, encoding="utf-8")
    assert known["settings"].policy == rule
    assert len(shown) > 10


@pytest.mark.parametrize(("kind", "code"), [("service", "010"), ("area", "QMF"), ("region", "Y56")])
def test_packs_of_an_edition_of_a_few_bare_records_run_and_hold_everything_back(
    edition, monkeypatch, kind, code
) -> None:
    for name in ("90_service", "91_region"):
        shutil.copy2(ROOT / "notebooks" / f"{name}.ipynb", edition / "notebooks")
    monkeypatch.setenv("FLS_ROOT", str(edition))
    shown, known = run_cells(edition, materials_of(edition), kind, code, "out")
    of_patients = known["own"].frame.query("kpi not in ['kpi2', 'kpi3']")
    assert len(of_patients) and of_patients["proportion"].dropna().empty
    assert set(pd.Series(shown["pack-gaps"]).str.contains("too small here")) == {True}


@pytest.mark.parametrize("name", ["90_service", "91_region"])
def test_the_notebooks_say_whom_they_are_for_and_the_annual_build_leaves_them_out(name) -> None:
    from fls_research.pipeline.build import notebooks_of_the_year

    path = ROOT / "notebooks" / f"{name}.ipynb"
    told = read_notebook(path)["metadata"]["fls"]
    assert told == {"per": name[3:], "document": f"reports/{name[3:]}_pack.qmd"}
    assert (ROOT / told["document"]).is_file()
    assert {"year", "materials", "run_dir"} < set(parameters_of(path).names)
    assert path not in notebooks_of_the_year(ROOT / "notebooks")
