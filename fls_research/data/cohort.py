"""From an extract to the cohort of one edition, and the one door through which a cohort is made, kept and opened."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.data.contract import check_fractures, column_names
from fls_research.data.derive import derive, join_geography
from fls_research.data.edition import Cohort, Source
from fls_research.data.extract import RawExtract, read_extract
from fls_research.data.fates import Fates, total_flow
from fls_research.data.identifiers import refuse_identifiers
from fls_research.data.inclusion import check_services, exclude
from fls_research.data.issues import COLUMNS
from fls_research.data.mapping import FieldMap, map_headings
from fls_research.data.partitions import PartitionedCohort, cut_by_rows, cut_by_service, open_parts, store_parts
from fls_research.data.prepared import forget_old, is_prepared, keep_open, load, open_prepared, prepared_key, store
from fls_research.data.register import Register, load_register
from fls_research.data.rules import ROW_RULES
from fls_research.data.validate import Validated, validate
from fls_research.data.wording import comparable
from fls_research.params import YearParams, load_year, project_root

__all__ = [
    "Cohort",
    "PartitionedCohort",
    "Source",
    "assemble",
    "cut_by_rows",
    "cut_by_service",
    "keep_open",
    "load",
    "open_edition",
    "open_parts",
    "open_prepared",
    "prepare",
    "prepare_once",
    "prepared_key",
    "store",
    "store_parts",
]

SYNTHETIC = "synthetic"
_REASON_ONLY = (
    "row-shape",
    "row-blank",
    "duplicate-row",
    "duplicate-key",
    "index-after-lock",
    "other-year",
    "other-nation",
)
"""Rows taken out for these reasons stand in the log with the reason only: their answers speak of no edition."""


def prepare(
    params: YearParams,
    root: Path,
    extract_path: Path,
    *,
    sheet: str | None = None,
    progress: Callable[..., None] | None = None,
) -> Cohort:
    """Read an extract and bring it down to the cohort of an edition.

    Parameters
    ----------
    params : the settings of the edition.
    root : the project folder, under which the register lies.
    extract_path : the extract; absolute, or relative to the working directory.
    sheet : sheet of a workbook; the first visible one when not given.
    progress : is told ``(what, done, total)`` before every step.

    Returns
    -------
    Cohort : dirty rows are counted in ``flow`` and named in ``issues``; nothing is lost.

    Raises
    ------
    ExtractError, IdentifierFound, ParamsError : as the steps do; each a sentence for the user.
    """
    say = _Steps(progress)
    say("Reading the service register")
    register = load_register(root, params)
    say("Reading the extract")
    raw = read_extract(extract_path, sheet=sheet)
    say("Looking for direct identifiers")
    refuse_identifiers(raw)
    fields = map_headings(raw)
    say("Checking every row")
    validated = validate(raw, fields, params)
    say("Counting who is in and who is out")
    return assemble(raw, fields, validated, params, register)


def prepare_once(
    params: YearParams,
    root: Path,
    extract_path: Path,
    cache: Path,
    *,
    sheet: str | None = None,
    progress: Callable[..., None] | None = None,
) -> Path:
    """The folder of the prepared cohort under ``cache``; it is prepared only when nothing like it is there.

    The folder is named by :func:`prepared_key`, so a changed extract, setting, register or kit is another folder. Of
    many, those used longest ago are removed. It raises what :func:`prepare` raises.
    """
    folder = cache / prepared_key(params, root, extract_path, sheet=sheet)[:16]
    if is_prepared(folder):
        os.utime(folder)
        return folder
    cohort = prepare(params, root, extract_path, sheet=sheet, progress=progress)
    # Two commands at once prepare the same cohort twice; whoever comes second leaves the first one's in place.
    store(cohort, folder, unless=lambda: is_prepared(folder))
    forget_old(cache)
    return folder


def open_edition(year: int, prepared: str = "", *, root: Path | None = None) -> Cohort:
    """The cohort of an edition, as a notebook opens it.

    Parameters
    ----------
    year : data year of the edition.
    prepared : folder of the prepared cohort relative to the project, as a build hands it over. Blank, as when a
        notebook is run by hand: the extract that the year's settings name is prepared, once, under ``data/prepared``.
    root : the project folder; found from the working directory when not given.

    Raises what :func:`prepare` and :func:`load` raise.
    """
    folder = root or project_root()
    if prepared:
        return open_prepared(prepared, folder)
    settings = load_year(year, folder)
    return load(prepare_once(settings, folder, folder / settings.extract, folder / "data" / "prepared"))


class _Steps:
    """Numbers the steps for whoever listens."""

    TOTAL = 5

    def __init__(self, progress: Callable[..., None] | None) -> None:
        self._progress = progress
        self._done = 0

    def __call__(self, what: str) -> None:
        if self._progress is not None:
            self._progress(what, self._done, self.TOTAL)
        self._done += 1


def assemble(raw: RawExtract, fields: FieldMap, validated: Validated, params: YearParams, register: Register) -> Cohort:
    """From validated rows to the cohort: the exclusions, the derived columns and the accounts.

    Raises
    ------
    UnknownService : a service code that the register does not hold.
    EmptyYear : nothing is left of the edition's year.
    FlsError : the accounts do not balance, or the fractures break their contract: a fault of the kit.
    """
    name = raw.facts.name
    records, fates, issues = validated.records, validated.fates, validated.issues
    check_services(records[~fates.decided_by("row-shape", "row-blank")], register, name)
    records = join_geography(records, register)
    exclude(records, params, fates=fates, issues=issues, name=name)
    flow_by_year = fates.by_year(records["data_year"], params)
    cohort = Cohort(
        params=params,
        register=register,
        source=source_of(raw, fields, records),
        fractures=fractures_of(records, fates),
        flow=total_flow(flow_by_year, raw.facts.rows, params),
        flow_by_year=flow_by_year,
        issues=issues_of(raw, records, validated),
    )
    check_fractures(cohort.fractures)
    return cohort


def fractures_of(records: pd.DataFrame, fates: Fates) -> pd.DataFrame:
    """The ``fractures`` frame: the records that no rule took out, with the columns that are reckoned from others."""
    kept = records[fates.undecided].reset_index(drop=True).astype({"data_year": np.int16})
    kept = derive(kept)
    in_use = ["service_code", "nation", "area_code", "area_name", "region_code", "region_name"]
    return kept.assign(**{name: kept[name].cat.remove_unused_categories() for name in in_use})[list(column_names())]


def issues_of(raw: RawExtract, records: pd.DataFrame, validated: Validated) -> pd.DataFrame:
    """The issue log as :class:`Cohort` holds it."""
    log = validated.issues.frame(
        service_code=records["service_code"],
        record_id=records["record_id"],
        lines=raw.lines,
        data_year=records["data_year"],
    )
    silent = validated.fates.decided_by(*_REASON_ONLY)[log["position"].to_numpy()]
    is_reason = log["rule"].isin([rule.id for rule in ROW_RULES]).to_numpy()
    return log.loc[~silent | is_reason, list(COLUMNS)].reset_index(drop=True)


def source_of(raw: RawExtract, fields: FieldMap, records: pd.DataFrame) -> Source:
    """Where the rows come from, and how the file was understood."""
    heading_of = dict(zip(raw.frame.columns, raw.headings, strict=True))
    marks = records["marker"].dropna().unique()
    years = records["data_year"].value_counts().sort_index()
    return Source(
        file=raw.facts,
        # One marked row is enough: a real extract with synthetic rows in it must not pass for real.
        synthetic=any(comparable(mark) == SYNTHETIC for mark in marks),
        dataset=fields.dataset.value,
        headings={name: heading_of[label] for name, label in fields.columns.items()},
        unknown_headings=fields.unknown,
        missing_fields=fields.missing,
        missing_for_kpis=fields.missing_for_kpis,
        years_present={int(year): int(rows) for year, rows in years.items()},
    )
