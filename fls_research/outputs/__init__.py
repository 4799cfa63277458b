"""Released numbers to what is read; this room cannot see patients, and refuses whatever was not released.

===========  ==========================================================================================================
``tables``   ``table`` (any released table), ``kpi_table`` (two years side by side); each a :class:`tables.Table`
``figures``  ``kpi_change``, ``trend``, ``bars_by_group``, ``services_by_colour``, ``services_spread``,
             ``completeness``, ``flow``; each a :class:`figures.Figure`
``text``     numbers in words: ``percent``, ``count``, ``interval``, ``points``, ``change``, ``direction``
``store``    ``open_results``, whose ``save`` puts a result and its facts (``FactSpec``) on disk
===========  ==========================================================================================================
"""

from fls_research.outputs.facts import FactSpec
from fls_research.outputs.store import open_results

__all__ = ["FactSpec", "open_results"]
