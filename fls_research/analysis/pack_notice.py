"""Three things to look at: picked from a place's released values by rules that are records, and printed with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from fls_research.kpi.definitions import data_items, headline_for

SLOTS: dict[str, str] = {
    "improve": "To improve",
    "check": "To check",
    "share": "To share",
}
"""The three things, in order, and their headings."""

NUMBERS: tuple[str, ...] = ("place", "value", "lower", "upper", "compared", "aim", "difference")
"""The columns of numbers of :func:`notice`: shares that were released, and differences of them."""

INCOMPLETE = 0.8
"""A field is incomplete when fewer of its answers are there."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: which rows of :func:`candidates` it looks at, and by what it puts the most telling first.

    ``asks`` is the rule in words. ``says`` is the sentence it makes, with places for the row's values. ``source`` is
    what it looks at: ``kpi`` or ``field``.
    """

    id: str
    slot: str
    asks: str
    says: str
    fires: Callable[[pd.DataFrame], pd.Series]
    weight: Callable[[pd.DataFrame], pd.Series]
    source: str = "kpi"


RULES: tuple[Rule, ...] = (
    Rule(
        id="below-nation",
        slot="improve",
        asks="the KPI furthest below England and Wales, among those whose whole interval lies below the nation's value "
        "and below the aim",
        says="{title} ({name}) was {value}, against {compared} in England and Wales and an aim of {aim}.",
        fires=lambda rows: (rows["upper"] < rows["nation"]) & (rows["upper"] < rows["aim"]),
        weight=lambda rows: rows["nation"] - rows["value"],
    ),
    Rule(
        id="below-aim",
        slot="improve",
        asks="where there is none, the KPI furthest below its aim, its whole interval below it",
        says="{title} ({name}) was {value}; the aim is {aim}. England and Wales stands at {compared}.",
        fires=lambda rows: rows["upper"] < rows["aim"],
        weight=lambda rows: rows["aim"] - rows["value"],
    ),
    Rule(
        id="fell",
        slot="check",
        asks="the KPI that fell most over two years, by more than chance would do",
        says="{title} ({name}) fell by {points} in two years, from {compared} to {value}.",
        fires=lambda rows: rows["moved"] == "fell",
        weight=lambda rows: -rows["difference"],
    ),
    Rule(
        id="incomplete",
        slot="check",
        asks="where none fell, the field that KPIs read with the fewest answers, below 80%",
        says="{value} of the records concerned hold an answer for “{title}”; what cannot be known counts as not done.",
        fires=lambda rows: rows["value"] < INCOMPLETE,
        weight=lambda rows: -rows["value"],
        source="field",
    ),
    Rule(
        id="above-nation",
        slot="share",
        asks="the KPI furthest above England and Wales, its whole interval above the nation's value, and at green",
        says="{title} ({name}) was {value}, against {compared} in England and Wales: worth telling others how.",
        fires=lambda rows: (rows["lower"] > rows["nation"]) & (rows["colour"] == "Green"),
        weight=lambda rows: rows["value"] - rows["nation"],
    ),
    Rule(
        id="rose",
        slot="share",
        asks="where there is none, the KPI that rose most over two years, by more than chance would do",
        says="{title} ({name}) rose by {points} in two years, from {compared} to {value}.",
        fires=lambda rows: rows["moved"] == "rose",
        weight=lambda rows: rows["difference"],
    ),
)
"""The rules, in the order in which they are tried within each of the three things. The first that fires is taken."""

NOTHING: Mapping[str, str] = {
    "improve": "No KPI lies below its aim, or below the nation, by more than chance would do.",
    "check": "No KPI fell by more than chance would do, and no field is below 80% complete.",
    "share": "No KPI stands above the nation at green, or rose, by more than chance would do.",
}
"""What is said where no rule fires."""


def candidates(own: pd.DataFrame, *, changed: pd.DataFrame, nation: pd.DataFrame) -> pd.DataFrame:
    """The KPIs of a place that rules look at, one row each, all of it as released.

    Parameters
    ----------
    own : released counts of the place in the year, with ``number``, ``title``, ``target`` and ``colour``.
    changed : what :func:`fls_research.analysis.pack_kpis.changes` gave.
    nation : ``kpi`` and ``proportion`` of England and Wales, as released.

    Returns
    -------
    ``kpi``, ``number``, ``title``, ``colour``, ``value``, ``lower``, ``upper``, ``aim``, ``nation``, ``before``,
    ``difference``, ``moved``.
    """
    rows = own[["kpi", "number", "title", "colour", "lower", "upper"]].assign(
        value=own["proportion"], aim=own["target"]
    )
    moved = changed[["kpi", "before", "difference"]].assign(moved=changed["beyond_chance"])
    held = nation[["kpi"]].assign(nation=nation["proportion"])
    return rows.merge(moved, on="kpi", how="left", validate="1:1").merge(held, on="kpi", how="left", validate="1:1")


def read_by_kpis(fields: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """The rows of fields (``kpi`` holds the field's id) that a headline KPI of places reads in a data year.

    >>> read_by_kpis(pd.DataFrame({"kpi": ["dxa_date", "ethnicity"]}), year=2024)["kpi"].tolist()
    ['dxa_date']
    """
    read = {item for record in headline_for(year) if record.number > 1 for item in data_items(record, year)}
    return fields[fields["kpi"].isin(read)].reset_index(drop=True)


def notice(kpis: pd.DataFrame, fields: pd.DataFrame) -> pd.DataFrame:
    """Three things to look at: for each of the slots the first rule that fires, and its most telling row.

    Parameters
    ----------
    kpis : what :func:`candidates` gave.
    fields : released completeness: ``field`` (in words) and ``proportion``.

    Returns
    -------
    Three rows in the order of :data:`SLOTS`: ``place`` (1 to 3), ``slot``, ``heading``, ``rule``, ``kpi``, ``title``,
    ``says`` (a sentence with places for the numbers), and ``value``, ``lower``, ``upper``, ``compared`` (the nation's
    value, or the earlier one), ``aim`` and ``difference``. Of equal rows the one that comes first is taken, in the
    order of KPIs and fields. A KPI is named once.

    >>> kpis = pd.DataFrame({"kpi": ["kpi4", "kpi6"], "number": [4, 6], "title": ["Assessed", "Falls"],
    ...     "colour": ["Red", "Green"], "value": [0.4, 0.9], "lower": [0.35, 0.87], "upper": [0.45, 0.93], "aim": 0.8,
    ...     "nation": [0.69, 0.62], "before": 0.5, "difference": [-0.1, 0.4], "moved": ["", "rose"]})
    >>> fields = pd.DataFrame({"field": ["Date of DXA"], "proportion": [0.6]})
    >>> notice(kpis, fields)[["heading", "rule", "title"]]
          heading          rule        title
    0  To improve  below-nation     Assessed
    1    To check    incomplete  Date of DXA
    2    To share  above-nation        Falls
    """
    of_fields = fields.reset_index(drop=True)
    sources = {
        "kpi": kpis,
        "field": pd.DataFrame({"title": of_fields["field"], "value": of_fields["proportion"]}),
    }
    named: set[str] = set()
    found = []
    for place, (slot, heading) in enumerate(SLOTS.items(), start=1):
        picked = _first(slot, sources, named)
        named.add(str(picked.get("kpi", "")))
        found.append({"place": place, "slot": slot, "heading": heading, "says": NOTHING[slot], **picked})
    columns = ["place", "slot", "heading", "rule", "kpi", "title", "says"]
    numbers = ["value", "lower", "upper", "compared", "aim", "difference"]
    table = pd.DataFrame(found).reindex(columns=[*columns, *numbers])
    return table.fillna(dict.fromkeys(columns, "")).astype(dict.fromkeys(numbers, float))


def _first(slot: str, sources: Mapping[str, pd.DataFrame], named: set[str]) -> dict[str, object]:
    for rule in RULES:
        rows = sources[rule.source] if rule.slot == slot else pd.DataFrame()
        if rows.empty:
            continue
        free = rows[~rows["kpi"].isin(named)] if "kpi" in rows else rows
        firing = free[rule.fires(free).fillna(False)]
        if firing.empty:
            continue
        # The first of equals: rows stand in the order of KPIs, or of the form.
        row = firing.loc[rule.weight(firing).astype(float).idxmax()].to_dict()
        compared = row.get("before") if rule.id in ("fell", "rose") else row.get("nation")
        kept = {name: row.get(name) for name in ("kpi", "title", "value", "lower", "upper", "aim", "difference")}
        return {"rule": rule.id, "says": rule.says, **kept, "compared": compared}
    return {}


def rules_in_words() -> pd.DataFrame:
    """The rules as a pack prints them: ``heading`` (of the thing) and ``asks``.

    >>> rules_in_words()["heading"].tolist()
    ['To improve', 'To check', 'To share']
    """
    told = []
    for slot, heading in SLOTS.items():
        asks = [rule.asks for rule in RULES if rule.slot == slot]
        told.append({"heading": heading, "asks": "; ".join(asks)})
    return pd.DataFrame(told)
