"""The researcher's explorer: a figure of released numbers for each choice of KPI, grouping, years and adjustment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fls_research.disclosure import Publishable, verify
from fls_research.errors import DisclosureError, did_you_mean
from fls_research.outputs import text
from fls_research.outputs.canvas import Figure
from fls_research.outputs.figure_inequality import groups_over_years

_NEEDED = ("data_year", "kpi", "title", "dimension", "characteristic", "group_name", "proportion", "lower", "upper")
_AS_IT_IS = "Proportions as they are, with Wilson intervals, which take patients as independent."
_ADJUSTED = (
    "Adjusted for age, sex, site of fracture, care home, deprivation and ethnicity: what would be if all patients were "
    "in the group. The intervals are robust between services, which makes them wider."
)
_NOT_ADJUSTED = "There is no adjusted estimate for this grouping; the proportions are as they are."


class Explorer:
    """Released tables, and the figure that each choice draws from them. Nothing is counted or fitted here."""

    def __init__(self, crude: Publishable, adjusted: Publishable) -> None:
        for table in (crude, adjusted):
            held = verify(table).frame
            for name in _NEEDED:
                if name not in held:
                    raise DisclosureError(f"The released table has no column '{name}'; {did_you_mean(name, held)}.")
        self._crude, self._adjusted = crude, adjusted
        rows = crude.frame
        kpis = rows.drop_duplicates("kpi")
        self.kpis: dict[str, str] = {
            kpi: f"{text.kpi_name(kpi)} {title}"
            for kpi, title in sorted(zip(kpis["kpi"], kpis["title"], strict=True), key=lambda k: text.kpi_number(k[0]))
        }
        groupings = rows.drop_duplicates("dimension")
        self.groupings: dict[str, str] = dict(zip(groupings["dimension"], groupings["characteristic"], strict=True))
        self.years: tuple[int, ...] = tuple(sorted(set(rows["data_year"].astype(int))))
        fitted = adjusted.frame
        self._fitted = set(zip(fitted["kpi"], fitted["dimension"], fitted["data_year"].astype(int), strict=True))

    def has_adjusted(self, kpi: str, dimension: str, years: Sequence[int]) -> bool:
        """Whether every one of the years has adjusted proportions of the KPI by the grouping."""
        return bool(years) and all((kpi, dimension, int(year)) in self._fitted for year in years)

    def figure(self, *, kpi: str, dimension: str, years: Sequence[int], adjusted: bool) -> Figure:
        """The figure of one choice; as they are where there is nothing adjusted.

        Raises :class:`DisclosureError` when no released row fits the choice.
        """
        source = self._adjusted if adjusted and self.has_adjusted(kpi, dimension, years) else self._crude
        return groups_over_years(source.where(kpi=kpi, dimension=dimension, data_year=list(years)))

    def words(self, *, kpi: str, dimension: str, years: Sequence[int], adjusted: bool) -> str:
        """A sentence that says what the figure of a choice shows."""
        if not adjusted:
            return _AS_IT_IS
        return _ADJUSTED if self.has_adjusted(kpi, dimension, years) else _NOT_ADJUSTED


def explore(crude: Publishable, adjusted: Publishable) -> Any:
    """Widgets over released tables: a KPI, a grouping, years, adjusted or not, and the figure of that choice.

    Parameters
    ----------
    crude : released counts by group, with ``data_year``, ``kpi``, ``title``, ``dimension``, ``characteristic`` and
        ``group_name`` as labels.
    adjusted : released adjusted proportions with the same labels.

    Returns
    -------
    An ``ipywidgets.VBox``; its children change the picture as soon as a choice is made.

    Raises :class:`DisclosureError` when a table was not released, or lacks a column.
    """
    import ipywidgets  # slow to load, and needed by a notebook only

    held = Explorer(crude, adjusted)
    kpi = ipywidgets.Dropdown(options=[(words, key) for key, words in held.kpis.items()], description="KPI")
    grouping = ipywidgets.Dropdown(options=[(words, key) for key, words in held.groupings.items()], description="By")
    years = ipywidgets.SelectMultiple(
        options=held.years, value=held.years[-1:], description="Years", rows=len(held.years)
    )
    is_adjusted = ipywidgets.Checkbox(value=False, description="Adjusted for patients")
    picture = ipywidgets.Image(format="png", width=640)
    caption = ipywidgets.HTML()

    def draw(_: object = None) -> None:
        chosen = {
            "kpi": kpi.value,
            "dimension": grouping.value,
            "years": years.value or held.years[-1:],
            "adjusted": is_adjusted.value,
        }
        picture.value = held.figure(**chosen).png
        caption.value = held.words(**chosen)

    for control in (kpi, grouping, years, is_adjusted):
        control.observe(draw, names="value")
    draw()
    return ipywidgets.VBox([kpi, grouping, years, is_adjusted, picture, caption])
