"""Change over time: run charts, control charts, and the signals that NHS boards read from them."""

from fls_research.stats.trend.charts import (
    c_chart,
    individuals_chart,
    moving_range_chart,
    p_chart,
    p_prime_chart,
    u_chart,
    u_prime_chart,
    xmr_chart,
)
from fls_research.stats.trend.phases import ONE_PROCESS, Phase
from fls_research.stats.trend.runs import RunChart, anhoej_limits, run_chart, run_charts
from fls_research.stats.trend.signals import (
    Assurance,
    Better,
    MakingDataCount,
    Signal,
    Variation,
    making_data_count,
    point_signals,
)

__all__ = [
    "ONE_PROCESS",
    "Assurance",
    "Better",
    "MakingDataCount",
    "Phase",
    "RunChart",
    "Signal",
    "Variation",
    "anhoej_limits",
    "c_chart",
    "individuals_chart",
    "making_data_count",
    "moving_range_chart",
    "p_chart",
    "p_prime_chart",
    "point_signals",
    "run_chart",
    "run_charts",
    "u_chart",
    "u_prime_chart",
    "xmr_chart",
]
