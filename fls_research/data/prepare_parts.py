"""A large extract brought down to a cohort in parts: two passes over its parts, of which one is held at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd

from fls_research.data.cohort import fractures_of, issues_of, source_of
from fls_research.data.contract import check_fractures
from fls_research.data.date_order import count_month_first, refuse_where_month_first
from fls_research.data.derive import GEOGRAPHY, join_geography
from fls_research.data.duplicates import Duplicates
from fls_research.data.duplicates_in_parts import PrintsOfParts, Settled
from fls_research.data.edition import Source
from fls_research.data.extract import FileFacts, RawExtract
from fls_research.data.extract_parts import ROWS_IN_A_PIECE, facts_of_all, read_extract_parts
from fls_research.data.fates import add_by_year, total_flow
from fls_research.data.identifiers import refuse_identifiers
from fls_research.data.inclusion import (
    exclude_each,
    exclude_services,
    refuse_empty_year,
    refuse_unknown_services,
    small_services,
)
from fls_research.data.mapping import map_headings
from fls_research.data.partitions import PartitionedCohort, PartsWriter, open_parts, write_about
from fls_research.data.prepared import appearing_whole
from fls_research.data.register import Register, load_register
from fls_research.data.validate import text_columns, validate_part
from fls_research.errors import ExtractError
from fls_research.params import YearParams

Progress = Callable[..., None]


def prepare_parts(
    params: YearParams,
    root: Path,
    extract_path: Path,
    folder: Path,
    *,
    rows: int = ROWS_IN_A_PIECE,
    progress: Progress | None = None,
) -> PartitionedCohort:
    """Bring a large extract down to the cohort of an edition, in parts, without ever holding it whole.

    The cohort is the one that :func:`~fls_research.data.cohort.prepare` makes of the same rows in one file: the same
    records in the same order with the same types and categories, the same accounts and the same issues. The first
    pass checks every row and keeps what has to be known of all rows at once (which stand there twice, how large a
    service is, whether dates are written with the month first); the second writes the cohort.

    Parameters
    ----------
    params : the settings of the edition.
    root : the project folder, under which the register lies.
    extract_path : a folder of CSV or Parquet parts, or one Parquet file; see
        :func:`~fls_research.data.extract_parts.read_extract_parts`.
    folder : where the cohort is written, whole or not at all; it holds patient rows.
    rows : rows in a piece of a Parquet file.
    progress : is told ``(what, done, total)`` for every part; the total is not known, and so ``None``.

    Raises
    ------
    ExtractError, IdentifierFound, ParamsError : as ``prepare`` does. Direct identifiers are looked for in each part by
        itself: what one part gives away stops the whole.
    """
    say = progress or (lambda *_: None)
    register = load_register(root, params)
    read = _Reader(extract_path, rows)
    with appearing_whole(folder) as fresh, tempfile.TemporaryDirectory(prefix=".prints-", dir=folder.parent) as prints:
        known = _first_pass(read, params, register, Path(prints), say)
        _second_pass(read, known, params, register, fresh, say)
    return open_parts(folder)


@dataclass(frozen=True)
class _Reader:
    """The parts, read anew in each pass."""

    path: Path
    rows: int

    @property
    def name(self) -> str:
        return self.path.name

    def __iter__(self) -> Iterator[RawExtract]:
        return read_extract_parts(self.path, rows=self.rows)


@dataclass(frozen=True)
class _Known:
    """What the first pass has found out of all rows."""

    facts: tuple[FileFacts, ...]
    services: tuple[str, ...]
    settled: Settled = field(repr=False)
    small: pd.MultiIndex = field(repr=False)


def _first_pass(read: _Reader, params: YearParams, register: Register, folder: Path, say: Progress) -> _Known:
    prints = PrintsOfParts(folder)
    facts: list[FileFacts] = []
    months: list[pd.DataFrame] = []
    services: list[pd.Series] = []
    years: list[pd.Series] = []
    for number, raw in enumerate(read):
        say(f"Checking every row: {raw.facts.name}", number, None)
        refuse_identifiers(raw)
        fields = map_headings(raw)
        validated = validate_part(raw, fields, params, _no_duplicates)
        months.append(count_month_first(text_columns(raw, fields)))
        records, fates = validated.records, validated.fates
        named = ~fates.decided_by("row-shape", "row-blank")
        services.append(records.loc[named, "service_code"].value_counts(sort=False))
        years.append(records["data_year"].value_counts())
        among = fates.undecided
        # The log and the fates of this pass are thrown away: only what is left without duplicates is wanted.
        exclude_each(join_geography(records, register), params, fates=fates, issues=validated.issues)
        service, key = fields.columns["service_code"], fields.columns.get("record_id")
        left, data_year = fates.undecided, records["data_year"]
        prints.add(raw.frame, service=service, key=key, among=among, left=left, data_year=data_year)
        facts.append(raw.facts)
    refuse_where_month_first(pd.concat(months), read.name)
    by_code = _added(services)
    refuse_unknown_services(by_code, register, read.name)
    settled = prints.settle()
    small = small_services(settled.sizes, params)
    kept = settled.sizes[~settled.sizes.index.isin(small)]
    of_year = int(kept[kept.index.get_level_values("data_year") == params.year].sum())
    refuse_empty_year(of_year, _added(years), params, read.name)
    return _Known(tuple(facts), tuple(by_code.index), settled, small)


def _second_pass(
    read: _Reader, known: _Known, params: YearParams, register: Register, folder: Path, say: Progress
) -> None:
    fractures, issues = PartsWriter(folder / "fractures"), PartsWriter(folder / "issues")
    sources: list[Source] = []
    flows: list[pd.DataFrame] = []
    for number, raw in enumerate(read):
        say(f"Writing the cohort: {raw.facts.name}", number, len(known.facts))
        if raw.facts != known.facts[number]:
            raise ExtractError(f"{raw.facts.name} has changed while it was read; prepare the extract again.")
        fields = map_headings(raw)
        duplicates = known.settled.of_part(number, len(raw.frame))
        validated = validate_part(raw, fields, params, lambda among, found=duplicates: found)
        fates = validated.fates
        records = join_geography(validated.records, register)
        exclude_each(records, params, fates=fates, issues=validated.issues)
        exclude_services(records, known.small, fates=fates, issues=validated.issues)
        part = fractures_of(records, fates)
        check_fractures(part)
        fractures.add(part)
        issues.add(issues_of(raw, records, validated))
        flows.append(fates.by_year(records["data_year"], params))
        sources.append(source_of(raw, fields, records))
    in_use = fractures.categories
    # In the order of the whole extract, in which a service may come first by a row that is not analysed.
    services = [code for code in known.services if code in set(in_use["service_code"])]
    fractures.close({"service_code": services, **{name: sorted(in_use[name]) for name in GEOGRAPHY}})
    issues.close()
    source = reduce(_both, sources)
    source = replace(source, file=facts_of_all(read.path, known.facts))
    flow_by_year = add_by_year(flows)
    write_about(params, register, source, total_flow(flow_by_year, source.file.rows, params), flow_by_year, folder)


def _no_duplicates(among: np.ndarray) -> Duplicates:
    return Duplicates(*np.zeros((3, len(among)), dtype=bool))


def _added(counts: list[pd.Series]) -> pd.Series:
    """Counts by value, added over parts, in the order of the values' first appearance."""
    every = pd.concat([each.set_axis(each.index.astype(object)) for each in counts])
    return every.groupby(level=0, sort=False).sum()


def _both(one: Source, other: Source) -> Source:
    years = {
        year: one.years_present.get(year, 0) + other.years_present.get(year, 0)
        for year in sorted({*one.years_present, *other.years_present})
    }
    return replace(one, synthetic=one.synthetic or other.synthetic, years_present=years)
