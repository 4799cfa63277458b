"""The named small-number policies as frozen records: what is small, what is rounded, and where.

============  ==================  =======  ================  ========  ============================================
policy        hidden              zeros    shown numbers     national  source
============  ==================  =======  ================  ========  ============================================
hes           1 to 7              shown    nearest 5         exact     NHS England, disclosure control for HES and
                                                                       ECDS since September 2018
opensafely    1 to 7              shown    nearest 5;        as below  OpenSAFELY documentation, statistical
                                           totals are sums             disclosure control
                                           of rounded parts
midpoint6     nothing             0        3, 9, 15, …       as below  OpenSAFELY documentation, midpoint-6 rounding
threshold10   0 to 9              hidden   as counted        as below  ACRO default risk appetite: threshold 10,
                                                                       zeros disclosive
============  ==================  =======  ================  ========  ============================================

A percentage is always worked out from the parts as released. Counts of organisations are counts of no person and are
not controlled. Where OpenSAFELY asks a person to look at 0% and 100%, the released table says how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fls_research.errors import DisclosureError, did_you_mean
from fls_research.params import PolicyName


class Level(StrEnum):
    """Whether a table speaks of the whole of a nation's patients, or of those of one place."""

    NATIONAL = "national"
    BELOW_NATIONAL = "below national"


class Lane(StrEnum):
    """Who stands behind a row: a service as a whole, or a group of patients."""

    SERVICE = "service"
    PATIENT_GROUP = "patient_group"


class Rounding(StrEnum):
    """What happens to a number that is shown."""

    NONE = "none"
    NEAREST_5 = "nearest 5"
    MIDPOINT_6 = "midpoint 6"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy. ``smallest_shown`` is the smallest count above zero that may be seen; 0 hides nothing."""

    name: PolicyName
    smallest_shown: int
    zero_is_small: bool
    rounding: Rounding
    national_exempt: bool
    totals_from_parts: bool
    source: str

    def controls(self, level: Level) -> bool:
        """Whether the policy touches a table of this level.

        >>> policy("hes").controls(Level.NATIONAL), policy("opensafely").controls(Level.NATIONAL)
        (False, True)
        """
        return not (self.national_exempt and level is Level.NATIONAL)

    def small(self, counts: ArrayLike) -> NDArray[np.bool_]:
        """Which counts are too small to be seen; a missing or a negative number is no count and so not small.

        >>> policy("hes").small([0, 1, 7, 8]).tolist()
        [False, True, True, False]
        >>> policy("threshold10").small([0, 9, 10]).tolist()
        [True, True, False]
        """
        values = np.asarray(counts, dtype=float)
        above_bottom = values >= 0 if self.zero_is_small else values > 0
        return above_bottom & (values < self.smallest_shown)

    def rounded(self, counts: ArrayLike) -> NDArray[np.float64]:
        """The counts as they may be shown; missing stays missing. Small ones are to be hidden first.

        >>> policy("hes").rounded([0, 8, 12, 13]).tolist()
        [0.0, 10.0, 10.0, 15.0]
        >>> policy("midpoint6").rounded([0, 1, 6, 7, 12, 13]).tolist()
        [0.0, 3.0, 3.0, 9.0, 9.0, 15.0]
        """
        values = np.asarray(counts, dtype=float)
        match self.rounding:
            case Rounding.NEAREST_5:
                return np.floor(values / 5 + 0.5) * 5
            case Rounding.MIDPOINT_6:
                return np.ceil(values / 6) * 6 - 3 * (values > 0)
            case Rounding.NONE:
                return values.copy()

    def possible(self, shown: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the greatest whole number that each shown number may stand for.

        >>> [ends.tolist() for ends in policy("hes").possible([0, 10, 15])]
        [[0.0, 8.0, 13.0], [0.0, 12.0, 17.0]]
        """
        values = np.asarray(shown, dtype=float)
        reach = {Rounding.NONE: (0, 0), Rounding.NEAREST_5: (2, 2), Rounding.MIDPOINT_6: (2, 3)}[self.rounding]
        low = np.where(values > 0, np.maximum(values - reach[0], self.smallest_shown), values)
        return low, np.where(values > 0, values + reach[1], values)


POLICIES: dict[PolicyName, Policy] = {
    record.name: record
    for record in (
        Policy(
            name=PolicyName.HES,
            smallest_shown=8,
            zero_is_small=False,
            rounding=Rounding.NEAREST_5,
            national_exempt=True,
            totals_from_parts=False,
            source="NHS England, disclosure control for HES and ECDS since September 2018",
        ),
        Policy(
            name=PolicyName.OPENSAFELY,
            smallest_shown=8,
            zero_is_small=False,
            rounding=Rounding.NEAREST_5,
            national_exempt=False,
            totals_from_parts=True,
            source="OpenSAFELY documentation, statistical disclosure control",
        ),
        Policy(
            name=PolicyName.MIDPOINT6,
            smallest_shown=0,
            zero_is_small=False,
            rounding=Rounding.MIDPOINT_6,
            national_exempt=False,
            totals_from_parts=False,
            source="OpenSAFELY documentation, midpoint-6 rounding",
        ),
        Policy(
            name=PolicyName.THRESHOLD10,
            smallest_shown=10,
            zero_is_small=True,
            rounding=Rounding.NONE,
            national_exempt=False,
            totals_from_parts=False,
            source="ACRO default risk appetite: threshold 10, zeros disclosive",
        ),
    )
}
"""Every policy, by name."""


def policy(name: PolicyName | str) -> Policy:
    """The policy of that name.

    Raises :class:`DisclosureError` for a name that is not known: there is no default policy.

    >>> policy("hes").smallest_shown
    8
    """
    try:
        return POLICIES[PolicyName(name)]
    except ValueError:
        hint = did_you_mean(str(name), [known.value for known in PolicyName])
        raise DisclosureError(f"No disclosure policy is called '{name}'; {hint}.") from None


def level_of(name: Level | str) -> Level:
    """The level of that name, or :class:`DisclosureError`."""
    try:
        return Level(name)
    except ValueError:
        raise DisclosureError(f"No level is called '{name}'; use 'national' or 'below national'.") from None


def lane_of(name: Lane | str) -> Lane:
    """The lane of that name, or :class:`DisclosureError`."""
    try:
        return Lane(name)
    except ValueError:
        raise DisclosureError(f"No lane is called '{name}'; use 'service' or 'patient_group'.") from None
