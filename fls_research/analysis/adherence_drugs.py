"""What the name of a drug tells: by which route it is taken, and whether a later drug is another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from fls_research.errors import ParamsError

ORAL, INJECTED, EITHER, BOTH = "oral", "injected", "oral or other", "more than one route"

ROUTES: Mapping[str, str] = {
    "Alendronate": ORAL,
    "Alfacalcidol": ORAL,
    "Denosumab": INJECTED,
    "Ibandronate": EITHER,  # a monthly tablet, or an injection every three months
    "Raloxifene": ORAL,
    "Risedronate": ORAL,
    "Romosozumab": INJECTED,
    "Strontium ranelate": ORAL,
    "Systemic Oestrogens": EITHER,  # tablet, patch or gel
    "Teriparatide": INJECTED,
    "Zoledronate": INJECTED,  # an infusion once a year
}
"""Drug, as the dataset names it, to route of administration (British National Formulary, chapter 6, 2024).

The dataset holds names and no form, so that a drug licensed in two forms is a group of its own.
"""

ROUTE_ORDER = (ORAL, INJECTED, EITHER, BOTH)
SEVERAL_DRUGS = "more than one drug"
SEPARATOR = ";"


def routes(drugs: pd.Series) -> pd.Categorical:
    """The route of every cell of drug names; missing where the cell names none.

    Parameters
    ----------
    drugs : names joined by ``;``, empty where there is no drug.

    Raises
    ------
    ParamsError : a drug that :data:`ROUTES` does not know.

    >>> list(routes(pd.Series(["Alendronate", "Denosumab;Teriparatide", "Alendronate;Denosumab", ""])))
    ['oral', 'injected', 'more than one route', nan]
    """
    return _looked_up(drugs, _route_of_cell, ROUTE_ORDER)


def drug_groups(drugs: pd.Series) -> pd.Categorical:
    """Every cell's one drug, or ``more than one drug``; missing where the cell names none.

    >>> list(drug_groups(pd.Series(["Risedronate", "Alendronate;Denosumab", ""])))
    ['Risedronate', 'more than one drug', nan]
    """
    return _looked_up(drugs, _one_drug, (*ROUTES, SEVERAL_DRUGS))


def changed(earlier: pd.Series, later: pd.Series) -> NDArray[np.bool_]:
    """Whether the later cell names other drugs than the earlier one; the order of names does not matter.

    Both are in the same row order, and a cell without a drug is no change: ask of patients on a drug at both times.

    >>> changed(pd.Series(["Alendronate", "A;B", "A", ""]), pd.Series(["Denosumab", "B;A", "", "A"])).tolist()
    [True, False, False, False]
    """
    before, after = _canonical(earlier), _canonical(later)
    return (before != after) & (before != "") & (after != "")


def _one_drug(names: list[str]) -> str | None:
    if not names:
        return None
    return names[0] if len(names) == 1 else SEVERAL_DRUGS


def _route_of_cell(names: list[str]) -> str | None:
    unknown = [name for name in names if name not in ROUTES]
    if unknown:
        raise ParamsError(f"No route is known for the drug '{unknown[0]}': add it to analysis.adherence_drugs.ROUTES.")
    found = {ROUTES[name] for name in names}
    if not found:
        return None
    return found.pop() if len(found) == 1 else BOTH


def _looked_up(drugs: pd.Series, of_cell: Callable[[list[str]], str | None], order: Sequence[str]) -> pd.Categorical:
    """The distinct cells are few: each is read once, and every row takes its answer."""
    numbers, cells = pd.factorize(drugs.astype(object).fillna(""))
    answers = np.array([of_cell(_names(cell)) for cell in cells], dtype=object)
    return pd.Categorical(answers[numbers] if len(cells) else [], categories=list(order))


def _canonical(drugs: pd.Series) -> NDArray[np.object_]:
    numbers, cells = pd.factorize(drugs.astype(object).fillna(""))
    sorted_cells = np.array([SEPARATOR.join(sorted(_names(cell))) for cell in cells], dtype=object)
    return sorted_cells[numbers] if len(cells) else np.array([], dtype=object)


def _names(cell: str) -> list[str]:
    return [name for name in (part.strip() for part in str(cell).split(SEPARATOR)) if name]
