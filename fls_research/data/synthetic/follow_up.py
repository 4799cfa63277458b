"""What is known of the patients at 16 and at 52 weeks: seen or not, on treatment or not, training started or not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fls_research.data.synthetic.answers import Answers
from fls_research.data.synthetic.pathway import World, drugs
from fls_research.data.synthetic.times import days_of_visit

SIXTEEN_WEEKS = 112
ONE_YEAR = 365

_NOT_STARTED = {"not started": 0.58, "declined": 0.17, "further opinion": 0.21, "not known": 0.04}
_STOPPED = {"not started": 0.60, "declined": 0.24, "further opinion": 0.16}


def at_16_weeks(world: World, early: pd.DataFrame, *, recorded: np.ndarray) -> pd.DataFrame:
    """The fields of section 6, one row per patient.

    Parameters
    ----------
    early : the frame of ``pathway.first_weeks``.
    recorded : (n,) share of patients whose form a service fills in even where there is nothing to report.

    A treatment can be recorded without a follow-up inside 16 weeks: the visit came later, or carries no date. That is
    how 15 % of records can be followed up in time while treatment is confirmed in a fifth of all records. Followed up
    at any time are 44 % of those recommended a drug (2022), the size of the second value that the audit prints.
    """
    rng, count = world.rng, len(world.patients)
    alive = ~(world.death_days <= SIXTEEN_WEEKS)
    everyone = np.ones(count, dtype=bool)
    group = early["therapy"]
    drug = (group == "drug").to_numpy()
    sought = group.isin(["drug", "gp to decide", "further opinion"]).to_numpy() & alive
    withdrawn = sought & (recorded > 0) & (rng.random(count) < np.where(world.good, 0.045, 0.006))
    counted = sought & ~withdrawn
    started = world.performance.met("kpi10", rng=rng, eligible=counted, leaning=np.where(drug, 0.0, -1.1))
    leaning = 1.0 * drug + 1.1 * started
    in_time = world.performance.met("kpi9", rng=rng, eligible=alive, denominator=everyone, leaning=leaning)
    training = _training(world, alive)
    event = started | in_time | training | withdrawn
    filled = alive & (event | (rng.random(count) < recorded))
    undated = filled & ~in_time & started & (rng.random(count) < 0.16)
    late = filled & ~in_time & ~undated & (rng.random(count) < np.where(started, 0.8, 0.42))
    days = np.full(count, np.nan)
    days[in_time] = days_of_visit(int(in_time.sum()), first=42, last=SIXTEEN_WEEKS, shape=(4.0, 1.5), rng=rng)
    days[late] = SIXTEEN_WEEKS + days_of_visit(int(late.sum()), first=1, last=119, shape=(1.1, 3.5), rng=rng)
    date = world.dates(days)
    seen = ~np.isnat(date) | undated
    follow_up = Answers("follow_up_16", count).where(filled, "no").where(seen, "yes")
    therapy = Answers("therapy_16", count).drawn(filled & ~started, _NOT_STARTED, rng)
    therapy.where(withdrawn, "no longer appropriate").where(started, "drug")
    exercise = Answers("strength_balance_16", count).where(filled & _exercise_known(world), "no").where(training, "yes")
    return pd.DataFrame(
        {
            "follow_up_16": follow_up.categorical(),
            "follow_up_16_date": date,
            "therapy_16": therapy.categorical(),
            "therapy_16_drugs": drugs(started, rng, early["therapy_drugs"].array),
            "strength_balance_16": exercise.categorical(),
        }
    )


def at_52_weeks(world: World, early: pd.DataFrame, weeks_16: pd.DataFrame, *, recorded: np.ndarray) -> pd.DataFrame:
    """The fields of section 7, one row per patient; blank where the year was not over at the data lock.

    ``recorded`` as for :func:`at_16_weeks`.
    """
    rng, count = world.rng, len(world.patients)
    alive = ~(world.death_days <= ONE_YEAR)
    lock = np.datetime64(world.data_lock)
    mature = world.patients["index_date"].to_numpy().astype("datetime64[D]") + np.timedelta64(392, "D") <= lock
    sought = early["therapy"].isin(["drug", "gp to decide", "further opinion"]).to_numpy() & alive & mature
    withdrawn = sought & (recorded > 0) & (rng.random(count) < np.where(world.good_later, 0.05, 0.008))
    counted = sought & ~withdrawn
    leaning = 1.6 * (weeks_16["therapy_16"] == "drug").to_numpy() + 0.3 * (early["therapy"] == "drug").to_numpy()
    taking = world.performance.met("kpi11", rng=rng, eligible=counted, leaning=leaning)
    filled = mature & alive & (taking | withdrawn | (rng.random(count) < recorded))
    # A death is often reported back as "not followed up".
    reported_dead = mature & ~alive & (rng.random(count) < np.where(world.good_later, 0.75, 0.1)) & (recorded > 0)
    seen = filled & (taking | (rng.random(count) < 0.55))
    days = days_of_visit(count, first=336, last=392, shape=(2.5, 2.2), rng=rng)
    dated = seen & (rng.random(count) < 0.95)
    date = world.dates(np.where(dated, days, np.nan))
    follow_up = Answers("follow_up_52", count).where(filled | reported_dead, "no").where(seen, "yes")
    therapy = Answers("therapy_52", count).drawn(filled & ~taking, _STOPPED, rng)
    therapy.where(withdrawn, "no longer appropriate").where(taking, "drug")
    refractures = np.where(seen, np.minimum(rng.poisson(0.075, count), 4), -1)
    return pd.DataFrame(
        {
            "follow_up_52": follow_up.categorical(),
            "follow_up_52_date": date,
            "therapy_52": therapy.categorical(),
            "therapy_52_drugs": drugs(taking, rng, early["therapy_drugs"].array),
            "refractures": refractures.astype(np.int8),
        }
    )


def _training(world: World, alive: np.ndarray) -> np.ndarray:
    """Strength and balance training started: KPI 8's patients as planned, the others at a lower chance."""
    patients, rng = world.patients, world.rng
    meant = alive & (patients["age"] >= 75).to_numpy() & (patients["fracture_site"] != "hip").to_numpy()
    chance = world.performance.chance("kpi8", eligible=meant)
    by_row = np.bincount(patients["plan_row"], weights=chance) / np.maximum(
        np.bincount(patients["plan_row"], weights=meant), 1
    )
    chance = np.where(meant, chance, 0.6 * by_row[patients["plan_row"].to_numpy()] * alive)
    return rng.random(len(patients)) < chance


def _exercise_known(world: World) -> np.ndarray:
    """Whether the training answer of a filled form is given; the services pinned at 80 % leave it out."""
    return ~world.performance.pinned_patients() | (world.rng.random(len(world.patients)) < 0.3)
