"""Exits on the days that a chart shows: nobody lost, nobody later than the next shown day, landmarks kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fls_research.analysis.beside import weekly
from fls_research.analysis.clocks import LABELS, LANDMARKS, WAITING
from fls_research.disclosure import release_curve


def exits() -> pd.DataFrame:
    days = np.arange(0, 366)
    return pd.concat(
        pd.DataFrame({"data_year": 2024, "step": "assessment", "dimension": "national", "group": "all", "day": days,
                      "state": state, "patients": number})
        for state, number in (("assessed", 5), ("died", 1))
    )  # fmt: skip


def left_by(frame: pd.DataFrame, day: int) -> list[int]:
    return frame.loc[frame["day"] <= day].groupby("state")["patients"].sum().tolist()


def test_by_every_shown_day_as_many_have_left_as_before() -> None:
    for day in (0, 7, 91, *LANDMARKS):
        assert left_by(weekly(exits()), day) == left_by(exits(), day)


def test_there_are_far_fewer_rows_and_the_last_day_stays() -> None:
    found = weekly(exits())
    assert len(found) < len(exits()) / 6
    assert found["day"].max() == 365
    assert list(found.columns) == list(exits().columns)


def test_the_curve_of_followed_patients_is_the_same_on_the_landmarks() -> None:
    how = {"censored": WAITING, "landmarks": LANDMARKS, "labels": LABELS, "policy": "hes", "level": "national"}
    whole, thinned = (
        release_curve(rows, **how).where(day=list(LANDMARKS)).frame for rows in (exits(), weekly(exits()))
    )
    assert np.allclose(whole["proportion"], thinned["proportion"])


def test_no_exits_stay_none() -> None:
    assert weekly(exits().iloc[:0]).empty
