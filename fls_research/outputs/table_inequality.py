"""Tables of inequality: groups down and KPIs across, and the columns of gaps and ratios with their intervals."""

from __future__ import annotations

from collections.abc import Mapping

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import text
from fls_research.outputs.tables import SYNTHETIC_NOTE, Format, Table

_ENDS = ("", "_lower", "_upper")


def gap_column(name: str) -> Format:
    """A difference of proportions with its limits (``name_lower``, ``name_upper``), in percentage points.

    >>> gap_column("crude").write(-0.0438, -0.0774, -0.0103)
    '−4.4 (−7.7 to −1.0)'
    """
    return Format(_gap, sources=tuple(f"{name}{end}" for end in _ENDS))


def ratio_column(name: str) -> Format:
    """A ratio with its limits (``name_lower``, ``name_upper``), to two decimals.

    >>> ratio_column("rii").write(0.8597, 0.7541, 0.9802)
    '0.86 (0.75 to 0.98)'
    """
    return Format(_ratio, sources=tuple(f"{name}{end}" for end in _ENDS))


def groups_table(publishable: Publishable, *, year: int, note: str = "") -> Table:
    """Every group of every characteristic down, the KPIs across, in percent.

    Takes released counts with the labels ``characteristic`` and ``group_name``. A cell reads ``[c]`` where the gate
    held it back, ``[z]`` where nobody of the group is in the KPI.

    Raises :class:`DisclosureError` when the table was not released, lacks a column, or lacks the year.

    >>> import pandas as pd
    >>> from fls_research.disclosure import release
    >>> counts = pd.DataFrame({"data_year": 2024, "kpi": ["kpi4", "kpi7"], "version": "v", "dimension": "sex",
    ...     "group": "male", "characteristic": "Sex", "group_name": "Men", "numerator": [60, 50], "denominator": 100})
    >>> released = release(counts, policy="hes", lane="patient_group", level="national",
    ...                    labels=["characteristic", "group_name"])
    >>> print(groups_table(released, year=2024))
         Group  KPI 4  KPI 7
    Sex  Men      60%    50%
    """
    rows = verify(publishable).frame
    for name in ("data_year", "kpi", "characteristic", "group_name", "proportion"):
        if name not in rows:
            raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, rows)}.")
    now = rows.loc[rows["data_year"] == year]
    if now.empty:
        raise DisclosureError(f"The released table has no row of {year}.")
    kpis = sorted(now["kpi"].unique(), key=text.kpi_number)
    cells = {
        (row["characteristic"], row["group_name"], row["kpi"]): _cell(row) for row in now.to_dict(orient="records")
    }
    groups = list(dict.fromkeys(zip(now["characteristic"], now["group_name"], strict=True)))
    lines, heading = [], None
    for characteristic, group in groups:
        first = characteristic if characteristic != heading else ""
        lines.append((first, group, *(cells.get((characteristic, group, kpi), text.NOT_APPLICABLE) for kpi in kpis)))
        heading = characteristic
    used = [sign for sign in text.MEANINGS if any(sign == cell for line in lines for cell in line)]
    meanings = "; ".join(f"{sign} {text.MEANINGS[sign]}" for sign in used)
    synthetic = SYNTHETIC_NOTE if publishable.release.synthetic else ""
    return Table(
        headings=("", "Group", *map(text.kpi_name, kpis)),
        rows=tuple(lines),
        right=(False, False, *(True for _ in kpis)),
        notes=tuple(filter(None, (note, f"{meanings}." if meanings else "", synthetic))),
    )


def _cell(row: Mapping) -> str:
    if not text.is_missing(row["proportion"]):
        return text.percent(row["proportion"])
    if row.get("status") == "suppressed":
        return text.SUPPRESSED
    return text.NOT_APPLICABLE if row.get("denominator") == 0 else text.NOT_AVAILABLE


def _gap(middle: float, low: float, high: float) -> str:
    ends = " to ".join(text.decimal(100 * end, 1) for end in (low, high))
    return f"{text.points(middle, 0.0, 1)} ({ends})"


def _ratio(middle: float, low: float, high: float) -> str:
    return f"{text.decimal(middle, 2)} ({text.decimal(low, 2)} to {text.decimal(high, 2)})"
