"""Looking at an extract before a build: what is in it, what would be used, and what is wrong with it, in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fls_research.analysis.limits import limits
from fls_research.data.cohort import Cohort, prepare
from fls_research.data.rules import BY_ID
from fls_research.data.schema import BY_NAME
from fls_research.errors import ExtractNotFound
from fls_research.params import YearParams, load_year
from fls_research.pipeline.progress import Progress, silent

CHECKS = "data/checks"
DEMO = "data/demo/"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Line = tuple[Any, ...]


@dataclass(frozen=True)
class Checked:
    """What was found: the cohort as a build would use it, and where its issue log was written."""

    cohort: Cohort
    issues: Path


def check_extract(
    year: int, *, root: Path, extract: Path | None = None, sheet: str | None = None, progress: Progress = silent
) -> Checked:
    """Read and validate an extract as a build would, and write its issue log under ``data/checks/``.

    Parameters
    ----------
    year : the data year whose settings are used.
    extract : relative to the working directory; the one the settings name when not given.

    Raises
    ------
    ExtractError, IdentifierFound, ParamsError : the extract cannot be used at all; one sentence each.
    """
    root = root.resolve()
    settings = load_year(year, root)
    cohort = prepare(settings, root, extract_path(settings, root, extract), sheet=sheet, progress=progress)
    return Checked(cohort, write_issues(cohort, root))


def extract_path(settings: YearParams, root: Path, named: Path | None) -> Path:
    """The extract named on the command line, or the one the settings name.

    Raises :class:`ExtractNotFound` where the settings' own extract is not there, with what to do about it.
    """
    if named is not None:
        return named
    path = root / settings.extract
    if not path.exists():
        remedy = "run 'fls demo' to write it" if settings.extract.startswith(DEMO) else "put it there"
        raise ExtractNotFound(f"{settings.extract}: there is no such file; {remedy}, or name yours with --extract.")
    return path


def write_issues(cohort: Cohort, root: Path) -> Path:
    """Write the issue log as CSV, one line an issue, for the services to correct; it holds no value of a patient.

    Text that a spreadsheet would run as a formula begins with an apostrophe.
    """
    folder = root / CHECKS / f"{cohort.params.year}-{cohort.source.file.sha256[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "issues.csv"
    sentences = {rule.id: rule.told(cohort.params) for rule in BY_ID.values()}
    rows = cohort.issues.assign(what=cohort.issues["rule"].astype(str).map(sentences)).astype("string").fillna("")
    safe = {name: rows[name].mask(rows[name].str.startswith(_FORMULA), "'" + rows[name]) for name in rows}
    rows.assign(**safe).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return path


def file_lines(cohort: Cohort) -> list[Line]:
    """What the file is: name, format, size, dataset, years."""
    source, file = cohort.source, cohort.source.file
    how = ", ".join(word for word in (file.format, file.encoding, file.sheet and f"sheet {file.sheet}") if word)
    years = ", ".join(f"{year}: {rows:,}" for year, rows in source.years_present.items())
    return [
        ("file", f"{file.name} ({how})"),
        ("data", "SYNTHETIC" if source.synthetic else "real"),
        ("dataset", source.dataset),
        ("columns", f"{file.columns}, of which {len(source.headings)} recognised"),
        ("rows by year of fracture", years),
    ]


def column_lines(cohort: Cohort) -> list[Line]:
    """How the columns were understood: heading, field number, field; then what was not recognised, and what lacks."""
    source = cohort.source
    lines: list[Line] = [(heading, BY_NAME[name].number or "", name) for name, heading in source.headings.items()]
    lines += [(heading, "", "(not recognised, not read)") for heading in source.unknown_headings]
    return lines + [("(no column)", BY_NAME[name].number or "", name) for name in source.missing_for_kpis]


def flow_lines(cohort: Cohort) -> list[Line]:
    """Rows read, each reason that took rows out, rows analysed."""
    rows = cohort.flow[(cohort.flow["rows"] > 0) | cohort.flow["step"].isin(["read", "analysed"])]
    return [(row.step, row.label, int(row.rows)) for row in rows.itertuples()]


def balance(cohort: Cohort) -> str:
    """The account of rows in one line: read = analysed + excluded + quarantined."""
    steps = ("read", "analysed", "excluded", "quarantined")
    counts = {step: int(cohort.flow.loc[cohort.flow["step"] == step, "rows"].sum()) for step in steps}
    return "{read:,} rows read = {analysed:,} analysed + {excluded:,} left out + {quarantined:,} set aside".format(
        **counts
    )


def issue_lines(cohort: Cohort) -> list[Line]:
    """Issues by rule: what was done, the rule in words, how many rows, how many services."""
    by_rule = cohort.issues.groupby(["action", "rule"], observed=True).agg(
        issues=("line", "size"), services=("service_code", "nunique")
    )
    return [
        (str(action), BY_ID[rule].told(cohort.params), int(row.issues), int(row.services))
        for (action, rule), row in zip(by_rule.index, by_rule.itertuples(), strict=True)
    ]


def limit_lines(cohort: Cohort) -> list[Line]:
    """What a report of this extract cannot tell: what lacks, and which KPIs and sections rest on it."""
    found = limits(cohort.source.lacks, cohort.fractures, year=cohort.params.year)
    return [(limit.lacks, limit.cannot) for limit in found] or [("nothing lacks", "every KPI can be worked out")]


def report(checked: Checked) -> list[tuple[str, list[Line]]]:
    """Everything found as titled blocks of lines, in the order to be read."""
    cohort = checked.cohort
    return [
        ("The file", file_lines(cohort)),
        ("Its columns: heading, field number, field", column_lines(cohort)),
        ("What a report of it cannot tell, and for want of what", limit_lines(cohort)),
        ("What becomes of the rows", flow_lines(cohort)),
        ("Issues: what was done, what was wrong, how often, in how many services", issue_lines(cohort)),
        ("", [(balance(cohort),)]),
    ]
