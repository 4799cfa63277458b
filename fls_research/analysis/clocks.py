"""The clocks of the pathway: from the diagnosis of the fracture to each step of care, as counts of patients by day.

Time zero is the day the index fracture was diagnosed. Days are whole; day 0 is the day of the diagnosis itself. A date
before time zero is missing in the cohort and stands in its issue log, so that it is never an event here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.errors import FieldError, UsageError, did_you_mean
from fls_research.kpi.follow_up import ONE_YEAR, TREATMENT_SOUGHT
from fls_research.kpi.groups import dimensions, group
from fls_research.kpi.rules import EVERY_RECORD, OneOf, Rule, Truth, column_of

WAITING = "waiting"
"""The state of whoever had reached no end when follow-up ended: still without the step, and alive as far as known."""

DIED = "died"

LABELS = ("data_year", "step", "dimension", "group")
"""The columns of :func:`exits` that say whose curve a row belongs to."""

LANDMARKS = (30, 90, 112, 180, ONE_YEAR)
"""The days at which tables read the curves: a month, KPI 4 and 5, 16 weeks, half a year, a year."""


@dataclass(frozen=True)
class Dated:
    """A day of the ``fractures`` frame that speaks of something, where ``when`` is known to hold."""

    column: str
    when: Rule = EVERY_RECORD

    def days(self, fractures: pd.DataFrame) -> NDArray[np.float64]:
        """The day for each row, infinite where there is none."""
        days = column_of(fractures, self.column).to_numpy(dtype=float, na_value=np.inf)
        return np.where(self.happened(fractures), days, np.inf)

    def happened(self, fractures: pd.DataFrame) -> NDArray[np.bool_]:
        """Whether ``when`` is known to hold for each row, dated or not."""
        return self.when.truth(fractures) == Truth.TRUE


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of the pathway and its clock.

    ``done`` is the state of whoever reached it; the day is the earliest of ``reached``. ``instead`` holds the further
    ends that make the step impossible, each with the days that speak of it; death is always among them. ``eligible``
    says whose clock it is, ``caveat`` what a reader must know of its dates.
    """

    id: str
    title: str
    done: str
    reached: tuple[Dated, ...]
    eligible: Rule = EVERY_RECORD
    instead: Mapping[str, tuple[Dated, ...]] = field(default_factory=dict)
    caveat: str = ""

    @property
    def ends(self) -> dict[str, tuple[Dated, ...]]:
        """Every end and its days, in the order in which they come on one and the same day."""
        return {self.done: self.reached, **self.instead, DIED: (Dated("days_to_death"),)}


_DRUG = ("drug",)
_NO_LONGER = ("no longer appropriate",)
_AT_16, _AT_52 = "days_to_follow_up_16", "days_to_follow_up_52"

STEPS: tuple[Step, ...] = (
    Step(
        id="assessment",
        title="Assessment",
        done="assessed",
        reached=(Dated("days_to_assessment"),),
        caveat="A record without a date of assessment counts as not assessed, as in KPI 4.",
    ),
    Step(
        id="dxa",
        title="Bone density scan (DXA)",
        done="scanned",
        eligible=OneOf("dxa", ("ordered", "recommended")),
        reached=(Dated("days_to_dxa"),),
        caveat="Whether a scan is wanted is decided after time zero, so that whoever died before is not among them.",
    ),
    Step(
        id="recommendation",
        title="Treatment recommended",
        done="recommended a drug",
        reached=(Dated("days_to_assessment", OneOf("therapy", _DRUG)),),
        instead={"assessed, no drug recommended": (Dated("days_to_assessment"),)},
        caveat="The dataset has no date of recommendation: the date of assessment stands for it.",
    ),
    Step(
        id="treatment",
        title="Treatment confirmed",
        done="confirmed on treatment",
        eligible=TREATMENT_SOUGHT,
        reached=(Dated(_AT_16, OneOf("therapy_16", _DRUG)), Dated(_AT_52, OneOf("therapy_52", _DRUG))),
        instead={
            "no longer appropriate": (
                Dated(_AT_16, OneOf("therapy_16", _NO_LONGER)),
                Dated(_AT_52, OneOf("therapy_52", _NO_LONGER)),
            )
        },
        caveat="The dataset has no date of starting: the day is that of the dated follow-up that confirmed treatment, "
        "which began at some day before.",
    ),
    Step(
        id="follow-up",
        title="First follow-up",
        done="followed up",
        reached=(Dated(_AT_16, OneOf("follow_up_16", ("yes",))), Dated(_AT_52, OneOf("follow_up_52", ("yes",)))),
        caveat="The first of the 16-week and the 52-week follow-up that took place and carries a date.",
    ),
)
"""The steps of the pathway, in their order."""

