"""Multiple imputation by chained equations, and Rubin's rules for putting the answers together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import t as student
from statsmodels.imputation.mice import MICEData

from fls_research.stats._checks import as_floats, check_confidence
from fls_research.stats.results import StatsError


def impute_chained(
    frame: pd.DataFrame,
    *,
    imputations: int,
    burn_in: int,
    spacing: int,
    neighbours: int,
    generator: np.random.Generator,
) -> list[pd.DataFrame]:
    """Completed copies of a frame, each missing number drawn from patients who are predicted to be alike.

    Parameters
    ----------
    frame : every column takes part, the outcome included. Columns with gaps must be numbers or truth values; text and
        categorical columns predict, and must be complete (give a missing answer a level of its own).
    imputations : how many completed copies.
    burn_in, spacing : cycles before the first copy and between copies.
    neighbours : from how many nearest patients a value is drawn (predictive mean matching).
    generator : source of randomness; the same state gives the same copies.

    Returns
    -------
    Frames like the input, columns with gaps as float64.

    Raises
    ------
    StatsError : naming a column that cannot be imputed or stands there twice; when nothing is missing; when no second
        column varies, from which gaps could be learnt; and when a count of copies, cycles or patients is below 1.

    van Buuren S, Groothuis-Oudshoorn K (2011), J Stat Softw 45(3). Engine: statsmodels ``MICEData`` (release 0.15 or
    later, which takes a generator).

    >>> frame = pd.DataFrame({"age": [60.0, 70, 80, 90, 65], "met": [True, False, None, True, False]})
    >>> made = impute_chained(frame, imputations=2, burn_in=2, spacing=1, neighbours=2,
    ...                       generator=np.random.default_rng(1))
    >>> len(made), int(made[0]["met"].isna().sum()), frame["met"].isna().sum()
    (2, 0, np.int64(1))
    """
    for name, value in (("imputations", imputations), ("spacing", spacing), ("neighbours", neighbours)):
        if value < 1:
            raise StatsError(f"{name} must be at least 1; given {value}")
    if not frame.columns.is_unique:
        raise StatsError(f"{frame.columns[frame.columns.duplicated()][0]} stands in the frame more than once; keep one")
    gaps = [name for name in frame.columns if frame[name].isna().any()]
    if not gaps:
        raise StatsError("no value of the frame is missing, so there is nothing to impute")
    numbers = {name: _with_gaps(frame[name], name=str(name)) for name in gaps}
    working = _predictors(frame, numbers)
    if working.shape[1] < 2:
        raise StatsError(f"{gaps[0]} has gaps, but no other column varies from which to learn; add one to the frame")
    # The engine reads column names as formulas, so they are plain while it works.
    plain = {name: f"v{place}" for place, name in enumerate(working.columns)}
    engine = MICEData(working.rename(columns=plain), k_pmm=min(neighbours, len(frame) - 1), rng=generator)
    engine.update_all(burn_in)
    made = []
    for _ in range(imputations):
        engine.update_all(spacing)
        made.append(frame.assign(**{name: engine.data[plain[name]].to_numpy(copy=True) for name in gaps}))
    return made


def _with_gaps(values: pd.Series, *, name: str) -> np.ndarray:
    if isinstance(values.dtype, pd.CategoricalDtype):
        raise StatsError(f"{name} is categorical with gaps; give the missing answer a level, or code it as a number")
    floats = as_floats(values, name=name)
    known = floats[~np.isnan(floats)]
    if np.unique(known).size < 2:
        raise StatsError(f"{name} holds fewer than two different values, so nothing can be learnt for its gaps")
    return floats


def _predictors(frame: pd.DataFrame, numbers: dict[str, np.ndarray]) -> pd.DataFrame:
    """Numbers as they are, everything else as indicators of its levels."""
    made: dict[str, np.ndarray] = {}
    for name in frame.columns:
        values = frame[name]
        if name in numbers:
            made[name] = numbers[name]
        elif isinstance(values.dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(values.dtype):
            made |= _indicators(values, str(name))
        elif values.min() < values.max():
            made[name] = as_floats(values, name=str(name))
    return pd.DataFrame(made)


def _indicators(values: pd.Series, name: str) -> dict[str, np.ndarray]:
    levels = values.astype(object)
    return {f"{name}[{level}]": (levels == level).to_numpy(float) for level in sorted(levels.unique(), key=str)[1:]}


def pool(
    estimates: ArrayLike,
    variances: ArrayLike,
    *,
    terms: Sequence[str],
    complete_df: float,
    confidence: float,
) -> pd.DataFrame:
    """One answer from the answers of several completed frames, by Rubin's rules.

    Parameters
    ----------
    estimates, variances : imputations × terms; variances are squared standard errors, on a scale where the estimate is
        about normal (log odds, not odds).
    complete_df : residual degrees of freedom had nothing been missing; ``math.inf`` for a large sample.

    Returns
    -------
    One row per term: ``term``, ``estimate``, ``se``, ``lower``, ``upper`` (Student's t), ``df`` (Barnard and Rubin),
    ``p_value``, ``within``, ``between``, ``relative_increase``, ``fraction_missing``, ``imputations``, ``method``.
    Raises `StatsError` with fewer than two imputations, or a missing or negative number.

    Rubin DB (1987), Multiple Imputation for Nonresponse in Surveys; Barnard J, Rubin DB (1999), Biometrika 86:948–955.
    R: ``mice::pool``.

    >>> pool([[1.0], [1.2], [0.8]], [[0.04], [0.05], [0.06]], terms=["a"], complete_df=98, confidence=0.95)[
    ...     ["term", "estimate", "se", "df"]].round(4)
      term  estimate      se      df
    0    a       1.0  0.3215  6.4637
    """
    check_confidence(confidence)
    q, u = as_floats(estimates, name="estimates"), as_floats(variances, name="variances")
    if q.ndim != 2 or q.shape != u.shape or q.shape[1] != len(terms):
        raise StatsError("estimates and variances must both be imputations × terms, with a name for every term")
    if np.isnan(q).any() or np.isnan(u).any() or (u < 0).any():
        raise StatsError(
            "estimates and variances must be present, variances not negative; look at the model that failed"
        )
    m = len(q)
    if m < 2:
        raise StatsError("Rubin's rules need at least two imputations")
    if not complete_df > 0:
        raise StatsError(f"complete_df must be above zero; given {complete_df}")
    estimate, within, between = q.mean(axis=0), u.mean(axis=0), q.var(axis=0, ddof=1)
    total = within + (1 + 1 / m) * between
    share = np.divide((1 + 1 / m) * between, total, out=np.zeros_like(total), where=total > 0)
    df = _degrees_of_freedom(share, m, complete_df)
    se = np.sqrt(total)
    half = student.ppf(0.5 + confidence / 2, df) * se
    increase = share / np.where(share < 1, 1 - share, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * student.sf(np.abs(estimate / se), df)
        # Infinite degrees of freedom: nothing was missing and the sample is large.
        fraction = np.where(np.isinf(df), share, (increase + 2 / (df + 3)) / (increase + 1))
    return pd.DataFrame(
        {
            "term": list(terms),
            "estimate": estimate,
            "se": se,
            "lower": estimate - half,
            "upper": estimate + half,
            "df": df,
            "p_value": p_value,
            "within": within,
            "between": between,
            "relative_increase": increase,
            "fraction_missing": fraction,
            "imputations": m,
            "method": "Rubin's rules, Barnard–Rubin degrees of freedom",
        }
    )


def _degrees_of_freedom(share: np.ndarray, m: int, complete_df: float) -> np.ndarray:
    with np.errstate(divide="ignore"):
        old = (m - 1) / share**2
    if np.isinf(complete_df):
        return old
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    return 1 / (1 / old + 1 / observed)
