"""The folders of places on disk: each place's own records and what they are held against, written whole and read again.

places/places.parquet             one row a place
places/benchmark/<frame>.parquet  what all places are held against, with about.json
places/<kind>/<code>/             rows.parquet, caseload.parquet, beside.parquet, place.json
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from fls_research.data.cohort import load
from fls_research.data.edition import Cohort
from fls_research.data.prepared import replace_folder
from fls_research.data.schema import FIELDS, Need
from fls_research.params import YearParams, project_root

FOLDER = "places"

KINDS: Mapping[str, str] = {"service": "service_code", "area": "area_code", "region": "region_code"}
"""Kind of place to the column of the fractures that holds its code. An area is a care board or a health board."""

YEARS_BEFORE = 3
"""Earlier years whose records a place keeps: two for the change, and one for the KPI that looks at the year before."""

KEPT: tuple[str, ...] = (
    "falls_referral",
    *("data_year", "age", "age_band", "age_75", "imd_quintile", "ethnicity", "site_group", "death_date"),
    *("days_to_assessment", "days_to_dxa", "days_to_follow_up_16", "days_to_follow_up_52", "days_to_death"),
    *("nation", "area_code", "region_code"),
)
"""What a place keeps beside the fields that every KPI needs: one that only counts with another, and derived columns."""

TEXTS = ("service_code", "nation", "area_code", "region_code")
"""Columns that are kept as plain text, and are categories again when they are read."""

FACTS, _ABOUT, _INDEX, _ROWS = "place.json", "about.json", "places.parquet", "rows.parquet"

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Place:
    """One service, area or region in a data year; ``records`` are those of the year."""

    code: str
    kind: str
    name: str
    nation: str
    area_code: str
    area_name: str
    region_code: str
    region_name: str
    records: int


@dataclass(frozen=True)
class Benchmark:
    """What all places share: the frames they are held against, the settings, and the years of the edition's records."""

    frames: Frames = field(repr=False)
    params: YearParams
    synthetic: bool
    years: tuple[int, ...]
    code: str


def columns_kept() -> tuple[str, ...]:
    """The columns of ``fractures`` that a place keeps; no key of a record is among them.

    >>> "record_id" in columns_kept(), "therapy_16" in columns_kept()
    (False, True)
    """
    read = [item.name for item in FIELDS if item.need in (Need.REQUIRED, Need.KPI) and item.name != "record_id"]
    return tuple(dict.fromkeys(["service_code", *read, *KEPT]))


def places_of(cohort: Cohort) -> pd.DataFrame:
    """Every place with a record in the edition's year: one row a service, then an area, then a region.

    Returns the fields of :class:`Place` as columns. A place is named as the register names it at the end of the year.
    """
    year = cohort.params.year
    of_year = cohort.fractures.loc[cohort.fractures["data_year"] == year, list(KINDS.values())].astype(str)
    services = cohort.register.for_year(year)
    found = []
    for kind, column in KINDS.items():
        sizes = of_year[column].value_counts().rename("records").rename_axis("code").reset_index().sort_values("code")
        told = services.assign(code=services[column], name=services[f"{kind}_name"], kind=kind).drop_duplicates("code")
        found.append(sizes.merge(told, on="code", how="left", validate="1:1"))
    table = pd.concat(found, ignore_index=True)
    # A region stands in no area, an area in its region.
    table.loc[table["kind"] == "region", ["area_code", "area_name"]] = ""
    return table[list(Place.__dataclass_fields__)]


def prepare_places(
    prepared: Path,
    *,
    benchmark: Callable[[Cohort], Frames],
    beside: Callable[[Cohort, pd.DataFrame], pd.DataFrame],
    code: str,
) -> Path:
    """Make the material of every place of a prepared cohort, once; the folder appears whole or not at all.

    Parameters
    ----------
    prepared : folder of the prepared cohort.
    benchmark : from the cohort to the frames that all places are held against.
    beside : from the cohort and its places to what each alone is held against; its columns ``kind`` and ``code`` say
        whose a row is.
    code : a mark of the code that makes them: material with another mark is made again.

    Returns
    -------
    The folder. The same records and code give the same bytes. It holds patient rows.
    """
    folder = prepared / FOLDER
    if _is_made(folder, code):
        return folder
    cohort = load(prepared)
    fresh = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=prepared))
    try:
        places = places_of(cohort)
        told, caseload = beside(cohort, places), _caseload(cohort)
        _write_frame(places, fresh / _INDEX)
        for place, part in _own_rows(cohort, places):
            own = told[(told["kind"] == place.kind) & (told["code"] == place.code)].reset_index(drop=True)
            _write_place(fresh / place.kind / folder_name(place.code), place, part, own, caseload)
        _write_benchmark(fresh / "benchmark", benchmark(cohort), cohort, code)
        replace_folder(fresh, folder, unless=lambda: _is_made(folder, code))
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        keep_closed()
    return folder


def folder_name(code: str) -> str:
    """A code as the name of a folder: codes are opaque, and may hold what a path may not.

    >>> folder_name("5E1"), folder_name("a/b")
    ('5E1', 'a%2Fb')
    """
    return quote(code, safe="").replace(".", "%2E")


def read_places(folder: Path) -> pd.DataFrame:
    """The places of a folder that :func:`prepare_places` made, as :func:`places_of` gave them."""
    return read_frame(folder / _INDEX)


