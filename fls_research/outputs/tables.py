"""Released numbers as tables that stay tables in HTML, Word and PDF: one Markdown pipe table each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import text
from fls_research.outputs.pipe import escaped, pipe_table, plain_table

SYNTHETIC_NOTE = "Synthetic data: no patient stands behind these numbers."
_BREAK = "[b]"
_MEANINGS = {_BREAK: "the definition changed between the years", **text.MEANINGS}


@dataclass(frozen=True)
class Format:
    """How a column is written: ``write`` gets the values of ``sources`` (the column itself when there are none)."""

    write: Callable[..., str]
    sources: tuple[str, ...] = ()
    right: bool = True


TEXT = Format(str, right=False)
PLAIN_NUMBER = Format(lambda value: f"{value:g}")
PERCENT = Format(text.percent)
PERCENT_1 = Format(lambda value: text.percent(value, 1))
COUNT = Format(text.count)
DECIMAL = Format(text.decimal)
INTERVAL = Format(text.interval, sources=("lower", "upper"))
COLOUR = Format(text.colour, right=False)
KPI = Format(text.kpi_name, right=False)

_USUAL = {
    "proportion": PERCENT,
    "interval": INTERVAL,
    "numerator": COUNT,
    "denominator": COUNT,
    "unknown": COUNT,
    "not_eligible": COUNT,
    "data_year": PLAIN_NUMBER,
    "target": PERCENT,
    "colour": COLOUR,
    "kpi": KPI,
}
"""The format of a column when none is named; else text is text and a number a count."""


@dataclass(frozen=True)
class Table:
    """A table ready to be read. In a notebook it shows as Markdown, and as plain text in a console."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[bool, ...]
    notes: tuple[str, ...] = ()

    def markdown(self) -> str:
        """The pipe table, and the notes as paragraphs below it."""
        table = pipe_table(self.headings, self.rows, right=self.right)
        return "\n\n".join([table, *map(escaped, self.notes)]) + "\n"

    def __str__(self) -> str:
        return "\n\n".join([plain_table(self.headings, self.rows, right=self.right), *self.notes])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/markdown": self.markdown(), "text/plain": str(self)}


def table(
    publishable: Publishable,
    *,
    columns: Mapping[str, str],
    formats: Mapping[str, Format] | None = None,
    sort: Sequence[str] = (),
    note: str = "",
) -> Table:
    """A released table as it is read.

    Parameters
    ----------
    publishable : what ``disclosure`` released; anything else is refused.
    columns : column to heading, in the order they are printed; ``interval`` stands for ``lower`` and ``upper``.
    formats : column to :class:`Format` where the usual one will not do.
    sort : columns to sort by (KPIs by their number); the order of the released table when none is named.
    note : a sentence below the table. What ``[c]``, ``[x]`` and ``[z]`` mean is added where they occur.

    Raises
    ------
    DisclosureError : the table was not released, was altered since, or has no such column.

    >>> import pandas as pd
    >>> from fls_research.disclosure import release
    >>> counts = pd.DataFrame({"data_year": 2024, "kpi": "kpi4", "version": "kpi4.2016", "dimension": "national",
    ...                        "group": ["all"], "numerator": [57690.0], "denominator": [83461.0]})
    >>> released = release(counts, policy="hes", lane="patient_group", level="national")
    >>> print(table(released, columns={"kpi": "KPI", "denominator": "Patients", "proportion": "Met"}))
    KPI    Patients  Met
    KPI 4    83,461  69%
    """
    rows = sorted_rows(verify(publishable), sort)
    chosen = {name: _format_of(name, rows, formats or {}) for name in columns}
    for name, form in chosen.items():
        for source in form.sources or (name,):
            if source not in rows:
                raise DisclosureError(f"The released table has no column '{source}'; {did_you_mean(source, rows)}.")
    cells = tuple(
        tuple(_cell(row, name, form, publishable) for name, form in chosen.items())
        for row in rows.to_dict(orient="records")
    )
    right = tuple(form.right for form in chosen.values())
    return finished(tuple(columns.values()), cells, right, note, (publishable,))


