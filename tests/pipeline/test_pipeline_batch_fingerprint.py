"""A fingerprint changes with whatever a run depends on, and with nothing else."""

from dataclasses import asdict

import pytest

from fls_research.pipeline.batch.fingerprint import Surroundings, content_hash, document_sources


@pytest.fixture
def book(edition):
    return edition / "notebooks" / "good.ipynb"


def of(edition, book, **changed):
    given = {"parameters": {"year": 2024}, "data": "abc", "document": "reports/annual_report.qmd"} | changed
    return Surroundings.of(edition).fingerprint(book, given.pop("parameters"), **given)


def test_the_same_things_have_the_same_fingerprint(edition, book):
    assert of(edition, book) == of(edition, book)
    assert of(edition, book).whole == of(edition, book).whole


def test_the_order_of_parameters_does_not_matter(edition, book):
    assert of(edition, book, parameters={"a": 1, "b": 2}) == of(edition, book, parameters={"b": 2, "a": 1})


@pytest.mark.parametrize(("changed", "words"), [
    ({"parameters": {"year": 2023}}, "its parameters changed"),
    ({"parameters": {"year": "2024"}}, "its parameters changed"),
    ({"data": "abd"}, "its data changed"),
    ({"document": ""}, "its document or the house style changed"),
])  # fmt: skip
def test_each_thing_given_is_told_apart(edition, book, changed, words):
    assert of(edition, book, **changed).changes(asdict(of(edition, book))) == words


@pytest.mark.parametrize(("file", "words"), [
    ("notebooks/good.ipynb", "the notebook changed"),
    ("params/2024.yml", "a file of params/ changed"),
    ("params/new.csv", "a file of params/ changed"),
    ("reports/annual_report.qmd", "its document or the house style changed"),
    ("_quarto.yml", "its document or the house style changed"),
])  # fmt: skip
def test_each_file_it_depends_on_is_told_apart(edition, book, file, words):
    before = of(edition, book)
    path = edition / file
    path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + "\n", encoding="utf-8")
    after = of(edition, book)
    assert after.changes(asdict(before)) == words and after.whole != before.whole


def test_outputs_and_hidden_files_are_no_source_of_a_document(edition):
    before = document_sources(edition)
    for name in ("_output/2024/a.html", "_executed/a.ipynb", ".staging-x/a.qmd"):
        path = edition / "reports" / name
        path.parent.mkdir(parents=True)
        path.write_text("x", encoding="utf-8")
    assert document_sources(edition) == before


def test_the_content_of_a_folder_is_its_files_by_name(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("b", encoding="utf-8")
    (tmp_path / ".lock").touch()
    assert list(content_hash(tmp_path)) == ["a/b.txt"]
