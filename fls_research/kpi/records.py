"""What a KPI record is: its parts, its kinds of measure, and the statuses a patient record can have.

The records themselves stand in ``identification``, ``assessment`` and ``follow_up``; ``definitions`` finds them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from fractions import Fraction

import numpy as np

from fls_research.kpi.rules import EVERY_RECORD, Rule
from fls_research.kpi.standards import standards_in
from fls_research.kpi.wording import percent_words


class Status(IntEnum):
    """What one patient record is to one KPI."""

    NOT_MET = 0
    MET = 1
    UNKNOWN = 2
    NOT_ELIGIBLE = 3

    @property
    def words(self) -> str:
        return self.name.lower().replace("_", " ")


class Basis(StrEnum):
    """Where the operational rule of a record comes from."""

    PUBLISHED = "published"
    """The audit's own text gives who counts and what meets the KPI."""
    DERIVED = "derived"
    """Worked out from the audit's published wording and numbers."""
    PROPOSED = "proposed"
    """This project's own choice where the audit's rule was not to be had."""


class Reason(StrEnum):
    """Why a record that would count is left out."""

    DEATH = "death"
    DECLINED = "declined"
    INAPPROPRIATE = "inappropriate"


@dataclass(frozen=True)
class Colour:
    """One colour of the benchmark table: its name and the lowest proportion, included, that earns it."""

    name: str
    from_: float


@dataclass(frozen=True)
class CutPoints:
    """Half-open classes of the UNROUNDED proportion: each colour holds from its own cut point up to the next.

    >>> CutPoints((Colour("Red", 0), Colour("Amber", 0.5), Colour("Green", 0.8))).words()
    'Red below 50%, Amber from 50% to below 80%, Green 80% or more'
    """

    colours: tuple[Colour, ...]

    def __post_init__(self) -> None:
        edges = [colour.from_ for colour in self.colours]
        if edges[:1] != [0] or edges != sorted(set(edges)):
            raise ValueError("Cut points begin at 0 and rise.")

    @property
    def edges(self) -> np.ndarray:
        return np.array([colour.from_ for colour in self.colours])

    def words(self) -> str:
        first, *_, last = self.colours
        parts = [f"{first.name} below {percent_words(self.colours[1].from_)}"]
        for colour, above in zip(self.colours[1:-1], self.colours[2:], strict=True):
            parts.append(f"{colour.name} from {percent_words(colour.from_)} to below {percent_words(above.from_)}")
        return ", ".join([*parts, f"{last.name} {percent_words(last.from_)} or more"])


USUAL_COLOURS = CutPoints((Colour("Red", 0), Colour("Amber", 0.5), Colour("Green", 0.8)))


@dataclass(frozen=True)
class Clock:
    """The window of a KPI: the field that starts it, the field that ends it, and its first and last day, both counted.

    ``end`` is empty where the dataset holds no date for the event, so that the answer of a form stands for it.
    """

    start: str
    end: str
    first_day: int
    last_day: int


@dataclass(frozen=True)
class LeftOut:
    """Records that leave the denominator where ``rule`` is known to hold; where it is unknown they stay."""

    reason: Reason
    rule: Rule


@dataclass(frozen=True, kw_only=True)
class Patients:
    """A KPI of patient records.

    A record counts where ``eligible`` is known to hold and no ``left_out`` rule is known to hold. Of those, it is met
    or not met where ``met`` is known, else unknown. ``unknown`` says as what an unknown record enters the counts: not
    met (it stays in the denominator), met, or not eligible (it leaves). ``years_before`` is 1 where the value of a
    year is that of the patients of the year before.
    """

    eligible: Rule
    met: Rule
    left_out: tuple[LeftOut, ...] = ()
    unknown: Status = Status.NOT_MET
    years_before: int = 0

    def __post_init__(self) -> None:
        if self.unknown is Status.UNKNOWN:
            raise ValueError("An unknown record counts as met, not met or not eligible.")

    def columns(self) -> tuple[str, ...]:
        rules = (self.eligible, *(out.rule for out in self.left_out), self.met)
        return tuple(dict.fromkeys(column for rule in rules for column in rule.columns()))

    def leaves_out(self, reason: Reason) -> bool:
        return any(out.reason is reason for out in self.left_out)


@dataclass(frozen=True, kw_only=True)
class Caseload:
    """A KPI of records over an expected caseload: hip fractures x ``multiplier`` x ``share`` x (1 - ``opt_out``).

    ``identified`` says which records count; ``share`` is the part of the caseload that is spine, or is not, or all.
    """

    identified: Rule
    multiplier: int
    share: float
    opt_out: float

    def columns(self) -> tuple[str, ...]:
        return (*self.identified.columns(), "hip_fractures")

    @property
    def per_hip_fracture(self) -> Fraction:
        """Expected fractures per hip fracture, exact.

        >>> Caseload(identified=EVERY_RECORD, multiplier=5, share=0.8, opt_out=0.06).per_hip_fracture
        Fraction(94, 25)
        """
        return self.multiplier * Fraction(str(self.share)) * (1 - Fraction(str(self.opt_out)))


