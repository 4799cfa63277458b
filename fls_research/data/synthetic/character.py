"""What sets the invented services apart from each other, and lasts: their character and their neighbourhood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.data.synthetic.levels import CHARACTERS


def characters(services: pd.DataFrame, years: Sequence[int], *, rng: np.random.Generator) -> dict[int, pd.DataFrame]:
    """Latent character by year, one column per name in ``levels.CHARACTERS``, normal with standard deviation 1.

    ``services`` : rows of ``services.all_services``; ``years`` in order. Columns of a year correlate by 0.2, and a
    service keeps nine tenths of each from one year to the next.
    """
    count = len(services)
    common = rng.normal(size=count)
    value = {name: 0.45 * common + np.sqrt(1 - 0.45**2) * rng.normal(size=count) for name in CHARACTERS}
    welsh = (services["nation"] == "Wales").to_numpy()
    value["spine"] = value["spine"] - 0.8 * welsh
    by_year = {}
    for year in years:
        by_year[year] = pd.DataFrame(value)
        value = {name: 0.93 * v + np.sqrt(1 - 0.93**2) * rng.normal(size=count) for name, v in value.items()}
    return by_year


def deprivation(plan: pd.DataFrame, *, rng: np.random.Generator) -> np.ndarray:
    """How little deprived each service's neighbourhood is, with standard deviation 1, unrelated to how well it does.

    Deprived areas must not get poorer services by chance, or the gaps between patients would not be the planted ones.
    So what size, completeness and character explain of a random draw is taken out again. ``plan`` : rows of
    ``services.service_years``. Returns (n,) by row of the plan, 0 where not ``reported``.
    """
    reported = plan[plan["reported"]].assign(records=plan.eval("non_spine + spine"))
    reported["keen"] = reported["monitoring"] - 1.3 * np.log(reported["records"])
    features = reported.groupby("service")[[*CHARACTERS, "keen", "records", "good"]].mean()
    ranks = features.rank().to_numpy() / len(features) - 0.5
    design = np.column_stack([np.ones(len(features)), ranks, ranks[:, :-1] ** 2])
    draw = rng.normal(size=len(features))
    weight = np.sqrt(features["records"].to_numpy())
    explained = design @ np.linalg.lstsq(design * weight[:, None], draw * weight, rcond=None)[0]
    rest = pd.Series(draw - explained, index=features.index)
    return plan["service"].map(rest / rest.std()).fillna(0.0).to_numpy()
