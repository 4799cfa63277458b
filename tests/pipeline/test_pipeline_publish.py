"""A report is made whole, reads the same in every format, opens offline, and is the same file from the same inputs."""

import re
import zipfile

import pypdf
import pytest
from publish_outline import (
    FIXTURE,
    FORMATS,
    MOMENT,
    golden_file,
    golden_text,
    of_kind,
    outline,
    pdf_pages,
    small_project,
)

from fls_research.errors import PublishError
from fls_research.pipeline.publish import publish
from fls_research.pipeline.publish.with_quarto import find_quarto

needs_quarto = pytest.mark.skipif(find_quarto() is None, reason="the Quarto command (1.9 or later) is not here")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return small_project(tmp_path_factory.mktemp("publish"))


@pytest.fixture(scope="module")
def published(project):
    root, run_dir = project
    heard = []
    made = publish(run_dir, root, engine="pandoc", moment=MOMENT, progress=lambda what, *of: heard.append(what))
    return made, heard


@pytest.fixture(scope="module")
def page(published):
    return published[0].paths["html"].read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_a_rendered_file_is_as_the_golden_file_says(published, name):
    made, _ = published
    assert golden_text(made.paths[name]) == golden_file(name).read_text(encoding="utf-8")


def test_three_documents_arrive_and_nothing_else(published, project):
    made, heard = published
    _, run_dir = project
    documents = {"annual-report.docx", "annual-report.html", "annual-report.pdf"}
    assert {path.name for path in run_dir.iterdir()} == documents | {"_variables.yml", "notebooks"}
    assert (made.engine, {path.name for path in made.paths.values()}) == ("pandoc", documents)
    assert {"wrote HTML", "wrote DOCX", "wrote PDF"} < set(heard)


def test_page_and_word_file_say_the_same_in_the_same_order(published):
    made, _ = published
    kinds = ("heading", "caption", "reference", "row")
    page, word = (outline(made.paths[name]) for name in ("html", "docx"))
    assert of_kind(page, *kinds) == of_kind(word, *kinds)
    assert of_kind(page, "alt") == of_kind(word, "alt")


def test_the_pdf_has_the_headings_captions_and_alternative_texts_of_the_page(published):
    made, _ = published
    page, pdf = (outline(made.paths[name]) for name in ("html", "pdf"))
    title, *headings = of_kind(page, "heading")
    assert of_kind(pdf, "title") == [("title", title[1])]
    assert of_kind(pdf, "heading") == headings
    assert set(of_kind(page, "alt")) < set(of_kind(pdf, "alt"))
    text = " ".join(pdf_pages(made.paths["pdf"]))
    assert [caption for _, caption in of_kind(page, "caption") if caption not in text] == []


def test_the_pdf_is_tagged_and_names_its_language(published):
    made, _ = published
    assert {("marked", "True"), ("language", "en-GB")} < set(outline(made.paths["pdf"]))


def test_the_pdf_opens_with_the_title_on_the_left_and_larger_than_any_heading(published):
    sizes = {}

    def note(text, _, matrix, __, size):
        if text.strip():
            sizes.setdefault(text.strip(), (matrix[4], size))

    pypdf.PdfReader(published[0].paths["pdf"]).pages[0].extract_text(visitor_text=note)
    (left, size), *others = (sizes[text] for text in ("A small report", "Contents"))
    assert all(left == other[0] and size > 1.3 * other[1] for other in others)


def test_content_is_shown_in_the_formats_it_is_meant_for(page, published):
    made, _ = published
    pdf = " ".join(pdf_pages(made.paths["pdf"]))
    with zipfile.ZipFile(made.paths["docx"]) as file:
        word = file.read("word/document.xml").decode()
    texts = ("Only on the page.", "Only in Word.", "Only in the PDF.", "Never on the page.")
    shown = [[text for text in texts if text in whole] for whole in (page, word, pdf)]
    assert shown == [[texts[0]], [texts[1], texts[3]], [texts[2], texts[3]]]


def test_the_page_opens_offline_and_runs_no_script(page):
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!#|data:image/png;base64,)[^\"]*\"", page) == []
    assert re.search(r"url\(|@import", page) is None


def test_the_page_can_be_read_with_a_screen_reader_and_by_keyboard(page):
    assert '<html lang="en-GB">' in page
    assert page.count("<h1") == 1
    assert page.index('class="skip" href="#content"') < page.index("<nav") < page.index('<main id="content"')
    assert re.findall(r"<th(?![^>]*scope=\"col\")[ >]", page) == []


def test_tables_stay_tables_in_word_with_a_header_that_is_repeated(published):
    made, _ = published
    with zipfile.ZipFile(made.paths["docx"]) as file:
        tables = re.findall(r"<w:tbl>.*?</w:tbl>", file.read("word/document.xml").decode(), re.DOTALL)
    assert len(tables) == 2
    assert all('<w:tblStyle w:val="Table"' in table and table.count("<w:tblHeader") == 1 for table in tables)


def test_levels_are_coloured_by_their_word_in_every_format(page, published):
    made, _ = published
    assert page.count('class="rag rag-amber"') == 2
    with zipfile.ZipFile(made.paths["docx"]) as file:
        assert file.read("word/document.xml").decode().count('w:val="RAGAmber"') == 2


