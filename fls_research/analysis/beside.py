"""The clocks of one place beside the nation's: the same counts of patients by day, on the days that a chart shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.analysis.clocks import LANDMARKS

GRID_DAYS = 7
"""Days between the places of a chart's grid; the gate for curves keeps the same one where it controls a table."""


def weekly(exits: pd.DataFrame, *, landmarks: Sequence[int] = LANDMARKS) -> pd.DataFrame:
    """The counts of :func:`fls_research.analysis.clocks.exits` with every day moved on to the next shown one.

    Shown are every seventh day and the landmarks. How many had left by any of them is as before, with a fifth of the
    rows, so that every release after it is quicker; whoever is censored counts as followed to the next shown day.

    Returns
    -------
    The same columns, summed; in the order of the rows given.

    >>> days = pd.DataFrame({"group": "all", "day": [3, 7, 8, 29, 30, 31], "state": "assessed", "patients": 1})
    >>> weekly(days)[["day", "patients"]].values.tolist()
    [[7, 2], [14, 1], [30, 2], [35, 1]]
    """
    last = int(exits["day"].max()) if len(exits) else 0
    shown = np.unique([*range(0, last + GRID_DAYS, GRID_DAYS), *(day for day in landmarks)])
    # Nobody is moved past the last landmark by it: the follow-up of a clock ends there.
    moved = exits.assign(day=shown[np.searchsorted(shown, exits["day"].to_numpy())])
    keys = [name for name in exits.columns if name != "patients"]
    return moved.groupby(keys, sort=False, observed=True, as_index=False)["patients"].sum()[list(exits.columns)]
