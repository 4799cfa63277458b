"""A pack is published from its own run alone, several at a time, and the same from the same inputs."""

import multiprocessing
import shutil
import zipfile
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pypdf
import pytest
from publish_outline import FORMATS, MOMENT, of_kind, outline, pdf_pages
from publish_pack import DOCUMENT, pack_project, pack_run

from fls_research.errors import PublishError
from fls_research.pipeline.publish import publish

SERVICES = {"N1": ("North & Sons", 31), "S1": ("South", 47), "W1": ("Gorllewin Môn", 12)}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return pack_project(tmp_path_factory.mktemp("packs"))


@pytest.fixture(scope="module")
def runs(root):
    folder = root / "reports" / "_output" / "packs"
    return [pack_run(folder / code, name=name, records=records) for code, (name, records) in SERVICES.items()]


def made_by(root, run_dir):
    """The bytes of a pack's three files, by ending. (At the top of the module, so that other processes find it.)"""
    made = publish(run_dir, root, document=DOCUMENT, engine="pandoc", moment=MOMENT)
    return {suffix: path.read_bytes() for suffix, path in made.paths.items()}


@pytest.fixture(scope="module")
def one_by_one(root, runs):
    return [made_by(root, run_dir) for run_dir in runs]


def copies(runs, folder):
    """The same runs elsewhere, without what was made of them."""
    return [
        shutil.copytree(run_dir, folder / run_dir.name, ignore=shutil.ignore_patterns("service-pack.*"))
        for run_dir in runs
    ]


def test_three_files_arrive_under_the_name_of_the_document_and_nothing_else_anywhere(root, runs, tmp_path):
    (run_dir,) = copies(runs[:1], tmp_path)
    before = {path for path in root.rglob("*") if "packs" not in path.parts}
    made_by(root, run_dir)
    files = {f"service-pack.{suffix}" for suffix in FORMATS}
    assert {path.name for path in run_dir.iterdir()} == files | {"_variables.yml", "notebooks"}
    assert {path for path in root.rglob("*") if "packs" not in path.parts} == before


def test_the_files_may_be_called_otherwise(root, runs, tmp_path):
    (run_dir,) = copies(runs[:1], tmp_path)
    made = publish(run_dir, root, document=DOCUMENT, name="N1-2024", engine="pandoc", moment=MOMENT)
    assert sorted(path.name for path in made.paths.values()) == ["N1-2024.docx", "N1-2024.html", "N1-2024.pdf"]
    assert all(path.is_file() for path in made.paths.values())


def test_the_facts_of_the_run_stand_in_the_title_of_each_file(runs, one_by_one):
    run_dir = runs[0]
    page = one_by_one[0]["html"].decode()
    assert "<title>Pack of North &amp; Sons – Fracture liaison services</title>" in page
    assert '<h1 class="title">Pack of North &amp; Sons</h1>' in page and "Data year 2024" in page
    with zipfile.ZipFile(run_dir / "service-pack.docx") as file:
        assert "<dc:title>Pack of North &amp; Sons</dc:title>" in file.read("docProps/core.xml").decode()
    assert pypdf.PdfReader(run_dir / "service-pack.pdf").metadata.title == "Pack of North & Sons"


@pytest.mark.usefixtures("one_by_one")
def test_page_word_file_and_pdf_say_the_same(runs):
    page, word = (outline(runs[2] / f"service-pack.{suffix}") for suffix in ("html", "docx"))
    kinds = ("heading", "caption", "reference", "row", "alt")
    assert of_kind(page, *kinds) == of_kind(word, *kinds)
    assert [text for _, text in of_kind(page, "caption")] == [
        "Table 1: The indicators",
        "Figure 1: By month",
        "Figure 2: The funnel",
        "Table 2: The peers",
    ]
    assert ("row", "Gorllewin Môn | 12") in page and ("row", "Found in time | 12 | ● Amber") in page
    text = " ".join(pdf_pages(runs[2] / "service-pack.pdf"))
    assert [caption for _, caption in of_kind(page, "caption") if caption not in text] == []


@pytest.mark.usefixtures("one_by_one")
def test_a_pack_without_a_contents_list_has_none_and_its_tables_still_break_at_good_places(runs):
    assert "<nav" not in (runs[0] / "service-pack.html").read_text(encoding="utf-8")
    with zipfile.ZipFile(runs[0] / "service-pack.docx") as file:
        document = file.read("word/document.xml").decode()
    assert "TOC " not in document and document.count("<w:cantSplit") == document.count("<w:tr>") == 6
    assert "Contents" not in " ".join(pdf_pages(runs[0] / "service-pack.pdf"))


@pytest.mark.usefixtures("one_by_one")
def test_sections_have_no_number_where_the_document_says_so(runs):
    for suffix in ("html", "docx", "pdf"):
        headings = [text for _, text in of_kind(outline(runs[0] / f"service-pack.{suffix}"), "heading")]
        assert headings[-2:] == ["At a glance", "Beside the others"], suffix


def test_a_reference_to_a_section_without_number_is_refused(root, runs, tmp_path):
    (run_dir,) = copies(runs[:1], tmp_path)
    text = (root / DOCUMENT).read_text(encoding="utf-8") + "\nSee @sec-glance.\n"
    (root / "reports" / "refers.qmd").write_text(text, encoding="utf-8")
    with pytest.raises(PublishError, match=r"^refers\.qmd: the reference @sec-glance points at a section, and 'number"):
        publish(run_dir, root, document="reports/refers.qmd", engine="pandoc")


def test_the_same_inputs_give_the_same_files_and_other_inputs_others(root, runs, one_by_one, tmp_path):
    assert [made_by(root, run_dir) for run_dir in copies(runs, tmp_path)] == one_by_one
    assert one_by_one[0].keys() == set(FORMATS)
    assert all(one_by_one[0][suffix] != one_by_one[1][suffix] for suffix in FORMATS)


@pytest.mark.parametrize("pool", ["threads", pytest.param("processes", marks=pytest.mark.slow)])
def test_several_at_a_time_come_out_as_one_by_one(root, runs, one_by_one, tmp_path, pool):
    if pool == "threads":
        workers = ThreadPoolExecutor(2)
    else:
        workers = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    with workers:
        made = list(workers.map(made_by, [root] * len(runs), copies(runs, tmp_path)))
    assert made == one_by_one


def test_a_pack_needs_the_notebook_it_embeds(root, runs, tmp_path):
    (run_dir,) = copies(runs[:1], tmp_path)
    (run_dir / "notebooks" / "90_service.ipynb").unlink()
    with pytest.raises(PublishError, match=r"^service_pack\.qmd, line 12: there is no executed notebook 90_service"):
        made_by(root, run_dir)


def test_what_a_writer_warns_of_stops_the_pack_and_leaves_nothing(root, runs, tmp_path):
    (run_dir,) = copies(runs[:1], tmp_path)
    (root / "reports" / "warned.qmd").write_text("---\ntitle: T\n---\n\nA note.[^none]\n\n[^1]: Unused.\n", "utf-8")
    with pytest.raises(
        PublishError, match=r"^warned\.qmd: Pandoc stopped: Note with key '1' defined at .* but not used"
    ):
        publish(run_dir, root, document="reports/warned.qmd", engine="pandoc")
    assert {path.name for path in run_dir.iterdir()} == {"_variables.yml", "notebooks"}
