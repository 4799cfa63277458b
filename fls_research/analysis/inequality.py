"""Gaps between patient groups in the KPIs: as they are, adjusted, within a service, and which of them are clear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

from fls_research.analysis.adjustment import CLUSTER, AdjustedModel, WithinModel, adjusted_model, within_model
from fls_research.analysis.comparisons import COMPARISONS, Comparison
from fls_research.analysis.design import COVARIATES, KEYS
from fls_research.kpi.report import labelled
from fls_research.params import YearParams
from fls_research.stats.multiplicity import benjamini_hochberg, holm

CONFIDENCE = 0.95

CLEAR = 0.05
"""A difference is called clear when its p-value lies below this after Holm's correction."""

GAP_LABELS: tuple[str, ...] = (
    *KEYS,
    *("number", "title", "comparison", "words", "dimension", "level", "reference", "tested"),
)
"""Columns of :func:`gaps` that say what a row is and count nobody."""

GAP_COUNTS: tuple[str, ...] = ("n", "events", "n_reference", "events_reference")
"""Columns of :func:`gaps` that count patients, those of the group and those of the reference."""

_PROPORTIONS = ("proportion", "proportion_reference")
_ENDS = {"": "estimate", "_lower": "lower", "_upper": "upper"}
_DIFFERENCES = tuple(f"{kind}{end}" for kind in ("crude", "adjusted") for end in _ENDS)
_RATIOS = tuple(f"{kind}{end}" for kind in ("ratio", "odds_ratio") for end in _ENDS)
_P_VALUES = tuple(f"{kind}_{p}" for kind in ("adjusted", "within") for p in ("p_value", "p_holm", "p_bh"))

GAP_ESTIMATES: tuple[str, ...] = (
    *_PROPORTIONS,
    *_DIFFERENCES,
    *_RATIOS,
    *_P_VALUES,
    "share_left_out",
)
"""Columns of :func:`gaps` that are estimates. :func:`in_points` adds those of ``GAP_POINTS``."""

CLEAR_NUMBERS: tuple[str, ...] = (
    *("data_year", "adjusted_lower", "adjusted_higher", "within_lower", "within_higher", "kpis"),
)
"""Numeric columns of :func:`clear_gaps_both`: they count KPIs."""

GAP_POINTS: tuple[str, ...] = tuple(f"{name}_points" for name in _DIFFERENCES)
"""The differences in percentage points, for prose that looks a number up."""


