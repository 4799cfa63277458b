"""A finished edition small enough to read: two results, their facts, a rendered page and the PDF made with it."""

import json
from pathlib import Path

import typst

from fls_research.params import load_year
from fls_research.pipeline import facts

ROOT = Path(__file__).parents[2]
YEAR = 2024

PAGE = """<html><body>
<div id="tbl-kpi-national"><table><caption>Table&nbsp;1: The “KPIs”, nationally</caption></table></div>
<div id="tbl-kpi-colours"><table><caption>Table 2: Services at each level</caption></table></div>
<figure id="fig-spread"><img src="a.png"><figcaption>Figure 1: Every service</figcaption></figure>
</body></html>
"""
SHEETS = """
#set page(numbering: "1", height: 8cm, width: 14cm)
First page.
#pagebreak()
Table 1: The "KPIs", \\ nationally

KPI 4 {before} {now}
#pagebreak()
Table 2: Services at each level

KPI 4 {below} 77
#pagebreak()
KPI 6 31 12
#pagebreak()
Figure 1: Every service
"""
RECOMMENDATIONS = """
year: 2024
project:
  reference: "HQIP ref 521"
  title: "Steps & <signs>"
  measures: "What is done."
  countries: "England and Wales"
  series: "The ninth report."
  period: "1 January to 31 December 2024"
  objectives: {none: "none is named"}
recommendations:
  - id: assessment
    message: "Assess in time"
    text: "Boards should help services to assess at least 80% within 90 days."
    ways: ["Look at the data.", "Meet."]
    audience: ["Boards"]
    evidence:
      - sentence: >-
          {{< var kpi4.services.now.below-50 >}} of {{< var kpi4.services.now.with-value >}} services assessed fewer
          than half in {{< var year.now >}}.
        result: tbl-kpi-colours
    kpis: [kpi4]
    levers: {none: "none is named"}
    guidance: ["NICE NG249", "ROS FLS standard 2"]
    previous:
      - kpi: kpi4
        facts: [kpi4.national.2023.percent, kpi4.national.2024.percent]
"""


def fact(value, text, unit="percent", **told):
    return {"value": value, "text": text, "unit": unit, "numerator": None, "denominator": None, "lower": None,
            "upper": None, "definition": "", "suppressed": False} | told  # fmt: skip


def results(*, now=69.0, below=19):
    national = {
        "kpi4.national.2023.percent": fact(65.4, "65%", definition="kpi4.2016", numerator=654, denominator=1000),
        "kpi4.national.2024.percent": fact(
            now, f"{now:.0f}%", definition="kpi4.2016", numerator=round(now * 10), denominator=1000
        ),
        "published.kpi4.national.2023.percent.report-2024": fact(65.0, "65%"),
    }
    services = {
        "kpi4.services.2024.below-50": fact(below, str(below), "services"),
        "kpi4.services.2024.with-value": fact(77, "77", "services"),
        "kpi6.services.2024.at-least-80": fact(31, "31", "services"),
    }
    return {"tbl-kpi-national": national, "tbl-kpi-colours": services}


def write_edition(folder, told=None, *, synthetic=True, sheets=None):
    """An edition in ``folder``, as a build leaves it; ``told`` maps each result to its facts."""
    told = told or results()
    (folder / "results").mkdir(parents=True, exist_ok=True)
    for label, found in told.items():
        about = {"id": label, "title": f"About {label}", "notebook": "20_kpis", "cell": label, "policy": "hes",
                 "synthetic": synthetic, "facts": found}  # fmt: skip
        (folder / "results" / f"{label}.json").write_text(json.dumps(about), encoding="utf-8")
    gathered = facts.gather(folder / "results")
    facts.write(gathered, facts.variables(gathered, load_year(YEAR, ROOT), synthetic=synthetic), folder)
    manifest = {
        "edition": YEAR,
        "synthetic": synthetic,
        "extract": {"name": "x.csv", "sha256": "e" * 64, "rows": 12, "synthetic": synthetic},
        "settings": {"params/2024.yml": "s1"},
        "register": {"params/services.csv": "r1", "params/published.csv": "p1"},
        "notebooks": {"notebooks/20_kpis.ipynb": "n1"},
        "code": {"sha256": "c1", "commit": "abc123", "dirty": True},
        "versions": {"python": "3.11.0", "pandas": "2.3.3"},
        "reports": {"annual-report.pdf": "old"},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder / "annual-report.html").write_text(PAGE, encoding="utf-8")
    values = {name: record["text"] for found in told.values() for name, record in found.items()}
    source = (sheets or SHEETS).format(
        before=values["kpi4.national.2023.percent"],
        now=values["kpi4.national.2024.percent"],
        below=values["kpi4.services.2024.below-50"],
    )
    (folder / "annual-report.pdf").write_bytes(typst.compile(source.encode("utf-8")))
    return folder


def write_project(root, recommendations=RECOMMENDATIONS):
    """A project that holds what the line of sight reads of one."""
    (root / "params" / "recommendations").mkdir(parents=True, exist_ok=True)
    for name in ("2024.yml", "guidelines.csv", "published.csv"):
        (root / "params" / name).write_bytes((ROOT / "params" / name).read_bytes())
    (root / "params" / "recommendations" / "2024.yml").write_text(recommendations, encoding="utf-8")
    return root
