"""What was not released leaves neither in an executed copy nor in a file beside it."""

import json

import nbformat
import pytest

from fls_research.errors import DisclosureError
from fls_research.pipeline.batch.order import Order, works_of
from fls_research.pipeline.batch.workers import attempt
from fls_research.pipeline.build import build
from fls_research.pipeline.exhibits import NOT_KEPT, is_released, keep_released, refuse_strays

PARAMETERS = 'year: int = 2024\nprepared: str = ""\nrun_dir: str = ""'
OPEN = "from fls_research.data import cohort as cohorts\nfractures = cohorts.open_edition(year, prepared).fractures"
SHOWN = """\
from fls_research.disclosure import release_reference
from fls_research.outputs.tables import table
import pandas as pd
table(release_reference(pd.DataFrame({"colour": ["green"]})), columns={"colour": "Colour"})"""
LEAKS = {
    "a frame": "fractures[['age', 'sex']]",
    "a row": "fractures.iloc[0]",
    "a value": "int(fractures['age'].max())",
    "counts by service": "fractures.groupby(['service_code', 'sex'], observed=True).size()",
    "print": "print(fractures['age'].tolist())",
    "a warning": "import warnings; warnings.warn(str(fractures['age'].tolist()))",
    "display": "from IPython.display import Markdown, display; display(Markdown(str(fractures['age'].tolist())))",
    "another plot": "from matplotlib import pyplot; pyplot.plot(fractures['age'])",
}


def add(root, name, *cells):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title")])
    book.cells += [nbformat.v4.new_code_cell(source) for source in (PARAMETERS, OPEN, *cells)]
    book.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(book, root / "notebooks" / f"{name}.ipynb")


def run(root, name):
    """Run one notebook by hand; returns its folder."""
    work = works_of(Order(name), root).works[0]
    error = attempt(work, root).error
    if error:
        raise error
    return root / work.place


def outputs(path):
    return [o for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] for o in cell.get("outputs", ())]


@pytest.mark.slow
def test_an_executed_copy_keeps_released_tables_and_nothing_else(edition):
    add(edition, "leaks", *LEAKS.values(), SHOWN)
    kept = outputs(run(edition, "leaks") / "notebooks" / "leaks.ipynb")
    assert [o["data"]["text/plain"] for o in kept[:-1] if o["data"]["text/plain"] != NOT_KEPT] == []
    assert kept[-1]["data"]["text/markdown"].startswith("| Colour |")
    shown = json.dumps([o["data"] for o in kept[:-1]])
    assert not any(age in shown for age in ("71", "82", "66")) and "image/png" not in shown


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ages.csv", "results/ages.csv", "notes.txt", "deep/ages.json"])
def test_a_file_that_went_past_the_gate_stops_the_run(edition, name):
    write = f"path = __import__('pathlib').Path(run_dir) / '{name}'\npath.parent.mkdir(parents=True, exist_ok=True)"
    add(edition, "writes", f"{write}\npath.write_text(fractures['age'].to_csv())")
    with pytest.raises(DisclosureError, match=f"{name}: a notebook wrote this file past the gate"):
        run(edition, "writes")


@pytest.mark.slow
def test_a_build_is_held_to_the_same(edition):
    add(edition, "05_leaks", *LEAKS.values())
    built = build(2024, root=edition, engine="pandoc")
    assert {o["data"]["text/plain"] for o in outputs(built.folder / "notebooks" / "05_leaks.ipynb")} == {NOT_KEPT}
    add(edition, "05_leaks", "open(run_dir + '/ages.csv', 'w').write('age')")
    with pytest.raises(DisclosureError, match=r"ages\.csv"):
        build(2024, root=edition, engine="pandoc")
    assert not (built.folder / "ages.csv").exists()


@pytest.mark.parametrize(
    ("data", "released"),
    [
        ({"text/markdown": "| a |", "text/plain": "a"}, True),
        ({"image/png": "x", "text/plain": "<Figure: 3 KPIs, 160 by 90 mm>"}, True),
        ({"text/plain": "<Publishable: 2 rows, 0 suppressed, no person counts>"}, True),
        ({"image/png": "x", "text/plain": "<Figure size 640x480 with 1 Axes>"}, False),
        ({"image/png": "x", "text/plain": "<Axes: >"}, False),
        ({"text/markdown": "71", "text/plain": "<IPython.core.display.Markdown object>"}, False),
        ({"text/html": "<table>", "text/plain": "age"}, False),
        ({"text/html": "<table>", "text/markdown": "| a |", "text/plain": "age"}, False),
        ({"text/plain": "71"}, False),
    ],
)
def test_what_is_known_for_released(data, released):
    assert is_released({"output_type": "display_data", "data": data}) is released


def test_results_in_pairs_and_copies_are_no_strays(tmp_path):
    for name in ("results/tbl-a.csv", "results/tbl-a.json", "notebooks/10_a.ipynb", "log.jsonl", "manifest.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    refuse_strays(tmp_path)
    (tmp_path / "10_b.ipynb").touch()
    refuse_strays(tmp_path, known=("10_b.ipynb",))
    with pytest.raises(DisclosureError, match=r"10_b\.ipynb"):
        refuse_strays(tmp_path)


def test_a_copy_without_outputs_stays_as_it_is(tmp_path):
    path = tmp_path / "a.ipynb"
    text = json.dumps({"cells": [{"cell_type": "markdown", "source": "Größe"}]}, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8")
    keep_released(path)
    assert path.read_text(encoding="utf-8") == text
