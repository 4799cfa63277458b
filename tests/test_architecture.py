"""The rooms of docs/architecture.md hold: who imports whom, and one door for each outside thing."""

import ast
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fls_research"
ALL = {"errors", "params", "data", "stats", "kpi", "analysis", "disclosure", "outputs", "pipeline", "cli"}
ROOMS = {
    "errors": set(),
    "params": {"errors"},
    "data": {"errors", "params"},
    "stats": {"errors"},
    "kpi": {"errors", "params", "stats"},
    "analysis": {"errors", "params", "kpi", "stats"},
    "disclosure": {"errors", "params", "stats"},
    "outputs": {"errors", "disclosure", "stats"},
    "pipeline": ALL,
    "cli": ALL,
    "notebooks": {"params", "data.cohort", "data.places", "data.published", "kpi", "analysis", "stats", "disclosure",
                  "outputs"},
}  # fmt: skip
DOORS = {
    "matplotlib": "outputs",
    "seaborn": "outputs",
    "papermill": "pipeline",
    "distributed": "pipeline",
    "pypandoc": "pipeline",
    "typst": "pipeline",
    "quarto": "pipeline",
    "docx": "pipeline",
    "typer": "cli",
    "rich": "cli",
}
CLOCKS = {"datetime.now", "dt.datetime.now", "datetime.datetime.now", "datetime.utcnow", "date.today", "dt.date.today",
          "datetime.date.today", "time.time", "time.time_ns", "time.monotonic", "time.perf_counter"}  # fmt: skip


def source(path):
    """The Python of a module, or of a notebook's cells (lines such as %magic taken out)."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    return re.sub(r"(?m)^[%!].*$", "", code)


FILES = [p for p in sorted([*PACKAGE.rglob("*.py"), *(ROOT / "notebooks").glob("*.ipynb")]) if p.parent != PACKAGE or
         p.name != "__init__.py"]  # fmt: skip
TREES = {path: ast.parse(source(path)) for path in FILES}
each_file = pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())


def room(path):
    inside = path.relative_to(ROOT).with_suffix("").parts
    return inside[0] if inside[0] == "notebooks" else inside[1]


def imports(path):
    """Every module a file imports; ``from a import b`` counts as ``a.b``."""
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports name their module in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(path):
    """Every attribute chain, such as ``os.environ.get`` and the chains it begins with."""
    return {ast.unparse(node) for node in ast.walk(TREES[path]) if isinstance(node, ast.Attribute)}


def test_the_table_of_the_document_is_the_table_of_this_test():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.split("## Rooms")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)/?` \|.*\| ([^|]+) \|$", table, re.MULTILINE)
    written = {
        name: ALL if may == "everything" else set() if may == "nothing" else set(may.split(", ")) for name, may in rows
    }
    assert written == ROOMS


@each_file
def test_a_room_imports_only_what_it_may(path):
    mine, allowed = room(path), ROOMS[room(path)] | {"__version__"}
    used = {name.removeprefix("fls_research.") for name in imports(path) if name.startswith("fls_research.")}
    strangers = {u for u in used if u.split(".")[0] != mine and not any((u + ".").startswith(a + ".") for a in allowed)}
    assert strangers == set()


@each_file
def test_each_outside_thing_has_one_door(path):
    wrong = {name for name in imports(path) if DOORS.get(name.split(".")[0], room(path)) != room(path)}
    assert wrong == set()


@each_file
def test_files_of_rows_are_read_in_data_only(path):
    readers = {chain for chain in dotted(path) if re.match(r"(pd|pandas)\.read_", chain)}
    assert room(path) == "data" or readers == set()


@each_file
def test_the_environment_the_clock_and_chance_have_one_door_each(path):
    chains, name = dotted(path), path.relative_to(PACKAGE).as_posix() if room(path) != "notebooks" else path.name
    assert name == "params.py" or not {c for c in chains if c.startswith(("os.environ", "os.getenv"))}
    assert name == "pipeline/manifest.py" or not chains & CLOCKS
    assert not {c for c in chains if re.match(r"(np|numpy)\.random\.(?!default_rng|Generator|PCG64|SeedSequence)", c)}
    assert "random" not in imports(path) and "default_rng()" not in ast.unparse(TREES[path])


@each_file
def test_modules_are_small_and_named_for_something(path):
    assert len(source(path).splitlines()) <= 500
    assert not {"utils", "util", "helpers", "common", "core", "misc"} & {path.stem, *path.parts[len(ROOT.parts) :]}
