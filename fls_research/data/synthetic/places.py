"""Where the invented services stand: fictitious names and codes on the real areas of July 2022.

No name is meant to be a real place. The codes are opaque texts as in the audit, and some of them are of the kind that
careless readers turn into numbers, dates or truth values.
"""

from __future__ import annotations

AWKWARD_CODES = ("NO1", "010", "5E1", "1E3", "007", "OFF", "INF", "0X1")
"""Codes that must survive every reader as text."""

_FIRST = (
    "Amber", "Bramble", "Cinder", "Dunmarrow", "Elder", "Fallow", "Gorse", "Harrier", "Iris", "Juniper", "Kestrel",
    "Larch", "Marl", "Nettle", "Osier", "Pebble", "Quill", "Rowan", "Sorrel", "Thistle", "Umber", "Vetch", "Willow",
)  # fmt: skip
_LAST = ("mere Vale", "wick Magna", "combe St Oswin", "holt and District")

ENGLISH_NAMES = tuple(f"{first}{last} FLS" for last in _LAST for first in _FIRST)

WELSH_NAMES = (
    "Aber Glasddu FLS",
    "Cwm Derwydd FLS",
    "Llanferch Uchaf FLS",
    "Bryn Arianwen FLS",
    "Pont Eirlys FLS",
    "Nant Heulwen FLS",
    "Trefelyn Fawr FLS",
)

NORTHERN_IRISH_NAMES = ("Lough Sorrel FLS", "Glenarvagh FLS")

WELSH_AREAS = ("7A1", "7A2", "7A3", "7A4", "7A5", "7A6", "7A1")
"""Health boards of the Welsh services, in the order of their names."""

AREAS_BY_REGION = {
    "Y56": ("QRV", "QMJ", "QMF", "QKK", "QWE"),
    "Y58": ("QT6", "QJK", "QSL", "QUY", "QOX", "QVV", "QR1"),
    "Y59": ("QKS", "QNQ", "QRL", "QU9", "QXU", "QNX"),
    "Y60": ("QNC", "QOC", "QJM", "QK1", "QWU", "QGH", "QHL", "QJ2", "QPM", "QT1", "QUA"),
    "Y61": ("QMM", "QJG", "QHG", "QM7", "QH8", "QUE"),
    "Y62": ("QYG", "QOP", "QE1"),
    "Y63": ("QHM", "QOQ", "QWO", "QF7"),
}
"""Integrated care boards of July 2022 by NHS England region."""

LARGE_AREAS = ("QYG", "QOP", "QE1", "QHM", "QOQ", "QWO", "QRV", "QMF", "QKK", "QKS", "QRL", "QU9", "QNX")
"""Boards that get a second service before any other, because they cover several hospitals."""


def english_areas(count: int) -> list[tuple[str, str]]:
    """Area and region of ``count`` English services: the large boards in turn with all boards.

    >>> english_areas(3)
    [('QRV', 'Y56'), ('QMJ', 'Y56'), ('QMF', 'Y56')]
    """
    region_of = {area: region for region, areas in AREAS_BY_REGION.items() for area in areas}
    every = list(region_of)
    turn = [*every, *LARGE_AREAS, *(area for area in every if area not in ("QOC", "QT6", "QSL"))]
    return [(turn[i % len(turn)], region_of[turn[i % len(turn)]]) for i in range(count)]


AREAS_CHANGE_ON = ("2026-03-31", "2026-04-01")
"""Last day of the 42 integrated care boards of July 2022, and first day of the 36 after them."""

SUCCESSOR = {
    "QMM": "T6Y0W",
    "QJG": "T6Y0W",
    "QHG": "S1Y5D",
    "QUE": "S1Y5D",
    "QM7": "S1Y5D",
    "QH8": "D7T5G",
    "QRV": "Z9B2Z",
    "QMJ": "Z9B2Z",
    "QNQ": "S0E4D",
    "QU9": "S0E4D",
    "QXU": "S9B9J",
    "QNX": "S9B9J",
}
"""Board of April 2026 of an invented service in a board that ended; three boards were split, and each has one here."""


def areas_between(area: str, first_day: str, last_day: str) -> list[tuple[str, str, str]]:
    """The area of a service in each part of a period: area, first day, last day (empty: still valid).

    >>> areas_between("QNX", "2024-01-01", "")
    [('QNX', '2024-01-01', '2026-03-31'), ('S9B9J', '2026-04-01', '')]
    >>> areas_between("7A1", "2016-01-01", "")
    [('7A1', '2016-01-01', '')]
    """
    if area not in SUCCESSOR or last_day:
        return [(area, first_day, last_day)]
    before, after = AREAS_CHANGE_ON
    return [(area, first_day, before), (SUCCESSOR[area], after, "")]
