"""How long the charts of a service's pack take in a warm process, beside those that Matplotlib's axes draw.

Run it by hand: ``python benchmarks/bench_figures.py``. The numbers are made up: only their shape matters (ten KPIs, 77
services, 36 months). The target is under 60 ms a chart of a pack, and under 0.35 s for all of them.
"""

from __future__ import annotations

import io
import statistics
import time
import zlib
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image

from fls_research.analysis.clocks import LABELS, LANDMARKS, WAITING
from fls_research.analysis.funnels import FUNNEL_COUNTS, FUNNEL_ESTIMATES, FUNNEL_LABELS, LIMIT_NUMBERS, funnels
from fls_research.analysis.monthly import SIGNAL_NUMBERS, signals
from fls_research.disclosure import Publishable, release, release_curve, release_estimates, release_reference
from fls_research.outputs import canvas, figures, style
from fls_research.outputs.board import warm

REPEATS = 9
SERVICES = 77
KPIS = {
    "kpi2": "Non-spine fractures identified",
    "kpi3": "Spine fractures identified",
    "kpi4": "Assessment within 90 days",
    "kpi5": "DXA within 90 days",
    "kpi6": "Falls assessment",
    "kpi7": "Bone therapy recommended",
    "kpi8": "Strength and balance training by 16 weeks",
    "kpi9": "Follow-up by 16 weeks",
    "kpi10": "Bone therapy started by 16 weeks",
    "kpi11": "Bone therapy at 52 weeks",
}
GROUPS = {
    "Age": ("50–64", "65–74", "75–84", "85 and over"),
    "Sex": ("Women", "Men"),
    "Deprivation": ("1, most deprived", "2", "3", "4", "5, least deprived"),
    "Care home": ("Own home", "Care home"),
}
BELOW = {"policy": "hes", "level": "below national", "synthetic": True}


