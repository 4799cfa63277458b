"""Marginal standardisation: the proportion there would be if everybody were in one group, and its contrasts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np
import pandas as pd

from fls_research.stats._checks import check_confidence, normal_quantile
from fls_research.stats.design import Design
from fls_research.stats.regression.fit import Fit
from fls_research.stats.results import StatsError


def standardised_proportions(
    fit: Fit, *, column: str, covariance: np.ndarray, confidence: float, levels: Sequence[Hashable] | None = None
) -> pd.DataFrame:
    """The adjusted proportion of each level: everybody's expected proportion with the column set to that level.

    Parameters
    ----------
    fit : from `logistic`, `modified_poisson`, `firth_logistic`, or the ``fit`` of `gee_exchangeable`.
    column : a covariate of the design; a numeric one needs ``levels``.
    covariance : of the coefficients, said by the caller. The patients' covariates are taken as given.
    levels : the values to set; all levels of a categorical, reference first, when not given.

    Returns
    -------
    ``level``, ``estimate``, ``se``, ``lower``, ``upper`` (delta method, symmetric), ``n`` and ``events`` (observed in
    the level), ``method``.

    Raises
    ------
    StatsError : for a column that is no covariate, a numeric one without ``levels``, a level that the model does not
        know, or a confidence outside 0 to 1.

    Lane PW, Nelder JA (1982), Biometrics 38:613–621. Stata: ``margins``; R: ``marginaleffects::avg_predictions``.

    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import logistic
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> found = standardised_proportions(fit, column="sex", covariance=fit.covariance, confidence=0.95)
    >>> found[["level", "estimate", "se"]].round(4)
      level  estimate      se
    0     m       0.8  0.1265
    1     f       0.4  0.1549
    """
    z = normal_quantile(confidence)
    levels = _levels(fit.design, column, levels)
    means, slopes = _means(fit, column, levels)
    se = np.sqrt(np.einsum("ij,jk,ik->i", slopes, covariance, slopes))
    return _observed(fit.design, column, levels).assign(
        estimate=means,
        se=se,
        lower=means - z * se,
        upper=means + z * se,
        method="marginal standardisation, delta method",
    )[["level", "estimate", "se", "lower", "upper", "n", "events", "method"]]


def standardised_differences(
    fit: Fit,
    *,
    column: str,
    reference: Hashable,
    covariance: np.ndarray,
    confidence: float,
    levels: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Adjusted proportion of each level less that of ``reference``; arguments and columns as above.

    Raises `StatsError` as in `standardised_proportions`, and for a reference that is not among the levels.

    R: ``marginaleffects::avg_comparisons``. Otherwise as `standardised_proportions`.

    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import logistic
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> found = standardised_differences(fit, column="sex", reference="m", covariance=fit.covariance, confidence=0.95)
    >>> found[["level", "estimate", "se"]].round(4)
      level  estimate   se
    0     f      -0.4  0.2
    """
    z = normal_quantile(confidence)
    levels, base = _against(_levels(fit.design, column, levels), reference, column)
    means, slopes = _means(fit, column, levels)
    others = [place for place in range(len(levels)) if place != base]
    difference = means[others] - means[base]
    moved = slopes[others] - slopes[base]
    se = np.sqrt(np.einsum("ij,jk,ik->i", moved, covariance, moved))
    return (
        _observed(fit.design, column, [levels[place] for place in others])
        .assign(estimate=difference, se=se, lower=difference - z * se, upper=difference + z * se)
        .assign(reference=reference, method="difference of standardised proportions, delta method")
    )[["level", "reference", "estimate", "se", "lower", "upper", "n", "events", "method"]]


def standardised_ratios(
    fit: Fit,
    *,
    column: str,
    reference: Hashable,
    covariance: np.ndarray,
    confidence: float,
    levels: Sequence[Hashable] | None = None,
) -> pd.DataFrame:
    """Adjusted proportion of each level over that of ``reference``, the interval on the log scale; ``se`` of the log.

    Raises `StatsError` as in `standardised_differences`.

    R: ``marginaleffects::avg_comparisons(comparison = "lnratioavg")``. Otherwise as `standardised_proportions`.

    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import logistic
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [10, 10]})
    >>> fit = logistic(design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n"))
    >>> found = standardised_ratios(fit, column="sex", reference="m", covariance=fit.covariance, confidence=0.95)
    >>> found[["level", "estimate", "lower", "upper"]].round(4)
      level  estimate   lower   upper
    0     f       0.5  0.2202  1.1351
    """
    z = normal_quantile(confidence)
    levels, base = _against(_levels(fit.design, column, levels), reference, column)
    means, slopes = _means(fit, column, levels)
    others = [place for place in range(len(levels)) if place != base]
    ratio = means[others] / means[base]
    moved = slopes[others] / means[others, None] - slopes[base] / means[base]
    se = np.sqrt(np.einsum("ij,jk,ik->i", moved, covariance, moved))
    return (
        _observed(fit.design, column, [levels[place] for place in others])
        .assign(estimate=ratio, se=se, lower=ratio * np.exp(-z * se), upper=ratio * np.exp(z * se))
        .assign(reference=reference, method="ratio of standardised proportions, delta method; se of the logarithm")
    )[["level", "reference", "estimate", "se", "lower", "upper", "n", "events", "method"]]


