"""Every chart of the kit, by name. Each takes released tables only and gives a :class:`Figure`."""

from fls_research.outputs.canvas import Figure
from fls_research.outputs.figure_absent import absent
from fls_research.outputs.figure_adherence import adherence_groups, adherence_states, lost_to_follow_up
from fls_research.outputs.figure_beside import curves_beside
from fls_research.outputs.figure_cohort import completeness, flow
from fls_research.outputs.figure_curves import Panel, incidence_by_group, incidence_stacked
from fls_research.outputs.figure_forest import forest, gap_panels
from fls_research.outputs.figure_funnel import funnels
from fls_research.outputs.figure_gaps import group_gaps
from fls_research.outputs.figure_inequality import equiplot, groups_over_years
from fls_research.outputs.figure_kpis import bars_by_group, kpi_change, trend
from fls_research.outputs.figure_pack import completeness_bars, kpi_overview
from fls_research.outputs.figure_run_chart import run_charts
from fls_research.outputs.figure_sensitivity import ranges
from fls_research.outputs.figure_services import services_by_colour, services_spread

__all__ = [
    "Figure",
    "Panel",
    "absent",
    "adherence_groups",
    "adherence_states",
    "bars_by_group",
    "completeness",
    "completeness_bars",
    "curves_beside",
    "equiplot",
    "flow",
    "forest",
    "funnels",
    "gap_panels",
    "group_gaps",
    "groups_over_years",
    "incidence_by_group",
    "incidence_stacked",
    "kpi_change",
    "kpi_overview",
    "lost_to_follow_up",
    "ranges",
    "run_charts",
    "services_by_colour",
    "services_spread",
    "trend",
]
