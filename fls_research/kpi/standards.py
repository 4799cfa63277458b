"""The guidelines and clinical standards that the KPIs answer to, each with the data years in which it is cited.

A guideline is dated by the *data year* of the first report that cites it, so that an edition never cites guidance that
was withdrawn before it was written or published after it.
"""

from __future__ import annotations

from dataclasses import dataclass

from fls_research.errors import ParamsError, did_you_mean


@dataclass(frozen=True)
class Standard:
    """One guideline or standard: its short name, its subject, and the first and last data year of its use."""

    name: str
    subject: str
    first_year: int | None = None
    last_year: int | None = None
    replaced_by: str = ""

    def cited_in(self, year: int) -> bool:
        return (self.first_year or 0) <= year <= (self.last_year or 9999)


STANDARDS: tuple[Standard, ...] = (
    Standard("NICE CG146", "assessing the risk of fragility fracture", last_year=2024, replaced_by="NICE NG259"),
    Standard("NICE NG259", "osteoporosis and fragility fracture", first_year=2025),
    Standard("NICE CG161", "falls in older people", last_year=2023, replaced_by="NICE NG249"),
    Standard("NICE NG249", "falls: assessment and prevention", first_year=2024),
    Standard("NICE QS86", "quality standard on falls in older people"),
    Standard("NICE QS149", "quality standard on osteoporosis"),
    Standard("NICE TA161", "drugs for the secondary prevention of osteoporotic fracture"),
    Standard("NICE TA204", "denosumab", first_year=2024),
    Standard("NICE TA464", "bisphosphonates", first_year=2024),
    Standard("NICE TA791", "romosozumab", first_year=2024),
    Standard("NOGG 2021", "guideline on osteoporosis", last_year=2023, replaced_by="NOGG 2024"),
    Standard("NOGG 2024", "guideline on osteoporosis", first_year=2024),
    Standard("ROS FLS standard 1", "clinical standards for fracture liaison services"),
    Standard("ROS FLS standard 2", "clinical standards for fracture liaison services"),
    Standard("ROS FLS standard 3", "clinical standards for fracture liaison services"),
    Standard("ROS FLS standard 4", "clinical standards for fracture liaison services"),
    Standard("ROS quality standard 5", "osteoporosis and prevention of fragility fractures"),
)

BY_NAME: dict[str, Standard] = {standard.name: standard for standard in STANDARDS}


def standards_in(names: tuple[str, ...], year: int) -> tuple[str, ...]:
    """Those of ``names`` that a report on one data year cites, in the order given.

    Raises ParamsError for a name that is not in the list of standards.

    >>> standards_in(("NICE CG161", "NICE NG249", "NICE QS86"), 2022)
    ('NICE CG161', 'NICE QS86')
    >>> standards_in(("NICE CG161", "NICE NG249", "NICE QS86"), 2024)
    ('NICE NG249', 'NICE QS86')
    """
    for name in names:
        if name not in BY_NAME:
            raise ParamsError(f"There is no standard '{name}'; {did_you_mean(name, BY_NAME)}")
    return tuple(name for name in names if BY_NAME[name].cited_in(year))
