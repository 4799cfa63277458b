"""Which services count in a data year, where they are, and how many fractures are expected of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.errors import ParamsError
from fls_research.kpi.records import Caseload

COLUMNS: tuple[str, ...] = ("data_year", "service_code", "hip_fractures", "nation", "area_code", "region_code")
"""The columns of the ``caseload`` frame, whose row is one service in one data year (made by ``data.register``)."""


def services_of(caseload: pd.DataFrame, *, year: int, present: Sequence[str]) -> pd.DataFrame:
    """The caseload rows of the services that sent records in a data year, in the order of ``present``.

    A service in the caseload that sent nothing is left out: it counts in no denominator.

    Raises
    ------
    ParamsError : a column is missing, a service that sent records has no row for the year, or has two.

    >>> caseload = pd.DataFrame({"data_year": 2024, "service_code": ["OLD", "NEW"], "hip_fractures": [400, 250],
    ...     "nation": "England", "area_code": "QOX", "region_code": "Y58"})
    >>> services_of(caseload, year=2024, present=["NEW"])["hip_fractures"].tolist()
    [250]
    """
    lacking = [column for column in COLUMNS if column not in caseload.columns]
    if lacking:
        raise ParamsError(f"The caseload frame has no column '{lacking[0]}'; make it with data.register.")
    of_year = caseload.loc[(caseload["data_year"] == year).to_numpy(), list(COLUMNS)]
    of_year = of_year.assign(service_code=of_year["service_code"].astype(str)).set_index("service_code")
    repeated = of_year.index[of_year.index.duplicated() & of_year.index.isin(present)]
    if len(repeated):
        raise ParamsError(f"The caseload holds service '{repeated[0]}' twice for {year}; keep one row of the register.")
    absent = [code for code in present if code not in of_year.index]
    if absent:
        raise ParamsError(
            f"The caseload has no row for {year} for service(s) {', '.join(absent)}, which sent records; "
            "add them to the service register."
        )
    return of_year.loc[list(present)].reset_index()


def expected_fractures(hip_fractures: NDArray[np.float64], measure: Caseload) -> NDArray[np.float64]:
    """Fractures expected of services (or groups of them) with so many hip fractures; exact before the last division.

    Missing hip fractures give a missing expectation. Source: rule of five, FLS-DB feasibility report (2016).

    >>> from fls_research.kpi.definitions import record_for
    >>> expected_fractures(np.array([400.0]), record_for("kpi2", 2024).measure)
    array([1504.])
    >>> expected_fractures(np.array([400.0]), record_for("kpi3", 2024).measure)
    array([376.])
    """
    factor = measure.per_hip_fracture
    return hip_fractures * factor.numerator / factor.denominator