def keep_open(folder: str | Path) -> None:
    """Keep what all places share in memory, so that :func:`open_place` reads it no more in this process.

    ``folder`` is the one that :func:`prepare_places` gave; relative to the project, or absolute.
    """
    place = Path(folder)
    place = place if place.is_absolute() else project_root() / place
    _OPEN[place.resolve()] = _read_benchmark(place)


def keep_closed() -> None:
    """Forget what :func:`keep_open` keeps."""
    _OPEN.clear()


def benchmark_code(folder: Path) -> str:
    """The mark of the code that made the material of a folder; blank where there is none."""
    try:
        return str(json.loads((folder / "benchmark" / _ABOUT).read_text(encoding="utf-8"))["code"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


_OPEN: dict[Path, Benchmark] = {}


def _is_made(folder: Path, code: str) -> bool:
    return (folder / _INDEX).is_file() and benchmark_code(folder) == code


def code_mark() -> str:
    """A hash of the code behind what places are held against: the rooms ``kpi``, ``analysis`` and ``stats``, and here.

    (The code of this room is part of the name of the prepared cohort already.)
    """
    package = Path(__file__).parent.parent
    digest = hashlib.sha256()
    for path in sorted(path for room in ("kpi", "analysis", "stats") for path in (package / room).rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode("utf-8") + b"\x00" + path.read_bytes())
    return digest.hexdigest()


def _own_rows(cohort: Cohort, places: pd.DataFrame) -> Iterator[tuple[Place, pa.Table]]:
    year = cohort.params.year
    recent = cohort.fractures["data_year"].between(year - YEARS_BEFORE, year)
    rows = cohort.fractures.loc[recent, list(columns_kept())].reset_index(drop=True)
    # As plain text: the categories of a code would tell of every other service, and change with them.
    rows = rows.astype({name: object for name in TEXTS})
    whole = pa.Table.from_pandas(rows, preserve_index=False)
    for kind, of_kind in places.groupby("kind", sort=False):
        positions = rows.groupby(KINDS[str(kind)]).indices
        for facts in of_kind.to_dict(orient="records"):
            yield Place(**facts), whole.take(pa.array(np.sort(positions[facts["code"]])))


def _write_place(folder: Path, place: Place, rows: pa.Table, beside: pd.DataFrame, caseload: pd.DataFrame) -> None:
    """The folder of one place. ``caseload`` is that of every service, with the ``service_name`` of each."""
    folder.mkdir(parents=True)
    codes = rows.column("service_code").to_numpy(zero_copy_only=False)
    now = rows.column("data_year").to_numpy() == caseload["data_year"].max()
    own = caseload[caseload["service_code"].isin(set(codes))].reset_index(drop=True)
    named = own.drop_duplicates("service_code", keep="last").set_index("service_code")["service_name"]
    _write(rows, folder / _ROWS)
    _write_frame(own.drop(columns="service_name"), folder / "caseload.parquet")
    _write_frame(beside.drop(columns=["kind", "code"]), folder / "beside.parquet")
    facts = {
        "place": asdict(place),
        "services": [[code, named[code]] for code in sorted(set(codes[now]))],
        "rows": hashlib.sha256((folder / _ROWS).read_bytes()).hexdigest(),
    }
    _write_json(facts, folder / FACTS)


def _caseload(cohort: Cohort) -> pd.DataFrame:
    years = range(cohort.params.year - YEARS_BEFORE, cohort.params.year + 1)
    names = pd.concat([cohort.register.for_year(year).assign(data_year=year) for year in years], ignore_index=True)
    keys = ["data_year", "service_code"]
    return cohort.caseload(years).merge(names[[*keys, "service_name"]], on=keys, validate="1:1")


def _write_benchmark(folder: Path, frames: Frames, cohort: Cohort, code: str) -> None:
    folder.mkdir()
    for name, frame in frames.items():
        _write_frame(frame, folder / f"{name}.parquet")
    about = {
        "code": code,
        "frames": sorted(frames),
        "params": cohort.params.model_dump(mode="json", by_alias=True),
        "synthetic": cohort.source.synthetic,
        "years": list(cohort.years),
    }
    _write_json(about, folder / _ABOUT)


def shared_by_all(folder: Path) -> Benchmark:
    """What all places of a folder share: from memory where it is kept open, else from disk."""
    return _OPEN.get(folder.resolve()) or _read_benchmark(folder)


def _read_benchmark(folder: Path) -> Benchmark:
    about = json.loads((folder / "benchmark" / _ABOUT).read_text(encoding="utf-8"))
    return Benchmark(
        frames={name: read_frame(folder / "benchmark" / f"{name}.parquet") for name in about["frames"]},
        params=YearParams.model_validate_json(json.dumps(about["params"])),
        synthetic=about["synthetic"],
        years=tuple(about["years"]),
        code=about["code"],
    )


def _write_frame(frame: pd.DataFrame, path: Path) -> None:
    _write(pa.Table.from_pandas(frame, preserve_index=False), path)


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd", row_group_size=max(len(table), 1))


def _write_json(facts: Mapping, path: Path) -> None:
    text = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def read_frame(path: Path) -> pd.DataFrame:
    """A frame as it was written."""
    # One thread: a pack is small, and a process that forks must have no other.
    with pq.ParquetFile(path, pre_buffer=False) as file:
        return file.read(use_threads=False).to_pandas(use_threads=False)
