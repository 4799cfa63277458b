"""Gaps between groups of one place's patients, where the numbers of the groups allow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.analysis.comparisons import MOST_DEPRIVED, Comparison, with_words
from fls_research.analysis.groups import GROUP_LABELS, group_counts
from fls_research.stats.proportions import newcombe_difference

HEADINGS: dict[str, str] = {
    "age_75": "Age",
    "sex": "Sex",
    "imd_quintile": "Deprivation",
    "care_home": "Care home",
}
"""What a pack compares patients by, in order."""

PAIRS: tuple[Comparison, ...] = (
    Comparison(column="age_75", level="75 and over", references=("under 75",), words="75 and over v under 75"),
    Comparison(column="sex", level="male", references=("female",), words="Men v women"),
    MOST_DEPRIVED,
    Comparison(column="care_home", level="yes", references=("no",), words="Care home v own home"),
)
"""The two groups of each that are held against each other."""

KPIS: tuple[str, ...] = ("kpi4", "kpi5", "kpi6", "kpi7", "kpi9", "kpi10", "kpi11")
"""The KPIs compared: those of patients, without KPI 8, which counts patients of 75 and over alone."""

GAP_LABELS: tuple[str, ...] = GROUP_LABELS
GAP_NUMBERS: tuple[str, ...] = (
    *("data_year", "number", "comparisons"),
    *("proportion", "reference", "difference", "lower", "upper"),
)
"""The columns of numbers of :func:`gaps`: shares, made from released counts, and the number of comparisons."""

CONFIDENCE = 0.95


def place_groups(rows: pd.DataFrame, *, year: int, kpis: Sequence[str] = KPIS) -> pd.DataFrame:
    """The counts of each KPI in each group of a place's patients, as :func:`~.groups.group_counts` gives them."""
    return with_words(group_counts(rows, years=[year], dimensions=list(HEADINGS), kpis=kpis), headings=HEADINGS)


def gaps(released: pd.DataFrame) -> pd.DataFrame:
    """Each KPI's gap between the two groups of every pair, from counts as released.

    The intervals allow for the number of gaps that can be shown (Bonferroni): all of them together hold with 95%.

    Parameters
    ----------
    released : released counts by group of one year; ``status`` says which are shown.

    Returns
    -------
    One row a KPI and pair that has both groups among its rows: ``data_year``, ``kpi``, ``number``, ``title``, ``pair``
    and ``words``; ``proportion`` (of the first group), ``reference`` (of the second), ``difference``, ``lower``,
    ``upper`` (Newcombe), all missing where a group is held back or empty; ``comparisons`` (gaps that can be shown) and
    ``beyond_chance`` (``lower``, ``higher`` or nothing: what the first group is).

    >>> released = pd.DataFrame({"data_year": 2024, "kpi": "kpi4", "number": 4, "title": "Assessed",
    ...     "dimension": "sex", "group": ["male", "female"], "numerator": [40.0, 160.0], "denominator": [100.0, 200.0],
    ...     "status": "shown"})
    >>> gaps(released)[["words", "difference", "beyond_chance"]]
             words  difference beyond_chance
    0  Men v women        -0.4         lower
    """
    found = [_pair(released, pair) for pair in PAIRS]
    table = pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)
    usable = (table["n"] > 0) & (table["n_reference"] > 0)
    shown = int(usable.sum())
    told = table.assign(
        proportion=(table["events"] / table["n"]).where(usable),
        reference=(table["events_reference"] / table["n_reference"]).where(usable),
        comparisons=shown,
        **_differences(table.where(usable), shown),
    )
    # A share of two rounded counts would give both away, were it told to the last digit.
    shares = ["proportion", "reference", "difference", "lower", "upper"]
    told = told.assign(**told[shares].round(3))
    moved = np.select([(told["upper"] < 0).to_numpy(), (told["lower"] > 0).to_numpy()], ["lower", "higher"], default="")
    columns = ["data_year", "kpi", "number", "title", "pair", "words", "proportion", "reference"]
    told = told.assign(beyond_chance=moved).sort_values("number", kind="stable", ignore_index=True)
    return told[[*columns, "difference", "lower", "upper", "comparisons", "beyond_chance"]]


def _pair(released: pd.DataFrame, pair: Comparison) -> pd.DataFrame:
    keys = ["data_year", "kpi", "number", "title"]
    held = released.assign(
        n=released["denominator"].where(released["status"] == "shown"),
        events=released["numerator"].where(released["status"] == "shown"),
    )
    of_kind = held[held["dimension"] == pair.column]
    first = of_kind.loc[of_kind["group"] == pair.level, [*keys, "n", "events"]]
    other = of_kind.loc[of_kind["group"] == pair.references[0], [*keys, "n", "events"]]
    both = first.merge(other, on=keys, suffixes=("", "_reference"), validate="1:1")
    return both.assign(pair=pair.column, words=pair.words)


def _differences(table: pd.DataFrame, comparisons: int) -> dict[str, pd.Series]:
    confidence = 1 - (1 - CONFIDENCE) / max(comparisons, 1)
    found = newcombe_difference(
        table["events"].to_numpy(dtype=float),
        table["n"].to_numpy(dtype=float),
        table["events_reference"].to_numpy(dtype=float),
        table["n_reference"].to_numpy(dtype=float),
        confidence=confidence,
    )
    values = {"difference": found.estimate, "lower": found.lower, "upper": found.upper}
    return {name: pd.Series(np.atleast_1d(value), index=table.index, dtype=float) for name, value in values.items()}
