"""Projects small enough to run whole: the fixture notebooks alone, and one from which an edition can be built."""

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "pipeline" / "notebooks"

SETTINGS = """\
year: 2024
title: "T"
subtitle: "S"
published: "January 2026"
data_lock: 2025-06-30
extract: data/x.csv
register: params/services.csv
policy: hes
min_records: 1
comparison_years: [2023]
provenance:
  deprivation: {England: "IMD 2019"}
  geography: "42 boards"
seed: 1
"""
QUARTO = """\
project:
  type: website
  render:
    - reports/annual_report.qmd
lang: en-GB
format:
  html: {}
  docx: {}
  typst: {}
"""
REPORT = """\
---
title: "Records"
---

# Count {#sec-count}

{{< var synthetic.banner >}}

In {{< var year.now >}} there were {{< var cohort.records.now.count >}} records, as @tbl-count shows.

{{< embed _executed/10_count.ipynb#tbl-count >}}
"""
EXTRACT = """\
Record ID,Unit code,Data status,Gender,Age Frac diagnosed,Date Index Frac Diagnosed,SiteFirstFrac
1,010,SYNTHETIC,Female,71,2024-03-01,Hip
2,010,SYNTHETIC,Male,82,2024-04-01,Spine
3,5E1,SYNTHETIC,Female,66,2024-05-01,Wrist
4,5E1,SYNTHETIC,Female,49,2024-05-01,Wrist
5,5E1,SYNTHETIC,Female,,2024-05-01,Wrist
6,5E1,SYNTHETIC,Female,77,2023-05-01,Hip
"""
REGISTER = """\
code,name,nation,area_code,region_code,valid_from,valid_to,hip_fractures,caseload_source
010,Alder,England,QKK,Y56,2016-01-01,,300,NHFD
5E1,Birch,England,QMF,Y56,2016-01-01,,200,registered
"""


def make_project(root):
    (root / "params").mkdir(parents=True)
    (root / "_quarto.yml").write_text("project:\n  type: default\n", encoding="utf-8")
    shutil.copytree(FIXTURES, root / "notebooks")
    (root / "notebooks" / "not_a_notebook.ipynb").write_text("hello", encoding="utf-8")
    broken = (FIXTURES / "no_parameters.ipynb").read_text(encoding="utf-8").replace("print(1)", "year = = 3")
    (root / "notebooks" / "syntax.ipynb").write_text(broken, encoding="utf-8")
    return root


def make_edition(root):
    make_project(root)
    texts = {
        "_quarto.yml": QUARTO,
        "params/2024.yml": SETTINGS,
        "params/services.csv": REGISTER,
        "params/geography.csv": (ROOT / "params" / "geography.csv").read_text(encoding="utf-8"),
        "params/guidelines.csv": (ROOT / "params" / "guidelines.csv").read_text(encoding="utf-8"),
        "data/x.csv": EXTRACT,
        "reports/annual_report.qmd": REPORT,
    }
    for name, text in texts.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def project(tmp_path):
    """The fixture notebooks, and no settings."""
    return make_project(tmp_path / "project")


@pytest.fixture
def edition(tmp_path):
    """A project whose 2024 edition can be built: six rows, two services, one notebook, one page."""
    return make_edition(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Such a project with its edition built; to be looked at and not touched."""
    from fls_research.pipeline.build import build

    root = make_edition(tmp_path_factory.mktemp("finished") / "project")
    seen = []
    result = build(2024, root=root, engine="pandoc", progress=lambda *step: seen.append(step))
    return root, result, seen


@pytest.fixture
def published(finished, tmp_path):
    """A copy of the built project, to be changed."""
    return shutil.copytree(finished[0], tmp_path / "project")
