"""Which patients meet a KPI: the level of each service, moved to the national target, then planted gaps and chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from fls_research.data.synthetic.effects import linear_predictor
from fls_research.data.synthetic.levels import Knots, along, intercepts, ranks_within, shifted_to
from fls_research.data.synthetic.targets import Targets


@dataclass(frozen=True)
class Spread:
    """How the services spread on one KPI from a data year on.

    ``every`` gives the level by rank among all services; where completeness and level hang together, ``good`` and
    ``other`` give it among the services with good completeness and among the others. ``highest`` bounds the levels.
    """

    kpi: str
    from_year: int
    character: str
    every: Knots = ()
    good: Knots = ()
    other: Knots = ()
    highest: float = 0.985


_OTHER_HIGHEST = 0.58
"""A service without good completeness cannot confirm treatment in more patients than this."""

_FALLS_LOW = ((0, 0), (0.06, 0), (0.3, 0.30))
_FALLS_HIGH = ((0.85, 0.985), (0.93, 1.0), (1, 1.0))
_LATER_MONITORING = {
    "good": ((0, 0.05), (0.1, 0.10), (0.56, 0.50), (0.561, 0.83), (1, 0.97)),
    "other": ((0, 0), (0.3, 0), (1, 0.45)),
}

# Read as: of the services ordered by how well they do, the one at this rank stands at this level. The jumps lie at the
# published counts of services below 50 % or at 80 % and more.
SPREADS: tuple[Spread, ...] = (
    Spread("kpi4", 2016, "assessment", every=((0, 0.01), (0.3, 0.45), (0.6, 0.76), (0.85, 0.94), (1, 0.99))),
    Spread(
        "kpi4", 2024, "assessment",
        every=((0, 0.03), (0.272, 0.47), (0.273, 0.54), (0.6, 0.78), (0.85, 0.95), (1, 0.99)),
    ),
    Spread("kpi5", 2016, "dxa", every=((0, 0.0), (0.1, 0.06), (0.5, 0.28), (0.98, 0.70), (0.981, 0.84), (1, 0.85))),
    Spread("kpi5", 2022, "dxa", every=((0, 0.0), (0.1, 0.06), (0.5, 0.28), (1, 0.74))),
    Spread("kpi6", 2016, "falls", every=(*_FALLS_LOW, (0.637, 0.74), (0.638, 0.85), *_FALLS_HIGH), highest=1.0),
    Spread("kpi6", 2024, "falls", every=(*_FALLS_LOW, (0.575, 0.74), (0.576, 0.85), *_FALLS_HIGH), highest=1.0),
    Spread("kpi7", 2016, "recommendation", every=((0, 0.30), (0.5, 0.55), (0.95, 0.77), (0.951, 0.84), (1, 0.95))),
    Spread("kpi8", 2016, "exercise", every=((0, 0), (0.5, 0), (0.8, 0.03), (0.93, 0.2), (1, 0.75))),
    Spread(
        "kpi9", 2016, "monitoring",
        good=((0, 0.0), (0.1, 0.01), (0.625, 0.33), (0.626, 0.83), (1, 0.97)), other=((0, 0), (0.45, 0), (1, 0.25)),
    ),
    Spread("kpi9", 2023, "monitoring", **_LATER_MONITORING),
    Spread(
        "kpi10", 2016, "treatment",
        good=((0, 0.08), (0.5, 0.48), (0.9, 0.78), (1, 0.92)),
        other=((0, 0), (0.25, 0), (0.6, 0.15), (1, 0.55)),
    ),
    Spread(
        "kpi11", 2016, "adherence",
        good=((0, 0.0), (0.1, 0.03), (0.5, 0.42), (0.9, 0.80), (1, 0.93)),
        other=((0, 0), (0.35, 0), (0.7, 0.15), (1, 0.5)),
    ),
)  # fmt: skip


def spread_of(kpi: str, year: int) -> Spread:
    """How the services spread on a KPI in a data year.

    >>> spread_of("kpi5", 2023).from_year
    2022
    """
    return max((s for s in SPREADS if s.kpi == kpi and s.from_year <= year), key=lambda s: s.from_year)


class Performance:
    """The planned services and the national targets, from which it is drawn who meets a KPI.

    ``plan`` : rows of ``services.service_years``; ``patients`` : rows of ``patients.patients`` made from it;
    ``silent`` : for some KPIs, (k,) truth by row of the plan, the services that report nothing of it.
    """

    def __init__(
        self, plan: pd.DataFrame, patients: pd.DataFrame, targets: Targets, *, silent: Mapping[str, np.ndarray]
    ) -> None:
        self._plan = plan
        self._patients = patients
        self._row = patients["plan_row"].to_numpy()
        self._targets = targets
        self._silent = silent

    def met(
        self,
        kpi: str,
        *,
        rng: np.random.Generator,
        eligible: np.ndarray,
        denominator: np.ndarray | None = None,
        leaning: np.ndarray | None = None,
    ) -> np.ndarray:
        """Draw which patients meet a KPI.

        Parameters
        ----------
        eligible : (n,) truth, who can meet it at all.
        denominator : (n,) truth, over whom the KPI is counted; the eligible when not given. It is larger where
            patients who cannot meet the KPI still count, such as those who died before the visit.
        leaning : (n,) further log odds of the patient.

        Returns (n,) truth. The expected share of each service is its level, whoever its patients are.
        """
        chance = self.chance(kpi, eligible=eligible, denominator=denominator, leaning=leaning)
        return rng.random(len(self._patients)) < chance

    def chance(
        self,
        kpi: str,
        *,
        eligible: np.ndarray,
        denominator: np.ndarray | None = None,
        leaning: np.ndarray | None = None,
    ) -> np.ndarray:
        """(n,) probability of meeting a KPI, 0 for those who are not eligible. Parameters as in :meth:`met`."""
        counted = eligible if denominator is None else denominator
        size = len(self._plan)
        weight = np.bincount(self._row[counted], minlength=size)
        able = np.bincount(self._row[eligible], minlength=size)
        level = self._levels(kpi, weight)
        among_able = np.minimum(level * weight / np.maximum(able, 1), 1.0)
        linear = linear_predictor(kpi, self._patients)
        linear = (linear if leaning is None else linear + leaning)[eligible]
        start = intercepts(linear, self._row[eligible], among_able)
        chance = np.zeros(len(self._patients))
        chance[eligible] = expit(start[self._row[eligible]] + linear)
        return chance

    def _levels(self, kpi: str, weight: np.ndarray) -> np.ndarray:
        """The level of each service year: by rank, then moved to the target of its nation and year."""
        plan = self._plan
        level = np.zeros(len(plan))
        for year in plan["data_year"].unique():
            in_year = (plan["data_year"] == year).to_numpy()
            inside = np.flatnonzero(in_year & plan["reported"].to_numpy())
            spread = spread_of(kpi, year)
            level[inside] = self._by_rank(spread, inside)
            level[inside] *= ~self._silent.get(kpi, np.zeros(len(plan), dtype=bool))[inside]
            bound = np.where(plan["good"].to_numpy() | bool(spread.every), spread.highest, _OTHER_HIGHEST)
            for nation in ("England", "Wales"):
                member = inside[(plan["nation"] == nation).to_numpy()[inside]]
                level[member] = shifted_to(
                    level[member],
                    weight=np.maximum(weight[member], 1e-9),
                    target=self._targets.aim(kpi, year, nation),
                    keep_sides=nation == "England",
                    highest=bound[member],
                )
            outside = in_year & ~plan["reported"].to_numpy()
            level[outside] = self._targets.aim(kpi, year, "England")
        return level

    def _by_rank(self, spread: Spread, inside: np.ndarray) -> np.ndarray:
        latent = self._plan[spread.character].to_numpy()[inside]
        if spread.character == "monitoring":
            # Following up four patients in five is a small service's achievement: the national value is far lower.
            records = self._plan.eval("non_spine + spine").to_numpy()[inside]
            latent = latent - 1.3 * np.log(records / 900)
        if spread.every:
            return along(spread.every, ranks_within(latent))
        good = self._plan["good"].to_numpy()[inside]
        ranks = ranks_within(latent, good)
        return np.where(good, along(spread.good, ranks), along(spread.other, ranks))

    def pinned_patients(self) -> np.ndarray:
        """(n,) truth, whether the patient belongs to a service year that is held at exactly 80 % completeness."""
        return self._plan["pinned"].to_numpy()[self._row]
