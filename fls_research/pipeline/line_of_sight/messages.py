"""The key messages as a table of the report, from the same file as the funder's table.

It is laid down as an executed notebook, so that the prose embeds it like every other table. The facts it speaks of come
from the other notebooks, so it is made when these have run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from fls_research.outputs.pipe import pipe_table
from fls_research.pipeline.facts import BANNER
from fls_research.pipeline.line_of_sight.edition import Edition, open_edition
from fls_research.pipeline.line_of_sight.recommendations import (
    Recommendation,
    load_recommendations,
    recommendations_file,
)

NOTEBOOK = "97_recommendations.ipynb"
LABEL = "tbl-recommendations"
CAPTION = "Key messages, what they stand on, and what should be done"

_HEADINGS = ("Key message", "What the data say", "Recommendation", "For whom")
_NONE = ("No recommendations were written for this edition.", "", "", "")


def write_messages(year: int, *, root: Path, run_dir: Path) -> Path:
    """Write the table of key messages among the executed notebooks of a run, to be called when its facts are there.

    Parameters
    ----------
    year : data year. Without a file of recommendations the table says in one row that there are none.
    root : the project folder.
    run_dir : folder of the run, with ``facts.json``, ``_variables.yml``, ``manifest.json`` and ``notebooks/``.

    Returns
    -------
    The path of the notebook, whose cell is labelled ``tbl-recommendations``.

    Raises
    ------
    ParamsError : the file of recommendations is not right.
    PublishError : a fact in it that is unknown or suppressed.
    """
    rows = [_NONE]
    edition = open_edition(year, run_dir)
    if recommendations_file(year, root).is_file():
        told = load_recommendations(year, root).recommendations
        rows = [_row(number, one, edition) for number, one in enumerate(told, start=1)]
    table = pipe_table(_HEADINGS, rows, right=[False] * len(_HEADINGS))
    note = f"\n\n{BANNER}" if edition.synthetic else ""
    path = run_dir / "notebooks" / NOTEBOOK
    text = json.dumps(_notebook(table + note + "\n"), ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _row(number: int, one: Recommendation, edition: Edition) -> tuple[str, str, str, str]:
    where = f"recommendation '{one.id}'"
    sentences = [edition.told(evidence.sentence, where=where).text for evidence in one.evidence]
    return (
        f"{number}. {one.message}",
        " ".join(sentences),
        edition.told(one.text, where=where).text,
        "; ".join(one.audience),
    )


def _notebook(markdown: str) -> dict[str, Any]:
    """An executed notebook of one labelled cell."""
    shown = {
        "output_type": "display_data",
        "data": {"text/markdown": markdown, "text/plain": "key messages"},
        "metadata": {},
    }
    cell = {
        "cell_type": "code",
        "id": "97-01",
        "metadata": {},
        "execution_count": 1,
        "source": f"#| label: {LABEL}\n#| tbl-cap: {CAPTION}\n",
        "outputs": [shown],
    }
    return {
        "cells": [cell],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
