"""Whether a conclusion holds when the KPIs are counted by other rules: the counts, the ranges and the colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from fls_research.analysis.adherence_imputed import Imputing, imputed_shares
from fls_research.analysis.sensitivity_rules import HEADLINE, RULES, TITLES, CountingRule
from fls_research.kpi.definitions import headline_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.rag import COLOURS, colours_of
from fls_research.kpi.records import Kpi

FIRST_KPI = 4
"""KPI 1 to 3 are of services: no answer of a patient is missing from them."""

IMPUTED_KPIS = (10, 11)

EMPTY = 0.8
"""A service leaves a KPI's fields empty when at least this share of its eligible records has no answer."""

LABELS: tuple[str, ...] = ("headline", "number", "title", "rule", "counted")
RANGE_LABELS: tuple[str, ...] = ("data_year", "kpi", "number", "title", "lowest_rule", "highest_rule", "place")
RANGE_ESTIMATES: tuple[str, ...] = ("value", "lowest", "highest", "width")
RANGE_COUNTS: tuple[str, ...] = ("n",)
COLOUR_NUMBERS: tuple[str, ...] = (
    "data_year", "number", "services", "changed", "better", "worse", "changed_share", "rank_correlation", "dropped",
)  # fmt: skip


def counts_by_rule(fractures: pd.DataFrame, *, years: Sequence[int]) -> pd.DataFrame:
    """KPI 4 to 11 nationally under every rule: a ``counts`` frame with the columns of :data:`LABELS`.

    ``kpi`` is the headline's id, and under another rule that id with the rule's (``kpi9-best-case``); ``headline`` is
    the id alone, ``counted`` the rule in words. A rule that changes nothing of a KPI has no row.

    >>> patients = pd.DataFrame({"data_year": 2024, "service_code": "S", "therapy": ["drug", "not known", "declined"]})
    >>> of_kpi7 = [record for record in headline_for(2024) if record.number == 7]
    >>> _counted(patients, of_kpi7[0], RULES[2], 2024, by="national")[["kpi", "numerator", "denominator"]]
                  kpi  numerator  denominator
    0  kpi7-best-case        2.0          3.0
    """
    return _counts(fractures, years=years, by="national")


