"""Writing the line of sight beside the report it speaks of: both files whole, looked through, and in the manifest."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path

from fls_research.disclosure import scan_files
from fls_research.errors import DisclosureError
from fls_research.params import load_year, source_date_epoch
from fls_research.pipeline import manifest as manifests
from fls_research.pipeline.line_of_sight.document import word_file
from fls_research.pipeline.line_of_sight.edition import PAGE, PDF, edition_folder, open_edition
from fls_research.pipeline.line_of_sight.page import web_page
from fls_research.pipeline.line_of_sight.pages import read_pages
from fls_research.pipeline.line_of_sight.recommendations import load_recommendations
from fls_research.pipeline.line_of_sight.table import LineOfSight, line_of_sight
from fls_research.pipeline.publish.stage import move_in

WORD_FILE = "line-of-sight.docx"
PAGE_FILE = "line-of-sight.html"

_UNDATED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def read_line_of_sight(year: int, *, root: Path, run_dir: Path | None = None) -> LineOfSight:
    """The funder's table of an edition, every number and page looked up.

    Parameters
    ----------
    year : data year, with settings and recommendations.
    root : the project folder.
    run_dir : folder of the edition; ``reports/_output/<year>`` when not given.

    Raises
    ------
    ParamsError : no recommendations, or a file of them that is not right.
    PublishError : no edition, or evidence that does not hold; the message names the recommendation.
    """
    recommendations = load_recommendations(year, root)
    folder = run_dir or edition_folder(year, root)
    edition = open_edition(year, folder)
    pages = read_pages(folder / PAGE, folder / PDF)
    return line_of_sight(recommendations, edition, pages, root=root, settings=load_year(year, root))


def write_line_of_sight(year: int, *, root: Path, run_dir: Path | None = None) -> tuple[Path, Path]:
    """Write ``line-of-sight.docx`` and ``line-of-sight.html`` into the edition's folder and its manifest.

    Parameters are those of :func:`read_line_of_sight`. Nothing is written where anything is wrong.

    Returns
    -------
    The paths of the Word file and of the web page.

    Raises
    ------
    ParamsError, PublishError : as :func:`read_line_of_sight`.
    DisclosureError : a file about to leave holds personal data.
    """
    folder = run_dir or edition_folder(year, root)
    table = read_line_of_sight(year, root=root, run_dir=folder)
    seconds = source_date_epoch()
    moment = _UNDATED if seconds is None else dt.datetime.fromtimestamp(seconds, dt.UTC)
    with tempfile.TemporaryDirectory(prefix="fls-sight-", ignore_cleanup_errors=True) as name:
        made = Path(name)
        (made / WORD_FILE).write_bytes(word_file(table, moment=moment))
        (made / PAGE_FILE).write_text(web_page(table), encoding="utf-8", newline="\n")
        findings = scan_files([made])
        if findings:
            raise DisclosureError(f"{findings[0].file}: {findings[0].rule}; the line of sight was not written.")
        move_in({file: made / file for file in (WORD_FILE, PAGE_FILE)}, folder)
    written = (folder / WORD_FILE, folder / PAGE_FILE)
    _prove(folder, written)
    return written


def _prove(folder: Path, written: tuple[Path, ...]) -> None:
    """Add the files to the manifest of a finished edition, so that it still speaks of everything in the folder."""
    content = manifests.read(folder)
    if "reports" in content:
        reports = content["reports"] | manifests.hashes(written, relative_to=folder)
        manifests.write(content | {"reports": dict(sorted(reports.items()))}, folder)
