"""A folder of packs has one manifest over all of them and a page that leads to each."""

import json

from fls_research.pipeline.batch import record
from fls_research.pipeline.batch.catalogue import Entry, write_index, write_manifest
from fls_research.pipeline.batch.fingerprint import Fingerprint

MADE = Fingerprint(notebook="n", parameters="p", data="d", settings="s", code="c", versions="v")


def pack(folder, place, *, documents=("html", "docx", "pdf")):
    run = folder / place
    run.mkdir(parents=True)
    for kind in documents:
        (run / f"service-pack.{kind}").write_text(kind, encoding="utf-8")
    record.write(run, name=place, notebook="notebooks/a.ipynb", parameters={}, fingerprint=MADE)


def test_the_manifest_names_every_output_of_every_finished_run(tmp_path):
    pack(tmp_path, "service/AA0")
    pack(tmp_path, "icb/QHL")
    (tmp_path / "service" / ".building-AB0-12345678").mkdir()
    (tmp_path / "service" / "half").mkdir()
    told = json.loads(write_manifest(tmp_path).read_text(encoding="utf-8"))
    assert list(told) == ["icb/QHL", "service/AA0"]
    assert set(told["service/AA0"]["outputs"]) == {f"service-pack.{kind}" for kind in ("html", "docx", "pdf")}
    assert told["icb/QHL"]["fingerprint"] == MADE.whole


def test_the_page_links_what_is_there_and_names_what_is_not(tmp_path):
    pack(tmp_path, "service/AA0")
    entries = [Entry("service", "AA0", "Ash & Elm", "service/AA0"), Entry("region", "Y56", "London", "region/Y56")]
    page = write_index(tmp_path, entries, title="Packs 2024", banner="SYNTHETIC").read_text(encoding="utf-8")
    assert 'href="service/AA0/service-pack.pdf" aria-label="Ash &amp; Elm: PDF"' in page
    assert "<td>Y56</td><td>not made yet</td>" in page
    assert "<strong>SYNTHETIC</strong>" in page and "http" not in page.replace("http-equiv", "")
