"""The state of a patient's treatment at 16 and 52 weeks: one of six, so that they add up to everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.analysis.adherence_measures import RECOMMENDED
from fls_research.kpi.follow_up import ONE_YEAR, SIXTEEN_WEEKS
from fls_research.kpi.rules import NOT_KNOWN, Truth, column_of

ON_A_DRUG, NOT_ON_A_DRUG, DECLINED = "on a drug", "not on a drug", "declined"
NO_LONGER, DIED = "no longer appropriate", "died"

STATES: tuple[str, ...] = (ON_A_DRUG, NOT_ON_A_DRUG, DECLINED, NO_LONGER, DIED, NOT_KNOWN)
"""Every state, in the order of a figure. ``not on a drug`` holds not started, stopped, and referred for an opinion."""

_OF_CODE = {
    "drug": ON_A_DRUG,
    "not started": NOT_ON_A_DRUG,
    "further opinion": NOT_ON_A_DRUG,
    "declined": DECLINED,
    "no longer appropriate": NO_LONGER,
    NOT_KNOWN: NOT_KNOWN,
}


@dataclass(frozen=True)
class Stage:
    """A point of the pathway: the answer that is read there (none at the recommendation), and its day."""

    slug: str
    title: str
    column: str
    day: int


RECOMMENDATION = Stage("recommended", "Recommended", "", 0)
AT_16_WEEKS = Stage("16-weeks", "16 weeks", "therapy_16", SIXTEEN_WEEKS)
AT_52_WEEKS = Stage("52-weeks", "52 weeks", "therapy_52", ONE_YEAR)
STAGES: tuple[Stage, ...] = (RECOMMENDATION, AT_16_WEEKS, AT_52_WEEKS)


def states(recommended: pd.DataFrame, stage: Stage) -> pd.Categorical:
    """The state of each patient at one stage, in row order.

    Parameters
    ----------
    recommended : patients recommended a drug, with ``days_to_death`` and the stage's answer.

    Returns
    -------
    A categorical over :data:`STATES`. Who died on or before the stage's day is ``died``, whatever was answered before;
    an absent answer of somebody not known to have died is ``not known``.

    >>> patients = pd.DataFrame({"therapy_16": ["drug", "drug", "further opinion", "not known"],
    ...                          "days_to_death": pd.array([200, 112, None, None], dtype="Int32")})
    >>> list(states(patients, AT_16_WEEKS))
    ['on a drug', 'died', 'not on a drug', 'not known']
    """
    if not stage.column:
        return pd.Categorical([ON_A_DRUG] * len(recommended), categories=list(STATES))
    answers = column_of(recommended, stage.column).astype(object).map(_OF_CODE).fillna(NOT_KNOWN)
    return pd.Categorical(answers.mask(died_by(recommended, stage), DIED), categories=list(STATES))


def died_by(patients: pd.DataFrame, stage: Stage) -> np.ndarray:
    """Who is known to have died on or before the stage's day."""
    days = column_of(patients, "days_to_death").to_numpy(dtype=float, na_value=np.nan)
    return days <= stage.day


def recommended_in(fractures: pd.DataFrame, year: int) -> pd.DataFrame:
    """The patients of one data year to whom a drug was recommended."""
    of_year = fractures.loc[fractures["data_year"] == year]
    return of_year.loc[RECOMMENDED.truth(of_year) == Truth.TRUE].reset_index(drop=True)


def state_counts(fractures: pd.DataFrame, *, years: Sequence[int]) -> pd.DataFrame:
    """The same patients at every stage: how many are in each state, for the patients of the year before each year.

    Returns
    -------
    A ``counts`` frame with the further columns ``stage`` (slug), ``at`` (its title) and ``state``; ``denominator`` is
    everybody recommended a drug, so that the states of a stage add up to it. States nobody is in are kept with 0,
    except at the recommendation, where everybody is in one. A year whose year before holds no patients has no rows.
    """
    rows = [
        _row(year, stage, state, int((found == state).sum()), len(patients))
        for year in years
        if len(patients := recommended_in(fractures, year - 1))
        for stage in STAGES
        for found in [states(patients, stage)]
        for state in (STATES if stage.column else (ON_A_DRUG,))
    ]
    return pd.DataFrame(rows, columns=list(_row(0, RECOMMENDATION, "", 0, 0)))


def _row(year: int, stage: Stage, state: str, numerator: int, denominator: int) -> dict[str, object]:
    return {
        "data_year": year,
        "kpi": f"state-{stage.slug}",
        "version": "state.1",
        "dimension": "state",
        "group": state,
        "stage": stage.slug,
        "at": stage.title,
        "state": state,
        "numerator": float(numerator),
        "denominator": float(denominator),
    }
