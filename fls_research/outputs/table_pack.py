"""What a pack says in words and tables of one place, made from released tables alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from fls_research.disclosure import Publishable, release_reference, verify
from fls_research.outputs import text
from fls_research.outputs.pipe import escaped
from fls_research.outputs.tables import Table, finished

BEYOND = "*"
"""The mark of a change or a gap that is larger than chance would make it."""

BEYOND_NOTE = "* More than chance would do."
_ABBREVIATED = {"Green": "▲", "Amber": "●", "Red": "▼"}
_COUNTED = ("numerator", "denominator", "unknown", "not_eligible", "at_risk", "events", "n")
_SHARES = ("proportion", "lower", "upper")
_DECIMALS = 3
_LISTED = 3
"""How many gaps the sentence names; all of them stand in the table."""


@dataclass(frozen=True)
class Prose:
    """Paragraphs made of released numbers. In a notebook they show as Markdown, and as plain text in a console."""

    paragraphs: tuple[str, ...]
    bold: tuple[str, ...] = ()

    def markdown(self) -> str:
        """The paragraphs, each after its bold beginning where it has one."""
        lead = [f"**{escaped(words)}** " if words else "" for words in self.bold] or [""] * len(self.paragraphs)
        return "\n\n".join(first + escaped(words) for first, words in zip(lead, self.paragraphs, strict=True)) + "\n"

    def __str__(self) -> str:
        lead = [f"{words} " if words else "" for words in self.bold] or [""] * len(self.paragraphs)
        return "\n\n".join(first + words for first, words in zip(lead, self.paragraphs, strict=True))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/markdown": self.markdown(), "text/plain": str(self)}


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


def front(
    size: Publishable,
    own: Publishable,
    beside: Publishable,
    *,
    name: str,
    where: str,
    year: int,
    before: int,
) -> Prose:
    """The first paragraph of a pack: whose it is, how large, and how its KPIs stand.

    Parameters
    ----------
    size : released counts of ``records`` by ``data_year``.
    own : released counts of the place in both years, with the label ``colour``.
    beside : released values with ``of`` (``nation``), ``kpi`` and ``proportion``.
    name, where : the place and where it is, in words.
    year, before : the data years.
    """
    records = verify(size).frame.set_index("data_year")["records"]
    rows = verify(own).frame
    now = rows[rows["data_year"] == year]
    nation = _beside(beside, "nation")
    held = now["kpi"].map(nation)
    valued = int(now["proportion"].notna().sum())
    colours = {colour: int((now["colour"] == colour).sum()) for colour in _ABBREVIATED}
    above, below = int((now["lower"] > held).sum()), int((now["upper"] < held).sum())
    sentences = [
        f"{name} ({where}) sent {_about(records.get(year))} for patients diagnosed in {year}"
        f"{_since(records.get(year), records.get(before), before)}."
    ]
    sentences.append(
        f"Of its {valued} indicators with a value, {colours['Green']} {_stand(colours['Green'])} at green, "
        f"{colours['Amber']} at amber and {colours['Red']} at red."
        if valued
        else "None of its indicators rests on enough patients to be shown."
    )
    if valued:
        sentences.append(
            f"{above} {_lie(above)} above England and Wales and {below} below, by more than chance would do."
        )
    return Prose((" ".join(sentences),))


def notices(found: Publishable) -> Prose:
    """Three things to look at, a paragraph each, from what ``pack_notice.notice`` gave (released as a reference)."""
    rows = verify(found).frame.to_dict(orient="records")
    return Prose(tuple(_says(row) for row in rows), tuple(f"{row['heading']}." for row in rows))


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
    held = {of: _beside(beside, of) for of in ("peers", "nation")}
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
    note = "In per cent. " + ", ".join(f"{mark} {colour.lower()}" for colour, mark in _ABBREVIATED.items()) + "."
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


def gaps_sentence(gaps: Publishable) -> Prose:
    """What the gaps say: how many could be shown, and which of them are larger than chance would make them."""
    rows = verify(gaps).frame
    shown = int(rows["difference"].notna().sum())
    if not shown:
        return Prose(
            (
                "The groups of patients are too small here for any comparison to be shown: every number that could "
                "speak of a few people is held back.",
            )
        )
    told = f"Of {len(rows)} comparisons of two groups, {shown} rest on enough patients to be shown."
    by_size = rows.assign(size=rows["difference"].abs()).sort_values("size", ascending=False, kind="stable")
    beyond = by_size[by_size["beyond_chance"].ne("")].to_dict(orient="records")
    if not beyond:
        return Prose((f"{told} None is larger than chance would make it, so many being looked at.",))
    listed = "; ".join(f"{row['words']}, {row['title']}: {_against(row)}" for row in beyond[:_LISTED])
    larger = "One is" if len(beyond) == 1 else f"{len(beyond)} are"
    most = f" The {_LISTED} largest: " if len(beyond) > _LISTED else " "
    return Prose((f"{told} {larger} larger than chance would make it, so many being looked at.{most}{listed}.",))


def missed_table(steps: Publishable) -> Table:
    """The steps of the missed-opportunity model: how many there would be, how many there were, and the rest."""
    rows = verify(steps).frame.to_dict(orient="records")
    cells = tuple(
        (
            row["title"],
            text.percent(row["share"]),
            text.count(row["wanted"]),
            text.SUPPRESSED if row["status"] == "suppressed" else text.count(row["patients"]),
            text.SUPPRESSED if row["status"] == "suppressed" else text.count(_short(row)),
        )
        for row in rows
    )
    headings = ("Step", "Of the step before", "Would be", "Were", "Short by")
    right = (False, True, True, True, True)
    return _on_one_line(finished(headings, cells, right, "Numbers to the nearest five.", (steps,)))


def missed_sentence(steps: Publishable, expected: Publishable) -> Prose:
    """The missed opportunity in a sentence, with what it is worked out from.

    ``expected`` is a reference with one row: ``expected`` (fractures) and ``services``.
    """
    last = verify(steps).frame.iloc[-1].to_dict()
    caseload = verify(expected).frame["expected"].iloc[0]
    if text.is_missing(caseload):
        return Prose(("No expected caseload is registered here, so that no missed opportunity can be worked out.",))
    begin = f"About {text.count(caseload)} fractures were to be expected"
    if last["status"] == "suppressed":
        return Prose((f"{begin}; the number of patients known to be on treatment is too small to be shown.",))
    short = _short(last)
    if not short:
        return Prose((f"{begin}; as many patients as the model asks for, or more, were known to be on treatment.",))
    return Prose(
        (
            f"{begin}. By the model, about {text.count(last['wanted'])} patients would be on treatment at 16 weeks; "
            f"{_known(last['patients'])}. The missed opportunity is about {text.count(short)} patients.",
        )
    )


def rules(told: Publishable) -> Prose:
    """The rules by which the three things were picked, a paragraph each."""
    rows = verify(told).frame.to_dict(orient="records")
    return Prose(tuple(f"{row['asks']}." for row in rows), tuple(f"{row['heading']}:" for row in rows))


def provenance(told: Publishable) -> Prose:
    """Where the numbers come from, in one paragraph."""
    rows = verify(told).frame.to_dict(orient="records")
    return Prose((". ".join(f"{row['what']}: {row['value']}" for row in rows) + ".",))


def _on_one_line(table: Table) -> Table:
    """The table with its notes in one paragraph: a pack has little room."""
    return replace(table, notes=(" ".join(table.notes),))


def _about(records: float | None) -> str:
    return (
        "a number of records too small to be shown"
        if text.is_missing(records)
        else f"about {text.count(records)} records"
    )


def _known(patients: float) -> str:
    return f"about {text.count(patients)} were known to be" if patients else "none was known to be"


def _since(now: float | None, then: float | None, before: int) -> str:
    """The end of a sentence that holds a number of records against that of an earlier year."""
    if then is None:
        return f"; it sent none for {before}"
    if text.is_missing(now) or text.is_missing(then):
        return ""
    return f", {_grown(now, then)} {before} ({_about(then)})"


def _grown(now: float, then: float) -> str:
    return "as many as in" if now == then else "more than in" if now > then else "fewer than in"


def _stand(number: int) -> str:
    return "stands" if number == 1 else "stand"


def _lie(number: int) -> str:
    return "lies" if number == 1 else "lie"


def _beside(beside: Publishable, of: str) -> dict[str, float]:
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
    return f"{share.removesuffix('%')} {_ABBREVIATED[row['colour']]}"


def _pair(row: Mapping | None) -> str:
    if row is None:
        return text.NOT_APPLICABLE
    if text.is_missing(row["difference"]):
        return text.SUPPRESSED
    return f"{_against(row)}{BEYOND if row['beyond_chance'] else ''}"


def _against(row: Mapping) -> str:
    return f"{text.in_percent(row['proportion'])} v {text.in_percent(row['reference'])}"


def _short(row: Mapping) -> float:
    """What is missing to what is wanted, to the nearest five as both are, and never below zero."""
    if text.is_missing(row["wanted"]) or text.is_missing(row["patients"]):
        return float("nan")
    return max(0.0, row["wanted"] - row["patients"])


def _says(row: Mapping) -> str:
    points = text.change(row["value"], row["compared"]).partition(" ")[2] if row["kpi"] else ""
    return str(row["says"]).format(
        title=row["title"],
        name=text.kpi_name(str(row["kpi"])) if row["kpi"] else "",
        value=text.percent(row["value"]),
        compared=text.percent(row["compared"]),
        aim=text.percent(row["aim"]),
        points=points,
    )
