"""Small released tables of one place, of the kinds that packs are made of."""

from __future__ import annotations

import pandas as pd

from fls_research.disclosure import release, release_counts, release_estimates, release_reference

LABELS = ["number", "title", "target", "colour"]

GATE = {"policy": "hes", "level": "below national"}


def own(*rows, lane="service"):
    """KPI rows of a place: year, KPI, met, of, colour."""
    table = pd.DataFrame(
        [(year, kpi, f"{kpi}.2016", int(kpi[3:]), f"Title {kpi}", 0.8, "service", "A", met, of, colour)
         for year, kpi, met, of, colour in rows],
        columns=["data_year", "kpi", "version", "number", "title", "target", "dimension", "group", "numerator",
                 "denominator", "colour"],
    )  # fmt: skip
    return release(table, lane=lane, labels=LABELS, **GATE)


def beside(*rows):
    """What it is held against: of, KPI, share."""
    table = pd.DataFrame(rows, columns=["of", "kpi", "proportion"]).assign(n=5000.0)
    return release_estimates(table, estimate_columns=["proportion"], count_columns=["n"], labels=["of", "kpi"], **GATE)


def changed(*rows):
    table = pd.DataFrame(rows, columns=["kpi", "proportion", "before", "beyond_chance"])
    return release_reference(table, numbers=["proportion", "before"])


def size(**records):
    table = pd.DataFrame({"data_year": [int(year[1:]) for year in records], "records": list(records.values())})
    return release_counts(table, count_columns=["records"], labels=["data_year"], complements=["data_year"], **GATE)


NATION = beside(("nation", "kpi4", 0.69), ("peers", "kpi4", 0.5))

TWO_YEARS = own((2022, "kpi4", 300, 500, "Amber"), (2024, "kpi4", 450, 500, "Green"))


def notice(**row):
    usual = {"place": 1, "heading": "To improve", "kpi": "kpi4", "title": "Assessed", "says": "", "value": 0.4,
             "compared": 0.69, "aim": 0.8}  # fmt: skip
    return release_reference(pd.DataFrame([{**usual, **row}]), numbers=["place", "value", "compared", "aim"])


def gaps(*rows):
    table = pd.DataFrame(rows, columns=["kpi", "title", "words", "proportion", "reference", "beyond_chance"])
    table = table.assign(difference=table["proportion"] - table["reference"])
    return release_reference(table, numbers=["proportion", "reference", "difference"])


SEX, AGE = "Men v women", "Old v young"


def steps(patients, wanted=600.0):
    table = pd.DataFrame(
        [{"step": "treated", "title": "On treatment", "share": 0.8, "wanted": wanted, "patients": patients}]
    )
    labels = ["step", "title", "share", "wanted"]
    return release_counts(table, count_columns=["patients"], labels=labels, complements=["step"], **GATE)


def expected(number):
    return release_reference(pd.DataFrame({"expected": [number]}), numbers=["expected"])