def gaps(
    patterns: pd.DataFrame,
    *,
    comparisons: Sequence[Comparison] = COMPARISONS,
    covariates: Sequence[str] = COVARIATES,
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Three looks at the gap between two groups, for every KPI and year, each with an interval.

    ``crude`` is the gap as it is. ``adjusted`` is the difference between the proportion there would be if every patient
    were in the group and that if every patient were in the reference, everything else about them as it is (marginal
    standardisation from one logistic model of the covariates). Patients come in services, and those of one service
    resemble each other, so neither interval is that of two independent samples (Newcombe's, Katz's): errors are summed
    within services first. ``odds_ratio`` holds like patients of one service against each other (a mixed logistic model
    of the covariates with an intercept for each service), so that no difference between services is in it.

    Parameters
    ----------
    patterns : what :func:`fls_research.analysis.design.covariate_patterns` returned, for any KPIs and years.
    comparisons : who is held against whom. Those of a column that is no covariate are adjusted for the covariates and
        that column.
    covariates : what is adjusted for.
    confidence : of the intervals, such as 0.95.

    Returns
    -------
    One row a KPI, year and comparison: the labels ``GAP_LABELS``; ``n`` and ``events`` of the group, ``n_reference``
    and ``events_reference``; ``proportion`` and ``proportion_reference`` as they are; ``crude`` and ``adjusted``
    (differences of proportions, group less reference), ``ratio`` (of the crude proportions) and ``odds_ratio``, each
    with ``_lower`` and ``_upper``; normal p-values of the adjusted gap (``adjusted_p_value``) and of the odds ratio
    (``within_p_value``), corrected for all tested comparisons of the year by Holm (``…_p_holm``) and by Benjamini and
    Hochberg (``…_p_bh``); ``share_left_out``, the share of patients in no adjusted number, because nobody or everybody
    in one of their groups met the KPI. What has no answer is missing: an empty group, one service, nations within one.

    Lane PW, Nelder JA (1982), Biometrics 38:613–621; Liang KY, Zeger SL (1986), Biometrika 73:13–22; Pinheiro
    JC, Bates DM (1995), J Comput Graph Stat 4:12–35; Holm S (1979), Scand J Stat 6:65–70.

    >>> patterns = pd.DataFrame({"data_year": 2024, "kpi": "kpi7", "version": "kpi7.2016", "service": list("aabbcc"),
    ...     "sex": ["male", "female"] * 3, "n": 50.0, "events": [20.0, 30.0, 25.0, 40.0, 9.0, 15.0]})
    >>> men = Comparison(column="sex", level="male", references=("female",), words="Men v women")
    >>> found = gaps(patterns.assign(proportion=patterns["events"] / 50), comparisons=[men], covariates=["sex"])
    >>> found[["kpi", "words", "n", "n_reference", "crude", "crude_lower", "crude_upper"]].round(3)
        kpi        words      n  n_reference  crude  crude_lower  crude_upper
    0  kpi7  Men v women  150.0        150.0 -0.207       -0.309       -0.104
    """
    found = [
        row
        for _, of_kpi in patterns.groupby(list(KEYS), sort=False)
        for row in _gaps_of_kpi(of_kpi, comparisons, covariates, confidence)
    ]
    rows = pd.DataFrame(found, columns=[*KEYS, *_ROW, *GAP_ESTIMATES])
    return labelled(_with_corrected_p_values(rows))[[*GAP_LABELS, *GAP_COUNTS, *GAP_ESTIMATES]]


_ROW = ("comparison", "words", "dimension", "level", "reference", "tested", *GAP_COUNTS)


def _gaps_of_kpi(
    patterns: pd.DataFrame, comparisons: Sequence[Comparison], covariates: Sequence[str], confidence: float
) -> Iterator[dict[str, object]]:
    """The rows of one KPI and year; every model is fitted once, and every column standardised once in it."""
    labels = patterns.iloc[0][list(KEYS)].to_dict()
    within = within_model(patterns, covariates=covariates)
    adjusted: dict[tuple[str, ...], AdjustedModel | None] = {}
    for column, of_column in _by_column(comparisons):
        sizes = patterns.groupby(column)[["n", "events"]].sum()
        reference = next((each for each in of_column[0].references if each in sizes.index), of_column[0].references[0])
        chosen = tuple(dict.fromkeys([*covariates, column]))
        if chosen not in adjusted:
            adjusted[chosen] = adjusted_model(patterns, covariates=chosen)
        asked = {"levels": [each.level for each in of_column], "reference": reference, "confidence": confidence}
        crude = _crude(patterns, column, **asked)
        standardised = _adjusted(adjusted[chosen], column, **asked)
        for comparison in of_column:
            level = comparison.level
            counted = sizes.reindex([level, reference]).fillna(0).to_numpy(dtype=float)
            yield {
                **labels,
                "comparison": comparison.id,
                "words": comparison.words,
                "dimension": column,
                "level": level,
                "reference": reference,
                "tested": comparison.tested,
                **dict(zip(GAP_COUNTS, counted.ravel(), strict=True)),
                **dict(zip(_PROPORTIONS, _shares(counted), strict=True)),
                **crude.get(level, {}),
                **standardised.get(level, {}),
                **_odds_ratio(within, column, level=level, reference=reference, confidence=confidence),
            }


def _by_column(comparisons: Sequence[Comparison]) -> Iterator[tuple[str, list[Comparison]]]:
    """The comparisons that share a column and its references, together."""
    together: dict[tuple[str, tuple[str, ...]], list[Comparison]] = {}
    for comparison in comparisons:
        together.setdefault((comparison.column, comparison.references), []).append(comparison)
    for (column, _), of_column in together.items():
        yield column, of_column


def _shares(counted: np.ndarray) -> np.ndarray:
    return counted[:, 1] / np.where(counted[:, 0] > 0, counted[:, 0], np.nan)


def _crude(
    patterns: pd.DataFrame, column: str, *, levels: Sequence[str], reference: str, confidence: float
) -> dict[str, dict[str, float]]:
    """Difference and ratio as they are, by level: a model of one column gives every group its own proportion."""
    cells = patterns.groupby([CLUSTER, column], as_index=False)[["n", "events"]].sum()
    model = adjusted_model(cells.assign(proportion=cells["events"] / cells["n"]), covariates=[column])
    present = _present(model, column, levels, reference)
    if model is None or not present:
        return {}
    asked = {"levels": present, "reference": reference, "confidence": confidence}
    differences, ratios = model.differences(column, **asked), model.ratios(column, **asked)
    return {each: _named("crude", differences.loc[each]) | _named("ratio", ratios.loc[each]) for each in present}


def _adjusted(
    model: AdjustedModel | None, column: str, *, levels: Sequence[str], reference: str, confidence: float
) -> dict[str, dict[str, float]]:
    """The standardised difference and its p-value, by level; nothing for a level that the model does not hold."""
    present = _present(model, column, levels, reference)
    if model is None or not present:
        return {}
    table = model.differences(column, levels=present, reference=reference, confidence=confidence)
    # Services that agree to the last patient leave an error of nought, which tests nothing.
    p_values = 2 * norm.sf(np.abs(table["estimate"] / table["se"].where(table["se"] > 0)))
    return {
        each: _named("adjusted", row) | {"adjusted_p_value": p_value, "share_left_out": model.share_left_out}
        for (each, row), p_value in zip(table.iterrows(), p_values, strict=True)
    }


def _odds_ratio(
    model: WithinModel | None, column: str, *, level: str, reference: str, confidence: float
) -> dict[str, float]:
    found = None if model is None else model.odds_ratio(column, level=level, reference=reference, confidence=confidence)
    if found is None:
        return {}
    p_value = 2 * norm.sf(abs(np.log(found.estimate) / found.se))
    return {
        "odds_ratio": found.estimate,
        "odds_ratio_lower": found.lower,
        "odds_ratio_upper": found.upper,
        "within_p_value": p_value,
    }


def _present(model: AdjustedModel | None, column: str, levels: Sequence[str], reference: str) -> list[str]:
    held = model.levels(column) if model is not None else ()
    return [level for level in levels if level in held] if reference in held else []


def _named(kind: str, row: pd.Series) -> dict[str, float]:
    return {f"{kind}{end}": row[name] for end, name in _ENDS.items()}


def _with_corrected_p_values(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with p-values corrected for all tested comparisons of their year; untested ones have none."""
    rows = rows.astype({name: float for name in (*GAP_COUNTS, *GAP_ESTIMATES)})
    for kind in ("adjusted", "within"):
        p_value = rows[f"{kind}_p_value"].where(rows["tested"].astype(bool))
        by_year = p_value.groupby(rows["data_year"])
        rows[f"{kind}_p_value"] = p_value
        rows[f"{kind}_p_holm"] = by_year.transform(lambda family: holm(family))
        rows[f"{kind}_p_bh"] = by_year.transform(lambda family: benjamini_hochberg(family))
    return rows


def in_points(gaps: pd.DataFrame) -> pd.DataFrame:
    """The gaps with their differences in percentage points too, named ``…_points``, for facts.

    >>> in_points(pd.DataFrame({"crude": [-0.0615]})).round(2)
        crude  crude_points
    0 -0.06         -6.15
    """
    present = [name for name in gaps if name in _DIFFERENCES]
    return gaps.assign(**{f"{name}_points": 100 * gaps[name] for name in present})


def clear_gaps(gaps: pd.DataFrame, *, kind: str) -> pd.DataFrame:
    """In how many KPIs each tested comparison is clear: counts of KPIs, which are counts of no person.

    ``kind`` says which test is meant: of the ``adjusted`` gap, or of the odds ratio ``within`` a service.

    Returns, by year and comparison, ``data_year``, ``comparison``, ``words``, ``kind``; ``lower``, ``higher`` (KPIs in
    which the group stands clearly below or above its reference, after Holm's correction), ``unclear``, ``clear`` (lower
    and higher together) and ``kpis`` (those in which it could be tested).

    >>> rows = pd.DataFrame({"data_year": 2024, "comparison": "sex-male", "words": "Men v women", "tested": True,
    ...     "adjusted": [-0.1, 0.1, -0.01], "adjusted_p_holm": [0.001, 0.01, 0.4]})
    >>> clear_gaps(rows, kind="adjusted")[["words", "lower", "higher", "unclear", "kpis"]]
             words  lower  higher  unclear  kpis
    0  Men v women      1       1        1     3
    """
    p_holm = gaps[f"{kind}_p_holm"]
    tested = gaps.loc[gaps["tested"].astype(bool) & p_holm.notna()]
    is_clear = p_holm < CLEAR
    above = tested["adjusted"] > 0 if kind == "adjusted" else tested["odds_ratio"] > 1
    told = tested.assign(lower=is_clear & ~above, higher=is_clear & above, kpis=1)
    keys = ["data_year", "comparison", "words"]
    summed = told.groupby(keys, sort=False)[["lower", "higher", "kpis"]].sum().astype(int).reset_index()
    clear = summed["lower"] + summed["higher"]
    return summed.assign(unclear=summed["kpis"] - clear, clear=clear, kind=kind)


def clear_gaps_both(gaps: pd.DataFrame) -> pd.DataFrame:
    """The counts of :func:`clear_gaps` for both tests side by side, a row a comparison.

    Returns ``data_year``, ``comparison``, ``words``, ``adjusted_lower``, ``adjusted_higher``, ``within_lower``,
    ``within_higher`` and ``kpis`` (those in which the adjusted gap could be tested).

    >>> rows = pd.DataFrame({"data_year": 2024, "comparison": "sex-male", "words": "Men v women", "tested": [True],
    ...     "adjusted": -0.1, "odds_ratio": 0.7, "adjusted_p_holm": 0.4, "within_p_holm": 0.01})
    >>> clear_gaps_both(rows)[["adjusted_lower", "within_lower", "kpis"]].values.tolist()
    [[0, 1, 1]]
    """
    keys = ["data_year", "comparison", "words"]
    sides = ["lower", "higher"]
    adjusted, within = (
        clear_gaps(gaps, kind=kind)[[*keys, *sides, "kpis"]].rename(columns={name: f"{kind}_{name}" for name in sides})
        for kind in ("adjusted", "within")
    )
    both = adjusted.merge(within.drop(columns="kpis"), on=keys, how="left", validate="1:1")
    counted = [name for name in both if name.endswith(("_lower", "_higher"))]
    return both.fillna(dict.fromkeys(counted, 0)).astype(dict.fromkeys(counted, int))[[*keys, *counted, "kpis"]]


def basis(settings: YearParams) -> pd.DataFrame:
    """What a reader has to know of the comparisons of an edition: ``what`` and ``value``, both texts.

    >>> from fls_research.params import load_year
    >>> basis(load_year(2024))["value"].iloc[0]
    'England: IMD 2019; Wales: WIMD 2019. Fifths are of each nation by itself; ranks of two nations are not comparable.'
    """
    indices = "; ".join(f"{nation}: {index}" for nation, index in settings.provenance.deprivation.items())
    lines = {
        "Deprivation": f"{indices}. Fifths are of each nation by itself; ranks of two nations are not comparable.",
        "Adjusted for": "age band, sex, site of fracture, care home, deprivation fifth and ethnic group, each with "
        "'not known' as a group of its own",
        "Adjusted proportion": "logistic regression and marginal standardisation",
        "Intervals of gaps": "95%, from errors that are robust between services",
        "Within a service": "mixed logistic regression with an intercept for each service",
        "Many comparisons": "Holm's correction over all tested comparisons of the year (the machine-readable table has "
        "Benjamini and Hochberg's too)",
        "Not tested": "'not known' groups; nations and regions, which differ by their services",
    }
    return pd.DataFrame({"what": list(lines), "value": list(lines.values())})
