"""Counts that describe a cohort: who its patients are, how large its services, and which rules its rows broke."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from fls_research.data.codes import NOT_KNOWN
from fls_research.data.completeness import filled
from fls_research.data.register import Register
from fls_research.data.rules import rule
from fls_research.data.schema import BY_NAME, FIELDS, Need
from fls_research.params import YearParams, day_words

if TYPE_CHECKING:
    from fls_research.data.edition import Source

CHARACTERISTICS: dict[str, str] = {
    "age_band": "Age",
    "sex": "Sex",
    "site_group": "Site of fracture",
    "care_home": "Lives in a care home",
    "imd_quintile": "Deprivation quintile",
    "ethnicity": "Ethnic group",
    "nation": "Nation",
}
"""Column to the words for it, in the order in which a report describes patients."""


def characteristics(fractures: pd.DataFrame, *, columns: Iterable[str] = CHARACTERISTICS) -> pd.DataFrame:
    """How many records are in each group of each characteristic.

    Parameters
    ----------
    fractures : records of one data year; rows as in ``docs/architecture.md``.
    columns : the characteristics, keys of :data:`CHARACTERISTICS`.

    Returns
    -------
    One row a group: ``data_year``, ``dimension``, ``characteristic`` (its words), ``group``, ``numerator`` (records in
    the group) and ``denominator`` (all records). A missing answer is the group ``not known``, which stands last.

    >>> fractures = pd.DataFrame({"data_year": 2024, "sex": pd.Categorical(["female", "female", "not known", "male"])})
    >>> characteristics(fractures, columns=["sex"])[["group", "numerator", "denominator"]].values.tolist()
    [['female', 2, 4], ['male', 1, 4], ['not known', 1, 4]]
    """
    parts = [_groups(fractures, column) for column in columns]
    counted = pd.concat(parts, ignore_index=True)
    counted.insert(0, "data_year", int(fractures["data_year"].iloc[0]))
    return counted.assign(denominator=len(fractures))


def _groups(fractures: pd.DataFrame, column: str) -> pd.DataFrame:
    answers = fractures[column]
    named = answers.astype(object).where(answers.notna(), NOT_KNOWN).astype(str)
    sizes = named.value_counts(sort=False).rename("numerator").rename_axis("group").reset_index()
    order = [str(code) for code in getattr(answers, "cat", pd.Categorical([])).categories] or sorted(sizes["group"])
    place = {group: position for position, group in enumerate(group for group in order if group != NOT_KNOWN)}
    ordered = sizes.assign(place=sizes["group"].map(place).fillna(len(place))).sort_values("place", kind="stable")
    return ordered.assign(dimension=column, characteristic=CHARACTERISTICS.get(column, column))[
        ["dimension", "characteristic", "group", "numerator"]
    ]


DUE: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "dxa_date": ("scan ordered or recommended", {"dxa": ("ordered", "recommended")}),
    "follow_up_16_date": ("followed up at 16 weeks", {"follow_up_16": ("yes",)}),
    "therapy_16": ("drug recommended", {"therapy": ("drug",)}),
    "strength_balance_16": ("not hip, 75 and over", {"site_group": ("spine", "other"), "age_75": ("75 and over",)}),
    "follow_up_52_date": ("followed up at 52 weeks", {"follow_up_52": ("yes",)}),
    "therapy_52": ("drug recommended", {"therapy": ("drug",)}),
}
"""Fields that are not due for every record: the words for whom, and column to the codes that make it due."""


def completeness_of_kpi_fields(fractures: pd.DataFrame) -> pd.DataFrame:
    """How many records hold a usable answer in each field that a KPI or a patient grouping reads.

    Parameters
    ----------
    fractures : records of one data year.

    Returns
    -------
    One row a field, in the order of the form: ``data_year``, ``dimension`` (``national``), ``group`` (its name),
    ``number`` (on the form; blank where it has none), ``heading`` (as exports carry it), ``due`` (the records for which
    it is due, in words), ``numerator`` (filled) and ``denominator`` (due). A field that is not due is not counted: no
    date of a scan is missing where no scan was wanted.
    """
    read = [field for field in FIELDS if field.need in (Need.REQUIRED, Need.KPI) and field.name in fractures]
    read += [BY_NAME[name] for name in ("imd_quintile", "ethnicity")]
    rows = []
    for field in read:
        if field.name in ("record_id", "service_code"):
            continue
        words, conditions = DUE.get(field.name, ("every record", {}))
        due = pd.Series(True, index=fractures.index)
        for column, wanted in conditions.items():
            due &= fractures[column].isin(wanted)
        rows.append(
            {
                "data_year": int(fractures["data_year"].iloc[0]),
                "dimension": "national",
                "group": field.name,
                "number": field.number or "",
                "heading": field.export,
                "due": words,
                "numerator": int(filled(fractures, field.name)[due.to_numpy()].sum()),
                "denominator": int(due.sum()),
            }
        )
    return pd.DataFrame(rows)


def size_by_year(fractures: pd.DataFrame) -> pd.DataFrame:
    """Records and services of each data year: ``data_year``, ``services``, ``records``.

    >>> size_by_year(pd.DataFrame({"data_year": [2023, 2024, 2024], "service_code": ["A", "A", "B"]})).values.tolist()
    [[2023, 1, 1], [2024, 2, 2]]
    """
    by_year = fractures.groupby("data_year")["service_code"]
    return pd.DataFrame({"services": by_year.nunique(), "records": by_year.size()}).reset_index()


def issues_by_rule(issues: pd.DataFrame, params: YearParams, *, data_year: int) -> pd.DataFrame:
    """How often each rule for dirty rows was broken by rows of one data year, the most frequent first.

    Parameters
    ----------
    issues : the issue log of a cohort.
    params : the settings that the rules' sentences speak of.
    data_year : rows whose date of fracture cannot be read belong to no year and are left out.

    Returns
    -------
    ``rule``, ``what`` (its sentence), ``action`` and ``issues`` (a row can break several rules).
    """
    of_year = issues.loc[issues["data_year"] == data_year, "rule"].astype(str)
    counted = of_year.value_counts().rename("issues").rename_axis("rule").reset_index()
    counted = counted.sort_values(["issues", "rule"], ascending=[False, True], ignore_index=True)
    told = counted.assign(
        what=[rule(name).told(params) for name in counted["rule"]],
        action=[rule(name).action.value for name in counted["rule"]],
    )
    return told[["rule", "what", "action", "issues"]]


def caseloads(register: Register, years: Iterable[int]) -> pd.DataFrame:
    """The hip fractures of every registered service in each year, with the place of the service.

    Returns ``data_year``, ``service_code``, ``hip_fractures``, ``nation``, ``area_code`` and ``region_code``: what the
    KPIs of identification are measured against.
    """
    places = ["service_code", "hip_fractures", "nation", "area_code", "region_code"]
    return pd.concat([register.for_year(year)[places].assign(data_year=year) for year in years], ignore_index=True)


def provenance(params: YearParams, source: Source) -> pd.DataFrame:
    """What a reader is told of the data and settings behind an edition.

    Returns ``what`` and ``value``, both texts. The extract is named by its file name and the start of its SHA-256.
    """
    opt_out = params.provenance.opt_out_date
    lines = {
        "Data": "SYNTHETIC: made by a program" if source.synthetic else "FLS-DB extract",
        "Extract": source.file.name,
        "Fingerprint of the extract": f"{source.file.sha256[:16]}… (SHA-256; whole in manifest.json)",
        "Rows read": f"{source.file.rows:,} rows",
        "Dataset": f"{source.dataset} dataset",
        "Fields a KPI reads that the extract lacks": ", ".join(source.missing_for_kpis) or "none",
        "Data lock": day_words(params.data_lock),
        "Opted-out patients removed": day_words(opt_out) if opt_out else "not stated in the settings",
        "Deprivation": "; ".join(f"{nation}: {index}" for nation, index in params.provenance.deprivation.items())
        + " (ranked within each nation)",
        "Geography": params.provenance.geography,
        "Small numbers": f"policy '{params.policy.value}'",
    }
    return pd.DataFrame({"what": list(lines), "value": list(lines.values())})