def test_word_file_has_title_language_and_date(published):
    made, _ = published
    with zipfile.ZipFile(made.paths["docx"]) as file:
        core = file.read("docProps/core.xml").decode()
    assert "<dc:title>A small report</dc:title>" in core and "<dc:language>en-GB</dc:language>" in core
    assert core.count("2026-01-15T12:00:00Z") == 2


def test_a_declared_date_goes_before_the_given_one(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    root, run_dir = small_project(tmp_path)
    made = publish(run_dir, root, engine="pandoc", moment=MOMENT)
    with zipfile.ZipFile(made.paths["docx"]) as file:
        assert file.read("docProps/core.xml").decode().count("2026-01-01T00:00:00Z") == 2


def test_the_same_inputs_give_the_same_files(published, tmp_path):
    made, _ = published
    root, run_dir = small_project(tmp_path)
    again = publish(run_dir, root, engine="pandoc", moment=MOMENT)
    different = [name for name in FORMATS if again.paths[name].read_bytes() != made.paths[name].read_bytes()]
    assert different == []


def test_a_report_that_fails_leaves_the_former_one_alone(tmp_path):
    root, run_dir = small_project(tmp_path)
    (run_dir / "annual-report.html").write_text("former", encoding="utf-8")
    (root / "reports" / "annual_report.qmd").write_text("---\ntitle: T\n---\n\n@fig-none\n", encoding="utf-8")
    with pytest.raises(PublishError):
        publish(run_dir, root, engine="pandoc")
    assert (run_dir / "annual-report.html").read_text(encoding="utf-8") == "former"
    assert {path.name for path in run_dir.iterdir()} == {"annual-report.html", "_variables.yml", "notebooks"}


def test_what_only_a_writer_can_see_is_one_sentence_too(tmp_path):
    root, run_dir = small_project(tmp_path)
    (root / "reports" / "house.typ").write_text("#show heading: nonsense\n", encoding="utf-8")
    with pytest.raises(PublishError, match=r"^annual_report.pdf: Typst stopped: unknown variable: nonsense\.$"):
        publish(run_dir, root, engine="pandoc")


def test_a_filter_that_fails_is_one_sentence(tmp_path):
    root, run_dir = small_project(tmp_path)
    (root / "reports" / "kit.lua").write_text(
        "function Table(t) error('fls: no tables today.', 0) end", encoding="utf-8"
    )
    with pytest.raises(PublishError, match=r"^annual_report.qmd: no tables today\.$"):
        publish(run_dir, root, engine="pandoc")


def test_quarto_asked_for_and_absent_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / "absent"))
    root, run_dir = small_project(tmp_path)
    with pytest.raises(PublishError, match=r"^The Quarto command \(1\.9 or later\) was not found;"):
        publish(run_dir, root, engine="quarto")


def test_the_engine_is_pandoc_where_quarto_is_absent(tmp_path, monkeypatch):
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / "absent"))
    root, run_dir = small_project(tmp_path)
    assert publish(run_dir, root).engine == "pandoc"


@pytest.mark.slow
@pytest.mark.quarto
@needs_quarto
@pytest.mark.parametrize("kind", ["heading", "caption", "alt", "reference", "row"])
@pytest.mark.parametrize("name", ["html", "docx"])
def test_quarto_says_the_same_as_pandoc(published, by_quarto, name, kind):
    made, _ = published
    assert of_kind(outline(by_quarto.paths[name]), kind) == of_kind(outline(made.paths[name]), kind)


@pytest.mark.slow
@pytest.mark.quarto
@needs_quarto
def test_the_pdf_by_quarto_has_the_same_headings_alternative_texts_and_captions(published, by_quarto):
    made, _ = published
    ours, theirs = (outline(one.paths["pdf"]) for one in (made, by_quarto))
    assert of_kind(theirs, "marked", "language", "title", "heading") == of_kind(
        ours, "marked", "language", "title", "heading"
    )
    pictures = {alt for _, alt in of_kind(outline(made.paths["html"]), "alt")}
    assert pictures <= {alt for _, alt in of_kind(theirs, "alt")}
    text = " ".join(pdf_pages(by_quarto.paths["pdf"]))
    assert [c for _, c in of_kind(outline(made.paths["html"]), "caption") if c not in text] == []


@pytest.mark.slow
@pytest.mark.quarto
@needs_quarto
def test_the_page_by_quarto_finds_what_it_needs_in_its_own_folder(by_quarto):
    page = by_quarto.paths["html"]
    text = page.read_text(encoding="utf-8")
    needed = [link for link in re.findall(r"(?:src|href)=\"([^\"#][^\"]*)\"", text) if not link.startswith("data:")]
    assert [link for link in needed if not (page.parent / link.split("?")[0].split("#")[0]).exists()] == []


@pytest.fixture(scope="module")
def by_quarto(tmp_path_factory):
    root, run_dir = small_project(tmp_path_factory.mktemp("quarto"))
    return publish(run_dir, root, engine="quarto", moment=MOMENT)


def test_the_fixture_says_what_the_tests_look_for():
    prose = (FIXTURE / "annual_report.qmd").read_text(encoding="utf-8")
    wanted = (
        "{{< var",
        "{{< meta",
        "{{< include",
        "{{< embed",
        "{{< pagebreak",
        ".content-visible",
        ".callout-note",
        "@sec-",
    )
    assert [word for word in wanted if word not in prose] == []
