"""The sentences of a pack, made from released tables of one place alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from fls_research.disclosure import Publishable, verify
from fls_research.outputs import text
from fls_research.outputs.pipe import escaped
from fls_research.outputs.table_pack import LEVELS, against, short_by, values_beside

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


def front(
    size: Publishable,
    own: Publishable,
    beside: Publishable,
    *,
    name: str,
    where: str,
    year: int,
    before: int,
    years: Collection[int],
) -> Prose:
    """The first paragraph of a pack: whose it is, how large, and how its KPIs stand.

    Parameters
    ----------
    size : released counts of ``records`` by ``data_year``.
    own : released counts of the place in both years, with the label ``colour``.
    beside : released values with ``of`` (``nation``), ``kpi`` and ``proportion``.
    name, where : the place and where it is, in words.
    year, before : the data years.
    years : the data years of which there are records of any place.
    """
    records = verify(size).frame.set_index("data_year")["records"]
    rows = verify(own).frame
    now = rows[rows["data_year"] == year]
    nation = values_beside(beside, "nation")
    held = now["kpi"].map(nation)
    valued = int(now["proportion"].notna().sum())
    colours = {colour: int((now["colour"] == colour).sum()) for colour in LEVELS}
    above, below = int((now["lower"] > held).sum()), int((now["upper"] < held).sum())
    sentences = [
        f"{name} ({where}) sent {_about(records.get(year))} for patients diagnosed in {year}"
        f"{_since(records.get(year), records.get(before), before, years)}."
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
    listed = "; ".join(f"{row['words']}, {row['title']}: {against(row)}" for row in beyond[:_LISTED])
    larger = "One is" if len(beyond) == 1 else f"{len(beyond)} are"
    most = f" The {_LISTED} largest: " if len(beyond) > _LISTED else " "
    return Prose((f"{told} {larger} larger than chance would make it, so many being looked at.{most}{listed}.",))


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
    short = short_by(last)
    if not short:
        return Prose((f"{begin}; as many patients as the model asks for, or more, were known to be on treatment.",))
    return Prose(
        (
            f"{begin}. By the model, about {text.count(last['wanted'])} patients would be on treatment at 16 weeks; "
            f"{_known(last['patients'])}. The missed opportunity is about {text.count(short)} patients.",
        )
    )


def rules(told: Publishable) -> Prose:
    """The rules by which the three things were picked, in one paragraph."""
    rows = verify(told).frame.to_dict(orient="records")
    asked = " ".join(f"{row['heading']}: {row['asks']}." for row in rows)
    return Prose((f"They are picked by rule from the values printed here; of equal ones the first is taken. {asked}",))


def provenance(told: Publishable) -> Prose:
    """Where the numbers come from, in one paragraph."""
    rows = verify(told).frame.to_dict(orient="records")
    return Prose((". ".join(f"{row['what']}: {row['value']}" for row in rows) + ".",))


def _about(records: float | None) -> str:
    return (
        "a number of records too small to be shown"
        if text.is_missing(records)
        else f"about {text.count(records)} records"
    )


def _known(patients: float) -> str:
    return f"about {text.count(patients)} were known to be" if patients else "none was known to be"


def _since(now: float | None, then: float | None, before: int, years: Collection[int]) -> str:
    """The end of a sentence that holds a number of records against that of an earlier year."""
    if before not in years:
        return f"; this edition holds no records of {before}"
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
