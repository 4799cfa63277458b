"""Variation between services: funnel limits, overdispersion, and estimates drawn towards the mean."""

from fls_research.stats.variation.dispersion import (
    Dispersion,
    Scores,
    arcsine_scores,
    log_count_ratio_scores,
    log_ratio_scores,
    square_root_ratio_scores,
    truncated_dispersion,
    winsorised_dispersion,
)
from fls_research.stats.variation.funnel import (
    Bands,
    Funnel,
    arcsine_funnel,
    binomial_funnel,
    log_ratio_funnel,
    pooled_target,
    square_root_ratio_funnel,
    status_against,
)
from fls_research.stats.variation.limits import (
    binomial_limits_exact,
    binomial_limits_interpolated,
    binomial_limits_normal,
    poisson_limits_exact,
    poisson_limits_interpolated,
    poisson_limits_normal,
    ratio_limits_touching,
)
from fls_research.stats.variation.shrinkage import (
    RandomEffects,
    dersimonian_laird,
    empirical_bayes,
    shrunken_proportions,
)

__all__ = [
    "Bands",
    "Dispersion",
    "Funnel",
    "RandomEffects",
    "Scores",
    "arcsine_funnel",
    "arcsine_scores",
    "binomial_funnel",
    "binomial_limits_exact",
    "binomial_limits_interpolated",
    "binomial_limits_normal",
    "dersimonian_laird",
    "empirical_bayes",
    "log_count_ratio_scores",
    "log_ratio_funnel",
    "log_ratio_scores",
    "poisson_limits_exact",
    "poisson_limits_interpolated",
    "poisson_limits_normal",
    "pooled_target",
    "ratio_limits_touching",
    "shrunken_proportions",
    "square_root_ratio_funnel",
    "square_root_ratio_scores",
    "status_against",
    "truncated_dispersion",
    "winsorised_dispersion",
]
