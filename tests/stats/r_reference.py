"""R's answers, read from the JSON that the scripts in tests/stats/r wrote; R itself is not needed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

_FOLDER = Path(__file__).parent / "r"
_BLANK = (None, "NaN", "NA", "Inf", "-Inf")


class Reference:
    """One script's file: ``frame(name)`` is a data set, ``answer(case, part)`` an array with NaN where R has none."""

    def __init__(self, name):
        self._content = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))

    def frame(self, name):
        return pd.DataFrame(self._content[name])

    def answer(self, case, part=None):
        found = self._content["cases"][case]["answer"]
        found = found if part is None else found[part]
        if isinstance(found, dict):
            return found
        shape = np.shape(found)
        flat = np.ravel(np.array(found, dtype=object))
        return np.array([np.nan if value in _BLANK else float(value) for value in flat]).reshape(shape)


def same(ours, theirs, *, tolerance=1e-9):
    """Equal to R within a relative tolerance, missing in the same places."""
    np.testing.assert_allclose(np.asarray(ours, dtype=float), theirs, rtol=tolerance, atol=1e-13)
