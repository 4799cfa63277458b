"""Every chart of the kit, by name. Each takes released tables only and gives a :class:`Figure`."""

from fls_research.outputs.canvas import Figure
from fls_research.outputs.figure_cohort import completeness, flow
from fls_research.outputs.figure_kpis import bars_by_group, kpi_change, trend
from fls_research.outputs.figure_services import services_by_colour, services_spread

__all__ = [
    "Figure",
    "bars_by_group",
    "completeness",
    "flow",
    "kpi_change",
    "services_by_colour",
    "services_spread",
    "trend",
]
