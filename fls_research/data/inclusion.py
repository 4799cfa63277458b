"""Which rows an edition analyses: by data year, nation, age, registration and size of the service, one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from fls_research.data.fates import Fates
from fls_research.data.issues import IssueLog
from fls_research.data.register import AUDITED_NATIONS, Register
from fls_research.data.rules import rule
from fls_research.data.schema import BY_NAME
from fls_research.errors import EmptyYear, UnknownService
from fls_research.params import YearParams

_LOOKS_LIKE_A_CODE = re.compile(r"[A-Z0-9-]{1,6}")


def analysed_years(params: YearParams) -> tuple[int, ...]:
    """The data years of an edition: its own, those it compares with, and the year before the earliest.

    The last is for KPI 11, which speaks of patients first seen in the year before.
    """
    years = params.years
    return (min(years) - 1, *years)


def check_services(records: pd.DataFrame, register: Register, name: str) -> None:
    """Stop when the extract holds a service code that the register does not know in any period.

    Parameters
    ----------
    records : rows with ``service_code``; blank ones are for the rules.
    register : the services.
    name : how the message calls the extract.

    Raises
    ------
    UnknownService : with up to five of the codes. What does not look like a code is not shown.
    """
    refuse_unknown_services(records["service_code"].value_counts(), register, name)


def refuse_unknown_services(rows: pd.Series, register: Register, name: str) -> None:
    """The same as :func:`check_services`, from the number of rows of each service code."""
    rows = rows[rows > 0]
    unknown = sorted(set(rows.index) - register.codes)
    if not unknown:
        return
    shown = [f"'{code}'" if _LOOKS_LIKE_A_CODE.fullmatch(code) else "one that is no code" for code in unknown[:5]]
    more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
    hint = next((f"; '{code}' may be '{right}'" for code in unknown if (right := _mended(code, register))), "")
    raise UnknownService(
        f"{name}: the register does not hold {_counted(len(unknown), 'service code')}"
        f" ({_counted(int(rows[unknown].sum()), 'row')}): {', '.join(shown)}{more}{hint}."
        " Correct the code, or add the service to the register."
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _mended(code: str, register: Register) -> str | None:
    """The code of the register that a spreadsheet or a typist has probably made this one from."""
    for candidate in (code.upper(), code.zfill(3), code.upper().zfill(3)):
        if candidate in register.codes:
            return candidate
    return None


def exclude(records: pd.DataFrame, params: YearParams, *, fates: Fates, issues: IssueLog, name: str) -> None:
    """Decide the fate of every row that is still undecided, rule by rule; what is left is analysed.

    Parameters
    ----------
    records : validated rows with ``data_year``, ``index_date``, ``age`` and, from the register, ``nation``.
    params : the year's settings: years, data lock and smallest number of records.
    fates, issues : are added to.
    name : how the message calls the extract.

    Raises
    ------
    EmptyYear : no row of the edition's year is left; the message names the years that are there.
    """
    exclude_each(records, params, fates=fates, issues=issues)
    small = small_services(service_sizes(records, fates.undecided), params)
    exclude_services(records, small, fates=fates, issues=issues)
    year = records["data_year"]
    left = int((fates.undecided & (year == params.year).fillna(False).to_numpy(bool)).sum())
    refuse_empty_year(left, year.value_counts(), params, name)


def exclude_each(records: pd.DataFrame, params: YearParams, *, fates: Fates, issues: IssueLog) -> None:
    """Those rules of :func:`exclude` that look at one row at a time."""
    year = records["data_year"].fillna(0).to_numpy(dtype=np.int16)
    nation = records["nation"]
    lock = np.datetime64(params.data_lock, "ns")
    for where, rule_id in (
        (records["index_date"].to_numpy() > lock, "index-after-lock"),
        (~np.isin(year, analysed_years(params)), "other-year"),
        (nation.isna().to_numpy(), "service-not-registered"),
        (~nation.isin(AUDITED_NATIONS).to_numpy(), "other-nation"),
        (records["age"].to_numpy() < BY_NAME["age"].minimum, "age-under-50"),
    ):
        _decide(fates, issues, where, rule_id)


def service_sizes(records: pd.DataFrame, left: np.ndarray) -> pd.Series:
    """The rows that are left, by ``service_code`` and ``data_year``; those of two parts of an extract add up."""
    return records.loc[left].groupby(["service_code", "data_year"], observed=True).size()


def small_services(sizes: pd.Series, params: YearParams) -> pd.MultiIndex:
    """The services and years with fewer rows than the edition asks for, from what :func:`service_sizes` counted."""
    return sizes.index[sizes.to_numpy() < params.min_records]


def exclude_services(records: pd.DataFrame, small: pd.MultiIndex, *, fates: Fates, issues: IssueLog) -> None:
    """Exclude what is left of the services and years named in ``small``."""
    service = records["service_code"].array
    year = records["data_year"].fillna(0).to_numpy(dtype=np.int64)
    named = service.categories.get_indexer(small.get_level_values("service_code").astype(object))
    keys = named.astype(np.int64) * 10_000 + small.get_level_values("data_year").to_numpy(dtype=np.int64)
    where = np.isin(service.codes.astype(np.int64) * 10_000 + year, keys[named >= 0])
    _decide(fates, issues, where, "service-too-small")


def _decide(fates: Fates, issues: IssueLog, where: np.ndarray, rule_id: str) -> None:
    taken = fates.decide(where, rule_id)
    if rule(rule_id).logged:
        issues.add(taken, rule_id)


def refuse_empty_year(left: int, rows: pd.Series, params: YearParams, name: str) -> None:
    """Raise :class:`EmptyYear` where none of the year is left; ``rows`` are those of each year in the file."""
    if not left:
        raise EmptyYear(_empty_year({int(year): int(number) for year, number in rows.items()}, params, name))


def _empty_year(rows: Mapping[int, int], params: YearParams, name: str) -> str:
    if params.year in rows:
        return (
            f"{name}: of {rows[params.year]} rows of {params.year} none is left to analyse: all are quarantined or"
            f" excluded (services with fewer than {params.min_records} records are left out)."
        )
    if not rows:
        return (
            f"{name}: no row has a date of fracture that can be read; write dates as 25/12/2024 or 2024-12-25"
            " (not as a spreadsheet's numbers)."
        )
    held = ", ".join(map(str, sorted(rows)))
    return f"{name}: no record of {params.year}; it holds {held}. Give the extract of that year, or build another year."
