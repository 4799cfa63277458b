"""The answer of every patient to one coded field, not known until it is given."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fls_research.data import schema
from fls_research.data.codes import NOT_KNOWN


class Answers:
    """Answers to one coded field of the dataset, filled code by code; a later answer replaces an earlier one.

    >>> Answers("smoker", 3).where(np.array([True, False, False]), "never").categorical().tolist()
    ['never', 'not known', 'not known']
    """

    def __init__(self, field: str, count: int) -> None:
        self._codes = schema.BY_NAME[field].permitted()
        self._position = np.full(count, self._codes.index(NOT_KNOWN), dtype=np.int8)

    def where(self, mask: np.ndarray, code: str) -> Answers:
        """Give ``code`` to the patients of the mask. ``ValueError`` when the field does not hold it."""
        self._position[mask] = self._codes.index(code)
        return self

    def drawn(self, mask: np.ndarray, shares: Mapping[str, float], rng: np.random.Generator) -> Answers:
        """Draw an answer for each patient of the mask; ``shares`` are scaled to add up to 1."""
        positions = np.array([self._codes.index(code) for code in shares], dtype=np.int8)
        self._position[mask] = positions[pick(rng, int(mask.sum()), list(shares.values()))]
        return self

    def categorical(self) -> pd.Categorical:
        """The answers as a categorical over the field's codes."""
        return pd.Categorical.from_codes(self._position, categories=list(self._codes))


def pick(rng: np.random.Generator, count: int, shares: list[float]) -> np.ndarray:
    """``count`` positions drawn with the given shares, which are scaled to add up to 1.

    >>> pick(np.random.Generator(np.random.PCG64(1)), 5, [0.0, 1.0]).tolist()
    [1, 1, 1, 1, 1]
    """
    edges = np.cumsum(np.asarray(shares, dtype=float))
    return np.searchsorted(edges[:-1] / edges[-1], rng.random(count), side="right")