def kpi_table(
    national: Publishable,
    *,
    year: int,
    before: int,
    services: Publishable | None = None,
    also: Mapping[str, str] | None = None,
    note: str = "",
) -> Table:
    """The national KPIs of two years side by side, one row a KPI.

    Parameters
    ----------
    national : released counts with the national rows of both years and the label ``title``.
    year, before : the data years compared. Where the ``version`` of a KPI differs between them the change is ``[b]``.
    services : the services at each colour (``kpi``, ``Green``, ``services``), for the column of services at green.
    also : further labels to heading, printed after the title, such as ``{"target": "Aim"}``.
    note : a sentence below the table.

    Raises
    ------
    DisclosureError : as :func:`table`.

    >>> import pandas as pd
    >>> from fls_research.disclosure import release
    >>> counts = pd.DataFrame({"data_year": [2023, 2024], "kpi": "kpi4", "version": "kpi4.2016", "title": "Assessed",
    ...                        "dimension": "national", "group": "all", "numerator": [65.0, 69.0],
    ...                        "denominator": [100.0, 100.0]})
    >>> released = release(counts, policy="hes", lane="patient_group", level="national", labels=["title"])
    >>> print(kpi_table(released, year=2024, before=2023))
    KPI    Measure   2023  2024  Change (points)  95% interval
    KPI 4  Assessed   65%   69%               +4      59 to 77
    """
    rows = verify(national).frame
    rows = rows.loc[rows["dimension"] == "national"]
    labels = dict(also or {})
    now = rows.loc[rows["data_year"] == year].set_index("kpi")
    earlier = rows.loc[rows["data_year"] == before].set_index("kpi")
    at_green = verify(services).frame.set_index("kpi") if services is not None else None
    headings = ["KPI", "Measure", *labels.values(), str(before), str(year), "Change (points)", "95% interval"]
    right = [False, False, *(name == "target" for name in labels), True, True, True, True]
    cells = []
    for kpi in sorted(now.index, key=text.kpi_number):
        row = {"kpi": kpi, **now.loc[kpi].to_dict()}
        old = {"kpi": kpi, **earlier.loc[kpi].to_dict()} if kpi in earlier.index else None
        told = [_cell(row, name, _usual(name, rows), national) for name in ("kpi", "title", *labels)]
        told += [_cell(old, "proportion", PERCENT, national) if old else text.NOT_AVAILABLE]
        told += [_cell(row, "proportion", PERCENT, national), _change(row, old)]
        told += [_cell(row, "interval", INTERVAL, national)]
        if at_green is not None:
            told += [_at_green(at_green, kpi)]
        cells.append(tuple(told))
    if at_green is not None:
        headings, right = [*headings, "Services at green"], [*right, True]
    return finished(tuple(headings), tuple(cells), tuple(right), note, (national, services))


def sorted_rows(publishable: Publishable, sort: Sequence[str]) -> pd.DataFrame:
    """The rows of a released table, sorted by columns; a column ``kpi`` is sorted by the KPI's number."""
    rows = publishable.frame
    for name in reversed(sort):
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
        key = (lambda column: column.map(text.kpi_number)) if name == "kpi" else None
        rows = rows.sort_values(name, key=key, kind="stable")
    return rows.reset_index(drop=True)


def _format_of(name: str, rows: pd.DataFrame, formats: Mapping[str, Format]) -> Format:
    return formats[name] if name in formats else _usual(name, rows)


def _usual(name: str, rows: pd.DataFrame) -> Format:
    numeric = name in rows and pd.api.types.is_numeric_dtype(rows[name])
    if name == "target" and not numeric:
        return TEXT
    return _USUAL.get(name, COUNT if numeric else TEXT)


def _cell(row: Mapping[str, object], name: str, form: Format, publishable: Publishable) -> str:
    sources = form.sources or (name,)
    values = [row.get(source) for source in sources]
    if not any(text.is_missing(value) for value in values):
        return form.write(*values)
    how = publishable.release
    if all(source in how.labels for source in sources):
        return text.NOT_APPLICABLE
    if row.get("status") == "suppressed" or any(source in how.withheld for source in sources):
        return text.SUPPRESSED
    rated = {"proportion", "lower", "upper"} & set(sources)
    nobody = row.get("denominator") == 0
    above_one = "lower" in sources and not text.is_missing(row.get("proportion"))
    return text.NOT_APPLICABLE if rated and (nobody or above_one) else text.NOT_AVAILABLE


def _change(row: Mapping[str, object], old: Mapping[str, object] | None) -> str:
    if old is None:
        return text.NOT_AVAILABLE
    if row.get("version") != old.get("version"):
        return _BREAK
    if "suppressed" in (row.get("status"), old.get("status")):
        return text.SUPPRESSED
    return text.points(row["proportion"], old["proportion"])


def _at_green(services: pd.DataFrame, kpi: str) -> str:
    if kpi not in services.index:
        return text.NOT_APPLICABLE
    return f"{text.count(services.loc[kpi, 'Green'])} of {text.count(services.loc[kpi, 'services'])}"


def finished(
    headings: tuple[str, ...],
    cells: tuple[tuple[str, ...], ...],
    right: tuple[bool, ...],
    note: str,
    used: Iterable[Publishable | None],
) -> Table:
    """A table of written cells, with its notes: the sentence given, the signs' meaning, whether it is synthetic."""
    present = [sign for sign in _MEANINGS if any(sign == cell for row in cells for cell in row)]
    shorthand = "; ".join(f"{sign} {_MEANINGS[sign]}" for sign in present)
    synthetic = any(table.release.synthetic for table in used if table is not None)
    notes = (note, f"{shorthand}." if shorthand else "", SYNTHETIC_NOTE if synthetic else "")
    return Table(headings, cells, right, tuple(filter(None, notes)))
