"""The page of a label is the one a reader finds it on."""

import pytest
from sight_edition import SHEETS, write_edition

from fls_research.errors import PublishError
from fls_research.pipeline.line_of_sight.pages import Pages, captions_of, read_pages


@pytest.fixture
def pages(tmp_path):
    run = write_edition(tmp_path / "run")
    return read_pages(run / "annual-report.html", run / "annual-report.pdf")


def test_a_caption_is_found_whatever_its_marks_and_line_breaks(pages):
    place = pages.place_of("tbl-kpi-national", where="here")
    assert (place.number, place.page) == ("Table 1", "2")


def test_figures_have_pages_too(pages):
    assert pages.place_of("fig-spread", where="here").page == "5"


def test_a_table_that_runs_over_gives_the_page_of_its_numbers(pages):
    assert pages.place_of_numbers("tbl-kpi-colours", ["19", "77"], where="here").page == "3"
    assert pages.place_of_numbers("tbl-kpi-colours", ["31"], where="here").page == "4"


def test_a_number_counts_only_when_it_stands_whole(pages):
    for part in ("7", "9", "3"):
        with pytest.raises(PublishError, match=f"does not show {part}"):
            pages.place_of_numbers("tbl-kpi-colours", [part], where="here")


def test_an_unknown_label_is_named_with_the_nearest(pages):
    with pytest.raises(PublishError, match=r"here: the report does not show 'tbl-kpi-colour'.*'tbl-kpi-colours'"):
        pages.place_of("tbl-kpi-colour", where="here")


def test_a_caption_on_no_page_or_on_two_is_refused():
    pages = Pages({"tbl-a": "Table 1: Who"}, ["Table 2: Who", "nothing"], ["1", "2"])
    with pytest.raises(PublishError, match="on no page"):
        pages.place_of("tbl-a", where="here")
    twice = Pages({"tbl-a": "Table 1: Who"}, ["Table 1: Who", "Table 1: Who"], ["1", "2"])
    with pytest.raises(PublishError, match="on 2 pages"):
        twice.place_of("tbl-a", where="here")


def test_the_page_is_the_printed_one(tmp_path):
    sheets = SHEETS.replace('numbering: "1"', 'numbering: "i"', 1)
    run = write_edition(tmp_path / "run", sheets=sheets)
    pages = read_pages(run / "annual-report.html", run / "annual-report.pdf")
    assert pages.place_of("tbl-kpi-national", where="here").page == "ii"


def test_the_caption_belongs_to_the_nearest_label():
    html = '<div id="tbl-a"><p>x<br></p><div id="tbl-b"><table><caption>Table <b>2</b>: B</caption></table></div></div>'
    assert captions_of(html) == {"tbl-b": "Table 2: B"}


@pytest.mark.parametrize("missing", ["annual-report.html", "annual-report.pdf"])
def test_a_report_that_is_not_there_is_named(tmp_path, missing):
    run = write_edition(tmp_path / "run")
    (run / missing).unlink()
    with pytest.raises(PublishError, match=missing):
        read_pages(run / "annual-report.html", run / "annual-report.pdf")


def test_a_file_that_is_no_pdf_is_refused(tmp_path):
    run = write_edition(tmp_path / "run")
    (run / "annual-report.pdf").write_bytes(b"not a pdf")
    with pytest.raises(PublishError, match="cannot be read as a PDF"):
        read_pages(run / "annual-report.html", run / "annual-report.pdf")