@dataclass(frozen=True)
class Cut:
    """A value to be reached (``included``) or to be passed (not ``included``)."""

    value: float
    included: bool = True

    def reached(self, number: np.ndarray) -> np.ndarray:
        return number >= self.value if self.included else number > self.value

    def words(self) -> str:
        return f"at least {percent_words(self.value)}" if self.included else f"more than {percent_words(self.value)}"


@dataclass(frozen=True, kw_only=True)
class KpisComplete:
    """A KPI of services: enough of the KPIs 2 to 11 can be decided for enough of their records.

    A KPI is complete at a service where the share of records that can be decided reaches ``each``. The service is good
    where the complete KPIs reach ``share`` of those that have any record, or number ``at_least``.
    """

    each: Cut
    share: Cut | None = None
    at_least: int | None = None

    def __post_init__(self) -> None:
        if (self.share is None) == (self.at_least is None):
            raise ValueError("Completeness asks for a share of the KPIs or for a number of them, one of the two.")

    def good(self, complete: np.ndarray, judged: np.ndarray) -> np.ndarray:
        """Whether a service is good, from its number of complete KPIs and of KPIs with any record (arrays alike).

        >>> KpisComplete(each=Cut(0.8), share=Cut(0.8)).good(np.array([8, 7, 7, 0]), np.array([10, 10, 8, 0]))
        array([ True, False,  True, False])
        """
        if self.share is None:
            return complete >= self.at_least
        shares = np.divide(complete, judged, out=np.full(len(judged), np.nan), where=judged > 0)
        return self.share.reached(shares)


@dataclass(frozen=True)
class Item:
    """A field whose share of missing answers is watched, among the records where it is ``due``."""

    column: str
    due: Rule = EVERY_RECORD
    years_before: int = 0


@dataclass(frozen=True, kw_only=True)
class FieldsMissing:
    """A KPI of services: fewer than ``fewer_than`` of the ``fields`` miss more than ``over`` of their answers."""

    fields: tuple[Item, ...]
    fewer_than: int
    over: float


Completeness = KpisComplete | FieldsMissing
Measure = Patients | Caseload | KpisComplete | FieldsMissing


@dataclass(frozen=True, kw_only=True)
class Conventions:
    """What a record becomes when its patient died inside the window, declined, or was found unsuitable.

    A refusal and "inappropriate" are read in the field that decides the KPI, or in the therapy recommended where the
    deciding field knows no such answer. ``None``: it is judged like every other record. Each is checked against the
    rules by a test that changes one such thing in a record that met the KPI.
    """

    death: Status | None = None
    declined: Status | None = None
    inappropriate: Status | None = None

    def of(self, reason: Reason) -> Status | None:
        return {"death": self.death, "declined": self.declined, "inappropriate": self.inappropriate}[reason.value]


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """One wording of one KPI: everything that is needed to evaluate it and to explain it.

    ``id`` names the KPI or its variant, ``version`` this wording of it; ``first_year`` and ``last_year`` are the first
    and last data year of the wording. ``source`` and ``not_known`` are a sentence each.
    """

    id: str
    number: int
    title: str
    question: str
    measure: Measure
    first_year: int
    last_year: int | None = None
    clock: Clock | None = None
    standards: tuple[str, ...] = ()
    conventions: Conventions = Conventions()
    target: float | None = 0.8
    target_note: str = ""
    colours: CutPoints = USUAL_COLOURS
    basis: Basis
    source: str
    not_known: str

    def __post_init__(self) -> None:
        if isinstance(self.measure, Patients):
            for reason in Reason:
                if self.measure.leaves_out(reason) and self.conventions.of(reason) is not Status.NOT_ELIGIBLE:
                    raise ValueError(f"{self.id}: {reason} is left out, so its convention is 'not eligible'.")

    @property
    def version(self) -> str:
        return f"{self.id}.{self.first_year}"

    @property
    def is_variant(self) -> bool:
        return self.id != f"kpi{self.number}"

    def valid_in(self, year: int) -> bool:
        return self.first_year <= year <= (self.last_year or 9999)

    def standards_in(self, year: int) -> tuple[str, ...]:
        return standards_in(self.standards, year)

    def counting_unknown_as(self, status: Status) -> Kpi:
        """The same record with unknown answers entering the counts as ``status``, for a sensitivity analysis.

        Raises TypeError for a KPI of services, which has no unknown patients.
        """
        if not isinstance(self.measure, Patients):
            raise TypeError(f"{self.id} is a KPI of services: unknown answers of patients play no part in it.")
        return replace(self, measure=replace(self.measure, unknown=status))
