"""How well each invented service does: its rank between the services, and the level that goes with the rank."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit, logit

Knots = Sequence[tuple[float, float]]
"""Pairs of rank (0 lowest, 1 highest) and level; straight lines between them."""

CHARACTERS = (
    "identification",
    "spine",
    "completeness",
    "assessment",
    "dxa",
    "falls",
    "recommendation",
    "exercise",
    "monitoring",
    "treatment",
    "adherence",
)
"""The sides of a service's character, each carried from year to year."""

CUTS = (0.5, 0.8)
"""Cut points of the published counts of services; calibration moves no English service across them."""

_MARGIN = 0.022


def ranks_within(latent: np.ndarray, group: np.ndarray | None = None) -> np.ndarray:
    """Mid-rank of each member within its group, between 0 and 1.

    ``latent`` : (n,) floats without missing values; ``group`` : (n,) labels, one group when not given.

    >>> ranks_within(np.array([3.0, 1.0, 2.0])).round(3).tolist()
    [0.833, 0.167, 0.5]
    """
    group = np.zeros(len(latent), dtype=int) if group is None else np.asarray(group)
    ranks = np.empty(len(latent))
    for label in np.unique(group):
        member = np.flatnonzero(group == label)
        order = np.argsort(np.argsort(latent[member], kind="stable"), kind="stable")
        ranks[member] = (order + 0.5) / len(member)
    return ranks


def along(knots: Knots, ranks: np.ndarray) -> np.ndarray:
    """The level at each rank.

    >>> along(((0, 0.0), (0.5, 0.2), (1, 1.0)), np.array([0.25, 0.75])).round(6).tolist()
    [0.1, 0.6]
    """
    at, level = zip(*knots, strict=True)
    return np.interp(ranks, at, level)


def shifted_to(
    level: np.ndarray, *, weight: np.ndarray, target: float, keep_sides: bool, highest: np.ndarray | float = 0.985
) -> np.ndarray:
    """``level`` moved on the logit scale until its weighted mean is ``target``.

    Parameters
    ----------
    level, weight : (n,) level between 0 and 1, and number of patients. A level of exactly 0 stays 0.
    target : the mean to reach, between 0 and 1.
    keep_sides : hold every service on its side of the ``CUTS``, so that counts of services stay as planned.
    highest : upper bound of the levels that result.

    Returns the moved levels; where the bounds make the target unreachable, the nearest mean.

    >>> moved = shifted_to(np.array([0.0, 0.3, 0.6]), weight=np.ones(3), target=0.4, keep_sides=False)
    >>> round(float(moved.mean()), 6), float(moved[0])
    (0.4, 0.0)
    """

    def moved(shift: float) -> np.ndarray:
        inside = np.clip(level, 1e-9, 1 - 1e-9)
        value = np.minimum(np.where(level > 0, expit(logit(inside) + shift), 0.0), highest)
        if keep_sides:
            for cut in CUTS:
                value = np.where(level >= cut, np.maximum(value, cut + _MARGIN), np.minimum(value, cut - _MARGIN))
            value = np.where(level > 0, value, 0.0)
        return value

    low, high = -6.0, 6.0
    for _ in range(60):
        middle = (low + high) / 2
        if np.average(moved(middle), weights=weight) < target:
            low = middle
        else:
            high = middle
    return moved((low + high) / 2)


def intercepts(linear: np.ndarray, group: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Intercept of each group so that its mean probability is the target (Newton's method, all groups at once).

    Parameters
    ----------
    linear : (n,) linear predictor of each patient without the intercept.
    group : (n,) position of the patient's group.
    target : (k,) mean probability of each group; 0 gives an intercept of -40.

    Returns (k,) intercepts. A group without patients keeps its starting value.

    >>> a = intercepts(np.array([-1.0, 1.0, 0.5]), np.array([0, 0, 1]), np.array([0.3, 0.5]))
    >>> round(float(expit(a[0] + np.array([-1.0, 1.0])).mean()), 6), round(float(a[1]), 6)
    (0.3, -0.5)
    """
    size = np.maximum(np.bincount(group, minlength=len(target)), 1)
    goal = np.clip(target, 1e-9, 1 - 1e-9)
    alpha = logit(goal) - np.bincount(group, weights=linear, minlength=len(target)) / size
    for _ in range(8):
        p = expit(alpha[group] + linear)
        mean = np.bincount(group, weights=p, minlength=len(target)) / size
        slope = np.bincount(group, weights=p * (1 - p), minlength=len(target)) / size
        alpha = alpha + np.clip((goal - mean) / np.maximum(slope, 1e-9), -2, 2)
    return np.where(target <= 0, -40.0, alpha)