STEP_IDS: tuple[str, ...] = tuple(each.id for each in STEPS)


TITLES: dict[str, str] = {each.id: each.title for each in STEPS}
"""The id of each step to its title."""

DONE: dict[str, str] = {each.id: each.done for each in STEPS}
"""The id of each step to the state of whoever reached it."""


def step(name: str) -> Step:
    """The step of that id; raises :class:`UsageError` for a name that is not known.

    >>> step("assessment").done
    'assessed'
    """
    if name not in STEP_IDS:
        raise UsageError(f"There is no step '{name}' of the pathway; {did_you_mean(name, STEP_IDS)}.")
    return STEPS[STEP_IDS.index(name)]


def waits(fractures: pd.DataFrame, of: Step, *, data_lock: dt.date, horizon: int) -> pd.DataFrame:
    """How long each eligible patient waited for a step, and how the waiting ended.

    Parameters
    ----------
    fractures : one row per patient record; ``index_date``, the ``days_to_*`` columns and the codes that the step reads.
    of : the step, see :func:`step`.
    data_lock : the last day of which anything is known; whoever waits then is censored then.
    horizon : day at which everybody who still waits is censored, in days from the diagnosis.

    Returns
    -------
    One row per eligible record, with its index label: ``day`` (int32, 0 to ``horizon``) and ``state`` (a categorical
    of the step's ends and ``waiting``). What lies after the lock or the horizon has not happened. On one and the same
    day the step comes first and death last.

    Raises
    ------
    FieldError : a column is absent, or a date of fracture is missing or after the lock.

    >>> fractures = pd.DataFrame({
    ...     "index_date": pd.to_datetime(["2024-01-01"] * 3), "days_to_assessment": [90, None, 400],
    ...     "days_to_death": [None, 20, 200]})
    >>> waits(fractures, step("assessment"), data_lock=dt.date(2025, 6, 30), horizon=365)
       day     state
    0   90  assessed
    1   20      died
    2  200      died
    """
    eligible = (of.eligible.truth(fractures) == Truth.TRUE).nonzero()[0]
    rows = fractures.iloc[eligible]
    followed = np.minimum(_days_to_lock(rows, data_lock), horizon)
    days = np.column_stack([*(_earliest(dated, rows) for dated in of.ends.values()), followed])
    # argmin takes the first of equals; an end on the last day of follow-up still counts.
    ended = days.argmin(axis=1)
    return pd.DataFrame(
        {
            "day": days[np.arange(len(rows)), ended].astype(np.int32),
            "state": pd.Categorical.from_codes(ended, categories=[*of.ends, WAITING]),
        },
        index=rows.index,
    )


def _earliest(dated: Iterable[Dated], rows: pd.DataFrame) -> NDArray[np.float64]:
    return np.minimum.reduce([each.days(rows) for each in dated])


def _days_to_lock(rows: pd.DataFrame, data_lock: dt.date) -> NDArray[np.float64]:
    gap = np.datetime64(data_lock, "D") - column_of(rows, "index_date").to_numpy().astype("datetime64[D]")
    days = np.where(np.isnat(gap), -1, gap.astype(np.int64))
    if (days < 0).any():
        raise FieldError("A record has no date of fracture, or one after the data lock; leave it out of the cohort.")
    return days.astype(float)