def service_counts_by_rule(fractures: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The same for every service in a year: what :func:`colours_by_rule` reads."""
    return _counts(fractures, years=[year], by="service")


def imputed(fractures: pd.DataFrame, *, year: int, how: Imputing, generator: np.random.Generator) -> pd.DataFrame:
    """KPI 10 and 11 with missing answers imputed; see :func:`.adherence_imputed.imputed_shares`."""
    questions = [(record.id, record) for record in headline_for(year) if record.number in IMPUTED_KPIS]
    return imputed_shares(fractures, questions, year=year, how=how, generator=generator)


def ranges(counts: pd.DataFrame, imputed_estimates: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """How far each KPI moves between rules, the widest first.

    Parameters
    ----------
    counts : what :func:`counts_by_rule` returned.
    imputed_estimates : what :func:`imputed` returned for the same year.

    Returns
    -------
    One row a KPI: :data:`RANGE_LABELS` (``place`` is ``widest``, ``narrowest`` or ``between``), ``n`` (the headline's
    denominator), ``value`` (the headline),
    ``lowest``, ``highest`` and ``width``, all proportions. A KPI without a denominator has no row.
    """
    of_year = counts.loc[(counts["data_year"] == year) & (counts["denominator"] > 0)]
    values = of_year.assign(value=of_year["numerator"] / of_year["denominator"])
    more = imputed_estimates.rename(columns={"estimate": "value", "kpi": "headline"})
    both = pd.concat([values[["headline", "rule", "value"]], more[["headline", "rule", "value"]]], ignore_index=True)
    lowest = both.loc[both.groupby("headline")["value"].idxmin()].set_index("headline")
    highest = both.loc[both.groupby("headline")["value"].idxmax()].set_index("headline")
    base = values.loc[values["rule"] == HEADLINE].set_index("headline")
    found = pd.DataFrame(
        {
            "data_year": year,
            "kpi": base.index,
            "number": base["number"],
            "title": base["title"],
            "lowest_rule": lowest["rule"].map(TITLES).reindex(base.index),
            "highest_rule": highest["rule"].map(TITLES).reindex(base.index),
            "n": base["denominator"],
            "value": base["value"],
            "lowest": lowest["value"].reindex(base.index),
            "highest": highest["value"].reindex(base.index),
        }
    ).assign(width=lambda told: told["highest"] - told["lowest"])
    ordered = found.sort_values(["width", "number"], ascending=[False, True]).reset_index(drop=True)
    places = ["widest", *["between"] * (len(ordered) - 2), "narrowest"]
    return ordered.assign(place=places[: len(ordered)])


def colours_by_rule(service_counts: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """For each KPI and rule, how many services would have another colour than under the headline.

    Returns
    -------
    One row a KPI and rule other than the headline: ``data_year``, ``kpi``, ``number``, ``title``, ``rule``,
    ``counted``; ``services`` (with a value under both), ``changed`` and its parts ``better`` and ``worse``,
    ``changed_share``; ``rank_correlation`` (Spearman's, of the services' values; missing where all are alike); and
    ``dropped`` (services with a value under the headline alone). All of them count services.
    """
    records = {record.id: record for record in headline_for(year)}
    of_year = service_counts.loc[service_counts["data_year"] == year]
    values = of_year.assign(value=(of_year["numerator"] / of_year["denominator"].where(of_year["denominator"] > 0)))
    base = values.loc[values["rule"] == HEADLINE].set_index(["headline", "group"])["value"]
    rows = [
        _compared(base.loc[headline], rows, records[str(headline)], year)
        for (headline, rule), rows in values.groupby(["headline", "rule"], sort=False)
        if rule != HEADLINE
    ]
    return pd.DataFrame(rows)


def _compared(base: pd.Series, under_rule: pd.DataFrame, record: Kpi, year: int) -> dict[str, object]:
    other = under_rule.set_index("group")["value"].reindex(base.index)
    both = base.notna() & other.notna()
    # COLOURS stands best first, so a smaller place is a better colour.
    before, after = (pd.Series(colours_of(v[both].to_numpy(), record)).map(COLOURS.index) for v in (base, other))
    services, changed = int(both.sum()), int((before != after).sum())
    first = under_rule.iloc[0]
    return {
        "data_year": year,
        "kpi": record.id,
        "number": record.number,
        "title": record.title,
        "rule": first["rule"],
        "counted": first["counted"],
        "services": services,
        "changed": changed,
        "better": int((after < before).sum()),
        "worse": int((after > before).sum()),
        "changed_share": changed / services if services else np.nan,
        "rank_correlation": _spearman(base[both], other[both]),
        "dropped": int((base.notna() & other.isna()).sum()),
    }


def _spearman(one: pd.Series, other: pd.Series) -> float:
    ranks = np.vstack([one.rank(), other.rank()])
    return float(np.corrcoef(ranks)[0, 1]) if (ranks.std(axis=1) > 0).all() else float("nan")


def _counts(fractures: pd.DataFrame, *, years: Sequence[int], by: str) -> pd.DataFrame:
    parts = [
        _counted(fractures, record, rule, year, by=by)
        for year in years
        for record in headline_for(year)
        if record.number >= FIRST_KPI
        for rule in RULES
    ]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _counted(fractures: pd.DataFrame, record: Kpi, rule: CountingRule, year: int, *, by: str) -> pd.DataFrame:
    under_rule = rule.changed(record, year)
    if under_rule is None:
        return pd.DataFrame()
    kpi = record.id if rule.id == HEADLINE else f"{record.id}-{rule.id}"
    asked = replace(under_rule, id=kpi)
    patients = _without_empty_services(fractures, record, year) if rule.without_empty_services else fractures
    counts = evaluate(patients, None, years=[year], by=[by], kpis=[asked])
    return counts.assign(headline=record.id, number=record.number, title=record.title, rule=rule.id, counted=rule.title)


def _without_empty_services(fractures: pd.DataFrame, record: Kpi, year: int) -> pd.DataFrame:
    """The patients of services that answer the KPI's fields for more than a fifth of their eligible records."""
    counts = evaluate(fractures, None, years=[year], by=["service"], kpis=[record])
    empty = counts.loc[counts["unknown"] >= EMPTY * counts["denominator"].clip(lower=1), "group"]
    return fractures.loc[~fractures["service_code"].astype(str).isin(empty)]
