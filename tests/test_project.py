"""The files beside the code: environments in step, lock files that name no address, notebooks in the house style."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {
    "matplotlib": "matplotlib-base",
    "pypandoc-binary": "pypandoc",
    "seaborn": "seaborn-base",
}
"""Distributions that conda-forge calls otherwise; its pypandoc takes pandoc from its own package."""
CONDA_ONLY = {"python", "pip", "pandoc", "quarto"}


def declared():
    """Every requirement of pyproject.toml, with its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    return {r.name: r.specifier for r in map(Requirement, lines)}


def environment():
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def conda():
    """(conda packages, pip packages) of environment.yml, each name to range."""
    plain = {}
    for line in environment()["dependencies"]:
        if isinstance(line, str):
            name, _, versions = line.partition(" ")
            plain[name] = SpecifierSet(versions)
    pip = next(line["pip"] for line in environment()["dependencies"] if isinstance(line, dict))
    return plain, {r.name: r.specifier for r in map(Requirement, pip)}


def test_the_environment_asks_conda_forge_only():
    assert environment()["channels"] == ["conda-forge", "nodefaults"]


def test_every_requirement_stands_in_both_files_with_the_same_range():
    plain, pip = conda()
    wanted = {CONDA_NAMES.get(name, name) if name not in pip else name: r for name, r in declared().items()}
    offered = {name: r for name, r in plain.items() if name not in CONDA_ONLY} | pip
    assert offered == wanted


def test_the_python_of_the_environment_is_one_the_project_accepts():
    text = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plain, _ = conda()
    classifiers = [c.rsplit(" ", 1)[1] for c in text["classifiers"] if re.search(r":: 3\.\d+$", c)]
    versions = [f"3.{minor}" for minor in range(8, 20) if plain["python"].contains(f"3.{minor}")]
    assert versions == classifiers
    assert all(SpecifierSet(text["requires-python"]).contains(v) for v in versions)


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_file_names_no_address_and_hashes_everything(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|git\+|--(extra-)?index-url|--find-links|--trusted-host", text)
    entries = re.split(r"\n(?=\S)", text.replace("\\\n", " ").strip())
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert [e for e in entries if not re.match(r"\S+==\S+( ; [^#]+?)?\s+--hash=sha256:[0-9a-f]{64}", e)] == []


@pytest.mark.parametrize(("name", "extras"), [
    ("requirements.lock", ("batch", "build", "notebook", "publish")),
    ("requirements-test.lock", ("batch", "build", "notebook", "publish", "test")),
])  # fmt: skip
def test_a_lock_file_fits_what_the_project_asks_for(name, extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = re.findall(r"(?m)^([\w.-]+)(?:\[[\w,.-]+\])?==([\w.]+)", (ROOT / name).read_text(encoding="utf-8"))
    lines = [*project["dependencies"], *(r for e in extras for r in project["optional-dependencies"][e])]
    for requirement in map(Requirement, lines):
        versions = [version for package, version in pinned if package == requirement.name]
        assert versions and all(requirement.specifier.contains(v) for v in versions), requirement


def test_pandas_stays_below_three():
    assert not declared()["pandas"].contains("3.0")


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def cells(path):
    return [(c, "".join(c["source"])) for c in json.loads(path.read_text(encoding="utf-8"))["cells"]]


def options(source):
    """The ``#|`` lines of a cell."""
    return yaml.safe_load("\n".join(line[2:] for line in source.splitlines() if line.startswith("#|"))) or {}


@each_notebook
def test_a_notebook_begins_with_its_title_and_its_question(path):
    first, source = cells(path)[0]
    assert first["cell_type"] == "markdown"
    assert re.match(r"# \S", source) and "?" in source


@each_notebook
def test_a_notebook_is_stored_without_outputs(path):
    kept = [
        i
        for i, (c, source) in enumerate(cells(path))
        if c["cell_type"] == "code" and (c["outputs"] or c["execution_count"]) and "NBVAL_CHECK_OUTPUT" not in source
    ]
    assert kept == []


@each_notebook
def test_a_cell_calls_and_defines_nothing(path):
    code = [source for c, source in cells(path) if c["cell_type"] == "code"]
    logic = re.compile(r"(?m)^\s*(def|class|for|while|async|try|with open|lambda)\b")
    assert [s for s in code if logic.search(s)] == []


@each_notebook
def test_figures_and_tables_carry_caption_and_alternative_text(path):
    labels = []
    for c, source in cells(path):
        if c["cell_type"] != "code":
            continue
        told = options(source)
        label = str(told.get("label", ""))
        labels.append(label)
        if label.startswith("fig-"):
            assert told.get("fig-cap") and told.get("fig-alt") and told["fig-cap"] != told["fig-alt"], label
        if label.startswith("tbl-"):
            assert told.get("tbl-cap"), label
    named = [label for label in labels if label]
    assert len(named) == len(set(named))


@each_notebook
def test_what_is_shown_has_words_before_it(path):
    pairs = zip(cells(path), cells(path)[1:], strict=False)
    bare = [s for (before, _), (c, s) in pairs if options(s).get("label") and before["cell_type"] != "markdown"]
    assert [s for s in bare if "".join(s).strip()] == []


def test_a_report_holds_prose_only():
    for page in (ROOT / "reports").rglob("*.qmd"):
        if "_output" not in page.parts:
            assert not re.search(r"^\s*```\{(python|r|julia)", page.read_text(encoding="utf-8"), re.MULTILINE), (
                page.name
            )
