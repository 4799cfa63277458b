"""What a pack says of itself: where its place is, what its indicators count, and where its numbers come from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fls_research.kpi.report import definitions
from fls_research.params import YearParams, day_words


def whereabouts(place: Any) -> str:
    """Where a place is, in words: the area and region of a service, the region of an area, the nation of a region.

    ``place`` has ``kind``, ``nation``, ``area_name`` and ``region_name``.

    >>> from types import SimpleNamespace
    >>> whereabouts(SimpleNamespace(kind="area", nation="England", area_name="NHS Devon", region_name="South West"))
    'South West, England'
    >>> whereabouts(SimpleNamespace(kind="region", nation="Wales", area_name="", region_name="Wales"))
    'the whole of Wales'
    """
    if place.kind == "region":
        return f"the whole of {place.nation}" if place.region_name == place.nation else place.nation
    parts = [place.area_name if place.kind == "service" else "", place.region_name, place.nation]
    return ", ".join(dict.fromkeys(part for part in parts if part))


def title(place: Any) -> pd.DataFrame:
    """The names on the front of a pack, in one row of texts: ``name`` of the place, and ``where`` it is."""
    return pd.DataFrame([{"name": place.name, "where": whereabouts(place)}])


def short_definitions(year: int) -> pd.DataFrame:
    """What each headline KPI of a place asks, in a line: texts ``short``, ``question`` and ``aim``.

    >>> short_definitions(2024).iloc[2].tolist()[::2]
    ['KPI 4', '80%']
    """
    return _of_places(year)[["short", "question", "aim"]].reset_index(drop=True)


def levels_in_words(year: int) -> str:
    """The cut points of the levels in a sentence: the usual ones, then those of the KPIs that have others.

    >>> levels_in_words(2024)
    'Levels: amber from 50%, green from 80%; KPI 3 amber from 10%, green from 20%; KPI 7 green from 50%.'
    """
    told = _of_places(year)
    usual = told["levels"].mode().iloc[0]
    others = told[told["levels"] != usual]
    return f"Levels: {'; '.join([usual, *(others['short'] + ' ' + others['levels'])])}."


def _of_places(year: int) -> pd.DataFrame:
    told = definitions(year)
    return told[(told["form"] == "headline") & (told["number"] > 1)]


def provenance(settings: YearParams, *, synthetic: bool, fingerprint: str, notebook: str) -> pd.DataFrame:
    """What stands at the foot of a pack: texts ``what`` and ``value``.

    ``fingerprint`` is that of the place's own records: two packs of one fingerprint are made from the same records.
    """
    lines = {
        "Data": "synthetic, made by a program" if synthetic else "the audit's extract",
        "Locked": day_words(settings.data_lock),
        "Records of this place": f"fingerprint {fingerprint[:12]}",
        "Small numbers": f"policy '{settings.policy.value}'",
        "Made by": f"notebook {notebook} from released numbers",
    }
    return pd.DataFrame({"what": list(lines), "value": list(lines.values())})
