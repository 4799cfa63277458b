"""The funder's table as a web page that needs nothing beside it: no script, no picture, no address but the guidance."""

from __future__ import annotations

from html import escape
from itertools import groupby

from fls_research.pipeline.line_of_sight.table import HEADINGS, Cell, LineOfSight, Paragraph

_STYLE = """\
body { font-family: Arial, "Liberation Sans", sans-serif; color: #1d1d1d; margin: 1.5rem; line-height: 1.4; }
h1, h2 { color: #12436d; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1.5rem; }
caption { text-align: left; font-weight: bold; color: #12436d; padding-bottom: 0.4rem; }
th, td { border: 1px solid #8fa3b5; padding: 0.4rem 0.5rem; text-align: left; vertical-align: top; }
th { background: #dbe5ee; }
p { margin: 0 0 0.4rem; } ul { margin: 0; padding-left: 1.1rem; }
.scroll { overflow-x: auto; } .wide { min-width: 70rem; font-size: 0.9rem; }
a { color: #12436d; } .banner { font-weight: bold; border-left: 0.4rem solid #f46a25; padding-left: 0.6rem; }
@page { size: A4 landscape; margin: 12mm; }
@media print { .wide { min-width: 0; } thead { display: table-header-group; } }
"""


def web_page(table: LineOfSight) -> str:
    """The table as one HTML page. Every text is escaped, so that nothing in a file of settings can become markup."""
    title = f"{table.title} ({table.year} data)"
    banner = f'<p class="banner">{escape(table.banner)}</p>\n' if table.banner else ""
    head = "\n".join(
        f'<tr><th scope="row">{escape(question)}</th><td>{escape(answer)}</td></tr>' for question, answer in table.head
    )
    headings = "".join(f'<th scope="col">{escape(words)}</th>' for words in HEADINGS)
    rows = "\n".join(_row(cells) for cells in table.rows)
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>
{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(table.title)}</h1>
{banner}<table>
<caption>About the report</caption>
<tbody>
{head}
</tbody>
</table>
<h2>Recommendations and the evidence they stand on</h2>
<div class="scroll" role="region" aria-label="Recommendations" tabindex="0">
<table class="wide">
<caption>Recommendations of the report on {table.year} data</caption>
<thead><tr>{headings}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</div>
<p>{escape(table.note)}</p>
</main>
</body>
</html>
"""


def _row(cells: tuple[Cell, ...]) -> str:
    number, *others = cells
    return f'<tr><th scope="row">{_cell(number)}</th>' + "".join(f"<td>{_cell(cell)}</td>" for cell in others) + "</tr>"


def _cell(cell: Cell) -> str:
    parts = []
    for is_list, paragraphs in groupby(cell, key=lambda paragraph: paragraph.bullet):
        written = [_runs(paragraph) for paragraph in paragraphs]
        if is_list:
            parts.append("<ul>" + "".join(f"<li>{words}</li>" for words in written) + "</ul>")
        else:
            parts += [f"<p>{words}</p>" for words in written]
    return "".join(parts)


def _runs(paragraph: Paragraph) -> str:
    written = []
    for run in paragraph.runs:
        words = escape(run.text)
        words = f"<strong>{words}</strong>" if run.bold else words
        written.append(f'<a href="{escape(run.link)}">{words}</a>' if run.link else words)
    return "".join(written)