def bootstrap_differences(
    design: Design,
    model: Callable[[Design], Fit],
    *,
    column: str,
    reference: Hashable,
    replicates: int,
    confidence: float,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Differences of standardised proportions with percentile intervals from resampling.

    Whole clusters are drawn where the design has clusters, else patients. ``model`` is `logistic` or another function
    of a design. A replicate whose model has no finite estimate is left out and counted in ``failed``; more than one in
    ten is refused (`StatsError`). ``se`` is the standard deviation of the replicates.

    Efron B, Tibshirani RJ (1993), An Introduction to the Bootstrap, 13.

    >>> from fls_research.stats import design
    >>> from fls_research.stats.regression import logistic
    >>> frame = pd.DataFrame({"met": [0.4, 0.8], "sex": ["f", "m"], "n": [100, 100]})
    >>> made = design.build(frame, outcome="met", categorical={"sex": "m"}, weights="n")
    >>> found = bootstrap_differences(made, logistic, column="sex", reference="m", replicates=200, confidence=0.95,
    ...                               generator=np.random.default_rng(1))
    >>> found[["level", "estimate", "failed"]].round(4)
      level  estimate  failed
    0     f      -0.4       0
    """
    check_confidence(confidence)
    levels, base = _against(_levels(design, column, None), reference, column)
    others = [place for place in range(len(levels)) if place != base]

    def contrast(made: Design) -> np.ndarray:
        means, _ = _means(model(made), column, levels)
        return means[others] - means[base]

    estimate = contrast(design)
    drawn, failed = [], 0
    for _ in range(replicates):
        try:
            drawn.append(contrast(_resampled(design, generator)))
        except StatsError:
            failed += 1
    if failed * 10 > replicates:
        raise StatsError(f"{failed} of {replicates} bootstrap replicates have no estimate; merge levels of {column}")
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return (
        _observed(design, column, [levels[place] for place in others])
        .assign(estimate=estimate, se=np.std(drawn, axis=0, ddof=1), lower=lower, upper=upper, failed=failed)
        .assign(
            reference=reference, method=f"difference of standardised proportions, {replicates} bootstrap replicates"
        )
    )[["level", "reference", "estimate", "se", "lower", "upper", "n", "events", "failed", "method"]]


def _resampled(design: Design, generator: np.random.Generator) -> Design:
    if design.cluster is not None:
        groups = int(design.cluster.max()) + 1
        present = np.bincount(design.cluster, minlength=groups) > 0
        times = generator.multinomial(int(present.sum()), present / present.sum())
        return design.counted(design.weights * times[design.cluster], design.outcome)
    # Two cells a pattern: who has the event and who has not.
    cells = np.concatenate([design.weights * design.outcome, design.weights * (1 - design.outcome)])
    drawn = generator.multinomial(round(design.n), cells / cells.sum()).reshape(2, -1)
    total = drawn.sum(axis=0)
    return design.counted(total.astype(float), np.divide(drawn[0], total, out=np.zeros(total.size), where=total > 0))


def _levels(design: Design, column: str, levels: Sequence[Hashable] | None) -> list[Hashable]:
    how = design.coding
    if column not in (*how.levels, *how.numeric):
        raise StatsError(f"{column!r} is no covariate of the model; it has: {', '.join((*how.numeric, *how.levels))}")
    if levels is not None:
        return list(levels)
    if column not in how.levels:
        raise StatsError(f"{column} is a number; say at which values to standardise: levels=[...]")
    return list(how.levels[column])


def _against(levels: list[Hashable], reference: Hashable, column: str) -> tuple[list[Hashable], int]:
    if reference not in levels:
        raise StatsError(f"{column}: the reference {reference!r} is not among {', '.join(map(str, levels))}")
    return levels, levels.index(reference)


def _means(fit: Fit, column: str, levels: Sequence[Hashable]) -> tuple[np.ndarray, np.ndarray]:
    """Mean expected proportion at each level, and its derivative in the coefficients."""
    design = fit.design
    weights = design.weights / design.n
    means, slopes = [], []
    for level in levels:
        values = pd.Series([level] * len(design.patterns), index=design.patterns.index)
        matrix = design.coding.matrix(design.patterns.assign(**{column: values}))
        means.append(weights @ fit.mean(matrix))
        slopes.append((weights * fit.slope(matrix)) @ matrix)
    return np.array(means), np.array(slopes)


def _observed(design: Design, column: str, levels: Sequence[Hashable]) -> pd.DataFrame:
    held = design.patterns[column].astype(object)
    rows = [(held == level).to_numpy() for level in levels]
    return pd.DataFrame(
        {
            "level": list(levels),
            "n": [design.weights[row].sum() for row in rows],
            "events": [(design.weights * design.outcome)[row].sum() for row in rows],
        }
    )
