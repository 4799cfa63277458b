"""Other people's answers, read from the files beside this one; each file says where its numbers come from."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

_FOLDER = Path(__file__).parent


@cache
def case(name):
    """A published or recomputed reference case: ``input``, ``expected``, ``source``."""
    return json.loads((_FOLDER / "cases" / f"{name}.json").read_text(encoding="utf-8"))


@cache
def r_answers():
    """What R answers to ``r/proportions_and_variation.R``."""
    return json.loads((_FOLDER / "r" / "proportions_and_variation.json").read_text(encoding="utf-8"))


def frame(columns):
    return pd.DataFrame(columns)


def same(ours, theirs, rtol=1e-6, atol=0.0):
    """Equal within the tolerance, and missing in the same places."""
    np.testing.assert_allclose(
        np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float), rtol=rtol, atol=atol, equal_nan=True
    )
