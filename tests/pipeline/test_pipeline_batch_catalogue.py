"""A folder of packs has one manifest over all of them and a page that leads to each, kept up by every batch."""

import json

import pytest

from fls_research.pipeline.batch import record
from fls_research.pipeline.batch.catalogue import refresh
from fls_research.pipeline.batch.fingerprint import Fingerprint

MADE = Fingerprint(notebook="n", parameters="p", data="d", settings="s", code="c", versions="v")


def pack(folder, place, *, title, documents=("html", "docx", "pdf"), synthetic=True):
    run = folder / place
    run.mkdir(parents=True)
    for kind in documents:
        (run / f"service-pack.{kind}").write_text(kind, encoding="utf-8")
    about = {"name": place, "notebook": "notebooks/a.ipynb", "parameters": {}, "fingerprint": MADE}
    record.write(run, title=title, synthetic=synthetic, **about)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "2024"
    pack(place, "service/AA0", title="Ash & Elm")
    pack(place, "icb/QHL", title="Birmingham", documents=("html",))
    pack(place, "service/.building-AB0-12345678", title="Half made")
    (place / "service" / "half").mkdir()
    refresh(place)
    return place


def test_the_manifest_names_every_output_of_every_finished_run(folder):
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert list(told) == ["icb/QHL", "service/AA0"]
    assert set(told["service/AA0"]["outputs"]) == {f"service-pack.{kind}" for kind in ("html", "docx", "pdf")}
    assert told["icb/QHL"]["fingerprint"] == MADE.whole


def test_the_page_links_every_document_under_its_name(folder):
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert 'href="service/AA0/service-pack.pdf" aria-label="Ash &amp; Elm: PDF"' in page
    assert 'href="icb/QHL/service-pack.html"' in page and "icb/QHL/service-pack.pdf" not in page
    assert "regions, 2024</h1>" in page and "SYNTHETIC DATA" in page and "Half made" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_new_pack_and_one_of_real_data_show_at_once(folder, tmp_path):
    pack(folder, "region/Y58", title="South West")
    refresh(folder)
    assert "South West" in (folder / "index.html").read_text(encoding="utf-8")
    assert not [path for path in folder.iterdir() if path.suffix == ".partial"]
    pack(tmp_path / "2023", "service/AA0", title="Ash", synthetic=False)
    refresh(tmp_path / "2023")
    assert "SYNTHETIC" not in (tmp_path / "2023" / "index.html").read_text(encoding="utf-8")


def test_a_folder_without_packs_stays_empty(tmp_path):
    refresh(tmp_path)
    assert list(tmp_path.iterdir()) == []
