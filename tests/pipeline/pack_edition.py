"""A small synthetic edition in which every kind of place occurs, and the cells of its packs run in this process."""

from __future__ import annotations

import ast
import json
import re
import shutil
from pathlib import Path

from fls_research.data.cohort import prepare_once
from fls_research.data.synthetic.demo import write_demo
from fls_research.params import load_year
from fls_research.pipeline.materials import ready

ROOT = Path(__file__).parents[2]
NOTEBOOKS = {"service": "90_service", "area": "91_region", "region": "91_region"}


def make_pack_edition(root, *, scale=0.06, policy="hes"):
    """A project with the notebooks of packs and a twentieth of the demo data, in which no service is too small."""
    shutil.copytree(ROOT / "params", root / "params")
    shutil.copytree(ROOT / "reports", root / "reports", ignore=shutil.ignore_patterns("_output", "_executed", ".*"))
    shutil.copy2(ROOT / "_quarto.yml", root / "_quarto.yml")
    (root / "notebooks").mkdir()
    for name in set(NOTEBOOKS.values()):
        shutil.copy2(ROOT / "notebooks" / f"{name}.ipynb", root / "notebooks")
    settings = root / "params" / "2024.yml"
    text = re.sub(r"min_records: \d+", "min_records: 1", settings.read_text(encoding="utf-8"))
    settings.write_text(text.replace("policy: hes", f"policy: {policy}"), encoding="utf-8")
    write_demo(root / "data" / "demo", seed=3, scale=scale, root=root)
    return root


def materials_of(root):
    """The materials of such a project."""
    settings = load_year(2024, root)
    return ready(prepare_once(settings, root, root / settings.extract, root / "data" / "prepared"))


def run_cells(root, materials, kind, code, run_dir):
    """Run the cells of a place's pack, and give what each labelled one showed, in Markdown where it has that."""
    name = NOTEBOOKS[kind]
    cells = json.loads((root / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    known: dict = {}
    shown = {}
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        source = "".join(cell["source"])
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell["id"], "exec"), known)
        if "parameters" in cell["metadata"].get("tags", []):
            folder = materials.folder(code, kind=kind).relative_to(root).as_posix()
            known |= {"service": code, "place": code, "materials": folder, "run_dir": run_dir}
        if last is not None:
            value = eval(compile(ast.Expression(last.value), cell["id"], "eval"), known)
            label = re.search(r"#\| label: (\S+)", source)
            if label:
                shown[label[1]] = value.markdown() if hasattr(value, "markdown") else value
    return shown, known
