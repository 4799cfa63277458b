"""What an extract cannot tell: which KPIs and which sections of a report lack a field, a year or a second service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from fls_research.kpi.definitions import data_items, headline_for
from fls_research.kpi.records import Patients

_ALWAYS_THERE = ("age", "index_date", "fracture_site", "death_date", "falls_referral")
"""Fields without which there is no cohort, or without which a KPI can still be worked out."""

SECTIONS: Mapping[str, str] = {
    "assessment_date": "how long patients wait",
    "prior_therapy": "who had a drug before the fracture",
    "therapy": "starting treatment and keeping on it",
    "therapy_16": "treatment at 16 weeks",
    "therapy_52": "treatment at 52 weeks",
    "follow_up_16_date": "the day on which treatment was confirmed",
    "care_home": "comparisons of care homes",
    "sex": "comparisons of men and women",
    "imd_decile": "comparisons by deprivation",
    "ethnicity": "comparisons of ethnic groups",
    "death_date": "deaths",
}
"""Field to what of a report rests on it, besides KPIs."""

INSTEAD: Mapping[str, str] = {"imd_decile": "imd_quintile"}
"""Field to the one that does as well."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One thing that an extract does not hold (``lacks``), and what cannot be told for want of it (``cannot``)."""

    lacks: str
    cannot: str

    def __str__(self) -> str:
        return f"{self.lacks}: {self.cannot}."


def kpis_without(missing: Collection[str], *, year: int) -> tuple[str, ...]:
    """The headline KPIs of patients that cannot be worked out without these fields.

    Where a column is missing every answer is not known, so that such a KPI would read as nought.

    >>> kpis_without(["therapy_52", "ethnicity"], year=2024)
    ('kpi11',)
    """
    return tuple(
        record.id
        for record in headline_for(year)
        if isinstance(record.measure, Patients) and set(missing) & _fields_of(record, year)
    )


def limits(missing: Mapping[str, str], fractures: pd.DataFrame, *, year: int) -> tuple[Limit, ...]:
    """What an extract does not hold and a report is made from, one :class:`Limit` each.

    Parameters
    ----------
    missing : field to the words for it, such as ``{"therapy_52": "field 7.05 BoneTherapy4856"}``.
    fractures : the cohort, of which the columns ``data_year`` and ``service_code`` are read.
    year : the edition's year.

    >>> patients = pd.DataFrame({"data_year": 2024, "service_code": ["A01", "B02"]})
    >>> for found in limits({"therapy_52": "field 7.05 BoneTherapy4856"}, patients, year=2024):
    ...     print(found)
    Field 7.05 BoneTherapy4856 is not in the extract: KPI 11 and treatment at 52 weeks cannot be told.
    No patient of 2023 is in the extract: KPI 11, treatment at 52 weeks and changes since 2023 cannot be told.
    """
    found = [
        Limit(lacks=f"{words[:1].upper()}{words[1:]} is not in the extract", cannot=f"{_listed(lost)} cannot be told")
        for name, words in missing.items()
        if INSTEAD.get(name, name) in missing and (lost := _lost(name, year))
    ]
    if not (fractures["data_year"] == year - 1).any():
        lost = f"KPI 11, treatment at 52 weeks and changes since {year - 1} cannot be told"
        found.append(Limit(lacks=f"No patient of {year - 1} is in the extract", cannot=lost))
    if len(fractures.loc[fractures["data_year"] == year, "service_code"].unique()) == 1:
        lost = "differences between services, and intervals that allow for them, cannot be told"
        found.append(Limit(lacks=f"One service alone has records of {year}", cannot=lost))
    return tuple(found)


def in_words(found: Collection[Limit]) -> str:
    """The limits as one paragraph, or nothing where there are none.

    >>> in_words([Limit(lacks="No patient of 2023 is in the extract", cannot="KPI 11 cannot be told")])
    'What this extract cannot tell, printed [x]. No patient of 2023 is in the extract: KPI 11 cannot be told.'
    """
    return " ".join(["What this extract cannot tell, printed [x].", *map(str, found)]) if found else ""


def reason(found: Collection[Limit]) -> str:
    """Why a fact of such an extract has no value: its limits, or that patients were too few or too much alike.

    >>> reason([])
    'the extract holds too few patients, or no such group, to work it out from'
    """
    return " ".join(map(str, found)) or "the extract holds too few patients, or no such group, to work it out from"


def told(found: Collection[Limit], *, year: int) -> pd.DataFrame:
    """The same as a frame of one row, with ``data_year`` and ``words``, ready for release as reference."""
    return pd.DataFrame({"data_year": [year], "words": [in_words(found)]})


def left_blank(counts: pd.DataFrame, missing: Collection[str], *, year: int) -> pd.DataFrame:
    """A ``counts`` frame in which a KPI whose field is missing has no number, and not nought.

    >>> counts = pd.DataFrame({"kpi": ["kpi10", "kpi11-eligible-only"], "numerator": [8.0, 0.0], "denominator": 10.0})
    >>> left_blank(counts, ["therapy_52"], year=2024)
                       kpi  numerator  denominator
    0                kpi10        8.0         10.0
    1  kpi11-eligible-only        NaN          NaN
    """
    without = counts["kpi"].str.partition("-")[0].isin(kpis_without(missing, year=year))
    numbers = [name for name in ("numerator", "denominator", "unknown", "not_eligible") if name in counts]
    return counts.assign(**{name: counts[name].mask(without) for name in numbers}) if without.any() else counts


def left_out(counts: pd.DataFrame, missing: Collection[str], *, needs: str) -> pd.DataFrame:
    """A frame of counts without its rows where the field that they all rest on is missing.

    >>> len(left_out(pd.DataFrame({"numerator": [0.0]}), ["therapy_52"], needs="therapy_52"))
    0
    """
    return counts.iloc[:0] if needs in missing else counts


def asked(counts: pd.DataFrame) -> list[str]:
    """The measures of a frame in which there is anybody, or in which a number was held back.

    >>> asked(pd.DataFrame({"measure": ["started", "continuing"], "denominator": [12.0, 0.0]}))
    ['started']
    """
    return list(dict.fromkeys(counts.loc[counts["denominator"].ne(0), "measure"]))


def _fields_of(record: object, year: int) -> set[str]:
    return set(data_items(record, year)) - set(_ALWAYS_THERE)  # type: ignore[arg-type]


def _lost(name: str, year: int) -> list[str]:
    numbers = [kpi.removeprefix("kpi") for kpi in kpis_without([name], year=year)]
    kpis = [f"KPI {' and '.join(numbers)}"] if numbers else []
    return kpis + ([SECTIONS[name]] if name in SECTIONS else [])


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
