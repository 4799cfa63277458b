"""The tables of a pack, made from released tables of one place alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from fls_research.disclosure import Publishable, release_reference, verify
from fls_research.outputs import text
from fls_research.outputs.tables import Table, finished

BEYOND = "*"
"""The mark of a change or a gap that is larger than chance would make it."""

BEYOND_NOTE = "* More than chance would do."

LEVELS = {"Green": "▲", "Amber": "●", "Red": "▼"}
"""Each level and the shape that stands for it where there is no room for the word."""

_COUNTED = ("numerator", "denominator", "unknown", "not_eligible", "at_risk", "events", "n")

_SHARES = ("proportion", "lower", "upper")

_DECIMALS = 3


def shares(publishable: Publishable) -> Publishable:
    """A released table without its counts, shares to a tenth of a percentage point: what a pack keeps of it.

    The packs of a service, its board and its region speak of the same patients. Without counts nobody can subtract one
    from another to work out what either held back.

    >>> import pandas as pd
    >>> from fls_research.disclosure import release
    >>> counts = pd.DataFrame({"dimension": "sex", "group": ["female"], "numerator": [41.0], "denominator": [83.0]})
    >>> released = release(counts, policy="hes", lane="patient_group", level="below national")
    >>> shares(released).frame[["group", "proportion", "status"]].values.tolist()
    [['female', 0.471, 'shown']]
    """
    rows = verify(publishable).frame
    kept = rows.drop(columns=[name for name in _COUNTED if name in rows])
    told = kept.assign(**{name: kept[name].round(_DECIMALS) for name in _SHARES if name in kept})
    # All of it has passed the gate, as counts of patients; what is left counts none.
    return release_reference(told, numbers=list(told), synthetic=publishable.release.synthetic)


def place_kpis(
    own: Publishable,
    beside: Publishable,
    changed: Publishable,
    *,
    year: int,
    before: int,
    peers: str,
    kpis: Sequence[str],
) -> Table:
    """The KPIs of a place in two years, with interval, change and level, beside its peers and the nation.

    Parameters
    ----------
    own : released counts of the place in both years, with the labels ``title`` and ``colour``.
    beside : released values with ``of`` (``nation`` or ``peers``), ``kpi`` and ``proportion``.
    changed : the changes between the years, released as a reference.
    peers : who the peers are, for the note. A place that has none has no such column.
    kpis : all that could be there; those for which the place has no records at all are named below the table.
    """
    rows = verify(own).frame
    now = rows[rows["data_year"] == year].to_dict(orient="records")
    then = {row["kpi"]: row for row in rows[rows["data_year"] == before].to_dict(orient="records")}
    moved = {row["kpi"]: row for row in verify(changed).frame.to_dict(orient="records")}
    held = {of: values_beside(beside, of) for of in ("peers", "nation")}
    cells = []
    for row in now:
        kpi = row["kpi"]
        cells.append(
            (
                f"{text.kpi_name(kpi)} {row['title']}",
                _share(then.get(kpi)),
                _share(row),
                _interval(row),
                _moved(moved.get(kpi)),
                text.colour(row["colour"]) if row["colour"] else "",
                *([text.percent(held["peers"].get(kpi))] if held["peers"] else []),
                text.percent(held["nation"].get(kpi)),
            )
        )
    with_peers = ("Peers",) if held["peers"] else ()
    headings = (
        "Indicator",
        str(before),
        str(year),
        "Interval",
        "Change",
        "Level",
        *with_peers,
        "Nation",
    )
    right = (False, True, True, True, True, False, *(True for _ in with_peers), True)
    note = ["Interval: 95%. Change in percentage points. Nation: England and Wales."]
    note += [BEYOND_NOTE] if any(BEYOND in row[4] for row in cells) else []
    note += [f"Peers: {peers}." if held["peers"] else f"It has no peers ({peers})."]
    counted = {row["kpi"] for row in now}
    absent = [text.kpi_name(kpi) for kpi in kpis if kpi not in counted]
    note += [f"No records yet that {' and '.join(absent)} could count."] if absent else []
    return _on_one_line(finished(headings, tuple(cells), right, " ".join(note), (own, beside, changed)))


def peers_of(beside: Publishable) -> Publishable | None:
    """The rows of the peers among what a place is held against; nothing where it has no peers."""
    return beside.where(of="peers") if (verify(beside).frame["of"] == "peers").any() else None


def services_table(services: Publishable, *, names: Mapping[str, str], kpis: Sequence[str]) -> Table:
    """The services of a place, one row each: every KPI as a percentage and the shape of its level.

    Parameters
    ----------
    services : released counts by service of one year, with the label ``colour``.
    names : code of a service to its name.
    kpis : the KPIs, a column each.
    """
    rows = verify(services).frame
    cells = []
    for code, name in sorted(names.items(), key=lambda pair: pair[1]):
        of_service = {row["kpi"]: row for row in rows[rows["group"] == code].to_dict(orient="records")}
        cells.append((name, *(_marked(of_service.get(kpi)) for kpi in kpis)))
    headings = ("Service", *(text.kpi_name(kpi) for kpi in kpis))
    right = (False, *(True for _ in kpis))
    note = "In per cent. " + ", ".join(f"{mark} {colour.lower()}" for colour, mark in LEVELS.items()) + "."
    return _on_one_line(finished(headings, tuple(cells), right, note, (services,)))


def gaps_table(gaps: Publishable) -> Table:
    """The gaps between groups: a row a KPI, a column a pair of groups, each cell the two groups' percentages."""
    rows = verify(gaps).frame
    pairs = list(dict.fromkeys(rows["words"]))
    cells = []
    for kpi, of_kpi in rows.groupby("kpi", sort=False):
        held = {row["words"]: row for row in of_kpi.to_dict(orient="records")}
        name = f"{text.kpi_name(str(kpi))} {of_kpi['title'].iloc[0]}"
        cells.append((name, *(_pair(held.get(pair)) for pair in pairs)))
    headings = ("Indicator", *pairs)
    right = (False, *(True for _ in pairs))
    note = "In per cent, first group v second."
    if any(BEYOND in cell for row in cells for cell in row[1:]):
        note += f" {BEYOND_NOTE[:-1]}, allowing for the number of comparisons."
    return _on_one_line(finished(headings, tuple(cells), right, note, (gaps,)))


