"""What the pack of one place is made from, as a notebook opens it: its own records, and what they are held against.

A pack reads the folder of its place and the one that all places share, and nothing else. So it has to be made again
when its own records change, and not when those of another service do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa

from fls_research.data.cohort import prepare_once
from fls_research.data.contract import fixed_categories
from fls_research.data.describe import completeness_of_kpi_fields
from fls_research.data.edition import Cohort
from fls_research.data.places_store import (
    FACTS,
    TEXTS,
    Frames,
    Place,
    code_mark,
    folder_name,
    keep_closed,
    keep_open,
    prepare_places,
    read_frame,
    read_places,
    shared_by_all,
)
from fls_research.errors import ExtractError, UsageError, did_you_mean
from fls_research.params import YearParams, load_year, project_root

__all__ = [
    "Material",
    "code_mark",
    "folder_name",
    "keep_closed",
    "keep_open",
    "open_place",
    "prepare_places",
    "read_places",
]


LATE = ("_52", "_52_date")
"""How the names of fields end that are due a year after the fracture."""


@dataclass(frozen=True)
class Material:
    """Everything a pack may know.

    Attributes
    ----------
    place : whose pack it is.
    rows : one row is one of its records, of the year and the three before it; the columns that KPIs and clocks read.
    caseload : hip fractures of its services by year, as ``kpi.evaluate`` takes them.
    services : ``code`` and ``name`` of its services in the year (of a service: itself).
    beside : what this place alone is held against, such as its peers.
    benchmark : what all places are held against.
    edition_years : data years of which the edition holds records, whether the place has any or not.
    fingerprint : SHA-256 of its own records.
    """

    place: Place
    rows: pd.DataFrame = field(repr=False)
    caseload: pd.DataFrame = field(repr=False)
    services: pd.DataFrame = field(repr=False)
    beside: pd.DataFrame = field(repr=False)
    benchmark: Frames = field(repr=False)
    params: YearParams
    synthetic: bool
    edition_years: tuple[int, ...]
    fingerprint: str

    @property
    def of_year(self) -> pd.DataFrame:
        """Its records of the edition's year."""
        return self.rows[self.rows["data_year"] == self.params.year].reset_index(drop=True)

    @property
    def years(self) -> tuple[int, ...]:
        """The data years in which it has records, in order."""
        return tuple(sorted(int(year) for year in self.rows["data_year"].unique()))

    def fields_of_kpis(self) -> pd.DataFrame:
        """How full its fields are; see :func:`fls_research.data.describe.completeness_of_kpi_fields`.

        Fields of the year after the fracture are counted among the patients of the year before, as KPI 11 is: those of
        the year are not all due yet. ``of`` is the data year of the patients; without patients a field is left out.
        """
        parts = []
        for year, late in ((self.params.year, False), (self.params.year - 1, True)):
            rows = self.rows[self.rows["data_year"] == year].reset_index(drop=True)
            if len(rows):
                counted = completeness_of_kpi_fields(rows)
                parts.append(counted[counted["group"].str.endswith(LATE) == late].assign(of=year))
        return pd.concat(parts, ignore_index=True).assign(data_year=self.params.year)


def open_place(
    code: str,
    materials: str = "",
    *,
    year: int,
    kinds: tuple[str, ...],
    benchmark: Callable[[Cohort], Frames],
    beside: Callable[[Cohort, pd.DataFrame], pd.DataFrame],
    root: Path | None = None,
) -> Material:
    """The material of one place, as a notebook opens it.

    Parameters
    ----------
    code : code of the service, area or region.
    materials : its folder relative to the project, as a batch hands it over. Blank, as when a notebook is run by hand:
        the material of the extract that the year's settings name is made, once, under ``data/prepared``.
    year : data year of the edition.
    kinds : what the code may be a code of; the first that has it is taken.
    benchmark, beside : as for :func:`prepare_places`; used only where ``materials`` is blank.

    Raises
    ------
    UsageError : no such place in the year, or material of another place or year.
    ExtractError : the folder is not there, or damaged.
    """
    top = root or project_root()
    folder = top / materials if materials else _by_hand(code, year, kinds, top, benchmark, beside)
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        place = Place(**facts["place"])
        shared = shared_by_all(folder.parent.parent)
        frames = {name: read_frame(folder / f"{name}.parquet") for name in ("rows", "caseload", "beside")}
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        raise ExtractError(
            f"The material of '{code}' is not there or damaged; delete data/prepared and run again."
        ) from None
    if place.code != code or place.kind not in kinds or shared.params.year != year:
        raise UsageError(f"The material is that of '{place.code}' in {shared.params.year}, not of '{code}' in {year}.")
    return Material(
        place=place,
        rows=_as_fractures(frames["rows"]),
        caseload=frames["caseload"],
        services=pd.DataFrame(facts["services"], columns=["code", "name"]),
        beside=frames["beside"],
        benchmark=shared.frames,
        params=shared.params,
        synthetic=shared.synthetic,
        edition_years=shared.years,
        fingerprint=facts["rows"],
    )


def _by_hand(
    code: str,
    year: int,
    kinds: tuple[str, ...],
    root: Path,
    benchmark: Callable[[Cohort], Frames],
    beside: Callable[[Cohort, pd.DataFrame], pd.DataFrame],
) -> Path:
    settings = load_year(year, root)
    prepared = prepare_once(settings, root, root / settings.extract, root / "data" / "prepared")
    folder = prepare_places(prepared, benchmark=benchmark, beside=beside, code=code_mark())
    places = read_places(folder)
    for kind in kinds:
        if ((places["kind"] == kind) & (places["code"] == code)).any():
            return folder / kind / folder_name(code)
    known = places.loc[places["kind"].isin(kinds), "code"]
    raise UsageError(f"No {' or '.join(kinds)} '{code}' has records in {year}; {did_you_mean(code, known)}")


def _as_fractures(rows: pd.DataFrame) -> pd.DataFrame:
    kinds = fixed_categories()
    wanted = {name: kinds[name] for name in rows if name in kinds and rows[name].dtype != kinds[name]}
    return rows.astype(wanted | dict.fromkeys(TEXTS, "category"))
