"""The back-test: what the kit computes beside every value that the audit has published, with a verdict.

Three steps. :func:`counts_beside` and :func:`services_beside` count what was published and can be counted; the caller
releases the counts of patients; :func:`compare` lays the released numbers beside the published ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fls_research.kpi.definitions import KPI_IDS, record_for
from fls_research.kpi.evaluate import evaluate
from fls_research.kpi.groups import DIMENSIONS
from fls_research.kpi.rag import services_at_or_above, services_below
from fls_research.kpi.report import service_counts

WITHIN_ROUNDING = "within rounding"
CLOSE = {"percent": "within 1.5 points", "count": "within 1.5%"}
DIFFERS = "differs"
NOT_COMPUTED = "not computed"

TOLERANCE = 0.015
"""What still counts as close: 1.5 percentage points, or 1.5% of a count."""

NUMBERS: tuple[str, ...] = (
    "data_year",
    "published",
    "decimals",
    "published_met",
    "published_of",
    "computed",
    "computed_met",
    "computed_of",
    "difference",
)
"""The numeric columns of :func:`compare`: they come from released counts, from counts of services, or from print."""

SUMMARY_NUMBERS: tuple[str, ...] = ("compared", "within_rounding", "close", "differs", "not_computed")
"""The numeric columns of :func:`summary`: they count published values."""

_SERVICES = "services"
_KEY = ["data_year", "measure", "dimension", "group", "statistic"]

_TITLES = {
    "records": "Records submitted",
    "services": "Services in the report",
    "hip-percent": "Hip fractures among the records",
    "not-identified": "Fractures not identified, by the rule of five",
    "avoidable-fractures": "Avoidable fractures over two years",
    "avoidable-hip-fractures": "Avoidable hip fractures over two years",
    "people-with-a-fracture": "People who break a bone in a year",
}
_GROUPS = {
    ("imd_quintile", "1"): "most deprived fifth",
    ("imd_quintile", "5"): "least deprived fifth",
    ("care_home", "yes"): "care home residents",
    ("care_home", "no"): "not in a care home",
    ("sex", "male"): "men",
    ("sex", "female"): "women",
    ("services", "at-least-80"): "80% or more",
    ("services", "below-50"): "below 50%",
    ("facilities", "all"): "services in the facilities audit",
    ("national", "all"): "England and Wales",
}
_KINDS = {
    "national": "national values",
    "services": "numbers of services",
    "facilities": "values of the facilities audit",
}
_WHY = {
    "facilities": "facilities audit, no part of the extract",
    "not-identified": "scope not stated; no reading of it gives this number",
    "avoidable-fractures": "method not published",
    "avoidable-hip-fractures": "method not published",
    "people-with-a-fracture": "of every hospital; the extract holds services only",
}


def measures(published: pd.DataFrame) -> pd.DataFrame:
    """The published values with ``measure``: the KPI, or what is counted where a value is of no KPI."""
    return published.assign(measure=published["kpi"].where(published["kpi"] != "", published["statistic"]))


def counts_beside(
    published: pd.DataFrame, fractures: pd.DataFrame, caseload: pd.DataFrame, *, years: Sequence[int]
) -> pd.DataFrame:
    """The counts of patients behind every published value that can be counted, ready for release.

    Parameters
    ----------
    published : what ``data.published.load_published`` returned.
    fractures, caseload, years : as for :func:`fls_research.kpi.evaluate.evaluate`.

    Returns
    -------
    A ``counts`` frame with the rows that ``published`` names and no others. ``kpi`` is ``records`` for the size of the
    cohort (numerator and denominator the same) and ``hip-percent`` for hip fractures among the records of a nation.
    """
    wanted = measures(published)
    by = [name for name in DIMENSIONS if name in set(wanted["dimension"])] or ["national"]
    kpis = [kpi for kpi in KPI_IDS if kpi in set(wanted["measure"])]
    counted = evaluate(fractures, caseload, years=years, by=by, kpis=kpis)
    sizes = pd.concat([_records(fractures, years), _hip_fractures(fractures, years)], ignore_index=True)
    both = pd.concat([counted, sizes], ignore_index=True).fillna({"unknown": 0, "not_eligible": 0})
    asked = wanted[["data_year", "measure", "dimension", "group"]].drop_duplicates()
    kept = both.merge(
        asked.rename(columns={"measure": "kpi"}), on=["data_year", "kpi", "dimension", "group"], validate="1:1"
    )
    return kept.astype({"unknown": int, "not_eligible": int})


def _records(fractures: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    sizes = fractures["data_year"].value_counts().reindex(sorted(years)).dropna()
    return _plain(sizes.index, "records", "national", "all", sizes.to_numpy(), sizes.to_numpy())


def _hip_fractures(fractures: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    if not {"nation", "fracture_site"} <= set(fractures):
        return _plain([], "hip-percent", "nation", [], [], [])
    of_years = fractures[fractures["data_year"].isin(list(years))]
    is_hip = (of_years["fracture_site"] == "hip").groupby(
        [of_years["data_year"], of_years["nation"].astype(str)], observed=True
    )
    both = is_hip.agg(["sum", "size"]).reset_index()
    return _plain(both["data_year"], "hip-percent", "nation", both["nation"], both["sum"], both["size"])


def _plain(
    years: object, kpi: str, dimension: str, group: object, numerator: object, denominator: object
) -> pd.DataFrame:
    rows = pd.DataFrame({"data_year": np.asarray(years, dtype=int)})
    return rows.assign(
        kpi=kpi,
        version="",
        dimension=dimension,
        group=group if isinstance(group, str) else np.asarray(group, dtype=object),
        numerator=np.asarray(numerator, dtype=float),
        denominator=np.asarray(denominator, dtype=float),
    )


def services_beside(
    published: pd.DataFrame, fractures: pd.DataFrame, caseload: pd.DataFrame, *, years: Sequence[int]
) -> pd.DataFrame:
    """The numbers of services behind every published one; they count no person.

    Returns ``data_year``, ``measure``, ``dimension``, ``group``, ``statistic``, ``version``, ``computed_met`` and
    ``computed_of``: services at 80% or more and below 50% of each KPI, by unrounded value, among those with a value,
    and the services that sent records (``computed_of`` missing).
    """
    asked = set(published.loc[published["dimension"] == _SERVICES, "data_year"])
    parts = [_sizes(fractures, years)]
    for year in sorted(asked & set(years) & set(fractures["data_year"].unique())):
        counts = service_counts(fractures, caseload, year=int(year))
        parts += [
            _thresholds(services_at_or_above(counts, int(year), threshold=0.8), "at-least-80"),
            _thresholds(services_below(counts, int(year), threshold=0.5), "below-50"),
        ]
    return pd.concat(parts, ignore_index=True)


def _sizes(fractures: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    sizes = fractures.groupby("data_year")["service_code"].nunique().reindex(sorted(years)).dropna()
    return pd.DataFrame({"data_year": sizes.index.astype(int), "computed_met": sizes.to_numpy(dtype=float)}).assign(
        measure=_SERVICES, dimension="national", group="all", statistic=_SERVICES, version="", computed_of=np.nan
    )


def _thresholds(found: pd.DataFrame, statistic: str) -> pd.DataFrame:
    told = found.rename(columns={"kpi": "measure", "numerator": "computed_met", "denominator": "computed_of"})
    pairs = zip(told["measure"], told["data_year"], strict=True)
    return told.drop(columns="threshold").assign(
        dimension=_SERVICES,
        group="all",
        statistic=statistic,
        version=[record_for(kpi, int(year)).version for kpi, year in pairs],
    )


def compare(
    published: pd.DataFrame, released: pd.DataFrame, services: pd.DataFrame, *, years: Sequence[int]
) -> pd.DataFrame:
    """Every published value beside what the kit computes, with the difference and a verdict.

    Parameters
    ----------
    published : what ``data.published.load_published`` returned.
    released : the frame of the released counts of :func:`counts_beside`; a suppressed row is not computed.
    services : what :func:`services_beside` returned.
    years : the data years of the edition.

    Returns
    -------
    One row a published value, in the order of ``published``: its columns without ``group``, and ``measure``,
    ``title``, ``who`` (the group in words), ``printing`` (``first``, or ``restated`` where an earlier report printed
    the value too), ``version`` (of the definition computed), ``computed`` (a proportion, or a count), ``computed_met``
    and ``computed_of``, ``difference`` (computed less published), ``verdict`` and ``why`` (where nothing is computed).
    The verdict is ``within rounding`` where the computed value rounds to the published one, ``within 1.5 points`` (of a
    count: ``within 1.5%``), ``differs`` or ``not computed``.

    >>> published = pd.DataFrame({"data_year": [2024, 2024], "kpi": ["kpi4", "kpi7"], "dimension": "national",
    ...     "group": "all", "statistic": "percent", "vintage": "report-2024", "source": "a", "note": "",
    ...     "unit": "percent", "published": [0.69, 0.57], "decimals": 0, "published_met": None, "published_of": None})
    >>> released = pd.DataFrame({"data_year": [2024], "kpi": ["kpi4"], "version": ["kpi4.2016"],
    ...     "dimension": ["national"], "group": ["all"], "numerator": [57565.0], "denominator": [83500.0]})
    >>> compared = compare(published, released, released.iloc[:0], years=[2024])
    >>> compared[["kpi", "computed", "verdict", "why"]].round(4).values.tolist()
    [['kpi4', 0.6894, 'within rounding', ''], ['kpi7', nan, 'not computed', 'no such group in the extract']]
    """
    wanted = measures(published)
    found = pd.concat([_of_patients(released), services], ignore_index=True)
    found = found.reindex(columns=[*_KEY, "version", "computed_met", "computed_of"])
    rows = _as_asked(wanted).merge(found, on=_KEY, how="left", validate="m:1")
    rows = rows.assign(statistic=wanted["statistic"].to_numpy(), version=rows["version"].fillna(""))
    shares = rows["computed_met"] / rows["computed_of"].where(rows["computed_of"] > 0)
    computed = rows["computed_met"].where(rows["unit"] == "count", shares)
    told = rows.assign(computed=computed, difference=computed - rows["published"], title=_titles(rows), who=_who(rows))
    told = told.assign(printing=_printing(told), verdict=_verdicts(told), why=_why(told, years))
    return told.drop(columns="group")


def summary(compared: pd.DataFrame) -> pd.DataFrame:
    """How many published values came to each verdict, one row a kind of value, then ``all``.

    Parameters
    ----------
    compared : what :func:`compare` returned.

    Returns
    -------
    ``what``, ``compared`` (values that are computed), ``within_rounding``, ``close``, ``differs``, ``not_computed``.
    """
    kinds = compared["dimension"].map(_KINDS).fillna("values of groups of patients")
    everything = pd.concat([compared.assign(what=kinds), compared.assign(what="all")], ignore_index=True)
    verdict = everything["verdict"].replace(dict.fromkeys(CLOSE.values(), "close"))
    columns = {WITHIN_ROUNDING: "within_rounding", "close": "close", DIFFERS: "differs", NOT_COMPUTED: "not_computed"}
    table = pd.crosstab(everything["what"], verdict).reindex(columns=list(columns), fill_value=0)
    order = [name for name in (*_KINDS.values(), "values of groups of patients", "all") if name in table.index]
    table = table.rename(columns=columns).reindex(list(dict.fromkeys(order))).rename_axis("what").reset_index()
    table.columns.name = None
    table.insert(1, "compared", table[["within_rounding", "close", "differs"]].sum(axis=1))
    return table


def _as_asked(wanted: pd.DataFrame) -> pd.DataFrame:
    """The rows with one name for what is computed once: the numerator of a KPI, and its proportion."""
    of_services = (wanted["dimension"] == _SERVICES) | (wanted["measure"] == _SERVICES)
    return wanted.assign(statistic=wanted["statistic"].where(of_services, "patients"))


def _of_patients(released: pd.DataFrame) -> pd.DataFrame:
    names = {"kpi": "measure", "numerator": "computed_met", "denominator": "computed_of"}
    return released.rename(columns=names).assign(statistic="patients")


def _verdicts(rows: pd.DataFrame) -> np.ndarray:
    percent = (rows["unit"] == "percent").to_numpy()
    apart = rows["difference"].abs().to_numpy(dtype=float)
    printed_unit = np.where(percent, 0.01, 1.0) * 10.0 ** -rows["decimals"].to_numpy(dtype=float)
    allowed = np.where(percent, TOLERANCE, TOLERANCE * rows["published"].to_numpy(dtype=float))
    slack = 1e-9
    return np.select(
        [np.isnan(apart), apart <= printed_unit / 2 + slack, apart <= allowed + slack],
        [NOT_COMPUTED, WITHIN_ROUNDING, rows["unit"].map(CLOSE)],
        DIFFERS,
    )


def _printing(rows: pd.DataFrame) -> np.ndarray:
    value = [name for name in _KEY if name in rows]
    earliest = rows.groupby(value)["vintage"].transform("min")
    return np.where(rows["vintage"] == earliest, "first", "restated")


def _why(rows: pd.DataFrame, years: Sequence[int]) -> pd.Series:
    by_place, by_kind = (rows[name].map(_WHY) for name in ("dimension", "statistic"))
    of_year = rows["data_year"].isin(list(years))
    why = np.select(
        [rows["computed"].notna(), by_place.notna(), by_kind.notna(), of_year],
        ["", by_place, by_kind, "no such group in the extract"],
        "not a year of this edition",
    )
    return pd.Series(why, index=rows.index)


def _titles(rows: pd.DataFrame) -> list[str]:
    return [_title(*row) for row in rows[["measure", "data_year"]].itertuples(index=False)]


def _title(measure: str, year: int) -> str:
    if measure in KPI_IDS:
        return record_for(measure, int(year)).title
    words = measure.replace("-", " ")
    return _TITLES.get(measure, words[:1].upper() + words[1:])


def _who(rows: pd.DataFrame) -> list[str]:
    asked = rows["group"].where(rows["dimension"] != _SERVICES, rows["statistic"])
    return [_GROUPS.get(pair, pair[1]) for pair in zip(rows["dimension"], asked, strict=True)]
