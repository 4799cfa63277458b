"""Which rows stand there twice: copies cell by cell, one key used for two rows, and twins under two keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

_MULTIPLIER = 0x9E3779B97F4A7C15  # 2**64 divided by the golden ratio, odd: it mixes the columns' hashes.


@dataclass(frozen=True)
class Duplicates:
    """Truth values, one a row.

    ``copies`` repeat an earlier row cell by cell; ``superseded`` share service and key with a fuller row; ``twins``
    share service and every answer with a row under another key.
    """

    copies: np.ndarray
    superseded: np.ndarray
    twins: np.ndarray


def find_duplicates(frame: pd.DataFrame, *, service: str, key: str | None, among: np.ndarray) -> Duplicates:
    """Find duplicates among some rows of an extract.

    Of several rows with the same service and key the one with most filled cells stays; where they are equally full,
    the choice depends on their content alone, so that the order of the file never matters.

    Parameters
    ----------
    frame : text columns, categorical over their texts; shape (rows, columns).
    service, key : labels of the columns of the service and of the record's key; rows without a key are no copies, and
        where the extract has no keys at all (None) there are only twins.
    among : truth values of shape (rows,): the rows to look at.

    >>> texts = pd.DataFrame({"unit": ["A", "A", "A"], "id": ["1", "1", "2"], "sex": ["F", "F", "F"]}, dtype="category")
    >>> found = find_duplicates(texts, service="unit", key="id", among=np.ones(3, dtype=bool))
    >>> found.copies.tolist(), found.twins.tolist()
    ([False, True, False], [True, False, True])
    """
    rows = np.flatnonzero(among)
    looked_at = frame.iloc[rows]
    found = settle_duplicates(row_prints(looked_at, service=service, key=key))
    whole = np.zeros((3, len(frame)), dtype=bool)
    whole[:, rows] = found.copies, found.superseded, found.twins
    return Duplicates(*whole)


def row_prints(frame: pd.DataFrame, *, service: str, key: str | None) -> pd.DataFrame:
    """Numbers that stand for each row where duplicates are looked for, so that the rows themselves can be let go.

    Returns
    -------
    One row a row: ``key`` (of service and key, 0 without a key), ``filled`` cells, ``content`` of all cells and
    ``answers`` of all but the key. Equal texts have equal numbers in whatever part of an extract they stand.
    """
    keyed = np.zeros(len(frame), dtype=np.uint64)
    if key is not None:
        with_key = frame[key].array.codes >= 0
        keyed[with_key] = fingerprints(frame.loc[with_key, [service, key]])
    content = fingerprints(frame)
    return pd.DataFrame(
        {
            "key": keyed,
            "filled": _filled(frame),
            "content": content,
            "answers": content if key is None else fingerprints(frame.drop(columns=key)),
        }
    )


def settle_duplicates(prints: pd.DataFrame) -> Duplicates:
    """Which rows are whose duplicates, from what :func:`row_prints` returns for them, in the order of the file."""
    copies, superseded, twins = np.zeros((3, len(prints)), dtype=bool)
    keyed = np.flatnonzero(prints["key"] != 0)
    repeated = keyed[prints["key"].iloc[keyed].duplicated(keep=False).to_numpy()]
    ranked = prints.iloc[repeated].assign(position=repeated)
    ranked = ranked.sort_values(["key", "filled", "content", "position"], ascending=[True, False, True, True])
    copy = ranked.duplicated(["key", "filled", "content"]).to_numpy()
    positions = ranked["position"].to_numpy()
    copies[positions[copy]] = True
    superseded[positions[ranked.duplicated("key").to_numpy() & ~copy]] = True
    rest = np.flatnonzero(~copies & ~superseded)
    twins[rest] = prints["answers"].iloc[rest].duplicated(keep=False).to_numpy()
    return Duplicates(copies, superseded, twins)


def fingerprints(frame: pd.DataFrame) -> np.ndarray:
    """A 64-bit number for the texts of each row: equal rows have equal numbers, whatever the order of the rows.

    Parameters
    ----------
    frame : categorical text columns; a missing cell counts as a text of its own.

    Returns
    -------
    uint64 array of shape (rows,). Two different rows of 300,000 share one with a probability below one in 10**8.
    """
    total = np.zeros(len(frame), dtype=np.uint64)
    multiplier = np.uint64(_MULTIPLIER)
    for label in frame.columns:
        column = frame[label].array
        texts = pd.util.hash_array(column.categories.to_numpy(dtype=object), categorize=False)
        total = total * multiplier + np.append(texts, np.uint64(0))[column.codes]
    return total


def _filled(frame: pd.DataFrame) -> np.ndarray:
    filled = np.zeros(len(frame), dtype=np.int64)
    for label in frame.columns:
        filled += frame[label].array.codes >= 0
    return filled
