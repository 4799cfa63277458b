"""The invented services: who they are, when they take part, their caseload and how many records they enter.

The plan is fixed. It does not depend on the seed of an extract, because the committed register has to fit every
extract; the seed only draws the patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.data.synthetic import places
from fls_research.data.synthetic.character import characters, deprivation
from fls_research.data.synthetic.levels import along, ranks_within

YEARS = (2020, 2021, 2022, 2023, 2024)
_PLAN_SEED = 80508


@dataclass(frozen=True)
class YearTotals:
    """What the reporting services of England and Wales add up to in one data year."""

    records: int
    spine: int
    hip_fractures: int
    good: int

    @property
    def non_spine(self) -> int:
        return self.records - self.spine


# Records of 2022 to 2024 are the published ones; caseload and spine records follow from the published KPI 2 and 3.
# ``good`` is the number of services with a good level of data completeness (KPI 1).
TOTALS: dict[int, YearTotals] = {
    2020: YearTotals(records=51_000, spine=7_150, hip_fractures=27_368, good=25),
    2021: YearTotals(records=52_000, spine=7_663, hip_fractures=27_368, good=25),
    2022: YearTotals(records=65_843, spine=11_654, hip_fractures=28_830, good=31),
    2023: YearTotals(records=77_268, spine=10_354, hip_fractures=32_380, good=28),
    2024: YearTotals(records=83_500, spine=13_360, hip_fractures=37_350, good=33),
}

# (first year, last year, nation, how many)
_COHORTS = (
    (2016, 9999, "England", 57),
    (2016, 9999, "Wales", 6),
    (2016, 2021, "England", 1),
    (2016, 2022, "England", 1),
    (2016, 2023, "England", 1),
    (2022, 9999, "England", 4),
    (2023, 9999, "England", 1),
    (2024, 9999, "England", 8),
    (2024, 9999, "Wales", 1),
)

# Services that enter fewer than 50 records in a year: first year, and the records of that and the following years.
_SMALL = ((2020, (18, 33, 12, 21, 40)), (2021, (24, 31, 38, 26)), (2022, (47, 44, 19)), (2024, (35,)))

_NORTHERN_IRELAND = ((380, 410, 450, 520, 560), (210, 240, 300, 310, 330))
"""Records by year of the two Northern Irish services, which the reports leave out."""

RENAMED_IN = {7: 2023, 22: 2024}
"""Position of a service that changed its name, to the first year of the new one."""

PINNED_YEAR = 2022
PINNED = 2
"""How many services of 2022 stand at exactly 80 % completeness, where the two published wordings of KPI 1 part."""

# Share of the expected caseload entered, by rank between the services (0 the lowest, 1 the highest).
_NON_SPINE_SHARE = {
    2020: ((0, 0.06), (0.5, 0.37), (0.95, 0.68), (1, 0.78)),
    2021: ((0, 0.06), (0.5, 0.38), (0.94, 0.66), (0.985, 0.70), (0.986, 1.0), (1, 1.03)),
    2022: ((0, 0.08), (0.2, 0.22), (0.5, 0.44), (0.825, 0.77), (0.826, 0.84), (0.95, 1.0), (1, 1.12)),
    2023: ((0, 0.09), (0.2, 0.27), (0.5, 0.52), (0.8, 0.77), (0.801, 0.84), (0.95, 1.0), (1, 1.1)),
    2024: ((0, 0.08), (0.2, 0.24), (0.454, 0.47), (0.455, 0.53), (0.86, 0.76), (0.861, 0.84), (1, 1.02)),
}
_SPINE_SHARE = {
    2020: ((0, 0.0), (0.2, 0.06), (0.6, 0.22), (0.95, 0.70), (1, 0.95)),
    2021: ((0, 0.0), (0.2, 0.06), (0.6, 0.24), (0.95, 0.74), (1, 1.0)),
    2022: ((0, 0.0), (0.1, 0.04), (0.5, 0.26), (0.84, 0.74), (0.841, 0.84), (1, 1.30)),
    2023: ((0, 0.0), (0.1, 0.04), (0.5, 0.22), (0.9, 0.74), (1, 1.15)),
    2024: ((0, 0.0), (0.1, 0.05), (0.5, 0.25), (0.9, 0.76), (1, 1.20)),
}


def service_years(*, scale: float = 1.0) -> pd.DataFrame:
    """One row per invented service and data year, with what it enters and how it ranks.

    Parameters
    ----------
    scale : share of the records to plan; no reporting service falls below 50. Caseloads are not scaled.

    Returns
    -------
    frame with ``service`` (position), ``code``, ``name``, ``nation``, ``area_code``, ``region_code``, ``data_year``,
    ``hip_fractures``, ``non_spine``, ``spine`` (records), ``reported`` (England or Wales with at least 50 records),
    ``good`` (KPI 1), ``pinned`` (held at 80 %), ``deprivation`` (of the neighbourhood; higher is less deprived) and one
    column of latent character per name in ``levels.CHARACTERS``, missing where not ``reported``.

    Source: totals from the published reports on data of 2022 to 2024; the spread between services is this project's.

    >>> plan = service_years()
    >>> plan[plan["reported"]].groupby("data_year")["service"].count().to_dict()
    {2020: 66, 2021: 66, 2022: 69, 2023: 69, 2024: 77}
    >>> int(plan.query("reported and data_year == 2024").eval("non_spine + spine").sum())
    83500
    """
    rng = np.random.Generator(np.random.PCG64(_PLAN_SEED))
    services = all_services()
    hips = _hip_fractures(services, rng)
    character = characters(services, YEARS, rng=rng)
    frames = [_one_year(services, hips, character, year) for year in YEARS]
    plan = pd.concat([*frames, _small(services), _northern_irish(services)], ignore_index=True)
    plan["pinned"] = _pinned(plan)
    plan["deprivation"] = deprivation(plan, rng=np.random.Generator(np.random.PCG64(_PLAN_SEED + 1)))
    if scale != 1.0:
        floor = np.where(plan["reported"], 50, 0)
        thinned = np.maximum((plan["non_spine"] * scale).round(), floor)
        plan["non_spine"] = np.where(plan["reported"], thinned, plan["non_spine"]).astype(np.int64)
        plan["spine"] = np.where(plan["reported"], (plan["spine"] * scale).round(), plan["spine"]).astype(np.int64)
    return plan.sort_values(["data_year", "service"], ignore_index=True)


def all_services() -> pd.DataFrame:
    """One row per service: name, code, place and the years it takes part."""
    rows = [
        {"nation": nation, "first_year": first, "last_year": last, "kind": "reporting"}
        for first, last, nation, count in _COHORTS
        for _ in range(count)
    ]
    rows += [{"nation": "England", "first_year": first, "last_year": 9999, "kind": "small"} for first, _ in _SMALL]
    rows += [
        {"nation": "Northern Ireland", "first_year": 2016, "last_year": 9999, "kind": "northern irish"}
        for _ in _NORTHERN_IRELAND
    ]
    services = pd.DataFrame(rows)
    services.insert(0, "service", np.arange(len(services)))
    services["code"] = _codes(len(services))
    services["name"] = services["area_code"] = services["region_code"] = ""
    english = services.index[services["nation"] == "England"]
    services.loc[english, "name"] = list(places.ENGLISH_NAMES[: len(english)])
    services.loc[english, ["area_code", "region_code"]] = places.english_areas(len(english))
    welsh = services.index[services["nation"] == "Wales"]
    services.loc[welsh, "name"] = list(places.WELSH_NAMES)
    services.loc[welsh, "area_code"] = list(places.WELSH_AREAS)
    services.loc[welsh, "region_code"] = "W92000004"
    irish = services.index[services["nation"] == "Northern Ireland"]
    services.loc[irish, "name"] = list(places.NORTHERN_IRISH_NAMES)
    services.loc[irish, "region_code"] = "N92000002"
    return services


def _codes(count: int) -> list[str]:
    """Opaque codes of three characters; the awkward ones are spread between the others."""
    letters = "ABCDFGHJKLMNPQRSTVWXYZ"
    plain = [f"{letters[(7 * i) % 22]}{letters[(3 * i + i // 22) % 22]}{(i * 7) % 10}" for i in range(count)]
    for position, code in enumerate(places.AWKWARD_CODES):
        plain[3 + 9 * position] = code
    return plain


def _hip_fractures(services: pd.DataFrame, rng: np.random.Generator) -> dict[int, np.ndarray]:
    """Hip fractures a year of each reporting service; a registered caseload stays until the service renews it."""
    reporting = services["kind"].to_numpy() == "reporting"
    size = np.exp(rng.normal(0, 0.28, len(services)))
    newcomer = services["first_year"].to_numpy() == 2024
    value = np.clip(np.round(405 * size * np.where(newcomer, 1.2, 1.0)), 250, 780).astype(np.int64)
    renews = {2022: rng.random(len(services)) < 0.35, 2023: rng.random(len(services)) < 0.7}
    renews[2024] = rng.random(len(services)) < 0.5
    by_year: dict[int, np.ndarray] = {}
    for year in YEARS:
        active = reporting & _takes_part(services, year)
        free = active & (renews.get(year, np.full(len(services), year == YEARS[0])) | _starts(services, year))
        if year != YEARS[1]:
            value = _to_total(value, TOTALS[year].hip_fractures, active, free, low=250, high=780)
        by_year[year] = value.copy()
    return by_year


def _to_total(
    value: np.ndarray, total: int, active: np.ndarray, free: np.ndarray, *, low: int, high: int
) -> np.ndarray:
    """``value`` with the free members scaled, then stepped by one, until the active ones add up to ``total``."""
    value = value.copy()
    fixed = value[active & ~free].sum()
    factor = (total - fixed) / max(value[free].sum(), 1)
    value[free] = np.clip(np.round(value[free] * factor), low, high).astype(np.int64)
    order = np.flatnonzero(free)
    step = 1 if value[active].sum() < total else -1
    turn = 0
    while value[active].sum() != total:
        member = order[turn % len(order)]
        if low <= value[member] + step <= high:
            value[member] += step
        turn += 1
    return value


def _one_year(
    services: pd.DataFrame, hips: dict[int, np.ndarray], character: dict[int, pd.DataFrame], year: int
) -> pd.DataFrame:
    """The reporting services of one year."""
    member = (services["kind"] == "reporting").to_numpy() & _takes_part(services, year)
    rows = _named(services[member], year)
    rows["hip_fractures"] = hips[year][member]
    latent = character[year][member].reset_index(drop=True)
    rows = pd.concat([rows, latent], axis=1)
    totals = TOTALS[year]
    expected = rows["hip_fractures"].to_numpy() * (0.94 if year >= 2022 else 1.0)
    everyone = np.ones(len(rows), dtype=bool)
    for column, shares, times, total in (
        ("non_spine", _NON_SPINE_SHARE, 4, totals.non_spine),
        ("spine", _SPINE_SHARE, 1, totals.spine),
    ):
        share = along(shares[year], ranks_within(latent["identification" if times == 4 else "spine"].to_numpy()))
        planned = np.round(times * expected * share).astype(np.int64)
        # Services near a cut point stay where the plan put them; the others absorb the difference to the total.
        free = ((share > 0.12) & (share < 0.42)) | ((share > 0.58) & (share < 0.72)) | (share > 0.9)
        rows[column] = _to_total(planned, total, everyone, free, low=0, high=4_000)
    rows["reported"] = True
    known_before = (services.loc[member, "first_year"].to_numpy() < year) | (year == YEARS[0])
    keen = np.where(known_before, latent["completeness"], -np.inf)
    rows["good"] = keen >= np.sort(keen)[-totals.good]
    return rows


def _small(services: pd.DataFrame) -> pd.DataFrame:
    """The services of England with fewer than 50 records."""
    rows = []
    members = services[services["kind"] == "small"]
    for (_, member), (first, counts) in zip(members.iterrows(), _SMALL, strict=True):
        for offset, count in enumerate(counts):
            row = _named(services.loc[[member["service"]]], first + offset)
            spine = count // 6
            rows.append(row.assign(hip_fractures=300, non_spine=count - spine, spine=spine, reported=False, good=False))
    return pd.concat(rows, ignore_index=True)


def _northern_irish(services: pd.DataFrame) -> pd.DataFrame:
    """The two services of Northern Ireland."""
    rows = []
    members = services[services["kind"] == "northern irish"]
    for (_, member), counts in zip(members.iterrows(), _NORTHERN_IRELAND, strict=True):
        for year, count in zip(YEARS, counts, strict=True):
            row = _named(services.loc[[member["service"]]], year)
            spine = count // 8
            rows.append(row.assign(hip_fractures=420, non_spine=count - spine, spine=spine, reported=False, good=False))
    return pd.concat(rows, ignore_index=True)


def _named(members: pd.DataFrame, year: int) -> pd.DataFrame:
    """The descriptive columns of some services in one year, with the name they bore then."""
    rows = members[["service", "code", "name", "nation", "area_code", "region_code"]].reset_index(drop=True)
    since = rows["service"].map(RENAMED_IN)
    rows.loc[since <= year, "name"] = rows["name"].str.replace(" FLS", " Bone Health FLS")
    return rows.assign(data_year=year)


def _takes_part(services: pd.DataFrame, year: int) -> np.ndarray:
    return ((services["first_year"] <= year) & (services["last_year"] >= year)).to_numpy()


def _starts(services: pd.DataFrame, year: int) -> np.ndarray:
    return (services["first_year"] == year).to_numpy()


def _pinned(plan: pd.DataFrame) -> np.ndarray:
    """The good services of 2022 that are held at exactly 80 %: those that assess least, in bones and in falls.

    Only a number of records that five divides has an exact fifth, and only a service below 80 % can be held there.
    """
    divisible = (plan["non_spine"] + plan["spine"]) % 5 == 0
    candidates = plan[plan["good"] & divisible & (plan["data_year"] == PINNED_YEAR)]
    chosen = candidates.eval("assessment + falls").nsmallest(PINNED).index
    return plan.index.isin(chosen)
