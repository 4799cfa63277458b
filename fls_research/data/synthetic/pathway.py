"""What a service does in the first weeks: contact, assessment, bone density, falls, treatment recommended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.data.synthetic.answers import Answers, pick
from fls_research.data.synthetic.performance import Performance
from fls_research.data.synthetic.times import dates_after, days_between, days_to_event

NINETY_DAYS = 90

DRUG_SHARES = {
    "Alendronate": 0.50,
    "Zoledronate": 0.265,
    "Risedronate": 0.085,
    "Denosumab": 0.085,
    "Ibandronate": 0.012,
    "Teriparatide": 0.016,
    "Romosozumab": 0.012,
    "Raloxifene": 0.004,
    "Alfacalcidol": 0.003,
    "Systemic Oestrogens": 0.004,
    "Strontium ranelate": 0.001,
    "Alendronate;Denosumab": 0.007,
    "Teriparatide;Denosumab": 0.004,
}
"""Shares of the drugs recommended; a cell may name two."""

# Those without a drug, at a service with good completeness and at another.
_NO_DRUG = {
    True: {"gp to decide": 0.21, "further opinion": 0.11, "declined": 0.15, "inappropriate": 0.47, "not known": 0.06},
    False: {"gp to decide": 0.17, "further opinion": 0.09, "declined": 0.10, "inappropriate": 0.21, "not known": 0.43},
}


@dataclass(frozen=True)
class World:
    """What every stage of the pathway needs: who the patients are, how the services do, chance, and the data lock.

    ``good`` and ``good_later`` : (n,) truths, whether the patient's service has good completeness (KPI 1) in the data
    year and in the year after, when the forms of 52 weeks are judged.
    """

    patients: pd.DataFrame
    performance: Performance
    good: np.ndarray
    good_later: np.ndarray
    rng: np.random.Generator
    data_lock: dt.date

    @property
    def death_days(self) -> np.ndarray:
        return days_between(self.patients["index_date"].to_numpy(), self.patients["death_date"].to_numpy())

    def dates(self, days: np.ndarray) -> np.ndarray:
        """Dates of events so many days after the fracture, within life and before the data lock."""
        index = self.patients["index_date"].to_numpy()
        return dates_after(index, days, death_days=self.death_days, data_lock=self.data_lock)


def first_weeks(world: World) -> pd.DataFrame:
    """Contact, assessment, bone density, falls and treatment recommended, one row per patient.

    Returns the dataset's fields of sections 1 (dates), 3, 4 and the falls assessment and referral of section 5, and
    ``therapy_drugs``.
    """
    return pd.concat([_assessment(world), _density(world), _falls(world), _therapy(world)], axis=1)


def _event_days(world: World, kpi: str, eligible: np.ndarray, *, sigma: float, never: float, last: int) -> np.ndarray:
    """Days to an event of which the KPI's share lies within 90 days; those who die first have it before they die."""
    dead = world.death_days <= NINETY_DAYS
    chance = world.performance.chance(kpi, eligible=eligible, leaning=np.where(dead, -1.2, 0.0))
    days = days_to_event(chance, window=NINETY_DAYS, sigma=sigma, never=never, last=last, rng=world.rng)
    squeezed = np.floor(days * np.nan_to_num(world.death_days) / (NINETY_DAYS + 1))
    return np.where(dead & (days <= NINETY_DAYS), squeezed, days)


def _assessment(world: World) -> pd.DataFrame:
    count = len(world.patients)
    everyone = np.ones(count, dtype=bool)
    days = _event_days(world, "kpi4", everyone, sigma=0.9, never=0.5, last=300)
    # First contact comes before the assessment, and some patients are contacted who are never assessed.
    contact = np.floor(np.where(np.isnan(days), 90, days) * world.rng.beta(1.5, 2.0, count))
    contacted = ~np.isnan(days) | (world.rng.random(count) < 0.35)
    contacted &= world.rng.random(count) < 0.93
    return pd.DataFrame(
        {
            "contact_date": world.dates(np.where(contacted, contact, np.nan)),
            "assessment_date": world.dates(days),
        }
    )


