"""The door to Quarto, tried with a stand-in for the command that writes what Quarto leaves behind."""

import datetime as dt
import re
import stat
import sys

import pytest
from publish_outline import small_project
from publish_pack import DOCUMENT, pack_project, pack_run

from fls_research.errors import PublishError
from fls_research.pipeline.publish import publish
from fls_research.pipeline.publish.with_quarto import find_quarto, first_complaint, offline_page

MOMENT = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)
PAGE = (
    '<link href="../site_libs/boot.css"><link href="styles.css"><img src="annual_report_files/fig.png">'
    '<a href="annual_report.docx">Word</a><a href="#annual_report">here</a>'
)
COMMAND = """#!{python}
import os, pathlib, sys, zipfile
if sys.argv[1:] == ["--version"]:
    print("{version}")
    raise SystemExit
assert sys.argv[1] == "render" and os.environ["SOURCE_DATE_EPOCH"] == "1768435200", sys.argv
root = pathlib.Path(sys.argv[2])
assert "{{{{<" not in (root / "reports/annual_report.qmd").read_text(encoding="utf-8").split("---")[1]
assert (root / "_quarto.yml").read_text(encoding="utf-8").count(".qmd") == 1
assert (root / "reports/_executed/10_first.ipynb").is_file() and (root / "_variables.yml").is_file()
{trouble}
site = root / "reports/_output/_site"
(site / "site_libs").mkdir(parents=True)
(site / "reports/annual_report_files").mkdir(parents=True)
(site / "site_libs/boot.css").write_text("")
(site / "reports/styles.css").write_text("")
(site / "reports/unused.txt").write_text("")
(site / "reports/annual_report_files/fig.png").write_text("")
(site / "reports/annual_report.html").write_text('''{page}''')
(site / "reports/annual_report.pdf").write_text("%PDF")
with zipfile.ZipFile(site / "reports/annual_report.docx", "w") as file:
    file.writestr("word/document.xml", "<d xmlns:w='w'/>")
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script cannot stand in for a command on Windows")


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    def command(*, version="1.11.4", trouble="", stem="annual_report", notebook="10_first"):
        path = tmp_path / "quarto"
        text = COMMAND.format(python=sys.executable, version=version, trouble=trouble, page=PAGE)
        path.write_text(text.replace("annual_report", stem).replace("10_first", notebook), encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("QUARTO_PATH", str(path))

    return command


def test_the_command_is_found_with_its_version(stand_in):
    stand_in()
    assert find_quarto().version == (1, 11, 4)


def test_a_command_older_than_the_oldest_is_none(stand_in):
    stand_in(version="1.8.26")
    assert find_quarto() is None


def test_what_quarto_leaves_arrives_in_one_folder_under_the_editions_names(stand_in, tmp_path):
    stand_in()
    root, run_dir = small_project(tmp_path)
    made = publish(run_dir, root, moment=MOMENT)
    assert made.engine == "quarto"
    documents = {"annual-report.html", "annual-report.docx", "annual-report.pdf"}
    beside = {"annual_report_files", "site_libs", "styles.css"}
    assert {path.name for path in run_dir.iterdir()} == documents | beside | {"_variables.yml", "notebooks"}
    page = made.paths["html"].read_text(encoding="utf-8")
    assert [link for link in re.findall(r"(?:href|src)=\"([^#\"]+)\"", page) if not (run_dir / link).exists()] == []
    assert 'href="#annual_report"' in page


def test_a_pack_is_the_one_document_that_its_copy_of_the_project_renders(stand_in, tmp_path):
    stand_in(stem="service_pack", notebook="90_service")
    root = pack_project(tmp_path)
    run_dir = pack_run(tmp_path / "N1", name="North", records=31)
    made = publish(run_dir, root, document=DOCUMENT, name="north", moment=MOMENT)
    assert (made.engine, made.paths["html"].name) == ("quarto", "north.html")
    page = made.paths["html"].read_text(encoding="utf-8")
    assert 'href="north.docx"' in page and (run_dir / "service_pack_files" / "fig.png").is_file()


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("print('ERROR: No such cell', file=sys.stderr); raise SystemExit(1)", "Quarto stopped: No such cell."),
        ("raise SystemExit(0)", "Quarto made no HTML file."),
    ],
)
def test_trouble_is_one_sentence_and_leaves_nothing(stand_in, tmp_path, trouble, message):
    stand_in(trouble=trouble)
    root, run_dir = small_project(tmp_path)
    with pytest.raises(PublishError, match=f"^annual_report.qmd: {message}$"):
        publish(run_dir, root, engine="quarto", moment=MOMENT)
    assert {path.name for path in run_dir.iterdir()} == {"_variables.yml", "notebooks"}


def test_a_missing_fact_is_found_before_quarto_is_called(stand_in, tmp_path):
    stand_in(trouble="raise SystemExit('called')")
    root, run_dir = small_project(tmp_path)
    (run_dir / "_variables.yml").write_text("edition: {}\n", encoding="utf-8")
    with pytest.raises(PublishError, match=r"^annual_report.qmd, line 3: _variables.yml has no 'edition.year'"):
        publish(run_dir, root, engine="quarto", moment=MOMENT)


def test_the_first_error_is_the_complaint():
    assert first_complaint("WARN: x\nERROR: first.\nERROR: second") == "first."
    assert first_complaint("") == "no reason given."


def test_links_out_of_the_folder_come_into_it():
    links = "url(../site_libs/a.woff) href='annual_report.pdf#page=2' Annual_report.pdf"
    page = offline_page(links, stem="annual_report", new_stem="annual-report")
    assert page == "url(site_libs/a.woff) href='annual-report.pdf#page=2' Annual_report.pdf"
