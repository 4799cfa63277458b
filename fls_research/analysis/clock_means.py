"""Days spent waiting: of the first so many days after the diagnosis, how many went by without the step, by group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fls_research.analysis.clocks import WAITING, exits, step
from fls_research.stats.survival import restricted_mean, restricted_mean_difference

CONFIDENCE = 0.95

ESTIMATES = ("days", "lower", "upper", "difference", "difference_lower", "difference_upper")
"""The columns of :func:`days_waiting` that hold estimates."""

LABELS = ("data_year", "step", "dimension", "group", "reference", "horizon", "whole", "characteristic", "group_name")
"""Its labels, and those that ``comparisons.with_words`` adds."""


def days_waiting(
    fractures: pd.DataFrame,
    *,
    of: str,
    references: Mapping[str, str],
    horizons: Sequence[int],
    data_lock: dt.date,
) -> pd.DataFrame:
    """The mean number of days, of the first ``horizon``, that a patient was alive and still without the step.

    Waiting ends with the step, with another end or with death, so it is an area under the curve of those still
    waiting and asks for no assumption on hazards. A death shortens it: read it beside the curve of deaths.

    Parameters
    ----------
    fractures, data_lock : as in :func:`~fls_research.analysis.clocks.waits`.
    of : id of the step.
    references : dimension to the group that the others are compared with.
    horizons : days; one that some group's follow-up does not reach gives missing values.

    Returns
    -------
    One row per dimension, group and horizon: ``data_year``, ``step``, ``dimension``, ``group``, ``reference``,
    ``horizon``, ``whole`` (the same in rows whose patients add up to all), ``n`` (patients), ``events`` (who stopped
    waiting by then), ``days`` with ``lower`` and ``upper`` (95%, Greenwood's variance), and ``difference`` from the
    reference group with ``difference_lower`` and ``difference_upper`` (0 for the reference itself, missing where no
    record holds it). Patients count as independent of one another.

    >>> fractures = pd.DataFrame({
    ...     "data_year": 2024, "index_date": pd.to_datetime(["2024-01-01"] * 4), "days_to_death": None,
    ...     "sex": ["female", "female", "male", "male"], "days_to_assessment": [10, 30, 40, None]})
    >>> waited = days_waiting(fractures, of="assessment", references={"sex": "female"}, horizons=[90],
    ...                       data_lock=dt.date(2025, 6, 30))
    >>> waited[["group", "n", "days", "difference"]]
        group    n  days  difference
    0  female  2.0  20.0         0.0
    1    male  2.0  65.0        45.0
    """
    left = exits(fractures, steps=[step(of).id], by=list(references), data_lock=data_lock)
    parts = []
    for (data_year, dimension), rows in left.groupby(["data_year", "dimension"], sort=False):
        for horizon in horizons:
            means = _means(rows, horizon)
            compared = _differences(means, references[dimension])
            parts.append(compared.assign(data_year=data_year, dimension=dimension, horizon=horizon))
    joined = pd.concat(parts, ignore_index=True).assign(step=step(of).id)
    whole = joined["dimension"] + ", " + joined["horizon"].astype(str) + " days"
    columns = [name for name in LABELS if name in joined or name == "whole"]
    return joined.assign(whole=whole)[[*columns, "n", "events", *ESTIMATES]]


def _means(rows: pd.DataFrame, horizon: int) -> pd.DataFrame:
    groups = pd.Categorical(rows["group"], categories=pd.unique(rows["group"]))
    ended = rows["state"] != WAITING
    followed = rows.loc[~ended].groupby("group")["day"].max()
    short = [group for group in groups.categories if followed.get(group, np.inf) < horizon]
    known = ~rows["group"].isin(short).to_numpy()
    found = pd.DataFrame({"group": groups.categories})
    if known.any():
        means = restricted_mean(
            rows["day"][known],
            ended[known],
            horizon=horizon,
            confidence=CONFIDENCE,
            groups=groups[known],
            weights=rows["patients"][known],
        )
        found = found.merge(means.drop(columns="horizon"), on="group", how="left", validate="1:1")
    return found.reindex(columns=["group", "estimate", "se", "lower", "upper", "n", "events"])


def _differences(means: pd.DataFrame, reference: str) -> pd.DataFrame:
    told = means.rename(columns={"estimate": "days"}).assign(reference=reference)
    names = ["difference", "difference_lower", "difference_upper"]
    known = means.dropna(subset="estimate")
    rows = np.full((len(means), 3), np.nan)
    if reference in set(known["group"]):
        rows[known.index[known["group"] == reference]] = 0.0
        for place in known.index[known["group"] != reference]:
            found = restricted_mean_difference(
                known, group=means["group"][place], reference=reference, confidence=CONFIDENCE
            )
            rows[place] = found.estimate, found.lower, found.upper
    return told.assign(**dict(zip(names, rows.T, strict=True)))