def _density(world: World) -> pd.DataFrame:
    """Requests are rarer from 75 on, where treatment without a scan is usual."""
    patients, rng = world.patients, world.rng
    count = len(patients)
    older = (patients["age"] >= 75).to_numpy()
    home = (patients["care_home"] == "yes").to_numpy()
    known = rng.random(count) >= np.where(world.good, 0.05, 0.09)
    requested = known & (rng.random(count) < np.where(home, 0.18, np.where(older, 0.48, 0.74)))
    recommended = requested & (rng.random(count) < 0.2)
    dxa = Answers("dxa", count).where(known, "not ordered").where(requested, "ordered")
    dxa.where(recommended, "recommended")
    days = _event_days(world, "kpi5", requested, sigma=0.62, never=0.35, last=330)
    date = world.dates(days)
    scanned = ~np.isnat(date)
    reason = Answers("dxa_reason", count)
    refused = known & ~requested & (rng.random(count) < 0.85)
    shares = {"recent scan": 0.12, "treat without scan": 0.4, "frailty": 0.28, "declined": 0.09, "no access": 0.04}
    reason.drawn(refused, {**shares, "other": 0.07}, rng)
    t_score = np.round(rng.normal(-1.35 - 0.018 * (patients["age"].to_numpy() - 65), 1.15), 1)
    t_score = np.where(scanned & (rng.random(count) < 0.9), np.clip(t_score, -6.0, 3.0), np.nan)
    risk = Answers("risk", count)
    assessed = rng.random(count) < 0.55
    severe = np.nan_to_num(t_score, nan=-2.0) + 0.03 * (70 - patients["age"].to_numpy()) < -1.9
    risk.where(assessed, "intermediate").where(assessed & severe, "high")
    risk.where(assessed & ~severe & (rng.random(count) < 0.5), "low")
    return pd.DataFrame(
        {
            "dxa": dxa.categorical(),
            "dxa_reason": reason.categorical(),
            "dxa_date": date,
            "t_score": t_score,
            "risk": risk.categorical(),
        }
    )


def _falls(world: World) -> pd.DataFrame:
    rng, count = world.rng, len(world.patients)
    met = world.performance.met("kpi6", rng=rng, eligible=np.ones(count, dtype=bool))
    by_service = met & (rng.random(count) < 0.82)
    known = met | (rng.random(count) < np.where(world.good, 0.95, 0.55))
    assessed = Answers("falls_assessment", count).where(known, "no").where(by_service, "yes")
    referral = Answers("falls_referral", count).where(known, "none")
    referred = met & (~by_service | (rng.random(count) < 0.3))
    referral.drawn(referred, {"referred": 0.6, "recommended": 0.4}, rng)
    return pd.DataFrame({"falls_assessment": assessed.categorical(), "falls_referral": referral.categorical()})


def _therapy(world: World) -> pd.DataFrame:
    rng, count = world.rng, len(world.patients)
    drug = world.performance.met("kpi7", rng=rng, eligible=np.ones(count, dtype=bool))
    answers = Answers("therapy", count).where(drug, "drug")
    # KPI 11 of the next year has to know for whom treatment was sought in this one.
    fuller = world.good | world.good_later
    for good, shares in _NO_DRUG.items():
        answers.drawn(~drug & (fuller == good), shares, rng)
    vitamin = Answers("calcium_vitamin_d", count)
    vitamin.drawn(rng.random(count) < 0.8, {"yes": 0.7, "no": 0.3}, rng)
    return pd.DataFrame(
        {
            "therapy": answers.categorical(),
            "therapy_drugs": drugs(drug, rng),
            "calcium_vitamin_d": vitamin.categorical(),
        }
    )


def drugs(takes: np.ndarray, rng: np.random.Generator, before: pd.Categorical | None = None) -> pd.Categorical:
    """The drugs of those who take one, empty text for the others.

    ``takes`` : (n,) truth; ``before`` : the drugs at the visit before, which nine in ten patients keep.
    """
    names = ["", *DRUG_SHARES]
    position = np.zeros(len(takes), dtype=np.int8)
    position[takes] = 1 + pick(rng, int(takes.sum()), list(DRUG_SHARES.values()))
    if before is not None:
        keeps = takes & (before.codes > 0) & (rng.random(len(takes)) < 0.9)
        position = np.where(keeps, before.codes, position)
    return pd.Categorical.from_codes(position, categories=names)
