"""The vocabulary in which a KPI's conditions are written: each rule is data that is evaluated and printed.

A rule answers for each record one of three truths (Kleene's strong logic of indeterminacy: S. C. Kleene,
*Introduction to Metamathematics*, 1952, section 64). A missing answer makes a condition *unknown*, and it stays
unknown only while it can still decide: ``All`` with one false part is false, ``Any`` with one true part is true.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.errors import FieldError
from fls_research.kpi.wording import code_words, column_words, either, number_words

NOT_KNOWN = "not known"
"""The code of an absent answer in every coded column (the same word as in the data room)."""


class Truth(IntEnum):
    """The answer of a rule for one record; the order makes "and" a minimum and "or" a maximum."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


Truths = NDArray[np.int8]


class Rule(ABC):
    """One condition on a record."""

    @abstractmethod
    def truth(self, fractures: pd.DataFrame) -> Truths:
        """The truth for every row of ``fractures``, as int8 values of :class:`Truth`, in row order.

        Raises FieldError when a column that the rule reads is not in the frame.
        """

    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule reads, in the order in which it names them, each once."""

    @abstractmethod
    def words(self) -> str:
        """The rule as an English clause."""

    def words_of_opposite(self) -> str:
        """The opposite of the rule as an English clause."""
        return f"it is not so that {self.words()}"


def column_of(fractures: pd.DataFrame, column: str) -> pd.Series:
    """A column of the frame, or a FieldError that names it."""
    try:
        return fractures[column]
    except KeyError:
        raise FieldError(f"The fractures frame has no column '{column}', which a KPI reads; derive it first.") from None


@dataclass(frozen=True)
class Everyone(Rule):
    """True of every record.

    >>> Everyone().words()
    'every record'
    """

    def truth(self, fractures: pd.DataFrame) -> Truths:
        return np.full(len(fractures), Truth.TRUE, dtype=np.int8)

    def columns(self) -> tuple[str, ...]:
        return ()

    def words(self) -> str:
        return "every record"


EVERY_RECORD = Everyone()


@dataclass(frozen=True)
class OneOf(Rule):
    """True where a coded column holds one of ``codes``; unknown where it holds ``not known`` or nothing.

    >>> frame = pd.DataFrame({"fracture_site": ["hip", "wrist", "not known"]})
    >>> OneOf("fracture_site", ("hip", "spine")).truth(frame).tolist()
    [2, 0, 1]
    >>> OneOf("fracture_site", ("hip", "spine")).words()
    'site of the first index fracture is hip or spine'
    """

    column: str
    codes: tuple[str, ...]

    def truth(self, fractures: pd.DataFrame) -> Truths:
        answers = column_of(fractures, self.column).astype("category").cat
        by_category = [self._truth_of(code) for code in answers.categories]
        # A missing answer has category number -1, which is the last place of the look-up.
        look_up = np.array([*by_category, Truth.UNKNOWN], dtype=np.int8)
        return look_up[answers.codes.to_numpy()]

    def _truth_of(self, code: str) -> Truth:
        if code == NOT_KNOWN:
            return Truth.UNKNOWN
        return Truth.TRUE if code in self.codes else Truth.FALSE

    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def words(self) -> str:
        return f"{column_words(self.column)} is {either(map(code_words, self.codes))}"

    def words_of_opposite(self) -> str:
        return f"{column_words(self.column)} is known and not {either(map(code_words, self.codes))}"


@dataclass(frozen=True)
class Known(Rule):
    """True where the column holds an answer, false where it does not; never unknown.

    >>> Known("dxa").truth(pd.DataFrame({"dxa": ["ordered", "not known", None]})).tolist()
    [2, 0, 0]
    """

    column: str

    def truth(self, fractures: pd.DataFrame) -> Truths:
        values = column_of(fractures, self.column)
        known = values.notna()
        if isinstance(values.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(values.dtype):
            known &= values != NOT_KNOWN
        return np.where(known, Truth.TRUE, Truth.FALSE).astype(np.int8)

    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def words(self) -> str:
        return f"{column_words(self.column)} is known"


@dataclass(frozen=True)
class Within(Rule):
    """True where ``end`` lies 0 to ``days`` whole days after ``start``, both ends counted.

    Unknown where either date is missing, and where ``end`` comes before ``start``: such a pair of dates is impossible,
    so it is evidence of neither.

    >>> frame = pd.DataFrame({"index_date": pd.to_datetime(["2024-01-01"] * 4),
    ...     "dxa_date": pd.to_datetime(["2024-03-31", "2024-04-01", "2023-12-31", None])})
    >>> Within("index_date", "dxa_date", days=90).truth(frame).tolist()
    [2, 0, 1, 1]
    >>> Within("index_date", "dxa_date", days=90).words()
    'date of DXA is 0 to 90 days after the diagnosis of the fracture, both ends counted'
    """

    start: str
    end: str
    days: int

    def truth(self, fractures: pd.DataFrame) -> Truths:
        gap = _whole_days(fractures, self.end) - _whole_days(fractures, self.start)
        truth = np.where(gap <= np.timedelta64(self.days, "D"), Truth.TRUE, Truth.FALSE).astype(np.int8)
        truth[np.isnat(gap) | (gap < np.timedelta64(0, "D"))] = Truth.UNKNOWN
        return truth

    def columns(self) -> tuple[str, ...]:
        return (self.start, self.end)

    def words(self) -> str:
        return (
            f"{column_words(self.end)} is 0 to {self.days} days after the {column_words(self.start)}, both ends counted"
        )


def _whole_days(fractures: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    return column_of(fractures, column).to_numpy().astype("datetime64[D]")


@dataclass(frozen=True)
class _Compared(Rule):
    """A column of numbers held against one number; unknown where the number is missing."""

    column: str
    value: float

    @abstractmethod
    def _holds(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]: ...

    def truth(self, fractures: pd.DataFrame) -> Truths:
        numbers = column_of(fractures, self.column).to_numpy(dtype=float, na_value=np.nan)
        truth = np.where(self._holds(numbers), Truth.TRUE, Truth.FALSE).astype(np.int8)
        truth[np.isnan(numbers)] = Truth.UNKNOWN
        return truth

    def columns(self) -> tuple[str, ...]:
        return (self.column,)


@dataclass(frozen=True)
class AtLeast(_Compared):
    """True where the number is ``value`` or more.

    >>> AtLeast("age", 75).truth(pd.DataFrame({"age": [74, 75, None]})).tolist()
    [0, 2, 1]
    """

    def _holds(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        return numbers >= self.value

    def words(self) -> str:
        return f"{column_words(self.column)} is {number_words(self.value, self.column)} or more"


@dataclass(frozen=True)
class MoreThan(_Compared):
    """True where the number is above ``value``.

    >>> MoreThan("age", 75).truth(pd.DataFrame({"age": [75, 76]})).tolist()
    [0, 2]
    """

    def _holds(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        return numbers > self.value

    def words(self) -> str:
        return f"{column_words(self.column)} is more than {number_words(self.value, self.column)}"


@dataclass(frozen=True)
class AtMost(_Compared):
    """True where the number is ``value`` or less.

    >>> AtMost("t_score", -2.5).words()
    'T-score is −2.5 or less'
    """

    def _holds(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        return numbers <= self.value

    def words(self) -> str:
        return f"{column_words(self.column)} is {number_words(self.value, self.column)} or less"


@dataclass(frozen=True)
class Not(Rule):
    """The opposite of a rule; the opposite of unknown is unknown.

    >>> Not(OneOf("fracture_site", ("hip",))).words()
    'site of the first index fracture is known and not hip'
    """

    rule: Rule

    def truth(self, fractures: pd.DataFrame) -> Truths:
        return (Truth.TRUE - self.rule.truth(fractures)).astype(np.int8)

    def columns(self) -> tuple[str, ...]:
        return self.rule.columns()

    def words(self) -> str:
        return self.rule.words_of_opposite()


class _Joined(Rule):
    """Several rules held together by one word."""

    joint: str

    def __init__(self, *rules: Rule) -> None:
        if len(rules) < 2:
            raise ValueError(f"{type(self).__name__} joins two rules or more.")
        self.rules = rules

    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column for rule in self.rules for column in rule.columns()))

    def words(self) -> str:
        return f" {self.joint} ".join(_bracketed(rule) for rule in self.rules)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.rules == other.rules  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self.rules))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.rules))})"


def _bracketed(rule: Rule) -> str:
    return f"({rule.words()})" if isinstance(rule, _Joined) else rule.words()


class All(_Joined):
    """True where every part is true, false where any part is false, else unknown.

    >>> All(OneOf("dxa", ("ordered",)), AtLeast("age", 75)).words()
    'DXA request is ordered and age at fracture is 75 years or more'
    """

    joint = "and"

    def truth(self, fractures: pd.DataFrame) -> Truths:
        return np.minimum.reduce([rule.truth(fractures) for rule in self.rules])


class Any(_Joined):
    """True where any part is true, false where every part is false, else unknown.

    >>> frame = pd.DataFrame({"falls_assessment": ["no", "no"], "falls_referral": ["referred", "not known"]})
    >>> Any(OneOf("falls_assessment", ("yes",)), OneOf("falls_referral", ("referred",))).truth(frame).tolist()
    [2, 1]
    """

    joint = "or"

    def truth(self, fractures: pd.DataFrame) -> Truths:
        return np.maximum.reduce([rule.truth(fractures) for rule in self.rules])
