"""Time to event: curves, tests, restricted means and proportional-hazards models, each checked against R.

``weights`` mean the same everywhere in the room: how many identical patients a row stands for.
"""

from fls_research.stats.survival.aalen_johansen import aalen_johansen
from fls_research.stats.survival.cox import CoxFit, cause_specific_cox, cox, cox_robust_covariance, cox_table
from fls_research.stats.survival.fine_gray import fine_gray
from fls_research.stats.survival.group_tests import GroupTest, gray_test, log_rank
from fls_research.stats.survival.intervals import complementary_log_log_interval, log_log_interval, plain_interval
from fls_research.stats.survival.kaplan_meier import at_times, kaplan_meier, survival_quantiles
from fls_research.stats.survival.predicted import predicted_survival
from fls_research.stats.survival.proportional_hazards import proportional_hazards_test
from fls_research.stats.survival.rmst import restricted_mean, restricted_mean_difference, restricted_mean_ratio

__all__ = [
    "CoxFit",
    "GroupTest",
    "aalen_johansen",
    "at_times",
    "cause_specific_cox",
    "complementary_log_log_interval",
    "cox",
    "cox_robust_covariance",
    "cox_table",
    "fine_gray",
    "gray_test",
    "kaplan_meier",
    "log_log_interval",
    "log_rank",
    "plain_interval",
    "predicted_survival",
    "proportional_hazards_test",
    "restricted_mean",
    "restricted_mean_difference",
    "restricted_mean_ratio",
    "survival_quantiles",
]
