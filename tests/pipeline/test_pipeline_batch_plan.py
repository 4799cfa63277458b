"""Where each run goes, and why it is needed."""

import nbformat
import pytest

from fls_research.errors import NotebookError, UsageError
from fls_research.pipeline.batch.each import Each
from fls_research.pipeline.batch.order import Order, works_of
from fls_research.pipeline.batch.plan import plan, slug
from fls_research.pipeline.batch.workers import attempt

PARAMETERS = 'year: int = 2024\nservice: str = ""\nmaterials: str = ""\nrun_dir: str = ""'


def add_pack(root, *, name="90_service", document="", per="service", parameters=PARAMETERS, body="print(service)"):
    """A notebook that runs for each of something."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Pack")])
    book.cells += [nbformat.v4.new_code_cell(source) for source in (parameters, body)]
    book.cells[1].metadata["tags"] = ["parameters"]
    book.metadata["fls"] = {"per": per, "document": document}
    nbformat.write(book, root / "notebooks" / f"{name}.ipynb")


def works(root, notebook="90_service", **how):
    return works_of(Order(notebook, how.pop("given", {}), **how), root).works


def test_a_notebook_for_each_service_runs_for_each_of_them(edition):
    add_pack(edition)
    found = works(edition)
    assert [(work.name, work.parameters) for work in found] == [
        ("90_service 010", {"year": 2024, "service": "010"}),
        ("90_service 5E1", {"year": 2024, "service": "5E1"}),
    ]
    assert all((edition / work.inputs["materials"]).is_dir() for work in found)
    assert len({work.fingerprint.data for work in found}) == 2


def test_packs_stand_by_year_and_kind_and_other_runs_by_their_parameters(edition):
    add_pack(edition, document="reports/annual_report.qmd")
    assert [work.place for work in works(edition)] == [
        "reports/_output/packs/2024/service/010",
        "reports/_output/packs/2024/service/5E1",
    ]
    add_pack(edition, name="91_other")
    assert works(edition, "91_other", only=["010"])[0].place.startswith("reports/_output/runs/91_other/2024-010-")


def test_one_place_by_hand_is_the_same_run_as_among_many(edition):
    add_pack(edition, document="reports/annual_report.qmd")
    assert works(edition, given={"service": "5E1"}) == works(edition, only=["birch"])
    with pytest.raises(UsageError, match="There is no place '5E9' in this edition; did you mean '5E1'"):
        works(edition, given={"service": "5E9"})


def test_each_year_has_its_own_cohort(edition):
    settings = edition / "params" / "2024.yml"
    text = settings.read_text(encoding="utf-8").replace("[2023]", "[]")
    (edition / "params" / "2023.yml").write_text(text.replace("year: 2024", "year: 2023"), encoding="utf-8")
    found = works(edition, "10_count", each=Each.YEAR)
    assert [work.parameters["year"] for work in found] == [2023, 2024]
    assert len({work.inputs["prepared"] for work in found}) == 2


@pytest.mark.parametrize(("how", "message"), [
    ({"notebook": "10_count", "each": Each.SERVICE}, "cannot run for each service; it has no parameter 'service'"),
    ({"notebook": "10_count", "only": ["010"]}, "say for what with --each"),
    ({"notebook": "10_count", "region": "Y56"}, "has no parameter for a region"),
    ({"each": Each.SERVICE, "given": {"service": "010"}}, "--each service and -p service=… exclude each other"),
    ({"each": Each.YEAR, "where": "year > 2020"}, "--where chooses places"),
])  # fmt: skip
def test_what_does_not_go_together_is_said(edition, how, message):
    add_pack(edition)
    with pytest.raises(UsageError, match=message):
        works(edition, **how)


def test_a_board_or_region_fills_the_place(edition):
    add_pack(edition, name="40_a", per="year", parameters=PARAMETERS.replace("service", "place"), body="print(place)")
    assert works(edition, "40_a", region="london")[0].parameters == {"year": 2024, "place": "Y56"}
    with pytest.raises(UsageError, match="There is no place 'Leeds'"):
        works(edition, "40_a", region="Leeds")


@pytest.mark.slow
def test_a_plan_says_why_each_run_is_needed(edition):
    add_pack(edition)
    todo = works(edition)
    assert [step.reason for step in plan(todo, edition)] == ["never run", "never run"]
    assert attempt(todo[0], edition).error is None
    assert [step.reason for step in plan(todo, edition)] == ["", "never run"]
    assert plan(todo, edition, force=True)[0].reason == "asked for with --force"
    (edition / "params" / "packs.yml").write_text("a: 1\n", encoding="utf-8")
    assert plan(works(edition), edition)[0].reason == "a file of params/ changed"


@pytest.mark.slow
def test_only_what_failed_can_be_asked_for(edition):
    add_pack(edition, body="assert service == '010'")
    todo = works(edition)
    assert [attempt(work, edition).error is None for work in todo] == [True, False]
    assert [step.work.name for step in plan(works(edition), edition, only_failed=True)] == ["90_service 5E1"]
    add_pack(edition, body="pass")
    again = plan(works(edition), edition, only_failed=True)
    assert attempt(again[0].work, edition).error is None
    assert plan(works(edition), edition, only_failed=True) == []


def test_one_changed_record_needs_the_packs_of_its_own_places_only_where_the_nation_stays(edition):
    add_pack(edition)
    before = {work.name: work.fingerprint.data for work in works(edition)}
    extract = edition / "data" / "x.csv"
    # Height is a field that no pack and no comparison reads, and a key of another row that was left out anyway.
    extract.write_text(extract.read_text(encoding="utf-8").replace("5,5E1", "9,5E1"), encoding="utf-8")
    after = {work.name: work.fingerprint.data for work in works(edition)}
    assert before.keys() == after.keys() and before["90_service 010"] == after["90_service 010"]


def test_codes_that_are_one_folder_on_windows_are_refused(edition):
    for name in ("params/services.csv", "data/x.csv"):
        path = edition / name
        path.write_text(path.read_text(encoding="utf-8").replace("010", "5e1"), encoding="utf-8")
    add_pack(edition, document="reports/annual_report.qmd")
    with pytest.raises(NotebookError, match="would write to one folder"):
        works(edition)


def test_a_folder_is_named_so_that_people_and_every_system_can_read_it():
    assert slug({"year": 2024, "place": "a/b:c"}).startswith("2024-a-b-c-")
    assert slug({"a": 1, "b": 2}).rsplit("-", 1)[1] == slug({"b": 2, "a": 1}).rsplit("-", 1)[1]
    assert slug({"code": "NO"}) != slug({"code": "no"})
    assert len(slug({"text": "x" * 300})) <= 47
    assert slug({}) == "defaults-44136f"
