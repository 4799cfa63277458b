"""A pack of two pages for the tests of publishing: an executed notebook, a few facts, a document that embeds them."""

import base64
import json

import numpy as np
import yaml
from publish_outline import small_project

from fls_research.outputs.picture import png

DOCUMENT = "reports/service_pack.qmd"
TEXT = """\
---
title: "Pack of {{< var service.name >}}"
subtitle: "Data year {{< var year.now >}}"
toc: false
number-sections: false
---

# At a glance {#sec-glance}

{{< var service.name >}} sent **{{< var service.records >}} records**; see @fig-months and @tbl-kpis.

{{< embed _executed/90_service.ipynb#tbl-kpis >}}

{{< embed _executed/90_service.ipynb#fig-months >}}

{{< pagebreak >}}

# Beside the others

{{< embed _executed/90_service.ipynb#fig-funnel >}}

{{< embed _executed/90_service.ipynb#tbl-peers >}}
"""
KPIS = "| KPI | Value | Level |\n|:--|--:|:--|\n| Found in time | {records} | ● Amber |\n| Treated | 12 | ▲ Green |\n"
PEERS = "| Service | Value |\n|:--|--:|\n| {name} | {records} |\n| Peers | 40 |\n"


def pack_project(folder):
    """A project with a pack's document beside the annual report."""
    root, _ = small_project(folder)
    (root / DOCUMENT).write_text(TEXT, encoding="utf-8")
    return root


def pack_run(run_dir, *, name, records):
    """The folder of one service's run, and in its notebooks one that no document embeds and no one could read."""
    (run_dir / "notebooks").mkdir(parents=True)
    facts = {"service": {"name": name, "records": records}, "year": {"now": "2024"}}
    (run_dir / "_variables.yml").write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")
    cells = [
        _cell("tbl-kpis", "tbl-cap: The indicators", {"text/markdown": KPIS.format(records=records)}),
        _cell("fig-months", "fig-cap: By month\n#| fig-alt: A line for the months.", _drawn(records)),
        _cell("fig-funnel", "fig-cap: The funnel\n#| fig-alt: A dot between two limits.", _drawn(records + 1)),
        _cell("tbl-peers", "tbl-cap: The peers", {"text/markdown": PEERS.format(name=name, records=records)}),
    ]
    notebook = run_dir / "notebooks" / "90_service.ipynb"
    notebook.write_text(json.dumps({"cells": cells}, ensure_ascii=False), encoding="utf-8")
    (run_dir / "notebooks" / "10_other.ipynb").write_text("no notebook", encoding="utf-8")
    return run_dir


def _cell(label, options, data):
    output = {"output_type": "display_data", "metadata": {}, "data": data}
    return {"cell_type": "code", "metadata": {}, "source": f"#| label: {label}\n#| {options}\n", "outputs": [output]}


def _drawn(seed):
    pixels = np.random.default_rng(seed).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    return {"image/png": base64.b64encode(png(pixels, dpi=200)).decode()}
