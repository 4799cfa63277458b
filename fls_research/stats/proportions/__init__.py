"""Intervals of proportions, rates and means, and of the difference and ratio of two proportions."""

from fls_research.stats.proportions.clustered import ClusteredProportion, clustered_proportion, student_mean
from fls_research.stats.proportions.comparison import katz_ratio, koopman_ratio, newcombe_difference
from fls_research.stats.proportions.rates import byar_interval, count_interval, exact_poisson_interval, poisson_rate
from fls_research.stats.proportions.single import (
    clopper_pearson_interval,
    clopper_pearson_proportion,
    wilson_interval,
    wilson_proportion,
)

__all__ = [
    "ClusteredProportion",
    "byar_interval",
    "clopper_pearson_interval",
    "clopper_pearson_proportion",
    "clustered_proportion",
    "count_interval",
    "exact_poisson_interval",
    "katz_ratio",
    "koopman_ratio",
    "newcombe_difference",
    "poisson_rate",
    "student_mean",
    "wilson_interval",
    "wilson_proportion",
]
