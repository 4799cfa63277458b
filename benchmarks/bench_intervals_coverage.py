"""How often 95 % intervals of fls_research.stats hold the truth (seeded simulation, a few seconds)."""

import numpy as np

from fls_research.stats.inequality import (
    IDENTITY_LINK,
    LOG_LINK,
    NATURAL,
    logistic_slope_indices,
    logistic_slope_indices_of_groups,
    ridits,
    robust_slope_indices,
    slope_indices,
)
from fls_research.stats.proportions import clustered_proportion, katz_ratio, koopman_ratio, newcombe_difference


def held(estimate, truth):
    return float(np.mean((estimate.lower < truth) & (truth < estimate.upper)))


def main(seed=12, areas=4_000):
    generator = np.random.default_rng(seed)
    people = np.tile([120, 150, 90, 110, 130], (areas, 1))
    rank = ridits(people[0])
    ends = 1 / (1 + np.exp(0.5)), 1 / (1 + np.exp(-0.3))
    met = generator.binomial(people, 1 / (1 + np.exp(0.5 - 0.8 * rank)))
    model = logistic_slope_indices(met, people, confidence=0.95)
    print("logistic SII", held(model.sii, ends[1] - ends[0]), "RII", held(model.rii, ends[1] / ends[0]))
    grouped = logistic_slope_indices_of_groups(met, people, confidence=0.95)
    print("logistic SII, HC1 of groups", held(grouped.sii, ends[1] - ends[0]))
    met = generator.binomial(people, 0.4 + 0.2 * rank)
    linear = robust_slope_indices(met, people, link=IDENTITY_LINK, confidence=0.95)
    share = met / people
    exact = slope_indices(share, people, np.sqrt(share * (1 - share) / people), fitted_on=NATURAL, confidence=0.95)
    print("identity SII", held(linear.sii, 0.2), "line SII", held(exact.sii, 0.2), "Fieller RII", held(exact.rii, 1.5))
    met = generator.binomial(people, 0.3 * np.exp(0.5 * rank))
    print("log RII", held(robust_slope_indices(met, people, link=LOG_LINK, confidence=0.95).rii, np.exp(0.5)))
    first, other = generator.binomial(40, 0.3, 20_000), generator.binomial(60, 0.5, 20_000)
    print("Newcombe", held(newcombe_difference(first, 40, other, 60, confidence=0.95), -0.2))
    print("Katz", held(katz_ratio(first, 40, other, 60, confidence=0.95, added=0), 0.6))
    print("Koopman", held(koopman_ratio(first[:3000], 40, other[:3000], 60, confidence=0.95), 0.6))
    inside = 0
    for _ in range(2_000):
        trials, p = generator.integers(20, 80, 60), generator.beta(6, 4, 60)
        found = clustered_proportion(generator.binomial(trials, p), trials, range(60), confidence=0.95)
        inside += found.lower < 0.6 < found.upper
    print("clustered proportion, 60 services", inside / 2_000)


if __name__ == "__main__":
    main()