def missed_table(steps: Publishable) -> Table:
    """The steps of the missed-opportunity model: how many there would be, how many there were, and the rest."""
    rows = verify(steps).frame.to_dict(orient="records")
    cells = tuple(
        (
            row["title"],
            text.percent(row["share"]),
            text.count(row["wanted"]),
            text.SUPPRESSED if row["status"] == "suppressed" else text.count(row["patients"]),
            text.SUPPRESSED if row["status"] == "suppressed" else text.count(short_by(row)),
        )
        for row in rows
    )
    headings = ("Step", "Of the step before", "Would be", "Were", "Short by")
    right = (False, True, True, True, True)
    return _on_one_line(finished(headings, cells, right, "Numbers to the nearest five.", (steps,)))


def _on_one_line(table: Table) -> Table:
    """The table with its notes in one paragraph: a pack has little room."""
    return replace(table, notes=(" ".join(table.notes),))


def values_beside(beside: Publishable, of: str) -> dict[str, float]:
    """KPI to the value of the nation or the peers, from what a place is held against."""
    rows = verify(beside).frame
    kept = rows[rows["of"] == of]
    return dict(zip(kept["kpi"], kept["proportion"], strict=True))


def _share(row: Mapping | None) -> str:
    if row is None:
        return text.NOT_AVAILABLE
    if row["status"] == "suppressed":
        return text.SUPPRESSED
    return text.NOT_APPLICABLE if text.is_missing(row["proportion"]) else text.percent(row["proportion"])


def _interval(row: Mapping) -> str:
    if row["status"] == "suppressed":
        return text.SUPPRESSED
    return text.NOT_APPLICABLE if text.is_missing(row["lower"]) else text.interval(row["lower"], row["upper"])


def _moved(row: Mapping | None) -> str:
    if row is None or text.is_missing(row["before"]) or text.is_missing(row["proportion"]):
        return text.NOT_AVAILABLE
    return text.points(row["proportion"], row["before"]) + (BEYOND if row["beyond_chance"] else "")


def _marked(row: Mapping | None) -> str:
    share = _share(row)
    if row is None or text.is_missing(row["proportion"]) or not row["colour"]:
        return share
    return f"{share.removesuffix('%')} {LEVELS[row['colour']]}"


def _pair(row: Mapping | None) -> str:
    if row is None:
        return text.NOT_APPLICABLE
    if text.is_missing(row["difference"]):
        return text.SUPPRESSED
    return f"{against(row)}{BEYOND if row['beyond_chance'] else ''}"


def against(row: Mapping) -> str:
    """The two percentages of a gap, as ``40 v 60``."""
    return f"{text.in_percent(row['proportion'])} v {text.in_percent(row['reference'])}"


def short_by(row: Mapping) -> float:
    """What is missing to what is wanted, to the nearest five as both are, and never below zero."""
    if text.is_missing(row["wanted"]) or text.is_missing(row["patients"]):
        return float("nan")
    return max(0.0, row["wanted"] - row["patients"])