def counts(generator: np.random.Generator, kpis: list[str], groups: list[str], patients: int, **labels) -> pd.DataFrame:
    """A ``counts`` frame of every KPI in every group, about as many patients in each."""
    rows = pd.MultiIndex.from_product([kpis, groups], names=["kpi", "group"]).to_frame(index=False)
    denominator = generator.integers(patients // 2, patients * 2, len(rows)).astype(float)
    return rows.assign(
        data_year=2024,
        version=rows["kpi"] + ".2022",
        title=rows["kpi"].map(KPIS),
        numerator=np.round(denominator * generator.uniform(0.2, 0.9, len(rows))),
        denominator=denominator,
        **labels,
    )


def overview(generator: np.random.Generator) -> Callable[[], canvas.Figure]:
    own = counts(generator, list(KPIS), ["XA1"], 900, dimension="service", target=0.8, colour="Amber")
    place = release(own, lane="service", labels=["title", "target", "colour"], **BELOW)
    whole = counts(generator, list(KPIS), ["all"], 80_000, dimension="national")
    nation = release(whole, lane="patient_group", policy="hes", level="national", labels=["title"])
    return lambda: figures.kpi_overview(place, name="City", nation=nation, peers=nation)


def run_charts(generator: np.random.Generator) -> Callable[[], canvas.Figure]:
    groups = [f"{year}-{month:02}" for year in (2022, 2023, 2024) for month in range(1, 13)]
    made = counts(generator, ["kpi4", "kpi6", "kpi7", "kpi9", "kpi10"], groups, 200, dimension="month")
    made = made.assign(data_year=made["group"].str[:4].astype(int))
    months = release(made, lane="patient_group", labels=["title"], **BELOW)
    told = release_reference(signals(months.frame), numbers=SIGNAL_NUMBERS)
    return lambda: figures.run_charts(months, told)


def funnel(generator: np.random.Generator) -> Callable[[], canvas.Figure]:
    services = [f"S{place:02}" for place in range(SERVICES)]
    of_all = counts(generator, ["kpi4", "kpi5", "kpi6", "kpi7", "kpi9", "kpi10"], services, 900, dimension="service")
    found = funnels(of_all, own={"S07": "City"})
    how = {"estimate_columns": FUNNEL_ESTIMATES, "count_columns": FUNNEL_COUNTS, "labels": FUNNEL_LABELS}
    positions = release_estimates(found.positions, complements=["kpi"], **how, **BELOW)
    limits = release_reference(found.limits, numbers=LIMIT_NUMBERS)
    return lambda: figures.funnels(positions, limits)


def clocks(generator: np.random.Generator) -> Callable[[], canvas.Figure]:
    def curve(patients: int, level: str, dimension: str) -> Publishable:
        states = {"assessment": "assessed", "treatment": "confirmed on treatment"}
        rows = [
            {"data_year": 2024, "step": step, "dimension": dimension, "group": "all", "day": day, "state": name,
             "patients": round(patients / 80)}
            for step, done in states.items()
            for name, days in ((done, range(7, 365, 7)), ("died", range(7, 365, 14)), (WAITING, (365,)))
            for day in days
        ]  # fmt: skip
        return release_curve(
            pd.DataFrame(rows), censored=WAITING, landmarks=LANDMARKS, labels=LABELS, policy="hes", level=level
        )

    own, nation = curve(900, "below national", "service"), curve(80_000, "national", "national")
    return lambda: figures.curves_beside(own, nation, own_name="City")


def gaps(generator: np.random.Generator) -> Callable[[], canvas.Figure]:
    parts = [
        counts(generator, ["kpi4", "kpi6", "kpi7", "kpi10"], list(names), 200, dimension=name, characteristic=name)
        for name, names in GROUPS.items()
    ]
    made = pd.concat(parts).assign(group_name=lambda rows: rows["group"])
    table = release(made, lane="patient_group", labels=["title", "characteristic", "group_name"], **BELOW)
    return lambda: figures.group_gaps(table)


def completeness(generator: np.random.Generator) -> Callable[[], canvas.Figure]:
    names = [f"Field of the dataset {place}" for place in range(14)]
    made = counts(generator, ["kpi4"], names, 900, dimension="field").assign(field=lambda rows: rows["group"])
    table = release(made, lane="patient_group", labels=["title", "field"], **BELOW)
    return lambda: figures.completeness_bars(table)


def with_axes(generator: np.random.Generator) -> tuple[Callable[[], canvas.Figure], Callable[[], canvas.Figure]]:
    """Two charts of the annual report, drawn on Matplotlib's axes."""
    years = [counts(generator, list(KPIS), ["all"], 80_000, dimension="national", target=0.8) for _ in range(2)]
    both = pd.concat([years[0].assign(data_year=2023), years[1]])
    table = release(both, lane="patient_group", policy="hes", level="national", labels=["title", "target"])
    return lambda: figures.kpi_change(table, year=2024, before=2023), lambda: figures.trend(table)


def milliseconds(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


def encodings(drawing: Callable[[], canvas.Figure]) -> dict[str, tuple[Callable[[], bytes], str]]:
    """The last sheet that a chart made, written in the ways there are."""
    kept: list[canvas.Sheet] = []
    finished = canvas.Sheet.finished
    canvas.Sheet.finished = lambda sheet, *given: kept.append(sheet) or finished(sheet, *given)
    try:
        made = drawing()
    finally:
        canvas.Sheet.finished = finished
    sheet, pixels = kept[-1], np.asarray(Image.open(io.BytesIO(made.png)).convert("RGBA"))

    def by_pillow(**how: int) -> bytes:
        held = io.BytesIO()
        Image.fromarray(pixels).save(held, "PNG", **how)
        return held.getvalue()

    def as_svg() -> bytes:
        held = io.BytesIO()
        with mpl.rc_context({**style.settings(), "svg.hashsalt": "fls"}):
            FigureCanvasSVG(sheet.drawing).print_svg(held, metadata={"Date": None})
        return held.getvalue()

    return {
        "PNG, the kit's own writer": (lambda: canvas.png(pixels, dpi=style.DPI), "encoding alone"),
        "PNG, Pillow as Matplotlib asks it": (lambda: by_pillow(), "encoding alone"),
        "PNG, Pillow, level 1": (lambda: by_pillow(compress_level=1), "encoding alone"),
        "SVG": (as_svg, "drawing and encoding"),
        "SVG, compressed": (lambda: zlib.compress(as_svg()), "drawing and encoding"),
    }


def main() -> None:
    generator = np.random.default_rng(2024)
    begun = time.perf_counter()
    warm()
    print(f"{(time.perf_counter() - begun) * 1000:7.1f} ms  the first board of a process: fonts are found and loaded")
    made = {
        "KPIs beside the nation and peers": overview(generator),
        "run charts, 5 KPIs of 36 months": run_charts(generator),
        f"funnels, 6 KPIs of {SERVICES} services": funnel(generator),
        "two clocks beside the nation's": clocks(generator),
        "gaps between groups, 4 KPIs": gaps(generator),
        "completeness of 14 fields": completeness(generator),
    }
    whole = 0.0
    for name, draw in made.items():
        size = len(draw().png) / 1000
        taken = milliseconds(draw)
        whole += taken
        print(f"{taken:7.1f} ms  {name} ({size:.0f} kB)")
    print(f"{whole:7.1f} ms  all the charts of a pack")
    change, trend = with_axes(generator)
    for name, draw in {"KPIs in two years": change, "KPIs over the years": trend}.items():
        draw()
        print(f"{milliseconds(draw):7.1f} ms  on Matplotlib's axes: {name}")
    for name, (encode, what) in encodings(change).items():
        print(f"{milliseconds(encode):7.1f} ms  {what}: {name} ({len(encode()) / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
