"""What each group of patients had: the proportions as they are, and as they would be if groups were alike otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from fls_research.analysis.adjustment import adjusted_model
from fls_research.analysis.comparisons import CHARACTERISTICS, with_words
from fls_research.analysis.design import COVARIATES, KEYS, patient_kpis
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.report import labelled

GROUP_LABELS: tuple[str, ...] = ("number", "title", "target", "characteristic", "group_name")
"""Columns of :func:`group_counts` that say what a row is, beyond those of every ``counts`` frame."""

LEVEL_LABELS: tuple[str, ...] = (*KEYS, "dimension", "group", *GROUP_LABELS)
LEVEL_COUNTS: tuple[str, ...] = ("n", "events")
LEVEL_ESTIMATES: tuple[str, ...] = ("proportion", "lower", "upper")
"""Columns of :func:`adjusted_proportions`, by what they are."""


def group_counts(
    fractures: pd.DataFrame,
    *,
    years: Sequence[int],
    dimensions: Iterable[str] = tuple(CHARACTERISTICS),
    kpis: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The counts of every patients' KPI in every group; records without an answer are a group of their own.

    Parameters
    ----------
    fractures : one row per patient record; for KPI 11 with the records of the year before.
    years : data years.
    dimensions : what patients are grouped by.
    kpis : ids of patients' KPIs; all headline ones when not given.

    Returns
    -------
    A ``counts`` frame with the labels of :data:`GROUP_LABELS`, ready for ``disclosure.release``.

    >>> fractures = pd.DataFrame({"data_year": 2024, "service_code": "A", "sex": ["male", "female", None],
    ...     "therapy": ["declined", "drug", "drug"]})
    >>> counts = group_counts(fractures, years=[2024], dimensions=["sex"], kpis=["kpi7"])
    >>> counts[["title", "group_name", "numerator", "denominator"]]
                          title group_name  numerator  denominator
    0  Bone therapy recommended      Women        1.0          1.0
    1  Bone therapy recommended        Men        0.0          1.0
    2  Bone therapy recommended  Not known        1.0          1.0
    """
    chosen = patient_kpis(max(years)) if kpis is None else tuple(kpis)
    return with_words(labelled(evaluate(fractures, None, years=years, by=list(dimensions), kpis=chosen)))


def adjusted_proportions(
    patterns: pd.DataFrame, *, covariates: Sequence[str] = COVARIATES, confidence: float
) -> pd.DataFrame:
    """The proportion each group would have if all patients were in it, everything else about them as it is.

    Arguments and method as :func:`fls_research.analysis.inequality.gaps`.

    Returns
    -------
    One row a KPI, year, covariate and level: the keys, ``number``, ``title``, ``target``, ``dimension``, ``group``,
    ``characteristic``, ``group_name``; ``n`` and ``events`` as observed; ``proportion``, ``lower``, ``upper`` adjusted.
    A level without a finite estimate has no row.

    >>> patterns = pd.DataFrame({"data_year": 2024, "kpi": "kpi7", "version": "kpi7.2016", "service": list("aabb"),
    ...     "sex": ["male", "female"] * 2, "n": 50.0, "events": [20.0, 30.0, 25.0, 40.0]})
    >>> patterns = patterns.assign(proportion=patterns["events"] / patterns["n"])
    >>> found = adjusted_proportions(patterns, covariates=["sex"], confidence=0.95)
    >>> found[["group_name", "n", "proportion"]].round(2)
      group_name      n  proportion
    0      Women  100.0        0.70
    1        Men  100.0        0.45
    """
    found, level = [], [*LEVEL_COUNTS, *LEVEL_ESTIMATES]
    for keys, of_kpi in patterns.groupby(list(KEYS), sort=False):
        model = adjusted_model(of_kpi, covariates=covariates)
        for column in covariates if model is not None else ():
            if model.levels(column):
                levels = model.proportions(column, confidence=confidence).rename(
                    columns={"level": "group", "estimate": "proportion"}
                )
                found.append(levels.assign(dimension=column, **dict(zip(KEYS, keys, strict=True))))
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=[*KEYS, "dimension", "group", *level])
    return with_words(labelled(rows))[[*LEVEL_LABELS, *level]]
