"""Who is compared with whom: the characteristics of patients, their groups in words, and the pairs that are tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

NOT_KNOWN = "not known"
"""The group of records without an answer (the same word as in the data and KPI rooms)."""

CHARACTERISTICS: dict[str, str] = {
    "imd_quintile": "Deprivation",
    "age_band": "Age",
    "sex": "Sex",
    "care_home": "Care home",
    "ethnicity": "Ethnic group",
    "nation": "Nation",
}
"""Dimension to its heading, in the order of a report. Regions, being below national, are counted apart."""

_WORDS: dict[tuple[str, str], str] = {
    ("imd_quintile", "1"): "1, most deprived",
    ("imd_quintile", "5"): "5, least deprived",
    ("sex", "female"): "Women",
    ("sex", "male"): "Men",
    ("care_home", "yes"): "Care home",
    ("care_home", "no"): "Own home",
}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One group held against another: ``level`` less ``reference``.

    ``references`` are tried in turn, because a KPI may leave the first out (KPI 8 counts nobody under 75). ``tested``
    says whether the comparison belongs to the family for which p-values are corrected.
    """

    column: str
    level: str
    references: tuple[str, ...]
    words: str
    tested: bool = True

    @property
    def id(self) -> str:
        """What facts call it, such as ``ethnicity-asian``."""
        return f"{self.column}-{self.level}".replace("_", "-").replace(" ", "-")


MOST_DEPRIVED = Comparison(column="imd_quintile", level="1", references=("5",), words="Most v least deprived fifth")

COMPARISONS: tuple[Comparison, ...] = (
    MOST_DEPRIVED,
    Comparison(column="age_band", level="85 and over", references=("50–64", "75–84"), words="85 and over v youngest"),
    Comparison(column="sex", level="male", references=("female",), words="Men v women"),
    Comparison(column="care_home", level="yes", references=("no",), words="Care home v own home"),
    *(
        Comparison(column="ethnicity", level=level, references=("white",), words=words)
        for level, words in (
            ("asian", "Asian v White"),
            ("black", "Black v White"),
            ("mixed", "Mixed v White"),
            ("other", "Other v White"),
        )
    ),
    Comparison(
        column="ethnicity", level=NOT_KNOWN, references=("white",), words="Ethnicity not known v White", tested=False
    ),
    # Wales has a handful of services: too few for errors that are robust between services. Shown, and not tested.
    Comparison(column="nation", level="Wales", references=("England",), words="Wales v England", tested=False),
)
"""The comparisons of the annual report. A group of records without an answer is shown; nobody tests missingness."""


def group_words(dimension: str, group: str) -> str:
    """A group as a reader sees it.

    >>> group_words("imd_quintile", "1"), group_words("ethnicity", "asian"), group_words("age_band", "65–74")
    ('1, most deprived', 'Asian', '65–74')
    """
    return _WORDS.get((dimension, group), group[:1].upper() + group[1:])


def with_words(counts: pd.DataFrame, *, headings: Mapping[str, str] = CHARACTERISTICS) -> pd.DataFrame:
    """Rows of groups with ``characteristic`` (heading of ``dimension``) and ``group_name`` in words.

    >>> with_words(pd.DataFrame({"dimension": ["sex"], "group": ["male"]})).iloc[0].tolist()
    ['sex', 'male', 'Sex', 'Men']
    """
    named = [
        group_words(dimension, group) for dimension, group in zip(counts["dimension"], counts["group"], strict=True)
    ]
    return counts.assign(
        characteristic=counts["dimension"].map(dict(headings)).fillna(counts["dimension"]).astype(object),
        group_name=np.array(named, dtype=object),
    )
