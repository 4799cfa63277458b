"""The fields that no KPI reads: admission, further fractures, bone health history and the parts of the falls review."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fls_research.data.synthetic.answers import Answers

_FALLS_REVIEW = {
    "two_falls": 0.30,
    "fear_of_falling": 0.38,
    "falls_medication": 0.46,
    "vision": 0.28,
    "toileting": 0.22,
    "abnormal_cardiac": 0.12,
    "cognitive_impairment": 0.16,
}
"""Share of "yes" where the falls review was done, before the patient's age."""

_MOBILITY = {"independent": 0.62, "one aid": 0.2, "frame": 0.12, "indoors": 0.05, "none": 0.01}
_SMOKER = {"never": 0.6, "former": 0.29, "current": 0.11}


def history(patients: pd.DataFrame, falls_reviewed: np.ndarray, *, rng: np.random.Generator) -> pd.DataFrame:
    """The descriptive fields of sections 1, 2 and 5, one row per patient.

    Parameters
    ----------
    patients : rows of ``patients.patients``.
    falls_reviewed : (n,) truth, whether the service did a falls review; without one its parts are mostly blank.

    Returns codes as categoricals, ``height`` in cm and ``weight`` in kg, missing where not measured.
    """
    parts = [_fracture(patients, rng), _bone_health(patients, rng), _falls_review(patients, falls_reviewed, rng)]
    return pd.concat(parts, axis=1)


def _fracture(patients: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(patients)
    site = patients["fracture_site"]
    hip, spine = (site == "hip").to_numpy(), (site == "spine").to_numpy()
    admitted = rng.random(count) < np.where(hip, 0.99, np.where(spine, 0.45, 0.25))
    stay = Answers("admitted", count).where(admitted, "yes").where(~admitted, "no")
    kind = Answers("fracture_type", count).where(admitted, "inpatient").where(~admitted, "outpatient")
    kind.where(spine & (rng.random(count) < 0.7), "spine")
    several = rng.random(count) < np.where(spine, 0.22, 0.05)
    shares = {"spine": 0.3, "wrist": 0.3, "humerus": 0.15, "pelvis": 0.1, "other": 0.15}
    second = Answers("second_site", count).drawn(several, shares, rng)
    third = Answers("third_site", count).drawn(several & (rng.random(count) < 0.15), shares, rng)
    unsaid = rng.random(count) < 0.03
    return pd.DataFrame(
        {
            "admitted": stay.where(unsaid, "not known").categorical(),
            "fracture_type": kind.where(rng.random(count) < 0.05, "not known").categorical(),
            "second_site": second.categorical(),
            "third_site": third.categorical(),
        }
    )


def _bone_health(patients: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    count = len(patients)
    age = patients["age"].to_numpy()
    male = (patients["sex"] == "male").to_numpy()
    measured = rng.random(count) < 0.42
    height = np.round(rng.normal(np.where(male, 174, 160.5) - 0.08 * (age - 70), 7.0))
    weight = np.round(rng.normal(np.where(male, 79, 68) - 0.25 * (age - 70), 13.0), 1)
    frame = {
        "height": np.where(measured, np.clip(height, 130, 205), np.nan),
        "weight": np.where(measured & (rng.random(count) < 0.97), np.clip(weight, 32, 160), np.nan),
    }
    for name, share, answered in (
        ("prior_fracture", 0.22 + 0.006 * (age - 70), 0.72),
        ("family_hip_fracture", np.full(count, 0.11), 0.55),
        ("prior_therapy", 0.10 + 0.004 * (age - 70), 0.68),
    ):
        known = rng.random(count) < answered
        yes = known & (rng.random(count) < share)
        frame[name] = Answers(name, count).where(known, "no").where(yes, "yes").categorical()
    frame["smoker"] = Answers("smoker", count).drawn(rng.random(count) < 0.6, _SMOKER, rng).categorical()
    return pd.DataFrame(frame)


def _falls_review(patients: pd.DataFrame, reviewed: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    count = len(patients)
    older = (patients["age"].to_numpy() - 73) / 100
    frame = {}
    for name, share in _FALLS_REVIEW.items():
        known = rng.random(count) < np.where(reviewed, 0.88, 0.12)
        yes = known & (rng.random(count) < np.clip(share + older, 0.02, 0.95))
        frame[name] = Answers(name, count).where(known, "no").where(yes, "yes").categorical()
    mobile = Answers("mobility", count).drawn(rng.random(count) < np.where(reviewed, 0.9, 0.3), _MOBILITY, rng)
    frame["mobility"] = mobile.categorical()
    return pd.DataFrame(frame)