def exits(
    fractures: pd.DataFrame,
    *,
    steps: Sequence[str],
    by: Sequence[str],
    data_lock: dt.date,
    horizon: int = ONE_YEAR,
) -> pd.DataFrame:
    """How many patients stopped waiting for each step on each day, and how: all that any curve is made from.

    Parameters
    ----------
    fractures, data_lock, horizon : as in :func:`waits`; records of one data year or of several.
    steps : ids of steps.
    by : dimensions of ``kpi.groups``, such as ``national`` or ``imd_quintile``.

    Returns
    -------
    One row per data year, step, dimension, group, day and state that occurs: ``data_year``, ``step``, ``dimension``,
    ``group``, ``day``, ``state``, ``patients``. Additive, as ``counts`` are. A record without a group is in the group
    ``not known``.

    >>> fractures = pd.DataFrame({
    ...     "data_year": 2024, "index_date": pd.to_datetime(["2024-01-01"] * 3), "sex": ["female", "female", "male"],
    ...     "days_to_assessment": [30, 30, None], "days_to_death": [None, None, 20]})
    >>> exits(fractures, steps=["assessment"], by=["sex"], data_lock=dt.date(2025, 6, 30)).drop(columns="dimension")
       data_year        step   group  day     state  patients
    0       2024  assessment  female   30  assessed         2
    1       2024  assessment    male   20      died         1
    """
    asked = dimensions(by)
    parts = []
    for each in map(step, steps):
        ended = waits(fractures, each, data_lock=data_lock, horizon=horizon)
        rows = fractures.loc[ended.index]
        for dimension in asked:
            grouping = group(rows, dimension)
            keyed = ended.assign(data_year=rows["data_year"].astype(int), number=grouping.numbers)
            keys = ["data_year", "number", "day", "state"]
            counted = keyed.groupby(keys, observed=True).size().rename("patients").reset_index()
            names = grouping.names()[counted.pop("number").to_numpy()]
            labels = {"step": each.id, "dimension": dimension.name, "group": names}
            parts.append(counted.assign(state=counted["state"].astype(str), **labels))
    return pd.concat(parts, ignore_index=True)[[*LABELS, "day", "state", "patients"]]


def undated(fractures: pd.DataFrame, *, steps: Sequence[str]) -> pd.DataFrame:
    """How many patients have a step by the answers of the form but carry no date for it, and so never reach it here.

    Returns
    -------
    A ``counts`` frame with one row per data year and step that has such answers: ``data_year``, ``step``, ``kpi`` (the
    step's id, for the gate), ``version``, ``dimension``, ``group``, ``numerator`` (without a date), ``denominator``
    (with the answer).

    >>> fractures = pd.DataFrame({"data_year": 2024, "therapy": ["drug", "drug", "declined"],
    ...     "days_to_assessment": [20, None, 10]})
    >>> undated(fractures, steps=["recommendation"])[["step", "numerator", "denominator"]]
                 step  numerator  denominator
    0  recommendation        1.0          2.0
    """
    told = []
    for each in map(step, steps):
        if any(dated.when == EVERY_RECORD for dated in each.reached):
            continue
        eligible = each.eligible.truth(fractures) == Truth.TRUE
        answered = np.logical_or.reduce([dated.happened(fractures) for dated in each.reached]) & eligible
        without = answered & np.isinf(_earliest(each.reached, fractures))
        years = fractures["data_year"].astype(int)
        counted = pd.DataFrame({"numerator": without, "denominator": answered}).groupby(years).sum().astype(float)
        told.append(counted.reset_index().assign(step=each.id, title=each.title, kpi=each.id, version=each.id))
    columns = ["data_year", "step", "title", "kpi", "version", "numerator", "denominator"]
    joined = pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=columns)
    return joined[columns].assign(dimension="national", group="all")
