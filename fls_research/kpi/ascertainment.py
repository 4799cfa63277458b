"""The counts of KPI 2 and 3: records identified over the caseload expected of the services that sent any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from fls_research.kpi.caseload import expected_fractures
from fls_research.kpi.counted import Table
from fls_research.kpi.groups import Dimension, group
from fls_research.kpi.records import Kpi, Status
from fls_research.kpi.tally import Tally


def tally_identification(
    by_service: Table, record: Kpi, services: pd.DataFrame, places: Sequence[Dimension], *, year: int
) -> Iterator[Tally]:
    """One tally per place dimension.

    Parameters
    ----------
    by_service : the records of the data year by service and status under ``record``, shape (services, statuses).
    record : KPI 2 or 3.
    services : the year's caseload rows of the services present, in the order of their group numbers.
    places : dimensions whose every part is a place.

    A service whose hip fractures are not known has no expected caseload: its records leave numerator and denominator
    alike and are counted as not eligible. ``unknown`` counts records whose site is not known. Nothing is capped: a
    service may find more than was expected.
    """
    table = by_service[by_service.sum(axis=1) > 0]
    hips = services["hip_fractures"].to_numpy(dtype=float, na_value=np.nan)
    without = np.isnan(hips)
    table[without, Status.NOT_ELIGIBLE] = table[without].sum(axis=1)
    table[np.ix_(without, [Status.MET, Status.UNKNOWN, Status.NOT_MET])] = 0
    for place in places:
        grouping = group(services, place)
        by_status = [np.bincount(grouping.numbers, table[:, status], grouping.size) for status in Status]
        hips_by_group = np.bincount(grouping.numbers, np.nan_to_num(hips), grouping.size)
        yield Tally(
            record=record,
            year=year,
            grouping=grouping,
            present=np.bincount(grouping.numbers, minlength=grouping.size) > 0,
            numerator=by_status[Status.MET],
            denominator=expected_fractures(hips_by_group, record.measure),
            unknown=by_status[Status.UNKNOWN],
            not_eligible=by_status[Status.NOT_ELIGIBLE],
        )
