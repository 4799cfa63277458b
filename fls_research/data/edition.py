"""What a cohort is: the fractures of one edition with the account of how the rows of the extract came down to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from fls_research.data import completeness, describe
from fls_research.data.extract import FileFacts
from fls_research.data.register import Register
from fls_research.data.schema import BY_NAME
from fls_research.params import YearParams


@dataclass(frozen=True)
class Source:
    """Where the cohort comes from.

    ``headings`` is field to heading as found; ``missing_for_kpis`` are fields that a KPI reads and the extract lacks
    (there every answer is not known); ``years_present`` counts the rows of every year of fracture in the file.
    """

    file: FileFacts
    synthetic: bool
    dataset: str
    headings: dict[str, str]
    unknown_headings: tuple[str, ...]
    missing_fields: tuple[str, ...]
    missing_for_kpis: tuple[str, ...]
    years_present: dict[int, int]

    @property
    def lacks(self) -> dict[str, str]:
        """The fields without a column, and the words for each, such as ``field 7.05 BoneTherapy4856``."""
        return {
            name: " ".join(filter(None, ("field", BY_NAME[name].number, BY_NAME[name].export)))
            for name in self.missing_fields
        }


@dataclass(frozen=True)
class Cohort:
    """Everything a notebook may know of an edition's patients.

    Attributes
    ----------
    params : the year's settings.
    register : services and geography by date.
    source : the file, and how it was understood.
    fractures : one row is one patient record of any analysed year; columns as in ``docs/architecture.md``.
    flow : ``step`` (``read``, ``quarantined``, ``excluded``, ``analysed``), ``reason`` (rule id), ``label``, ``rows``;
        rows read = rows analysed + excluded + quarantined.
    flow_by_year : the same by ``data_year`` (missing where the row has no date of fracture), without zeros and
        without the first line.
    issues : ``service_code``, ``record_id``, ``line``, ``data_year``, ``field``, ``rule``, ``action``; never a value.
    """

    params: YearParams
    register: Register
    source: Source
    fractures: pd.DataFrame = field(repr=False)
    flow: pd.DataFrame = field(repr=False)
    flow_by_year: pd.DataFrame = field(repr=False)
    issues: pd.DataFrame = field(repr=False)

    @property
    def years(self) -> tuple[int, ...]:
        """The data years that the fractures hold, in order."""
        return tuple(sorted(int(year) for year in self.fractures["data_year"].unique()))

    def year(self, data_year: int) -> pd.DataFrame:
        """The fractures of one data year; an empty frame when there are none."""
        return self.fractures[self.fractures["data_year"] == data_year].reset_index(drop=True)

    def completeness(self, data_year: int) -> pd.DataFrame:
        """Filled answers of one data year by service and field: ``numerator`` of ``denominator`` records."""
        return completeness.completeness_by_service(self.year(data_year))

    def national_completeness(self, data_year: int) -> pd.DataFrame:
        """Filled answers of one data year by field, in the order of the form, with the field's number."""
        return completeness.national_completeness(self.completeness(data_year))

    def fields_of_kpis(self, data_year: int) -> pd.DataFrame:
        """How full the fields are that KPIs read; see :func:`fls_research.data.describe.completeness_of_kpi_fields`."""
        return describe.completeness_of_kpi_fields(self.year(data_year))

    def characteristics(self, data_year: int) -> pd.DataFrame:
        """Records by group of each characteristic; see :func:`fls_research.data.describe.characteristics`."""
        return describe.characteristics(self.year(data_year))

    def issues_by_rule(self, data_year: int) -> pd.DataFrame:
        """How often rows of a year broke each rule; see :func:`fls_research.data.describe.issues_by_rule`."""
        return describe.issues_by_rule(self.issues, self.params, data_year=data_year)

    def size_by_year(self) -> pd.DataFrame:
        """Records and services of each year of the edition; see :func:`fls_research.data.describe.size_by_year`."""
        of_edition = self.fractures["data_year"].isin(self.params.years)
        return describe.size_by_year(self.fractures[of_edition])

    def caseload(self, years: Iterable[int]) -> pd.DataFrame:
        """Hip fractures of each service in each year; see :func:`fls_research.data.describe.caseloads`."""
        return describe.caseloads(self.register, years)

    def provenance(self) -> pd.DataFrame:
        """What a reader is told of the data and settings behind an edition: ``what`` and ``value``, both texts."""
        return describe.provenance(self.params, self.source)
