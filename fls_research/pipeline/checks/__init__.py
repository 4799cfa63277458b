"""The checks that keep a wrong number out of the report, and find one in any other text."""

from fls_research.pipeline.checks.findings import Finding, Review, as_json, as_lines, refuse
from fls_research.pipeline.checks.report import check_report
from fls_research.pipeline.checks.text import check_text

__all__ = ["Finding", "Review", "as_json", "as_lines", "check_report", "check_text", "refuse"]
