"""Do groups wait differently? Gray's test and a log-rank test within services, corrected for their number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.analysis.clocks import WAITING, step, waits
from fls_research.kpi.groups import Dimension, dimensions, group
from fls_research.kpi.rules import NOT_KNOWN
from fls_research.stats.multiplicity import holm
from fls_research.stats.survival import gray_test, log_rank

ESTIMATES = ("gray", "gray_p", "within", "within_p", "constant_overall_p", "constant_within_p")
"""The columns of :func:`with_proportionality` that hold test statistics and p-values."""

LABELS = ("data_year", "step", "dimension", "group", "groups", "df", "within_df", "characteristic", "group_name")
"""Its labels, and those that ``comparisons.with_words`` adds."""


def group_tests(
    fractures: pd.DataFrame, *, of: str, by: Sequence[str], data_lock: dt.date, horizon: int
) -> pd.DataFrame:
    """For each dimension, whether its groups reach a step alike.

    Parameters
    ----------
    fractures, data_lock, horizon : as in :func:`~fls_research.analysis.clocks.waits`, with ``service_code``.
    of : id of the step.
    by : dimensions of ``kpi.groups``. Records in the group ``not known`` are left out of that dimension's tests: that
        an answer is missing is no trait of a patient.

    Returns
    -------
    One row per dimension with two groups or more: ``data_year``, ``step``, ``dimension``, ``group`` (always ``all``),
    ``groups`` (how many), ``n``, ``events`` (who reached the step), ``gray`` (chi-square of Gray's test of equal
    cumulative incidence, the other ends competing) with ``df`` and ``gray_p``; ``within`` (chi-square of the log-rank
    test of equal rates among those still waiting, stratified by service) with ``within_df`` and ``within_p``. Both
    p-values are Holm's, corrected over the dimensions of the table. A dimension of which no service holds two groups
    (such as the nation) has no test within services. Neither test allows for services that differ at random.

    >>> fractures = pd.DataFrame({
    ...     "data_year": 2024, "index_date": pd.to_datetime(["2024-01-01"] * 6), "days_to_death": None,
    ...     "service_code": "A", "sex": ["female", "male"] * 3, "days_to_assessment": [10, 40, 20, None, 30, 60]})
    >>> tested = group_tests(fractures, of="assessment", by=["sex"], data_lock=dt.date(2025, 6, 30), horizon=365)
    >>> tested[["dimension", "groups", "df", "gray_p", "within_p"]].round(3)
      dimension  groups  df  gray_p  within_p
    0       sex       2   1   0.028     0.025
    """
    asked = step(of)
    columns = ["dimension", "groups", "n", "events", "gray", "df", "gray_p", "within", "within_df", "within_p"]
    parts = []
    for data_year, of_year in fractures.groupby(fractures["data_year"].astype(int)):
        ended = waits(of_year, asked, data_lock=data_lock, horizon=horizon)
        rows = of_year.loc[ended.index]
        found = [_tested(ended, rows, dimension, asked.done) for dimension in dimensions(by)]
        table = pd.DataFrame([row for row in found if row], columns=columns)
        corrected = {name: holm(table[name]) for name in ("gray_p", "within_p")}
        parts.append(table.assign(data_year=data_year, step=asked.id, group="all", **corrected))
    joined = pd.concat(parts, ignore_index=True)
    return joined[[*(name for name in LABELS if name in joined), "n", "events", *(e for e in ESTIMATES if e in joined)]]


def with_proportionality(tests: pd.DataFrame, proportionality: pd.DataFrame) -> pd.DataFrame:
    """The tests of :func:`group_tests` with those of ``HazardModels.proportionality`` beside them.

    A dimension that is in the models only, such as ``all`` of their covariates together, is left out. Adds
    ``constant_overall_p`` and ``constant_within_p``, missing for a dimension that is in no model.
    """
    keys = ["data_year", "step", "dimension"]
    names = {"overall_p": "constant_overall_p", "within_p": "constant_within_p"}
    found = proportionality[[*keys, *names]].rename(columns=names)
    return tests.merge(found, on=keys, how="left", validate="1:1")


def _tested(ended: pd.DataFrame, rows: pd.DataFrame, dimension: Dimension, done: str) -> dict[str, object] | None:
    grouping = group(rows, dimension)
    names = grouping.names()[grouping.numbers]
    known = names != NOT_KNOWN
    day, state, groups = ended["day"][known], ended["state"][known], names[known]
    reached = (state == done).to_numpy()
    present = np.unique(groups)
    if len(present) < 2 or not reached.any():
        return None
    gray = gray_test(day, state, groups, cause=done, censored=WAITING)
    services = rows["service_code"][known].astype(str)
    told = {"dimension": dimension.name, "groups": len(present), "n": len(day), "events": int(reached.sum())}
    told |= {"gray": gray.statistic, "df": gray.df, "gray_p": gray.p_value}
    mixed = pd.Series(groups).groupby(services.to_numpy()).nunique().max() > 1
    if not mixed:
        return told | {"within": np.nan, "within_df": np.nan, "within_p": np.nan}
    within = log_rank(day, reached, groups, strata=services)
    return told | {"within": within.statistic, "within_df": within.df, "within_p": within.p_value}
