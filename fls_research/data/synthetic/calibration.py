"""The KPI arithmetic that the synthetic data are calibrated with, on plain arrays, and the table of aim against result.

It is written apart from ``kpi`` on purpose: two hands, one definition, so that a slip in either shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fls_research.data.codes import NOT_KNOWN
from fls_research.data.synthetic.services import service_years
from fls_research.data.synthetic.targets import Targets
from fls_research.data.synthetic.times import days_between

SOUGHT = ("drug", "gp to decide", "further opinion")
"""Groups of treatment recommended whose start and adherence are followed (KPI 10 and 11)."""

PATIENT_KPIS = ("kpi4", "kpi5", "kpi6", "kpi7", "kpi8", "kpi9", "kpi9-treated", "kpi10", "kpi11")


@dataclass(frozen=True)
class Judged:
    """One KPI of patients: (n,) truths, who counts, who meets it, and for whom of these it can be decided.

    ``unsure`` : for whom it is not known whether they count; completeness (KPI 1) asks for them too.
    """

    counts: np.ndarray
    meets: np.ndarray
    decided: np.ndarray
    unsure: np.ndarray | bool = False


def judge(records: pd.DataFrame, kpi: str) -> Judged:
    """Who counts, who meets and who is decided, for one of ``PATIENT_KPIS``.

    ``records`` : rows of ``generate``. Days count from the index date; a window holds both of its ends, and a date
    before the fracture is not inside. KPI 11 judges the records of the year before the one that reports it.
    """
    index = records["index_date"].to_numpy()
    died = days_between(index, records["death_date"].to_numpy())
    everyone = np.ones(len(records), dtype=bool)

    def is_in(column: str, *codes: str) -> np.ndarray:
        return records[column].isin(codes).to_numpy()

    def within(column: str, days: int) -> np.ndarray:
        gap = days_between(index, records[column].to_numpy())
        return (gap >= 0) & (gap <= days)

    def known(column: str) -> np.ndarray:
        values = records[column]
        given = values.notna().to_numpy()
        # A date cannot hold the code, and asking it would turn every date into an object first.
        return given if values.dtype.kind == "M" else given & ~values.isin([NOT_KNOWN]).to_numpy()

    match kpi:
        case "kpi4":
            return Judged(everyone, within("assessment_date", 90), known("assessment_date"))
        case "kpi5":
            meant = is_in("dxa", "ordered", "recommended")
            return Judged(meant, within("dxa_date", 90), known("dxa_date"), ~known("dxa"))
        case "kpi6":
            met = is_in("falls_assessment", "yes") | is_in("falls_referral", "referred", "recommended")
            return Judged(everyone, met, met | (known("falls_assessment") & known("falls_referral")))
        case "kpi7":
            return Judged(everyone, is_in("therapy", "drug"), known("therapy"))
        case "kpi8":
            older = (records["age"] >= 75).to_numpy() & ~(died <= 112)
            meant, unsure = older & ~is_in("fracture_site", "hip", NOT_KNOWN), older & ~known("fracture_site")
            return Judged(meant, is_in("strength_balance_16", "yes"), known("strength_balance_16"), unsure)
        case "kpi9" | "kpi9-treated":
            seen = is_in("follow_up_16", "yes")
            decided = is_in("follow_up_16", "no") | (seen & known("follow_up_16_date"))
            counted = everyone if kpi == "kpi9" else is_in("therapy", "drug")
            return Judged(counted, seen & within("follow_up_16_date", 112), decided)
        case "kpi10":
            able = ~(died <= 112) & ~is_in("therapy_16", "no longer appropriate")
            meant, unsure = able & is_in("therapy", *SOUGHT), able & ~known("therapy")
            return Judged(meant, is_in("therapy_16", "drug"), known("therapy_16"), unsure)
        case "kpi11":
            able = ~(died <= 365) & ~is_in("therapy_52", "no longer appropriate")
            meant, unsure = able & is_in("therapy", *SOUGHT), able & ~known("therapy")
            return Judged(meant, is_in("therapy_52", "drug"), known("therapy_52"), unsure)
    raise ValueError(f"No arithmetic for '{kpi}'; known: {', '.join(PATIENT_KPIS)}.")


def counts(records: pd.DataFrame, kpi: str, by: str | None = None) -> pd.DataFrame:
    """Numerator, denominator and percent of one KPI by the year that reports it, and by one further column.

    Parameters
    ----------
    records : reported rows of ``generate``.
    kpi : one of ``PATIENT_KPIS``, or ``kpi2`` or ``kpi3``, whose denominator is the caseload of the plan and which know
        no further column but ``service_code``.
    by : column of ``records``.

    Returns a frame with ``data_year``, the column ``by``, ``numerator``, ``denominator``, ``percent``.
    """
    keys = ["data_year", *([by] if by else [])]
    if kpi in ("kpi2", "kpi3"):
        table = _identified(records, kpi).groupby(keys, observed=True)[["numerator", "denominator"]].sum()
    else:
        judged = judge(records, kpi)
        later = 1 if kpi == "kpi11" else 0
        part = records[keys].assign(data_year=records["data_year"] + later, numerator=judged.meets, denominator=1)
        table = part[judged.counts].groupby(keys, observed=True)[["numerator", "denominator"]].sum()
    return table.assign(percent=100 * table["numerator"] / table["denominator"]).reset_index()


def _identified(records: pd.DataFrame, kpi: str) -> pd.DataFrame:
    """Records over the expected caseload, by service and year."""
    plan = service_years().rename(columns={"code": "service_code"})
    spine = (records["fracture_site"] == "spine").to_numpy()
    keys = ["data_year", "service_code"]
    tally = records[keys].assign(spine=spine, other=~spine).groupby(keys)[["spine", "other"]].sum()
    tally = tally.reset_index().merge(plan[[*keys, "hip_fractures"]], on=keys, validate="1:1")
    before_2022 = (tally["data_year"] < 2022).to_numpy()
    kept = np.where(before_2022, 1.0, 0.94)
    if kpi == "kpi3":
        numerator, per_hip = tally["spine"], kept
    else:
        numerator = tally["other"] + np.where(before_2022, tally["spine"], 0)
        per_hip = np.where(before_2022, 5.0, 4 * kept)
    return tally.assign(numerator=numerator, denominator=per_hip * tally["hip_fractures"])


def complete_services(records: pd.DataFrame, *, strict: bool = False) -> pd.DataFrame:
    """KPI 1 in the wording of 2022: services that can decide at least 80 % of records in at least 80 % of KPI 2 to 11.

    ``strict`` : more than 80 % of records in eight KPIs or more. A KPI without a record at a service is not judged.

    Returns ``data_year``, ``service_code``, ``complete`` (KPIs), ``judged`` (KPIs), ``good``.
    """
    site = (records["fracture_site"] != NOT_KNOWN).to_numpy()
    everyone = np.ones(len(records), dtype=bool)
    shares = {"kpi2": (everyone, site, 0), "kpi3": (everyone, site, 0)}
    for kpi in (k for k in PATIENT_KPIS if k != "kpi9-treated"):
        judged = judge(records, kpi)
        shares[kpi] = (judged.counts | judged.unsure, judged.counts & judged.decided, 1 if kpi == "kpi11" else 0)
    keys = ["data_year", "service_code"]
    columns = []
    for kpi, (counted, decided, later) in shares.items():
        part = records[keys].assign(data_year=records["data_year"] + later, decided=decided)[counted]
        columns.append(part.groupby(keys)["decided"].mean().rename(kpi))
    table = pd.concat(columns, axis=1)
    table = table[table["kpi4"].notna()]
    reached = table.gt(0.8) if strict else table.ge(0.8)
    complete, judged = reached.sum(axis=1), table.notna().sum(axis=1)
    good = complete >= 8 if strict else complete * 5 >= judged * 4
    return pd.DataFrame({"complete": complete, "judged": judged, "good": good}).reset_index()


def against_published(records: pd.DataFrame, targets: Targets) -> pd.DataFrame:
    """Every national percent that was published or chosen, beside what the synthetic records give.

    Returns ``data_year``, ``kpi``, ``basis``, ``aim`` and ``achieved`` (percent) and ``difference`` (points). Years
    without records are left out.
    """
    table = targets.table
    wanted = table[(table["statistic"] == "percent") & (table["dimension"] == "national")]
    reported = records[records["reported"]]
    achieved = {}
    for kpi in wanted["kpi"].unique():
        if kpi.startswith("kpi1") and kpi not in ("kpi10", "kpi11"):
            services = complete_services(reported, strict=kpi.endswith("strict"))
            percent = 100 * services.groupby("data_year")["good"].mean()
        else:
            percent = counts(reported, kpi).set_index("data_year")["percent"]
        achieved.update({(kpi, int(year)): value for year, value in percent.items()})
    rows = wanted[["data_year", "kpi", "basis", "value"]].rename(columns={"value": "aim"})
    rows["achieved"] = [achieved.get((row.kpi, row.data_year), np.nan) for row in rows.itertuples()]
    rows["difference"] = rows["achieved"] - rows["aim"]
    within = rows["achieved"].notna() & (rows["data_year"] <= records["data_year"].max())
    return rows[within].reset_index(drop=True)
