"""Puts the synthetic cohort together: services, patients, their weeks and their year, from one seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.data import schema
from fls_research.data.synthetic.completeness import (
    good_next_year,
    pin_at_four_fifths,
    recorded_shares,
    silent_services,
)
from fls_research.data.synthetic.follow_up import at_16_weeks, at_52_weeks
from fls_research.data.synthetic.history import history
from fls_research.data.synthetic.pathway import World, first_weeks
from fls_research.data.synthetic.patients import patients
from fls_research.data.synthetic.performance import Performance
from fls_research.data.synthetic.services import YEARS, service_years
from fls_research.data.synthetic.targets import load_targets
from fls_research.errors import UsageError

DATA_LOCK = dt.date(2025, 6, 30)
"""Last day on which anything is known of the synthetic patients."""

MARKER = "SYNTHETIC"

_SITES_FROM = 2024


def generate(
    *,
    seed: int,
    years: Sequence[int] = YEARS,
    scale: float = 1.0,
    data_lock: dt.date = DATA_LOCK,
    root: Path | None = None,
) -> pd.DataFrame:
    """The synthetic patient records, clean, one row per record.

    Parameters
    ----------
    seed : seed of every random number; the same seed gives the same rows.
    years : data years; they are drawn together, so that a year is the same whichever years are asked for.
    scale : share of the records; no reporting service falls below 50.
    data_lock : last day on which anything is known.
    root : the project folder, for ``params/calibration.csv``.

    Returns
    -------
    frame with the fields of ``data.schema`` (codes as categoricals; dates ``datetime64[ns]``, missing ``NaT``;
    ``imd_decile`` 0 and ``refractures`` -1 where missing; ``ethnic_code`` the NHS code, missing where blank), and
    with ``data_year``, ``nation`` and ``reported`` (England or Wales and a service of at least 50 records).

    Raises
    ------
    UsageError : a year that the plan does not hold, a negative seed, or a scale outside 0 to 1.

    >>> small = generate(seed=1, years=[2024], scale=0.01)
    >>> int(small["data_year"].unique()[0]), set(small["marker"])
    (2024, {'SYNTHETIC'})
    """
    unknown = sorted(set(years) - set(YEARS))
    if unknown:
        raise UsageError(f"Synthetic data exist for {YEARS[0]} to {YEARS[-1]}, not for {unknown[0]}.")
    if seed < 0 or not 0 < scale <= 1:
        raise UsageError("A seed is 0 or more, and a scale is above 0 and at most 1.")
    plan = service_years(scale=scale)
    # One stream per stage: a change in one stage leaves the draws of the others as they were.
    streams = iter([np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence(seed).spawn(3)])
    people = patients(plan, rng=next(streams), data_lock=data_lock)
    row = people["plan_row"].to_numpy()
    good = plan["good"].to_numpy()
    later = good_next_year(plan)
    silent = {kpi: silent_services(plan, good, "monitoring") for kpi in ("kpi8", "kpi9", "kpi10")}
    silent["kpi11"] = silent_services(plan, later, "adherence")
    performance = Performance(plan, people, load_targets(root), silent=silent)
    world = World(people, performance, good[row], later[row], next(streams), data_lock)
    early = _pinned(plan, world, first_weeks(world))
    weeks_16 = at_16_weeks(world, early, recorded=recorded_shares(plan, good, "monitoring")[row])
    recorded = recorded_shares(plan, later, "adherence")[row]
    weeks_52 = at_52_weeks(world, early, weeks_16, recorded=recorded)
    reviewed = (early["falls_assessment"] == "yes").to_numpy()
    frame = pd.concat([people, early, weeks_16, weeks_52, history(people, reviewed, rng=next(streams))], axis=1)
    frame["record_id"] = _record_ids(plan, row)
    frame["marker"] = pd.Categorical.from_codes(np.zeros(len(frame), dtype=np.int8), categories=[MARKER])
    frame = _sites_of_the_form(frame)
    asked = frame["data_year"].isin(list(years))
    return frame[asked][_columns(frame)].reset_index(drop=True)


def _pinned(plan: pd.DataFrame, world: World, early: pd.DataFrame) -> pd.DataFrame:
    """The early weeks, with assessment and falls review missing for exactly a fifth where a service is pinned."""
    row, pinned = world.patients["plan_row"].to_numpy(), plan["pinned"].to_numpy()
    date = early["assessment_date"].to_numpy().copy()
    index, death = world.patients["index_date"].to_numpy(), world.patients["death_date"].to_numpy()
    absent = np.isnat(date)
    # An answer that is given to reach the fifth is a late one, so that the KPI itself stays where it was.
    late = index + np.timedelta64(120, "D")
    missing = pin_at_four_fifths(
        absent, group=row, pinned=pinned, may_change=np.isnat(death) | (death > late), rng=world.rng
    )
    date[missing & ~absent] = np.datetime64("NaT")
    date[absent & ~missing] = late[absent & ~missing]
    unknown = (early["falls_assessment"] == "not known").to_numpy()
    everyone = np.ones(len(row), dtype=bool)
    missing = pin_at_four_fifths(unknown, group=row, pinned=pinned, may_change=everyone, rng=world.rng)
    falls = {
        field: early[field].mask(missing, "not known").mask(unknown & ~missing, answer)
        for field, answer in (("falls_assessment", "no"), ("falls_referral", "none"))
    }
    return early.assign(assessment_date=date, **falls)


def _record_ids(plan: pd.DataFrame, row: np.ndarray) -> np.ndarray:
    """A key per record: data year, service and running number, none of it from a patient."""
    total = plan.eval("non_spine + spine").to_numpy()
    number = np.arange(len(row)) - (np.cumsum(total) - total)[row] + 1
    stem = ("S" + plan["data_year"].astype(str) + plan["code"] + "-").to_numpy()
    running = np.array([f"{i:04d}" for i in range(int(total.max()) + 1)], dtype=object)
    return stem[row] + running[number]


def _sites_of_the_form(frame: pd.DataFrame) -> pd.DataFrame:
    """Until 2023 the form knew hip, spine and the rest; humerus, wrist, pelvis and other came in 2024."""
    frame = frame.copy()
    earlier = (frame["data_year"] < _SITES_FROM).to_numpy()
    for field in ("fracture_site", "second_site", "third_site"):
        fine = frame[field].isin(["humerus", "wrist", "pelvis", "other"]).to_numpy()
        frame[field] = frame[field].mask(earlier & fine, "non-hip non-spine")
    return frame


def _columns(frame: pd.DataFrame) -> list[str]:
    """The dataset's own order, then what the calibration reads."""
    fields = [field.name for field in schema.FIELDS if field.name in frame.columns]
    drugs = [child for field in schema.FIELDS for child in field.children]
    return [*fields, *drugs, "ethnic_code", "data_year", "nation", "reported"]
